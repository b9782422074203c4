// SPDX-License-Identifier: GPL-3.0-or-later
/* VMs that stand still and EM's old data in each format, from what EM told to what is shown. */
#include "report/report.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "monitoring/range.h"
#include "unit/shown.h"
#include "unit/suites.h"

enum { MINUTE = 60, H = 60 * MINUTE, LARGEST_TEXT = 3999, MOST_VMS = 4 };

#define RUNS .state = "InProgress", .result = "Success", .created = "2025-08-14T10:00:00Z"
#define ENDED_AT_8                                                                                 \
    .state = "Completed", .ended = "2025-08-12T08:00:00Z", .created = "2025-08-12T00:00:00Z"
#define ON_GOLD .policy = "Gold", .server = "vbr01"

static void tell(struct shown *shown, enum site_topic topic, enum site_knowledge knowledge)
{
    struct site_answer *answer = &shown->site.answers[topic];
    answer->knowledge = knowledge;
    if (knowledge == SITE_REFUSED) {
        fault_set(&answer->fault, FAULT_FORBIDDEN, "403");
    } else if (knowledge == SITE_FAILED) {
        fault_set(&answer->fault, FAULT_TIMEOUT, "slow");
    }
}

static void add_policy(struct shown *shown, const struct policy *policy)
{
    struct fault fault;
    tell(shown, SITE_POLICIES, SITE_TOLD);
    ck_assert_int_eq(policies_append(&shown->site.policies, policy, &fault), 0);
}

static void add_protected(struct shown *shown, const struct protected_vm *vm)
{
    struct fault fault;
    tell(shown, SITE_REPLICAS, SITE_TOLD);
    ck_assert_int_eq(protected_vms_append(&shown->site.protected_vms, vm, &fault), 0);
    ck_assert_int_eq(protected_vms_sort(&shown->site.protected_vms, &fault), 0);
}

static void collect(struct shown *shown, int seconds)
{
    tell(shown, SITE_COLLECTION, SITE_TOLD);
    shown->scope.data_age = true;
    shown->site.collection.has_succeeded = true;
    shown->site.collection.succeeded = moment(NOW) - seconds * UTC_SECOND;
}

static void is_enabled(struct shown *shown)
{
    add_policy(shown, &(struct policy){.name = "Gold",
                                       .backup_server = "vbr01",
                                       .has_enabled = true,
                                       .enabled = true,
                                       .has_rpo = true,
                                       .rpo_s = 15,
                                       .has_long_term = true,
                                       .long_term_s = 8 * H});
}

static void is_disabled(struct shown *shown)
{
    add_policy(shown,
               &(struct policy){.name = "Gold", .backup_server = "vbr01", .has_enabled = true});
}

static void has_a_replica(struct shown *shown)
{
    is_enabled(shown);
    add_protected(
        shown, &(struct protected_vm){
                   .vm = "a|new", .policy = "Gold", .backup_server = "vbr01", .has_replica = true});
}

static void lists_another(struct shown *shown)
{
    add_policy(shown, &(struct policy){.name = "Gold",
                                       .backup_server = "vbr01",
                                       .has_enabled = true,
                                       .enabled = true,
                                       .lists_all = true});
}

static void has_a_folder(struct shown *shown)
{
    add_policy(shown, &(struct policy){.name = "Gold",
                                       .backup_server = "vbr01",
                                       .containers = "Folder|Prod",
                                       .has_enabled = true,
                                       .enabled = true});
}

static void has_two_of_a_name(struct shown *shown)
{
    is_enabled(shown);
    is_disabled(shown);
}

static void is_fresh(struct shown *shown)
{
    is_enabled(shown);
    collect(shown, 7 * MINUTE);
}

static void is_stale(struct shown *shown)
{
    collect(shown, 3 * H);
}

static void is_refused(struct shown *shown)
{
    shown->scope.data_age = true;
    tell(shown, SITE_POLICIES, SITE_REFUSED);
    tell(shown, SITE_REPLICAS, SITE_REFUSED);
    tell(shown, SITE_COLLECTION, SITE_REFUSED);
}

/* As an option would; --input, which the tests' command lines have, takes none of these. */
static void limit(struct threshold *threshold, const char *text)
{
    struct fault fault;
    *threshold = (struct threshold){.range = range_read(text, UNIT_DURATION, &fault), .text = text};
    ck_assert_ptr_nonnull(threshold->range);
}

static void is_too_stale(struct shown *shown)
{
    is_stale(shown);
    limit(&shown->options.rules.critical[METRIC_DATA_AGE], "2h");
}

static void is_refused_with_a_limit(struct shown *shown)
{
    is_refused(shown);
    limit(&shown->options.rules.warning[METRIC_DATA_AGE], "1h");
}

static void fails(struct shown *shown)
{
    tell(shown, SITE_POLICIES, SITE_FAILED);
    tell(shown, SITE_REPLICAS, SITE_FAILED);
}

static void nothing(struct shown *shown)
{
    (void)shown;
}

#define SINCE_8 "idle for 2d 4h (since 2025-08-12 08:00 UTC, limit 1h): no task session runs"
#define UNKNOWN_CAUSE " (VM powered off or excluded, policy disabled, or backup server down?)"
#define KNOWN_CAUSE " (VM powered off or excluded, or backup server down?)"
#define STALE                                                                                      \
    "EM's data is 3h old (warning: 45m): EM has completed no data collection since 2025-08-14 "    \
    "09:00 UTC"
#define STALE_LINE "[WARNING] " STALE "; check EM's data collection and the backup server\n"
#define FULL_NAME ", policy Gold, backup server vbr01: "
#define REFUSED                                                                                    \
    "notice: not told to this user: policies, data collection, replicas (forbidden: 403); so "     \
    "this is not seen: VMs without a session since 2025-08-11 12:00 UTC, policies that are "       \
    "disabled, how old EM's data is\n"

/* What is shown without performance data, byte by byte. */
static const struct {
    const char *options[3];
    void (*set)(struct shown *);
    struct spec sessions[MOST_VMS];
    const char *text;
} texts[] = {
    {{NULL},
     nothing,
     {{.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK OK: db: InProgress, Success, for 2h\n"},
    {{NULL},
     nothing,
     {{.vm = "db", ON_GOLD, ENDED_AT_8, .result = "Success"}},
     "CDP TASK WARNING: db: idle for 2d 4h: no task session runs; Completed, Success, ended 2d 4h "
     "ago\n"
     "[WARNING] db" FULL_NAME SINCE_8 UNKNOWN_CAUSE
     "; Completed, Success, ended 2d 4h ago (2025-08-12 08:00 UTC)\n"},
    {{"--map=idle=ok"},
     nothing,
     {{.vm = "db", ON_GOLD, ENDED_AT_8, .result = "Success"}},
     "CDP TASK OK: db: Completed, Success, ended 2d 4h ago; idle for 2d 4h: no task session "
     "runs\n"},
    {{"--map=idle=critical"},
     is_enabled,
     {{.vm = "db", ON_GOLD, ENDED_AT_8, .result = "Warning"}},
     "CDP TASK CRITICAL: db: Completed, Warning, ended 2d 4h ago; idle for 2d 4h: no task session "
     "runs, though the policy Gold is enabled\n"
     "[CRITICAL] db" FULL_NAME
     "Completed, Warning, ended 2d 4h ago (2025-08-12 08:00 UTC); " SINCE_8
     ", though the policy Gold is enabled" KNOWN_CAUSE "\n"},
    {{NULL},
     is_disabled,
     {{.vm = "db", ON_GOLD, DONE, AT_9, .result = "Success"}},
     "CDP TASK WARNING: db: disabled: the policy Gold is disabled in EM, nothing has run for 1h; "
     "Completed, Success, ended 1h ago\n"
     "[WARNING] db" FULL_NAME
     "disabled: the policy Gold is disabled in EM, nothing has run for 1h, since 2025-08-14 11:00 "
     "UTC (enable it on the backup server, or accept it by --map=disabled=ok); Completed, "
     "Success, ended 1h ago (2025-08-14 11:00 UTC)\n"},
    {{NULL},
     has_a_replica,
     {{.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK WARNING: 2 VMs: 1 warning, 1 ok; a new: uncovered: EM has a replica of it under the "
     "policy Gold, but EM has no task session of it in the last 3d\n"
     "[WARNING] a new" FULL_NAME
     "uncovered: EM has a replica of it under the policy Gold, but EM has no task session of it in "
     "the last 3d (VM powered off or excluded, or did its replication never begin?)\n"},
    {{NULL},
     lists_another,
     {{.vm = "db", ON_GOLD, ENDED_AT_8, .result = "Success"}},
     "CDP TASK OK: db: Completed, Success, ended 2d 4h ago; no longer in the policy Gold\n"
     "notice: no longer in the policy: db (Gold); EM still has sessions or a replica, and nothing "
     "runs\n"},
    {{NULL},
     is_stale,
     {{.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK WARNING: " STALE "; db: InProgress, Success, for 2h\n" STALE_LINE},
    {{NULL},
     is_stale,
     {{
          .vm = "db",
          ON_GOLD,
          RUNS,
      },
      {.vm = "web", ON_GOLD, RUNS}},
     "CDP TASK WARNING: 2 VMs: 2 ok; " STALE "\n" STALE_LINE},
    {{NULL},
     is_stale,
     {{.vm = "db", ON_GOLD, RUNS}, {.vm = "web", ON_GOLD, DONE, AT_9, .result = "Warning"}},
     "CDP TASK WARNING: 2 VMs: 1 warning, 1 ok; " STALE
     "; web: Completed, Warning, ended 1h ago\n" STALE_LINE "[WARNING] web" FULL_NAME
     "Completed, Warning, ended 1h ago (2025-08-14 11:00 UTC)\n"},
    {{NULL},
     is_stale,
     {{.vm = "db", ON_GOLD, RUNS}, {.vm = "web", ON_GOLD, DONE, AT_9, .result = "Failed"}},
     "CDP TASK CRITICAL: 2 VMs: 1 critical, 1 ok; web: Completed, Failed, ended 1h ago; " STALE
     "\n" STALE_LINE "[CRITICAL] web" FULL_NAME
     "Completed, Failed, ended 1h ago (2025-08-14 11:00 UTC)\n"},
    {{NULL},
     is_stale,
     {{.vm = "web", ON_GOLD, DONE, AT_9, .result = "Failed"}},
     "CDP TASK CRITICAL: web: Completed, Failed, ended 1h ago; " STALE "\n" STALE_LINE
     "[CRITICAL] web" FULL_NAME "Completed, Failed, ended 1h ago (2025-08-14 11:00 UTC)\n"},
    {{NULL},
     is_too_stale,
     {{.vm = "web", ON_GOLD, DONE, AT_9, .result = "Failed"}},
     "CDP TASK CRITICAL: EM's data is 3h old (critical: 2h): EM has completed no data collection "
     "since 2025-08-14 09:00 UTC; web: Completed, Failed, ended 1h ago\n"
     "[CRITICAL] EM's data is 3h old (critical: 2h): EM has completed no data collection since "
     "2025-08-14 09:00 UTC; check EM's data collection and the backup server\n"
     "[CRITICAL] web" FULL_NAME "Completed, Failed, ended 1h ago (2025-08-14 11:00 UTC)\n"},
    {{NULL},
     is_refused,
     {{.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK OK: db: InProgress, Success, for 2h\n"},
    {{"-v"},
     is_refused,
     {{.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK OK: db: InProgress, Success, for 2h\n"
     "[OK] db" FULL_NAME "InProgress, Success, for 2h (since 2025-08-14 10:00 UTC)\n" REFUSED},
    {{NULL},
     is_refused,
     {{.vm = "web", ON_GOLD, DONE, AT_9, .result = "Warning"}},
     "CDP TASK WARNING: web: Completed, Warning, ended 1h ago\n"
     "[WARNING] web" FULL_NAME "Completed, Warning, ended 1h ago (2025-08-14 11:00 UTC)\n" REFUSED},
    {{NULL},
     is_refused_with_a_limit,
     {{.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK UNKNOWN: EM's data age unknown, so --warning-data-age can't be checked: EM does not "
     "tell it to this user; db: InProgress, Success, for 2h\n"
     "[UNKNOWN] EM's data age unknown, so --warning-data-age can't be checked: EM does not "
     "tell it to this user (forbidden: 403)\n" REFUSED},
    {{NULL},
     fails,
     {{.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK OK: db: InProgress, Success, for 2h\n"
     "notice: not known in this run: policies, replicas (timeout: slow); so this is not seen: VMs "
     "without a session since 2025-08-11 12:00 UTC, policies that are disabled\n"},
    {{NULL},
     fails,
     {{.vm = "web", ON_GOLD, DONE, AT_9, .result = "Warning"}},
     "CDP TASK WARNING: web: Completed, Warning, ended 1h ago\n"
     "[WARNING] web" FULL_NAME "Completed, Warning, ended 1h ago (2025-08-14 11:00 UTC)\n"
     "notice: not known in this run: policies, replicas (timeout: slow); so this is not seen: VMs "
     "without a session since 2025-08-11 12:00 UTC, policies that are disabled\n"},
    {{NULL},
     has_a_folder,
     {{.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK OK: db: InProgress, Success, for 2h\n"},
    {{"-v"},
     has_a_folder,
     {{.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK OK: db: InProgress, Success, for 2h\n"
     "[OK] db" FULL_NAME "InProgress, Success, for 2h (since 2025-08-14 10:00 UTC)\n"
     "notice: EM does not list the VMs of Folder Prod (policy Gold): a VM there is seen once it "
     "has a session or a replica\n"},
    {{NULL},
     nothing,
     {{.vm = "db", .policy = "Old", .server = "vbr01", ENDED_AT_8, .result = "Success"},
      {.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK OK: db: InProgress, Success, for 2h\n"},
    {{"-v"},
     nothing,
     {{.vm = "db", .policy = "Old", .server = "vbr01", ENDED_AT_8, .result = "Success"},
      {.vm = "db", ON_GOLD, RUNS}},
     "CDP TASK OK: db: InProgress, Success, for 2h\n"
     "[OK] db" FULL_NAME "InProgress, Success, for 2h (since 2025-08-14 10:00 UTC)\n"
     "notice: moved to another policy, so former sessions are left out: db (from Old)\n"},
};

static void start_all(struct shown *shown, const char *const options[])
{
    start(shown, options);
    name_parts(&shown->scope, &shown->site, SCOPE_ALL, NULL);
    shown->settings.perfdata = PERFDATA_NONE;
    shown->settings.host = "em01";
}

static void judge_sessions(struct shown *shown, const struct spec sessions[])
{
    for (int i = 0; i < MOST_VMS && sessions[i].vm != NULL; i++) {
        add(shown, &sessions[i]);
    }
    judge_all(shown);
}

START_TEST(what_stands_still_is_shown)
{
    struct shown shown;
    start_all(&shown, texts[_i].options);
    texts[_i].set(&shown);
    judge_sessions(&shown, texts[_i].sessions);
    ck_assert_str_eq(write_as(&shown, FORMAT_TEXT), texts[_i].text);
    finish(&shown);
}
END_TEST

static const struct {
    void (*set)(struct shown *);
    struct spec sessions[MOST_VMS];
    enum format format;
    const char *has;
} formats[] = {
    {has_a_replica,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_LIST,
     "\na new "
     "[cleaned]\tGold\tvbr01\t-\t-\t-\tuncovered\ndb\tGold\tvbr01\t-\tInProgress\tSuccess\t-\n"},
    {is_stale, {{.vm = "db", ON_GOLD, RUNS}}, FORMAT_LIST, "\nnotice: " STALE "; check "},
    {is_refused, {{.vm = "db", ON_GOLD, RUNS}}, FORMAT_LIST, "\n" REFUSED},
    {has_a_replica,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_LIST_JSON,
     "\"vm\":\"a|new\",\"policy\":\"Gold\",\"backup_server\":\"vbr01\",\"cleaned\":[\"vm\"],"
     "\"uid\":null,\"state\":null,\"result\":null,\"signs\":[\"uncovered\"],"},
    {has_a_replica, {{.vm = "db", ON_GOLD, RUNS}}, FORMAT_LIST_JSON, "\"signs\":[],"},
    {has_a_replica,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_JSON,
     "\"why\":[\"uncovered: EM has a replica of it under the policy Gold, but EM has no task "
     "session of it in the last 3d (VM powered off or excluded, or did its replication never "
     "begin?)\"],\"signs\":[\"uncovered\"],\"metrics\":{\"duration_seconds\":null,"},
    {is_fresh,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_JSON,
     "\"policies\":[{\"policy\":\"Gold\",\"backup_server\":\"vbr01\",\"enabled\":true,\"rpo_"
     "seconds\":15,\"long_term_interval_seconds\":28800}],\"vms\":["},
    {is_refused,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_JSON,
     "\"notices\":[\"not told to this user: "},
    {has_a_folder,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_JSON,
     "\"notices\":[\"EM does not list the VMs of Folder Prod "},
    {is_stale, {{.vm = "db", ON_GOLD, RUNS}}, FORMAT_JSON, "\"notices\":[\"" STALE},
    {is_stale,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_JSON,
     "\"em\":{\"state\":\"WARNING\",\"why\":[\"" STALE},
    {is_stale, {{.vm = "db", ON_GOLD, RUNS}}, FORMAT_JSON, "\"summary\":\"" STALE "; db: "},
    {is_stale,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_JSON,
     "\"vm\":\"db\",\"policy\":\"Gold\",\"backup_server\":\"vbr01\",\"state\":\"OK\",\"why\":[],"
     "\"signs\":[],"},
    {has_a_replica,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_OPENMETRICS,
     "\nveeam_cdp_task_sign{vm=\"a|new\",policy=\"Gold\",backup_server=\"vbr01\",sign="
     "\"uncovered\"} 1\n#"},
    {has_a_replica,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_OPENMETRICS,
     "\nveeam_cdp_task_status{vm=\"a|new\",policy=\"Gold\",backup_server=\"vbr01\"} 1\n"},
    {is_fresh,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_OPENMETRICS,
     "\nveeam_cdp_policy_rpo_seconds{policy=\"Gold\",backup_server=\"vbr01\"} 15\n"},
    {has_two_of_a_name,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_OPENMETRICS,
     "\nveeam_cdp_policy_enabled{policy=\"Gold\",backup_server=\"vbr01\"} 1\n"
     "veeam_cdp_policy_enabled{policy=\"Gold\",backup_server=\"vbr01\",number=\"2\"} 0\n"},
    {is_stale,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_OPENMETRICS,
     "\nveeam_cdp_data_age_seconds{server=\"em01:9398\"} 10800\n"},
    {is_stale,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_OPENMETRICS,
     "\nveeam_cdp_em_status{server=\"em01:9398\"} 1\n"},
    {is_stale,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_PASSIVE,
     ";em01;Veeam CDP task;1;CDP TASK WARNING: " STALE
     "; Enterprise Manager answered; in all 1 VM: 1 ok\n"},
    {is_stale,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_PASSIVE,
     ";db;Veeam CDP task;0;CDP TASK OK: db: InProgress, Success, for 2h\n"},
    {is_stale,
     {{.vm = "em01", ON_GOLD, DONE, AT_9, .result = "Failed"}},
     FORMAT_PASSIVE,
     ";em01;Veeam CDP task;2;CDP TASK CRITICAL: " STALE "; em01: Completed, Failed, "},
    {has_a_replica,
     {{.vm = "db", ON_GOLD, RUNS}},
     FORMAT_PASSIVE,
     ";a_new;Veeam CDP task;1;CDP TASK WARNING: a new: uncovered: "},
};

START_TEST(each_format_shows_it)
{
    struct shown shown;
    start_all(&shown, (const char *const[]){NULL});
    formats[_i].set(&shown);
    judge_sessions(&shown, formats[_i].sessions);
    const char *text = write_as(&shown, formats[_i].format);
    ck_assert_msg(strstr(text, formats[_i].has) != NULL, "'%s' is not in: %s", formats[_i].has,
                  text);
    finish(&shown);
}
END_TEST

static const struct {
    void (*set)(struct shown *);
    const char *perfdata; // behind total_size
} sums[] = {
    {nothing, ""},
    {is_enabled, " uncovered=0;;;0"},
    {has_a_replica, " uncovered=1;;;0"},
    {is_stale, " data_age=10800s;2700;;0"},
    {is_fresh, " uncovered=0;;;0 data_age=420s;2700;;0"},
    {is_refused, ""},
};

START_TEST(a_summary_has_what_is_known)
{
    char end[100];
    struct shown shown;
    start_all(&shown, (const char *const[]){NULL});
    shown.settings.perfdata = PERFDATA_SUMMARY;
    sums[_i].set(&shown);
    judge_sessions(&shown, (const struct spec[MOST_VMS]){{.vm = "db", ON_GOLD, RUNS, .size = "5"}});
    snprintf(end, sizeof end, " total_size=5B;;;0%s\n", sums[_i].perfdata);
    const char *text = write_as(&shown, FORMAT_TEXT);
    ck_assert_msg(strstr(text, end) != NULL, "'%s' is not in: %s", end, text);
    finish(&shown);
}
END_TEST

START_TEST(a_policy_without_vms_is_shown)
{
    struct shown shown;
    start_all(&shown, (const char *const[]){NULL});
    name_parts(&shown.scope, &shown.site, SCOPE_POLICY, (const char *const[]){"Gold", NULL});
    is_enabled(&shown);
    judge_all(&shown);
    ck_assert_str_eq(
        write_as(&shown, FORMAT_TEXT),
        "CDP TASK WARNING: Gold: uncovered: the policy Gold has no task session, and EM has no VM "
        "or replica of it\n[WARNING] Gold, backup server vbr01: uncovered: the policy Gold has no "
        "task session, and EM has no VM or replica of it (does it include VMs that are powered on, "
        "and does its backup server replicate?)\n");
    ck_assert_ptr_nonnull(
        strstr(write_as(&shown, FORMAT_LIST), "\n-\tGold\tvbr01\t-\t-\t-\tuncovered\n"));
    ck_assert_ptr_nonnull(strstr(write_as(&shown, FORMAT_PASSIVE), ";em01;Veeam CDP task;1;"));
    finish(&shown);
}
END_TEST

/* What EM does not have may be fine by the options; that its data is old is not. */
START_TEST(old_data_stands_beside_a_fault)
{
    struct shown shown;
    start_all(&shown, (const char *const[]){"--empty-result=ok", NULL});
    name_parts(&shown.scope, &shown.site, SCOPE_VM, (const char *const[]){"nobody", NULL});
    collect(&shown, 3 * H);
    judge_all(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    ck_assert_msg(strncmp(text, "CDP TASK WARNING: EM's data is 3h old (warning: 45m): ", 54) == 0,
                  "%s", text);
    ck_assert_ptr_nonnull(
        strstr(text, "; not-found: EM has no CDP task session of a VM named nobody"));
    finish(&shown);
}
END_TEST

/* However much there is to say, what makes the run's state is there, and VMs have half the room. */
START_TEST(much_is_cut)
{
    enum { MANY = 500 };
    char vm[200];
    struct shown shown;
    start_all(&shown, (const char *const[]){"-v", NULL});
    shown.settings.perfdata = PERFDATA_SUMMARY;
    is_stale(&shown);
    has_a_folder(&shown);
    tell(&shown, SITE_REPLICAS, SITE_REFUSED);
    for (int i = 0; i < MANY; i++) {
        snprintf(vm, sizeof vm, "%0150d", i);
        add(&shown, &(struct spec){.vm = vm, ON_GOLD, ENDED_AT_8, .result = "Success"});
    }
    judge_all(&shown);
    const char *text = write_as(&shown, FORMAT_TEXT);
    ck_assert_uint_le(strlen(text), LARGEST_TEXT);
    ck_assert_ptr_nonnull(
        strstr(text, "\n" STALE_LINE "notice: no task session runs on vbr01 (500 VMs): "));
    ck_assert_ptr_nonnull(strstr(text, "\n[WARNING] 000"));
    ck_assert_ptr_nonnull(strstr(text, "\nomitted (output limit): "));
    finish(&shown);
}
END_TEST

Suite *standing_suite(void)
{
    Suite *suite = suite_create("standing");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60); // valgrind takes its time
    tcase_add_loop_test(all, what_stands_still_is_shown, 0, COUNT(texts));
    tcase_add_loop_test(all, each_format_shows_it, 0, COUNT(formats));
    tcase_add_loop_test(all, a_summary_has_what_is_known, 0, COUNT(sums));
    tcase_add_test(all, a_policy_without_vms_is_shown);
    tcase_add_test(all, old_data_stands_beside_a_fault);
    tcase_add_test(all, much_is_cut);
    suite_add_tcase(suite, all);
    return suite;
}
