// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Makes the site of a snapshot that is to be renewed of the last one and of what changed since. The
 * result is what EM would give if it was asked for everything, with two exceptions: what EM has
 * deleted, and what began and ended and was told too late to be among the changes.
 */
#ifndef FETCH_REFRESH_H
#define FETCH_REFRESH_H

#include "base/fault.h"
#include "base/utc.h"
#include "fetch/part.h"
#include "fetch/snapshot_file.h"

/* A snapshot that was read. */
struct earlier {
    bool known; // else there is none, and the rest is empty
    struct snapshot_origin origin;
    struct site site;
    struct fault trouble; // why what it remembered is lost, if so
};

/* How long before the earlier snapshot changes are asked for. */
#define REFRESH_MARGIN (INT64_C(7200) * UTC_SECOND) // two hours

/*
 * Fills asking->site, which is empty, for all VMs. asking->site->renewal.what is RENEWED_CHANGES;
 * or RENEWED_SERVER, RENEWED_GONE or RENEWED_UNJOINED, if there may be changes that it does not
 * have; or why it can't be done this way, and then asking->site is empty and the earlier site left;
 * else that is taken. 0, or -1 with a fault that ends the run.
 */
int refresh_fetch(struct asking *asking, struct earlier *earlier, struct fault *fault);

#endif
