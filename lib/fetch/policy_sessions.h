// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The sessions of one policy. EM's query for task sessions knows no policy names. It knows the
 * policy sessions, of which a policy has one a day, by their UIDs; these are queried by the
 * policy's name first. Even an old one may have a task session that still runs.
 */
#ifndef FETCH_POLICY_SESSIONS_H
#define FETCH_POLICY_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/set.h"
#include "em/client.h"
#include "em/query.h"

struct policy_sessions {
    const char *policy; // borrowed; NULL: any, and there are no UIDs
    char **uids;        // newest first, as EM gives them
    size_t count;
    size_t capacity;
    struct set known; // the UIDs
    char *other_case; // the name of a policy that differs from the one asked for in case alone
};

/* What EM is asked for policy sessions; `filter` is borrowed, NULL: none. */
struct em_query policy_sessions_query(const char *filter, int page_size);

/* Asks EM for those of sessions->policy. 0, or -1 with a fault. */
int policy_sessions_read(struct em_client *client, struct policy_sessions *sessions,
                         struct fault *fault);

/* Whether the policy session of that UID is one of them. */
bool policy_sessions_have(const struct policy_sessions *sessions, const char *uid);

void policy_sessions_free(struct policy_sessions *sessions);

#endif
