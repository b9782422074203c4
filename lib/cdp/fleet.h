// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM for the task sessions of many VMs at once: those of a policy, or all there are. */
#ifndef CDP_FLEET_H
#define CDP_FLEET_H

#include "base/fault.h"
#include "base/lines.h"
#include "cdp/ask.h"
#include "em/client.h"

/*
 * Appends to `found` the sessions that completed since question->since, and those that run, however
 * old; of each VM no more than its verdict needs. `selector` names the policy. 0, or -1 with a
 * fault, of kind not-found where EM has no such policy.
 */
int fleet_ask_policy(struct em_client *em, const struct selector *selector,
                     const struct question *question, struct task_sessions *found,
                     struct fault *fault);
int fleet_ask_all(struct em_client *em, const struct selector *selector,
                  const struct question *question, struct task_sessions *found,
                  struct fault *fault);

#endif
