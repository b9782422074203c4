// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/notices.h"

#include "base/buf.h"
#include "report/phrase.h"
#include "report/run_words.h"

enum { LINE_LIMIT = 64 * 1024 };

static void add_finding(struct lines *lines, const struct verdict *verdict,
                        const struct vm_verdict *vm, const struct finding *finding)
{
    cleanup_buf struct buf line;
    buf_init(&line, LINE_LIMIT);
    append_finding(&line, verdict, vm, finding, PHRASE_LONG);
    lines_add(lines, "%s", buf_string(&line));
    lines->no_memory = lines->no_memory || line.failure == BUF_NO_MEMORY;
}

static void add_lines(struct lines *lines, const struct lines *more)
{
    for (size_t i = 0; i < more->count; i++) {
        lines_add(lines, "%s", more->text[i]);
    }
    lines->left_out += more->left_out;
    lines->no_memory = lines->no_memory || more->no_memory;
}

static bool is_shown(const struct finding *finding, const struct verdict *verdict, bool whole)
{
    if (finding->kind == FINDING_REFUSED) {
        return whole || verdict->state != STATE_OK;
    }
    return whole || (finding->kind != FINDING_RENEWED && finding->kind < FINDING_UNRESOLVED);
}

static struct lines *list_of(struct notices *notices, const struct finding *finding)
{
    return finding->state != STATE_OK        ? &notices->alarms
           : finding->kind >= FINDING_MISSED ? &notices->behind
                                             : &notices->run;
}

/* Of the run: those of fetch come before what was assumed. */
static void write_run(struct notices *notices, const struct verdict *verdict, bool whole)
{
    bool has_fetched = false;
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct finding *finding = &verdict->findings[i];
        if (finding_is_fault(finding)) {
            continue; // the headline has it
        }
        if (finding->kind >= FINDING_ASSUMED && !has_fetched) {
            add_lines(&notices->run, &verdict->site.notices);
            has_fetched = true;
        }
        if (is_shown(finding, verdict, whole)) {
            add_finding(list_of(notices, finding), verdict, NULL, finding);
        }
    }
    if (!has_fetched) {
        add_lines(&notices->run, &verdict->site.notices);
    }
}

static void write_left(struct lines *lines, const struct verdict *verdict)
{
    cleanup_buf struct buf line;
    buf_init(&line, LINE_LIMIT);
    if (append_left_vms(&line, verdict)) {
        lines_add(lines, "%s", buf_string(&line));
    }
    lines->no_memory = lines->no_memory || line.failure == BUF_NO_MEMORY;
}

static void write_sessions(struct notices *notices, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct vm_verdict *vm = &verdict->vms[i];
        for (size_t j = 0; j < vm->finding_count; j++) {
            if (vm->findings[j].kind == FINDING_ODD) {
                add_finding(&notices->sessions, verdict, vm, &vm->findings[j]);
            }
        }
    }
}

void notices_write(struct notices *notices, const struct verdict *verdict, bool whole)
{
    *notices = (struct notices){.run = {.text = NULL}};
    write_run(notices, verdict, whole);
    write_left(&notices->behind, verdict);
    write_sessions(notices, verdict);
}

void notices_free(struct notices *notices)
{
    lines_free(&notices->alarms);
    lines_free(&notices->run);
    lines_free(&notices->behind);
    lines_free(&notices->sessions);
}
