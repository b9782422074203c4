// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Results for the command pipe of Nagios and Icinga, one line a service. What EM gave can neither
 * end a line nor a field there. VMs whose names lead to one service share one result, the worst of
 * them: results that overwrote each other would hide one. Besides, each run has a result of its own
 * on EM's host: there a fault is told, and that it is over.
 */
#include "report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "report/first_line.h"
#include "report/phrase.h"

enum {
    // A line must fit into PIPE_BUF, 4,096 bytes, so that it gets into the pipe in one piece.
    OBJECT_LIMIT = 255,   // the name of a host or service
    SUMMARY_LIMIT = 1000, // what happened
    NAMES_LIMIT = 300,    // who shares the result
    PERFDATA_LIMIT = 1800,
    PART_LIMIT = 1024 * 1024,
};

static const char default_host[] = "{vm}";
static const char default_service[] = "Veeam CDP task";

/* What a template is filled with. */
enum placeholder { PLACEHOLDER_VM, PLACEHOLDER_POLICY, PLACEHOLDER_SERVER, PLACEHOLDERS };
static const char *const placeholders[PLACEHOLDERS] = {"{vm}", "{policy}", "{backup_server}"};

struct result {
    char *host, *service;
    size_t vm; // its place in the verdict; behind the last one: the run itself
};

/* The placeholder that `text` starts with; PLACEHOLDERS: none. */
static enum placeholder find_placeholder(const char *text)
{
    enum placeholder found = 0;
    while (found < PLACEHOLDERS &&
           strncmp(text, placeholders[found], strlen(placeholders[found])) != 0) {
        found++;
    }
    return found;
}

int passive_template_check(const char *text, struct fault *fault)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '{' && find_placeholder(at) == PLACEHOLDERS) {
            const size_t length = strcspn(at, "}") + 1;
            return fault_set(fault, FAULT_USAGE,
                             "'%.*s' is not a placeholder; use {vm}, {policy} or "
                             "{backup_server}",
                             (int)(length < 40 ? length : 40), at);
        }
    }
    return 0;
}

/*
 * Appends to the name of a host or service: "_" for the characters that Nagios allows in none by
 * default (illegal_object_name_chars), and for ';', which ends a field.
 */
static void append_to_object(struct buf *raw, const char *text, size_t length)
{
    static const char illegal[] = "`~!$%^&*|'\"<>?,()=;";
    for (size_t i = 0; i < length; i++) {
        buf_add(raw, strchr(illegal, text[i]) != NULL ? "_" : &text[i], 1);
    }
}

/* What the template gives with the values, cleaned; NULL: no memory. */
static char *fill_template(const char *text, const char *const values[PLACEHOLDERS])
{
    struct buf raw;
    struct buf clean;
    buf_init(&raw, PART_LIMIT);
    buf_init(&clean, PART_LIMIT);
    while (*text != '\0') {
        const enum placeholder found = find_placeholder(text);
        if (found == PLACEHOLDERS) {
            append_to_object(&raw, text++, 1);
        } else {
            const char *value = values[found] != NULL ? values[found] : "-";
            append_to_object(&raw, value, strlen(value));
            text += strcspn(text, "}") + 1;
        }
    }
    text_append_clean(&clean, buf_string(&raw), OBJECT_LIMIT);
    buf_text(&clean, clean.length == 0 ? "unnamed" : "");
    buf_share_failure(&clean, &raw);
    buf_free(&raw);
    return buf_take(&clean);
}

/* `vm` is NULL for the run itself, to which also counts what failed before a VM was known. */
static bool make_result(struct result *result, const struct vm_verdict *vm,
                        const struct report_settings *settings)
{
    const char *host = settings->passive_host != NULL ? settings->passive_host : default_host;
    const char *service =
        settings->passive_service != NULL ? settings->passive_service : default_service;
    const char *values[PLACEHOLDERS] = {NULL};
    if (vm == NULL || (vm->vm == NULL && vm->session_count == 0)) {
        host = settings->host != NULL ? settings->host : PROGRAM_NAME;
    } else {
        values[PLACEHOLDER_VM] = vm->vm != NULL ? vm->vm : vm->sessions[0].session->uid;
        values[PLACEHOLDER_POLICY] = vm->policy;
        values[PLACEHOLDER_SERVER] = vm->backup_server;
    }
    result->host = fill_template(host, values);
    result->service = fill_template(service, values);
    return result->host != NULL && result->service != NULL;
}

static int compare_services(const struct result *a, const struct result *b)
{
    const int order = strcmp(a->host, b->host);
    return order != 0 ? order : strcmp(a->service, b->service);
}

static int compare_results(const void *left, const void *right)
{
    const struct result *a = left;
    const struct result *b = right;
    const int order = compare_services(a, b);
    return order != 0 ? order : (a->vm > b->vm) - (a->vm < b->vm);
}

/* Who shares a result, where there are several. */
static void append_names(struct buf *buf, const struct named_verdict *named)
{
    const size_t count = named->verdict->vm_count;
    struct buf list;
    buf_init(&list, PART_LIMIT);
    for (size_t i = 0; count > 1 && i < count && list.length <= NAMES_LIMIT; i++) {
        buf_format(&list, "%s%s", i > 0 ? ", " : "; one result for ", named->names[i]);
    }
    text_append_clean(buf, buf_string(&list), NAMES_LIMIT);
    buf_share_failure(buf, &list);
    buf_free(&list);
}

/* What the service shows before '|'; of the run's own one, how EM answered as well. */
static void append_text(struct buf *buf, const struct named_verdict *named,
                        const struct verdict *run)
{
    const struct verdict *part = named->verdict;
    struct buf summary;
    buf_init(&summary, PART_LIMIT);
    if (run == NULL || part->vm_count > 0) {
        phrase_summary(&summary, named);
    } else if (verdict_silence(run) == NULL) {
        buf_text(&summary, "Enterprise Manager answered");
        if (run->site.from_snapshot) {
            buf_text(&summary, " ");
            utc_append_span(&summary, run->checked - run->site.asked_at);
            buf_text(&summary, " ago (--snapshot)");
        }
    } else {
        phrase_fault(&summary, verdict_silence(run));
    }
    buf_format(buf, "CDP TASK %s: ", state_text(part->state));
    text_append_clean(buf, buf_string(&summary), SUMMARY_LIMIT);
    append_names(buf, named);
    if (run != NULL && run->vm_count > 0) {
        buf_text(buf, "; in all ");
        phrase_counts(buf, run);
    }
    buf_share_failure(buf, &summary);
    buf_free(&summary);
}

/* `run` is NULL but for the run's own result. */
static void append_output(struct buf *buf, const struct verdict *part, const struct verdict *run,
                          const struct report_settings *settings)
{
    struct report_settings own = *settings;
    struct buf line;
    struct buf perfdata;
    cleanup_named_verdict struct named_verdict told = {0};
    cleanup_named_verdict struct named_verdict measured = {0};
    if (!phrase_name(&told, part) || !phrase_name(&measured, run != NULL ? run : part)) {
        buf->failure = BUF_NO_MEMORY;
        return;
    }
    buf_init(&line, PART_LIMIT);
    buf_init(&perfdata, PART_LIMIT);
    if (settings->perfdata != PERFDATA_NONE) {
        own.perfdata = run != NULL || part->vm_count > 1 ? PERFDATA_SUMMARY : PERFDATA_VM;
    }
    append_text(&line, &told, run);
    first_line_perfdata(&perfdata, &measured, &own);
    if (perfdata.length > 0 && perfdata.length <= PERFDATA_LIMIT) {
        buf_format(&line, "|%s", buf_string(&perfdata));
    }
    for (size_t i = 0; i < line.length; i++) {
        line.text[i] = line.text[i] == '\\' ? '/' : line.text[i]; // "\\n" would be a line break
    }
    buf_text(buf, buf_string(&line));
    buf_share_failure(buf, &line);
    buf_share_failure(buf, &perfdata);
    buf_free(&line);
    buf_free(&perfdata);
}

/* One line for `count` results, which have one host and service. The run's own comes last. */
static void append_result(struct buf *buf, const struct result *results, size_t count,
                          const struct verdict *verdict, const struct report_settings *settings)
{
    const bool has_run = results[count - 1].vm == verdict->vm_count;
    struct verdict part = {.now = verdict->now, .state = STATE_OK};
    part.vms = calloc(count, sizeof *part.vms);
    if (part.vms == NULL) {
        buf->failure = BUF_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < count - (has_run ? 1 : 0); i++) {
        struct vm_verdict *vm = &part.vms[part.vm_count++];
        *vm = verdict->vms[results[i].vm]; // borrowed
        part.state = max_state_alt(part.state, vm->state);
        part.counts[vm->state]++;
    }
    if (verdict->vm_count == 0) {
        part.state = verdict->state;
    }
    for (size_t i = 0; has_run && i < verdict->vm_count && verdict_silence(verdict) != NULL; i++) {
        const struct vm_verdict *vm = &verdict->vms[i];
        part.state = vm->fault.kind == verdict_silence(verdict)->kind
                         ? max_state_alt(part.state, vm->state)
                         : part.state;
    }
    buf_format(buf, "[%" PRId64 "] PROCESS_SERVICE_CHECK_RESULT;%s;%s;%d;",
               verdict->checked / UTC_SECOND, results->host, results->service, part.state);
    append_output(buf, &part, has_run ? verdict : NULL, settings);
    buf_text(buf, "\n");
    free(part.vms);
}

static void append_results(struct buf *buf, struct result *results, size_t count,
                           const struct verdict *verdict, const struct report_settings *settings)
{
    qsort(results, count, sizeof *results, compare_results);
    for (size_t start = 0; start < count;) {
        size_t end = start + 1;
        while (end < count && compare_services(&results[start], &results[end]) == 0) {
            end++;
        }
        append_result(buf, &results[start], end - start, verdict, settings);
        start = end;
    }
}

void report_passive(struct buf *buf, const struct verdict *verdict,
                    const struct report_settings *settings)
{
    const size_t count = verdict->vm_count + 1;
    struct result *results = calloc(count, sizeof *results);
    bool ok = results != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        results[i].vm = i;
        ok = make_result(&results[i], i < verdict->vm_count ? &verdict->vms[i] : NULL, settings);
    }
    if (ok) {
        append_results(buf, results, count, verdict, settings);
    } else {
        buf->failure = BUF_NO_MEMORY;
    }
    for (size_t i = 0; results != NULL && i < count; i++) {
        free(results[i].host);
        free(results[i].service);
    }
    free(results);
}
