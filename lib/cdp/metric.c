// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/metric.h"

#include <stddef.h>
#include <stdint.h>

/* ---- how it is measured ---- */

static bool measure_span(bool known, utc_us from, utc_us to, double *value)
{
    if (known) {
        *value = to > from ? (double)(to - from) / (double)UTC_SECOND : 0;
    }
    return known;
}

static bool measure_duration(const struct measured *of, double *value)
{
    const struct target *target = of->target;
    const struct task_session *newest = target->count > 0 ? target->sessions[0] : NULL;
    const bool runs = newest != NULL && task_session_runs(newest);
    return newest != NULL && measure_span(newest->has_created && (runs || newest->has_ended),
                                          newest->created, runs ? of->now : newest->ended, value);
}

/* Of the last restore point: a session that failed has left none. */
static bool measure_age(const struct measured *of, double *value)
{
    const struct task_session *good = target_last_good(of->target);
    utc_us oldest = 0;
    if (good != NULL) {
        return measure_span(good->has_ended, good->ended, of->now, value);
    }
    const bool known = target_oldest(of->target, &oldest);
    return measure_span(known, oldest, of->now, value);
}

static bool measure_total_size(const struct measured *of, double *value)
{
    const struct target *target = of->target;
    const bool known = target->count > 0 && target->sessions[0]->has_total_size;
    if (known) {
        *value = target->sessions[0]->total_size;
    }
    return known;
}

/* NULL: EM was not asked for them, or did not say. */
static const struct intervals *intervals_of(const struct measured *of)
{
    const struct protected_vm *replica = of->target->replica;
    const struct recovery *recovery = replica != NULL ? replica->recovery : NULL;
    return recovery != NULL && recovery->known ? &recovery->intervals : NULL;
}

static bool measure_rpo_lag(const struct measured *of, double *value)
{
    const struct intervals *intervals = intervals_of(of);
    return intervals != NULL && intervals_lag(intervals, value);
}

static bool measure_rpo_gap(const struct measured *of, double *value)
{
    const struct intervals *intervals = intervals_of(of);
    return intervals != NULL && intervals_gap(intervals, value);
}

static bool measure_rpo_compliance(const struct measured *of, double *value)
{
    const struct intervals *intervals = intervals_of(of);
    return intervals != NULL && of->policy != NULL && of->policy->has_rpo &&
           intervals_compliance(intervals, of->policy->rpo_s, value);
}

/* Without a point in the window, it is at least as long as that, which is longer than any limit,
 * unless EM says nothing of the window's beginning. */
static bool measure_app_age(const struct measured *of, double *value)
{
    const struct intervals *intervals = intervals_of(of);
    if (intervals == NULL) {
        return false;
    }
    const bool known = intervals_app_age(intervals, value);
    const bool is_old = !known && of->limited && !intervals->begins_late;
    if (is_old) {
        *value = intervals_window(intervals);
    }
    return known || is_old;
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

static void append_percent(struct buf *buf, double value)
{
    static const double tenths = 10;
    // Not rounded up: 99.99 % is not all.
    buf_format(buf, "%.1f %%", (double)(int64_t)(value * tenths) / tenths);
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
    [METRIC_RPO_LAG] = {.word = "lag",
                        .source = "short-term restore point",
                        .label = "rpo_lag",
                        .uom = "s",
                        .key = "rpo_lag_seconds",
                        .gauge = "veeam_cdp_task_rpo_lag_seconds",
                        .unit = "seconds",
                        .help = "Age of the newest short-term restore point.",
                        .warning_option = "--warning-lag",
                        .critical_option = "--critical-lag",
                        .measure = measure_rpo_lag,
                        .total = TOTAL_LARGEST,
                        .append = append_seconds},
    [METRIC_RPO_GAP] = {.word = "longest gap",
                        .source = "short-term restore point",
                        .label = "rpo_gap",
                        .uom = "s",
                        .key = "rpo_gap_seconds",
                        .gauge = "veeam_cdp_task_rpo_gap_seconds",
                        .unit = "seconds",
                        .help = "Longest time without a short-term restore point in the window.",
                        .warning_option = "--warning-gap",
                        .critical_option = "--critical-gap",
                        .measure = measure_rpo_gap,
                        .append = append_seconds},
    [METRIC_RPO_COMPLIANCE] = {.word = "RPO compliance",
                               .source = "spacing of restore points, or RPO of the policy",
                               .label = "rpo_compliance",
                               .uom = "%",
                               .key = "rpo_compliance_percent",
                               .gauge = "veeam_cdp_task_rpo_compliance_ratio",
                               .unit = "ratio",
                               .help = "Share of the window in which points came within the RPO.",
                               .gauge_scale = 0.01,
                               .warning_option = "--warning-compliance",
                               .critical_option = "--critical-compliance",
                               .measure = measure_rpo_compliance,
                               .total = TOTAL_SMALLEST,
                               .append = append_percent},
    [METRIC_APP_AGE] = {.word = "age of the application-consistent point",
                        .source = "window of restore points",
                        .label = "app_age",
                        .uom = "s",
                        .key = "app_age_seconds",
                        .gauge = "veeam_cdp_task_app_age_seconds",
                        .unit = "seconds",
                        .help = "Age of the newest application-consistent long-term restore point.",
                        .warning_option = "--warning-app-age",
                        .critical_option = "--critical-app-age",
                        .measure = measure_app_age,
                        .append = append_seconds},
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
