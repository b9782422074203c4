// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/logons.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <gnutls/gnutls.h>
#include <gnutls/crypto.h>

/* Every id starts with dec0de5e-, so that what tests print can be searched for ids and tokens. */
static void make_id(char id[UUID_SIZE])
{
    static const unsigned char start[] = {0xde, 0xc0, 0xde, 0x5e};
    unsigned char bytes[16] = {0};
    gnutls_rnd(GNUTLS_RND_NONCE, bytes, sizeof bytes);
    memcpy(bytes, start, sizeof start);
    size_t length = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        length += (size_t)snprintf(id + length, UUID_SIZE - length, dash ? "-%02x" : "%02x",
                                   (unsigned int)bytes[i]);
    }
}

static void make_token(const char *id, char token[TOKEN_SIZE])
{
    char text[UUID_SIZE];
    memcpy(text, id, sizeof text);
    const gnutls_datum_t bytes = {.data = (unsigned char *)text, .size = UUID_SIZE - 1};
    gnutls_datum_t encoded = {0};
    token[0] = '\0';
    if (gnutls_base64_encode2(&bytes, &encoded) == 0) {
        snprintf(token, TOKEN_SIZE, "%.*s", (int)encoded.size, (const char *)encoded.data);
        gnutls_free(encoded.data);
    }
}

const struct logon *logons_add(struct logons *logons, const char *user, moment now)
{
    logons->open = memory_grow(logons->open, logons->count, sizeof *logons->open);
    struct logon *logon = &logons->open[logons->count++];
    *logon = (struct logon){.used = now, .user = memory_copy(user)};
    make_id(logon->id);
    make_token(logon->id, logon->token);
    return logon;
}

/*
 * Removes one. The last takes its place; memory_grow() relies on a capacity that follows from the
 * count alone, so a smaller count may allocate again what is there already, and that is fine.
 */
static void drop(struct logons *logons, size_t index)
{
    free(logons->open[index].user);
    logons->open[index] = logons->open[--logons->count];
}

void logons_expire(struct logons *logons, moment now)
{
    for (size_t i = logons->count; i > 0; i--) {
        if (now - logons->open[i - 1].used >= logons->idle_timeout) {
            drop(logons, i - 1);
        }
    }
}

const struct logon *logons_use(struct logons *logons, const char *token, moment now)
{
    logons_expire(logons, now);
    for (size_t i = 0; token != NULL && i < logons->count; i++) {
        if (strcmp(logons->open[i].token, token) == 0) {
            logons->open[i].used = now;
            return &logons->open[i];
        }
    }
    return NULL;
}

bool logons_remove(struct logons *logons, const char *id)
{
    for (size_t i = 0; i < logons->count; i++) {
        if (strcasecmp(logons->open[i].id, id) == 0) {
            drop(logons, i);
            return true;
        }
    }
    return false;
}

void logons_clear(struct logons *logons)
{
    while (logons->count > 0) {
        drop(logons, logons->count - 1);
    }
    free(logons->open);
    logons->open = NULL;
}
