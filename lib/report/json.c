// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The reports that programs read. Their keys are a promise:
 * contrib/check_veeam_cdp_task.schema.json and contrib/check_veeam_cdp_task_list.schema.json.
 */
#include "report/report.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/number.h"
#include "base/text.h"
#include "base/version.h"
#include "report/fault_words.h"
#include "report/notices.h"
#include "report/phrase.h"

enum { TEXT_LIMIT = 64 * 1024 * 1024 };

/*
 * What cJSON can't allocate it leaves out, without a word in most places; so every value goes
 * through add, which remembers: also if there is no value, or nothing to add it to.
 */
struct writer {
    bool no_memory;
};

static void add(struct writer *writer, cJSON *parent, const char *key, cJSON *item)
{
    const bool added = cJSON_IsArray(parent) ? cJSON_AddItemToArray(parent, item)
                                             : cJSON_AddItemToObject(parent, key, item);
    if (!added) {
        writer->no_memory = true;
        cJSON_Delete(item);
    }
}

/* A buf's text as a value; the buf is freed. */
static cJSON *take_text(struct buf *buf)
{
    cJSON *item = buf->failure == BUF_FINE ? cJSON_CreateString(buf_string(buf)) : NULL;
    buf_free(buf);
    return item;
}

static void add_text(struct writer *writer, cJSON *parent, const char *key, const char *text)
{
    if (text == NULL) {
        add(writer, parent, key, cJSON_CreateNull());
        return;
    }
    struct buf valid;
    buf_init(&valid, TEXT_LIMIT);
    text_append_utf8(&valid, text);
    add(writer, parent, key, take_text(&valid));
}

/* cJSON's own numbers take an exponent when they are large. */
static void add_number(struct writer *writer, cJSON *parent, const char *key, bool known,
                       double value)
{
    cleanup_buf struct buf digits;
    buf_init(&digits, TEXT_LIMIT);
    if (known) {
        number_append(&digits, value);
    } else {
        buf_text(&digits, "null");
    }
    add(writer, parent, key,
        digits.failure == BUF_FINE ? cJSON_CreateRaw(buf_string(&digits)) : NULL);
}

static void add_time(struct writer *writer, cJSON *parent, const char *key, bool known,
                     utc_us moment)
{
    struct buf text;
    buf_init(&text, TEXT_LIMIT);
    if (known) {
        utc_append_iso(&text, moment);
        add(writer, parent, key, take_text(&text));
    } else {
        add(writer, parent, key, cJSON_CreateNull());
    }
}

static cJSON *write_session(struct writer *writer, const struct task_session *session)
{
    cJSON *object = cJSON_CreateObject();
    add_text(writer, object, "uid", session->uid);
    add_text(writer, object, "name", session->name);
    add_text(writer, object, "state", session->state_text);
    add_text(writer, object, "result", session->result_text);
    add_text(writer, object, "reason", session->reason);
    add_time(writer, object, "created_at", session->has_created, session->created);
    add_time(writer, object, "ended_at", session->has_ended, session->ended);
    add_text(writer, object, "policy_session_uid", session->policy_session_uid);
    add_number(writer, object, "total_size_bytes", session->has_total_size, session->total_size);
    return object;
}

/* Words; none if the VM shows no sign. */
static cJSON *write_signs(struct writer *writer, const struct vm_verdict *vm)
{
    cJSON *signs = cJSON_CreateArray();
    if (vm->standing.shows_sign) {
        add_text(writer, signs, NULL, sign_words[vm->standing.sign]);
    }
    return signs;
}

static cJSON *write_why(struct writer *writer, const struct verdict *verdict,
                        const struct vm_verdict *vm)
{
    cJSON *why = cJSON_CreateArray();
    for (size_t i = 0; i < vm->finding_count; i++) {
        if (phrase_explains(&vm->findings[i])) {
            struct buf phrase;
            buf_init(&phrase, TEXT_LIMIT);
            append_finding(&phrase, verdict, vm, &vm->findings[i], PHRASE_LONG);
            add(writer, why, NULL, take_text(&phrase));
        }
    }
    return why;
}

static cJSON *write_sessions(struct writer *writer, const struct vm_verdict *vm)
{
    cJSON *sessions = cJSON_CreateArray();
    for (size_t i = 0; vm_session(vm, i) != NULL; i++) {
        add(writer, sessions, NULL, write_session(writer, vm_session(vm, i)));
    }
    return sessions;
}

static void add_names(struct writer *writer, cJSON *object, const struct vm_verdict *vm)
{
    add_text(writer, object, "vm", vm->name);
    add_text(writer, object, "policy", vm->policy);
    add_text(writer, object, "backup_server", vm->backup_server);
}

static cJSON *write_vm(struct writer *writer, const struct verdict *verdict,
                       const struct vm_verdict *vm)
{
    cJSON *object = cJSON_CreateObject();
    add_names(writer, object, vm);
    add_text(writer, object, "state", state_text(vm->state));
    add(writer, object, "why", write_why(writer, verdict, vm));
    add(writer, object, "signs", write_signs(writer, vm));
    cJSON *measured = cJSON_CreateObject();
    for (enum metric metric = 0; metric < VM_METRICS; metric++) {
        add_number(writer, measured, metrics[metric].key, vm->measures[metric].known,
                   vm->measures[metric].value);
    }
    add(writer, object, "metrics", measured);
    add(writer, object, "sessions", write_sessions(writer, vm));
    return object;
}

/* `finding` is a fault; NULL: there is none. */
static cJSON *write_error(struct writer *writer, const struct verdict *verdict,
                          const struct finding *finding)
{
    struct fault fault;
    if (finding == NULL) {
        return cJSON_CreateNull();
    }
    cJSON *error = cJSON_CreateObject();
    if (fault_words_write(verdict, finding, &fault)) {
        add_text(writer, error, "kind", fault_kind_name(fault.kind));
        add_text(writer, error, "message", fault.text);
    } else {
        writer->no_memory = true;
    }
    return error;
}

static cJSON *write_counts(struct writer *writer, const struct verdict *verdict)
{
    cJSON *counts = cJSON_CreateObject();
    add_number(writer, counts, "vms", true, (double)verdict->vm_count);
    for (int state = 0; state < STATES; state++) {
        add_number(writer, counts, state_words[state], true, (double)verdict->counts[state]);
    }
    return counts;
}

static void add_summary(struct writer *writer, cJSON *document, const struct verdict *verdict)
{
    cleanup_named_verdict struct named_verdict named;
    struct buf summary;
    buf_init(&summary, TEXT_LIMIT);
    if (!phrase_name(&named, verdict)) {
        writer->no_memory = true;
        return;
    }
    append_summary(&summary, &named);
    add(writer, document, "summary", take_text(&summary));
}

static void add_lines(struct writer *writer, cJSON *array, const struct lines *notices)
{
    writer->no_memory = writer->no_memory || notices->no_memory;
    for (size_t i = 0; i < notices->count; i++) {
        add_text(writer, array, NULL, notices->text[i]);
    }
    if (notices->left_out > 0) {
        struct buf more;
        buf_init(&more, TEXT_LIMIT);
        buf_format(&more, "and %zu more like these", notices->left_out);
        add(writer, array, NULL, take_text(&more));
    }
}

static cJSON *write_notices(struct writer *writer, const struct verdict *verdict)
{
    cJSON *array = cJSON_CreateArray();
    cleanup_notices struct notices notices;
    notices_write(&notices, verdict, true);
    add_lines(writer, array, &notices.alarms);
    add_lines(writer, array, &notices.run);
    add_lines(writer, array, &notices.behind);
    add_lines(writer, array, &notices.sessions);
    return array;
}

static bool is_told(const struct verdict *verdict, enum site_topic topic)
{
    return verdict->site.answers[topic].knowledge == SITE_TOLD;
}

/* The servers that the newest data collection has missed. */
static cJSON *write_not_collected(struct writer *writer, const struct verdict *verdict)
{
    const struct collection *collection = &verdict->site.collection;
    if (!is_told(verdict, SITE_COLLECTION)) {
        return cJSON_CreateNull();
    }
    cJSON *servers = cJSON_CreateArray();
    for (size_t i = 0; i < collection->count; i++) {
        if (collection->servers[i].missed) {
            add_text(writer, servers, NULL, collection->servers[i].name);
        }
    }
    return servers;
}

/* What makes the run's own state. */
static cJSON *write_why_of_em(struct writer *writer, const struct verdict *verdict)
{
    cJSON *why = cJSON_CreateArray();
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct finding *finding = &verdict->findings[i];
        if (finding->state != STATE_OK && !finding_is_fault(finding)) {
            struct buf phrase;
            buf_init(&phrase, TEXT_LIMIT);
            append_finding(&phrase, verdict, NULL, finding, PHRASE_LONG);
            add(writer, why, NULL, take_text(&phrase));
        }
    }
    return why;
}

static cJSON *write_em(struct writer *writer, const struct verdict *verdict, bool was_asked)
{
    const struct measure *age = &verdict->measures[METRIC_DATA_AGE];
    const bool has_answered = verdict->scope->kind == SCOPE_EM && verdict->fault == NULL;
    if (!was_asked) {
        return cJSON_CreateNull();
    }
    cJSON *em = cJSON_CreateObject();
    add_text(writer, em, "state", state_text(verdict_run_state(verdict)));
    add(writer, em, "why", write_why_of_em(writer, verdict));
    add_number(writer, em, "answered_seconds", has_answered, verdict->site.answered_s);
    add_number(writer, em, metrics[METRIC_DATA_AGE].key, age->known, age->value);
    add_time(writer, em, "collected_at", age->known, verdict_collected(verdict));
    add_number(writer, em, "clock_offset_seconds", verdict->site.has_clock_offset,
               (double)verdict->site.clock_offset / (double)UTC_SECOND);
    add(writer, em, "not_collected", write_not_collected(writer, verdict));
    return em;
}

static cJSON *write_policy(struct writer *writer, const struct policy *policy)
{
    cJSON *object = cJSON_CreateObject();
    add_text(writer, object, "policy", policy->name);
    add_text(writer, object, "backup_server", policy->backup_server);
    add(writer, object, "enabled",
        policy->has_enabled ? cJSON_CreateBool(policy->enabled) : cJSON_CreateNull());
    add_number(writer, object, "rpo_seconds", policy->has_rpo, policy->rpo_s);
    add_number(writer, object, "long_term_interval_seconds", policy->has_long_term,
               policy->long_term_s);
    return object;
}

static cJSON *write_policies(struct writer *writer, const struct verdict *verdict)
{
    if (!is_told(verdict, SITE_POLICIES)) {
        return cJSON_CreateNull();
    }
    cJSON *policies = cJSON_CreateArray();
    for (size_t i = 0; i < verdict->site.policies.count; i++) {
        add(writer, policies, NULL, write_policy(writer, &verdict->site.policies.items[i]));
    }
    return policies;
}

static cJSON *write_snapshot(struct writer *writer, const struct verdict *verdict)
{
    if (!verdict->site.from_snapshot) {
        return cJSON_CreateNull();
    }
    cJSON *snapshot = cJSON_CreateObject();
    const utc_us age = verdict->checked - verdict->site.asked_at;
    add_time(writer, snapshot, "fetched_at", true, verdict->site.asked_at);
    add_number(writer, snapshot, "age_seconds", true,
               age > 0 ? (double)age / (double)UTC_SECOND : 0);
    return snapshot;
}

static void write_document(struct writer *writer, cJSON *document, const struct verdict *verdict,
                           const struct report_settings *settings)
{
    add_text(writer, document, "plugin", PROGRAM_NAME);
    add_text(writer, document, "version", program_version);
    add_time(writer, document, "checked_at", true, verdict->checked);
    add_text(writer, document, "server", settings->server);
    add(writer, document, "em", write_em(writer, verdict, settings->server != NULL));
    add(writer, document, "snapshot", write_snapshot(writer, verdict));
    add_text(writer, document, "state", state_text(verdict->state));
    add_number(writer, document, "exit_code", true, verdict->state);
    add_summary(writer, document, verdict);
    add(writer, document, "error", write_error(writer, verdict, verdict->fault));
    add(writer, document, "notices", write_notices(writer, verdict));
    add(writer, document, "counts", write_counts(writer, verdict));
    add(writer, document, "policies", write_policies(writer, verdict));
    cJSON *vms = cJSON_CreateArray();
    for (size_t i = 0; i < verdict->vm_count; i++) {
        add(writer, vms, NULL, write_vm(writer, verdict, &verdict->vms[i]));
    }
    add(writer, document, "vms", vms);
}

/* Prints the document and frees it. */
static void print_document(struct buf *buf, const struct writer *writer, cJSON *document)
{
    char *text = writer->no_memory ? NULL : cJSON_PrintUnformatted(document);
    cJSON_Delete(document);
    if (text == NULL) {
        buf->failure = BUF_NO_MEMORY;
        return;
    }
    buf_text(buf, text);
    buf_text(buf, "\n");
    cJSON_free(text);
}

void report_json(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings)
{
    struct writer writer = {.no_memory = false};
    cJSON *document = cJSON_CreateObject();
    write_document(&writer, document, verdict, settings);
    print_document(buf, &writer, document);
}

/* The keys of those names whose form in text is another one. */
static cJSON *write_cleaned(struct writer *writer, const struct vm_verdict *vm)
{
    const struct {
        const char *key, *name;
    } names[] = {{"vm", vm->name}, {"policy", vm->policy}, {"backup_server", vm->backup_server}};
    cJSON *cleaned = cJSON_CreateArray();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].name != NULL && !text_is_clean(names[i].name)) {
            add_text(writer, cleaned, NULL, names[i].key);
        }
    }
    return cleaned;
}

static cJSON *write_listed(struct writer *writer, const struct verdict *verdict,
                           const struct vm_verdict *vm)
{
    const struct task_session *newest = vm_session(vm, 0);
    cJSON *object = cJSON_CreateObject();
    add_names(writer, object, vm);
    add(writer, object, "cleaned", write_cleaned(writer, vm));
    add_text(writer, object, "uid", newest != NULL ? newest->uid : NULL);
    add_text(writer, object, "state", newest != NULL ? newest->state_text : NULL);
    add_text(writer, object, "result", newest != NULL ? newest->result_text : NULL);
    add(writer, object, "signs", write_signs(writer, vm));
    // With --all there is no name that it was found by: to scripts that is an empty one.
    add_text(writer, object, "asked", verdict->scope->kind == SCOPE_ALL ? "" : vm->asked);
    add(writer, object, "error", write_error(writer, verdict, vm_fault(vm)));
    add(writer, object, "sessions", write_sessions(writer, vm));
    return object;
}

void report_list_json(struct buf *buf, const struct verdict *verdict,
                      const struct report_settings *settings)
{
    struct writer writer = {.no_memory = false};
    cJSON *document = cJSON_CreateObject();
    add_text(&writer, document, "plugin", PROGRAM_NAME);
    add_text(&writer, document, "version", program_version);
    add_text(&writer, document, "server", settings->server);
    add(&writer, document, "snapshot", write_snapshot(&writer, verdict));
    add(&writer, document, "error", write_error(&writer, verdict, verdict->fault));
    add(&writer, document, "notices", write_notices(&writer, verdict));
    cJSON *vms = cJSON_CreateArray();
    for (size_t i = 0; i < verdict->vm_count; i++) {
        add(&writer, vms, NULL, write_listed(&writer, verdict, &verdict->vms[i]));
    }
    add(&writer, document, "vms", vms);
    print_document(buf, &writer, document);
}
