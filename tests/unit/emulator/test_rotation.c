// SPDX-License-Identifier: GPL-3.0-or-later
/* Fleets whose sessions follow EM's clock: when turns begin, and what a store has after any of
 * them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>

#include "emulator/rotation.h"
#include "emulator/scenario.h"
#include "unit/emulator/client.h"
#include "unit/suites.h"

#define SECOND MOMENT_SECOND
#define HOUR (3600 * MOMENT_SECOND)
#define START INT64_C(1767225600000000) // 2026-01-01
#define FLEET                                                                                      \
    "{\"generate\":{\"vms\":7,\"completed\":3,\"hours\":1,\"warning_every\":3,"                    \
    "\"failed_every\":4,\"rotates_from\":\"2026-01-01\"}}"

static struct store *load(const char *scenario, moment now)
{
    char error[256] = "";
    struct store *store = scenario_load(scenario, now, error, sizeof error);
    ck_assert_msg(store != NULL, "%s", error);
    return store;
}

/* ---- when turns begin ---- */

static const struct {
    int64_t vms;
    moment length;
    moment first_turn;
} clock_cases[] = {
    {1, 60 * SECOND, 0},
    {7, HOUR, START},
    {7, 60 * SECOND, START + 12345},
    {10000, 8 * HOUR, START},
    {1000000, 1000 * HOUR, START},
    {999983, 60 * SECOND, 0},
};

/* At `now`, the turn before the first that has not begun has begun. */
static void expect_between(const struct fleet *fleet, moment now)
{
    const int64_t next = fleet_first_not_begun(fleet, now);
    const moment last =
        fleet_turn_begins(fleet, fleet_vm_at(fleet, next - 1), fleet_turn_at(fleet, next - 1));
    const moment coming =
        fleet_turn_begins(fleet, fleet_vm_at(fleet, next), fleet_turn_at(fleet, next));
    ck_assert_msg(last <= now && now < coming,
                  "at %" PRId64 " turn %" PRId64 ": %" PRId64 " to %" PRId64, now, next, last,
                  coming);
}

START_TEST(turns_begin_in_order)
{
    const struct fleet fleet = {.vms = clock_cases[_i].vms,
                                .length = clock_cases[_i].length,
                                .first_turn = clock_cases[_i].first_turn};
    const moment step = fleet.length / 997 + 1;
    for (moment now = fleet.first_turn - 2 * fleet.length;
         now < fleet.first_turn + 2 * fleet.length; now += step) {
        expect_between(&fleet, now);
    }
    for (int64_t position = -2 * fleet.vms; position < 2 * fleet.vms;
         position += fleet.vms / 100 + 1) {
        const int64_t vm = fleet_vm_at(&fleet, position);
        const int64_t turn = fleet_turn_at(&fleet, position);
        ck_assert(0 <= vm && vm < fleet.vms);
        ck_assert_int_eq(turn * fleet.vms + vm, position);
        const moment begins = fleet_turn_begins(&fleet, vm, turn);
        expect_between(&fleet, begins - 1);
        expect_between(&fleet, begins);
        ck_assert_int_eq(fleet_turn_begins(&fleet, vm, turn + 1) - begins, fleet.length);
    }
    expect_between(&fleet, START + 3650 * MOMENT_DAY);
    ck_assert_int_eq(fleet_first_not_begun(&fleet, fleet.first_turn), 1);
    ck_assert_int_eq(fleet_first_not_begun(&fleet, fleet.first_turn - 1), 0);
}
END_TEST

/* ---- what there is at a time, by nothing but the definition ---- */

static const struct task_session *find_task(const struct store *store, const char *vm,
                                            moment created)
{
    const struct task_session *found = NULL;
    for (size_t i = 0; i < store->task_count; i++) {
        const struct task_session *task = store->tasks[i];
        if (strcmp(task->vm, vm) == 0 && task->created == created) {
            ck_assert_ptr_null(found);
            found = task;
        }
    }
    return found;
}

/* Of FLEET: the VM's newest turn, and the three before it. */
static void expect_vm(const struct store *store, int number, moment now)
{
    const moment offset = (number - 1) * HOUR / 7;
    const int64_t newest = (now - START + 1000 * HOUR - offset) / HOUR - 1000;
    char vm[16];
    snprintf(vm, sizeof vm, "vm%05d", number);
    for (int64_t turn = newest - 3; turn <= newest; turn++) {
        const struct task_session *task = find_task(store, vm, START + offset + turn * HOUR);
        ck_assert_msg(task != NULL, "%s lacks turn %" PRId64 " at %" PRId64, vm, turn, now);
        int result = (number + turn) % 4 == 0 ? RESULT_FAILED : RESULT_SUCCESS;
        result = (number + turn) % 3 == 0 && result == RESULT_SUCCESS ? RESULT_WARNING : result;
        if (turn == newest) {
            result = RESULT_SUCCESS;
        } else {
            ck_assert_int_eq(task->ended, task->created + HOUR);
        }
        ck_assert_int_eq(task->has_ended, turn < newest);
        ck_assert_int_eq(task->state, turn < newest ? TASK_COMPLETED : TASK_IN_PROGRESS);
        ck_assert_int_eq(task->result, result);
        ck_assert_int_eq(task->reason[0] != '\0', result > RESULT_SUCCESS);
        const struct policy_session *day = task->policy_session;
        ck_assert(day->created <= task->created && task->created < day->created + MOMENT_DAY);
        ck_assert_int_eq(day->has_ended, day->created + MOMENT_DAY <= now);
        ck_assert_ptr_eq(store_find((void *const *)store->policy_sessions,
                                    store->policy_session_count, day->uid),
                         day);
    }
}

static void expect_fleet(const struct store *store, moment now)
{
    ck_assert_uint_eq(store->task_count, 28);
    for (int number = 1; number <= 7; number++) {
        expect_vm(store, number, now);
    }
    for (size_t i = 0; i < store->task_count; i++) {
        ck_assert(!store->tasks[i]->is_new);
        ck_assert(i == 0 || strcmp(store->tasks[i - 1]->uid, store->tasks[i]->uid) < 0);
    }
    for (size_t i = 1; i < store->policy_session_count; i++) {
        ck_assert_int_lt(strcmp(store->policy_sessions[i - 1]->uid, store->policy_sessions[i]->uid),
                         0);
    }
}

/* Everything that answers may show of the sessions. */
static char *describe(const struct store *store)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < store->task_count; i++) {
        const struct task_session *task = store->tasks[i];
        fprintf(out, "%s %s %s %" PRId64 " %d %" PRId64 " %d %d %s %" PRId64 " %s\n", task->uid,
                task->name, task->vm, task->created, task->has_ended,
                task->has_ended ? task->ended : 0, task->state, task->result, task->reason,
                task->total_size, task->policy_session->uid);
    }
    for (size_t i = 0; i < store->policy_session_count; i++) {
        const struct policy_session *session = store->policy_sessions[i];
        fprintf(out, "%s %s %d %d %d\n", session->uid, session->name, session->has_ended,
                session->state, session->result);
    }
    fclose(out);
    return text;
}

static void expect_same(const struct store *store, const struct store *fresh)
{
    char *seen = describe(store);
    char *right = describe(fresh);
    size_t same = 0;
    while (seen[same] != '\0' && seen[same] == right[same]) {
        same++;
    }
    ck_assert_msg(seen[same] == right[same], "...%.200s, not ...%.200s", seen + same, right + same);
    free(seen);
    free(right);
}

/* To where EM's clock goes, one after the other. */
static const moment walk[] = {
    START - 30 * HOUR,
    START - 30 * HOUR + 1,
    START - 1,
    START,
    START + HOUR / 7 - 1,
    START + HOUR / 7,
    START + HOUR / 7 + 1,
    START + HOUR,
    START + 2 * HOUR + 3 * HOUR / 7, // some VMs twice
    START + 5 * HOUR,                // most of them all of their sessions
    START + 4 * HOUR,                // back by less than that
    START + 15 * HOUR + 8 * SECOND,  // a policy session ends
    START + 15 * HOUR + 9 * SECOND,
    START + 400 * MOMENT_DAY,
    START + 2 * HOUR, // far back
    START + 2 * HOUR + 60 * SECOND,
};

static const char *const fleet_cases[] = {
    "\"vms\":7,\"completed\":3,\"hours\":1,\"failed_every\":4",
    "\"vms\":7,\"completed\":3,\"hours\":1,\"running\":false,\"warning_every\":1",
    "\"vms\":7,\"completed\":0,\"hours\":1",
    "\"vms\":3,\"completed\":99,\"minutes\":1",
    "\"vms\":90,\"completed\":1,\"hours\":1000,\"folder\":\"F\"",
    "\"vms\":7,\"completed\":0,\"running\":false",
    "\"vms\":0",
};

static struct store *load_case(const char *fleet, moment now)
{
    char scenario[1024];
    snprintf(
        scenario, sizeof scenario,
        "{\"policies\":[{\"name\":\"P\"},{\"name\":\"Q\"}],\"generate\":["
        "{\"rotates_from\":\"2026-01-01\",%s},"
        "{\"prefix\":\"other\",\"vms\":3,\"hours\":5,\"rotates_from\":\"2026-02-28T10:00:00\"},"
        "{\"policy\":\"Q\",\"vms\":40,\"hours\":30,\"rotates_from\":\"2025-06-01\"}]}",
        fleet);
    return load(scenario, now);
}

START_TEST(rotates_as_defined)
{
    struct store *store = load(FLEET, walk[0]);
    for (int i = 0; i < COUNT(walk); i++) {
        rotation_apply(store, walk[i]);
        expect_fleet(store, walk[i]);
    }
    store_free(store);
}
END_TEST

START_TEST(is_as_if_loaded_then)
{
    struct store *store = load_case(fleet_cases[_i], walk[0]);
    for (int i = 0; i < COUNT(walk); i++) {
        struct store *fresh = load_case(fleet_cases[_i], walk[i]);
        rotation_apply(store, walk[i]);
        expect_same(store, fresh);
        ck_assert(!rotation_is_due(store, walk[i]));
        store_free(fresh);
    }
    store_free(store);
}
END_TEST

START_TEST(is_due_at_each_turn)
{
    struct store *store = load(FLEET, START + 2 * HOUR / 7 + 1);
    ck_assert(!rotation_is_due(store, START + 3 * HOUR / 7 - 1));
    ck_assert(rotation_is_due(store, START + 3 * HOUR / 7));
    ck_assert(rotation_is_due(store, START)); // the clock went back
    rotation_apply(store, START + 15 * HOUR);
    ck_assert(!rotation_is_due(store, START + 15 * HOUR + 8 * SECOND - 1));
    ck_assert(rotation_is_due(store, START + 15 * HOUR + 8 * SECOND)); // of a policy session
    store_free(store);
    store = load("{\"generate\":{}}", START);
    ck_assert(!rotation_is_due(store, START + 3650 * MOMENT_DAY));
    store_free(store);
}
END_TEST

/* Also that what does not rotate is left alone. */
START_TEST(takes_no_more_memory_as_it_goes_on)
{
    struct store *store =
        load("{\"vms\":[{\"name\":\"still\",\"sessions\":[{\"created\":\"-9h\"}]}],"
             "\"generate\":{\"vms\":500,\"hours\":8,\"rotates_from\":\"-0s\"}}",
             START);
    const struct arena_block *newest = store->arena.newest;
    const struct task_session *still = find_task(store, "still", START - 9 * HOUR);
    ck_assert_ptr_nonnull(still);
    for (moment now = START; now < START + 60 * MOMENT_DAY; now += HOUR) {
        rotation_apply(store, now);
        ck_assert_uint_eq(store->task_count, 2001);
        ck_assert_uint_le(store->policy_session_count, 4);
    }
    ck_assert_ptr_eq(store->arena.newest, newest);
    ck_assert_ptr_eq(find_task(store, "still", START - 9 * HOUR), still);
    store_free(store);
}
END_TEST

/* ---- as EM tells it ---- */

#define TWO_VMS                                                                                    \
    "{\"generate\":{\"vms\":2,\"completed\":1,\"hours\":2,\"rotates_from\":\"-30m\","              \
    "\"failed_every\":1}}"

/* The UID of the VM's session in that state. */
static char *uid_of(const char *vm, const char *state)
{
    char filter[128];
    snprintf(filter, sizeof filter, "VmDisplayName==\"%s\";State==%s", vm, state);
    ck_assert_int_eq(client_query("CdpReplicaTaskSession", filter, ""), 200);
    ck_assert_int_eq(client_count("Entities.CdpReplicaTaskSessions.CdpReplicaTaskSessions"), 1);
    cJSON *json = client_document();
    char *uid =
        strdup(client_text(json, "Entities.CdpReplicaTaskSessions.CdpReplicaTaskSessions.0.UID") +
               strlen("urn:veeam:CdpReplicaTaskSession:"));
    cJSON_Delete(json);
    return uid;
}

static long get_session(const char *uid)
{
    char path[128];
    snprintf(path, sizeof path, "/api/cdpReplicaTaskSessions/%s?format=Entity", uid);
    return client_get(path);
}

/* The first VM's turn 0 began half an hour ago, so that the next one is due in an hour and a half.
 */
START_TEST(follows_ems_clock)
{
    client_start_scenario(TWO_VMS);
    client_log_on();
    char *first = uid_of("vm00001", "InProgress");
    char *second = uid_of("vm00002", "InProgress");
    char *oldest = uid_of("vm00001", "Completed");
    emulator_advance(client.emulator, 5400);
    client_log_on();
    char *ended = uid_of("vm00001", "Completed");
    char *begun = uid_of("vm00001", "InProgress");
    char *other = uid_of("vm00002", "InProgress");
    ck_assert_str_eq(ended, first);
    ck_assert_str_ne(begun, first);
    ck_assert_str_ne(other, second); // half an hour earlier
    ck_assert_int_eq(get_session(oldest), 404);
    ck_assert_int_eq(get_session(first), 200);
    client_expect("State", "\"Completed\"");
    client_expect("Result", "\"Failed\"");
    ck_assert_int_eq(get_session(begun), 200);
    client_expect("Result", "\"Success\"");
    free(first);
    free(second);
    free(oldest);
    free(ended);
    free(begun);
    free(other);
}
END_TEST

Suite *rotation_suite(void)
{
    Suite *suite = suite_create("rotation");
    TCase *tests = tcase_create("pure");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, turns_begin_in_order, 0, COUNT(clock_cases));
    tcase_add_test(tests, rotates_as_defined);
    tcase_add_loop_test(tests, is_as_if_loaded_then, 0, COUNT(fleet_cases));
    tcase_add_test(tests, is_due_at_each_turn);
    tcase_add_test(tests, takes_no_more_memory_as_it_goes_on);
    suite_add_tcase(suite, tests);
    tests = tcase_create("network");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, client_set_up, client_tear_down);
    tcase_add_test(tests, follows_ems_clock);
    suite_add_tcase(suite, tests);
    return suite;
}
