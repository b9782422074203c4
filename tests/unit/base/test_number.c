// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/number.h"
#include "unit/suites.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static const struct {
    double value;
    const char *shown;
} numbers[] = {
    {0, "0"},
    {-0.0, "0"},
    {1, "1"},
    {-1, "-1"},
    {7980, "7980"},
    {1.5, "1.5"},
    {-1.5, "-1.5"},
    {-0.5, "-0.5"},
    {0.25, "0.25"},
    {0.125, "0.125"},
    {0.05, "0.05"},
    {0.001, "0.001"},
    {0.0004, "0"},
    {-0.0004, "0"},
    {0.0006, "0.001"},
    {0.9996, "1"},
    {1234.5678, "1234.568"},
    {0.1 + 0.2, "0.3"},
    {1e6, "1000000"},
    {4294967296.0, "4294967296"},
    {1e15, "1000000000000000"},
    {9007199254740991.0, "9007199254740991"},
    {9007199254740992.0, "9007199254740992"},
    {-9007199254740992.0, "-9007199254740992"},
    {1e18, "1000000000000000000"},
    {1e22, "10000000000000000000000"},
    {NAN, ""},
    {INFINITY, ""},
    {-INFINITY, ""},
};

START_TEST(shows_numbers)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    number_append(&shown, numbers[_i].value);
    ck_assert_str_eq(buf_string(&shown), numbers[_i].shown);
}
END_TEST

Suite *number_suite(void)
{
    Suite *suite = suite_create("number");
    TCase *cases = tcase_create("numbers");
    tcase_add_loop_test(cases, shows_numbers, 0, COUNT(numbers));
    suite_add_tcase(suite, cases);
    return suite;
}
