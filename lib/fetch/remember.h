// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * If EM does not tell which VMs have a replica, or names them so that they join no sessions, a VM
 * whose sessions are too old for an answer would leave the verdict by waiting, however it stood. So
 * a new snapshot remembers it from the last one. Pure: takes two lists of sessions, gives one.
 */
#ifndef FETCH_REMEMBER_H
#define FETCH_REMEMBER_H

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/task_session.h"

/* How long after its last session. */
#define REMEMBER_FOR (INT64_C(604800) * UTC_SECOND) // 7 days

/*
 * Appends to `sessions`, which EM gave just now, those in `before` of VMs that they may not be of,
 * by name, policy and backup server, if the VM's newest one ended, or else began, in the days
 * before `now`, by EM's clock. What ran then and is not told any more does not run: it is left out,
 * unless nothing of that VM has ever completed. 0, or -1 with a fault if the list is full or memory
 * is short.
 */
int remember_vms(const struct task_sessions *before, utc_us now, struct task_sessions *sessions,
                 struct fault *fault);

#endif
