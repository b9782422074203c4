// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/sign_words.h"

/* What is looked at when a sign is put into words. */
struct view {
    const struct verdict *verdict;
    const struct vm_verdict *vm;
    const struct standing *standing;
    enum phrase_detail detail;
};

/* A policy that no VM is known of has a verdict of its own. */
static bool is_of_policy(const struct view *view)
{
    return view->vm->name == NULL && view->vm->policy != NULL && vm_session(view->vm, 0) == NULL;
}

static void append_policy(struct buf *buf, const struct view *view)
{
    const char *name = view->vm->in != NULL ? view->vm->in->name : view->vm->policy;
    buf_text(buf, name != NULL ? "the policy " : "");
    append_name(buf, name, "its policy");
}

/* The moment from which it lasts, in the long form, between these words. */
static void append_since(struct buf *buf, const struct view *view, const char *before,
                         const char *behind)
{
    if (view->detail == PHRASE_LONG && view->standing->has_moment) {
        buf_text(buf, before);
        utc_append_minute(buf, view->standing->moment);
        buf_text(buf, behind);
    }
}

static void append_advice(struct buf *buf, const struct view *view, const char *advice)
{
    if (view->detail == PHRASE_LONG) {
        buf_format(buf, " (%s)", advice);
    }
}

/* That EM told its policies, of all or of that name, and the VM's is not among them. */
static bool lost_policy(const struct view *view)
{
    const struct site *site = &view->verdict->site;
    return site->answers[SITE_POLICIES].knowledge == SITE_TOLD && view->vm->policy != NULL &&
           view->vm->in == NULL && !policies_have(&site->policies, view->vm->policy);
}

static void append_idle(struct buf *buf, const struct view *view)
{
    if (view->standing->has_moment) {
        buf_text(buf, " for ");
        utc_append_span(buf, view->standing->lasts);
        append_since(buf, view, " (since ", ", limit ");
        if (view->detail == PHRASE_LONG) {
            utc_append_span(buf, view->standing->limit);
            buf_text(buf, ")");
        }
        buf_text(buf, ": no task session runs");
    } else {
        buf_text(buf, ": no task session runs, and EM does not say since when");
    }
    if (lost_policy(view)) {
        buf_text(buf, ", and EM has no policy ");
        append_name(buf, view->vm->policy, "");
        buf_text(buf, " any more");
        return;
    }
    if (view->vm->in != NULL && view->vm->in->has_enabled) { // else it would be disabled
        buf_text(buf, ", though ");
        append_policy(buf, view);
        buf_text(buf, " is enabled");
    }
    append_advice(buf, view,
                  view->vm->in != NULL
                      ? "VM powered off or excluded, or backup server down?"
                      : "VM powered off or excluded, policy disabled, or backup server down?");
}

static void append_overdue(struct buf *buf, const struct view *view)
{
    const struct task_session *newest = vm_session(view->vm, 0);
    const bool runs = newest == NULL || newest->state == SESSION_IN_PROGRESS;
    buf_text(buf, runs ? ": its session has been running for " : ": its session has lasted for ");
    utc_append_span(buf, view->standing->lasts);
    append_since(buf, view, " (since ", ")");
    buf_text(buf, ", limit ");
    utc_append_span(buf, view->standing->limit);
    buf_text(buf, view->standing->no_point ? "; no restore point yet" : "");
    append_advice(buf, view,
                  view->standing->no_point
                      ? "if a first copy takes that long: --overdue-after; else check the policy "
                        "on the backup server"
                      : "no long-term restore point since then: check the policy and the Veeam CDP "
                        "Coordinator Service on the backup server");
}

static void append_disabled(struct buf *buf, const struct view *view)
{
    buf_text(buf, ": ");
    append_policy(buf, view);
    buf_text(buf, " is disabled in EM, ");
    if (is_of_policy(view)) {
        buf_text(buf, "and EM has no task session of it");
    } else if (view->standing->has_moment) {
        buf_text(buf, "nothing has run for ");
        utc_append_span(buf, view->standing->lasts);
        append_since(buf, view, ", since ", "");
    } else {
        buf_text(buf, "nothing runs");
    }
    append_advice(buf, view, "enable it on the backup server, or accept it by --map=disabled=ok");
}

/* Why there should be a session. */
static void append_expectation(struct buf *buf, const struct view *view)
{
    const struct protected_vm *expected = view->vm->expected;
    if (expected != NULL && expected->named) {
        append_policy(buf, view);
        buf_text(buf, " includes it");
    } else if (expected != NULL && expected->has_replica) {
        buf_text(buf, "EM has a replica of it under ");
        append_policy(buf, view);
    } else {
        buf_text(buf, "EM has ");
        append_policy(buf, view);
    }
}

static void append_uncovered_vm(struct buf *buf, const struct view *view)
{
    buf_text(buf, ": ");
    append_expectation(buf, view);
    if (view->standing->has_moment) {
        buf_text(buf, ", but no task session of it has run for ");
        utc_append_span(buf, view->standing->lasts);
        append_since(buf, view, ", since ", "");
    } else {
        buf_text(buf, ", but EM has no task session of it in the last ");
        utc_append_span(buf, (utc_us)(view->verdict->scope->since_s * (double)UTC_SECOND));
    }
    append_advice(buf, view, "VM powered off or excluded, or did its replication never begin?");
}

static void append_uncovered(struct buf *buf, const struct view *view)
{
    if (!is_of_policy(view)) {
        append_uncovered_vm(buf, view);
        return;
    }
    buf_text(buf, ": ");
    append_policy(buf, view);
    buf_text(buf, " has no task session, and EM has no VM or replica of it");
    append_advice(buf, view,
                  "does it include VMs that are powered on, and does its backup server "
                  "replicate?");
}

void append_sign(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm,
                 enum phrase_detail detail)
{
    static void (*const writers[SIGNS])(struct buf *, const struct view *) = {
        [SIGN_IDLE] = append_idle,
        [SIGN_OVERDUE] = append_overdue,
        [SIGN_DISABLED] = append_disabled,
        [SIGN_UNCOVERED] = append_uncovered};
    const struct view view = {
        .verdict = verdict, .vm = vm, .standing = &vm->standing, .detail = detail};
    buf_text(buf, sign_words[vm->standing.sign]);
    writers[vm->standing.sign](buf, &view);
}
