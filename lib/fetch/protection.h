// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which VMs should be replicated, by policies and replicas, when a snapshot is renewed. Policies
 * are asked for each time, as one request tells a hundred of them; replicas take one for each
 * policy.
 */
#ifndef FETCH_PROTECTION_H
#define FETCH_PROTECTION_H

#include <stdbool.h>

#include "base/fault.h"
#include "cdp/site.h"
#include "fetch/part.h"

/* Exchanges what EM told two sites of policies and replicas. */
void protection_swap(struct site *site, struct site *other);

/*
 * Asks for the data collection, for policies, for replicas if these are wanted as well, and for
 * what EM failed to tell before. asking->site has its sessions, and policies and replicas as they
 * were told before; if EM does not tell them again, they stay. 0, or -1 with a fault that ends the
 * run.
 */
int protection_renew(struct asking *asking, bool with_replicas, struct fault *fault);

#endif
