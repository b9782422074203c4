// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/policy_sessions.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/vec.h"
#include "em/pages.h"
#include "em/query.h"
#include "fetch/decode.h"

/* A policy has one a day, and EM keeps them for 13 weeks by default. */
enum { POLICY_SESSIONS_LIMIT = 10000 };

static int add_policy_session(struct policy_sessions *sessions, const char *uid,
                              struct fault *fault)
{
    uint32_t *times = set_add(&sessions->known, hash_text_nocase(uid));
    if (times == NULL) {
        return fault_no_memory(fault);
    }
    if ((*times)++ > 0) { // what shifted to a later page is read twice
        return 0;
    }
    char *copy =
        vec_reserve(sessions->uids, sessions->count, sessions->capacity, 1) ? strdup(uid) : NULL;
    if (copy == NULL) {
        return fault_no_memory(fault);
    }
    sessions->uids[sessions->count++] = copy;
    return 0;
}

/* EM's filter takes names in another case of letters as equal; here they are not. */
static int take_policy_session(void *reader, const cJSON *entity, struct fault *fault)
{
    struct policy_sessions *sessions = reader;
    struct policy_session session;
    if (decode_policy_session(entity, &session, fault) < 0) {
        return -1;
    }
    if (sessions->count == POLICY_SESSIONS_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d sessions of one policy",
                         POLICY_SESSIONS_LIMIT);
    }
    if (session.policy == NULL || strcmp(session.policy, sessions->policy) == 0) {
        return add_policy_session(sessions, session.uid, fault);
    }
    if (sessions->other_case == NULL && text_equal_name_nocase(session.policy, sessions->policy)) {
        sessions->other_case = strdup(session.policy);
        return sessions->other_case == NULL ? fault_no_memory(fault) : 0;
    }
    return 0;
}

struct em_query policy_sessions_query(const char *filter, int page_size)
{
    return (struct em_query){.type = "CdpReplicaSession",
                             .container = "CdpReplicaSessions",
                             .filter = filter,
                             .sort_descending = "CreationTimeUTC",
                             .page_size = page_size};
}

int policy_sessions_read(struct em_client *client, struct policy_sessions *sessions,
                         struct fault *fault)
{
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    query_append_comparison(&filter, "PolicyName", "==", sessions->policy);
    if (filter.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    const struct em_query query = policy_sessions_query(buf_string(&filter), QUERY_PAGE_SIZE);
    const int result = em_pages_take_all(client, &query, take_policy_session, sessions, fault);
    if (sessions->other_case != NULL) {
        mask_text(em_client_mask(client), sessions->other_case);
    }
    return result;
}

bool policy_sessions_have(const struct policy_sessions *sessions, const char *uid)
{
    return set_find(&sessions->known, hash_text_nocase(uid)) != NULL;
}

void policy_sessions_free(struct policy_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        free(sessions->uids[i]);
    }
    free(sessions->uids);
    set_free(&sessions->known);
    free(sessions->other_case);
    *sessions = (struct policy_sessions){.policy = NULL};
}
