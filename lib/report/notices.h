// SPDX-License-Identifier: GPL-3.0-or-later
/* What people should know besides the verdict, in words. */
#ifndef REPORT_NOTICES_H
#define REPORT_NOTICES_H

#include "base/lines.h"
#include "cdp/verdict.h"

struct notices {
    struct lines run;      // how far the rest can be trusted, that first, and what fetch noticed
    struct lines sessions; // what was odd in single ones
};

/* Free the notices when done. If memory was short, `no_memory` of either list is set. */
void notices_write(struct notices *notices, const struct verdict *verdict);
void notices_free(struct notices *notices);

#define cleanup_notices __attribute__((cleanup(notices_free)))

#endif
