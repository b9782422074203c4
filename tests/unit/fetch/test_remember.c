// SPDX-License-Identifier: GPL-3.0-or-later
/* Which VMs of the last snapshot the next one remembers, and which sessions, case by case. */
#include <check.h>
#include <string.h>

#include "fetch/remember.h"
#include "unit/spec.h"
#include "unit/suites.h"

#define NOW "2025-08-14T12:00:00Z"
#define DB01 .vm = "srv-db01", .policy = "P", .server = "vbr01"
#define ENDED .state = "Completed", .result = "Success"
#define RAN(from, to) .created = (from), .ended = (to)
#define RUNS .state = "InProgress", .result = "None"

enum { MOST = 4 };

static const struct {
    const char *what;
    struct spec before[MOST]; // of the last snapshot
    struct spec given[MOST];  // what EM gave now
    const char *remembered;   // UIDs, in the order of VMs and newest first
} cases[] = {
    {"one that EM does not give any more",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-10T00:00:00Z", "2025-08-10T08:00:00Z")}},
     {{.uid = "n", .vm = "srv-web01", RUNS, .created = "2025-08-14T08:00:00Z"}},
     "a"},
    {"and where EM gives nothing at all",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-10T00:00:00Z", "2025-08-10T08:00:00Z")}},
     {{.uid = NULL}},
     "a"},
    {"nothing where there was nothing",
     {{.uid = NULL}},
     {{.uid = "n", DB01, RUNS, .created = "2025-08-14T08:00:00Z"}},
     ""},
    {"no one that EM still gives",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-10T00:00:00Z", "2025-08-10T08:00:00Z")}},
     {{.uid = "n", DB01, RUNS, .created = "2025-08-14T08:00:00Z"}},
     ""},
    {"hosts have no case",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-10T00:00:00Z", "2025-08-10T08:00:00Z")}},
     {{.uid = "n", .vm = "srv-db01", .policy = "P", .server = "VBR01", RUNS, .created = NOW}},
     ""},
    {"VMs have: it is another one",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-10T00:00:00Z", "2025-08-10T08:00:00Z")}},
     {{.uid = "n", .vm = "SRV-DB01", .policy = "P", .server = "vbr01", RUNS, .created = NOW}},
     "a"},
    {"under its old policy, one that was moved to another",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-10T00:00:00Z", "2025-08-10T08:00:00Z")}},
     {{.uid = "n", .vm = "srv-db01", .policy = "Q", .server = "vbr01", RUNS, .created = NOW}},
     "a"},
    {"and so of two backup servers",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-10T00:00:00Z", "2025-08-10T08:00:00Z")}},
     {{.uid = "n", .vm = "srv-db01", .policy = "P", .server = "vbr02", RUNS, .created = NOW}},
     "a"},
    {"no one that EM may still give, without its policy",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-10T00:00:00Z", "2025-08-10T08:00:00Z")}},
     {{.uid = "n", .vm = "srv-db01", RUNS, .created = NOW}},
     ""},
    {"nor one without, that EM now gives with",
     {{.uid = "a", .vm = "srv-db01", ENDED, .ended = "2025-08-10T08:00:00Z"}},
     {{.uid = "n", DB01, RUNS, .created = NOW}},
     ""},
    {"all that its verdict needs",
     {{.uid = "old", DB01, ENDED, RAN("2025-08-01T00:00:00Z", "2025-08-01T08:00:00Z")},
      {.uid = "new", DB01, ENDED, RAN("2025-08-09T00:00:00Z", "2025-08-09T08:00:00Z")},
      {.uid = "b", .vm = "srv-app01", ENDED, .created = "2025-08-13T00:00:00Z"}},
     {{.uid = NULL}},
     "b new old"},
    {"a second less than 7 days after its end",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-07T04:00:01Z", "2025-08-07T12:00:01Z")}},
     {{.uid = NULL}},
     "a"},
    {"no longer",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-07T04:00:00Z", "2025-08-07T12:00:00Z")}},
     {{.uid = NULL}},
     ""},
    {"the newest one counts, be there older ones",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-06T00:00:00Z", "2025-08-06T08:00:00Z")},
      {.uid = "b", DB01, ENDED, RAN("2025-08-01T00:00:00Z", "2025-08-01T08:00:00Z")}},
     {{.uid = NULL}},
     ""},
    {"without an end its beginning counts",
     {{.uid = "a", DB01, RUNS, .created = "2025-08-07T12:00:01Z"}},
     {{.uid = NULL}},
     "a"},
    {"and no longer, too",
     {{.uid = "a", DB01, RUNS, .created = "2025-08-07T12:00:00Z"}},
     {{.uid = NULL}},
     ""},
    {"without any time it is not known when to forget it",
     {{.uid = "a", DB01, ENDED}},
     {{.uid = NULL}},
     ""},
    {"what ran and is not told any more does not run",
     {{.uid = "r", DB01, RUNS, .created = "2025-08-14T08:00:00Z"},
      {.uid = "c", DB01, ENDED, RAN("2025-08-14T00:00:00Z", "2025-08-14T08:00:00Z")}},
     {{.uid = NULL}},
     "c"},
    {"unless it is all that is known",
     {{.uid = "r", DB01, RUNS, .created = "2025-08-14T08:00:00Z"}},
     {{.uid = NULL}},
     "r"},
    {"a little ahead of EM's clock",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-14T04:00:00Z", "2025-08-14T12:04:59Z")}},
     {{.uid = NULL}},
     "a"},
    {"not of the future: a clock was set back, and it would stay until then",
     {{.uid = "a", DB01, ENDED, RAN("2025-08-14T04:00:00Z", "2025-08-14T12:05:00Z")}},
     {{.uid = NULL}},
     ""},
    {"not of years to come",
     {{.uid = "a", DB01, ENDED, RAN("2035-08-14T04:00:00Z", "2035-08-14T12:00:00Z")}},
     {{.uid = NULL}},
     ""},
    {"no session without a VM's name",
     {{.uid = "a", .policy = "P", ENDED, .ended = "2025-08-14T08:00:00Z"}},
     {{.uid = NULL}},
     ""},
    {"no one that EM gives by another name, not even what it does not give",
     {{.uid = "a", DB01, ENDED, .created = "2025-08-13T00:00:00Z"},
      {.uid = "b", DB01, ENDED, .created = "2025-08-12T00:00:00Z"}},
     {{.uid = "A", .vm = "renamed", .policy = "P", .server = "vbr01", ENDED, .created = NOW}},
     ""},
    {"none that is of one of several VMs, but those",
     {{.uid = "a", DB01, ENDED, .created = "2025-08-13T00:00:00Z"},
      {.uid = "b", .vm = "srv-db01", .policy = "Q", .server = "vbr01", ENDED, .created = NOW},
      {.uid = "c", .vm = "srv-db01", ENDED, .created = NOW}},
     {{.uid = NULL}},
     "a b"},
};

static void add(struct task_sessions *sessions, const struct spec specs[MOST])
{
    for (int i = 0; i < MOST && specs[i].uid != NULL; i++) {
        add_spec(sessions, &specs[i]);
    }
}

static size_t count(const struct spec specs[MOST])
{
    size_t found = 0;
    while (found < MOST && specs[found].uid != NULL) {
        found++;
    }
    return found;
}

START_TEST(a_vm_is_remembered_or_not)
{
    cleanup_task_sessions struct task_sessions before = {.items = NULL};
    cleanup_task_sessions struct task_sessions sessions = {.items = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    char found[64] = "";
    add(&before, cases[_i].before);
    add(&sessions, cases[_i].given);
    ck_assert_int_eq(remember_vms(&before, moment(NOW), &sessions, &fault), 0);
    const size_t given = count(cases[_i].given);
    ck_assert_uint_ge(sessions.count, given);
    for (size_t i = 0; i < sessions.count; i++) {
        const char *uid = sessions.items[i].uid;
        if (i < given) {
            ck_assert_str_eq(uid, cases[_i].given[i].uid);
        } else {
            strcat(strcat(found, i > given ? " " : ""), uid);
        }
    }
    ck_assert_msg(strcmp(found, cases[_i].remembered) == 0, "%s: '%s', not '%s'", cases[_i].what,
                  found, cases[_i].remembered);
}
END_TEST

/* From one snapshot to the next, each of which knows no other than the one before. */
START_TEST(nothing_is_remembered_for_ever)
{
    const struct spec spec = {.uid = "a", DB01, ENDED, RAN("2025-08-14T04:00:00Z", NOW)};
    const utc_us hour = 3600 * UTC_SECOND;
    struct task_sessions last = {.items = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    int hours = 0;
    add_spec(&last, &spec);
    for (bool remembered = true; remembered; hours++) {
        struct task_sessions next = {.items = NULL};
        ck_assert_int_eq(remember_vms(&last, moment(NOW) + hours * hour, &next, &fault), 0);
        remembered = next.count > 0;
        task_sessions_free(&last);
        last = next;
    }
    ck_assert_int_eq(hours, 7 * 24 + 1);
    task_sessions_free(&last);
}
END_TEST

START_TEST(what_is_remembered_is_all_of_the_session)
{
    cleanup_task_sessions struct task_sessions before = {.items = NULL};
    cleanup_task_sessions struct task_sessions sessions = {.items = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    const struct spec spec = {.uid = "a",
                              DB01,
                              .state = "Completed",
                              .result = "Failed",
                              .reason = "no space",
                              RAN("2025-08-14T04:00:00Z", "2025-08-14T05:00:00Z"),
                              .size = "17"};
    add_spec(&before, &spec);
    before.items[0].has_oldest = true;
    before.items[0].oldest = 1;
    ck_assert_int_eq(remember_vms(&before, moment(NOW), &sessions, &fault), 0);
    ck_assert_uint_eq(sessions.count, 1);
    const struct task_session *session = &sessions.items[0];
    for (int i = 0; i < SESSION_TEXTS; i++) {
        const char *text = task_session_text(&before.items[0], (enum session_text)i);
        const char *copy = task_session_text(session, (enum session_text)i);
        ck_assert(text == NULL ? copy == NULL : strcmp(text, copy) == 0 && text != copy);
    }
    ck_assert(session->result == RESULT_FAILED && session->has_ended && session->has_created);
    ck_assert(session->total_size == 17 && session->has_oldest && session->oldest == 1);
    ck_assert_uint_eq(before.count, 1);
}
END_TEST

/* Whether a VM of that name is protected, and whether EM tells which ones have replicas. */
enum told { REPLICAS_TOLD = 1, DB01_PROTECTED = 2 };

/* The sessions of a site, of which those stay that an answer to all from three days ago would have.
 */
static const struct {
    const char *what;
    unsigned told;
    struct spec sessions[MOST];
    const char *kept; // UIDs, in their order
} narrowings[] = {
    {"one that ended since",
     REPLICAS_TOLD,
     {{.uid = "a", DB01, ENDED, RAN("2025-08-11T04:00:00Z", "2025-08-11T12:00:00Z")}},
     "a"},
    {"none that ended before",
     REPLICAS_TOLD,
     {{.uid = "a", DB01, ENDED, RAN("2025-08-11T04:00:00Z", "2025-08-11T11:59:59Z")}},
     ""},
    {"unless it should be replicated",
     REPLICAS_TOLD | DB01_PROTECTED,
     {{.uid = "a", DB01, ENDED, RAN("2024-08-11T04:00:00Z", "2024-08-11T11:59:59Z")}},
     "a"},
    {"or is remembered, as nobody tells its replica",
     0,
     {{.uid = "a", DB01, ENDED, RAN("2025-08-07T08:00:00Z", "2025-08-07T12:00:01Z")}},
     "a"},
    {"but not if it is a session without its VM's name",
     0,
     {{.uid = "a", .policy = "P", ENDED, RAN("2025-08-07T08:00:00Z", "2025-08-07T12:00:01Z")}},
     ""},
    {"not for more than a week",
     0,
     {{.uid = "a", DB01, ENDED, RAN("2025-08-07T08:00:00Z", "2025-08-07T12:00:00Z")}},
     ""},
    {"what runs counts however old it is, and what completed last before it",
     REPLICAS_TOLD,
     {{.uid = "r", DB01, RUNS, .created = "2025-05-01T08:00:00Z"},
      {.uid = "a", DB01, ENDED, RAN("2025-04-30T08:00:00Z", "2025-05-01T08:00:00Z")}},
     "r a"},
    {"the last good one counts for a month",
     REPLICAS_TOLD,
     {{.uid = "b",
       DB01,
       .state = "Completed",
       .result = "Failed",
       RAN("2025-08-14T00:00:00Z", "2025-08-14T08:00:00Z")},
      {.uid = "a", DB01, ENDED, RAN("2025-07-15T04:00:00Z", "2025-07-15T12:00:00Z")}},
     "b a"},
    {"but not for longer than that",
     REPLICAS_TOLD,
     {{.uid = "b",
       DB01,
       .state = "Completed",
       .result = "Failed",
       RAN("2025-08-14T00:00:00Z", "2025-08-14T08:00:00Z")},
      {.uid = "a", DB01, ENDED, RAN("2025-07-15T04:00:00Z", "2025-07-15T11:59:59Z")}},
     "b"},
    {"an older one that lacks its policy says nothing beside those that its VM has",
     REPLICAS_TOLD,
     {{.uid = "b", DB01, ENDED, RAN("2025-08-14T00:00:00Z", "2025-08-14T08:00:00Z")},
      {.uid = "a", .vm = "srv-db01", ENDED, RAN("2025-08-10T00:00:00Z", "2025-08-10T08:00:00Z")}},
     "b"},
    {"what is there twice counts as it came last, and only what a verdict needs",
     REPLICAS_TOLD,
     {{.uid = "a", DB01, RUNS, .created = "2025-08-14T00:00:00Z"},
      {.uid = "o", DB01, ENDED, RAN("2025-08-13T16:00:00Z", "2025-08-14T00:00:00Z")},
      {.uid = "A", DB01, ENDED, RAN("2025-08-14T00:00:00Z", "2025-08-14T08:00:00Z")},
      {.uid = "r", DB01, RUNS, .created = "2025-08-14T08:00:00Z"}},
     "A r"},
};

START_TEST(a_session_stays_or_not)
{
    cleanup_site struct site site = {.parts = NULL};
    const struct protected_vm db01 = {
        .vm = "srv-db01", .policy = "P", .backup_server = "vbr01", .named = true};
    struct fault fault = {.kind = FAULT_NONE};
    char found[64] = "";
    if ((narrowings[_i].told & REPLICAS_TOLD) != 0) {
        site.answers[SITE_REPLICAS].knowledge = SITE_TOLD;
    }
    if ((narrowings[_i].told & DB01_PROTECTED) != 0) {
        ck_assert_int_eq(protected_vms_append(&site.protected_vms, &db01, &fault), 0);
    }
    add(&site.sessions, narrowings[_i].sessions);
    ck_assert_int_eq(remember_narrow(&site, moment("2025-08-11T12:00:00Z"), moment(NOW), &fault),
                     0);
    for (size_t i = 0; i < site.sessions.count; i++) {
        strcat(strcat(found, i > 0 ? " " : ""), site.sessions.items[i].uid);
    }
    ck_assert_msg(strcmp(found, narrowings[_i].kept) == 0, "%s: '%s', not '%s'",
                  narrowings[_i].what, found, narrowings[_i].kept);
}
END_TEST

/* What ran and is gone, of a VM of which nothing has completed, until EM gives it again. */
START_TEST(what_is_gone_stays_until_the_vm_is_back)
{
    const struct spec gone = {.uid = "g", DB01, RUNS, .created = "2025-08-14T00:00:00Z"};
    const struct spec new = {.uid = "n", DB01, RUNS, .created = "2025-08-14T08:00:00Z"};
    cleanup_site struct site site = {.parts = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    const utc_us since = moment("2025-08-11T12:00:00Z");
    add_spec(&site.sessions, &gone);
    site.sessions.items[0].odd |= SESSION_GONE;
    ck_assert_int_eq(remember_narrow(&site, since, moment(NOW), &fault), 0);
    ck_assert_uint_eq(site.sessions.count, 1);
    add_spec(&site.sessions, &new);
    ck_assert_int_eq(remember_narrow(&site, since, moment(NOW), &fault), 0);
    ck_assert_uint_eq(site.sessions.count, 1);
    ck_assert_str_eq(site.sessions.items[0].uid, "n");
}
END_TEST

Suite *remember_suite(void)
{
    Suite *suite = suite_create("remember");
    TCase *tests = tcase_create("remember");
    tcase_add_loop_test(tests, a_vm_is_remembered_or_not, 0, COUNT(cases));
    tcase_add_test(tests, nothing_is_remembered_for_ever);
    tcase_add_test(tests, what_is_remembered_is_all_of_the_session);
    tcase_add_test(tests, what_is_gone_stays_until_the_vm_is_back);
    tcase_add_loop_test(tests, a_session_stays_or_not, 0, COUNT(narrowings));
    suite_add_tcase(suite, tests);
    return suite;
}
