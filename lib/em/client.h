// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Work within a logon session of Enterprise Manager: logon, questions, logoff. Every session that
 * was opened is closed again by its own id, whatever happened in between, or kept in the cache for
 * the next run.
 */
#ifndef EM_CLIENT_H
#define EM_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/lines.h"
#include "base/mask.h"
#include "base/utc.h"
#include "em/json.h"
#include "em/peer.h"
#include "em/record.h"
#include "em/server.h"

struct em_settings {
    struct em_server server;
    const char *username;
    const char *password;
    int64_t deadline_ms; // of clock_monotonic_ms: when the run must be over, logoff included
    int64_t reserve_ms;  // of it, what is kept for the logoff
    int stop_descriptor; // readable as soon as the run is to stop; -1: there is none
    int verbosity;       // 2: trace requests and times; 3: trace answers as well
    struct mask *mask;   // has the password; what else is sent or received as a secret is added
    const char *session_cache; // a directory to keep the logon session in; NULL: none
    const char *refusals;      // one to note a refused logon in; NULL: none
    struct em_record *record;  // each request and its answer is added; NULL: there is none
};

struct em_client;

/*
 * Logs on, or takes the logon session of an earlier run from the cache. `settings` is borrowed
 * until em_client_close; requests are written to `trace`, one a line, with all secrets masked; what
 * is wrong with the cache, to `notices`. NULL: the fault says why, and no logon session is left
 * open.
 */
struct em_client *em_client_open(const struct em_settings *settings, struct buf *trace,
                                 struct lines *notices, struct fault *fault);

/*
 * Whether em_client_open would not log on, as EM has refused this password of late: then the fault
 * says so.
 */
bool em_client_is_held(const struct em_settings *settings, struct fault *fault);

/* What the texts of EM's answers must be masked by before they are kept. */
const struct mask *em_client_mask(const struct em_client *client);

/*
 * GETs a path with query ("/api/query?type=…") and parses the answer, as json_parse does. A
 * 401 costs one fresh logon; if that is refused, too, it is the fault of all further GETs. 0, or -1
 * with a fault.
 */
int em_client_get(struct em_client *client, const char *target, struct json_document *answer,
                  struct fault *fault);

/* What a POST sends along. */
struct em_body {
    const char *text;
    const char *type; // "application/xml"
    int64_t limit_ms; // how long the answer may take, within the run's deadline
};

/*
 * The same by POST, which is FAULT_INTERNAL if permitted.h does not have it. After one that took
 * too long by its own limit, em_client_time_left is above 0.
 */
int em_client_post(struct em_client *client, const char *target, const struct em_body *body,
                   struct json_document *answer, struct fault *fault);

/* The milliseconds that are left to ask in; what is kept for the logoff is not. */
int64_t em_client_time_left(const struct em_client *client);

/*
 * Whether EM refused the last GET or POST, to this user or because it has no such thing: it was
 * answered by 400, 403 or 404.
 */
bool em_client_refused(const struct em_client *client);

/* Whether the last POST was answered by 400 or 415, so that another body may do. */
bool em_client_disliked_body(const struct em_client *client);

/*
 * Sets how far EM's clock is ahead of this host's, in microseconds of whole seconds: by the Date of
 * the answer that came quickest; 0 if the difference is too small for it to show. False: no
 * answer of EM had a Date so far; then the offset is 0.
 */
bool em_client_clock_offset(const struct em_client *client, utc_us *offset);

/* How EM's answers look, in the logon session so far. */
struct em_looks {
    size_t answers;     // those that were JSON
    size_t marked;      // of them, so many had a byte order mark
    size_t pascal;      // whose first key starts with a capital letter
    size_t camel;       // with a small one
    const char *server; // what EM's web server calls itself; "": nothing
};

struct em_looks em_client_looks(const struct em_client *client);

/*
 * Connects without a logon, trusts whatever answers and sends it nothing, to say what is there.
 * What can't be seen stays empty; -1: not even that could be tried.
 */
int em_client_inspect(const struct em_settings *settings, struct em_peer *peer,
                      struct fault *fault);

/*
 * Logs off, unless the logon session is in the cache, and frees the client; NULL is allowed. -1
 * where the logoff failed: then EM ends the session after 15 idle minutes by itself, and `fault`
 * says what went wrong.
 */
int em_client_close(struct em_client *client, struct fault *fault);

#endif
