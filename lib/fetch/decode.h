// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's entities, from its JSON, as the structs that are judged. */
#ifndef FETCH_DECODE_H
#define FETCH_DECODE_H

#include <cjson/cJSON.h>

#include "base/fault.h"
#include "base/mask.h"
#include "cdp/task_session.h"

/*
 * Appends the task session that `entity` describes to `sessions`; the secrets of `mask` in its
 * texts are masked, in the entity as well. A member of a wrong type is dropped, which `odd` says; a
 * State or Result of a wrong type, and a name of the VM, its policy or backup server that is too
 * long or holds what is no character, becomes the session's defect. 0, or -1 with a fault if the
 * entity is not a task session, the list is full (TASK_SESSIONS_LIMIT, TASK_SESSIONS_SIZE_LIMIT),
 * or memory is short.
 */
int decode_task_session(const cJSON *entity, const struct mask *mask,
                        struct task_sessions *sessions, struct fault *fault);

/* A policy session, of which a policy has one a day. */
struct policy_session {
    const char *uid;    // the entity's, and not masked
    const char *policy; // the policy's name, the same; NULL: EM gives none
};

/* 0, or -1 with a fault if the entity has no UID of at most SESSION_TEXT_LIMIT bytes. */
int decode_policy_session(const cJSON *entity, struct policy_session *session, struct fault *fault);

#endif
