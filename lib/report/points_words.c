// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/points_words.h"

#include "base/hash.h"
#include "base/set.h"
#include "base/text.h"
#include "report/wording.h"

/* Of a notice, which has FAULT_TEXT_SIZE bytes for all of it. */
enum { CAUSES_SHOWN = 3, NAMES_OF_CAUSE = 3, CAUSE_SHOWN = 110, CAUSE_NAME_SHOWN = 30 };

enum { CAUSE_LIMIT = 1024, TYPE_LIMIT = 40 };

/* ---- what was measured ---- */

static void append_window(struct buf *buf, const struct recovery *recovery)
{
    utc_append_span(buf, recovery->intervals.end - recovery->intervals.start);
}

static void append_no_app_consistent(struct buf *buf, const struct recovery *recovery)
{
    buf_text(buf, "no application-consistent point in the last ");
    append_window(buf, recovery);
}

static void append_no_short_term(struct buf *buf, const struct recovery *recovery)
{
    buf_text(buf, "no short-term restore point in the last ");
    append_window(buf, recovery);
}

static void append_compliance(struct buf *buf, const struct vm_verdict *vm)
{
    const struct measure *compliance = &vm->measures[METRIC_RPO_COMPLIANCE];
    if (compliance->known) {
        buf_text(buf, ", RPO of ");
        utc_append_span(buf, (utc_us)(vm->in->rpo_s * (double)UTC_SECOND));
        buf_text(buf, " kept for ");
        metrics[METRIC_RPO_COMPLIANCE].append(buf, compliance->value);
    }
}

/* The age of a point that there is; else that there is none in the window, if it is limited. */
static void append_app_age(struct buf *buf, const struct vm_verdict *vm)
{
    const struct measure *age = &vm->measures[METRIC_APP_AGE];
    if (vm->recovery->intervals.has_app_consistent) {
        buf_text(buf, ", application-consistent point ");
        metrics[METRIC_APP_AGE].append(buf, age->value);
        buf_text(buf, " old");
    } else if (age->known) {
        buf_text(buf, ", ");
        append_no_app_consistent(buf, vm->recovery);
    }
}

/* What EM calls an interval without points, as far as it is known to this plugin. */
static void append_odd_type(struct buf *buf, const char *type)
{
    if (type != NULL) {
        buf_text(buf, ", IntervalType ");
        text_append_clean(buf, type[0] != '\0' ? type : "none", TYPE_LIMIT);
        buf_text(buf, " counted as a gap");
    }
}

void append_points(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm)
{
    const struct measure *lag = &vm->measures[METRIC_RPO_LAG];
    const struct measure *gap = &vm->measures[METRIC_RPO_GAP];
    (void)verdict;
    if (lag->known) {
        buf_text(buf, "lag ");
        metrics[METRIC_RPO_LAG].append(buf, lag->value);
    } else {
        append_no_short_term(buf, vm->recovery);
    }
    if (gap->known) {
        buf_text(buf, ", longest gap ");
        metrics[METRIC_RPO_GAP].append(buf, gap->value);
    }
    append_compliance(buf, vm);
    append_app_age(buf, vm);
    append_odd_type(buf, vm->recovery->intervals.odd_type);
}

/* ---- what could not be measured ---- */

static void append_no_replica(struct buf *buf, const struct verdict *verdict,
                              const struct vm_verdict *vm)
{
    static const char *const causes[] = {
        [SITE_NOT_ASKED] = "EM does not say its policy, so it was not asked for its replica",
        [SITE_TOLD] = "EM has no replica of that name",
        [SITE_REFUSED] = "EM does not tell replicas to this user",
        [SITE_FAILED] = "EM did not tell its replicas"};
    const bool has_replica = vm->expected != NULL && vm->expected->has_replica;
    buf_text(buf, has_replica ? "EM does not say where its replica is"
                              : causes[verdict->site.answers[SITE_REPLICAS].knowledge]);
}

void append_points_unknown(struct buf *buf, const struct verdict *verdict,
                           const struct vm_verdict *vm, enum metric metric)
{
    const struct recovery *recovery = vm->recovery;
    if (recovery == NULL) {
        append_no_replica(buf, verdict, vm);
    } else if (!recovery->known) {
        append_fault_text(buf, &recovery->why);
    } else if (metric == METRIC_APP_AGE) {
        append_no_app_consistent(buf, recovery);
        buf_text(buf, ", and EM says nothing of the time before");
    } else if (metric == METRIC_RPO_COMPLIANCE && (vm->in == NULL || !vm->in->has_rpo)) {
        buf_text(buf, "EM does not tell the RPO of its policy");
    } else if (recovery->intervals.count > 0 && metric == METRIC_RPO_COMPLIANCE) {
        buf_text(buf, "EM does not say how often its restore points came");
    } else {
        append_no_short_term(buf, recovery);
    }
}

static void write_cause(struct buf *cause, const struct verdict *verdict,
                        const struct vm_verdict *vm)
{
    buf_init(cause, CAUSE_LIMIT);
    append_points_unknown(cause, verdict, vm, METRIC_RPO_LAG);
}

/*
 * VMs have the same one of the same text; but what EM says of a replica that is gone names it.
 * Without memory `buf`, for which it is needed, fails.
 */
static uint64_t hash_cause(const struct verdict *verdict, const struct vm_verdict *vm,
                           struct buf *buf)
{
    const struct recovery *recovery = vm->recovery;
    if (recovery != NULL && !recovery->known && recovery->why.kind == FAULT_NOT_FOUND) {
        return hash_text(fault_kind_name(recovery->why.kind));
    }
    cleanup_buf struct buf cause;
    write_cause(&cause, verdict, vm);
    buf_share_failure(buf, &cause);
    return hash_text(buf_string(&cause));
}

/* "12 VMs (why): a, b, c, …" of those whose cause is that of the VM at `first`. */
static void append_cause(struct buf *buf, const struct verdict *verdict, size_t first)
{
    const struct vm_verdict *vms = verdict->vms;
    const uint64_t hash = hash_cause(verdict, &vms[first], buf);
    size_t count = 0;
    cleanup_buf struct buf cause;
    cleanup_buf struct buf names;
    write_cause(&cause, verdict, &vms[first]);
    buf_init(&names, CAUSE_LIMIT);
    for (size_t i = first; i < verdict->vm_count; i++) {
        if (!verdict_lacks_lag(verdict, &vms[i]) || hash_cause(verdict, &vms[i], buf) != hash) {
            continue;
        }
        count++;
        if (count <= NAMES_OF_CAUSE) {
            buf_text(&names, count > 1 ? ", " : "");
            text_append_clean(&names, vms[i].name, CAUSE_NAME_SHOWN);
        }
    }
    buf_format(buf, "%zu (", count);
    text_append_clean(buf, buf_string(&cause), CAUSE_SHOWN);
    buf_format(buf, "): %s%s", buf_string(&names), count > NAMES_OF_CAUSE ? ", ..." : "");
    buf_share_failure(buf, &cause);
    buf_share_failure(buf, &names);
}

/* The number of VMs comes first, as what follows may be cut. */
static void append_causes(struct buf *buf, const struct verdict *verdict)
{
    cleanup_set struct set seen = {.slots = NULL};
    size_t causes = 0;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        if (!verdict_lacks_lag(verdict, &verdict->vms[i])) {
            continue;
        }
        uint32_t *times = set_add(&seen, hash_cause(verdict, &verdict->vms[i], buf));
        if (times == NULL) {
            buf->failure = BUF_NO_MEMORY;
            return;
        }
        if ((*times)++ == 0 && ++causes <= CAUSES_SHOWN) {
            buf_text(buf, causes > 1 ? "; " : ": ");
            append_cause(buf, verdict, i);
        }
    }
    if (causes > CAUSES_SHOWN) {
        buf_format(buf, "; and for %zu other causes", causes - CAUSES_SHOWN);
    }
}

void append_no_points(struct buf *buf, const struct verdict *verdict)
{
    if (verdict->vm_count == 1) {
        buf_text(buf, "lag unknown: ");
        append_points_unknown(buf, verdict, &verdict->vms[0], METRIC_RPO_LAG);
        return;
    }
    buf_format(buf, "lag unknown of %zu of %zu VMs", verdict_without_lag(verdict),
               verdict->vm_count);
    append_causes(buf, verdict);
}
