// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What would be judged, for people and for awk: a line a VM, with tabs between its words, so that a
 * name may have blanks.
 */
#include "report/report.h"

#include "base/text.h"
#include "report/phrase.h"

enum { WORD_LIMIT = 4096 };

static void append_word(struct buf *buf, const char *text, const char *end)
{
    const size_t before = buf->length;
    if (text != NULL) {
        text_append_clean(buf, text, WORD_LIMIT);
    }
    buf_text(buf, buf->length > before ? "" : "-");
    buf_text(buf, end);
}

static void append_vm(struct buf *buf, const struct vm_verdict *vm)
{
    const struct task_session *newest = vm->session_count > 0 ? vm->sessions[0].session : NULL;
    const bool by_id = newest == NULL && vm->vm == NULL && vm->policy == NULL;
    append_word(buf, vm->vm, "\t");
    append_word(buf, vm->policy, "\t");
    append_word(buf, vm->backup_server, "\t");
    append_word(buf, newest != NULL ? newest->uid : by_id ? vm->asked : NULL, "\t");
    if (newest == NULL) {
        buf_text(buf, "fault\t");
        phrase_fault(buf, &vm->fault);
        buf_text(buf, "\n");
    } else {
        append_word(buf, newest->state_text, "\t");
        append_word(buf, newest->result_text, "\n");
    }
}

static void append_notices(struct buf *buf, const struct lines *notices)
{
    for (size_t i = 0; i < notices->count; i++) {
        buf_text(buf, "notice: ");
        append_word(buf, notices->text[i], "\n");
    }
    if (notices->left_out > 0) {
        buf_format(buf, "notice: and %zu more like these\n", notices->left_out);
    }
    if (notices->no_memory) {
        buf->failure = BUF_NO_MEMORY;
    }
}

int report_list_state(const struct verdict *verdict)
{
    int state = STATE_OK;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        if (verdict->vms[i].fault.kind != FAULT_NONE) {
            state = max_state_alt(state, verdict->vms[i].state);
        }
    }
    return verdict->vm_count > 0 ? state : verdict->state;
}

void report_list(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings)
{
    if (verdict->fault.kind != FAULT_NONE) {
        report_text(buf, verdict, settings);
        return;
    }
    buf_text(buf, "VM\tPOLICY\tBACKUP SERVER\tUID\tSTATE\tRESULT\n");
    for (size_t i = 0; i < verdict->vm_count; i++) {
        append_vm(buf, &verdict->vms[i]);
    }
    phrase_snapshot(buf, verdict);
    append_notices(buf, &verdict->notices);
    append_notices(buf, &verdict->oddities);
}
