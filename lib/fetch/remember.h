// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a snapshot keeps of VMs from one time that EM is asked to the next: what EM would tell if it
 * was asked for everything, and beyond that, if EM does not tell which VMs have a replica, or names
 * them so that they join no sessions, VMs whose sessions are too old for an answer: they would
 * leave the verdict by waiting, however they stood. Pure.
 */
#ifndef FETCH_REMEMBER_H
#define FETCH_REMEMBER_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/site.h"
#include "cdp/task_session.h"

/* How long after its last session a VM is remembered. */
#define REMEMBER_FOR (INT64_C(604800) * UTC_SECOND) // 7 days

/* How far back the last session of a VM that did not fail is looked for, and known. */
#define REMEMBER_GOOD_FOR (INT64_C(2592000) * UTC_SECOND) // 30 days

/* Whether VMs of the site are to be remembered. */
bool remember_applies(const struct site *site);

/*
 * Leaves of the site's sessions, which may be those of an earlier time and those that changed
 * since, what EM would be asked for by its time `now`, with completed sessions from `since` on: VMs
 * that have one since, or run, or should be replicated, or are remembered; and of them what a
 * verdict needs. 0, or -1 if memory is short.
 */
int remember_narrow(struct site *site, utc_us since, utc_us now, struct fault *fault);

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
