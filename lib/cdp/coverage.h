// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which VMs should have task sessions, by policies and replicas, and which of them have none. EM
 * has no key that both have: they join by VM, policy and backup server. Names of VMs and policies
 * have case, those of hosts have none; a policy or server that one of the two lacks fits any.
 */
#ifndef CDP_COVERAGE_H
#define CDP_COVERAGE_H

#include <stdbool.h>

#include "base/fault.h"
#include "cdp/group.h"
#include "cdp/site.h"

/*
 * Sets `expected` of the targets that a protected VM of the site is, and adds targets without
 * sessions for those that none is, behind the others of their name. A VM that is not named by a
 * policy, and so has a replica only, counts if EM has the replica's policy, or was not told which
 * policies there are. Targets that are no VM (`unplaced`) stay as they are. What is added may be
 * beyond the scope: pick_targets narrows it. The targets borrow from the site. 0, or -1 if memory
 * is short; then the targets are as they were.
 */
int coverage_join(struct targets *targets, const struct site *site, struct fault *fault);

/*
 * For each policy that includes nothing but VMs, and has sessions of which not one is of such a VM:
 * forgets that it names VMs, since their names are no VMs' then. Afterwards, for each backup server
 * that has sessions, and replicas of which not one is of a VM with sessions: drops the replicas
 * that no policy names. Adds those policies and servers to `unjoined`. Not for a scope of VMs, of
 * which too few are known to say so. 0, or -1 if memory is short.
 */
int coverage_settle(struct site *site, struct fault *fault);

/* Whether one of `unjoined` is a policy; else it is a backup server. */
bool coverage_is_policy(const char *unjoined);

#endif
