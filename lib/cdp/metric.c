// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/metric.h"

#include <stddef.h>

/* ---- how it is measured ---- */

static bool measure_span(bool known, utc_us from, utc_us to, double *value)
{
    if (known) {
        *value = to > from ? (double)(to - from) / (double)UTC_SECOND : 0;
    }
    return known;
}

static bool measure_duration(const struct target *target, utc_us now, double *value)
{
    const struct task_session *newest = target->count > 0 ? target->sessions[0] : NULL;
    const bool runs = newest != NULL && task_session_runs(newest);
    return newest != NULL && measure_span(newest->has_created && (runs || newest->has_ended),
                                          newest->created, runs ? now : newest->ended, value);
}

/* Of the last restore point: a session that failed has left none. */
static bool measure_age(const struct target *target, utc_us now, double *value)
{
    const struct task_session *good = target_last_good(target);
    utc_us oldest = 0;
    if (good != NULL) {
        return measure_span(good->has_ended, good->ended, now, value);
    }
    const bool known = target_oldest(target, &oldest);
    return measure_span(known, oldest, now, value);
}

static bool measure_total_size(const struct target *target, utc_us now, double *value)
{
    (void)now;
    const bool known = target->count > 0 && target->sessions[0]->has_total_size;
    if (known) {
        *value = target->sessions[0]->total_size;
    }
    return known;
}

/* ---- how it is shown ---- */

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
                         .measure = measure_duration,
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
                    .measure = measure_age,
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
                           .measure = measure_total_size,
                           .total = TOTAL_SUM,
                           .append = append_bytes},
    [METRIC_DATA_AGE] = {.word = "EM's data age",
                         .source = "successful data collection",
                         .label = "data_age",
                         .uom = "s",
                         .key = "data_age_seconds",
                         .gauge = "veeam_cdp_data_age_seconds",
                         .unit = "seconds",
                         .help = "How old the data is that Enterprise Manager reports.",
                         .warning_option = "--warning-data-age",
                         .critical_option = "--critical-data-age",
                         .append = append_seconds},
};
