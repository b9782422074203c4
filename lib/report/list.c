// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What would be judged, for people and for awk: a line a VM, with tabs between its words, so that a
 * name may have blanks.
 */
#include "report/report.h"

#include "base/text.h"
#include "report/notices.h"
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

/* Appends a name of EM's; true: it is marked, as no option takes it in the form that is shown. */
static bool append_marked_name(struct buf *buf, const char *name)
{
    const bool changed = name != NULL && !text_is_clean(name);
    append_word(buf, name, changed ? " [cleaned]\t" : "\t");
    return changed;
}

/* "-" if the VM shows none. */
static void append_signs(struct buf *buf, const struct vm_verdict *vm)
{
    buf_text(buf, vm->standing.shows_sign ? sign_words[vm->standing.sign] : "-");
    buf_text(buf, "\n");
}

/* True: a name in it is marked. */
static bool append_row(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm)
{
    const struct task_session *newest = vm_session(vm, 0);
    const bool by_id = newest == NULL && vm->name == NULL && vm->policy == NULL;
    bool marked = append_marked_name(buf, vm->name);
    marked = append_marked_name(buf, vm->policy) || marked;
    marked = append_marked_name(buf, vm->backup_server) || marked;
    append_word(buf, newest != NULL ? newest->uid : by_id ? vm->asked : NULL, "\t");
    if (vm_fault(vm) != NULL) {
        buf_text(buf, "fault\t");
        append_fault(buf, verdict, vm_fault(vm));
        buf_text(buf, "\t");
    } else {
        append_word(buf, newest != NULL ? newest->state_text : NULL, "\t");
        append_word(buf, newest != NULL ? newest->result_text : NULL, "\t");
    }
    append_signs(buf, vm);
    return marked;
}

static void append_lines(struct buf *buf, const struct lines *notices)
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

void report_list(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings)
{
    if (verdict->fault != NULL) {
        report_text(buf, verdict, settings);
        return;
    }
    buf_text(buf, "VM\tPOLICY\tBACKUP SERVER\tUID\tSTATE\tRESULT\tSIGNS\n");
    bool marked = false;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        marked = append_row(buf, verdict, &verdict->vms[i]) || marked;
    }
    if (marked) {
        buf_text(buf,
                 "notice: names marked [cleaned] have characters that are not shown; options take "
                 "them as --list --format=json has them\n");
    }
    append_snapshot_age(buf, verdict);
    cleanup_notices struct notices notices;
    notices_write(&notices, verdict, true);
    append_lines(buf, &notices.alarms);
    append_lines(buf, &notices.run);
    append_lines(buf, &notices.behind);
    append_lines(buf, &notices.sessions);
}
