// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The report that Nagios and Icinga read. Nagios keeps 4 KB of a plugin's output by default, so
 * the worst comes first and what does not fit is counted.
 */
#include "report/report.h"

#include <stdlib.h>

#include "base/text.h"
#include "plugin/perfdata.h"
#include "report/phrase.h"

enum {
    SUMMARY_LIMIT = 1000,   // of the first line
    PERFDATA_LIMIT = 1800,  // all VMs together
    LEFT_OUT_RESERVE = 100, // for the line that counts what was left out
    LINE_LIMIT = 1024 * 1024,
};

static const struct {
    const char *label, *uom;
} metrics[METRICS] = {
    [METRIC_DURATION] = {"duration", "s"},
    [METRIC_AGE] = {"age", "s"},
    [METRIC_TOTAL_SIZE] = {"total_size", "B"},
};

/* What is written apart fails apart; a report that lacks it for want of memory is not whole. */
static void share_failure(struct buf *buf, const struct buf *part)
{
    if (part->failure == BUF_NO_MEMORY) {
        buf->failure = BUF_NO_MEMORY;
    }
}

static void append_metric(struct buf *buf, enum metric metric, const char *prefix, double value,
                          const struct rules *rules)
{
    struct buf label;
    buf_init(&label, LINE_LIMIT);
    buf_format(&label, "%s%s", prefix, metrics[metric].label);
    perfdata_append(buf, buf_string(&label), value, metrics[metric].uom,
                    rules->warning[metric].range, rules->critical[metric].range);
    share_failure(buf, &label);
    buf_free(&label);
}

static void append_vm_metrics(struct buf *buf, const struct vm_verdict *vm, const char *prefix,
                              const struct rules *rules)
{
    for (enum metric metric = 0; metric < METRICS; metric++) {
        if (vm->has_metric[metric]) {
            append_metric(buf, metric, prefix, vm->metrics[metric], rules);
        }
    }
}

/* Appends the items of whole VMs while they fit. Returns how many VMs did not. */
static size_t append_perfdata_of_vms(struct buf *buf, const struct verdict *verdict,
                                     char *const *names, const struct rules *rules)
{
    cleanup_label_set struct label_set labels;
    const size_t start = buf->length;
    size_t left_out = 0;
    label_set_init(&labels);
    for (size_t i = 0; i < verdict->vm_count; i++) {
        struct buf prefix;
        struct buf items;
        buf_init(&prefix, LINE_LIMIT);
        buf_init(&items, LINE_LIMIT);
        if (verdict->vm_count > 1) {
            const char *label = label_set_add(&labels, names[i]);
            buf->failure = label != NULL ? buf->failure : BUF_NO_MEMORY;
            buf_format(&prefix, "%s_", label != NULL ? label : "");
        }
        append_vm_metrics(&items, &verdict->vms[i], buf_string(&prefix), rules);
        if (buf->length - start + items.length + 1 > PERFDATA_LIMIT) {
            left_out++;
        } else if (items.length > 0) {
            buf_text(buf, buf->length > start ? " " : "");
            buf_text(buf, buf_string(&items));
        }
        share_failure(buf, &prefix);
        share_failure(buf, &items);
        buf_free(&prefix);
        buf_free(&items);
    }
    return left_out;
}

/* The metric of the VM that has most of it; none where no VM has it. */
static void append_largest(struct buf *buf, const struct verdict *verdict, enum metric metric,
                           const struct rules *rules)
{
    bool known = false;
    double largest = 0;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct vm_verdict *vm = &verdict->vms[i];
        known = known || vm->has_metric[metric];
        if (vm->has_metric[metric] && vm->metrics[metric] > largest) {
            largest = vm->metrics[metric];
        }
    }
    if (known) {
        append_metric(buf, metric, "max_", largest, rules);
    }
}

static void append_perfdata_summary(struct buf *buf, const struct verdict *verdict,
                                    const struct rules *rules)
{
    static const char *const counts[] = {"ok", "warning", "critical", "unknown"};
    bool has_size = false;
    double size = 0;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        has_size = has_size || verdict->vms[i].has_metric[METRIC_TOTAL_SIZE];
        size += verdict->vms[i].metrics[METRIC_TOTAL_SIZE];
    }
    perfdata_append(buf, "vms", (double)verdict->vm_count, NULL, NULL, NULL);
    for (size_t state = STATE_OK; state <= STATE_UNKNOWN; state++) {
        perfdata_append(buf, counts[state], (double)verdict->counts[state], NULL, NULL, NULL);
    }
    append_largest(buf, verdict, METRIC_DURATION, rules);
    append_largest(buf, verdict, METRIC_AGE, rules);
    if (has_size) {
        perfdata_append(buf, "total_size", size, "B", NULL, NULL);
    }
}

struct ordered {
    int state;
    size_t place;
};

static int compare_weights(const void *left, const void *right)
{
    const struct ordered *a = left;
    const struct ordered *b = right;
    if (a->state != b->state) {
        return max_state_alt(a->state, b->state) == a->state ? -1 : 1;
    }
    return (a->place > b->place) - (a->place < b->place);
}

/* Appends the line where it fits, cut where at least half of it does; false where it does not. */
static bool append_line(struct buf *report, const struct buf *line)
{
    const size_t room = REPORT_TEXT_LIMIT - LEFT_OUT_RESERVE > report->length
                            ? REPORT_TEXT_LIMIT - LEFT_OUT_RESERVE - report->length
                            : 0;
    if (line->length + 1 > room && line->length / 2 > room) {
        return false;
    }
    text_append_clean(report, buf_string(line), room > 0 ? room - 1 : 0);
    buf_text(report, "\n");
    return true;
}

static void write_vm_line(struct buf *line, const struct vm_verdict *vm, utc_us now)
{
    buf_format(line, "[%s] ", state_text(vm->state));
    phrase_vm_at_length(line, vm);
    buf_text(line, ": ");
    phrase_vm(line, vm, now, PHRASE_LONG);
}

/* The long output's VMs, worst first. Returns how many were left out. */
static size_t append_vms(struct buf *buf, const struct verdict *verdict, int verbosity)
{
    struct ordered *order = calloc(verdict->vm_count + 1, sizeof *order);
    if (order == NULL) {
        buf->failure = BUF_NO_MEMORY;
        return 0;
    }
    for (size_t i = 0; i < verdict->vm_count; i++) {
        order[i] = (struct ordered){.state = verdict->vms[i].state, .place = i};
    }
    qsort(order, verdict->vm_count, sizeof *order, compare_weights);
    size_t left_out = 0;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct vm_verdict *vm = &verdict->vms[order[i].place];
        if (vm->state == STATE_OK && verbosity == 0) {
            continue;
        }
        struct buf line;
        buf_init(&line, LINE_LIMIT);
        write_vm_line(&line, vm, verdict->now);
        if (left_out > 0 || !append_line(buf, &line)) {
            left_out++;
        }
        share_failure(buf, &line);
        buf_free(&line);
    }
    free(order);
    return left_out;
}

static size_t append_notices(struct buf *buf, const struct verdict *verdict)
{
    bool full = false;
    size_t left_out = verdict->notices.left_out;
    for (size_t i = 0; i < verdict->notices.count; i++) {
        struct buf line;
        buf_init(&line, LINE_LIMIT);
        buf_text(&line, "notice: ");
        text_append_clean(&line, verdict->notices.text[i], FAULT_TEXT_SIZE);
        full = full || !append_line(buf, &line);
        left_out += full ? 1 : 0;
        share_failure(buf, &line);
        buf_free(&line);
    }
    if (verdict->notices.no_memory) {
        buf->failure = BUF_NO_MEMORY;
    }
    return left_out;
}

static void append_left_out(struct buf *buf, size_t vms, size_t notices, size_t perfdata)
{
    const struct {
        size_t count;
        const char *what;
    } kinds[] = {{vms, "VMs"}, {notices, "notices"}, {perfdata, "VMs' performance data"}};
    const char *separator = "left out for want of room: ";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].count > 0) {
            buf_format(buf, "%s%zu %s", separator, kinds[i].count, kinds[i].what);
            separator = ", ";
        }
    }
    buf_text(buf, vms + notices + perfdata > 0 ? "\n" : "");
}

/* The first line. Returns how many VMs' performance data had no room on it. */
static size_t append_first_line(struct buf *buf, const struct verdict *verdict, char *const *names,
                                const struct report_settings *settings)
{
    struct buf text;
    buf_init(&text, LINE_LIMIT);
    phrase_summary(&text, verdict, names);
    buf_format(buf, "CDP TASK %s: ", state_text(verdict->state));
    text_append_clean(buf, buf_string(&text), SUMMARY_LIMIT);

    struct buf perfdata;
    size_t left_out = 0;
    buf_init(&perfdata, LINE_LIMIT);
    if (verdict->fault.kind != FAULT_NONE) {
        // There is nothing to measure.
    } else if (settings->perfdata == PERFDATA_SUMMARY) {
        append_perfdata_summary(&perfdata, verdict, settings->rules);
    } else {
        left_out = append_perfdata_of_vms(&perfdata, verdict, names, settings->rules);
    }
    buf_text(buf, perfdata.length > 0 ? "|" : "");
    buf_text(buf, buf_string(&perfdata));
    buf_text(buf, "\n");
    share_failure(buf, &text);
    share_failure(buf, &perfdata);
    buf_free(&perfdata);
    buf_free(&text);
    return left_out;
}

/* A run with a fault has no VMs to tell of, or the one whose fault is on the first line. */
static bool first_line_tells_all(const struct verdict *verdict, int verbosity)
{
    return verbosity == 0 && verdict->vm_count == 1 && verdict->fault.kind != FAULT_NONE;
}

void report_text(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings)
{
    char **names = phrase_names(verdict);
    if (names == NULL) {
        buf->failure = BUF_NO_MEMORY;
        return;
    }
    const size_t perfdata = append_first_line(buf, verdict, names, settings);
    size_t vms = 0;
    if (!first_line_tells_all(verdict, settings->verbosity)) {
        vms = append_vms(buf, verdict, settings->verbosity);
    }
    const size_t notices = append_notices(buf, verdict);
    append_left_out(buf, vms, notices, perfdata);
    phrase_names_free(names, verdict->vm_count);
}
