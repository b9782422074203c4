// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/peer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "em/curl.h"

/* The text behind those words, which the line has somewhere; NULL: it has not. */
static const char *behind(const char *line, const char *words)
{
    const char *found = strstr(line, words);
    return found != NULL ? found + strlen(words) : NULL;
}

/* Copies as much of the text as has room, without half a character. */
static void copy(char *to, size_t size, const char *text, size_t length)
{
    length = length < size ? length : text_boundary(text, size - 1);
    memcpy(to, text, length);
    to[length] = '\0';
}

/* Adds to one of the peer's enumerations what it has room for. */
static void add(char enumeration[PEER_TEXT], const char *text, size_t length)
{
    const size_t used = strlen(enumeration);
    if (used + length + sizeof ", " <= PEER_TEXT) {
        snprintf(enumeration + used, PEER_TEXT - used, "%s%.*s", used > 0 ? ", " : "", (int)length,
                 text);
    }
}

void peer_take_line(struct em_peer *peer, const char *text, size_t length)
{
    char line[PEER_TEXT];
    if (length >= sizeof line) {
        return;
    }
    memcpy(line, text, length);
    line[length] = '\0';
    const char *address = behind(line, "Trying ");
    const char *end = address != NULL ? strstr(address, "...") : NULL;
    const char *tls = behind(line, "SSL connection using ");
    const char *pin = behind(line, "public key hash: ");
    // libcurl begins with TLS, or says so: since 8.16, and before.
    peer->reached = peer->reached || tls != NULL || pin != NULL || behind(line, "ALPN") != NULL ||
                    behind(line, "Established connection to ") != NULL ||
                    behind(line, "Connected to ") != NULL;
    if (end != NULL) {
        add(peer->tried, address, (size_t)(end - address));
    }
    if (tls != NULL) {
        copy(peer->tls, sizeof peer->tls, tls, strcspn(tls, " /\r\n"));
    }
    if (pin != NULL && strncmp(pin, "sha256//", strlen("sha256//")) == 0) {
        copy(peer->pin, sizeof peer->pin, pin, strcspn(pin, " \r\n"));
    }
}

static void take_end(struct em_peer *peer, const char *text)
{
    static const time_t year_10000 = INT64_C(253402300800);
    const time_t seconds = libcurl.getdate(text, NULL);
    peer->has_end = seconds >= 0 && seconds < year_10000;
    peer->end = peer->has_end ? (utc_us)seconds * UTC_SECOND : 0;
}

/* Of "DNS:em01, IP Address:192.0.2.1". What else a certificate may be for is left out. */
static void take_names(struct em_peer *peer, const char *text)
{
    static const char *const kinds[] = {"DNS:", "IP Address:"};
    while (*text != '\0') {
        const size_t length = strcspn(text, ",");
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            const size_t kind = strlen(kinds[i]);
            if (strncmp(text, kinds[i], kind) == 0) {
                add(peer->names, text + kind, length - kind);
            }
        }
        text += length;
        text += strspn(text, ", ");
    }
}

void peer_take_certificate(struct em_peer *peer, const char *line)
{
    static const char subject[] = "Subject:";
    static const char issuer[] = "Issuer:";
    static const char names[] = "X509v3 Subject Alternative Name:";
    static const char end[] = "Expire date:";
    if (strncmp(line, subject, sizeof subject - 1) == 0) {
        copy(peer->subject, sizeof peer->subject, line + sizeof subject - 1,
             strlen(line + sizeof subject - 1));
    } else if (strncmp(line, issuer, sizeof issuer - 1) == 0) {
        copy(peer->issuer, sizeof peer->issuer, line + sizeof issuer - 1,
             strlen(line + sizeof issuer - 1));
    } else if (strncmp(line, names, sizeof names - 1) == 0) {
        take_names(peer, line + sizeof names - 1);
    } else if (strncmp(line, end, sizeof end - 1) == 0) {
        take_end(peer, line + sizeof end - 1);
    }
}

bool peer_is_self_signed(const struct em_peer *peer)
{
    return peer->subject[0] != '\0' && strcmp(peer->subject, peer->issuer) == 0;
}
