// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM for the task sessions of one VM's name. */
#ifndef CDP_VM_H
#define CDP_VM_H

#include "base/fault.h"
#include "base/lines.h"
#include "cdp/ask.h"
#include "em/client.h"

/*
 * Appends to `found` the sessions of the VMs that `selector` names: the newest ones, until each of
 * them has its last completed one, and all that run; besides them what else EM sends along. 0, or
 * -1 with a fault.
 */
int vm_ask(struct em_client *em, const struct selector *selector, const struct question *question,
           struct task_sessions *found, struct fault *fault);

#endif
