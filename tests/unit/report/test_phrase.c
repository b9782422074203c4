// SPDX-License-Identifier: GPL-3.0-or-later
/* What is found of VMs and of the run, in words. */
#include "report/phrase.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "report/notices.h"
#include "unit/shown.h"
#include "unit/suites.h"

enum { H = 3600 };

#define FAILED .state = "Completed", .result = "Failed"
#define SINCE_9 .state = "InProgress", .result = "Success", AT_9
#define OK_9 DONE, .result = "Success", AT_9

/* One VM, and all that explains its state. */
static const struct {
    const char *options[3];
    struct spec session;
    double ahead; // EM's clock, in seconds; NAN: it is not known
    const char *phrase;
} phrases[] = {
    {{NULL}, {OK_9}, NAN, ""},
    {{NULL}, {FAILED, .created = "2025-08-14T11:30:00Z"}, NAN, "Completed, Failed"},
    {{NULL},
     {FAILED, .ended = "2025-08-14T11:00:00Z", .reason = "no space"},
     NAN,
     "Completed, Failed, ended 1h ago (2025-08-14 11:00 UTC): no space"},
    {{NULL},
     {.result = "Success", AT_9},
     NAN,
     "no State, Success, for 3h (since 2025-08-14 09:00 UTC) (protocol: EM's answer has no State)"},
    {{"--critical=2h"}, {SINCE_9}, NAN, "duration 3h (critical: 2h)"},
    {{"--critical-age=2h"}, {SINCE_9}, NAN, "age 3h (critical: 2h)"},
    {{"--critical=@0:5h"}, {SINCE_9}, NAN, "duration 3h (critical: @0:5h)"},
    {{"--warning=4h:"}, {SINCE_9}, NAN, "duration 3h (warning: 4h:)"},
    {{"--warning-size=1GiB", "--critical-size=1TiB"},
     {OK_9, .size = "214748364800"},
     NAN,
     "total size 200.0 GiB (warning: 1GiB)"},
    {{"--warning=1h", "--critical-age=30m"},
     {OK_9},
     NAN,
     "duration 2h (warning: 1h); age 1h (critical: 30m)"},
    {{"--warning=1h"},
     {.state = "InProgress", .result = "Success"},
     NAN,
     "duration unknown: EM reports no valid creation or end time, so --warning can't be checked"},
    {{"--critical=1h"},
     {.state = "Pending"},
     NAN,
     "duration unknown: EM reports no valid creation or end time, so --critical can't be checked"},
    {{"--warning-age=1h"},
     {.state = "Completed", .result = "Success", .created = "2025-08-14T11:30:00Z"},
     NAN,
     "age unknown: EM reports no valid end time, so --warning-age can't be checked"},
    {{"--critical-age=1h", "--warning-age=1m"},
     {.state = "InProgress", .result = "Success"},
     NAN,
     "age unknown: EM reports no valid end time, so --critical-age can't be checked"},
    {{"--warning-size=1TB"},
     {OK_9},
     NAN,
     "total size unknown: EM reports no valid TotalSize, so --warning-size can't be checked"},
    {{"--critical-size=1TB"},
     {OK_9},
     NAN,
     "total size unknown: EM reports no valid TotalSize, so --critical-size can't be checked"},
    {{NULL},
     {.state = "InProgress", .created = "2025-08-14T12:06:00Z"},
     NAN,
     "a session's time is 6m ahead of this clock: compare the clocks of this host and the backup "
     "server"},
    {{NULL},
     {.state = "InProgress", .created = "2025-08-14T12:06:00Z"},
     0,
     "a session's time is 6m ahead of EM's clock: compare the clocks of EM and the backup server"},
    {{NULL},
     {.state = "InProgress", .created = "2025-08-14T13:06:00Z"},
     H,
     "a session's time is 6m ahead of EM's clock: compare the clocks of EM and the backup server"},
};

/* Of what EM has no session, it reports nothing. */
START_TEST(what_has_no_session_has_no_times)
{
    const struct verdict verdict = {.vm_count = 1};
    const struct threshold limit = {.text = "1d"};
    const struct finding finding = {
        .kind = FINDING_UNMEASURED, .state = STATE_UNKNOWN, .metric = METRIC_AGE};
    struct vm_verdict vm = {.name = "srv"};
    cleanup_buf struct buf text;
    vm.measures[METRIC_AGE].critical = &limit;
    buf_init(&text, 10000);
    append_finding(&text, &verdict, &vm, &finding, PHRASE_LONG);
    ck_assert_str_eq(buf_string(&text), "age unknown: EM has no task session of it, so "
                                        "--critical-age can't be checked");
}
END_TEST

static void set_clock(struct shown *shown, double ahead)
{
    shown->site.has_clock_offset = !isnan(ahead);
    shown->site.clock_offset = isnan(ahead) ? 0 : (utc_us)ahead * UTC_SECOND;
}

START_TEST(findings_explain_a_state)
{
    struct shown shown;
    cleanup_buf struct buf text;
    struct spec session = phrases[_i].session;
    session.vm = "srv";
    buf_init(&text, 10000);
    start(&shown, phrases[_i].options);
    set_clock(&shown, phrases[_i].ahead);
    add(&shown, &session);
    judge_all(&shown);
    const struct vm_verdict *vm = &shown.verdict.vms[0];
    for (size_t i = 0; i < vm->finding_count; i++) {
        if (phrase_explains(&vm->findings[i])) {
            buf_text(&text, text.length > 0 ? "; " : "");
            append_finding(&text, &shown.verdict, vm, &vm->findings[i], PHRASE_LONG);
        }
    }
    ck_assert_str_eq(buf_string(&text), phrases[_i].phrase);
    finish(&shown);
}
END_TEST

/* How far EM's clock is ahead, in seconds, and what is said of it. */
static const struct {
    double ahead;
    const char *notice; // NULL: nothing
} offsets[] = {
    {NAN, NULL},
    {300, NULL},
    {301, "EM's clock is 5m ahead of this host's: spans are measured by EM's; set both by NTP"},
    {-301, "EM's clock is 5m behind this host's: spans are measured by EM's; set both by NTP"},
    {H, "EM's clock is 1h ahead of this host's: spans are measured by EM's; set both by NTP"},
    {-2 * H, "EM's clock is 2h behind this host's: spans are measured by EM's; set both by NTP"},
    {-24 * H, "EM's clock is 1d behind this host's: spans are measured by EM's; set both by NTP"},
};

START_TEST(a_clock_that_is_far_off_is_a_notice)
{
    struct shown shown;
    cleanup_notices struct notices notices;
    start(&shown, (const char *const[]){NULL});
    set_clock(&shown, offsets[_i].ahead);
    add(&shown, &(struct spec){.vm = "srv", .state = "Completed", .result = "Success"});
    judge_all(&shown);
    notices_write(&notices, &shown.verdict, true);
    ck_assert_uint_eq(notices.run.count, offsets[_i].notice != NULL ? 1 : 0);
    if (offsets[_i].notice != NULL) {
        ck_assert_str_eq(notices.run.text[0], offsets[_i].notice);
    }
    finish(&shown);
}
END_TEST

/* What weakens the trust comes first, what was fetched besides before what was assumed. */
START_TEST(notices_are_in_order)
{
    static const char *const begins[] = {"--insecure: ", "EM's clock is ", "one of fetch",
                                         "1 VM is judged too"};
    static const char *servers[] = {"backup01"};
    struct shown shown;
    cleanup_notices struct notices notices;
    start(&shown, (const char *const[]){NULL});
    shown.scope.kind = SCOPE_ALL;
    shown.scope.backup_servers = (struct name_list){.items = servers, .count = 1};
    shown.site.trust = SITE_UNVERIFIED;
    set_clock(&shown, H);
    lines_add(&shown.site.notices, "one of fetch");
    add(&shown, &(struct spec){.vm = "a", .policy = "P", .server = "backup01", OK_9});
    add(&shown, &(struct spec){.uid = "u1", .vm = "b", .policy = "P", OK_9, .size = "\"5\""});
    judge_all(&shown);
    notices_write(&notices, &shown.verdict, true);
    ck_assert_uint_eq(notices.run.count, COUNT(begins));
    for (int i = 0; i < COUNT(begins); i++) {
        ck_assert_msg(strncmp(notices.run.text[i], begins[i], strlen(begins[i])) == 0, "%s",
                      notices.run.text[i]);
    }
    ck_assert_uint_eq(notices.sessions.count, 1);
    ck_assert_str_eq(notices.sessions.text[0],
                     "session u1: its TotalSize is not a size and was left out");
    shown.scope.backup_servers = (struct name_list){.items = NULL};
    finish(&shown);
}
END_TEST

Suite *phrase_suite(void)
{
    Suite *suite = suite_create("phrase");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, findings_explain_a_state, 0, COUNT(phrases));
    tcase_add_loop_test(all, a_clock_that_is_far_off_is_a_notice, 0, COUNT(offsets));
    tcase_add_test(all, notices_are_in_order);
    tcase_add_test(all, what_has_no_session_has_no_times);
    suite_add_tcase(suite, all);
    return suite;
}
