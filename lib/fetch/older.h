// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Older task sessions of VMs of which those of late don't say enough, now that it is known which
 * VMs should have some.
 */
#ifndef FETCH_OLDER_H
#define FETCH_OLDER_H

#include "base/fault.h"
#include "fetch/part.h"

/*
 * With policies and with all VMs, adds to asking->site->sessions:
 * - the last completed session of VMs that should have sessions and have none of late;
 * - with a policy, of its VMs for which nothing runs: their sessions under other policies, which
 *   show whether they were moved;
 * - the last session that did not fail of VMs whose sessions of late all did, for a month.
 * The oldest session of each VM that was seen is known as well, whatever it is found for. What EM
 * does not say is the answer SITE_OLDER. 0, or -1 with a fault that ends the run.
 */
int older_fetch(struct asking *asking, struct fault *fault);

#endif
