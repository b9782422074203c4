// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitoring/state.h"

#include <check.h>
#include <stdlib.h>

#include "monitoring/mp.h"
#include "unit/suites.h"

static const struct {
    const char *text;
    int state; // -1: none
} states[] = {
    {"ok", STATE_OK},
    {"OK", STATE_OK},
    {"Warning", STATE_WARNING},
    {"critical", STATE_CRITICAL},
    {"UNKNOWN", STATE_UNKNOWN},
    {"0", STATE_OK},
    {"1", STATE_WARNING},
    {"2", STATE_CRITICAL},
    {"3", STATE_UNKNOWN},
    {"4", -1},
    {"-1", -1},
    {"", -1},
    {"okay", -1},
    {"ok ", -1},
    {"00", -1},
    {"warn", -1},
    {"dependent", -1},
};

START_TEST(reads_states)
{
    int state = -1;
    ck_assert_msg(state_read(states[_i].text, &state) == (states[_i].state >= 0), "'%s'",
                  states[_i].text);
    ck_assert_int_eq(state, states[_i].state);
}
END_TEST

Suite *state_suite(void)
{
    Suite *suite = suite_create("state");
    TCase *cases = tcase_create("states");
    tcase_add_loop_test(cases, reads_states, 0, COUNT(states));
    suite_add_tcase(suite, cases);
    return suite;
}
