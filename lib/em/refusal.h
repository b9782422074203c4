// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A password that EM has refused, noted in a file for the next runs of this user: for ten minutes
 * none of them sends it again. Directories lock an account after five to ten wrong passwords, and a
 * thousand checks with an old one send that many in a second.
 */
#ifndef EM_REFUSAL_H
#define EM_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/password_hash.h"
#include "base/utc.h"
#include "em/server.h"

/* Which logon, and in which directory its refusal is noted. All of it is borrowed. */
struct refusal_key {
    const char *directory; // NULL: nothing is noted
    const struct em_server *server;
    const char *username;
    const char *password;
    // Until when the file's lock is waited for, at most (clock_monotonic_ms); not if this is
    // readable.
    int64_t deadline_ms;
    int stop_descriptor;
};

/* A line of the file. */
struct refusal {
    utc_us at;
    char password_hash[PASSWORD_HASH_SIZE];
    char said[FAULT_TEXT_SIZE]; // the fault of that logon
};

/* Checks may have several wrong passwords: some the old one, others a new one with a slip in it. */
enum { REFUSALS = 4 };

struct refusals {
    size_t count;
    struct refusal items[REFUSALS]; // the oldest first
};

enum { REFUSALS_TEXT_SIZE = REFUSALS * (FAULT_TEXT_SIZE + PASSWORD_HASH_SIZE + 32) };

/*
 * Whether EM has refused that logon less than ten minutes ago: then the fault says so, and that the
 * password is not sent. A note that can't be read or trusted does not count.
 */
bool refusal_holds(const struct refusal_key *key, struct fault *fault);

/*
 * Notes that EM has refused the logon now, besides those of other passwords that count; `said` is
 * that fault. 0, or -1 with a fault that says why it can't be noted.
 */
int refusal_note(const struct refusal_key *key, const char *said, struct fault *fault);

/* EM has accepted the logon: removes its note, and those that do not count any more. */
void refusal_lift(const struct refusal_key *key);

/*
 * Reads the file's text, which is followed by a NUL that `length` does not count. False, and none,
 * if it is not what refusal_note writes.
 */
bool refusal_parse(const char *text, size_t length, struct refusals *refusals);

#endif
