// SPDX-License-Identifier: GPL-3.0-or-later
/* Verdicts as OpenMetrics, as passive results and as lists; how much performance data; fleets. */
#include "report/report.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "unit/shown.h"
#include "unit/suites.h"
#include "unit/utf8.h"

/* As write_as, and sound. */
static const char *write_sound(struct shown *shown, enum format format)
{
    const char *text = write_as(shown, format);
    ck_assert_msg(is_utf8(text), "not UTF-8: %s", text);
    ck_assert_int_eq(text[strlen(text) - 1], '\n');
    return text;
}

static void check_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in: %s", part, text);
}

static void check_lacks(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "'%s' is in: %s", part, text);
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The lines of the text, which is cut into them, in order; the caller frees the array. */
static char **sorted_lines(char *text, size_t *count)
{
    char **lines = calloc(strlen(text) + 1, sizeof *lines);
    char *place = NULL;
    *count = 0;
    for (char *line = strtok_r(text, "\n", &place); line != NULL;
         line = strtok_r(NULL, "\n", &place)) {
        lines[(*count)++] = line;
    }
    qsort(lines, *count, sizeof *lines, compare_lines);
    return lines;
}

/* The length of a label "name=\"text\"" at `text`; 0: there is none. */
static size_t label_length(const char *text)
{
    size_t at = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
    if (at == 0 || strncmp(text + at, "=\"", 2) != 0) {
        return 0;
    }
    for (at += 2; text[at] != '"'; at++) {
        if (text[at] == '\\') {
            at++;
            if (strchr("n\"\\", text[at]) == NULL) {
                return 0;
            }
        }
        if (text[at] == '\0') {
            return 0;
        }
    }
    return at + 1;
}

/* A comment, or `name{label,…} number`. */
static void check_metric_line(const char *line)
{
    static const char *const comments[] = {"# TYPE veeam_cdp_", "# UNIT veeam_cdp_",
                                           "# HELP veeam_cdp_", "# EOF"};
    for (int i = 0; i < COUNT(comments); i++) {
        if (strncmp(line, comments[i], strlen(comments[i])) == 0) {
            return;
        }
    }
    size_t at = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
    ck_assert_msg(strncmp(line, "veeam_cdp_", strlen("veeam_cdp_")) == 0 && line[at] == '{',
                  "no sample: %s", line);
    do {
        const size_t length = label_length(line + at + 1);
        ck_assert_msg(length > 0, "no label at %zu: %s", at + 1, line);
        at += 1 + length;
    } while (line[at] == ',');
    ck_assert_msg(strncmp(line + at, "} ", 2) == 0, "no end of labels: %s", line);
    const size_t digits = strspn(line + at + 2, "0123456789.");
    ck_assert_msg(digits > 0 && line[at + 2 + digits] == '\0', "no number: %s", line);
    for (const char *byte = line; *byte != '\0'; byte++) {
        ck_assert_msg((unsigned char)*byte >= 0x20 && *byte != 0x7F, "a control character: %s",
                      line);
    }
}

/* Each line is sound, and no series is there twice. */
static void check_metrics(const char *text)
{
    size_t count = 0;
    char *copy = strdup(text);
    char **lines = sorted_lines(copy, &count);
    ck_assert_msg(strcmp(text + strlen(text) - strlen("\n# EOF\n"), "\n# EOF\n") == 0, "no end: %s",
                  text);
    for (size_t i = 0; i < count; i++) {
        check_metric_line(lines[i]);
        if (i > 0 && lines[i][0] != '#') {
            const size_t length = (size_t)(strrchr(lines[i], ' ') - lines[i]) + 1;
            ck_assert_msg(strncmp(lines[i], lines[i - 1], length) != 0, "twice: %s", lines[i]);
        }
    }
    free(lines);
    free(copy);
}

/* Commands and nothing else; no host and service twice. */
static void check_commands(const char *text)
{
    char head[64];
    size_t count = 0;
    char *copy = strdup(text);
    char **lines = sorted_lines(copy, &count);
    snprintf(head, sizeof head, "[%lld] PROCESS_SERVICE_CHECK_RESULT;",
             (long long)(moment(NOW) / UTC_SECOND));
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(strncmp(lines[i], head, strlen(head)) == 0, "no command: %s", lines[i]);
        ck_assert_msg(strlen(lines[i]) < 4096, "%zu bytes", strlen(lines[i]));
        const char *host = lines[i] + strlen(head);
        const char *service = host + strcspn(host, ";");
        const char *state = service + 1 + strcspn(service + 1, ";");
        ck_assert_msg(service > host && state > service + 1, "no host or service: %s", lines[i]);
        ck_assert_msg(strcspn(host, "`~!$%^&*|'\"<>?,()=") >= (size_t)(state - host),
                      "a character that no name may have: %s", lines[i]);
        ck_assert_msg(state[1] >= '0' && state[1] <= '3' &&
                          strncmp(state + 2, ";CDP TASK ", 10) == 0,
                      "no state: %s", lines[i]);
        ck_assert_msg(strchr(state, '\\') == NULL, "an escape: %s", lines[i]);
        for (const char *byte = lines[i]; *byte != '\0'; byte++) {
            ck_assert_msg((unsigned char)*byte >= 0x20 && *byte != 0x7F, "a control character: %s",
                          lines[i]);
        }
        if (i > 0) {
            ck_assert_msg(strncmp(lines[i], lines[i - 1], (size_t)(state - lines[i]) + 1) != 0,
                          "one service twice: %s", lines[i]);
        }
    }
    free(lines);
    free(copy);
}

/* A header, six tabs in each line, then notices. */
static void check_list(const char *text)
{
    size_t tabs = 0;
    bool notice = false;
    check_has(text, "VM\tPOLICY\tBACKUP SERVER\tUID\tSTATE\tRESULT\tSIGNS\n");
    for (const char *at = text; *at != '\0'; at++) {
        if (tabs == 0 && strncmp(at, "notice: ", 8) == 0) {
            notice = true;
        }
        ck_assert_msg((unsigned char)*at >= 0x20 || strchr("\t\n", *at) != NULL, "a control: %s",
                      at);
        tabs += *at == '\t' ? 1 : 0;
        if (*at == '\n') {
            ck_assert_msg(tabs == (notice ? 0 : 6), "%zu tabs before: %s", tabs, at);
            tabs = 0;
        }
    }
}

static const char *const nasty[] = {
    "x;0;fine\n[1] SHUTDOWN_PROGRAM",
    "back\\slash \\n \"quoted\"",
    "`~!$%^&*|'\"<>?,()=;",
    "\x1B[2J\x07 bell \x7F",
    "m\xFCller \xC0\xAF\xED\xA0\x80",
    "\xC2\x9B 31m \xC2\x85",
    "tab\there",
    "{vm}{policy}",
    "%s%n",
    " ",
    "",
    "\xE6\xBC\xA2\xE5\xAD\x97",
};

/* Each of EM's texts in turn is hostile; all of them are in the last round. */
START_TEST(hostile_texts_are_harmless)
{
    static const char *const options[] = {NULL};
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
            AT_9,
            .size = "5",
        };
        struct spec second = spec;
        struct shown shown;
        second.server = "backup02";
        second.uid = "2";
        start(&shown, options);
        shown.settings.passive_host = "{vm} {policy}";
        shown.settings.passive_service = "{backup_server}";
        shown.settings.host = bad;
        shown.settings.server = bad;
        add(&shown, &spec);
        add(&shown, &second);
        judge_all(&shown);
        lines_add(&shown.verdict.site.notices, "%s", bad);
        check_metrics(write_sound(&shown, FORMAT_OPENMETRICS));
        check_commands(write_sound(&shown, FORMAT_PASSIVE));
        check_list(write_sound(&shown, FORMAT_LIST));
        finish(&shown);
    }
}
END_TEST

/* Labels as OpenMetrics writes them. */
static const struct {
    const char *vm, *label;
} labels[] = {
    {"srv", "{vm=\"srv\","},
    {"pipe|bar", "{vm=\"pipe|bar\","},
    {"a\nb", "{vm=\"a\\nb\","},
    {"a\\b\"c", "{vm=\"a\\\\b\\\"c\","},
    {"a\\nb", "{vm=\"a\\\\nb\","},
    {"a  b ", "{vm=\"a  b \","},
    {"a\x1B\rb\xC2\x9B", "{vm=\"a  b \","},
    {"m\xFCller", "{vm=\"m\xEF\xBF\xBDller\","},
    {"\xC2\xA0\xC3\xBC", "{vm=\"\xC2\xA0\xC3\xBC\","},
};

START_TEST(labels_are_escaped)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.vm = labels[_i].vm, DONE, .result = "Success"});
    judge_all(&shown);
    check_has(write_sound(&shown, FORMAT_OPENMETRICS), labels[_i].label);
    finish(&shown);
}
END_TEST

/* Of a VM that is well there is no Reason: each text would be one more series. */
START_TEST(reasons_of_what_is_not_well)
{
    static const char *const options[] = {"--map=Failed=ok", NULL};
    char reason[600];
    struct shown shown;
    memset(reason, 'r', sizeof reason);
    memcpy(reason, "\"a|b\\\n", 6);
    reason[sizeof reason - 1] = '\0';
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "web", DONE, .result = "Warning", .reason = reason});
    add(&shown, &(struct spec){.vm = "lab", DONE, .result = "Failed", .reason = "it is off"});
    add(&shown, &(struct spec){.vm = "mute", DONE, .result = "Warning"});
    judge_all(&shown);
    const char *text = write_sound(&shown, FORMAT_OPENMETRICS);
    check_metrics(text);
    check_has(text, "\nveeam_cdp_task_reason_info{vm=\"web\",policy=\"\",backup_server=\"\","
                    "session=\"newest\",reason=\"\\\"a b\\\\ rrr");
    check_has(text, "\nveeam_cdp_task_reason_info{vm=\"web\",policy=\"\",backup_server=\"\","
                    "session=\"last_completed\",reason=\"\\\"a b\\\\ rrr");
    check_has(text, "rrr...\"} 1\n");
    check_lacks(text, "reason_info{vm=\"lab\"");
    check_lacks(text, "reason_info{vm=\"mute\"");
    const char *cut = strstr(text, ",reason=\"");
    ck_assert_uint_lt(strcspn(cut, "\n"), 300);
    finish(&shown);
}
END_TEST

/* What only U+FFFD is left of may be the same text twice, and there may be no UID. */
START_TEST(series_are_told_apart)
{
    static const char *const options[] = {NULL};
    static const struct spec sessions[] = {
        {.uid = "u1", .vm = "m\xFCller", DONE},
        {.uid = "u2", .vm = "m\xFDller", DONE},
        {.vm = "x\xFCy", DONE},
        {.vm = "x\xFDy", DONE},
        {.uid = "u3", DONE},
        {.uid = "u4", DONE},
        {.vm = "alone", .uid = "u5", DONE},
    };
    struct shown shown;
    start(&shown, options);
    for (int i = 0; i < COUNT(sessions); i++) {
        add(&shown, &sessions[i]);
    }
    judge_all(&shown);
    ck_assert_uint_eq(shown.verdict.vm_count, COUNT(sessions));
    const char *text = write_sound(&shown, FORMAT_OPENMETRICS);
    check_metrics(text);
    check_has(text, "status{vm=\"m\xEF\xBF\xBDller\",policy=\"\",backup_server=\"\",uid=\"u1\"} ");
    check_has(text, ",uid=\"\",number=\"1\"} ");
    check_has(text, ",uid=\"\",number=\"2\"} ");
    check_has(text, "status{vm=\"\",policy=\"\",backup_server=\"\",uid=\"u3\"} ");
    check_has(text, "status{vm=\"alone\",policy=\"\",backup_server=\"\"} ");
    finish(&shown);
}
END_TEST

/* A policy that EM does not know has its label, and its state. */
START_TEST(a_fault_of_a_policy_has_a_series)
{
    static const char *const options[] = {"--empty-result=warning", NULL};
    struct shown shown;
    start(&shown, options);
    shown.settings.host = "em01";
    add(&shown, &(struct spec){.vm = "a", .policy = "P1", DONE, .result = "Success", AT_9});
    name_parts(&shown.scope, &shown.site, SCOPE_POLICY, (const char *const[]){"P1", "P2", NULL});
    fault_set(&shown.site.parts[1].fault, FAULT_NOT_FOUND, "no such policy");
    judge_all(&shown);
    const char *text = write_sound(&shown, FORMAT_OPENMETRICS);
    check_metrics(text);
    check_has(text, "veeam_cdp_task_status{vm=\"\",policy=\"P2\",backup_server=\"\"} 1\n");
    check_has(text, "veeam_cdp_up{server=\"em01:9398\"} 1\n");
    text = write_sound(&shown, FORMAT_PASSIVE);
    check_commands(text);
    check_has(text,
              ";em01;Veeam CDP task;1;CDP TASK WARNING: P2: not-found: no such policy; in all 2 "
              "VMs: 1 warning, 1 ok|");
    check_has(text, ";a;Veeam CDP task;0;");
    text = write_sound(&shown, FORMAT_LIST);
    check_list(text);
    check_has(text, "\n-\tP2\t-\t-\tfault\tnot-found: no such policy\t-\n");
    ck_assert_int_eq(verdict_fault_state(&shown.verdict), STATE_WARNING);
    finish(&shown);
}
END_TEST

/* EM fell silent after the first of two VMs: what it said of that one still counts. */
static const struct {
    enum fault_kind kind;
    const char *state; // of the run's own passive result
    int up;
} silences[] = {
    {FAULT_UNREACHABLE, "3", 0}, {FAULT_TIMEOUT, "3", 0},  {FAULT_SERVER, "3", 0},
    {FAULT_LOGON, "3", 0},       {FAULT_PROTOCOL, "3", 0}, {FAULT_NOT_FOUND, "0", 1},
    {FAULT_USAGE, "3", 0},       {FAULT_TLS, "3", 0},      {FAULT_FORBIDDEN, "3", 0},
};

START_TEST(em_falls_silent)
{
    static const char *const options[] = {NULL};
    char expected[100];
    struct shown shown;
    start(&shown, options);
    shown.settings.host = "em01";
    add(&shown, &(struct spec){.vm = "a", .policy = "P1", DONE, .result = "Success", AT_9});
    name_parts(&shown.scope, &shown.site, SCOPE_VM, (const char *const[]){"a", "b", NULL});
    fault_set(&shown.site.parts[1].fault, silences[_i].kind, "as it is");
    judge_all(&shown);
    const char *text = write_sound(&shown, FORMAT_OPENMETRICS);
    check_metrics(text);
    snprintf(expected, sizeof expected, "veeam_cdp_up{server=\"em01:9398\"} %d\n", silences[_i].up);
    check_has(text, expected);
    check_has(text, "veeam_cdp_task_status{vm=\"a\",policy=\"P1\",backup_server=\"\"} 0\n");
    text = write_sound(&shown, FORMAT_PASSIVE);
    check_commands(text);
    check_has(text, ";a;Veeam CDP task;0;");
    check_has(text, ";b;Veeam CDP task;3;");
    snprintf(expected, sizeof expected, ";em01;Veeam CDP task;%s;", silences[_i].state);
    check_has(text, expected);
    finish(&shown);
}
END_TEST

/* That EM has nothing is an answer, also if another run had it, and shared it as its fault. */
START_TEST(what_is_not_found_leaves_em_up)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    end_by(&shown, FAULT_NOT_FOUND, "nothing");
    const char *text = write_sound(&shown, FORMAT_OPENMETRICS);
    check_metrics(text);
    check_has(text, "veeam_cdp_up{server=\"em01:9398\"} 1\n");
    check_has(text, "veeam_cdp_vms{server=\"em01:9398\",state=\"ok\"} 0\n");
    finish(&shown);
}
END_TEST

START_TEST(faults_of_the_run)
{
    static const char *const options[] = {"--unreachable-result=critical", NULL};
    struct shown shown;
    start(&shown, options);
    shown.settings.host = "em01";
    end_by(&shown, FAULT_UNREACHABLE, "a\nb\\c;d|e");
    const char *text = write_sound(&shown, FORMAT_OPENMETRICS);
    check_metrics(text);
    check_has(text, "veeam_cdp_up{server=\"em01:9398\"} 0\n");
    check_has(text, "veeam_cdp_fault_info{server=\"em01:9398\",kind=\"unreachable\"} 1\n");
    check_lacks(text, "veeam_cdp_vms");
    check_lacks(text, "veeam_cdp_task");
    ck_assert_uint_lt(strlen(text), 4000); // what is kept for a run that is ended from outside
    text = write_sound(&shown, FORMAT_PASSIVE);
    check_commands(text);
    check_has(text, ";em01;Veeam CDP task;2;CDP TASK CRITICAL: unreachable: a b/c;d e\n");
    shown.settings.host = NULL;
    check_has(write_sound(&shown, FORMAT_PASSIVE), ";check_veeam_cdp_task;Veeam CDP task;2;");
    check_has(write_sound(&shown, FORMAT_LIST), "CDP TASK CRITICAL: unreachable: ");
    ck_assert_int_eq(verdict_fault_state(&shown.verdict), STATE_CRITICAL);
    finish(&shown);
}
END_TEST

static const struct {
    const char *text, *wrong; // NULL: it is fine
} templates[] = {
    {"{vm}", NULL},        {"a{vm}b{policy}c{backup_server}d{vm}", NULL},
    {"plain", NULL},       {"}", NULL},
    {"$vm$", NULL},        {"{", "'{'"},
    {"{vm", "'{vm'"},      {"{VM}", "'{VM}'"},
    {"{}", "'{}'"},        {"{vm}{x}y", "'{x}'"},
    {"{{vm}}", "'{{vm}'"},
};

START_TEST(templates_are_checked)
{
    struct fault fault = {.kind = FAULT_NONE};
    const int result = passive_template_check(templates[_i].text, &fault);
    ck_assert_int_eq(result, templates[_i].wrong != NULL ? -1 : 0);
    ck_assert_int_eq(fault.kind, templates[_i].wrong != NULL ? FAULT_USAGE : FAULT_NONE);
    if (templates[_i].wrong != NULL) {
        check_has(fault.text, templates[_i].wrong);
    }
}
END_TEST

/* VMs' names, and the hosts that they lead to. */
static const struct {
    const char *vm, *host;
} hosts[] = {
    {"srv-db01", "srv-db01"},
    {"srv db 01", "srv db 01"},
    {"a;b", "a_b"},
    {"pipe|bar", "pipe_bar"},
    {"(group)", "_group_"},
    {"back\\slash", "back\\slash"},
    {"c++ #1 [x]{y}/z:@", "c++ #1 [x]{y}/z:@"},
    {"  a \t b\n", "a b"},
    {"x;0;fine\n[1] SHUTDOWN_PROGRAM", "x_0_fine [1] SHUTDOWN_PROGRAM"},
    {" ", "unnamed"},
    {"m\xFCller", "m\xEF\xBF\xBDller"},
    {"{policy}", "{policy}"},
};

START_TEST(hosts_are_cleaned)
{
    static const char *const options[] = {NULL};
    char expected[128];
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.vm = hosts[_i].vm, .policy = "P", DONE, .result = "Success"});
    judge_all(&shown);
    const char *text = write_sound(&shown, FORMAT_PASSIVE);
    check_commands(text);
    snprintf(expected, sizeof expected, ";%s;Veeam CDP task;0;", hosts[_i].host);
    check_has(text, expected);
    check_has(text, "CDP TASK OK: Enterprise Manager answered; in all 1 VM: 1 ok|");
    finish(&shown);
}
END_TEST

/* Icinga 2 skips a result that is older than the one of a check within the same second. */
START_TEST(the_time_is_never_too_early)
{
    static const char *const options[] = {NULL};
    static const utc_us fractions[] = {0, 1, UTC_SECOND / 2, UTC_SECOND - 1, UTC_SECOND};
    char head[64];
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.vm = "srv", DONE, .result = "Success"});
    judge_all(&shown);
    const utc_us checked = shown.verdict.checked;
    for (size_t i = 0; i < COUNT(fractions); i++) {
        shown.verdict.checked = checked + fractions[i];
        snprintf(head, sizeof head, "[%lld] ",
                 (long long)(checked / UTC_SECOND) + (fractions[i] > 0 ? 1 : 0));
        const char *text = write_sound(&shown, FORMAT_PASSIVE);
        ck_assert_msg(strncmp(text, head, strlen(head)) == 0, "not %s: %s", head, text);
    }
    finish(&shown);
}
END_TEST

/* What is omitted of some VMs with long names: the last line's words. */
static const struct {
    int vms;
    const char *result, *last;
} omissions[] = {
    {4, "Success", NULL},
    {5, "Success", "\nomitted (output limit): performance data of 1 VM\n"},
    {6, "Success", "\nomitted (output limit): performance data of 2 VMs\n"},
    {5, "Failed", "\nomitted (output limit): 3 VMs, 1 notice, performance data of 1 VM\n"},
};

START_TEST(the_last_line_says_what_is_omitted)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    char reason[2000];
    char uid[SESSION_UID_SHOWN + 1];
    memset(uid, 'u', sizeof uid);
    uid[SESSION_UID_SHOWN] = '\0';
    memset(reason, 'r', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    start(&shown, options);
    for (int i = 0; i < omissions[_i].vms; i++) {
        char vm[128];
        snprintf(vm, sizeof vm, "%0118d", i);
        add(&shown, &(struct spec){.vm = vm,
                                   DONE,
                                   AT_9,
                                   .result = omissions[_i].result,
                                   .reason = reason,
                                   .size = "214748364800"});
        if (i == 0 && strcmp(omissions[_i].result, "Failed") == 0) {
            add(&shown, &(struct spec){.uid = uid,
                                       .vm = vm,
                                       .state = "Completed",
                                       .created = "2025-08-13T09:00:00Z",
                                       .ended = "odd"});
        }
    }
    judge_all(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    ck_assert_uint_lt(strlen(text), 4000);
    if (omissions[_i].last == NULL) {
        check_lacks(text, "omitted");
    } else {
        const size_t end = strlen(text) - strlen(omissions[_i].last);
        ck_assert_msg(strcmp(text + end, omissions[_i].last) == 0, "%s", text);
    }
    finish(&shown);
}
END_TEST

/*
 * A VM whose name is EM's host shares the run's own result, and two of one name share another:
 * each line has its own VMs' names, and performance data of what it is about.
 */
START_TEST(shared_results_name_their_own_vms)
{
    static const struct {
        const char *vm, *policy, *result;
    } vms[] = {{"a", "P", "Success"},
               {"b", "P", "Failed"},
               {"b", "Q", "Warning"},
               {"em01", "P", "Success"},
               {"z", "P", "Failed"}};
    static const enum report_perfdata asked[] = {PERFDATA_VM, PERFDATA_VM_WHOLE, PERFDATA_SUMMARY};
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    shown.settings.host = "em01";
    for (int i = 0; i < COUNT(vms); i++) {
        add(&shown,
            &(struct spec){
                .vm = vms[i].vm, .policy = vms[i].policy, DONE, AT_9, .result = vms[i].result});
    }
    judge_all(&shown);
    shown.settings.perfdata = asked[_i];
    const char *text = write_sound(&shown, FORMAT_PASSIVE);
    check_commands(text);
    check_has(text, ";a;Veeam CDP task;0;CDP TASK OK: a: Completed, Success, ended 1h "
                    "ago|" MEASURED("", "") "\n");
    check_has(text, ";b;Veeam CDP task;2;CDP TASK CRITICAL: 2 VMs: 1 critical, 1 warning; b (P): "
                    "Completed, Failed, ended 1h ago; one result for b (P), b (Q)|vms=2;;;0 ok=0;");
    check_has(text, ";em01;Veeam CDP task;0;CDP TASK OK: em01: Completed, Success, ended 1h ago; "
                    "in all 5 VMs: 2 critical, 1 warning, 2 ok|vms=5;;;0 ok=2;");
    check_has(text, ";z;Veeam CDP task;2;CDP TASK CRITICAL: z: Completed, Failed, ended 1h ago|"
                    "duration=7200s;");
    finish(&shown);
}
END_TEST

START_TEST(perfdata_as_asked_for)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    char vm[32];
    start(&shown, options);
    for (int i = 0; i < 500; i++) {
        snprintf(vm, sizeof vm, "srv-%03d", i);
        add(&shown, &(struct spec){.vm = vm, DONE, AT_9, .result = "Failed", .size = "1"});
    }
    judge_all(&shown);
    shown.settings.perfdata = PERFDATA_NONE;
    const char *text = write_as(&shown, FORMAT_TEXT);
    ck_assert_uint_lt(strlen(text), 4000);
    check_lacks(text, "|");
    shown.settings.perfdata = PERFDATA_VM;
    text = write_as(&shown, FORMAT_TEXT);
    ck_assert_uint_lt(strlen(text), 4000);
    check_has(text, "performance data of ");
    check_lacks(text, "srv-499_age=");
    shown.settings.perfdata = PERFDATA_VM_WHOLE;
    text = write_as(&shown, FORMAT_TEXT);
    const char *below = strchr(text, '\n');
    ck_assert_uint_gt((size_t)(below - text), 20000);
    ck_assert_uint_lt(strlen(below), 4000);
    ck_assert_uint_gt(strlen(below), 3000);
    for (int i = 0; i < 500; i++) {
        snprintf(vm, sizeof vm, " srv-%03d_age=", i);
        check_has(text, vm);
    }
    check_lacks(text, "performance data");
    finish(&shown);
}
END_TEST

START_TEST(a_list_has_all)
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    add(&shown, &(struct spec){.uid = "u1",
                               .vm = "a\tb",
                               .policy = "P",
                               .server = "backup01",
                               .state = "InProgress",
                               .created = "2025-08-14T11:30:00Z"});
    add(&shown, &(struct spec){.uid = "u2",
                               .vm = "a\tb",
                               .policy = "P",
                               .server = "backup01",
                               DONE,
                               AT_9,
                               .result = "Failed"});
    add(&shown, &(struct spec){.uid = "u3", .vm = "c", .policy = "P"});
    judge_all(&shown);
    lines_add(&shown.verdict.site.notices, "one\ttwo");
    const char *text = write_sound(&shown, FORMAT_LIST);
    check_list(text);
    check_has(text, "\na b [cleaned]\tP\tbackup01\tu1\tInProgress\t-\t-\nc\tP\t-\tu3\t-\t-\t-\n"
                    "notice: names marked [cleaned] have characters that are not shown; ");
    check_has(text, "\nnotice: one two\n");
    ck_assert_int_eq(shown.verdict.state, STATE_CRITICAL);
    ck_assert_int_eq(verdict_fault_state(&shown.verdict), STATE_OK);
    text = write_as(&shown, FORMAT_LIST_JSON);
    cJSON *document = cJSON_ParseWithOpts(text, NULL, true);
    const cJSON *vm = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(document, "vms"), 0);
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(vm, "uid")), "u1");
    ck_assert(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(vm, "result")));
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(vm, "sessions")), 2);
    cJSON_Delete(document);
    finish(&shown);
}
END_TEST

/* Fleets, by what makes them hard: many names, or one name on many policies, or nothing to tell by.
 */
enum fleet { FLEET_OF_NAMES, FLEET_OF_ONE_NAME, FLEET_WITHOUT_NAMES, FLEETS };

static void add_fleet(struct shown *shown, enum fleet fleet, int count)
{
    for (int i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "n%d", i);
        add(shown, &(struct spec){.uid = fleet == FLEET_WITHOUT_NAMES ? text : NULL,
                                  .vm = fleet == FLEET_OF_NAMES      ? text
                                        : fleet == FLEET_OF_ONE_NAME ? "srv"
                                                                     : NULL,
                                  .policy = fleet == FLEET_OF_ONE_NAME ? text : NULL,
                                  .result = i % 2 == 0 ? "Failed" : "Success",
                                  DONE,
                                  AT_9});
    }
}

static const enum format reports[] = {FORMAT_TEXT, FORMAT_OPENMETRICS, FORMAT_PASSIVE, FORMAT_LIST};

enum { TRIES = 2 };

/* The CPU time that each report of a fleet takes, in clock ticks: the least of some tries. */
static void report_fleet(enum fleet fleet, int count, const char *one_host,
                         double ticks[COUNT(reports)])
{
    static const char *const options[] = {NULL};
    struct shown shown;
    start(&shown, options);
    shown.settings.perfdata = PERFDATA_VM_WHOLE;
    shown.settings.passive_host = one_host;
    add_fleet(&shown, fleet, count);
    judge_all(&shown);
    ck_assert_uint_eq(shown.verdict.vm_count, (size_t)count);
    for (int i = 0; i < TRIES * COUNT(reports); i++) {
        buf_free(&shown.text);
        const clock_t before = clock();
        report(&shown.text, reports[i / TRIES], &shown.verdict, &shown.settings);
        const double took = (double)(clock() - before) + 1;
        ck_assert_int_eq(shown.text.failure, BUF_FINE);
        double *least = &ticks[i / TRIES];
        *least = i % TRIES == 0 || took < *least ? took : *least;
    }
    finish(&shown);
}

/* 64 times as many VMs take some 100 times as long; were it by the square, it would be 4096 times.
 * The limit is far from both: a busy machine measures badly. */
START_TEST(time_is_in_step_with_the_fleet)
{
    const char *preloaded = getenv("LD_PRELOAD");
    const bool slow = preloaded != NULL && strstr(preloaded, "vgpreload") != NULL; // valgrind's
    const int few = slow ? 20 : 100;
    const enum fleet fleet = (enum fleet)(_i % FLEETS);
    const char *one_host = _i < FLEETS ? NULL : "all";
    double of_few[COUNT(reports)] = {0};
    double of_many[COUNT(reports)] = {0};
    report_fleet(fleet, few, one_host, of_few);
    report_fleet(fleet, 64 * few, one_host, of_many);
    for (int i = 0; i < COUNT(reports); i++) {
        ck_assert_msg(of_many[i] < of_few[i] * 640, "report %d: %.0f ticks for %d VMs, %.0f for %d",
                      i, of_few[i], few, of_many[i], 64 * few);
    }
}
END_TEST

Suite *formats_suite(void)
{
    Suite *suite = suite_create("formats");
    TCase *openmetrics = tcase_create("openmetrics");
    tcase_add_loop_test(openmetrics, labels_are_escaped, 0, COUNT(labels));
    tcase_add_test(openmetrics, reasons_of_what_is_not_well);
    tcase_add_test(openmetrics, series_are_told_apart);
    suite_add_tcase(suite, openmetrics);

    TCase *passive = tcase_create("passive");
    tcase_add_loop_test(passive, templates_are_checked, 0, COUNT(templates));
    tcase_add_loop_test(passive, hosts_are_cleaned, 0, COUNT(hosts));
    tcase_add_test(passive, the_time_is_never_too_early);
    tcase_add_loop_test(passive, shared_results_name_their_own_vms, 0, 3);
    suite_add_tcase(suite, passive);

    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, hostile_texts_are_harmless, 0, COUNT(nasty));
    tcase_add_test(all, a_fault_of_a_policy_has_a_series);
    tcase_add_loop_test(all, em_falls_silent, 0, COUNT(silences));
    tcase_add_test(all, what_is_not_found_leaves_em_up);
    tcase_add_test(all, faults_of_the_run);
    tcase_add_test(all, perfdata_as_asked_for);
    tcase_add_loop_test(all, the_last_line_says_what_is_omitted, 0, COUNT(omissions));
    tcase_add_test(all, a_list_has_all);
    suite_add_tcase(suite, all);

    TCase *fleets = tcase_create("fleets");
    tcase_set_timeout(fleets, 300); // valgrind takes its time
    tcase_set_tags(fleets, "time");
    tcase_add_loop_test(fleets, time_is_in_step_with_the_fleet, 0, 2 * FLEETS);
    suite_add_tcase(suite, fleets);
    return suite;
}
