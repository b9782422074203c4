// SPDX-License-Identifier: GPL-3.0-or-later
/* Lists of task sessions, their ids, and EM's words for State and Result. */
#include "cdp/task_session.h"

#include <check.h>
#include <string.h>

#include "unit/spec.h"
#include "unit/suites.h"

#define UUID "ad86fed0-4288-47ba-a7ab-0fca64d3ba5a"
#define URN "urn:veeam:CdpReplicaTaskSession:"

static void add_one(struct task_sessions *sessions, int result)
{
    struct fault fault = {.kind = FAULT_NONE};
    char name[100] = "";
    memset(name, 'n', sizeof name - 1);
    const struct task_session session = {.state = SESSION_PENDING};
    const struct session_text_of texts[SESSION_TEXTS] = {[TEXT_NAME] = {name, sizeof name - 1}};
    ck_assert((task_sessions_append(sessions, &session, texts, &fault) != NULL) == (result == 0));
    ck_assert_int_eq(fault.kind, result < 0 ? FAULT_PROTOCOL : FAULT_NONE);
    ck_assert(result == 0 || strstr(fault.text, "more than 256 MiB") != NULL);
}

/* The limit counts what other lists have as well, and what was dropped or moved no more. */
START_TEST(a_run_keeps_so_many_bytes)
{
    struct task_sessions list = {.items = NULL};
    struct task_sessions other = {.items = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    const bool keep[] = {false, true, true};
    add_one(&list, 0);
    const size_t one = list.size;
    ck_assert_uint_gt(one, sizeof(struct task_session) + 100);
    list.beside = TASK_SESSIONS_SIZE_LIMIT - 3 * one;
    add_one(&list, 0);
    add_one(&list, 0);
    add_one(&list, -1);
    ck_assert_uint_eq(list.count, 3);
    ck_assert_uint_eq(list.size, 3 * one);
    task_sessions_keep(&list, keep);
    ck_assert_uint_eq(list.size, 2 * one);
    add_one(&list, 0);
    add_one(&list, -1);
    other.beside = TASK_SESSIONS_SIZE_LIMIT - 3 * one + 1;
    ck_assert_int_eq(task_sessions_move(&other, &list, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
    ck_assert_uint_eq(list.count, 3);
    other.beside--;
    ck_assert_int_eq(task_sessions_move(&other, &list, &fault), 0);
    ck_assert_uint_eq(list.size, 0);
    ck_assert_uint_eq(other.size, 3 * one);
    list.beside = TASK_SESSIONS_SIZE_LIMIT - one;
    add_one(&list, 0);
    task_sessions_free(&list);
    task_sessions_free(&other);
}
END_TEST

START_TEST(moves_all_to_the_end)
{
    static const char *const vms[] = {"b", "a"};
    struct task_sessions from = {0};
    struct task_sessions to = {0};
    struct fault fault = {.kind = FAULT_NONE};
    for (int i = 0; i < COUNT(vms); i++) {
        add_spec(&from, &(struct spec){.vm = vms[i], .state = "Pending"});
    }
    add_spec(&to, &(struct spec){.vm = "c", .state = "Pending"});
    ck_assert_int_eq(task_sessions_move(&to, &from, &fault), 0);
    ck_assert_uint_eq(to.count, 3);
    ck_assert_str_eq(to.items[0].vm, "c");
    ck_assert_str_eq(to.items[1].vm, "b");
    ck_assert_str_eq(to.items[2].vm, "a");
    ck_assert_uint_eq(from.count, 0);
    ck_assert_int_eq(task_sessions_move(&to, &from, &fault), 0);
    ck_assert_uint_eq(to.count, 3);
    task_sessions_free(&from);
    task_sessions_free(&to);
}
END_TEST

static const struct {
    const char *text;
    bool good;
} ids[] = {
    {UUID, true},
    {"AD86FED0-4288-47BA-A7AB-0FCA64D3BA5A", true},
    {URN UUID, true},
    {"URN:VEEAM:CDPREPLICATASKSESSION:AD86FED0-4288-47BA-A7AB-0FCA64D3BA5A", true},
    {"", false},
    {URN, false},
    {"urn:veeam:CdpReplicaSession:" UUID, false},
    {"urn:veeam:BackupTaskSession:" UUID, false},
    {URN URN UUID, false},
    {"{" UUID "}", false},
    {" " UUID, false},
    {UUID " ", false},
    {UUID "0", false},
    {UUID "/../sessions", false},
    {"ad86fed0-4288-47ba-a7ab-0fca64d3ba5", false},
    {"ad86fed0428847baa7ab0fca64d3ba5a", false},
    {"ad86fed0-4288-47ba-a7ab-0fca64d3ba5g", false},
    {"ad86fed04-288-47ba-a7ab-0fca64d3ba5a", false},
    {"ad86fed0-4288-47ba-a7ab_0fca64d3ba5a", false},
    {"ad86fed0-4288-47ba-a7ab-0fca64d3ba5\xC3", false},
};

START_TEST(reads_ids)
{
    char uuid[UUID_SIZE];
    ck_assert_msg(task_session_uuid(ids[_i].text, uuid) == ids[_i].good, "'%s'", ids[_i].text);
    if (ids[_i].good) {
        ck_assert_str_eq(uuid, UUID);
    }
}
END_TEST

START_TEST(all_but_completed_runs)
{
    for (int state = 0; state < SESSION_STATES; state++) {
        const struct task_session session = {.state = (enum session_state)state};
        ck_assert_int_eq(task_session_runs(&session), state != SESSION_COMPLETED);
    }
}
END_TEST

static const struct {
    const char *text;
    int state, result;
    const char *state_text, *result_text;
} words[] = {
    {"Completed", SESSION_COMPLETED, RESULT_OTHER, "Completed", "Completed"},
    {"completed", SESSION_COMPLETED, RESULT_OTHER, "Completed", "completed"},
    {"INPROGRESS", SESSION_IN_PROGRESS, RESULT_OTHER, "InProgress", "INPROGRESS"},
    {"inProgress", SESSION_IN_PROGRESS, RESULT_OTHER, "InProgress", "inProgress"},
    {"pending", SESSION_PENDING, RESULT_OTHER, "Pending", "pending"},
    {"success", SESSION_OTHER, RESULT_SUCCESS, "success", "Success"},
    {"WARNING", SESSION_OTHER, RESULT_WARNING, "WARNING", "Warning"},
    {"failed", SESSION_OTHER, RESULT_FAILED, "failed", "Failed"},
    {"none", SESSION_OTHER, RESULT_NONE, "none", "None"},
    {"", SESSION_OTHER, RESULT_NONE, "", NULL},
    {"Success ", SESSION_OTHER, RESULT_OTHER, "Success ", "Success "},
    {"In Progress", SESSION_OTHER, RESULT_OTHER, "In Progress", "In Progress"},
    {"Completed2", SESSION_OTHER, RESULT_OTHER, "Completed2", "Completed2"},
};

START_TEST(reads_words)
{
    ck_assert_int_eq(task_session_state(words[_i].text), words[_i].state);
    ck_assert_int_eq(task_session_result(words[_i].text), words[_i].result);
    ck_assert_str_eq(task_session_state_text(words[_i].text), words[_i].state_text);
    if (words[_i].result_text != NULL) {
        ck_assert_str_eq(task_session_result_text(words[_i].text), words[_i].result_text);
    }
}
END_TEST

Suite *task_session_suite(void)
{
    Suite *suite = suite_create("task_session");
    TCase *cases = tcase_create("task session");
    tcase_add_test(cases, a_run_keeps_so_many_bytes);
    tcase_add_test(cases, moves_all_to_the_end);
    tcase_add_loop_test(cases, reads_ids, 0, COUNT(ids));
    tcase_add_loop_test(cases, reads_words, 0, COUNT(words));
    tcase_add_test(cases, all_but_completed_runs);
    suite_add_tcase(suite, cases);
    return suite;
}
