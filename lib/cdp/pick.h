// SPDX-License-Identifier: GPL-3.0-or-later
/* Which task sessions a question is about. Pure: takes sessions, picks some. */
#ifndef CDP_PICK_H
#define CDP_PICK_H

#include <stdbool.h>

#include "base/fault.h"
#include "cdp/ask.h"
#include "cdp/task_session.h"

/* Whether the session is what `selector` names; NULL: any is. */
bool pick_is_selected(const struct task_session *session, const struct selector *selector);

/*
 * Moves the sessions that are selected, and that the question's backup servers and patterns leave
 * in, to the end of `to`; the others stay in `from`. 0, or -1 where memory is short.
 */
int pick_move(struct task_sessions *to, struct task_sessions *from, const struct selector *selector,
              const struct question *question, struct fault *fault);

/*
 * Says in a fault of kind not-found that there is nothing to judge; `others`, which were there
 * instead, may tell why. Returns -1.
 */
int pick_none(const struct selector *selector, const struct question *question,
              const struct task_sessions *others, struct fault *fault);

#endif
