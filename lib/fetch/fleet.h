// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM for the task sessions of many VMs at once: those of a policy, or all there are. */
#ifndef FETCH_FLEET_H
#define FETCH_FLEET_H

#include "base/fault.h"
#include "cdp/task_session.h"
#include "fetch/part.h"

/*
 * Appends to `found` the sessions that completed since part->since, and those that run, however
 * old; of each VM no more than its verdict needs. The part names the policy. If EM has no
 * session of that policy, the part's answer says so. 0, or -1 with a fault.
 */
int fleet_fetch_policy(const struct part *part, struct task_sessions *found, struct fault *fault);
int fleet_fetch_all(const struct part *part, struct task_sessions *found, struct fault *fault);

#endif
