// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM for the restore points of one VM. */
#ifndef FETCH_POINTS_H
#define FETCH_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/intervals.h"
#include "em/client.h"

/* What is the same for all VMs of a run. The client is borrowed. */
struct points_query {
    struct em_client *client;
    utc_us start, end; // what EM is asked about, by its clock, in whole seconds
    utc_us window;     // of that, at the end: where gap and compliance are measured
    bool as_json;      // EM takes no XML
    bool answered;     // EM has answered about a VM
    size_t kept;       // intervals, of all VMs
};

/*
 * Asks about the VM whose paths are `replica`, as protected_vm has them, for no longer than
 * `limit_ms`. Of several replicas those that are gone, or have no points, don't count if another
 * one has some, and of the others the one counts that lags most. Free `intervals` in either case.
 * 0, or -1 with a fault.
 */
int points_read(struct points_query *query, const char *replica, int64_t limit_ms,
                struct intervals *intervals, struct fault *fault);

#endif
