// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A logon session of Enterprise Manager: logon, GETs, logoff. Every session that was opened is
 * closed again by its own id, whatever happened in between.
 */
#ifndef EM_SESSION_H
#define EM_SESSION_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/fault.h"
#include "em/server.h"

struct em_settings {
    struct em_server server;
    const char *username;
    const char *password;
    int64_t deadline_ms; // of clock_monotonic_ms: when the run must be over, logoff included
    int64_t reserve_ms;  // of it, what is kept for the logoff
    int stop_descriptor; // readable as soon as the run is to stop; -1: there is none
    int verbosity;       // 2: trace requests and times; 3: trace answers as well
};

struct em_session;

/*
 * Logs on. `settings` is borrowed until em_close; requests are told to `trace`, one a line, with
 * all secrets masked. NULL: the fault says why, and no logon session is left open.
 */
struct em_session *em_open(const struct em_settings *settings, struct buf *trace,
                           struct fault *fault);

/*
 * GETs a path with query ("/api/query?type=…") and parses the answer, which the caller deletes. A
 * 401 costs one fresh logon. 0, or -1 with a fault.
 */
int em_get(struct em_session *session, const char *target, cJSON **answer, struct fault *fault);

/*
 * Logs off and frees the session; NULL is allowed. -1 where the logoff failed: then EM ends the
 * session after 15 idle minutes by itself, and `fault` says what went wrong.
 */
int em_close(struct em_session *session, struct fault *fault);

#endif
