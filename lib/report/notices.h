// SPDX-License-Identifier: GPL-3.0-or-later
/* What people should know besides the verdict, in words. */
#ifndef REPORT_NOTICES_H
#define REPORT_NOTICES_H

#include <stdbool.h>

#include "base/lines.h"
#include "cdp/verdict.h"

/* In the order in which they are shown; text has the VMs before what is behind them. */
struct notices {
    struct lines alarms;   // what makes the run's own state
    struct lines run;      // how far the rest can be trusted, that first, and what fetch noticed
    struct lines behind;   // what is not known of VMs, or of which VMs nothing is said
    struct lines sessions; // what was odd in single ones
};

/*
 * `whole`: also what matters only to those who look closer, which is what EM refused if all is
 * well, and VMs that moved or that EM can't list. Free the notices when done. If memory was short,
 * `no_memory` of one of the lists is set.
 */
void notices_write(struct notices *notices, const struct verdict *verdict, bool whole);
void notices_free(struct notices *notices);

#define cleanup_notices __attribute__((cleanup(notices_free)))

#endif
