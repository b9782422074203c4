// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/notices.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utc.h"

static void add_clock_offset(struct lines *lines, utc_us offset)
{
    static const utc_us minute = 60 * UTC_SECOND;
    cleanup_buf struct buf difference;
    buf_init(&difference, 64);
    utc_append_span(&difference, (llabs(offset) + minute / 2) / minute * minute);
    lines_add(lines, "EM's clock is %s %s this host's: spans are measured by EM's; set both by NTP",
              buf_string(&difference), offset > 0 ? "ahead of" : "behind");
    lines->no_memory = lines->no_memory || difference.failure == BUF_NO_MEMORY;
}

static void add_assumed(struct lines *lines, size_t vms)
{
    lines_add(lines, "%zu VM%s judged too, although EM names no policy or backup server for %s",
              vms, vms > 1 ? "s are" : " is", vms > 1 ? "them" : "it");
}

static void add_finding(struct lines *lines, const struct verdict *verdict,
                        const struct finding *finding)
{
    switch (finding->kind) {
    case FINDING_UNENCRYPTED:
        lines_add(lines, "--no-tls: password and answers travel in clear");
        break;
    case FINDING_UNVERIFIED:
        lines_add(lines,
                  "--insecure: the server's certificate was not verified; see --pinned-pubkey");
        break;
    case FINDING_BYTES:
        lines_add(lines,
                  "patterns are matched by bytes, so a letter such as \u00e4 counts as two: this "
                  "system has no UTF-8 locale (Debian: C.UTF-8, of libc-bin)");
        break;
    case FINDING_CLOCK_OFFSET:
        add_clock_offset(lines, verdict->site.clock_offset);
        break;
    case FINDING_ASSUMED:
        add_assumed(lines, finding->vms);
        break;
    case FINDING_FAULT: // the headline's
    case FINDING_NOT_FOUND:
    case FINDING_NAME_TOO_LONG:
    case FINDING_SESSION: // a VM's
    case FINDING_DOUBT:
    case FINDING_BREACH:
    case FINDING_UNMEASURED:
    case FINDING_AHEAD:
    case FINDING_ODD:
        break;
    }
}

static void add_lines(struct lines *lines, const struct lines *more)
{
    for (size_t i = 0; i < more->count; i++) {
        lines_add(lines, "%s", more->text[i]);
    }
    lines->left_out += more->left_out;
    lines->no_memory = lines->no_memory || more->no_memory;
}

/* A line for each member of the session that was left out. */
static void add_odd(struct lines *lines, const struct task_session *session)
{
    // What is longer than EM's own is not shown in part: a cut might come upon a secret in it.
    const char *uid = session->uid == NULL                       ? "without a UID"
                      : strlen(session->uid) > SESSION_UID_SHOWN ? "with a long UID"
                                                                 : session->uid;
    for (size_t i = 0; i < SESSION_MEMBERS; i++) {
        if ((session->odd & 1u << i) != 0) {
            lines_add(lines, "session %s: its %s is not a %s and was left out", uid,
                      task_session_members[i].name, task_session_members[i].kind);
        }
    }
}

static void add_oddities(struct lines *lines, const struct vm_verdict *vm)
{
    for (size_t i = 0; i < vm->finding_count; i++) {
        if (vm->findings[i].kind == FINDING_ODD) {
            add_odd(lines, vm->findings[i].session);
        }
    }
}

void notices_write(struct notices *notices, const struct verdict *verdict)
{
    *notices = (struct notices){.run = {.text = NULL}};
    size_t next = 0;
    for (; next < verdict->finding_count && verdict->findings[next].kind < FINDING_ASSUMED;
         next++) {
        add_finding(&notices->run, verdict, &verdict->findings[next]);
    }
    add_lines(&notices->run, &verdict->site.notices);
    for (; next < verdict->finding_count; next++) {
        add_finding(&notices->run, verdict, &verdict->findings[next]);
    }
    for (size_t i = 0; i < verdict->vm_count; i++) {
        add_oddities(&notices->sessions, &verdict->vms[i]);
    }
}

void notices_free(struct notices *notices)
{
    lines_free(&notices->run);
    lines_free(&notices->sessions);
}
