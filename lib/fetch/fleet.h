// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM for the task sessions of many VMs at once: those of a policy, or all there are. */
#ifndef FETCH_FLEET_H
#define FETCH_FLEET_H

#include <stdint.h>

#include "base/fault.h"
#include "base/set.h"
#include "base/utc.h"
#include "cdp/task_session.h"
#include "fetch/part.h"

/*
 * Appends to `found` the sessions that completed since part->since, and those that run, however
 * old; of each VM no more than its verdict needs. The part names the policy. If EM has no
 * session of that policy, the part's answer says so. 0, or -1 with a fault.
 */
int fleet_fetch_policy(const struct part *part, struct task_sessions *found, struct fault *fault);
int fleet_fetch_all(const struct part *part, struct task_sessions *found, struct fault *fault);

/*
 * As fleet_fetch_all, but with sessions that completed at `since` or later, by EM's clock, and
 * without looking for older ones. Adds to `seen` the UIDs of all that EM gave, each with a number
 * that tells its VM's name from another one.
 */
int fleet_read_changes(const struct part *part, utc_us since, struct task_sessions *found,
                       struct set *seen, struct fault *fault);

/* That number, which is not 0. */
uint32_t fleet_number_of_vm(const char *vm);

/*
 * Appends to `found`, which has all that fleet_fetch_all reads of late, the last completed session
 * of VMs that have none in it, unless part->searched says that it was looked for.
 */
int fleet_complete(const struct part *part, struct task_sessions *found, struct fault *fault);

/* From when on sessions are asked for that completed: the part's, if EM's clock is not behind. */
utc_us fleet_since(const struct part *part);

/* The same for a moment of this host's clock, and how far EM's is ahead of it. */
utc_us fleet_since_by(utc_us since, utc_us clock_offset);

#endif
