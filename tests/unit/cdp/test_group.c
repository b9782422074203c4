// SPDX-License-Identifier: GPL-3.0-or-later
/* Which sessions make one VM, and in which order. */
#include "cdp/group.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "unit/spec.h"
#include "unit/suites.h"

enum { MOST_SESSIONS = 6 };

/*
 * What is expected is a text: the sessions' ids in their order, VMs apart by '/', '?' behind those
 * that may be of several VMs. Where the order
 * of VMs with the same name does not matter, the table has the one of policy, then server.
 */
static const struct {
    const char *name;
    struct spec sessions[MOST_SESSIONS];
    const char *vms;
    const char *alone; // where each session is a target of its own; NULL: not tried
} cases[] = {
    {"one", {{.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z"}}, "1", "1"},
    {"newest first",
     {{.uid = "2", .vm = "a", .created = "2025-08-14T02:00:00Z"},
      {.uid = "4", .vm = "a", .created = "2025-08-14T04:00:00Z"},
      {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z"},
      {.uid = "3", .vm = "a", .created = "2025-08-14T03:00:00.5Z"}},
     "4 3 2 1",
     "4/3/2/1"},
    {"VMs by name",
     {{.uid = "1", .vm = "c", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .created = "2025-08-14T02:00:00Z"},
      {.uid = "3", .vm = "b", .created = "2025-08-14T03:00:00Z"},
      {.uid = "4", .vm = "c", .created = "2025-08-14T04:00:00Z"}},
     "2/3/4 1",
     "2/3/4/1"},
    {"names that begin alike",
     {{.uid = "1", .vm = "sixteen letters B", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "sixteen letters A", .created = "2025-08-14T02:00:00Z"},
      {.uid = "3", .vm = "sixteen", .created = "2025-08-14T03:00:00Z"},
      {.uid = "4", .vm = "sixteen letters B", .created = "2025-08-14T04:00:00Z"},
      {.uid = "5", .vm = "sixteen letters A", .created = "2025-08-14T05:00:00Z"},
      {.uid = "6", .vm = "6", .created = "2025-08-14T00:00:00Z"}},
     "6/3/5 2/4 1",
     "6/3/5/2/4/1"},
    {"two policies are two VMs",
     {{.uid = "1", .vm = "a", .policy = "P1", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .policy = "P2", .created = "2025-08-14T02:00:00Z"},
      {.uid = "3", .vm = "a", .policy = "P1", .created = "2025-08-14T03:00:00Z"}},
     "3 1/2",
     NULL},
    {"two backup servers are two VMs",
     {{.uid = "1", .vm = "a", .policy = "P", .server = "s1", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .policy = "P", .server = "s2", .created = "2025-08-14T02:00:00Z"},
      {.uid = "3", .vm = "a", .policy = "P", .server = "s1", .created = "2025-08-14T03:00:00Z"}},
     "3 1/2",
     NULL},
    {"who tells no policy belongs to the only VM of that name",
     {{.uid = "1", .vm = "a", .policy = "P", .server = "s", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .created = "2025-08-14T02:00:00Z"},
      {.uid = "3", .vm = "a", .policy = "P", .created = "2025-08-14T03:00:00Z"},
      {.uid = "4", .vm = "b", .created = "2025-08-14T04:00:00Z"}},
     "3 2 1/4",
     NULL},
    {"also where that VM tells but one of the two",
     {{.uid = "1", .vm = "a", .policy = "P", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .created = "2025-08-14T02:00:00Z"}},
     "2 1",
     NULL},
    {"but not where each tells another",
     {{.uid = "1", .vm = "a", .policy = "P", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .server = "s", .created = "2025-08-14T02:00:00Z"}},
     "2/1",
     NULL},
    {"but to none of two",
     {{.uid = "1", .vm = "a", .policy = "P", .server = "s", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .created = "2025-08-14T02:00:00Z"},
      {.uid = "3", .vm = "a", .policy = "Q", .server = "s", .created = "2025-08-14T03:00:00Z"}},
     "2?/1/3",
     NULL},
    {"of several VMs, to the only one that it may be",
     {{.uid = "1", .vm = "a", .policy = "P", .server = "s", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .policy = "P", .server = "t", .created = "2025-08-14T02:00:00Z"},
      {.uid = "3", .vm = "a", .server = "t", .created = "2025-08-14T03:00:00Z"},
      {.uid = "4", .vm = "a", .policy = "Q", .server = "s", .created = "2025-08-14T04:00:00Z"},
      {.uid = "5", .vm = "a", .policy = "Q", .created = "2025-08-14T05:00:00Z"}},
     "1/3 2/5 4",
     NULL},
    {"what tells least goes where the rest goes",
     {{.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .policy = "P", .created = "2025-08-14T02:00:00Z"},
      {.uid = "3", .vm = "a", .policy = "P", .server = "s", .created = "2025-08-14T03:00:00Z"},
      {.uid = "4", .vm = "a", .server = "s", .created = "2025-08-14T04:00:00Z"}},
     "4 3 2 1",
     NULL},
    {"to none of two, of which each tells another thing",
     {{.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .policy = "P", .created = "2025-08-14T02:00:00Z"},
      {.uid = "3", .vm = "a", .server = "s", .created = "2025-08-14T03:00:00Z"},
      {.uid = "4", .vm = "b", .created = "2025-08-14T04:00:00Z"}},
     "1?/3/2/4",
     NULL},
    {"nor to one of another policy",
     {{.uid = "1", .vm = "a", .policy = "P", .server = "s", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .policy = "Q", .created = "2025-08-14T02:00:00Z"}},
     "1/2",
     NULL},
    {"case tells VMs apart",
     {{.uid = "1", .vm = "A", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .created = "2025-08-14T02:00:00Z"}},
     "1/2",
     NULL},
    {"ties go by id",
     {{.uid = "2", .vm = "a", .created = "2025-08-14T01:00:00Z"},
      {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z"},
      {.uid = "3", .vm = "a", .created = "2025-08-14T01:00:00Z"}},
     "1 2 3",
     "1/2/3"},
    {"without a creation time last",
     {{.uid = "1", .vm = "a"},
      {.uid = "2", .vm = "a", .created = "2025-08-14T01:00:00Z"},
      {.uid = "3", .vm = "a", .created = "2025-08-14T02:00:00Z"}},
     "3 2 1",
     "3/2/1"},
    {"without a name each is a VM",
     {{.uid = "2", .created = "2025-08-14T02:00:00Z"},
      {.uid = "1", .created = "2025-08-14T01:00:00Z"},
      {.uid = "3", .vm = "a", .created = "2025-08-14T03:00:00Z"}},
     "1/2/3",
     "1/2/3"},
    {"read twice, the same",
     {{.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .created = "2025-08-14T02:00:00Z"},
      {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z"}},
     "2 1",
     "2/1"},
    {"read twice, the ids in another case: as it was read last",
     {{.uid = "urn:a", .vm = "a", .created = "2025-08-14T01:00:00Z"},
      {.uid = "urn:b", .vm = "a", .created = "2025-08-14T02:00:00Z"},
      {.uid = "URN:A", .vm = "a", .created = "2025-08-14T03:00:00Z"}},
     "URN:A urn:b",
     NULL},
    {"without ids nothing is the same",
     {{.vm = "a", .created = "2025-08-14T01:00:00Z"},
      {.vm = "a", .created = "2025-08-14T01:00:00Z"}},
     "- -",
     "-/-"},
};

static void describe(struct buf *text, const struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++) {
        buf_text(text, i > 0 ? "/" : "");
        ck_assert_uint_ge(targets->items[i].count, 1);
        for (size_t j = 0; j < targets->items[i].count; j++) {
            const char *uid = targets->items[i].sessions[j]->uid;
            buf_format(text, "%s%s", j > 0 ? " " : "", uid != NULL ? uid : "-");
        }
        buf_text(text, targets->items[i].unplaced ? "?" : "");
    }
}

static void add_all(struct task_sessions *sessions, const struct spec specs[])
{
    for (int i = 0; i < MOST_SESSIONS && (specs[i].uid != NULL || specs[i].vm != NULL); i++) {
        struct spec spec = specs[i];
        spec.state = spec.state != NULL ? spec.state : "Completed";
        add_spec(sessions, &spec);
    }
}

static void check_selection(const char *name, const struct task_sessions *sessions, bool each_alone,
                            const char *expected)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_targets struct targets targets;
    cleanup_buf struct buf found;
    buf_init(&found, 1000);
    ck_assert_int_eq(targets_group(sessions, each_alone, &targets, &fault), 0);
    describe(&found, &targets);
    ck_assert_msg(strcmp(buf_string(&found), expected) == 0, "%s: %s, not %s", name,
                  buf_string(&found), expected);
}

/* What may be of a VM that is not known any more joins none, and none joins it. */
START_TEST(unplaced_sessions_stay_so)
{
    static const struct spec specs[MOST_SESSIONS] = {
        {.uid = "1", .vm = "a", .policy = "P", .server = "s", .created = "2025-08-14T01:00:00Z"},
        {.uid = "2", .vm = "a", .policy = "P", .created = "2025-08-14T02:00:00Z"},
        {.uid = "3", .vm = "a", .policy = "P", .created = "2025-08-14T03:00:00Z"},
        {.uid = "4", .vm = "a", .created = "2025-08-14T04:00:00Z"}};
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    add_all(&sessions, specs);
    sessions.items[1].odd |= SESSION_UNPLACED;
    check_selection("unplaced", &sessions, false, "2?/4 3 1");
    ck_assert_int_eq(targets_condense(&sessions, &fault), 0);
    check_selection("unplaced, condensed", &sessions, false, "2?/4 3 1");
    task_sessions_free(&sessions);
}
END_TEST

START_TEST(groups_and_sorts)
{
    struct task_sessions sessions = {0};
    add_all(&sessions, cases[_i].sessions);
    check_selection(cases[_i].name, &sessions, false, cases[_i].vms);
    if (cases[_i].alone != NULL) {
        check_selection(cases[_i].name, &sessions, true, cases[_i].alone);
    }
    task_sessions_free(&sessions);
}
END_TEST

/* A session that changed while pages were read: it counts as it was read last. */
static const struct {
    const char *name;
    struct spec earlier, later;
} repeats[] = {
    {"completed meanwhile",
     {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z", .state = "InProgress"},
     {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z", .state = "Completed"}},
    {"reason came",
     {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z", .state = "Completed"},
     {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z", .state = "Pending", .reason = "x"}},
    {"creation came",
     {.uid = "1", .vm = "a", .state = "Pending"},
     {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z", .state = "InProgress"}},
    {"creation moved back",
     {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z", .state = "Pending"},
     {.uid = "1", .vm = "a", .created = "2025-08-14T00:00:00Z", .state = "InProgress"}},
    {"VM was renamed",
     {.uid = "1", .vm = "b", .created = "2025-08-14T01:00:00Z", .state = "Pending"},
     {.uid = "1", .vm = "a", .created = "2025-08-14T01:00:00Z", .state = "InProgress"}},
};

START_TEST(the_last_reading_counts)
{
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_targets struct targets targets;
    const struct spec between = {
        .uid = "0", .vm = "z", .created = "2025-08-14T00:30:00Z", .state = "Completed"};
    add_spec(&sessions, &repeats[_i].earlier);
    add_spec(&sessions, &between);
    add_spec(&sessions, &repeats[_i].later);
    ck_assert_int_eq(targets_group(&sessions, false, &targets, &fault), 0);
    ck_assert_msg(targets.count == 2 && targets.items[0].count == 1, "%s: it counts twice",
                  repeats[_i].name);
    ck_assert_msg(targets.items[0].sessions[0] == &sessions.items[2],
                  "%s: the first reading counts", repeats[_i].name);
    task_sessions_free(&sessions);
}
END_TEST

START_TEST(selects_from_nothing)
{
    const struct task_sessions none = {0};
    check_selection("nothing", &none, false, "");
    check_selection("nothing", &none, true, "");
}
END_TEST

static const struct {
    const char *name;
    struct spec sessions[MOST_SESSIONS];
    const char *uid; // NULL: none is completed
} completions[] = {
    {"newest is it",
     {{.uid = "2", .vm = "a", .state = "Completed", .created = "2025-08-14T02:00:00Z"},
      {.uid = "1", .vm = "a", .state = "Completed", .created = "2025-08-14T01:00:00Z"}},
     "2"},
    {"behind running ones",
     {{.uid = "4", .vm = "a", .state = "Pending", .created = "2025-08-14T04:00:00Z"},
      {.uid = "3", .vm = "a", .state = "InProgress", .created = "2025-08-14T03:00:00Z"},
      {.uid = "1", .vm = "a", .state = "Completed", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .state = "Completed", .created = "2025-08-14T02:00:00Z"}},
     "2"},
    {"only one, without a creation time",
     {{.uid = "2", .vm = "a", .state = "Pending", .created = "2025-08-14T02:00:00Z"},
      {.uid = "1", .vm = "a", .state = "Completed"}},
     "1"},
    {"none",
     {{.uid = "2", .vm = "a", .state = "Pending", .created = "2025-08-14T02:00:00Z"},
      {.uid = "1", .vm = "a", .state = "Paused", .created = "2025-08-14T01:00:00Z"}},
     NULL},
};

START_TEST(finds_the_last_completed)
{
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_targets struct targets targets;
    add_all(&sessions, completions[_i].sessions);
    ck_assert_int_eq(targets_group(&sessions, false, &targets, &fault), 0);
    ck_assert_uint_eq(targets.count, 1);
    const struct task_session *found = target_last_completed(&targets.items[0]);
    if (completions[_i].uid == NULL) {
        ck_assert_msg(found == NULL, "%s: one is found", completions[_i].name);
    } else {
        ck_assert_msg(found != NULL, "%s: none is found", completions[_i].name);
        ck_assert_str_eq(found->uid, completions[_i].uid);
    }
    task_sessions_free(&sessions);
}
END_TEST

/* What stays of a VM's sessions, in the order in which they were read. */
static const struct {
    const char *name;
    struct spec sessions[MOST_SESSIONS];
    const char *kept;
} condensed[] = {
    {"the newest and the last completed",
     {{.uid = "5", .vm = "a", .state = "InProgress", .created = "2025-08-14T05:00:00Z"},
      {.uid = "4", .vm = "a", .state = "Completed", .created = "2025-08-14T04:00:00Z"},
      {.uid = "3", .vm = "a", .state = "Completed", .created = "2025-08-14T03:00:00Z"},
      {.uid = "2", .vm = "a", .state = "Pending", .created = "2025-08-14T02:00:00Z"}},
     "5 4"},
    {"one that is both",
     {{.uid = "3", .vm = "a", .state = "Completed", .created = "2025-08-14T03:00:00Z"},
      {.uid = "4", .vm = "a", .state = "Completed", .created = "2025-08-14T04:00:00Z"}},
     "4"},
    {"only the newest where none is completed",
     {{.uid = "5", .vm = "a", .state = "InProgress", .created = "2025-08-14T05:00:00Z"},
      {.uid = "4", .vm = "a", .state = "Pending", .created = "2025-08-14T04:00:00Z"},
      {.uid = "3", .vm = "a", .state = "InProgress", .created = "2025-08-14T03:00:00Z"}},
     "5"},
    {"those without a creation time",
     {{.uid = "5", .vm = "a", .state = "InProgress", .created = "2025-08-14T05:00:00Z"},
      {.uid = "4", .vm = "a", .state = "Failed"},
      {.uid = "3", .vm = "a", .state = "Completed", .created = "2025-08-14T03:00:00Z"},
      {.uid = "2", .vm = "a", .state = "Completed"}},
     "5 4 3 2"},
    {"each VM by itself",
     {{.uid = "6", .vm = "b", .state = "Completed", .created = "2025-08-14T06:00:00Z"},
      {.uid = "5", .vm = "a", .policy = "P", .created = "2025-08-14T05:00:00Z"},
      {.uid = "4", .vm = "a", .policy = "Q", .created = "2025-08-14T04:00:00Z"},
      {.uid = "3", .vm = "a", .policy = "P", .created = "2025-08-14T03:00:00Z"},
      {.uid = "2", .vm = "b", .created = "2025-08-14T02:00:00Z"}},
     "6 5 4"},
    {"the last reading",
     {{.uid = "1", .vm = "a", .state = "InProgress", .created = "2025-08-14T01:00:00Z"},
      {.uid = "2", .vm = "a", .state = "InProgress", .created = "2025-08-14T02:00:00Z"},
      {.uid = "1", .vm = "a", .state = "Completed", .created = "2025-08-14T01:00:00Z"}},
     "2 1"},
};

START_TEST(keeps_what_verdicts_need)
{
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_buf struct buf kept;
    buf_init(&kept, 1000);
    add_all(&sessions, condensed[_i].sessions);
    ck_assert_int_eq(targets_condense(&sessions, &fault), 0);
    for (size_t i = 0; i < sessions.count; i++) {
        buf_format(&kept, "%s%s", i > 0 ? " " : "", sessions.items[i].uid);
    }
    ck_assert_msg(strcmp(buf_string(&kept), condensed[_i].kept) == 0, "%s: %s, not %s",
                  condensed[_i].name, buf_string(&kept), condensed[_i].kept);
    task_sessions_free(&sessions);
}
END_TEST

START_TEST(what_is_read_again_is_still_known)
{
    static const struct spec known[] = {
        {.uid = "2", .vm = "a", .state = "Completed", .created = "2025-08-14T02:00:00Z"},
        {.uid = "1", .vm = "a", .state = "Completed", .created = "2025-08-14T01:00:00Z"}};
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    add_spec(&sessions, &known[0]);
    add_spec(&sessions, &known[1]);
    sessions.items[0].odd = sessions.items[1].odd = SESSION_UNPLACED;
    for (int reading = 0; reading < 3; reading++) {
        ck_assert_int_eq(targets_condense(&sessions, &fault), 0);
        ck_assert_uint_eq(sessions.count, 1);
        ck_assert_uint_eq(sessions.items[0].odd, SESSION_UNPLACED);
        ck_assert(sessions.items[0].has_oldest);
        ck_assert_int_eq(sessions.items[0].oldest, moment("2025-08-14T01:00:00Z"));
        add_spec(&sessions, &known[0]);
    }
    task_sessions_free(&sessions);
}
END_TEST

/* Adds a completed session, "1" to "9", of that hour. */
static void add_state_of_hour(struct task_sessions *sessions, const char *vm, const char *state,
                              int hour)
{
    const char uid[] = {(char)('0' + hour), '\0'};
    char created[sizeof "2025-08-14T01:00:00Z"];
    snprintf(created, sizeof created, "2025-08-14T%02d:00:00Z", hour);
    add_spec(sessions, &(struct spec){.uid = uid, .vm = vm, .state = state, .created = created});
}

static void add_of_hour(struct task_sessions *sessions, const char *vm, int hour)
{
    add_state_of_hour(sessions, vm, "Completed", hour);
}

/* What is known of the order of a condensed list holds for that list alone, until it changes. */
START_TEST(changed_lists_are_sorted_anew)
{
    struct task_sessions sessions = {0};
    struct task_sessions others = {0};
    struct fault fault = {.kind = FAULT_NONE};
    add_of_hour(&sessions, "b", 2);
    add_of_hour(&sessions, "b", 3);
    add_of_hour(&sessions, "a", 1);
    ck_assert_int_eq(targets_condense(&sessions, &fault), 0);
    check_selection("condensed", &sessions, false, "1/3");
    check_selection("condensed, alone", &sessions, true, "1/3");
    add_of_hour(&sessions, "a", 4);
    add_of_hour(&sessions, "b", 3); // once more
    check_selection("more were added", &sessions, false, "4 1/3");
    ck_assert_int_eq(targets_condense(&sessions, &fault), 0);
    check_selection("condensed again", &sessions, false, "4/3");
    add_of_hour(&sessions, "0", 5);
    task_sessions_keep(&sessions, (const bool[]){true, false, true});
    check_selection("as many as before, but others", &sessions, false, "5/4");
    ck_assert_int_eq(targets_condense(&sessions, &fault), 0);
    ck_assert_int_eq(task_sessions_move(&others, &sessions, &fault), 0);
    check_selection("moved", &others, false, "5/4");
    check_selection("moved away", &sessions, false, "");
    add_of_hour(&sessions, "c", 7);
    add_of_hour(&sessions, "b", 6);
    check_selection("others in their place", &sessions, false, "6/7");
    ck_assert_int_eq(targets_condense(&sessions, &fault), 0);
    ck_assert_int_eq(task_sessions_move(&others, &sessions, &fault), 0);
    check_selection("two lists in one", &others, false, "5/4/6/7");
    task_sessions_free(&others);
    task_sessions_free(&sessions);
}
END_TEST

/* The one that comes first of those that stay leads its VM, wherever it stood. */
START_TEST(what_is_kept_stays_in_order)
{
    static const struct {
        const char *keep; // of the sessions as they were added
        const char *selection;
    } choices[] = {
        {"11111", "5 3/4 1/2"}, {"10111", "5 3/4 1"}, {"01111", "5 3/4/2"}, {"11110", "3/4 1/2"},
        {"11011", "5/4 1/2"},   {"00010", "4"},       {"00000", ""},        {"01010", "4/2"},
    };
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        struct task_sessions sessions = {0};
        struct fault fault = {.kind = FAULT_NONE};
        bool keep[5] = {false};
        add_state_of_hour(&sessions, "b", "Completed", 1);
        add_state_of_hour(&sessions, "c", "Completed", 2);
        add_state_of_hour(&sessions, "a", "Completed", 3);
        add_state_of_hour(&sessions, "b", "InProgress", 4);
        add_state_of_hour(&sessions, "a", "InProgress", 5);
        for (size_t j = 0; j < sizeof keep; j++) {
            keep[j] = choices[i].keep[j] == '1';
        }
        ck_assert_int_eq(targets_condense(&sessions, &fault), 0);
        ck_assert_int_eq(targets_keep(&sessions, keep, &fault), 0);
        ck_assert_uint_eq(sessions.ranked, sessions.count);
        check_selection(choices[i].keep, &sessions, false, choices[i].selection);
        task_sessions_free(&sessions);
    }
}
END_TEST

Suite *group_suite(void)
{
    Suite *suite = suite_create("group");
    TCase *all = tcase_create("select");
    tcase_add_loop_test(all, groups_and_sorts, 0, COUNT(cases));
    tcase_add_test(all, unplaced_sessions_stay_so);
    tcase_add_loop_test(all, the_last_reading_counts, 0, COUNT(repeats));
    tcase_add_loop_test(all, keeps_what_verdicts_need, 0, COUNT(condensed));
    tcase_add_test(all, what_is_read_again_is_still_known);
    tcase_add_test(all, changed_lists_are_sorted_anew);
    tcase_add_test(all, what_is_kept_stays_in_order);
    tcase_add_test(all, selects_from_nothing);
    tcase_add_loop_test(all, finds_the_last_completed, 0, COUNT(completions));
    suite_add_tcase(suite, all);
    return suite;
}
