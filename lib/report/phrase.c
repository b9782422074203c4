// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/phrase.h"

#include <string.h>

#include "base/text.h"
#include "report/distinct.h"
#include "report/em_words.h"
#include "report/fault_words.h"
#include "report/points_words.h"
#include "report/run_words.h"
#include "report/sign_words.h"

enum { WORD_LIMIT = 40, LINE_LIMIT = 1024 * 1024 };

/* How much a name says: only the VM's, up to the session's. */
enum name_detail { DETAIL_VM, DETAIL_POLICY, DETAIL_SERVER, DETAIL_SESSION, DETAILS };

static const char *uid_of(const struct vm_verdict *vm)
{
    return vm_session(vm, 0) != NULL ? vm_session(vm, 0)->uid : NULL;
}

static void append_base_name(struct buf *buf, const struct vm_verdict *vm)
{
    const char *base = vm->name != NULL ? vm->name : uid_of(vm) != NULL ? uid_of(vm) : vm->asked;
    append_name(buf, base, "unnamed");
}

void append_full_name(struct buf *buf, const struct vm_verdict *vm)
{
    append_base_name(buf, vm);
    if (vm->policy != NULL &&
        (vm->name != NULL || vm_session(vm, 0) != NULL)) { // else it is that name
        buf_text(buf, ", policy ");
        append_name(buf, vm->policy, "");
    }
    if (vm->backup_server != NULL) {
        buf_text(buf, ", backup server ");
        append_name(buf, vm->backup_server, "");
    }
}

static char *write_name(const struct verdict *verdict, const struct vm_verdict *vm, unsigned detail,
                        size_t number)
{
    struct buf name;
    (void)verdict;
    (void)number;
    buf_init(&name, LINE_LIMIT);
    append_base_name(&name, vm);
    if (detail >= DETAIL_POLICY) {
        buf_text(&name, " (");
        append_name(&name, vm->policy, "-");
    }
    if (detail >= DETAIL_SERVER) {
        buf_text(&name, ", ");
        append_name(&name, vm->backup_server, "-");
    }
    if (detail >= DETAIL_SESSION) {
        buf_text(&name, ", ");
        append_name(&name, uid_of(vm), "-");
    }
    buf_text(&name, detail >= DETAIL_POLICY ? ")" : "");
    return buf_take(&name);
}

bool phrase_name(struct named_verdict *named, const struct verdict *verdict)
{
    *named = (struct named_verdict){.verdict = verdict,
                                    .names = distinct_texts(verdict, write_name, DETAILS)};
    return named->names != NULL;
}

void named_verdict_free(struct named_verdict *named)
{
    distinct_free(&named->names);
}

static void append_when(struct buf *buf, const struct task_session *session, utc_us now,
                        enum phrase_detail detail)
{
    const bool runs = task_session_runs(session);
    if (runs ? !session->has_created : !session->has_ended) {
        return;
    }
    const utc_us moment = runs ? session->created : session->ended;
    buf_text(buf, runs ? ", for " : ", ended ");
    utc_append_span(buf, now - moment);
    buf_text(buf, runs ? "" : " ago");
    if (detail == PHRASE_LONG) {
        buf_text(buf, runs ? " (since " : " (");
        utc_append_minute(buf, moment);
        buf_text(buf, ")");
    }
}

static void append_session(struct buf *buf, const struct task_session *session, utc_us now,
                           enum phrase_detail detail)
{
    text_append_clean(buf, session->state_text != NULL ? session->state_text : "no State",
                      WORD_LIMIT);
    buf_text(buf, ", ");
    text_append_clean(buf, session->result_text != NULL ? session->result_text : "no Result",
                      WORD_LIMIT);
    append_when(buf, session, now, detail);
    if (session->defect != NULL) {
        buf_format(buf, " (protocol: %s)", session->defect);
    }
    if (session->reason != NULL) {
        buf_text(buf, ": ");
        text_append_clean(buf, session->reason,
                          detail == PHRASE_LONG ? LONG_REASON_LIMIT : SHORT_REASON_LIMIT);
    }
}

/* Which of the VM's sessions it is; "" if it is the only one. */
static const char *role_of(const struct vm_verdict *vm, const struct finding *finding)
{
    if (vm_session(vm, 1) == NULL) {
        return "";
    }
    if (!finding->session->has_created) {
        return "session of unknown time: ";
    }
    return finding == vm->findings ? "newest session: " : "last completed session: ";
}

static void append_breach(struct buf *buf, const struct vm_verdict *vm,
                          const struct finding *finding)
{
    const struct metric_row *metric = &metrics[finding->metric];
    const struct measure *measure = &vm->measures[finding->metric];
    const struct threshold *broken =
        finding->state == STATE_CRITICAL ? measure->critical : measure->warning;
    buf_format(buf, "%s ", metric->word);
    metric->append(buf, measure->value);
    buf_format(buf, " (%s: %s)", state_words[finding->state], broken->text);
}

/* Whether the finding before it says why: EM told nothing at all of the VM's restore points. */
static bool has_same_cause(const struct vm_verdict *vm, const struct finding *finding)
{
    const bool told = vm->recovery != NULL && vm->recovery->known;
    return metric_is_of_points(finding->metric) && !told && finding > vm->findings &&
           finding[-1].kind == FINDING_UNMEASURED && metric_is_of_points(finding[-1].metric);
}

static void append_unmeasured(struct buf *buf, const struct verdict *verdict,
                              const struct vm_verdict *vm, const struct finding *finding)
{
    const struct metric_row *metric = &metrics[finding->metric];
    buf_format(buf, "%s unknown", metric->word);
    if (has_same_cause(vm, finding)) {
        buf_text(buf, " as well");
    } else if (metric_is_of_points(finding->metric)) {
        buf_text(buf, ": ");
        append_points_unknown(buf, verdict, vm, finding->metric);
    } else if (vm_session(vm, 0) != NULL) {
        buf_format(buf, ": EM reports no valid %s", metric->source);
    } else {
        buf_text(buf, ": EM has no task session of it");
    }
    buf_format(buf, ", so %s can't be checked",
               vm->measures[finding->metric].critical != NULL ? metric->critical_option
                                                              : metric->warning_option);
}

static void append_ahead(struct buf *buf, const struct verdict *verdict,
                         const struct finding *finding)
{
    const bool by_em = verdict->site.has_clock_offset;
    buf_text(buf, "a session's time is ");
    utc_append_span(buf, task_session_ahead(finding->session, verdict->now));
    buf_format(buf, " ahead of %s clock: compare the clocks of %s and the backup server",
               by_em ? "EM's" : "this", by_em ? "EM" : "this host");
}

void append_fault(struct buf *buf, const struct verdict *verdict, const struct finding *finding)
{
    struct fault fault;
    if (!fault_words_write(verdict, finding, &fault)) {
        buf->failure = BUF_NO_MEMORY;
        return;
    }
    append_fault_text(buf, &fault);
}

static void append_odd(struct buf *buf, const struct finding *finding)
{
    const struct session_member_of_em *member = &task_session_members[finding->member];
    // What is longer than EM's own is not shown in part: a cut might come upon a secret in it.
    const char *uid = finding->session->uid;
    buf_format(buf, "session %s: its %s is not a %s and was left out",
               uid == NULL                       ? "without a UID"
               : strlen(uid) > SESSION_UID_SHOWN ? "with a long UID"
                                                 : uid,
               member->name, member->kind);
}

/* That the policy does not name the VM any more; what that means is said of all such VMs. */
static void append_left(struct buf *buf, const struct vm_verdict *vm)
{
    buf_text(buf, "no longer in the policy ");
    append_name(buf, vm->policy, "that it was in");
}

static const char *const doubts[] = {
    [DOUBT_VM] = "EM does not say which of the VMs of this name its session is of",
    [DOUBT_POLICY] = "EM does not say its policy, and has several VMs of this name",
    [DOUBT_SERVER] = "EM does not say its backup server, and has several VMs of this name"};

void append_finding(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm,
                    const struct finding *finding, enum phrase_detail detail)
{
    switch (finding->kind) {
    case FINDING_FAULT:
    case FINDING_NOT_FOUND:
    case FINDING_NO_POLICY:
        append_fault(buf, verdict, finding);
        break;
    case FINDING_SESSION:
        buf_text(buf, role_of(vm, finding));
        append_session(buf, finding->session, verdict->now, detail);
        break;
    case FINDING_DOUBT:
        buf_text(buf, doubts[finding->doubt]);
        break;
    case FINDING_BREACH:
        append_breach(buf, vm, finding);
        break;
    case FINDING_UNMEASURED:
        append_unmeasured(buf, verdict, vm, finding);
        break;
    case FINDING_AHEAD:
        append_ahead(buf, verdict, finding);
        break;
    case FINDING_SIGN:
        append_sign(buf, verdict, vm, detail);
        break;
    case FINDING_LEFT:
        append_left(buf, vm);
        break;
    case FINDING_POINTS:
        append_points(buf, verdict, vm);
        break;
    case FINDING_ODD:
        append_odd(buf, finding);
        break;
    case FINDING_UNENCRYPTED:
    case FINDING_UNVERIFIED:
    case FINDING_BYTES:
    case FINDING_STALE:
    case FINDING_UNCOLLECTED:
    case FINDING_DATA_UNKNOWN:
    case FINDING_STANDSTILL:
    case FINDING_CLOCK_OFFSET:
    case FINDING_ASSUMED:
    case FINDING_MISSED:
    case FINDING_FAILED:
    case FINDING_NO_POINTS:
    case FINDING_UNJOINED:
    case FINDING_REFUSED:
    case FINDING_UNRESOLVED:
    case FINDING_MOVED:
    case FINDING_OVERDUE:
    case FINDING_RENEWED:
        append_run_finding(buf, verdict, finding, detail);
        break;
    }
}

/* Whether it may say why, but does so only if it has a state. */
static bool may_be_fine(const struct finding *finding)
{
    return finding->kind == FINDING_SESSION || finding->kind == FINDING_SIGN;
}

bool phrase_explains(const struct finding *finding)
{
    return may_be_fine(finding) ? finding->state != STATE_OK : finding->kind < FINDING_LEFT;
}

void append_vm(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm,
               enum phrase_detail detail)
{
    static const bool passes[] = {true, false};
    const char *separator = "";
    for (size_t pass = 0; pass < sizeof passes / sizeof passes[0]; pass++) {
        for (size_t i = 0; i < vm->finding_count; i++) {
            const struct finding *finding = &vm->findings[i];
            if (finding->kind < FINDING_ODD && phrase_explains(finding) == passes[pass]) {
                buf_text(buf, separator);
                append_finding(buf, verdict, vm, finding, detail);
                separator = "; ";
            }
        }
    }
}

void append_counts(struct buf *buf, const struct verdict *verdict)
{
    const char *separator = ": ";
    buf_format(buf, "%zu VM%s", verdict->vm_count, verdict->vm_count == 1 ? "" : "s");
    for (size_t i = 0; i < STATES; i++) {
        const int state = states_by_weight[i];
        if (verdict->counts[state] > 0) {
            buf_format(buf, "%s%zu %s", separator, verdict->counts[state], state_words[state]);
            separator = ", ";
        }
    }
}

/* The fault, or the worst VM, or EM itself. */
static void append_subject(struct buf *buf, const struct named_verdict *named)
{
    const struct verdict *verdict = named->verdict;
    if (verdict->fault != NULL && verdict->vm_count < 2) {
        append_fault(buf, verdict, verdict->fault);
    } else if (verdict->vm_count == 0) {
        append_em(buf, verdict);
    } else {
        const size_t worst = verdict_worst(verdict);
        buf_format(buf, "%s: ", named->names[worst]);
        append_vm(buf, verdict, &verdict->vms[worst], PHRASE_SHORT);
    }
}

/* How much the subject weighs. */
static int subject_state(const struct verdict *verdict)
{
    if (verdict->vm_count > 0) {
        return verdict->vms[verdict_worst(verdict)].state;
    }
    return verdict->fault != NULL ? verdict->fault->state : STATE_OK;
}

static void append_alarm(struct buf *buf, const struct verdict *verdict,
                         const struct finding *alarm, const char *before, const char *behind)
{
    if (alarm != NULL) {
        buf_text(buf, before);
        append_run_finding(buf, verdict, alarm, PHRASE_SHORT);
        buf_text(buf, behind);
    }
}

void append_summary(struct buf *buf, const struct named_verdict *named)
{
    const struct verdict *verdict = named->verdict;
    const struct finding *alarm = verdict_alarm(verdict);
    const int state = subject_state(verdict);
    const bool is_first = alarm != NULL && max_state_alt(alarm->state, state) == alarm->state;
    if (verdict->vm_count > 1) {
        append_counts(buf, verdict);
        if (state == STATE_OK) {
            append_alarm(buf, verdict, alarm, "; ", "");
            return;
        }
        buf_text(buf, "; ");
    }
    append_alarm(buf, verdict, is_first ? alarm : NULL, "", "; ");
    append_subject(buf, named);
    append_alarm(buf, verdict, is_first ? NULL : alarm, "; ", "");
}

void append_snapshot_age(struct buf *buf, const struct verdict *verdict)
{
    if (verdict->site.from_snapshot) {
        buf_text(buf, "snapshot: EM's answer is ");
        utc_append_span(buf, verdict->checked - verdict->site.asked_at);
        buf_text(buf, " old\n");
    }
}
