// SPDX-License-Identifier: GPL-3.0-or-later
/* A verdict as text for Nagios and Icinga, or as JSON for alert pipelines. Pure: appends to a buf.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "cdp/judge.h"

enum report_perfdata { PERFDATA_VM, PERFDATA_SUMMARY };

struct report_settings {
    enum report_perfdata perfdata;
    int verbosity;             // 1: each VM's line also when it is OK
    const char *server;        // "host:port"; NULL where a saved answer was judged
    const struct rules *rules; // for the thresholds in the performance data
};

/* The report proper, up to this many bytes; a trace comes on top. */
enum { REPORT_TEXT_LIMIT = 3999 };

/* First line, performance data and long output; ends in a line break. */
void report_text(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings);

/* One JSON document on one line; ends in a line break. False: no memory. */
bool report_json(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings);

#endif
