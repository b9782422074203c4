// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Gauges for Prometheus. Only what OpenMetrics and the older text format both allow is used, so
 * that node_exporter's textfile collector reads the same file.
 */
#include "report/report.h"

#include "base/hash.h"
#include "base/number.h"
#include "base/set.h"
#include "base/text.h"
#include "report/distinct.h"

enum { LABELS_LIMIT = 64 * 1024 * 1024, LABEL_REASON_LIMIT = 250 };

/* How much the labels say: as much as is needed for no two VMs to share them. */
enum label_detail { LABELS_VM, LABELS_UID, LABELS_NUMBER, LABEL_DETAILS };

/*
 * Appends `name="text"`. Line breaks are escaped, as the format has it; other control characters,
 * which it would let through to someone's terminal, become spaces.
 */
static void append_label(struct buf *buf, const char *name, const char *text)
{
    cleanup_buf struct buf valid;
    buf_init(&valid, LABELS_LIMIT);
    text_append_utf8(&valid, text != NULL ? text : "");
    buf_format(buf, "%s=\"", name);
    for (const char *at = buf_string(&valid); *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        const unsigned char next = (unsigned char)at[1];
        if (byte == '\n') {
            buf_text(buf, "\\n");
        } else if (byte == '"' || byte == '\\') {
            buf_format(buf, "\\%c", byte);
        } else if (byte < 0x20 || byte == 0x7F) {
            buf_text(buf, " ");
        } else if (byte == 0xC2 && next < 0xA0) { // U+0080 to U+009F
            buf_text(buf, " ");
            at++;
        } else {
            buf_add(buf, at, 1);
        }
    }
    buf_text(buf, "\"");
    buf_share_failure(buf, &valid);
}

static char *write_labels(const struct verdict *verdict, const struct vm_verdict *vm,
                          unsigned detail, size_t number)
{
    struct buf labels;
    const bool by_id = verdict->scope->kind == SCOPE_ID;
    const struct task_session *newest = vm_session(vm, 0);
    const char *uid = newest != NULL ? newest->uid : by_id ? vm->asked : NULL;
    buf_init(&labels, LABELS_LIMIT);
    append_label(&labels, "vm", vm->name);
    append_label(&labels, ",policy", vm->policy);
    append_label(&labels, ",backup_server", vm->backup_server);
    if (detail >= LABELS_UID || by_id || (vm->name == NULL && uid != NULL)) {
        append_label(&labels, ",uid", uid);
    }
    if (detail >= LABELS_NUMBER) {
        buf_format(&labels, ",number=\"%zu\"", number);
    }
    return buf_take(&labels);
}

static void append_head(struct buf *buf, const char *name, const char *unit, const char *help)
{
    buf_format(buf, "# TYPE %s gauge\n", name);
    if (unit != NULL) {
        buf_format(buf, "# UNIT %s %s\n", name, unit);
    }
    buf_format(buf, "# HELP %s %s\n", name, help);
}

static void append_sample(struct buf *buf, const char *name, const char *labels, double value)
{
    buf_format(buf, "%s{%s} ", name, labels);
    number_append(buf, value);
    buf_text(buf, "\n");
}

/* Under a head with that name and without labels of VMs. */
static void append_gauge(struct buf *buf, const char *name, const char *unit, const char *help,
                         const char *labels, double value)
{
    append_head(buf, name, unit, help);
    append_sample(buf, name, labels, value);
}

static void append_states(struct buf *buf, const struct verdict *verdict, char *const *series)
{
    static const char name[] = "veeam_cdp_task_status";
    append_head(buf, name, NULL, "The verdict: 0 ok, 1 warning, 2 critical, 3 unknown.");
    for (size_t i = 0; i < verdict->vm_count; i++) {
        append_sample(buf, name, series[i], verdict->vms[i].state);
    }
}

static void append_metric(struct buf *buf, const struct verdict *verdict, char *const *series,
                          enum metric metric)
{
    const struct metric_row *row = &metrics[metric];
    append_head(buf, row->gauge, row->unit, row->help);
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct measure *measure = &verdict->vms[i].measures[metric];
        if (measure->known) {
            append_sample(buf, row->gauge, series[i],
                          row->gauge_scale > 0 ? measure->value * row->gauge_scale
                                               : measure->value);
        }
    }
}

/* A session that has series, and as what. */
struct session_role {
    const char *word;
    const struct task_session *session;
};

enum { ROLES = 2 };

/* The last completed session has its own also where it is the newest: alerts need not care. */
static size_t find_roles(const struct vm_verdict *vm, struct session_role roles[ROLES])
{
    size_t count = 0;
    const struct task_session *newest = vm_session(vm, 0);
    if (newest == NULL) {
        return 0;
    }
    const struct task_session *completed = task_session_runs(newest) ? vm_session(vm, 1) : newest;
    roles[count++] = (struct session_role){"newest", newest};
    if (completed != NULL && !task_session_runs(completed)) {
        roles[count++] = (struct session_role){"last_completed", completed};
    }
    return count;
}

static void append_infos(struct buf *buf, const struct verdict *verdict, char *const *series)
{
    static const char name[] = "veeam_cdp_task_info";
    append_head(buf, name, NULL,
                "State and Result of the newest and of the last completed task session.");
    for (size_t i = 0; i < verdict->vm_count; i++) {
        struct session_role roles[ROLES];
        const size_t count = find_roles(&verdict->vms[i], roles);
        for (size_t j = 0; j < count; j++) {
            const char *result = roles[j].session->result_text;
            buf_format(buf, "%s{%s,session=\"%s\"", name, series[i], roles[j].word);
            append_label(buf, ",state", roles[j].session->state_text);
            append_label(buf, ",result", result != NULL ? result : "None");
            buf_text(buf, "} 1\n");
        }
    }
}

static void append_reason(struct buf *buf, const struct session_role *role, const char *name,
                          const char *labels)
{
    cleanup_buf struct buf reason;
    buf_init(&reason, LABELS_LIMIT);
    text_append_clean(&reason, role->session->reason, LABEL_REASON_LIMIT);
    buf_format(buf, "%s{%s,session=\"%s\"", name, labels, role->word);
    append_label(buf, ",reason", buf_string(&reason));
    buf_text(buf, "} 1\n");
    buf_share_failure(buf, &reason);
}

/* Each text is a series of its own to Prometheus: so there are those of VMs that are not ok alone.
 */
static void append_reasons(struct buf *buf, const struct verdict *verdict, char *const *series)
{
    static const char name[] = "veeam_cdp_task_reason_info";
    append_head(buf, name, NULL, "Reason of those sessions, of a VM that is not ok.");
    for (size_t i = 0; i < verdict->vm_count; i++) {
        struct session_role roles[ROLES];
        const size_t count =
            verdict->vms[i].state != STATE_OK ? find_roles(&verdict->vms[i], roles) : 0;
        for (size_t j = 0; j < count; j++) {
            if (roles[j].session->reason != NULL) {
                append_reason(buf, &roles[j], name, series[i]);
            }
        }
    }
}

/* Only what is shown: a sign that is gone has no series. */
static void append_signs(struct buf *buf, const struct verdict *verdict, char *const *series)
{
    static const char name[] = "veeam_cdp_task_sign";
    append_head(buf, name, NULL, "That the replication of a VM stands still, and by what sign.");
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct standing *standing = &verdict->vms[i].standing;
        if (standing->shows_sign) {
            buf_format(buf, "%s{%s,sign=\"%s\"} 1\n", name, series[i], sign_words[standing->sign]);
        }
    }
}

/* The labels of a policy, unlike those of the others: a second one of that name has a number. */
static void append_policy_labels(struct buf *labels, struct set *seen, const struct policy *policy)
{
    append_label(labels, "policy", policy->name);
    append_label(labels, ",backup_server", policy->backup_server);
    uint32_t *number = set_add(seen, hash_text(buf_string(labels)));
    if (number == NULL) {
        labels->failure = BUF_NO_MEMORY;
    } else if (++*number > 1) {
        buf_format(labels, ",number=\"%u\"", (unsigned int)*number);
    }
}

/* One gauge of all policies of which EM says what it takes. */
static void append_policies(struct buf *buf, const struct verdict *verdict, bool of_rpo)
{
    const char *name = of_rpo ? "veeam_cdp_policy_rpo_seconds" : "veeam_cdp_policy_enabled";
    cleanup_set struct set seen = {.slots = NULL};
    append_head(buf, name, of_rpo ? "seconds" : NULL,
                of_rpo ? "Recovery point objective of the CDP policy."
                       : "Whether the CDP policy is enabled.");
    for (size_t i = 0; i < verdict->site.policies.count; i++) {
        const struct policy *policy = &verdict->site.policies.items[i];
        cleanup_buf struct buf labels;
        buf_init(&labels, LABELS_LIMIT);
        append_policy_labels(&labels, &seen, policy);
        if (of_rpo ? policy->has_rpo : policy->has_enabled) {
            append_sample(buf, name, buf_string(&labels),
                          of_rpo ? policy->rpo_s : (double)policy->enabled);
        }
        buf_share_failure(buf, &labels);
    }
}

/* Whether EM itself answered all that was asked: that it has nothing is an answer, too. */
static bool is_up(const struct verdict *verdict)
{
    const struct finding *unanswered = verdict_unanswered(verdict);
    return unanswered == NULL || finding_fault_kind(unanswered) == FAULT_NOT_FOUND;
}

/* What is known of EM itself. */
static void append_em(struct buf *buf, const struct verdict *verdict, const char *labels)
{
    const struct metric_row *row = &metrics[METRIC_DATA_AGE];
    const struct measure *age = &verdict->measures[METRIC_DATA_AGE];
    append_gauge(buf, "veeam_cdp_em_status", NULL,
                 "What was found of Enterprise Manager itself, such as data that is too old: 0 ok, "
                 "1 warning, 2 critical, 3 unknown.",
                 labels, verdict_run_state(verdict));
    if (age->known) {
        append_gauge(buf, row->gauge, row->unit, row->help, labels, age->value);
    }
    if (verdict->scope->kind == SCOPE_EM && verdict->fault == NULL) {
        append_gauge(buf, "veeam_cdp_em_answer_seconds", "seconds",
                     "How long Enterprise Manager took to answer.", labels,
                     verdict->site.answered_s);
    }
    if (verdict->site.policies.count > 0) {
        append_policies(buf, verdict, false);
        append_policies(buf, verdict, true);
    }
}

static void append_run(struct buf *buf, const struct verdict *verdict, const char *server)
{
    cleanup_buf struct buf labels;
    buf_init(&labels, LABELS_LIMIT);
    append_label(&labels, "server", server);
    append_gauge(buf, "veeam_cdp_up", NULL,
                 "Whether Enterprise Manager answered all that was asked.", buf_string(&labels),
                 is_up(verdict) ? 1 : 0);
    append_gauge(buf, "veeam_cdp_checked_timestamp_seconds", "seconds", "When this was measured.",
                 buf_string(&labels), (double)verdict->checked / (double)UTC_SECOND);
    if (verdict->site.from_snapshot) {
        append_gauge(buf, "veeam_cdp_fetched_timestamp_seconds", "seconds",
                     "When Enterprise Manager was asked for the snapshot that was judged.",
                     buf_string(&labels), (double)verdict->site.asked_at / (double)UTC_SECOND);
    }
    append_em(buf, verdict, buf_string(&labels));
    if (verdict->fault != NULL) {
        append_head(buf, "veeam_cdp_fault_info", NULL, "Why nothing was judged.");
        buf_format(buf, "veeam_cdp_fault_info{%s,kind=\"%s\"} 1\n", buf_string(&labels),
                   fault_kind_name(finding_fault_kind(verdict->fault)));
    }
    if (is_up(verdict) && verdict->scope->kind != SCOPE_EM) {
        append_head(buf, "veeam_cdp_vms", NULL, "How many VMs have that verdict.");
        for (int state = 0; state < STATES; state++) {
            buf_format(buf, "veeam_cdp_vms{%s,state=\"%s\"} %zu\n", buf_string(&labels),
                       state_words[state], verdict->counts[state]);
        }
    }
    buf_share_failure(buf, &labels);
}

void report_openmetrics(struct buf *buf, const struct verdict *verdict,
                        const struct report_settings *settings)
{
    cleanup_distinct char **series = distinct_texts(verdict, write_labels, LABEL_DETAILS);
    if (series == NULL) {
        buf->failure = BUF_NO_MEMORY;
        return;
    }
    append_run(buf, verdict, settings->server);
    if (verdict->vm_count > 0) {
        append_states(buf, verdict, series);
        for (enum metric metric = 0; metric < VM_METRICS; metric++) {
            if (verdict->scope->points || !metric_is_of_points(metric)) {
                append_metric(buf, verdict, series, metric);
            }
        }
        append_signs(buf, verdict, series);
        append_infos(buf, verdict, series);
        append_reasons(buf, verdict, series);
    }
    buf_text(buf, "# EOF\n");
}
