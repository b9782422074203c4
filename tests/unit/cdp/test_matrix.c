// SPDX-License-Identifier: GPL-3.0-or-later
/* State x Result and --map, cell by cell. */
#include "cdp/matrix.h"

#include <check.h>
#include <string.h>

#include "monitoring/mp.h"
#include "unit/suites.h"

enum { O = STATE_OK, W = STATE_WARNING, C = STATE_CRITICAL, U = STATE_UNKNOWN };
enum { CELLS = (int)SESSION_STATES * (int)RESULTS };

static const char *const states[SESSION_STATES] = {"Completed", "InProgress", "Pending", "Paused"};
static const char *const results[RESULTS] = {"Success", "Warning", "Failed", "None", "Skipped"};

/* The promise to the people who run the plugin, in the order of the words above. */
static const int promised[SESSION_STATES][RESULTS] = {
    {O, W, C, U, U},
    {O, W, C, O, U},
    {O, W, C, O, U},
    {U, U, U, U, U},
};

static int worse(int a, int b)
{
    static const int order[] = {
        [STATE_OK] = 0, [STATE_UNKNOWN] = 1, [STATE_WARNING] = 2, [STATE_CRITICAL] = 3};
    return order[a] > order[b] ? a : b;
}

static void map(struct matrix *matrix, const char *rules)
{
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_msg(matrix_map(matrix, rules, &fault) == 0, "%s: %s", rules, fault.text);
}

static int look_up(const struct matrix *matrix, int state, int result)
{
    return matrix_lookup(matrix, task_session_state(states[state]),
                         task_session_result(results[result]));
}

START_TEST(cells_are_as_promised)
{
    const int state = _i / RESULTS;
    const int result = _i % RESULTS;
    struct matrix matrix;
    matrix_init(&matrix);
    ck_assert_msg(look_up(&matrix, state, result) == promised[state][result], "%s, %s is %d",
                  states[state], results[result], look_up(&matrix, state, result));
}
END_TEST

/* The cell that is looked at is mapped by `rules`; all others must stay as they are. */
static void check_all_cells(const struct matrix *matrix, const char *rules,
                            int (*expected)(int state, int result, int cell, int mapped), int cell,
                            int mapped)
{
    for (int other = 0; other < CELLS; other++) {
        const int state = other / RESULTS;
        const int result = other % RESULTS;
        const int wanted = expected(state, result, cell, mapped);
        ck_assert_msg(look_up(matrix, state, result) == wanted, "--map=%s: %s, %s is %d, not %d",
                      rules, states[state], results[result], look_up(matrix, state, result),
                      wanted);
    }
}

static int expected_of_pair(int state, int result, int cell, int mapped)
{
    return state * RESULTS + result == cell ? mapped : promised[state][result];
}

static int expected_of_state(int state, int result, int cell, int mapped)
{
    return state == cell / RESULTS ? mapped : promised[state][result];
}

static int expected_of_result(int state, int result, int cell, int mapped)
{
    return result == cell % RESULTS ? mapped : promised[state][result];
}

static bool is_known(int cell)
{
    return cell / RESULTS < SESSION_OTHER && cell % RESULTS < RESULT_OTHER;
}

START_TEST(maps_a_pair)
{
    for (int mapped = O; mapped <= U && is_known(_i); mapped++) {
        struct matrix matrix;
        cleanup_buf struct buf rules;
        matrix_init(&matrix);
        buf_init(&rules, 100);
        buf_format(&rules, "%s/%s=%d", states[_i / RESULTS], results[_i % RESULTS], mapped);
        map(&matrix, buf_string(&rules));
        check_all_cells(&matrix, buf_string(&rules), expected_of_pair, _i, mapped);
    }
}
END_TEST

START_TEST(maps_a_state)
{
    for (int mapped = O; mapped <= U && is_known(_i); mapped++) {
        struct matrix matrix;
        cleanup_buf struct buf rules;
        matrix_init(&matrix);
        buf_init(&rules, 100);
        buf_format(&rules, "%s=%s", states[_i / RESULTS], state_text(mapped));
        map(&matrix, buf_string(&rules));
        check_all_cells(&matrix, buf_string(&rules), expected_of_state, _i, mapped);
    }
}
END_TEST

START_TEST(maps_a_result)
{
    for (int mapped = O; mapped <= U && is_known(_i); mapped++) {
        struct matrix matrix;
        cleanup_buf struct buf rules;
        matrix_init(&matrix);
        buf_init(&rules, 100);
        buf_format(&rules, "%s=%d", results[_i % RESULTS], mapped);
        map(&matrix, buf_string(&rules));
        check_all_cells(&matrix, buf_string(&rules), expected_of_result, _i, mapped);
    }
}
END_TEST

/* Both single names are given: their cell takes the worse, a pair beats both. */
START_TEST(single_names_and_pairs_have_an_order)
{
    const int state = _i / RESULTS;
    const int result = _i % RESULTS;
    for (int both = 0; both < 16 && is_known(_i); both++) {
        const int by_state = both / 4;
        const int by_result = both % 4;
        struct matrix matrix;
        cleanup_buf struct buf rules;
        matrix_init(&matrix);
        buf_init(&rules, 100);
        buf_format(&rules, "%s=%d,%s=%d", states[state], by_state, results[result], by_result);
        map(&matrix, buf_string(&rules));
        ck_assert_msg(look_up(&matrix, state, result) == worse(by_state, by_result),
                      "--map=%s gives %d", buf_string(&rules), look_up(&matrix, state, result));
        for (int pair = O; pair <= U; pair++) {
            buf_free(&rules);
            buf_format(&rules, "%s/%s=%d", states[state], results[result], pair);
            map(&matrix, buf_string(&rules));
            ck_assert_int_eq(look_up(&matrix, state, result), pair);
        }
    }
}
END_TEST

static const struct {
    const char *rules;
    const char *state, *result;
    int expected;
} accepted[] = {
    {"none=warning", "Completed", "None", W},
    {"none=warning", "Completed", "", W},
    {"none=warning", "Pending", "none", W},
    {"None=critical", "InProgress", "None", C},
    {"NONE=ok", "Completed", "None", O},
    {"completed/none=ok", "Completed", "", O},
    {"completed/none=ok", "Completed", "Success", O},
    {"completed/none=ok", "InProgress", "None", O},
    {"INPROGRESS/FAILED=Warning", "InProgress", "Failed", W},
    {"warning=critical", "Completed", "Warning", C},
    {"warning=warning", "Completed", "Warning", W},
    {"Warning=0", "Pending", "Warning", O},
    {"failed=3", "Completed", "Failed", U},
    {"Pending=2", "Pending", "Success", C},
    {"Pending=2", "Completed", "Success", O},
    {"Failed=ok,Failed=warning", "Completed", "Failed", W}, // the later rule counts
    {"Completed=ok", "Completed", "Skipped", O},
    {"Failed=ok", "Paused", "Failed", O},
    {"Completed/Failed=unknown,InProgress=critical,none=ok", "InProgress", "None", C},
};

START_TEST(accepts_rules)
{
    struct matrix matrix;
    matrix_init(&matrix);
    map(&matrix, accepted[_i].rules);
    const int found = matrix_lookup(&matrix, task_session_state(accepted[_i].state),
                                    task_session_result(accepted[_i].result));
    ck_assert_msg(found == accepted[_i].expected, "--map=%s: %s, %s is %d", accepted[_i].rules,
                  accepted[_i].state, accepted[_i].result, found);
}
END_TEST

/* Signs, in the order idle, overdue, disabled, uncovered; no cell changes with them. */
static const struct {
    const char *rules;
    int expected[SIGNS];
} signs[] = {
    {"Completed/Failed=critical", {W, W, W, W}}, // none is given
    {"idle=ok", {O, W, W, W}},
    {"overdue=critical", {W, C, W, W}},
    {"disabled=ok", {W, W, O, W}},
    {"UNCOVERED=3", {W, W, W, U}},
    {"idle=critical,overdue=ok,disabled=unknown,uncovered=warning", {C, O, U, W}},
    {"idle=critical,idle=ok", {O, W, W, W}}, // the later rule counts
    {"Completed/Failed=critical,Uncovered=ok", {W, W, W, O}},
};

START_TEST(maps_signs)
{
    struct matrix matrix;
    matrix_init(&matrix);
    map(&matrix, signs[_i].rules);
    for (int sign = 0; sign < SIGNS; sign++) {
        ck_assert_msg(matrix.sign[sign] == signs[_i].expected[sign], "--map=%s: %s is %d",
                      signs[_i].rules, sign_words[sign], matrix.sign[sign]);
    }
    for (int cell = 0; cell < CELLS; cell++) {
        ck_assert_int_eq(look_up(&matrix, cell / RESULTS, cell % RESULTS),
                         promised[cell / RESULTS][cell % RESULTS]);
    }
}
END_TEST

static const struct {
    const char *rules;
    const char *named; // by the fault's text
} refused[] = {
    {"", ""},
    {"Failed", "Failed"},
    {"Failed=", "''"},
    {"=ok", "''"},
    {"Failed=fine", "fine"},
    {"Failed=4", "4"},
    {"Failed=-1", "-1"},
    {"Failed=01", "01"},
    {"Failed=ok ", "ok "},
    {"Failed==ok", "=ok"},
    {"Fail=ok", "Fail"},
    {"Paused=ok", "Paused"},
    {"Skipped=ok", "Skipped"},
    {"other=ok", "other"},
    {"Completed/=ok", ""},
    {"/Failed=ok", ""},
    {"Completed/Skipped=ok", "Skipped"},
    {"Paused/Failed=ok", "Paused"},
    {"Failed/Completed=ok", "Completed"},
    {"Completed/Failed/None=ok", "Failed/None"},
    {"Failed=ok,", ""},
    {",Failed=ok", ""},
    {"Failed=ok,,None=ok", ""},
    {"Failed=ok;None=ok", "ok;None"},
    {"Failed=ok,None", "None"},
    {" Failed=ok", " Failed"},
    {"idl=ok", "a sign (idle, overdue, disabled, uncovered)"},
    {"idle", "idle"},
    {"idle=maybe", "maybe"},
    {"stale=ok", "stale"},
    {"idle/Failed=ok", "idle"},
    {"Completed/idle=ok", "idle"},
    {"Failedddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd=ok", "Failedd"},
};

START_TEST(refuses_rules)
{
    struct matrix matrix;
    struct fault fault = {.kind = FAULT_NONE};
    matrix_init(&matrix);
    ck_assert_msg(matrix_map(&matrix, refused[_i].rules, &fault) == -1, "--map=%s is taken",
                  refused[_i].rules);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    ck_assert_msg(strstr(fault.text, refused[_i].named) != NULL, "--map=%s: %s", refused[_i].rules,
                  fault.text);
}
END_TEST

Suite *matrix_suite(void)
{
    Suite *suite = suite_create("matrix");
    TCase *cases = tcase_create("matrix");
    tcase_add_loop_test(cases, cells_are_as_promised, 0, CELLS);
    tcase_add_loop_test(cases, maps_a_pair, 0, CELLS);
    tcase_add_loop_test(cases, maps_a_state, 0, CELLS);
    tcase_add_loop_test(cases, maps_a_result, 0, CELLS);
    tcase_add_loop_test(cases, single_names_and_pairs_have_an_order, 0, CELLS);
    tcase_add_loop_test(cases, accepts_rules, 0, COUNT(accepted));
    tcase_add_loop_test(cases, maps_signs, 0, COUNT(signs));
    tcase_add_loop_test(cases, refuses_rules, 0, COUNT(refused));
    suite_add_tcase(suite, cases);
    return suite;
}
