// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The report that Nagios and Icinga read. Nagios keeps 4 KB of a plugin's output by default, so
 * what does not fit is counted. What concerns the run comes first, as it says how far the rest can
 * be trusted; then the VMs, worst first; then what is not known of VMs, and what is odd about
 * single sessions.
 */
#include "report/report.h"

#include "base/text.h"
#include "report/em_words.h"
#include "report/first_line.h"
#include "report/notices.h"
#include "report/phrase.h"

enum {
    OMITTED_RESERVE = 100, // for the line that counts what was omitted
    LINE_LIMIT = 1024 * 1024,
};

/* How many bytes of lines still fit. */
static size_t room_in(const struct buf *report, size_t limit)
{
    return limit - OMITTED_RESERVE > report->length ? limit - OMITTED_RESERVE - report->length : 0;
}

/* Appends the line where it fits, cut where at least half of it does; false where it does not. */
static bool append_line(struct buf *report, const struct buf *line, size_t limit)
{
    const size_t room = room_in(report, limit);
    if (line->length + 1 > room && line->length / 2 > room) {
        return false;
    }
    text_append_clean(report, buf_string(line), room > 0 ? room - 1 : 0);
    buf_text(report, "\n");
    return true;
}

static void write_vm_line(struct buf *line, const struct verdict *verdict,
                          const struct vm_verdict *vm)
{
    buf_format(line, "[%s] ", state_text(vm->state));
    append_full_name(line, vm);
    buf_text(line, ": ");
    append_vm(line, verdict, vm, PHRASE_LONG);
}

/* Appends the lines of the VMs in that state. Returns how many of all VMs are omitted by now. */
static size_t append_vms_in(struct buf *buf, const struct verdict *verdict, int state, size_t limit,
                            size_t omitted)
{
    for (size_t i = 0; i < verdict->vm_count; i++) {
        if (verdict->vms[i].state != state) {
            continue;
        }
        if (omitted > 0) {
            omitted++; // what is worse had no room
            continue;
        }
        cleanup_buf struct buf line;
        buf_init(&line, LINE_LIMIT);
        write_vm_line(&line, verdict, &verdict->vms[i]);
        omitted = append_line(buf, &line, limit) ? 0 : 1;
        buf_share_failure(buf, &line);
    }
    return omitted;
}

/* The long output's VMs, worst first. Returns how many were omitted. */
static size_t append_vms(struct buf *buf, const struct verdict *verdict, int verbosity,
                         size_t limit)
{
    size_t omitted = 0;
    for (size_t i = 0; i < STATES; i++) {
        if (states_by_weight[i] != STATE_OK || verbosity > 0) {
            omitted = append_vms_in(buf, verdict, states_by_weight[i], limit, omitted);
        }
    }
    return omitted;
}

/* Appends the lines with those words before each. Returns how many were omitted. */
static size_t append_lines(struct buf *buf, const struct lines *notices, const char *before,
                           size_t limit)
{
    bool full = false;
    size_t omitted = notices->left_out;
    for (size_t i = 0; i < notices->count; i++) {
        cleanup_buf struct buf line;
        buf_init(&line, LINE_LIMIT);
        buf_text(&line, before);
        text_append_clean(&line, notices->text[i], FAULT_TEXT_SIZE);
        full = full || !append_line(buf, &line, limit);
        omitted += full ? 1 : 0;
        buf_share_failure(buf, &line);
    }
    if (notices->no_memory) {
        buf->failure = BUF_NO_MEMORY;
    }
    return omitted;
}

static size_t append_notices(struct buf *buf, const struct lines *notices, size_t limit)
{
    return append_lines(buf, notices, "notice: ", limit);
}

/* What makes the run's own state: a line each, like those of VMs. Returns how many were omitted. */
static size_t append_alarms(struct buf *buf, const struct verdict *verdict, size_t limit)
{
    size_t omitted = 0;
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct finding *finding = &verdict->findings[i];
        if (finding->state == STATE_OK || finding_is_fault(finding)) {
            continue;
        }
        cleanup_buf struct buf line;
        buf_init(&line, LINE_LIMIT);
        buf_format(&line, "[%s] ", state_text(finding->state));
        append_finding(&line, verdict, NULL, finding, PHRASE_LONG);
        omitted += append_line(buf, &line, limit) ? 0 : 1;
        buf_share_failure(buf, &line);
    }
    return omitted;
}

/* Of --em, in place of VMs. Returns how many lines were omitted. */
static size_t append_em_lines(struct buf *buf, const struct verdict *verdict, int verbosity,
                              size_t limit)
{
    struct lines lines = {.text = NULL};
    em_words_add_lines(&lines, verdict, verbosity);
    const size_t omitted = append_lines(buf, &lines, "", limit);
    lines_free(&lines);
    return omitted;
}

static void append_omitted(struct buf *buf, size_t vms, size_t notices, size_t perfdata)
{
    const struct {
        const char *before;
        size_t count;
        const char *what;
    } kinds[] = {
        {"", vms, "VM"}, {"", notices, "notice"}, {"performance data of ", perfdata, "VM"}};
    const char *separator = "omitted (output limit): ";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].count > 0) {
            buf_format(buf, "%s%s%zu %s%s", separator, kinds[i].before, kinds[i].count,
                       kinds[i].what, kinds[i].count > 1 ? "s" : "");
            separator = ", ";
        }
    }
    buf_text(buf, vms + notices + perfdata > 0 ? "\n" : "");
}

/* A run with a fault has no VMs to show, or the one whose fault is on the first line. */
static bool first_line_has_all(const struct verdict *verdict, int verbosity)
{
    return verbosity == 0 && verdict->vm_count == 1 && verdict->fault != NULL;
}

void report_text(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings)
{
    cleanup_named_verdict struct named_verdict named;
    cleanup_notices struct notices notices;
    notices_write(&notices, verdict, settings->verbosity > 0);
    if (!phrase_name(&named, verdict)) {
        buf->failure = BUF_NO_MEMORY;
        return;
    }
    const struct first_line first = first_line_append(buf, &named, settings->perfdata);
    const size_t limit =
        REPORT_TEXT_LIMIT + (settings->perfdata == PERFDATA_VM_WHOLE ? first.perfdata_length : 0);
    buf_text(buf, "\n");
    append_snapshot_age(buf, verdict);
    const size_t kept_for_vms = room_in(buf, limit) / 2;
    size_t omitted = append_alarms(buf, verdict, limit - kept_for_vms);
    omitted += append_notices(buf, &notices.run, limit - kept_for_vms);
    size_t vms = 0;
    if (verdict->scope->kind == SCOPE_EM && verdict->fault == NULL) {
        omitted += append_em_lines(buf, verdict, settings->verbosity, limit);
    } else if (!first_line_has_all(verdict, settings->verbosity)) {
        vms = append_vms(buf, verdict, settings->verbosity, limit);
    }
    omitted += append_notices(buf, &notices.behind, limit);
    omitted += append_notices(buf, &notices.sessions, limit);
    append_omitted(buf, vms, omitted, first.omitted);
}
