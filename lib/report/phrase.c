// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/phrase.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/distinct.h"
#include "report/fault_words.h"

enum { WORD_LIMIT = 40, LINE_LIMIT = 1024 * 1024 };

/* How much a name says: only the VM's, up to the session's. */
enum name_detail { DETAIL_VM, DETAIL_POLICY, DETAIL_SERVER, DETAIL_SESSION, DETAILS };

static const char *uid_of(const struct vm_verdict *vm)
{
    return vm_session(vm, 0) != NULL ? vm_session(vm, 0)->uid : NULL;
}

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

static void append_base_name(struct buf *buf, const struct vm_verdict *vm)
{
    const char *base = vm->name != NULL ? vm->name : uid_of(vm) != NULL ? uid_of(vm) : vm->asked;
    text_append_clean(buf, base != NULL ? base : "unnamed", NAME_LIMIT);
}

void append_full_name(struct buf *buf, const struct vm_verdict *vm)
{
    append_base_name(buf, vm);
    if (vm->policy != NULL &&
        (vm->name != NULL || vm_session(vm, 0) != NULL)) { // else it is that name
        buf_text(buf, ", policy ");
        text_append_clean(buf, vm->policy, NAME_LIMIT);
    }
    if (vm->backup_server != NULL) {
        buf_text(buf, ", backup server ");
        text_append_clean(buf, vm->backup_server, NAME_LIMIT);
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
        text_append_clean(&name, or_dash(vm->policy), NAME_LIMIT);
    }
    if (detail >= DETAIL_SERVER) {
        buf_text(&name, ", ");
        text_append_clean(&name, or_dash(vm->backup_server), NAME_LIMIT);
    }
    if (detail >= DETAIL_SESSION) {
        buf_text(&name, ", ");
        text_append_clean(&name, or_dash(uid_of(vm)), NAME_LIMIT);
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

static void append_unmeasured(struct buf *buf, const struct vm_verdict *vm,
                              const struct finding *finding)
{
    const struct metric_row *metric = &metrics[finding->metric];
    buf_format(buf, "%s unknown: EM reports no valid %s, so %s can't be checked", metric->word,
               metric->source,
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
    buf_format(buf, "%s: ", fault_kind_name(fault.kind));
    text_append_clean(buf, fault.text, FAULT_TEXT_SIZE);
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

static void append_clock_offset(struct buf *buf, utc_us offset)
{
    static const utc_us minute = 60 * UTC_SECOND;
    buf_text(buf, "EM's clock is ");
    utc_append_span(buf, (llabs(offset) + minute / 2) / minute * minute);
    buf_format(buf, " %s this host's: spans are measured by EM's; set both by NTP",
               offset > 0 ? "ahead of" : "behind");
}

/* What is always said in the same words. */
static const char *const doubts[] = {
    [DOUBT_VM] = "EM does not say which of the VMs of this name its session is of",
    [DOUBT_POLICY] = "EM does not say its policy, and has several VMs of this name",
    [DOUBT_SERVER] = "EM does not say its backup server, and has several VMs of this name"};
static const char *const weaknesses[] = {
    [FINDING_UNENCRYPTED] = "--no-tls: password and answers travel in clear",
    [FINDING_UNVERIFIED] =
        "--insecure: the server's certificate was not verified; see --pinned-pubkey",
    [FINDING_BYTES] =
        ("patterns are matched by bytes, so a letter such as \u00e4 counts as two: this system has "
         "no UTF-8 locale (Debian: C.UTF-8, of libc-bin)")};

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
        append_unmeasured(buf, vm, finding);
        break;
    case FINDING_AHEAD:
        append_ahead(buf, verdict, finding);
        break;
    case FINDING_ODD:
        append_odd(buf, finding);
        break;
    case FINDING_SIGN:
        buf_text(buf, sign_words[vm->standing.sign]);
        break;
    case FINDING_LEFT:
    case FINDING_STALE:
    case FINDING_UNCOLLECTED:
    case FINDING_DATA_UNKNOWN:
    case FINDING_STANDSTILL:
    case FINDING_MISSED:
    case FINDING_FAILED:
    case FINDING_UNJOINED:
    case FINDING_REFUSED:
    case FINDING_UNRESOLVED:
    case FINDING_MOVED:
        break;
    case FINDING_UNENCRYPTED:
    case FINDING_UNVERIFIED:
    case FINDING_BYTES:
        buf_text(buf, weaknesses[finding->kind]);
        break;
    case FINDING_CLOCK_OFFSET:
        append_clock_offset(buf, verdict->site.clock_offset);
        break;
    case FINDING_ASSUMED:
        buf_format(buf, "%zu VM%s judged too, although EM names no policy or backup server for %s",
                   finding->vms, finding->vms > 1 ? "s are" : " is",
                   finding->vms > 1 ? "them" : "it");
        break;
    }
}

bool phrase_explains(const struct finding *finding)
{
    return finding->kind == FINDING_SESSION ? finding->state != STATE_OK
                                            : finding->kind < FINDING_ODD;
}

void append_vm(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm,
               enum phrase_detail detail)
{
    static const bool passes[] = {true, false};
    const char *separator = "";
    for (size_t pass = 0; pass < sizeof passes / sizeof passes[0]; pass++) {
        for (size_t i = 0; i < vm->finding_count; i++) {
            const struct finding *finding = &vm->findings[i];
            const bool explains = phrase_explains(finding);
            if (explains == passes[pass] && (explains || finding->kind == FINDING_SESSION)) {
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

void append_summary(struct buf *buf, const struct named_verdict *named)
{
    const struct verdict *verdict = named->verdict;
    if (verdict->fault != NULL && verdict->vm_count < 2) {
        append_fault(buf, verdict, verdict->fault);
        return;
    }
    const size_t worst = verdict_worst(verdict);
    if (verdict->vm_count > 1) {
        append_counts(buf, verdict);
        if (verdict->vms[worst].state == STATE_OK) {
            return;
        }
        buf_text(buf, "; ");
    }
    buf_format(buf, "%s: ", named->names[worst]);
    append_vm(buf, verdict, &verdict->vms[worst], PHRASE_SHORT);
}

void append_snapshot_age(struct buf *buf, const struct verdict *verdict)
{
    if (verdict->site.from_snapshot) {
        buf_text(buf, "snapshot: EM's answer is ");
        utc_append_span(buf, verdict->checked - verdict->site.asked_at);
        buf_text(buf, " old\n");
    }
}
