// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM for the task sessions of one VM's name. */
#ifndef CDP_VM_H
#define CDP_VM_H

#include "base/fault.h"
#include "base/lines.h"
#include "cdp/ask.h"
#include "em/session.h"

/*
 * Puts the sessions of the VM that `answer->selector` names into the answer: the newest ones, until
 * each VM of that name has its last completed one, and all that run. 0, or -1 with a fault, of kind
 * not-found where there are none.
 */
int vm_ask(struct em_session *em, struct answer *answer, const struct question *question,
           struct lines *notices, struct fault *fault);

#endif
