// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Results for the command pipe of Nagios and Icinga, one line a service. What EM gave can neither
 * end a line nor a field there. VMs whose names lead to one service share one result, the worst of
 * them: results that overwrote each other would hide one. Besides, each run has a result of its own
 * on EM's host: it has the run's fault or findings, and shows when they are over.
 */
#include "report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/version.h"
#include "report/em_words.h"
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
    cleanup_buf struct buf raw;
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
    if (vm == NULL || (vm->name == NULL && vm_session(vm, 0) == NULL)) {
        host = settings->host != NULL ? settings->host : PROGRAM_NAME;
    } else {
        values[PLACEHOLDER_VM] = vm->name != NULL ? vm->name : vm_session(vm, 0)->uid;
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
    cleanup_buf struct buf list;
    buf_init(&list, PART_LIMIT);
    for (size_t i = 0; count > 1 && i < count && list.length <= NAMES_LIMIT; i++) {
        buf_format(&list, "%s%s", i > 0 ? ", " : "; one result for ", named->names[i]);
    }
    text_append_clean(buf, buf_string(&list), NAMES_LIMIT);
    buf_share_failure(buf, &list);
}

/* How EM answered the run. */
static void append_answer(struct buf *buf, const struct verdict *run)
{
    const struct finding *unanswered = verdict_unanswered(run);
    if (unanswered != NULL) {
        append_fault(buf, run, unanswered);
        return;
    }
    if (run->scope->kind == SCOPE_EM) {
        append_em(buf, run);
        return;
    }
    buf_text(buf, "Enterprise Manager answered");
    if (run->site.from_snapshot) {
        buf_text(buf, " ");
        utc_append_span(buf, run->checked - run->site.asked_at);
        buf_text(buf, " ago (--snapshot)");
    }
}

/* What the service shows before '|'; of the run's own one, what is behind it all as well. */
static void append_text(struct buf *buf, const struct named_verdict *named, int state,
                        const struct verdict *run)
{
    const struct verdict *group = named->verdict;
    cleanup_buf struct buf summary;
    buf_init(&summary, PART_LIMIT);
    if (run != NULL && verdict_alarm(run) != NULL) {
        append_finding(&summary, run, NULL, verdict_alarm(run), PHRASE_SHORT);
        buf_text(&summary, "; ");
    }
    if (run == NULL || group->vm_count > 0) {
        append_summary(&summary, named);
    } else {
        append_answer(&summary, run);
    }
    buf_format(buf, "CDP TASK %s: ", state_text(state));
    text_append_clean(buf, buf_string(&summary), SUMMARY_LIMIT);
    append_names(buf, named);
    if (run != NULL && run->vm_count > 0) {
        buf_text(buf, "; in all ");
        append_counts(buf, run);
        if (verdict_without_lag(run) > 0) {
            buf_format(buf, "; lag unknown of %zu", verdict_without_lag(run));
        }
    }
    buf_share_failure(buf, &summary);
}

/* `run` is NULL but for the run's own result. */
static void append_output(struct buf *buf, const struct verdict *group, int state,
                          const struct verdict *run, const struct report_settings *settings)
{
    const bool has_one = run == NULL && group->vm_count == 1;
    cleanup_buf struct buf line;
    cleanup_buf struct buf perfdata;
    cleanup_named_verdict struct named_verdict shown = {0};
    cleanup_named_verdict struct named_verdict measured = {0};
    buf_init(&line, PART_LIMIT);
    buf_init(&perfdata, PART_LIMIT);
    if (!phrase_name(&shown, group) || !phrase_name(&measured, run != NULL ? run : group)) {
        buf->failure = BUF_NO_MEMORY;
        return;
    }
    append_text(&line, &shown, state, run);
    if (settings->perfdata != PERFDATA_NONE) {
        first_line_perfdata(&perfdata, &measured, has_one ? PERFDATA_VM : PERFDATA_SUMMARY);
    }
    if (perfdata.length > 0 && perfdata.length <= PERFDATA_LIMIT) {
        buf_format(&line, "|%s", buf_string(&perfdata));
    }
    for (size_t i = 0; i < line.length; i++) {
        line.text[i] = line.text[i] == '\\' ? '/' : line.text[i]; // "\\n" would be a line break
    }
    buf_text(buf, buf_string(&line));
    buf_share_failure(buf, &line);
    buf_share_failure(buf, &perfdata);
}

/*
 * One line for the VMs that share a host and service. It is the run's own as well if `run` is not
 * NULL: then it is as bad as what kept EM's answer away, and as the run's findings.
 */
static void append_result(struct buf *buf, const struct result *result, const struct verdict *group,
                          const struct verdict *run, const struct report_settings *settings)
{
    const struct finding *unanswered = run != NULL ? verdict_unanswered(run) : NULL;
    const int of_run = run != NULL ? verdict_run_state(run) : STATE_OK;
    const int of_answer = unanswered != NULL ? unanswered->state : STATE_OK;
    const int state = max_state_alt(max_state_alt(group->state, of_run), of_answer);
    // The next whole second: Icinga 2 skips a result that is older than the one it has.
    const int64_t second = (group->checked + UTC_SECOND - 1) / UTC_SECOND;
    buf_format(buf, "[%" PRId64 "] PROCESS_SERVICE_CHECK_RESULT;%s;%s;%d;", second, result->host,
               result->service, state);
    append_output(buf, group, state, run, settings);
    buf_text(buf, "\n");
}

/* The run's own result, which is of no VM, is the last of its host and service. */
static void append_results(struct buf *buf, const struct result *results, size_t *places,
                           const struct verdict *verdict, const struct report_settings *settings)
{
    const size_t count = verdict->vm_count + 1;
    for (size_t start = 0, end = 0; start < count; start = end) {
        while (end < count && compare_services(&results[start], &results[end]) == 0) {
            places[end] = results[end].vm;
            end++;
        }
        const bool has_run = places[end - 1] == verdict->vm_count;
        const size_t vms = end - start - (has_run ? 1 : 0);
        struct verdict group;
        if (verdict_of_group(verdict, &places[start], vms, &group) < 0) {
            buf->failure = BUF_NO_MEMORY;
            return;
        }
        append_result(buf, &results[start], &group, has_run ? verdict : NULL, settings);
        verdict_free_group(&group);
    }
}

void report_passive(struct buf *buf, const struct verdict *verdict,
                    const struct report_settings *settings)
{
    const size_t count = verdict->vm_count + 1;
    cleanup_free size_t *places = calloc(count, sizeof *places);
    struct result *results = calloc(count, sizeof *results);
    bool ok = places != NULL && results != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        results[i].vm = i;
        ok = make_result(&results[i], i < verdict->vm_count ? &verdict->vms[i] : NULL, settings);
    }
    if (ok) {
        qsort(results, count, sizeof *results, compare_results);
        append_results(buf, results, places, verdict, settings);
    } else {
        buf->failure = BUF_NO_MEMORY;
    }
    for (size_t i = 0; results != NULL && i < count; i++) {
        free(results[i].host);
        free(results[i].service);
    }
    free(results);
}
