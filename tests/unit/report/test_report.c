// SPDX-License-Identifier: GPL-3.0-or-later
/* Verdicts as text for Nagios and Icinga, and as JSON. */
#include "report/report.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/version.h"
#include "unit/shown.h"
#include "unit/suites.h"
#include "unit/utf8.h"

enum { MOST_OPTIONS = 7, MOST_SESSIONS = 5, LARGEST_TEXT = 3999 };

static cJSON *write_json(struct shown *shown)
{
    const char *text = write_as(shown, FORMAT_JSON);
    ck_assert_msg(is_utf8(text), "not UTF-8: %s", text);
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
    cJSON *document = cJSON_ParseWithOpts(text, NULL, true);
    ck_assert_msg(document != NULL, "no JSON: %s", text);
    return document;
}

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* What holds for every text that is shown. */
static void check_form(const char *text)
{
    const size_t first_line = strcspn(text, "\n");
    const char *bar = strchr(text, '|');
    ck_assert_msg(is_utf8(text), "not UTF-8: %s", text);
    ck_assert_msg(strlen(text) <= LARGEST_TEXT, "%zu bytes", strlen(text));
    ck_assert_msg(strncmp(text, "CDP TASK ", strlen("CDP TASK ")) == 0, "%s", text);
    ck_assert_int_eq(text[strlen(text) - 1], '\n');
    ck_assert_msg(bar == NULL || bar < text + first_line, "'|' behind the first line: %s", text);
    ck_assert_msg(bar == NULL || strchr(bar + 1, '|') == NULL, "a second '|': %s", text);
    for (const char *at = text; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        ck_assert_msg(byte == '\n' || (byte >= 0x20 && byte != 0x7F), "a control character: %s",
                      text);
    }
}

/* The text before '|', or the performance data behind it, of the first line. */
static void split_first_line(const char *text, char *before, char *behind, size_t size)
{
    const size_t line = strcspn(text, "\n");
    const size_t bar = strcspn(text, "|\n");
    snprintf(before, size, "%.*s", (int)bar, text);
    snprintf(behind, size, "%.*s", bar < line ? (int)(line - bar - 1) : 0,
             bar < line ? text + bar + 1 : "");
}

static const struct {
    const char *name;
    const char *options[MOST_OPTIONS];
    struct spec sessions[MOST_SESSIONS];
    const char *state;
    const char *told[6];  // on the first line, before '|'
    const char *perfdata; // all of it
    size_t lines;
} cases[] = {
    {"one that is fine",
     {"-w", "4h", "-c", "8h"},
     {{.vm = "srv-db01", DONE, .result = "Success", AT_9, .size = "214748364800"}},
     "OK",
     {"srv-db01", "Completed", "Success", "1h"},
     "duration=7200s;14400;28800;0 age=3600s;;;0 total_size=214748364800B;;;0",
     1},
    {"one that runs",
     {NULL},
     {{.vm = "srv-db01",
       .state = "InProgress",
       .result = "Success",
       .created = "2025-08-14T09:47:00.5Z"}},
     "OK",
     {"srv-db01", "InProgress", "Success", "2h 12m"},
     "duration=7979.5s;;;0 age=7979.5s;;;0",
     1},
    {"-v shows it below",
     {"-v"},
     {{.vm = "srv-db01", DONE, .result = "Success", AT_9}},
     "OK",
     {"srv-db01"},
     MEASURED("", ""),
     2},
    {"one that failed",
     {NULL},
     {{.vm = "srv-db01", DONE, .result = "Failed", .reason = "Disk\r\nis | full", AT_9}},
     "CRITICAL",
     {"srv-db01", "Completed", "Failed", "Disk is full", "1h"},
     MEASURED_FAILED("", ""),
     2},
    {"no metric is known",
     {NULL},
     {{.vm = "srv-db01", .state = "InProgress", .result = "Success"}},
     "OK",
     {"srv-db01"},
     "",
     1},
    {"the failure before a running session",
     {NULL},
     {{.vm = "srv-db01",
       .state = "InProgress",
       .result = "Success",
       .created = "2025-08-14T11:00:00Z"},
      {.vm = "srv-db01", DONE, .result = "Failed", .reason = "no space", AT_9}},
     "CRITICAL",
     {"srv-db01", "Completed", "Failed", "no space", "InProgress"},
     "duration=3600s;;;0 age=10800s;;;0",
     2},
    {"a broken threshold",
     {"--critical-age=30m", "--warning-size=@1:2", "-w", "~:1h"},
     {{.vm = "srv-db01", DONE, .result = "Success", AT_9, .size = "5"}},
     "CRITICAL",
     {"srv-db01", "age", "1h", "30m"},
     "duration=7200s;~:3600;;0 age=3600s;;1800;0 total_size=5B;@1:2;;0",
     2},
    {"an unknown state",
     {NULL},
     {{.vm = "srv-db01", .state = "Pau|sed", .result = "Ski\npped", AT_9}},
     "UNKNOWN",
     {"srv-db01", "Pau sed", "Ski pped"},
     "duration=10800s;;;0 age=10800s;;;0",
     2},
    {"no State",
     {NULL},
     {{.vm = "srv-db01", .result = "Success", AT_9}},
     "UNKNOWN",
     {"srv-db01", "protocol", "State"},
     "duration=10800s;;;0 age=10800s;;;0",
     2},
    {"several that are fine",
     {NULL},
     {{.vm = "a", DONE, .result = "Success", AT_9}, {.vm = "b", DONE, .result = "Success", AT_9}},
     "OK",
     {"2 VMs", "2 ok"},
     MEASURED("a_", "") " " MEASURED("b_", ""),
     1},
    {"several, the worst is told",
     {NULL},
     {{.vm = "a", DONE, .result = "Success", AT_9},
      {.vm = "b", DONE, .result = "Warning", .reason = "slow", AT_9},
      {.vm = "c", DONE, .result = "Failed", .reason = "gone", AT_9},
      {.vm = "d", DONE, AT_9}},
     "CRITICAL",
     {"4 VMs", "1 critical", "1 warning", "1 unknown", "1 ok", "gone"},
     MEASURED("a_", "") " " MEASURED("b_", "") " " MEASURED_FAILED("c_", "") " " MEASURED("d_", ""),
     4},
    {"one name under two policies",
     {NULL},
     {{.vm = "srv", .policy = "P1", DONE, .result = "Success", AT_9},
      {.vm = "srv", .policy = "P2", DONE, .result = "Failed", AT_9}},
     "CRITICAL",
     {"srv (P2)"},
     MEASURED("'srv (P1)_", "'") " " MEASURED_FAILED("'srv (P2)_", "'"),
     2},
    {"labels that need care",
     {NULL},
     {{.vm = "a b", DONE, .result = "Success", AT_9},
      {.vm = "a=b", DONE, .result = "Success", AT_9},
      {.vm = "it's", DONE, .result = "Success", AT_9},
      {.vm = "x::y", DONE, .result = "Success", AT_9},
      {.vm = "a'b", DONE, .result = "Success", AT_9}},
     "OK",
     {"5 VMs"},
     MEASURED("'a b_", "'") " " MEASURED("a_b_", "") " " // '=' and quotes give way
     MEASURED("a_b_2_", "") " " MEASURED("it_s_", "") " " MEASURED("x_y_", ""),
     1},
};

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++) {
        lines += *text == '\n' ? 1 : 0;
    }
    return lines;
}

START_TEST(shows_verdicts)
{
    struct shown shown;
    char before[LARGEST_TEXT];
    char perfdata[LARGEST_TEXT];
    char head[64];
    start(&shown, cases[_i].options);
    for (int i = 0; i < MOST_SESSIONS && cases[_i].sessions[i].vm != NULL; i++) {
        add(&shown, &cases[_i].sessions[i]);
    }
    judge_all(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    split_first_line(text, before, perfdata, sizeof before);
    snprintf(head, sizeof head, "CDP TASK %s: ", cases[_i].state);
    ck_assert_msg(strncmp(before, head, strlen(head)) == 0, "%s: %s", cases[_i].name, before);
    for (int i = 0; i < COUNT(cases[_i].told) && cases[_i].told[i] != NULL; i++) {
        ck_assert_msg(strstr(before, cases[_i].told[i]) != NULL, "%s: '%s' is not told: %s",
                      cases[_i].name, cases[_i].told[i], before);
    }
    ck_assert_msg(strcmp(perfdata, cases[_i].perfdata) == 0, "%s: %s", cases[_i].name, perfdata);
    ck_assert_msg(count_lines(text) == cases[_i].lines, "%s: %s", cases[_i].name, text);
    finish(&shown);
}
END_TEST

START_TEST(the_worst_comes_first)
{
    static const char *const options[] = {"-v", NULL};
    static const struct spec sessions[] = {
        {.vm = "a", DONE, .result = "Success"}, {.vm = "b", DONE},
        {.vm = "c", DONE, .result = "Warning"}, {.vm = "d", DONE, .result = "Failed"},
        {.vm = "e", DONE, .result = "Failed"},
    };
    static const char *const order[] = {"[CRITICAL] d", "[CRITICAL] e", "[WARNING] c",
                                        "[UNKNOWN] b", "[OK] a"};
    struct shown shown;
    start(&shown, options);
    for (int i = 0; i < COUNT(sessions); i++) {
        add(&shown, &sessions[i]);
    }
    judge_all(&shown);
    const char *at = write_as(&shown, FORMAT_TEXT);
    for (int i = 0; i < COUNT(order); i++) {
        at = strchr(at, '\n');
        ck_assert_ptr_nonnull(at);
        at++;
        ck_assert_msg(strncmp(at, order[i], strlen(order[i])) == 0, "not %s: %s", order[i], at);
    }
    finish(&shown);
}
END_TEST

START_TEST(names_policy_and_server_below)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    add(&shown,
        &(struct spec){
            .vm = "srv", .policy = "CDP Policy", .server = "backup01", DONE, .result = "Failed"});
    judge_all(&shown);
    const char *below = strchr(write_as(&shown, FORMAT_TEXT), '\n');
    ck_assert_ptr_nonnull(strstr(below, "CDP Policy"));
    ck_assert_ptr_nonnull(strstr(below, "backup01"));
    finish(&shown);
}
END_TEST

/* 120 bytes of a Reason on the first line, 1,000 below, and no half character at either end. */
START_TEST(reasons_are_cut)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    char reason[4096];
    memset(reason, 'a', (size_t)_i);
    for (size_t at = (size_t)_i; at < 3000; at += 4) {
        memcpy(reason + at, "\xF0\x9F\x98\x80", 5);
    }
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "srv", DONE, .result = "Failed", .reason = reason});
    judge_all(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    const char *below = strchr(text, '\n') + 1;
    const char *first = strstr(text, ": \xF0\x9F\x98\x80");
    first = first != NULL && first < below ? first + 2 : strstr(text, ": a") + 2;
    const size_t shown_first = strcspn(first, "|\n");
    ck_assert_uint_le(shown_first, 120);
    ck_assert_uint_gt(shown_first, 120 - 4);
    const char *second = strrchr(below, ':') + 2;
    const size_t shown_below = strcspn(second, "\n");
    ck_assert_uint_le(shown_below, 1000);
    ck_assert_uint_gt(shown_below, 1000 - 4);
    ck_assert_int_eq(strncmp(second + shown_below - 3, "...", 3), 0);
    finish(&shown);
}
END_TEST

static const char *const nasty[] = {
    "a|b=1;2;3",
    "a\nCDP TASK OK: fine|x=1",
    "\x1B[2J\x07 bell",
    "m\xFCller",
    "\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80",
    "\xE2\x80\xAE: gnp.exe",
    "\xE2\x80\xA8 \xC2\x85 lines",
    "'quoted' \"twice\" \\ back",
    "%s%n%d",
    "|||",
    " ",
    "\xE6\xBC\xA2\xE5\xAD\x97",
};

/* Each of EM's texts in turn is hostile; all of them are in the last round. */
START_TEST(hostile_texts_are_harmless)
{
    static const char *const options[] = {"-v", NULL};
    for (int part = 0; part < 8; part++) {
        const char *bad = nasty[_i];
        const struct spec spec = {
            .uid = part == 0 || part == 7 ? bad : "1",
            .vm = part == 1 || part == 7 ? bad : "srv",
            .policy = part == 2 || part == 7 ? bad : "P",
            .server = part == 3 || part == 7 ? bad : "backup01",
            .state = part == 4 || part == 7 ? bad : "Completed",
            .result = part == 5 || part == 7 ? bad : "Failed",
            .reason = part == 6 || part == 7 ? bad : "gone",
            .created = part == 7 ? bad : "2025-08-14T09:00:00Z",
            .size = "5",
        };
        struct spec second = spec;
        struct shown shown;
        second.server = "backup02";
        start(&shown, options);
        add(&shown, &spec);
        add(&shown, &second);
        judge_all(&shown);
        check_form(write_as(&shown, FORMAT_TEXT));
        cJSON_Delete(write_json(&shown));
        finish(&shown);
    }
}
END_TEST

static const struct {
    enum fault_kind kind;
    const char *text;
    const char *line;
} faults[] = {
    {FAULT_USAGE, "--port: 'x' is not a port",
     "CDP TASK UNKNOWN: usage: --port: 'x' is not a port"},
    {FAULT_NOT_FOUND, "nothing", "CDP TASK UNKNOWN: not-found: nothing"},
    {FAULT_PROTOCOL, "a\nb|c\x01 m\xFCller", "CDP TASK UNKNOWN: protocol: a b c m\xEF\xBF\xBDller"},
    {FAULT_INTERNAL, "out of memory", "CDP TASK UNKNOWN: internal: out of memory"},
};

START_TEST(shows_faults)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    end_by(&shown, faults[_i].kind, faults[_i].text);
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    ck_assert_uint_eq(count_lines(text), 1);
    ck_assert_int_eq(strncmp(text, faults[_i].line, strlen(faults[_i].line)), 0);
    ck_assert_str_eq(text + strlen(faults[_i].line), "\n");
    finish(&shown);
}
END_TEST

START_TEST(faults_have_the_state_of_the_options)
{
    static const char *const options[] = {"--empty-result=ok", NULL};
    struct shown shown;
    start(&shown, options);
    name_parts(&shown.scope, &shown.site, SCOPE_VM, (const char *const[]){"srv", NULL});
    fault_set(&shown.site.parts[0].fault, FAULT_NOT_FOUND, "EM has no such VM");
    judge_all(&shown);
    ck_assert_str_eq(write_as(&shown, FORMAT_TEXT), "CDP TASK OK: not-found: EM has no such VM\n");
    finish(&shown);
}
END_TEST

START_TEST(policies_that_em_does_not_have)
{
    static const char *const options[] = {NULL};
    static const char *const names[] = {"Silver", "gold", "a\tb", NULL};
    static const char *const lines[] = {
        "\n[UNKNOWN] Silver: not-found: EM has no session of a CDP policy named Silver"
        "; --all --list --format=json shows the names that it has\n",
        "\n[UNKNOWN] gold: not-found: EM has no session of a CDP policy named gold"
        "; it has Gold: case counts\n",
        "\n[UNKNOWN] a b: not-found: EM has no session of a CDP policy named a b; --all "};
    struct shown shown;
    start(&shown, options);
    name_parts(&shown.scope, &shown.site, SCOPE_POLICY, names);
    for (size_t i = 0; i < shown.site.part_count; i++) {
        shown.site.parts[i].lacks_policy = true;
    }
    shown.site.parts[1].other_case = strdup("Gold");
    judge_all(&shown);
    ck_assert_int_eq(finding_fault_kind(shown.verdict.fault), FAULT_NOT_FOUND);
    const char *text = write_as(&shown, FORMAT_TEXT);
    for (int i = 0; i < COUNT(lines); i++) {
        ck_assert_msg(strstr(text, lines[i]) != NULL, "%s", text);
    }
    finish(&shown);
}
END_TEST

START_TEST(a_fault_beside_good_vms_is_shown)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    char before[LARGEST_TEXT];
    char perfdata[LARGEST_TEXT];
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "a", DONE, .result = "Success", AT_9});
    name_parts(&shown.scope, &shown.site, SCOPE_VM, (const char *const[]){"a", "b", NULL});
    fault_set(&shown.site.parts[1].fault, FAULT_SERVER, "status 503");
    judge_all(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    split_first_line(text, before, perfdata, sizeof before);
    ck_assert_int_eq(strncmp(before, "CDP TASK UNKNOWN: ", strlen("CDP TASK UNKNOWN: ")), 0);
    ck_assert_ptr_nonnull(strstr(before, "b: server: status 503"));
    ck_assert_str_eq(perfdata, MEASURED("a_", ""));
    finish(&shown);
}
END_TEST

START_TEST(notices_stand_below)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "a", DONE, .result = "Success", AT_9, .size = "\"x\""});
    judge_all(&shown);
    lines_add(&shown.verdict.site.notices, "one|two\nthree");
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    ck_assert_ptr_nonnull(strstr(strchr(text, '\n'), "TotalSize"));
    ck_assert_ptr_nonnull(strstr(strchr(text, '\n'), "one two three\n"));
    finish(&shown);
}
END_TEST

static void add_many(struct shown *shown, size_t count, const char *reason)
{
    for (size_t i = 0; i < count; i++) {
        char vm[32];
        snprintf(vm, sizeof vm, "srv-%03zu", i);
        add(shown, &(struct spec){
                       .vm = vm, DONE, AT_9, .result = "Failed", .reason = reason, .size = "1"});
    }
}

static size_t number_before(const char *text, const char *what)
{
    const char *at = strstr(text, what);
    while (at != NULL && at > text && (at[-1] == ' ' || (at[-1] >= '0' && at[-1] <= '9'))) {
        at--;
    }
    return at != NULL ? strtoul(at, NULL, 10) : 0;
}

static void check_omitted(const char *text, size_t vms)
{
    size_t told = 0;
    const char *last = text;
    for (const char *at = strchr(text, '\n'); at != NULL && at[1] != '\0';
         at = strchr(at + 1, '\n')) {
        last = at + 1;
        told += last[0] == '[' ? 1 : 0;
    }
    ck_assert_msg(strstr(last, "omitted (output limit): ") != NULL,
                  "nothing counts what is omitted: %s", last);
    ck_assert_msg(told + number_before(last, " VM") == vms, "%zu are shown: %s", told, last);
    ck_assert_uint_gt(told, 0);
}

/* Nagios keeps 4 KB. Reasons of EM may take megabytes. */
static const struct {
    size_t vms, reason;
    enum report_perfdata perfdata;
} amounts[] = {
    {500, 6000, PERFDATA_VM},    {500, 6000, PERFDATA_SUMMARY}, {500, 1, PERFDATA_VM},
    {500, 1, PERFDATA_SUMMARY},  {500, 100, PERFDATA_VM},       {60, 60000, PERFDATA_VM},
    {100, 30, PERFDATA_SUMMARY},
};

START_TEST(much_is_cut_and_counted)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    char *reason = malloc(amounts[_i].reason + 1);
    memset(reason, 'r', amounts[_i].reason);
    reason[amounts[_i].reason] = '\0';
    start(&shown, options);
    shown.settings.perfdata = amounts[_i].perfdata;
    add_many(&shown, amounts[_i].vms, reason);
    judge_all(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    check_omitted(text, amounts[_i].vms);
    cJSON_Delete(write_json(&shown));
    free(reason);
    finish(&shown);
}
END_TEST

START_TEST(one_reason_of_megabytes)
{
    enum { MEGABYTES = 3 * 1024 * 1024 };
    static const char *const options[] = {"-vvv", NULL};
    struct shown shown;
    char *reason = malloc(MEGABYTES + 1);
    for (size_t at = 0; at + 3 <= MEGABYTES; at += 3) {
        memcpy(reason + at, "\xE6\xBC\xA2", 3);
    }
    reason[MEGABYTES] = '\0';
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "srv", DONE, .result = "Failed", .reason = reason});
    judge_all(&shown);
    check_form(write_as(&shown, FORMAT_TEXT));
    cJSON_Delete(write_json(&shown));
    free(reason);
    finish(&shown);
}
END_TEST

START_TEST(many_notices_are_counted)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "srv", DONE, .result = "Failed", AT_9});
    judge_all(&shown);
    for (int i = 0; i < 300; i++) {
        lines_add(&shown.verdict.site.notices,
                  "notice %d of what EM did not tell in the right shape", i);
    }
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    ck_assert_ptr_nonnull(strstr(text, "[CRITICAL] srv"));
    ck_assert_ptr_nonnull(strstr(text, "omitted (output limit): "));
    finish(&shown);
}
END_TEST

/* What concerns the run, as long as its notices may be: main adds the first of them. */
static const char *const run_notices[] = {
    "--insecure: the server's certificate was not verified; see --pinned-pubkey",
    "EM's clock is 1h 2m 3s ahead of this host's: all spans are measured by EM's clock",
    "this system has no UTF-8 locale: regular expressions match bytes, not characters",
};

static void add_run_notices(struct shown *shown)
{
    for (int i = 0; i < COUNT(run_notices); i++) {
        lines_add(&shown->verdict.site.notices, "%s", run_notices[i]);
    }
}

/* Whether the notices of the run are all there, and before any VM. */
static void check_run_notices(const char *text)
{
    const char *first_vm = strstr(text, "\n[");
    ck_assert_ptr_nonnull(first_vm);
    for (int i = 0; i < COUNT(run_notices); i++) {
        const char *at = strstr(text, run_notices[i]);
        ck_assert_msg(at != NULL && at < first_vm, "'%s' is not before the VMs: %s", run_notices[i],
                      text);
    }
}

/* 60 VMs of names this long, in each kind of performance data, also from a snapshot. */
static const struct {
    int name_length;
    enum report_perfdata perfdata;
} full[] = {
    {1, PERFDATA_VM},        {8, PERFDATA_VM},        {16, PERFDATA_VM},
    {23, PERFDATA_VM},       {31, PERFDATA_VM},       {40, PERFDATA_VM},
    {55, PERFDATA_VM},       {80, PERFDATA_VM},       {120, PERFDATA_VM},
    {200, PERFDATA_VM},      {1, PERFDATA_SUMMARY},   {31, PERFDATA_SUMMARY},
    {120, PERFDATA_SUMMARY}, {8, PERFDATA_NONE},      {55, PERFDATA_NONE},
    {8, PERFDATA_VM_WHOLE},  {31, PERFDATA_VM_WHOLE}, {200, PERFDATA_VM_WHOLE},
};

START_TEST(notices_of_the_run_are_never_left_out)
{
    enum { VMS = 60 };
    static const char *const options[] = {NULL};
    struct shown shown;
    char reason[3000];
    start(&shown, options);
    shown.settings.perfdata = full[_i].perfdata;
    memset(reason, 'r', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    for (int i = 0; i < VMS; i++) {
        char vm[256];
        snprintf(vm, sizeof vm, "%0*d", full[_i].name_length, i);
        add(&shown, &(struct spec){.vm = vm, DONE, AT_9, .result = "Failed", .reason = reason});
    }
    shown.site.from_snapshot = true;
    shown.site.asked_at = moment("2025-08-14T11:59:00Z");
    judge_all(&shown);
    add_run_notices(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_run_notices(text);
    ck_assert_ptr_nonnull(strstr(text, "\nsnapshot: EM's answer is 1m old\n"));
    check_omitted(text, VMS);
    if (full[_i].perfdata == PERFDATA_VM_WHOLE) {
        ck_assert_uint_le(strlen(strchr(text, '\n')), LARGEST_TEXT);
    } else {
        check_form(text);
    }
    finish(&shown);
}
END_TEST

/* Oddities come last, and notices without end leave the VMs some room. */
START_TEST(a_failed_vm_is_shown_whatever_the_notices)
{
    enum { MANY = 200 };
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "srv-failed", DONE, AT_9, .result = "Failed"});
    for (int i = 0; i < MANY; i++) {
        char vm[32];
        snprintf(vm, sizeof vm, "odd-%d", i);
        add(&shown,
            &(struct spec){.uid = vm, .vm = vm, DONE, AT_9, .result = "Success", .size = "\"x\""});
    }
    judge_all(&shown);
    add_run_notices(&shown);
    const int more = 3 * _i; // up to where they do not fit any more
    for (int i = 0; i < more; i++) {
        lines_add(&shown.verdict.site.notices, "another notice of the run %d %0200d", i, i);
    }
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    check_run_notices(text);
    const char *vm = strstr(text, "\n[CRITICAL] srv-failed");
    const char *odd = strstr(text, "\nnotice: session odd-0: its TotalSize is not a size");
    ck_assert_msg(vm != NULL && odd != NULL && vm < odd, "%s", text);
    const char *last = strrchr(text, ':');
    size_t told = 0;
    for (const char *at = text; (at = strstr(at, "\nnotice: ")) != NULL; at++) {
        told++;
    }
    ck_assert_uint_eq(told + number_before(last, " notice"),
                      (size_t)(COUNT(run_notices) + more + MANY));
    cJSON *document = write_json(&shown);
    const cJSON *notices = get(document, "notices");
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetArrayItem(notices, 0)), run_notices[0]);
    ck_assert_ptr_nonnull(
        strstr(cJSON_GetStringValue(cJSON_GetArrayItem(notices, cJSON_GetArraySize(notices) - 1)),
               "100 more"));
    cJSON_Delete(document);
    finish(&shown);
}
END_TEST

/* However long and alike the names are, no label stands twice. */
START_TEST(labels_are_unlike)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    char vm[512];
    char before[LARGEST_TEXT];
    char perfdata[LARGEST_TEXT];
    start(&shown, options);
    memset(vm, 'v', sizeof vm - 1);
    vm[sizeof vm - 1] = '\0';
    for (int i = 0; i < 4; i++) {
        vm[sizeof vm - 2] = (char)('0' + i);
        add(&shown, &(struct spec){.vm = vm, DONE, .result = "Success"});
    }
    judge_all(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    split_first_line(text, before, perfdata, sizeof before);
    char *labels[8];
    int count = 0;
    for (char *item = perfdata; *item != '\0';) {
        char *end = strstr(item, ";;;0");
        ck_assert_ptr_nonnull(end);
        ck_assert_int_lt(count, COUNT(labels));
        *end = '\0';
        item[strcspn(item, "=")] = '\0';
        labels[count++] = item;
        item = end + strlen(";;;0");
        item += *item == ' ' ? 1 : 0;
    }
    ck_assert_int_eq(count, 4);
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(labels[i], labels[j]);
        }
    }
    finish(&shown);
}
END_TEST

START_TEST(sums_up)
{
    static const char *const options[] = {"-w", "4h", "-c", "8h", "--critical-age=1d", NULL};
    struct shown shown;
    char before[LARGEST_TEXT];
    char perfdata[LARGEST_TEXT];
    start(&shown, options);
    shown.settings.perfdata = PERFDATA_SUMMARY;
    add(&shown,
        &(struct spec){.vm = "a", DONE, .result = "Success", AT_9, .size = "9007199254740992"});
    add(&shown, &(struct spec){.vm = "b",
                               DONE,
                               .result = "Warning",
                               .size = "1024",
                               .created = "2025-08-14T08:59:59.5Z"});
    add(&shown, &(struct spec){.vm = "c",
                               .state = "InProgress",
                               .result = "Failed",
                               .created = "2025-08-14T11:00:00Z"});
    judge_all(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    check_form(text);
    split_first_line(text, before, perfdata, sizeof before);
    ck_assert_str_eq(perfdata, "vms=3;;;0 ok=1;;;0 warning=1;;;0 critical=1;;;0 unknown=0;;;0 "
                               "max_duration=7200.5s;14400;28800;0 max_age=3600s;;86400;0 "
                               "total_size=9007199254742016B;;;0");
    finish(&shown);
}
END_TEST

static void check_keys(const cJSON *object, const char *const keys[])
{
    int count = 0;
    ck_assert(cJSON_IsObject(object));
    for (; keys[count] != NULL; count++) {
        ck_assert_msg(cJSON_HasObjectItem(object, keys[count]), "%s is missing", keys[count]);
        ck_assert_msg(cJSON_GetObjectItemCaseSensitive(object, keys[count]) != NULL,
                      "%s is of another case", keys[count]);
    }
    ck_assert_msg(cJSON_GetArraySize(object) == count, "%d members, not %d",
                  cJSON_GetArraySize(object), count);
}

static const char *const document_keys[] = {"plugin",   "version", "checked_at", "server",  "em",
                                            "snapshot", "state",   "exit_code",  "summary", "error",
                                            "notices",  "counts",  "policies",   "vms",     NULL};
static const char *const em_keys[] = {"state",
                                      "why",
                                      "answered_seconds",
                                      "data_age_seconds",
                                      "collected_at",
                                      "clock_offset_seconds",
                                      "not_collected",
                                      NULL};
static const char *const snapshot_keys[] = {"fetched_at", "age_seconds", NULL};
static const char *const error_keys[] = {"kind", "message", NULL};
static const char *const counts_keys[] = {"vms", "ok", "warning", "critical", "unknown", NULL};
static const char *const vm_keys[] = {"vm",    "policy",  "backup_server", "state", "why",
                                      "signs", "metrics", "sessions",      NULL};
static const char *const metrics_keys[] = {"duration_seconds", "age_seconds", "total_size_bytes",
                                           NULL};
static const char *const session_keys[] = {"uid",
                                           "name",
                                           "state",
                                           "result",
                                           "reason",
                                           "created_at",
                                           "ended_at",
                                           "policy_session_uid",
                                           "total_size_bytes",
                                           NULL};

static const char *get_text(const cJSON *object, const char *key)
{
    ck_assert_msg(cJSON_IsString(get(object, key)), "%s is no text", key);
    return cJSON_GetStringValue(get(object, key));
}

static double get_number(const cJSON *object, const char *key)
{
    ck_assert_msg(cJSON_IsNumber(get(object, key)), "%s is no number", key);
    return cJSON_GetNumberValue(get(object, key));
}

/* How old a snapshot is, in words and in seconds; a clock that was set back makes it no younger
 * than 0. */
static const struct {
    const char *fetched;
    const char *words;
    double seconds;
} ages[] = {{NOW, "0s", 0},
            {"2025-08-14T11:59:17.5Z", "42s", 42.5},
            {"2025-08-14T11:47:55Z", "12m 5s", 725},
            {"2025-08-14T12:00:03Z", "0s", 0}};

START_TEST(the_age_of_a_snapshot_is_told)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    char line[128];
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "a", DONE, .result = "Success", AT_9});
    shown.site.from_snapshot = true;
    shown.site.asked_at = moment(ages[_i].fetched);
    judge_all(&shown);
    snprintf(line, sizeof line, "\nsnapshot: EM's answer is %s old\n", ages[_i].words);
    const char *text = write_as(&shown, FORMAT_TEXT);
    ck_assert_msg(strstr(text, line) != NULL, "%s", text);
    ck_assert_msg(strstr(text, " age=3600s;") != NULL, "metrics are of now: %s", text);
    cJSON *document = write_json(&shown);
    const cJSON *snapshot = get(document, "snapshot");
    check_keys(snapshot, snapshot_keys);
    ck_assert_str_eq(get_text(snapshot, "fetched_at"), ages[_i].fetched);
    ck_assert_double_eq(get_number(snapshot, "age_seconds"), ages[_i].seconds);
    cJSON_Delete(document);
    finish(&shown);
}
END_TEST

static const struct {
    const char *server;
    bool told;
    utc_us offset;
    const char *shown; // the member of the document
} em_clocks[] = {
    {NULL, false, 0, "\"em\":null,"},
    {"em01:9398", false, 0, "\"clock_offset_seconds\":null,"},
    {"em01:9398", true, 0, "\"clock_offset_seconds\":0,"},
    {"em01:9398", true, 3600 * UTC_SECOND, "\"clock_offset_seconds\":3600,"},
    {"em01:9398", true, -86399 * UTC_SECOND, "\"clock_offset_seconds\":-86399,"},
    {"em01:9398", true, INT64_C(100000000) * UTC_SECOND, "\"clock_offset_seconds\":100000000,"},
};

START_TEST(json_has_the_offset_of_ems_clock)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    shown.settings.server = em_clocks[_i].server;
    add(&shown, &(struct spec){.vm = "a", DONE, .result = "Success", AT_9});
    shown.site.has_clock_offset = em_clocks[_i].told;
    shown.site.clock_offset = em_clocks[_i].offset;
    judge_all(&shown);
    cJSON *document = write_json(&shown);
    const char *text = buf_string(&shown.text);
    ck_assert_msg(strstr(text, em_clocks[_i].shown) != NULL, "%s", text);
    if (em_clocks[_i].server != NULL) {
        check_keys(get(document, "em"), em_keys);
    }
    ck_assert_str_eq(get_text(document, "checked_at"), NOW);
    cJSON_Delete(document);
    finish(&shown);
}
END_TEST

/* Whether some key of that name has these digits: a reader would make a double of them. */
static bool has_digits(const char *text, const char *key, const char *digits)
{
    char start[64];
    snprintf(start, sizeof start, "\"%s\":%s", key, digits);
    const char *found = strstr(text, start);
    return found != NULL && strchr(",}", found[strlen(start)]) != NULL;
}

START_TEST(json_has_the_promised_keys)
{
    static const char *const options[] = {"--critical-age=30m", NULL};
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.uid = "u1",
                               .vm = "a",
                               .policy = "P",
                               .server = "backup01",
                               DONE,
                               AT_9,
                               .result = "Failed",
                               .reason = "tab\there \"x\"",
                               .size = "1152921504606846976"});
    add(&shown, &(struct spec){.uid = "u2",
                               .vm = "a",
                               .policy = "P",
                               .server = "backup01",
                               .state = "InProgress",
                               .created = "2025-08-14T11:30:00.25Z"});
    judge_all(&shown);
    cJSON *document = write_json(&shown);
    check_keys(document, document_keys);
    ck_assert_str_eq(get_text(document, "plugin"), PROGRAM_NAME);
    ck_assert_str_eq(get_text(document, "version"), program_version);
    ck_assert_str_eq(get_text(document, "checked_at"), NOW);
    ck_assert_str_eq(get_text(document, "server"), "em01:9398");
    ck_assert(cJSON_IsNull(get(document, "snapshot")));
    ck_assert_str_eq(get_text(document, "state"), "CRITICAL");
    ck_assert_double_eq(get_number(document, "exit_code"), 2);
    ck_assert_ptr_nonnull(strstr(get_text(document, "summary"), "Failed"));
    ck_assert(cJSON_IsNull(get(document, "error")));
    ck_assert_int_eq(cJSON_GetArraySize(get(document, "notices")), 0);
    ck_assert(cJSON_IsArray(get(document, "notices")));
    check_keys(get(document, "counts"), counts_keys);
    ck_assert_double_eq(get_number(get(document, "counts"), "critical"), 1);
    const cJSON *vm = cJSON_GetArrayItem(get(document, "vms"), 0);
    check_keys(vm, vm_keys);
    ck_assert_str_eq(get_text(vm, "vm"), "a");
    ck_assert_str_eq(get_text(vm, "policy"), "P");
    ck_assert_str_eq(get_text(vm, "backup_server"), "backup01");
    ck_assert_str_eq(get_text(vm, "state"), "CRITICAL");
    ck_assert_int_ge(cJSON_GetArraySize(get(vm, "why")), 2);
    check_keys(get(vm, "metrics"), metrics_keys);
    ck_assert_double_eq(get_number(get(vm, "metrics"), "duration_seconds"), 1799.75);
    ck_assert_double_eq(get_number(get(vm, "metrics"), "age_seconds"), 10800);
    ck_assert(cJSON_IsNull(get(get(vm, "metrics"), "total_size_bytes")));
    ck_assert_int_eq(cJSON_GetArraySize(get(vm, "sessions")), 2);
    const cJSON *newest = cJSON_GetArrayItem(get(vm, "sessions"), 0);
    const cJSON *completed = cJSON_GetArrayItem(get(vm, "sessions"), 1);
    check_keys(newest, session_keys);
    check_keys(completed, session_keys);
    ck_assert_str_eq(get_text(newest, "created_at"), "2025-08-14T11:30:00.25Z");
    static const char *const unknown[] = {
        "name", "result", "reason", "ended_at", "policy_session_uid", "total_size_bytes"};
    for (int i = 0; i < COUNT(unknown); i++) {
        ck_assert_msg(cJSON_IsNull(get(newest, unknown[i])), "%s is not null", unknown[i]);
    }
    ck_assert_str_eq(get_text(completed, "uid"), "u1");
    ck_assert_str_eq(get_text(completed, "state"), "Completed");
    ck_assert_str_eq(get_text(completed, "result"), "Failed");
    ck_assert_str_eq(get_text(completed, "reason"), "tab\there \"x\"");
    ck_assert_str_eq(get_text(completed, "ended_at"), "2025-08-14T11:00:00Z");
    ck_assert(has_digits(buf_string(&shown.text), "total_size_bytes", "1152921504606846976"));
    cJSON_Delete(document);
    finish(&shown);
}
END_TEST

START_TEST(json_of_a_fault)
{
    static const char *const options[] = {"--unreachable-result=critical", NULL};
    struct shown shown;
    start(&shown, options);
    shown.settings.server = NULL;
    end_by(&shown, FAULT_TLS, faults[_i].text);
    lines_add(&shown.verdict.site.notices, "a notice");
    cJSON *document = write_json(&shown);
    check_keys(document, document_keys);
    check_keys(get(document, "error"), error_keys);
    ck_assert_str_eq(get_text(get(document, "error"), "kind"), "tls");
    ck_assert_str_ne(get_text(get(document, "error"), "message"), "");
    ck_assert_str_eq(get_text(document, "state"), "CRITICAL");
    ck_assert_double_eq(get_number(document, "exit_code"), 2);
    ck_assert(cJSON_IsNull(get(document, "server")));
    ck_assert_int_eq(cJSON_GetArraySize(get(document, "vms")), 0);
    ck_assert(cJSON_IsArray(get(document, "vms")));
    ck_assert_int_eq(cJSON_GetArraySize(get(document, "notices")), 1);
    ck_assert_double_eq(get_number(get(document, "counts"), "vms"), 0);
    cJSON_Delete(document);
    finish(&shown);
}
END_TEST

START_TEST(json_of_a_fault_beside_a_good_vm)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "a", DONE, .result = "Success", AT_9});
    name_parts(&shown.scope, &shown.site, SCOPE_VM, (const char *const[]){"a", "b", NULL});
    fault_set(&shown.site.parts[1].fault, FAULT_SERVER, "status 503");
    judge_all(&shown);
    cJSON *document = write_json(&shown);
    const cJSON *vm = cJSON_GetArrayItem(get(document, "vms"), 1);
    ck_assert(cJSON_IsNull(get(document, "error")));
    check_keys(vm, vm_keys);
    ck_assert_str_eq(get_text(vm, "vm"), "b");
    ck_assert(cJSON_IsNull(get(vm, "policy")));
    ck_assert_str_eq(get_text(vm, "state"), "UNKNOWN");
    ck_assert_int_eq(cJSON_GetArraySize(get(vm, "sessions")), 0);
    ck_assert(cJSON_IsNull(get(get(vm, "metrics"), "duration_seconds")));
    ck_assert_ptr_nonnull(
        strstr(cJSON_GetStringValue(cJSON_GetArrayItem(get(vm, "why"), 0)), "status 503"));
    cJSON_Delete(document);
    finish(&shown);
}
END_TEST

/* As one allocation, which is not much larger than it need be. */
START_TEST(json_of_many_vms_takes_its_memory_once)
{
    static const char *const options[] = {NULL};
    static const enum format formats[] = {FORMAT_JSON, FORMAT_LIST_JSON};
    struct shown shown;
    start(&shown, options);
    for (int i = 0; i < 3000; i++) {
        char name[16];
        snprintf(name, sizeof name, "vm%d", i);
        add(&shown, &(struct spec){.vm = name,
                                   DONE,
                                   AT_9,
                                   .result = i % 10 == 0 ? "Failed" : "Success",
                                   .reason = i % 10 == 0 ? "the host is not reached" : NULL});
    }
    judge_all(&shown);
    write_as(&shown, formats[_i]);
    ck_assert_uint_lt(shown.text.capacity, shown.text.length / 8 * 9);
    cJSON *document = cJSON_ParseWithOpts(buf_string(&shown.text), NULL, true);
    ck_assert_int_eq(cJSON_GetArraySize(get(document, "vms")), 3000);
    cJSON_Delete(document);
    finish(&shown);
}
END_TEST

START_TEST(half_a_document_is_none)
{
    static const char *const options[] = {NULL};
    static const enum format formats[] = {FORMAT_JSON, FORMAT_LIST_JSON};
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "a", DONE, .result = "Success", AT_9});
    judge_all(&shown);
    const size_t whole = strlen(write_as(&shown, formats[_i]));
    for (size_t limit = 0; limit < whole; limit++) {
        cleanup_buf struct buf text;
        buf_init(&text, limit);
        report(&text, formats[_i], &shown.verdict, &shown.settings);
        ck_assert_int_ne(text.failure, BUF_FINE);
        ck_assert_str_eq(buf_string(&text), "");
    }
    finish(&shown);
}
END_TEST

Suite *report_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *text = tcase_create("text");
    tcase_set_timeout(text, 60); // valgrind takes its time for megabytes
    tcase_add_loop_test(text, shows_verdicts, 0, COUNT(cases));
    tcase_add_test(text, the_worst_comes_first);
    tcase_add_test(text, names_policy_and_server_below);
    tcase_add_loop_test(text, reasons_are_cut, 0, 4);
    tcase_add_loop_test(text, hostile_texts_are_harmless, 0, COUNT(nasty));
    tcase_add_loop_test(text, shows_faults, 0, COUNT(faults));
    tcase_add_test(text, faults_have_the_state_of_the_options);
    tcase_add_test(text, policies_that_em_does_not_have);
    tcase_add_test(text, a_fault_beside_good_vms_is_shown);
    tcase_add_test(text, notices_stand_below);
    tcase_add_test(text, one_reason_of_megabytes);
    tcase_add_test(text, many_notices_are_counted);
    tcase_add_loop_test(text, notices_of_the_run_are_never_left_out, 0, COUNT(full));
    tcase_add_test(text, labels_are_unlike);
    tcase_add_test(text, sums_up);
    suite_add_tcase(suite, text);

    TCase *json = tcase_create("json");
    tcase_add_test(json, json_has_the_promised_keys);
    tcase_add_loop_test(json, the_age_of_a_snapshot_is_told, 0, COUNT(ages));
    tcase_add_loop_test(json, json_has_the_offset_of_ems_clock, 0, COUNT(em_clocks));
    tcase_add_loop_test(json, json_of_a_fault, 0, COUNT(faults));
    tcase_add_test(json, json_of_a_fault_beside_a_good_vm);
    tcase_add_loop_test(json, half_a_document_is_none, 0, 2);
    suite_add_tcase(suite, json);

    TCase *bulk = tcase_create("bulk");
    tcase_set_tags(bulk, "bulk");
    tcase_set_timeout(bulk, 60); // valgrind takes its time for thousands of VMs
    tcase_add_loop_test(bulk, much_is_cut_and_counted, 0, COUNT(amounts));
    tcase_add_loop_test(bulk, a_failed_vm_is_shown_whatever_the_notices, 0, 14);
    tcase_add_loop_test(bulk, json_of_many_vms_takes_its_memory_once, 0, 2);
    suite_add_tcase(suite, bulk);
    return suite;
}
