// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/phrase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { WORD_LIMIT = 40, LINE_LIMIT = 1024 * 1024 };

struct name {
    char *text;
    size_t vm;
};

/* How much a name tells, from the VM's alone to the session's. */
enum name_detail { DETAIL_VM, DETAIL_POLICY, DETAIL_SERVER, DETAIL_SESSION, DETAILS };

static const char *uid_of(const struct vm_verdict *vm)
{
    return vm->session_count > 0 ? vm->sessions[0].session->uid : NULL;
}

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

static void append_base_name(struct buf *buf, const struct vm_verdict *vm)
{
    const char *base = vm->vm != NULL ? vm->vm : uid_of(vm) != NULL ? uid_of(vm) : vm->asked;
    text_append_clean(buf, base != NULL ? base : "unnamed", NAME_LIMIT);
}

void phrase_vm_at_length(struct buf *buf, const struct vm_verdict *vm)
{
    append_base_name(buf, vm);
    if (vm->policy != NULL && (vm->vm != NULL || vm->session_count > 0)) { // else it is that name
        buf_text(buf, ", policy ");
        text_append_clean(buf, vm->policy, NAME_LIMIT);
    }
    if (vm->backup_server != NULL) {
        buf_text(buf, ", backup server ");
        text_append_clean(buf, vm->backup_server, NAME_LIMIT);
    }
}

static char *write_name(const struct vm_verdict *vm, enum name_detail detail)
{
    struct buf name;
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

static int compare_names(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    const int order = strcmp(a->text, b->text);
    return order != 0 ? order : (a->vm > b->vm) - (a->vm < b->vm);
}

static bool rename_run(struct name *names, size_t count, const struct verdict *verdict,
                       enum name_detail detail)
{
    bool ok = true;
    for (size_t i = 0; count > 1 && i < count; i++) {
        char *text = write_name(&verdict->vms[names[i].vm], detail);
        if (text == NULL) {
            ok = false;
        } else {
            free(names[i].text);
            names[i].text = text;
        }
    }
    return ok;
}

/* Gives names that stand more than once the next detail. */
static bool tell_apart(struct name *names, const struct verdict *verdict, enum name_detail detail)
{
    const size_t count = verdict->vm_count;
    bool ok = true;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t start = 0; start < count;) {
        size_t end = start + 1;
        while (end < count && strcmp(names[start].text, names[end].text) == 0) {
            end++;
        }
        ok = rename_run(names + start, end - start, verdict, detail) && ok;
        start = end;
    }
    return ok;
}

static bool fill_names(struct name *names, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->vm_count; i++) {
        names[i] = (struct name){.text = write_name(&verdict->vms[i], DETAIL_VM), .vm = i};
        if (names[i].text == NULL) {
            return false;
        }
    }
    for (enum name_detail detail = DETAIL_POLICY; detail < DETAILS; detail++) {
        if (!tell_apart(names, verdict, detail)) {
            return false;
        }
    }
    return true;
}

bool phrase_name(struct named_verdict *named, const struct verdict *verdict)
{
    struct name *names = calloc(verdict->vm_count + 1, sizeof *names);
    *named = (struct named_verdict){.verdict = verdict,
                                    .names = calloc(verdict->vm_count + 1, sizeof *named->names)};
    const bool ok = names != NULL && named->names != NULL && fill_names(names, verdict);
    for (size_t i = 0; names != NULL && i < verdict->vm_count; i++) {
        if (ok) {
            named->names[names[i].vm] = names[i].text;
        } else {
            free(names[i].text);
        }
    }
    free(names);
    return ok;
}

void named_verdict_free(struct named_verdict *named)
{
    for (size_t i = 0; named->names != NULL && i < named->verdict->vm_count; i++) {
        free(named->names[i]);
    }
    free(named->names);
    named->names = NULL;
}

static void phrase_when(struct buf *buf, const struct task_session *session, utc_us now,
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

void phrase_session(struct buf *buf, const struct judged_session *judged, utc_us now,
                    enum phrase_detail detail)
{
    const struct task_session *session = judged->session;
    text_append_clean(buf, session->state_text != NULL ? session->state_text : "no State",
                      WORD_LIMIT);
    buf_text(buf, ", ");
    text_append_clean(buf, session->result_text != NULL ? session->result_text : "no Result",
                      WORD_LIMIT);
    phrase_when(buf, session, now, detail);
    if (session->defect != NULL) {
        buf_format(buf, " (protocol: %s)", session->defect);
    }
    if (session->reason != NULL) {
        buf_text(buf, ": ");
        text_append_clean(buf, session->reason,
                          detail == PHRASE_LONG ? LONG_REASON_LIMIT : SHORT_REASON_LIMIT);
    }
}

const char *phrase_role(const struct vm_verdict *vm, size_t session)
{
    if (vm->session_count < 2) {
        return "";
    }
    if (!vm->sessions[session].session->has_created) {
        return "session of unknown time: ";
    }
    return session == 0 ? "newest session: " : "last completed session: ";
}

static void phrase_sessions(struct buf *buf, const struct vm_verdict *vm, bool ok, utc_us now,
                            enum phrase_detail detail, const char **separator)
{
    for (size_t i = 0; i < vm->session_count; i++) {
        if ((vm->sessions[i].state == STATE_OK) == ok) {
            buf_format(buf, "%s%s", *separator, phrase_role(vm, i));
            phrase_session(buf, &vm->sessions[i], now, detail);
            *separator = "; ";
        }
    }
}

void phrase_fault(struct buf *buf, const struct fault *fault)
{
    buf_format(buf, "%s: ", fault_kind_name(fault->kind));
    text_append_clean(buf, fault->text, FAULT_TEXT_SIZE);
}

void phrase_vm(struct buf *buf, const struct vm_verdict *vm, utc_us now, enum phrase_detail detail)
{
    const char *separator = "";
    if (vm->fault.kind != FAULT_NONE) {
        phrase_fault(buf, &vm->fault);
        return;
    }
    phrase_sessions(buf, vm, false, now, detail, &separator);
    for (size_t i = 0; i < vm->why.count; i++) {
        buf_text(buf, separator);
        text_append_clean(buf, vm->why.text[i], FAULT_TEXT_SIZE);
        separator = "; ";
    }
    phrase_sessions(buf, vm, true, now, detail, &separator);
}

void phrase_counts(struct buf *buf, const struct verdict *verdict)
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

void phrase_summary(struct buf *buf, const struct named_verdict *named)
{
    const struct verdict *verdict = named->verdict;
    if (verdict->fault.kind != FAULT_NONE && verdict->vm_count < 2) {
        phrase_fault(buf, &verdict->fault);
        return;
    }
    const size_t worst = verdict_worst(verdict);
    if (verdict->vm_count > 1) {
        phrase_counts(buf, verdict);
        if (verdict->vms[worst].state == STATE_OK) {
            return;
        }
        buf_text(buf, "; ");
    }
    buf_format(buf, "%s: ", named->names[worst]);
    phrase_vm(buf, &verdict->vms[worst], verdict->now, PHRASE_SHORT);
}

void phrase_snapshot(struct buf *buf, const struct verdict *verdict)
{
    if (verdict->site.from_snapshot) {
        buf_text(buf, "snapshot: EM's answer is ");
        utc_append_span(buf, verdict->checked - verdict->site.asked_at);
        buf_text(buf, " old\n");
    }
}
