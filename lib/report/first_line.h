// SPDX-License-Identifier: GPL-3.0-or-later
/* "CDP TASK <STATE>: ...|performance data": the line that every monitoring system reads. */
#ifndef REPORT_FIRST_LINE_H
#define REPORT_FIRST_LINE_H

#include <stddef.h>

#include "base/buf.h"
#include "report/phrase.h"
#include "report/report.h"

struct first_line {
    size_t perfdata_length;
    size_t omitted; // VMs whose performance data had no room
};

/* Appends the line, without a line break. */
struct first_line first_line_append(struct buf *buf, const struct named_verdict *named,
                                    enum report_perfdata perfdata);

/* The performance data alone. Returns how many VMs' had no room. */
size_t first_line_perfdata(struct buf *buf, const struct named_verdict *named,
                           enum report_perfdata perfdata);

#endif
