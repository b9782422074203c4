// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The report of a probe is for a person at a terminal, or for a question about an EM: nothing is
 * cut for the sake of Nagios.
 */
#include "report/probe_report.h"

#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "monitoring/mp.h"
#include "report/json_write.h"
#include "report/probe_words.h"
#include "report/wording.h"

enum { STEP_LIMIT = 64 * 1024, SENTENCE_LIMIT = 64 * 1024 };

/* ---- the next steps ---- */

/* Appends a word as a shell takes it. */
static void append_quoted(struct buf *buf, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+:,./@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        buf_text(buf, word);
        return;
    }
    buf_text(buf, "'");
    for (; *word != '\0'; word++) {
        buf_format(buf, *word == '\'' ? "'\\''" : "%c", *word);
    }
    buf_text(buf, "'");
}

static void append_words(struct buf *buf, const struct lines *words)
{
    for (size_t i = 0; i < words->count; i++) {
        buf_text(buf, i > 0 ? " " : "");
        append_quoted(buf, words->text[i]);
    }
}

/*
 * The pin, if it is what the next commands are to trust; NULL: it is not. Where it was said whom to
 * trust, who answered is somebody else; what an ini file says of trust, no option takes back.
 */
static const char *find_pin(const struct probe *probe, const struct probe_report_settings *settings)
{
    const struct probe_line *certificate = probe_line_of(probe, PROBE_CERTIFICATE);
    const struct probe_line *pin = probe_line_of(probe, PROBE_PIN);
    if (certificate == NULL || pin == NULL) {
        return NULL;
    }
    const bool helps = (certificate->advice == PROBE_UNTRUSTED && probe->fault.kind == FAULT_TLS &&
                        !settings->anchored) ||
                       (certificate->advice == PROBE_UNVERIFIED && settings->trust->count > 0);
    return helps ? probe_text(pin, PROBE_PUBLIC_KEY) : NULL;
}

static void append_start(struct buf *buf, const struct probe *probe,
                         const struct probe_report_settings *settings)
{
    const char *pin = find_pin(probe, settings);
    append_words(buf, settings->command);
    if (pin != NULL) {
        buf_format(buf, " --pinned-pubkey=%s", pin);
    } else if (settings->trust->count > 0) {
        buf_text(buf, " ");
        append_words(buf, settings->trust);
    }
}

/* The options that VMs need with this EM. */
static void append_limits(struct buf *buf, const struct probe *probe,
                          const struct probe_report_settings *settings)
{
    const struct probe_line *vms = probe_line_of(probe, PROBE_VMS);
    if (settings->limits->count > 0) {
        buf_text(buf, " ");
        append_words(buf, settings->limits);
    }
    if (vms != NULL && vms->advice == PROBE_ALL_IDLE) {
        buf_text(buf, " --idle-after=");
        probe_words_append_hours(buf, probe_number(vms, PROBE_IDLE_AFTER));
    } else if (vms != NULL && vms->advice == PROBE_ALL_OVERDUE) {
        buf_text(buf, " --overdue-after=");
        probe_words_append_hours(buf, probe_number(vms, PROBE_OVERDUE_AFTER));
    }
}

enum step { STEP_PROBE, STEP_EM, STEP_VM, STEP_ALL };

static void add_step(struct lines *steps, const struct probe *probe,
                     const struct probe_report_settings *settings, enum step step)
{
    static const char *const selectors[] = {
        [STEP_PROBE] = " --probe", [STEP_EM] = " --em", [STEP_VM] = " ", [STEP_ALL] = " --all"};
    cleanup_buf struct buf line;
    buf_init(&line, STEP_LIMIT);
    append_start(&line, probe, settings);
    buf_text(&line, selectors[step]);
    if (step == STEP_PROBE && settings->save != NULL) {
        cleanup_buf struct buf word;
        buf_init(&word, STEP_LIMIT);
        buf_format(&word, "--save=%s", text_is_clean(settings->save) ? settings->save : "FILE");
        buf_text(&line, " ");
        append_quoted(&line, buf_string(&word));
        buf_share_failure(&line, &word);
    }
    if (step == STEP_VM) {
        cleanup_buf struct buf word;
        buf_init(&word, STEP_LIMIT);
        buf_format(&word, "--vm=%s", probe->vm != NULL ? probe->vm : "NAME");
        append_quoted(&line, buf_string(&word));
        buf_share_failure(&line, &word);
    }
    if (step == STEP_VM || step == STEP_ALL) {
        append_limits(&line, probe, settings);
    }
    lines_add(steps, "%s", buf_string(&line));
    steps->no_memory = steps->no_memory || line.failure != BUF_FINE;
}

/* What else went wrong, a fault says itself what to do. */
void probe_report_add_steps(struct lines *steps, const struct probe *probe,
                            const struct probe_report_settings *settings)
{
    const struct probe_line *pages = probe_line_of(probe, PROBE_PAGES);
    // A command that lacks a word is another one.
    steps->no_memory =
        settings->command->no_memory || settings->trust->no_memory || settings->limits->no_memory;
    if (settings->command->count == 0) { // it is not known whom to ask
        return;
    }
    if (probe->fault.kind == FAULT_NONE) {
        add_step(steps, probe, settings, STEP_EM);
        add_step(steps, probe, settings, STEP_VM);
        if (pages == NULL || pages->fault.kind == FAULT_NONE) { // else --all fails
            add_step(steps, probe, settings, STEP_ALL);
        }
    } else if (probe->fault.kind == FAULT_TLS && find_pin(probe, settings) != NULL) {
        add_step(steps, probe, settings, STEP_PROBE);
    }
}

/* ---- text ---- */

void probe_report_summary(struct buf *buf, const struct probe *probe,
                          const struct probe_report_settings *settings)
{
    if (probe->fault.kind != FAULT_NONE) {
        append_fault_text(buf, &probe->fault);
        return;
    }
    buf_text(buf, "this plugin can work with ");
    text_append_clean(buf, settings->server, NAME_LIMIT);
    buf_format(buf, ": %zu ok, %zu odd, %zu no", probe_outcomes(probe, PROBE_OK),
               probe_outcomes(probe, PROBE_ODD), probe_outcomes(probe, PROBE_NO));
}

static void append_line(struct buf *buf, const struct probe_line *line)
{
    buf_format(buf, "%-4s %s: ", probe_outcome_words[line->outcome], probe_words_subject(line));
    probe_words_append_seen(buf, line);
    if (line->took_ms >= 0) {
        buf_format(buf, " [%lld ms]", (long long)line->took_ms);
    }
    buf_text(buf, "\n");
    cleanup_buf struct buf advice;
    buf_init(&advice, SENTENCE_LIMIT);
    probe_words_append_advice(&advice, line);
    if (advice.length > 0) {
        buf_format(buf, "     -> %s\n", buf_string(&advice));
    }
    buf_share_failure(buf, &advice);
}

/* What is done with a line. */
typedef void take_line(void *context, const struct probe_line *line);

/* In the order of the topics. */
static void for_each_line(const struct probe *probe, take_line *take, void *context)
{
    for (enum probe_topic topic = 0; topic < PROBE_TOPICS; topic++) {
        for (size_t i = 0; i < probe->count; i++) {
            if (probe->lines[i].topic == topic) {
                take(context, &probe->lines[i]);
            }
        }
    }
}

static void take_for_text(void *context, const struct probe_line *line)
{
    append_line(context, line);
}

static void append_all(struct buf *buf, const struct lines *lines, const char *before)
{
    for (size_t i = 0; i < lines->count; i++) {
        buf_text(buf, before);
        text_append_clean(buf, lines->text[i], STEP_LIMIT);
        buf_text(buf, "\n");
    }
    if (lines->no_memory) {
        buf->failure = BUF_NO_MEMORY;
    }
}

void probe_report_text(struct buf *buf, const struct probe *probe,
                       const struct probe_report_settings *settings)
{
    struct lines steps = {.text = NULL};
    buf_format(buf, "CDP TASK %s: ", state_text(settings->state));
    probe_report_summary(buf, probe, settings);
    buf_text(buf, "\n");
    for_each_line(probe, take_for_text, buf);
    append_all(buf, &probe->notices, "notice: ");
    if (settings->saved != NULL) {
        buf_text(buf, "saved: ");
        text_append_clean(buf, settings->saved, NAME_LIMIT);
        buf_text(buf, "\n     -> look through it before you give it away: names, ids, addresses, "
                      "texts and dates are to be invented ones\n");
    }
    probe_report_add_steps(&steps, probe, settings);
    buf_text(buf, steps.count == 0                    ? ""
                  : find_pin(probe, settings) != NULL ? "next, if EM's own host has this pin:\n"
                                                      : "next:\n");
    append_all(buf, &steps, "  ");
    lines_free(&steps);
    if (probe_lacks_memory(probe)) {
        buf->failure = BUF_NO_MEMORY;
    }
}

/* ---- JSON ---- */

static void write_lines(struct json_writer *json, const char *key, const struct lines *lines)
{
    json_write_array(json, key);
    for (size_t i = 0; i < lines->count; i++) {
        json_write_text(json, NULL, lines->text[i]);
    }
    json_write_array_end(json);
    if (lines->no_memory) {
        json->buf->failure = BUF_NO_MEMORY;
    }
}

static void write_value(struct json_writer *json, const struct probe_value *value)
{
    const struct probe_key_row *key = &probe_keys[value->key];
    switch (key->kind) {
    case PROBE_TEXT:
        json_write_text(json, key->name, value->text);
        break;
    case PROBE_NUMBER:
        json_write_number(json, key->name, true, value->number);
        break;
    case PROBE_TRUTH:
        json_write_bool(json, key->name, true, value->truth);
        break;
    case PROBE_TIME:
        json_write_time(json, key->name, true, value->time);
        break;
    case PROBE_LIST:
        write_lines(json, key->name, &value->list);
        break;
    }
}

static void write_error(struct json_writer *json, const struct fault *fault)
{
    if (fault->kind == FAULT_NONE) {
        json_write_null(json, "error");
        return;
    }
    json_write_object(json, "error");
    json_write_text(json, "kind", fault_kind_name(fault->kind));
    json_write_text(json, "message", fault->text);
    json_write_object_end(json);
}

static void take_for_json(void *context, const struct probe_line *line)
{
    struct json_writer *json = context;
    struct buf text;
    struct buf advice;
    buf_init(&text, SENTENCE_LIMIT);
    buf_init(&advice, SENTENCE_LIMIT);
    probe_words_append_seen(&text, line);
    probe_words_append_advice(&advice, line);
    json_write_object(json, NULL);
    json_write_text(json, "topic", probe_topic_words[line->topic]);
    json_write_text(json, "outcome", probe_outcome_words[line->outcome]);
    json_write_number(json, "milliseconds", line->took_ms >= 0, (double)line->took_ms);
    json_write_object(json, "seen");
    for (size_t i = 0; i < line->count; i++) {
        write_value(json, &line->values[i]);
    }
    json_write_object_end(json);
    json_write_buf(json, "text", &text);
    if (advice.length > 0) {
        json_write_buf(json, "advice", &advice);
    } else {
        json_write_null(json, "advice");
    }
    write_error(json, &line->fault);
    json_write_object_end(json);
}

void probe_report_json(struct buf *buf, const struct probe *probe,
                       const struct probe_report_settings *settings)
{
    struct lines steps = {.text = NULL};
    struct buf summary;
    const size_t start = buf->length;
    struct json_writer json = {.buf = buf};
    buf_init(&summary, SENTENCE_LIMIT);
    probe_report_summary(&summary, probe, settings);
    probe_report_add_steps(&steps, probe, settings);
    json_write_object(&json, NULL);
    json_write_text(&json, "plugin", PROGRAM_NAME);
    json_write_text(&json, "version", program_version);
    json_write_time(&json, "checked_at", true, probe->now);
    json_write_text(&json, "server", settings->server);
    json_write_text(&json, "state", state_text(settings->state));
    json_write_number(&json, "exit_code", true, settings->state);
    json_write_buf(&json, "summary", &summary);
    write_error(&json, &probe->fault);
    write_lines(&json, "notices", &probe->notices);
    json_write_array(&json, "probe");
    for_each_line(probe, take_for_json, &json);
    json_write_array_end(&json);
    json_write_text(&json, "saved", settings->saved);
    write_lines(&json, "next", &steps);
    json_write_object_end(&json);
    buf_text(buf, "\n");
    lines_free(&steps);
    if (probe_lacks_memory(probe)) {
        buf->failure = BUF_NO_MEMORY;
    }
    if (buf->failure != BUF_FINE && buf->text != NULL) { // half a document is none
        buf->length = start;
        buf->text[start] = '\0';
    }
}
