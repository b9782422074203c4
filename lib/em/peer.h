// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a connection to EM shows of the other end before a byte of a request is sent. Its texts are
 * libcurl's and the certificate's: clean them before they are shown.
 */
#ifndef EM_PEER_H
#define EM_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"

enum { PEER_TEXT = 256, PEER_WORD = 64 };

struct em_peer {
    char tried[PEER_TEXT];   // the addresses that were dialled, ", " between them; "": none
    char address[PEER_WORD]; // the one that answered; "": none did
    bool reached;            // a connection was made
    char proxy[PEER_TEXT];   // "the proxy HOST:PORT (…)", which answered in place of EM; "": none
    char tls[PEER_WORD];     // "TLSv1.3"; "": no handshake came so far
    char pin[PEER_WORD];     // "sha256//…" of its key; "": not known
    char subject[PEER_TEXT]; // of its certificate; "": not known
    char issuer[PEER_TEXT];
    char names[PEER_TEXT]; // that it is for, ", " between them; "": none, or not known
    bool has_end;
    utc_us end;           // when the certificate expires
    int64_t connected_ms; // what name resolution and connection took
    int64_t secured_ms;   // what the TLS handshake took
};

/* Takes what one of libcurl's debug lines tells, if it tells something. */
void peer_take_line(struct em_peer *peer, const char *text, size_t length);

/* Takes what one of libcurl's lines on the server's own certificate tells, "Subject:CN = em01". */
void peer_take_certificate(struct em_peer *peer, const char *line);

/* Whether the certificate was issued by the one that it is of. */
bool peer_is_self_signed(const struct em_peer *peer);

#endif
