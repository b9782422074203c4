// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM for the task sessions of one VM's name. */
#ifndef FETCH_VM_H
#define FETCH_VM_H

#include "base/fault.h"
#include "cdp/task_session.h"
#include "fetch/part.h"

/*
 * Appends to `found` the sessions of the VMs that the part names: the newest ones, until each of
 * them has its last completed one, and all that run; besides them what else EM sends along. 0, or
 * -1 with a fault.
 */
int vm_fetch(const struct part *part, struct task_sessions *found, struct fault *fault);

#endif
