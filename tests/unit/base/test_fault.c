// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/fault.h"

#include <check.h>
#include <string.h>

#include "unit/utf8.h"
#include "unit/suites.h"

static const struct {
    enum fault_kind kind;
    const char *name;
} kinds[] = {
    {FAULT_NONE, ""},
    {FAULT_USAGE, "usage"},
    {FAULT_UNREACHABLE, "unreachable"},
    {FAULT_TLS, "tls"},
    {FAULT_TIMEOUT, "timeout"},
    {FAULT_SERVER, "server"},
    {FAULT_LOGON, "logon"},
    {FAULT_FORBIDDEN, "forbidden"},
    {FAULT_NOT_FOUND, "not-found"},
    {FAULT_PROTOCOL, "protocol"},
    {FAULT_TERMINATED, "terminated"},
    {FAULT_INTERNAL, "internal"},
};

START_TEST(faults_have_names)
{
    ck_assert_str_eq(fault_kind_name(kinds[_i].kind), kinds[_i].name);
}
END_TEST

START_TEST(faults_are_set_and_wrapped)
{
    struct fault fault;
    ck_assert_int_eq(fault_set(&fault, FAULT_SERVER, "status %d", 503), -1);
    ck_assert_int_eq(fault.kind, FAULT_SERVER);
    ck_assert_str_eq(fault.text, "status 503");
    ck_assert_int_eq(fault_wrap(&fault, "page %d of %d", 2, 3), -1);
    ck_assert_int_eq(fault.kind, FAULT_SERVER);
    ck_assert_str_eq(fault.text, "page 2 of 3: status 503");
    ck_assert_int_eq(fault_no_memory(&fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_INTERNAL);
    ck_assert_str_eq(fault.text, "out of memory");
}
END_TEST

/* With _i bytes before it, the text's end falls at each byte of a character of four. */
START_TEST(long_faults_are_cut_between_characters)
{
    char text[2 * FAULT_TEXT_SIZE] = "";
    struct fault fault;
    memset(text, 'a', (size_t)_i);
    for (int i = 0; i < FAULT_TEXT_SIZE / 4 + 3; i++) {
        strcat(text, "\xF0\x9F\x98\x80");
    }
    fault_set(&fault, FAULT_PROTOCOL, "%s", text);
    ck_assert_uint_le(strlen(fault.text), FAULT_TEXT_SIZE - 1);
    ck_assert_uint_gt(strlen(fault.text), FAULT_TEXT_SIZE - 1 - 4);
    ck_assert(is_utf8(fault.text));
    fault_wrap(&fault, "%s", text);
    ck_assert_uint_le(strlen(fault.text), FAULT_TEXT_SIZE - 1);
    ck_assert(is_utf8(fault.text));
    fault_set(&fault, FAULT_PROTOCOL, "%s", text);
    fault_wrap(&fault, "query");
    ck_assert_int_eq(strncmp(fault.text, "query: ", strlen("query: ")), 0);
    ck_assert_uint_le(strlen(fault.text), FAULT_TEXT_SIZE - 1);
    ck_assert(is_utf8(fault.text));
}
END_TEST

Suite *fault_suite(void)
{
    Suite *suite = suite_create("fault");
    TCase *cases = tcase_create("fault");
    tcase_add_loop_test(cases, faults_have_names, 0, COUNT(kinds));
    tcase_add_test(cases, faults_are_set_and_wrapped);
    tcase_add_loop_test(cases, long_faults_are_cut_between_characters, 0, 4);
    suite_add_tcase(suite, cases);
    return suite;
}
