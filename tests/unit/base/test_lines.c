// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/lines.h"

#include <check.h>
#include <string.h>

#include "unit/suites.h"

START_TEST(lines_beyond_the_limit_are_counted)
{
    struct lines lines = {0};
    for (int i = 0; i < 106; i++) {
        lines_add(&lines, "%d", i);
    }
    ck_assert_uint_eq(lines.count, 100);
    ck_assert_str_eq(lines.text[99], "99");
    ck_assert_uint_eq(lines.left_out, 6);
    ck_assert(!lines.no_memory);
    lines_free(&lines);
    ck_assert_uint_eq(lines.left_out, 0);
}
END_TEST

START_TEST(lines_are_kept_in_order)
{
    struct lines lines = {0};
    lines_free(&lines);
    for (int i = 0; i < 100; i++) {
        lines_add(&lines, "line %d of %s", i, "many");
    }
    ck_assert_uint_eq(lines.count, 100);
    ck_assert_str_eq(lines.text[0], "line 0 of many");
    ck_assert_str_eq(lines.text[99], "line 99 of many");
    ck_assert(!lines.no_memory);
    lines_free(&lines);
    ck_assert_uint_eq(lines.count, 0);
    ck_assert_ptr_null(lines.text);
}
END_TEST

Suite *lines_suite(void)
{
    Suite *suite = suite_create("lines");
    TCase *cases = tcase_create("lines");
    tcase_add_test(cases, lines_beyond_the_limit_are_counted);
    tcase_add_test(cases, lines_are_kept_in_order);
    suite_add_tcase(suite, cases);
    return suite;
}
