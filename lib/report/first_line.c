// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/first_line.h"

#include <stdint.h>

#include "base/text.h"
#include "monitoring/perfdata.h"
#include "report/em_words.h"

enum {
    SUMMARY_LIMIT = 1000,
    PERFDATA_LIMIT = 1800, // all VMs together
    PART_LIMIT = 1024 * 1024,
};

static const range *range_of(const struct threshold *threshold)
{
    return threshold != NULL ? threshold->range : NULL;
}

static void append_measure(struct buf *buf, const char *prefix, enum metric metric,
                           const struct measure *measure)
{
    if (!measure->known) {
        return;
    }
    cleanup_buf struct buf label;
    buf_init(&label, PART_LIMIT);
    buf_format(&label, "%s%s", prefix, metrics[metric].label);
    perfdata_append(buf, buf_string(&label), measure->value, metrics[metric].uom,
                    range_of(measure->warning), range_of(measure->critical));
    buf_share_failure(buf, &label);
}

static void append_measures(struct buf *buf, const char *prefix, const struct vm_verdict *vm)
{
    for (enum metric metric = 0; metric < VM_METRICS; metric++) {
        append_measure(buf, prefix, metric, &vm->measures[metric]);
    }
}

/* Appends the items of whole VMs while they fit into `limit`. Returns how many VMs did not. */
static size_t append_perfdata_of_vms(struct buf *buf, const struct named_verdict *named,
                                     size_t limit)
{
    const struct verdict *verdict = named->verdict;
    cleanup_set struct set labels = {.slots = NULL};
    const size_t start = buf->length;
    size_t omitted = 0;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        cleanup_buf struct buf prefix;
        cleanup_buf struct buf items;
        buf_init(&prefix, PART_LIMIT);
        buf_init(&items, PART_LIMIT);
        if (verdict->vm_count > 1) {
            perfdata_append_label(&prefix, &labels, named->names[i]);
            buf_text(&prefix, "_");
        }
        append_measures(&items, buf_string(&prefix), &verdict->vms[i]);
        if (buf->length - start + items.length + 1 > limit) {
            omitted++;
        } else if (items.length > 0) {
            buf_text(buf, buf->length > start ? " " : "");
            buf_text(buf, buf_string(&items));
        }
        buf_share_failure(buf, &prefix);
        buf_share_failure(buf, &items);
    }
    return omitted;
}

static void append_count(struct buf *buf, const char *label, size_t count)
{
    perfdata_append(buf, label, (double)count, NULL, NULL, NULL);
}

static bool is_told(const struct verdict *verdict, enum site_topic topic)
{
    return verdict->site.answers[topic].knowledge == SITE_TOLD;
}

/* Of all VMs, by their sessions or by their restore points. */
static void append_totals(struct buf *buf, const struct verdict *verdict, bool of_points)
{
    static const char *const before[] = {
        [TOTAL_LARGEST] = "max_", [TOTAL_SMALLEST] = "min_", [TOTAL_SUM] = ""};
    for (enum metric metric = 0; metric < VM_METRICS; metric++) {
        if (metric_is_of_points(metric) == of_points && metrics[metric].total != TOTAL_NONE) {
            append_measure(buf, before[metrics[metric].total], metric, &verdict->measures[metric]);
        }
    }
}

static void append_perfdata_summary(struct buf *buf, const struct verdict *verdict)
{
    append_count(buf, "vms", verdict->vm_count);
    for (int state = 0; state < STATES; state++) {
        append_count(buf, state_words[state], verdict->counts[state]);
    }
    append_totals(buf, verdict, false);
    if (is_told(verdict, SITE_POLICIES) || is_told(verdict, SITE_REPLICAS)) {
        append_count(buf, "uncovered", verdict->signs[SIGN_UNCOVERED]);
    }
    append_measure(buf, "", METRIC_DATA_AGE, &verdict->measures[METRIC_DATA_AGE]);
    append_totals(buf, verdict, true);
}

/* Of --em. */
static void append_perfdata_of_em(struct buf *buf, const struct verdict *verdict)
{
    append_measure(buf, "", METRIC_DATA_AGE, &verdict->measures[METRIC_DATA_AGE]);
    perfdata_append(buf, "time", verdict->site.answered_s, "s", NULL, NULL);
    if (is_told(verdict, SITE_POLICIES)) {
        append_count(buf, "policies", verdict->site.policies.count);
        append_count(buf, "policies_disabled", em_words_disabled(verdict));
    }
}

size_t first_line_perfdata(struct buf *buf, const struct named_verdict *named,
                           enum report_perfdata perfdata)
{
    if (named->verdict->fault != NULL) {
        return 0; // there is nothing to measure
    }
    if (named->verdict->scope->kind == SCOPE_EM && perfdata != PERFDATA_NONE) {
        append_perfdata_of_em(buf, named->verdict);
        return 0;
    }
    switch (perfdata) {
    case PERFDATA_VM:
        return append_perfdata_of_vms(buf, named, PERFDATA_LIMIT);
    case PERFDATA_VM_WHOLE:
        return append_perfdata_of_vms(buf, named, SIZE_MAX);
    case PERFDATA_SUMMARY:
        append_perfdata_summary(buf, named->verdict);
        break;
    case PERFDATA_NONE:
        break;
    }
    return 0;
}

struct first_line first_line_append(struct buf *buf, const struct named_verdict *named,
                                    enum report_perfdata perfdata)
{
    struct first_line line = {0};
    cleanup_buf struct buf text;
    cleanup_buf struct buf items;
    buf_init(&text, PART_LIMIT);
    buf_init(&items, buf->limit);
    append_summary(&text, named);
    buf_format(buf, "CDP TASK %s: ", state_text(named->verdict->state));
    text_append_clean(buf, buf_string(&text), SUMMARY_LIMIT);
    line.omitted = first_line_perfdata(&items, named, perfdata);
    line.perfdata_length = items.length;
    buf_text(buf, items.length > 0 ? "|" : "");
    buf_add(buf, buf_string(&items), items.length);
    if (items.failure != BUF_FINE) {
        buf->failure = items.failure;
    }
    buf_share_failure(buf, &text);
    return line;
}
