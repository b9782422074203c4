// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/notices.h"

#include "base/buf.h"
#include "report/phrase.h"

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

void notices_write(struct notices *notices, const struct verdict *verdict)
{
    *notices = (struct notices){.run = {.text = NULL}};
    // The first of the run's may be its fault, which the headline has.
    size_t next = verdict->finding_count > 0 && finding_is_fault(&verdict->findings[0]) ? 1 : 0;
    for (; next < verdict->finding_count && verdict->findings[next].kind < FINDING_ASSUMED;
         next++) {
        add_finding(&notices->run, verdict, NULL, &verdict->findings[next]);
    }
    add_lines(&notices->run, &verdict->site.notices);
    for (; next < verdict->finding_count; next++) {
        add_finding(&notices->run, verdict, NULL, &verdict->findings[next]);
    }
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct vm_verdict *vm = &verdict->vms[i];
        for (size_t j = 0; j < vm->finding_count; j++) {
            if (vm->findings[j].kind == FINDING_ODD) {
                add_finding(&notices->sessions, verdict, vm, &vm->findings[j]);
            }
        }
    }
}

void notices_free(struct notices *notices)
{
    lines_free(&notices->run);
    lines_free(&notices->sessions);
}
