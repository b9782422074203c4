// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/metric.h"

#include <stddef.h>

#include "base/utc.h"

static void append_seconds(struct buf *buf, double value)
{
    utc_append_span(buf, (utc_us)(value * (double)UTC_SECOND));
}

static void append_bytes(struct buf *buf, double value)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    for (; value >= 1024 && unit + 1 < sizeof units / sizeof units[0]; unit++) {
        value /= 1024;
    }
    buf_format(buf, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

const struct metric_row metrics[METRICS] = {
    [METRIC_DURATION] = {.word = "duration",
                         .source = "creation or end time",
                         .label = "duration",
                         .uom = "s",
                         .key = "duration_seconds",
                         .gauge = "veeam_cdp_task_duration_seconds",
                         .unit = "seconds",
                         .help = "How long the newest task session ran, or has been running.",
                         .warning_option = "--warning",
                         .critical_option = "--critical",
                         .total = TOTAL_LARGEST,
                         .append = append_seconds},
    [METRIC_AGE] = {.word = "age",
                    .source = "end time",
                    .label = "age",
                    .uom = "s",
                    .key = "age_seconds",
                    .gauge = "veeam_cdp_task_age_seconds",
                    .unit = "seconds",
                    .help = "Age of the last long-term restore point.",
                    .warning_option = "--warning-age",
                    .critical_option = "--critical-age",
                    .total = TOTAL_LARGEST,
                    .grows = true,
                    .append = append_seconds},
    [METRIC_TOTAL_SIZE] = {.word = "total size",
                           .source = "TotalSize",
                           .label = "total_size",
                           .uom = "B",
                           .key = "total_size_bytes",
                           .gauge = "veeam_cdp_task_total_size_bytes",
                           .unit = "bytes",
                           .help = "TotalSize of the newest task session.",
                           .warning_option = "--warning-size",
                           .critical_option = "--critical-size",
                           .total = TOTAL_SUM,
                           .append = append_bytes},
};
