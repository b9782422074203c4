// SPDX-License-Identifier: GPL-3.0-or-later
/* What --rpo has measured by restore points, and why it could not, in words. */
#ifndef REPORT_POINTS_WORDS_H
#define REPORT_POINTS_WORDS_H

#include "base/buf.h"
#include "cdp/verdict.h"

/* "lag 5s, longest gap 12m, RPO 15s kept for 80.0 %", of a VM whose restore points are known. */
void append_points(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm);

/* Why one of those metrics is not known. */
void append_points_unknown(struct buf *buf, const struct verdict *verdict,
                           const struct vm_verdict *vm, enum metric metric);

/* Of which VMs the lag is not known, by causes. */
void append_no_points(struct buf *buf, const struct verdict *verdict);

#endif
