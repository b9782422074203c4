// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A saved answer of EM, all the way to both reports. A first byte of 80 to BF, with which no JSON
 * starts, chooses what is asked and how it is reported; without one all sessions are.
 */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "cdp/judge.h"
#include "fetch/saved.h"
#include "fuzz/fuzz.h"
#include "monitoring/range.h"
#include "report/report.h"

enum {
    ASK_VM = 0x01, // both: a VM on one backup server
    ASK_ID = 0x02,
    SUMMARY = 0x04,
    VERBOSE = 0x08,
    STRICT = 0x10,
    NEWEST_ONLY = 0x20,
    MOST_ITEMS = 256,
    OUTPUT_LIMIT = 1024 * 1024,
};

static const utc_us now = INT64_C(1755180000) * UTC_SECOND; // 2025-08-14T14:00:00Z

static range *read_range(const char *text, enum unit_family units)
{
    struct fault fault;
    range *read = range_read(text, units, &fault);
    REQUIRE(read != NULL);
    return read;
}

/* Rules that use everything there is. They live until the program ends. */
static const struct rules *strict_rules(void)
{
    static struct reason_rule reasons[2];
    static struct rules rules = {.reasons = reasons};
    struct fault fault;
    if (rules.reason_count > 0) {
        return &rules;
    }
    matrix_init(&rules.matrix);
    REQUIRE(matrix_map(&rules.matrix,
                       "Completed/Warning=critical,Pending=1,None=ok,idle=ok,overdue=2",
                       &fault) == 0);
    REQUIRE(pattern_compile(&reasons[0].pattern, "^RPO|no space", &fault) == 0);
    reasons[0].state = STATE_WARNING;
    REQUIRE(pattern_compile(&reasons[1].pattern, "[0-9]+%$", &fault) == 0);
    reasons[1].state = STATE_OK;
    rules.reason_count = sizeof reasons / sizeof reasons[0];
    rules.warning[METRIC_DURATION].range = read_range("1h", UNIT_DURATION);
    rules.warning[METRIC_DURATION].text = "1h";
    rules.critical[METRIC_AGE].range = read_range("@~:1.5d", UNIT_DURATION);
    rules.critical[METRIC_AGE].text = "@~:1.5d";
    rules.warning[METRIC_TOTAL_SIZE].range = read_range("1:200GiB", UNIT_SIZE);
    rules.warning[METRIC_TOTAL_SIZE].text = "1:200GiB";
    return &rules;
}

static struct rules choose_rules(unsigned int chosen)
{
    struct rules rules = {.reasons = NULL};
    matrix_init(&rules.matrix);
    if ((chosen & STRICT) != 0) {
        rules = *strict_rules();
    }
    for (size_t kind = 0; kind <= FAULT_INTERNAL; kind++) {
        rules.fault_states[kind] = (chosen & STRICT) != 0 ? STATE_CRITICAL : STATE_UNKNOWN;
    }
    return rules;
}

static void check_first_line(const char *line, size_t length, const struct verdict *verdict)
{
    static const char *const words[] = {
        "CDP TASK OK: ", "CDP TASK WARNING: ", "CDP TASK CRITICAL: ", "CDP TASK UNKNOWN: "};
    struct item items[MOST_ITEMS];
    const char *word = words[verdict->state];
    REQUIRE(length > strlen(word) && memcmp(line, word, strlen(word)) == 0);
    const char *bar = memchr(line, '|', length);
    if (bar != NULL) {
        const size_t rest = length - (size_t)(bar + 1 - line);
        REQUIRE(fuzz_read_items(bar + 1, rest, items, MOST_ITEMS) > 0);
    }
}

static void check_text(const struct verdict *verdict, const struct report_settings *settings)
{
    struct buf text;
    buf_init(&text, OUTPUT_LIMIT);
    report(&text, FORMAT_TEXT, verdict, settings);
    REQUIRE(text.failure == BUF_FINE);
    REQUIRE(text.length <= REPORT_TEXT_LIMIT);
    REQUIRE(strlen(text.text) == text.length);
    for (const char *line = text.text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        REQUIRE(end != NULL && end > line);
        const size_t length = (size_t)(end - line);
        REQUIRE(fuzz_is_clean(line, length));
        if (line == text.text) {
            check_first_line(line, length, verdict);
        } else {
            REQUIRE(memchr(line, '|', length) == NULL);
        }
        line = end + 1;
    }
    buf_free(&text);
}

static size_t sum_of_signs(const struct verdict *verdict)
{
    size_t sum = 0;
    for (size_t sign = 0; sign < SIGNS; sign++) {
        sum += verdict->signs[sign];
    }
    return sum;
}

static size_t count_signs(const cJSON *vms)
{
    size_t count = 0;
    const cJSON *vm = NULL;
    cJSON_ArrayForEach(vm, vms)
    {
        const cJSON *signs = cJSON_GetObjectItemCaseSensitive(vm, "signs");
        REQUIRE(cJSON_IsArray(signs));
        count += (size_t)cJSON_GetArraySize(signs);
    }
    return count;
}

static void check_json(const struct verdict *verdict, const struct report_settings *settings)
{
    struct buf text;
    buf_init(&text, OUTPUT_LIMIT);
    report(&text, FORMAT_JSON, verdict, settings);
    REQUIRE(text.failure == BUF_FINE);
    REQUIRE(strlen(text.text) == text.length);
    REQUIRE(strchr(text.text, '\n') == text.text + text.length - 1);
    REQUIRE(fuzz_is_utf8(text.text, text.length));
    cJSON *document = cJSON_ParseWithOpts(text.text, NULL, true);
    REQUIRE(cJSON_IsObject(document));
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(document, "exit_code");
    REQUIRE(cJSON_IsNumber(code) && code->valueint == verdict->state);
    const cJSON *vms = cJSON_GetObjectItemCaseSensitive(document, "vms");
    REQUIRE(cJSON_IsArray(vms) && (size_t)cJSON_GetArraySize(vms) == verdict->vm_count);
    REQUIRE(count_signs(vms) == sum_of_signs(verdict));
    cJSON_Delete(document);
    buf_free(&text);
}

static void check_verdict(const struct verdict *verdict, const struct rules *rules)
{
    size_t counted = 0;
    REQUIRE(verdict->state >= STATE_OK && verdict->state <= STATE_UNKNOWN);
    for (size_t state = STATE_OK; state <= STATE_UNKNOWN; state++) {
        counted += verdict->counts[state];
    }
    REQUIRE(counted == verdict->vm_count);
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const int state = verdict->vms[i].state;
        REQUIRE(state >= STATE_OK && state <= STATE_UNKNOWN);
        REQUIRE(verdict->state != STATE_OK || state == STATE_OK);
        // Without a policy there is no other sign, and no one maps one to OK unless asked to.
        const struct standing *standing = &verdict->vms[i].standing;
        REQUIRE(!standing->shows_sign || standing->sign == SIGN_IDLE ||
                standing->sign == SIGN_OVERDUE);
        REQUIRE(!standing->shows_sign || rules->matrix.sign[standing->sign] == STATE_OK ||
                state != STATE_OK);
    }
}

static void run(const char *bytes, size_t length, unsigned int chosen)
{
    static const char *vms[] = {"srv-db01", "a"};
    static const char *ids[] = {"11111111-2222-4333-8444-000000000001",
                                "11111111-2222-4333-8444-000000000002"};
    static const char *servers[] = {"vbr01"};
    const bool ask_vm = (chosen & ASK_VM) != 0;
    const bool ask_id = (chosen & ASK_ID) != 0;
    const struct scope scope = {
        .kind = ask_vm   ? SCOPE_VM
                : ask_id ? SCOPE_ID
                         : SCOPE_WHOLE,
        .names = {.items = ask_vm ? vms : ids, .count = ask_vm || ask_id ? 2 : 0},
        .backup_servers = {.items = servers, .count = ask_vm && ask_id ? 1 : 0},
        .newest_only = (chosen & NEWEST_ONLY) != 0,
        .limits = {.idle_s = 3600, .overdue_s = (chosen & STRICT) != 0 ? 1800 : 0},
    };
    const struct rules rules = choose_rules(chosen);
    const struct report_settings settings = {
        .perfdata = (chosen & SUMMARY) != 0 ? PERFDATA_SUMMARY : PERFDATA_VM,
        .verbosity = (chosen & VERBOSE) != 0 ? 1 : 0,
    };
    struct site site;
    struct verdict verdict = {0};
    struct fault fault = {.kind = FAULT_NONE};
    REQUIRE(site_init(&site, &scope, &fault) == 0);
    if (saved_read(bytes, length, &site, &fault) < 0) {
        REQUIRE(fault.kind == FAULT_PROTOCOL);
        verdict_of_fault(&fault, &scope, &rules, &site, now, &verdict);
    } else {
        REQUIRE(judge(&scope, &rules, &site, now, &verdict, &fault) == 0);
        REQUIRE(verdict.vm_count > 0);
    }
    check_verdict(&verdict, &rules);
    check_text(&verdict, &settings);
    check_json(&verdict, &settings);
    verdict_free(&verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const bool chooses = size > 0 && (bytes[0] & 0xC0) == 0x80;
    const size_t skipped = chooses ? 1 : 0;
    char *answer = fuzz_copy(bytes + skipped, size - skipped);
    run(answer, size - skipped, chooses ? bytes[0] & 0x3Fu : 0);
    free(answer);
    return 0;
}
