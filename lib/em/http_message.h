// SPDX-License-Identifier: GPL-3.0-or-later
/* What is sent to EM and what comes back. */
#ifndef EM_HTTP_MESSAGE_H
#define EM_HTTP_MESSAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/utc.h"
#include "em/logon.h"

enum {
    HTTP_BODY_LIMIT = 16 * 1024 * 1024,
    HTTP_HEAD_LIMIT = 64 * 1024,
    CONTENT_TYPE_SIZE = 64,
    HTTP_SERVER_SIZE = 64
};

struct http_request {
    const char *method;   // "GET", "POST", "DELETE"
    const char *target;   // path and query, percent-encoded
    const char *username; // Basic authentication where not NULL
    const char *password;
    const char *token;        // X-RestSvcSessionId where not NULL
    const char *body;         // of a POST; NULL: it is empty
    const char *content_type; // of the body
    int64_t deadline_ms;      // of clock_monotonic_ms
    int64_t grace_ms;         // how long it may go on when the run is to stop
};

struct http_response {
    long status;
    struct buf body;              // at most HTTP_BODY_LIMIT bytes
    char token[LOGON_TOKEN_SIZE]; // the answer's X-RestSvcSessionId, or ""
    struct buf location;          // where a redirect leads to, or ""
    utc_us date;                  // by the server's clock, in whole seconds; 0: it does not say
    char content_type[CONTENT_TYPE_SIZE]; // "" where there is none
    char server[HTTP_SERVER_SIZE];        // what the server calls itself, or ""
};

#endif
