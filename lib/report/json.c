// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The reports that programs read. Their keys are a promise:
 * contrib/check_veeam_cdp_task.schema.json and contrib/check_veeam_cdp_task_list.schema.json.
 */
#include "report/report.h"

#include "base/text.h"
#include "base/version.h"
#include "report/fault_words.h"
#include "report/json_write.h"
#include "report/notices.h"
#include "report/phrase.h"

enum { TEXT_LIMIT = 64 * 1024 * 1024, SAMPLE = 512, MANY_VMS = 4 * SAMPLE };

static void write_session(struct json_writer *json, const struct task_session *session)
{
    json_write_object(json, NULL);
    json_write_text(json, "uid", session->uid);
    json_write_text(json, "name", session->name);
    json_write_text(json, "state", session->state_text);
    json_write_text(json, "result", session->result_text);
    json_write_text(json, "reason", session->reason);
    json_write_time(json, "created_at", session->has_created, session->created);
    json_write_time(json, "ended_at", session->has_ended, session->ended);
    json_write_text(json, "policy_session_uid", session->policy_session_uid);
    json_write_number(json, "total_size_bytes", session->has_total_size, session->total_size);
    json_write_object_end(json);
}

/* Words; none if the VM shows no sign. */
static void write_signs(struct json_writer *json, const struct vm_verdict *vm)
{
    json_write_array(json, "signs");
    if (vm->standing.shows_sign) {
        json_write_text(json, NULL, sign_words[vm->standing.sign]);
    }
    json_write_array_end(json);
}

/* Of a VM or, if it is NULL, of the run. */
static void write_phrase(struct json_writer *json, const struct verdict *verdict,
                         const struct vm_verdict *vm, const struct finding *finding)
{
    struct buf phrase;
    buf_init(&phrase, TEXT_LIMIT);
    append_finding(&phrase, verdict, vm, finding, PHRASE_LONG);
    json_write_buf(json, NULL, &phrase);
}

static void write_why(struct json_writer *json, const struct verdict *verdict,
                      const struct vm_verdict *vm)
{
    json_write_array(json, "why");
    for (size_t i = 0; i < vm->finding_count; i++) {
        if (phrase_explains(&vm->findings[i])) {
            write_phrase(json, verdict, vm, &vm->findings[i]);
        }
    }
    json_write_array_end(json);
}

/* Those of restore points if the run was asked for them. */
static void write_metrics(struct json_writer *json, const struct verdict *verdict,
                          const struct vm_verdict *vm)
{
    json_write_object(json, "metrics");
    for (enum metric metric = 0; metric < VM_METRICS; metric++) {
        if (verdict->scope->points || !metric_is_of_points(metric)) {
            json_write_number(json, metrics[metric].key, vm->measures[metric].known,
                              vm->measures[metric].value);
        }
    }
    json_write_object_end(json);
}

static void write_sessions(struct json_writer *json, const struct vm_verdict *vm)
{
    json_write_array(json, "sessions");
    for (size_t i = 0; vm_session(vm, i) != NULL; i++) {
        write_session(json, vm_session(vm, i));
    }
    json_write_array_end(json);
}

static void write_names(struct json_writer *json, const struct vm_verdict *vm)
{
    json_write_text(json, "vm", vm->name);
    json_write_text(json, "policy", vm->policy);
    json_write_text(json, "backup_server", vm->backup_server);
}

static void write_vm(struct json_writer *json, const struct verdict *verdict,
                     const struct vm_verdict *vm)
{
    json_write_object(json, NULL);
    write_names(json, vm);
    json_write_text(json, "state", state_text(vm->state));
    write_why(json, verdict, vm);
    write_signs(json, vm);
    write_metrics(json, verdict, vm);
    write_sessions(json, vm);
    json_write_object_end(json);
}

/* `finding` is a fault; NULL: there is none. */
static void write_error(struct json_writer *json, const struct verdict *verdict,
                        const struct finding *finding)
{
    struct fault fault;
    if (finding == NULL) {
        json_write_null(json, "error");
        return;
    }
    if (!fault_words_write(verdict, finding, &fault)) {
        json->buf->failure = BUF_NO_MEMORY;
        return;
    }
    json_write_object(json, "error");
    json_write_text(json, "kind", fault_kind_name(fault.kind));
    json_write_text(json, "message", fault.text);
    json_write_object_end(json);
}

static void write_counts(struct json_writer *json, const struct verdict *verdict)
{
    json_write_object(json, "counts");
    json_write_number(json, "vms", true, (double)verdict->vm_count);
    for (int state = 0; state < STATES; state++) {
        json_write_number(json, state_words[state], true, (double)verdict->counts[state]);
    }
    json_write_object_end(json);
}

static void write_summary(struct json_writer *json, const struct verdict *verdict)
{
    cleanup_named_verdict struct named_verdict named;
    struct buf summary;
    buf_init(&summary, TEXT_LIMIT);
    if (!phrase_name(&named, verdict)) {
        json->buf->failure = BUF_NO_MEMORY;
        return;
    }
    append_summary(&summary, &named);
    json_write_buf(json, "summary", &summary);
}

static void write_lines(struct json_writer *json, const struct lines *notices)
{
    if (notices->no_memory) {
        json->buf->failure = BUF_NO_MEMORY;
    }
    for (size_t i = 0; i < notices->count; i++) {
        json_write_text(json, NULL, notices->text[i]);
    }
    if (notices->left_out > 0) {
        struct buf more;
        buf_init(&more, TEXT_LIMIT);
        buf_format(&more, "and %zu more like these", notices->left_out);
        json_write_buf(json, NULL, &more);
    }
}

static void write_notices(struct json_writer *json, const struct verdict *verdict)
{
    cleanup_notices struct notices notices;
    notices_write(&notices, verdict, true);
    json_write_array(json, "notices");
    write_lines(json, &notices.alarms);
    write_lines(json, &notices.run);
    write_lines(json, &notices.behind);
    write_lines(json, &notices.sessions);
    json_write_array_end(json);
}

static bool is_told(const struct verdict *verdict, enum site_topic topic)
{
    return verdict->site.answers[topic].knowledge == SITE_TOLD;
}

/* The servers that the newest data collection has missed. */
static void write_not_collected(struct json_writer *json, const struct verdict *verdict)
{
    const struct collection *collection = &verdict->site.collection;
    if (!is_told(verdict, SITE_COLLECTION)) {
        json_write_null(json, "not_collected");
        return;
    }
    json_write_array(json, "not_collected");
    for (size_t i = 0; i < collection->count; i++) {
        if (collection->servers[i].missed) {
            json_write_text(json, NULL, collection->servers[i].name);
        }
    }
    json_write_array_end(json);
}

/* What makes the run's own state. */
static void write_why_of_em(struct json_writer *json, const struct verdict *verdict)
{
    json_write_array(json, "why");
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct finding *finding = &verdict->findings[i];
        if (finding->state != STATE_OK && !finding_is_fault(finding)) {
            write_phrase(json, verdict, NULL, finding);
        }
    }
    json_write_array_end(json);
}

static void write_em(struct json_writer *json, const struct verdict *verdict, bool was_asked)
{
    const struct measure *age = &verdict->measures[METRIC_DATA_AGE];
    const bool has_answered = verdict->scope->kind == SCOPE_EM && verdict->fault == NULL;
    if (!was_asked) {
        json_write_null(json, "em");
        return;
    }
    json_write_object(json, "em");
    json_write_text(json, "state", state_text(verdict_run_state(verdict)));
    write_why_of_em(json, verdict);
    json_write_number(json, "answered_seconds", has_answered, verdict->site.answered_s);
    json_write_number(json, metrics[METRIC_DATA_AGE].key, age->known, age->value);
    json_write_time(json, "collected_at", age->known, verdict_collected(verdict));
    json_write_number(json, "clock_offset_seconds", verdict->site.has_clock_offset,
                      (double)verdict->site.clock_offset / (double)UTC_SECOND);
    write_not_collected(json, verdict);
    json_write_object_end(json);
}

static void write_policy(struct json_writer *json, const struct policy *policy)
{
    json_write_object(json, NULL);
    json_write_text(json, "policy", policy->name);
    json_write_text(json, "backup_server", policy->backup_server);
    json_write_bool(json, "enabled", policy->has_enabled, policy->enabled);
    json_write_number(json, "rpo_seconds", policy->has_rpo, policy->rpo_s);
    json_write_number(json, "long_term_interval_seconds", policy->has_long_term,
                      policy->long_term_s);
    json_write_object_end(json);
}

static void write_policies(struct json_writer *json, const struct verdict *verdict)
{
    if (!is_told(verdict, SITE_POLICIES)) {
        json_write_null(json, "policies");
        return;
    }
    json_write_array(json, "policies");
    for (size_t i = 0; i < verdict->site.policies.count; i++) {
        write_policy(json, &verdict->site.policies.items[i]);
    }
    json_write_array_end(json);
}

static void write_snapshot(struct json_writer *json, const struct verdict *verdict)
{
    if (!verdict->site.from_snapshot) {
        json_write_null(json, "snapshot");
        return;
    }
    const utc_us age = verdict->checked - verdict->site.asked_at;
    json_write_object(json, "snapshot");
    json_write_time(json, "fetched_at", true, verdict->site.asked_at);
    json_write_number(json, "age_seconds", true, age > 0 ? (double)age / (double)UTC_SECOND : 0);
    json_write_object_end(json);
}

typedef void write_one(struct json_writer *json, const struct verdict *verdict,
                       const struct vm_verdict *vm);

/*
 * The bytes that all VMs take, and a sixteenth, by a sample of them. If many are written, the buf
 * would else grow by copying what it has, and need their memory up to three times.
 */
static size_t expected_size(const struct verdict *verdict, write_one *write)
{
    cleanup_buf struct buf sample;
    buf_init(&sample, TEXT_LIMIT);
    struct json_writer json = {.buf = &sample};
    const size_t step = verdict->vm_count / SAMPLE;
    for (size_t i = 0; i < SAMPLE; i++) {
        write(&json, verdict, &verdict->vms[i * step]);
    }
    return sample.length / SAMPLE * verdict->vm_count / 16 * 17;
}

static void write_vms(struct json_writer *json, const struct verdict *verdict, write_one *write)
{
    if (verdict->vm_count >= MANY_VMS) {
        buf_expect(json->buf, expected_size(verdict, write));
    }
    json_write_array(json, "vms");
    for (size_t i = 0; i < verdict->vm_count; i++) {
        write(json, verdict, &verdict->vms[i]);
    }
    json_write_array_end(json);
}

/* Half a document is none. */
static void end_document(struct json_writer *json, size_t start)
{
    struct buf *buf = json->buf;
    json_write_object_end(json);
    buf_text(buf, "\n");
    if (buf->failure != BUF_FINE && buf->text != NULL) {
        buf->length = start;
        buf->text[start] = '\0';
    }
}

void report_json(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings)
{
    const size_t start = buf->length;
    struct json_writer json = {.buf = buf};
    json_write_object(&json, NULL);
    json_write_text(&json, "plugin", PROGRAM_NAME);
    json_write_text(&json, "version", program_version);
    json_write_time(&json, "checked_at", true, verdict->checked);
    json_write_text(&json, "server", settings->server);
    write_em(&json, verdict, settings->server != NULL);
    write_snapshot(&json, verdict);
    json_write_text(&json, "state", state_text(verdict->state));
    json_write_number(&json, "exit_code", true, verdict->state);
    write_summary(&json, verdict);
    write_error(&json, verdict, verdict->fault);
    write_notices(&json, verdict);
    write_counts(&json, verdict);
    write_policies(&json, verdict);
    write_vms(&json, verdict, write_vm);
    end_document(&json, start);
}

/* The keys of those names whose form in text is another one. */
static void write_cleaned(struct json_writer *json, const struct vm_verdict *vm)
{
    const struct {
        const char *key, *name;
    } names[] = {{"vm", vm->name}, {"policy", vm->policy}, {"backup_server", vm->backup_server}};
    json_write_array(json, "cleaned");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].name != NULL && !text_is_clean(names[i].name)) {
            json_write_text(json, NULL, names[i].key);
        }
    }
    json_write_array_end(json);
}

static void write_listed(struct json_writer *json, const struct verdict *verdict,
                         const struct vm_verdict *vm)
{
    const struct task_session *newest = vm_session(vm, 0);
    json_write_object(json, NULL);
    write_names(json, vm);
    write_cleaned(json, vm);
    json_write_text(json, "uid", newest != NULL ? newest->uid : NULL);
    json_write_text(json, "state", newest != NULL ? newest->state_text : NULL);
    json_write_text(json, "result", newest != NULL ? newest->result_text : NULL);
    write_signs(json, vm);
    // With --all there is no name that it was found by: to scripts that is an empty one.
    json_write_text(json, "asked", verdict->scope->kind == SCOPE_ALL ? "" : vm->asked);
    write_error(json, verdict, vm_fault(vm));
    write_sessions(json, vm);
    json_write_object_end(json);
}

void report_list_json(struct buf *buf, const struct verdict *verdict,
                      const struct report_settings *settings)
{
    const size_t start = buf->length;
    struct json_writer json = {.buf = buf};
    json_write_object(&json, NULL);
    json_write_text(&json, "plugin", PROGRAM_NAME);
    json_write_text(&json, "version", program_version);
    json_write_text(&json, "server", settings->server);
    write_snapshot(&json, verdict);
    write_error(&json, verdict, verdict->fault);
    write_notices(&json, verdict);
    write_vms(&json, verdict, write_listed);
    end_document(&json, start);
}
