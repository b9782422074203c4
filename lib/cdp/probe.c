// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/probe.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const probe_outcome_words[PROBE_OUTCOMES] = {
    [PROBE_OK] = "ok", [PROBE_NO] = "no", [PROBE_ODD] = "odd"};

const char *const probe_topic_words[PROBE_TOPICS] = {
    [PROBE_ADDRESS] = "address",
    [PROBE_TLS] = "tls",
    [PROBE_CERTIFICATE] = "certificate",
    [PROBE_PIN] = "pin",
    [PROBE_LOGON] = "logon",
    [PROBE_VERSION] = "version",
    [PROBE_CLOCK] = "clock",
    [PROBE_MARK] = "byte_order_mark",
    [PROBE_CASE] = "key_case",
    [PROBE_SESSIONS] = "sessions",
    [PROBE_STATES] = "states",
    [PROBE_RESULTS] = "results",
    [PROBE_MEMBERS] = "members",
    [PROBE_RUNNING] = "running_members",
    [PROBE_SORT] = "sort",
    [PROBE_FILTER] = "filter",
    [PROBE_PAGES] = "pages",
    [PROBE_POLICIES] = "policies",
    [PROBE_COLLECTION] = "data_collection",
    [PROBE_REPLICAS] = "replicas",
    [PROBE_VMS] = "vms",
    [PROBE_INTERVALS] = "intervals",
    [PROBE_RIGHTS] = "rights",
};

const char *const probe_trust_words[PROBE_TRUSTS] = {[PROBE_TRUST_VERIFIED] = "verified",
                                                     [PROBE_TRUST_PINNED] = "pinned",
                                                     [PROBE_TRUST_UNVERIFIED] = "unverified",
                                                     [PROBE_TRUST_REFUSED] = "refused",
                                                     [PROBE_TRUST_UNKNOWN] = "unknown"};

const struct probe_key_row probe_keys[PROBE_KEYS] = {
    [PROBE_HOST] = {"host", PROBE_TEXT},
    [PROBE_TRIED] = {"tried", PROBE_TEXT},
    [PROBE_ADDRESS_USED] = {"address", PROBE_TEXT},
    [PROBE_PROXY] = {"proxy", PROBE_TEXT},
    [PROBE_PLAIN] = {"plain", PROBE_TRUTH},
    [PROBE_TLS_VERSION] = {"version", PROBE_TEXT},
    [PROBE_SUBJECT] = {"subject", PROBE_TEXT},
    [PROBE_ISSUER] = {"issuer", PROBE_TEXT},
    [PROBE_NAMES] = {"names", PROBE_TEXT},
    [PROBE_EXPIRES] = {"expires", PROBE_TIME},
    [PROBE_SELF_SIGNED] = {"self_signed", PROBE_TRUTH},
    [PROBE_TRUST] = {"trust", PROBE_TEXT},
    [PROBE_PUBLIC_KEY] = {"public_key", PROBE_TEXT},
    [PROBE_USER] = {"user", PROBE_TEXT},
    [PROBE_SERVER] = {"server", PROBE_TEXT},
    [PROBE_API_VERSIONS] = {"api_versions", PROBE_LIST},
    [PROBE_OFFSET] = {"offset_seconds", PROBE_NUMBER},
    [PROBE_ANSWERS] = {"answers", PROBE_NUMBER},
    [PROBE_MARKED] = {"marked", PROBE_NUMBER},
    [PROBE_PASCAL] = {"pascal", PROBE_NUMBER},
    [PROBE_CAMEL] = {"camel", PROBE_NUMBER},
    [PROBE_COUNT] = {"count", PROBE_NUMBER},
    [PROBE_SAMPLE] = {"sample", PROBE_NUMBER},
    [PROBE_SEEN] = {"seen", PROBE_LIST},
    [PROBE_UNKNOWN] = {"unknown", PROBE_LIST},
    [PROBE_ABSENT] = {"absent", PROBE_LIST},
    [PROBE_NULL] = {"null", PROBE_LIST},
    [PROBE_WITH_END] = {"with_end", PROBE_NUMBER},
    [PROBE_IN_ORDER] = {"in_order", PROBE_TRUTH},
    [PROBE_CONDITION] = {"condition", PROBE_TEXT},
    [PROBE_USED_BY] = {"used_by", PROBE_TEXT},
    [PROBE_NEEDED] = {"needed", PROBE_TRUTH},
    [PROBE_MATCHING] = {"matching", PROBE_NUMBER},
    [PROBE_WRONG] = {"wrong", PROBE_NUMBER},
    [PROBE_FITTING] = {"known_to_fit", PROBE_NUMBER},
    [PROBE_MISFIT] = {"known_not_to_fit", PROBE_NUMBER},
    [PROBE_ASKED] = {"asked", PROBE_NUMBER},
    [PROBE_GRANTED] = {"granted", PROBE_NUMBER},
    [PROBE_DISABLED] = {"disabled", PROBE_NUMBER},
    [PROBE_INTERVAL] = {"longest_interval_seconds", PROBE_NUMBER},
    [PROBE_CONTAINERS] = {"with_containers", PROBE_NUMBER},
    [PROBE_NAMED] = {"named_vms", PROBE_NUMBER},
    [PROBE_WAY] = {"way", PROBE_TEXT},
    [PROBE_COLLECTED] = {"collected_at", PROBE_TIME},
    [PROBE_DATA_AGE] = {"age_seconds", PROBE_NUMBER},
    [PROBE_SPACING] = {"spacing_seconds", PROBE_NUMBER},
    [PROBE_MISSED] = {"missed", PROBE_LIST},
    [PROBE_RUNS] = {"running", PROBE_NUMBER},
    [PROBE_IDLE] = {"idle", PROBE_NUMBER},
    [PROBE_OVERDUE] = {"overdue", PROBE_NUMBER},
    [PROBE_UNCOVERED] = {"uncovered", PROBE_NUMBER},
    [PROBE_IDLE_FOR] = {"median_idle_seconds", PROBE_NUMBER},
    [PROBE_RUNS_FOR] = {"longest_overdue_seconds", PROBE_NUMBER},
    [PROBE_IDLE_AFTER] = {"idle_after_seconds", PROBE_NUMBER},
    [PROBE_OVERDUE_AFTER] = {"overdue_after_seconds", PROBE_NUMBER},
    [PROBE_VM] = {"vm", PROBE_TEXT},
    [PROBE_FORM] = {"form", PROBE_TEXT},
    [PROBE_WINDOW] = {"window_seconds", PROBE_NUMBER},
    [PROBE_LAG] = {"lag_seconds", PROBE_NUMBER},
    [PROBE_REFUSED] = {"refused", PROBE_LIST},
};

struct probe_line *probe_add(struct probe *probe, enum probe_topic topic)
{
    assert(probe->count < PROBE_LINES);
    struct probe_line *line = &probe->lines[probe->count++];
    *line = (struct probe_line){.topic = topic, .took_ms = -1};
    return line;
}

static struct probe_value *add_value(struct probe_line *line, enum probe_key key,
                                     enum probe_kind kind)
{
    (void)kind; // with NDEBUG
    assert(line->count < PROBE_VALUES && probe_keys[key].kind == kind);
    assert(probe_find(line, key) == NULL);
    struct probe_value *value = &line->values[line->count++];
    *value = (struct probe_value){.key = key};
    return value;
}

void probe_set_text(struct probe *probe, struct probe_line *line, enum probe_key key,
                    const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return;
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        probe->no_memory = true;
    } else {
        add_value(line, key, PROBE_TEXT)->text = copy;
    }
}

void probe_set_number(struct probe_line *line, enum probe_key key, double number)
{
    add_value(line, key, PROBE_NUMBER)->number = number;
}

void probe_set_truth(struct probe_line *line, enum probe_key key, bool truth)
{
    add_value(line, key, PROBE_TRUTH)->truth = truth;
}

void probe_set_time(struct probe_line *line, enum probe_key key, utc_us time)
{
    add_value(line, key, PROBE_TIME)->time = time;
}

struct lines *probe_set_list(struct probe_line *line, enum probe_key key)
{
    return &add_value(line, key, PROBE_LIST)->list;
}

const struct probe_value *probe_find(const struct probe_line *line, enum probe_key key)
{
    for (size_t i = 0; i < line->count; i++) {
        if (line->values[i].key == key) {
            return &line->values[i];
        }
    }
    return NULL;
}

const char *probe_text(const struct probe_line *line, enum probe_key key)
{
    const struct probe_value *value = probe_find(line, key);
    return value != NULL ? value->text : "";
}

double probe_number(const struct probe_line *line, enum probe_key key)
{
    const struct probe_value *value = probe_find(line, key);
    return value != NULL ? value->number : 0;
}

bool probe_truth(const struct probe_line *line, enum probe_key key)
{
    const struct probe_value *value = probe_find(line, key);
    return value != NULL && value->truth;
}

size_t probe_length(const struct probe_line *line, enum probe_key key)
{
    const struct probe_value *value = probe_find(line, key);
    return value != NULL ? value->list.count : 0;
}

const struct probe_line *probe_line_of(const struct probe *probe, enum probe_topic topic)
{
    for (size_t i = 0; i < probe->count; i++) {
        if (probe->lines[i].topic == topic) {
            return &probe->lines[i];
        }
    }
    return NULL;
}

size_t probe_outcomes(const struct probe *probe, enum probe_outcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < probe->count; i++) {
        count += probe->lines[i].outcome == outcome ? 1 : 0;
    }
    return count;
}

static bool line_lacks_memory(const struct probe_line *line)
{
    bool lacks = false;
    for (size_t i = 0; i < line->count; i++) {
        const struct probe_value *value = &line->values[i];
        lacks = lacks || (probe_keys[value->key].kind == PROBE_LIST && value->list.no_memory);
    }
    return lacks;
}

bool probe_lacks_memory(const struct probe *probe)
{
    bool lacks = probe->no_memory || probe->notices.no_memory;
    for (size_t i = 0; i < probe->count; i++) {
        lacks = lacks || line_lacks_memory(&probe->lines[i]);
    }
    return lacks;
}

static void free_line(struct probe_line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        const enum probe_kind kind = probe_keys[line->values[i].key].kind;
        if (kind == PROBE_TEXT) {
            free(line->values[i].text);
        } else if (kind == PROBE_LIST) {
            lines_free(&line->values[i].list);
        }
    }
}

void probe_free(struct probe *probe)
{
    for (size_t i = 0; i < probe->count; i++) {
        free_line(&probe->lines[i]);
    }
    probe->count = 0;
    free(probe->vm);
    probe->vm = NULL;
    lines_free(&probe->notices);
}
