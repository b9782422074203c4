// SPDX-License-Identifier: GPL-3.0-or-later
/* International names, with a libcurl that knows them and with one that does not. */
#include "em/host_name.h"

#include <check.h>
#include <string.h>

#include "em/curl.h"
#include "unit/suites.h"

#define BUECHER                                                                                    \
    "b\xC3\xBC"                                                                                    \
    "cher"

static curl_version_info_data known;

static curl_version_info_data *say_version(CURLversion version)
{
    ck_assert_int_eq(version, CURLVERSION_NOW);
    return &known;
}

static __typeof__(libcurl.version_info) version_info;

static void replace_version(void)
{
    version_info = libcurl.version_info;
    libcurl.version_info = say_version;
}

static void restore_version(void)
{
    libcurl.version_info = version_info;
}

static const struct {
    const char *source, *name;
    const char *named; // in the fault of a libcurl without international names; NULL: none
} names[] = {
    {"--hostname", "em01", NULL},
    {"--hostname", NULL, NULL},
    {"--hostname", "xn--bcher-kva.example", NULL},
    {"--hostname", "::1", NULL},
    {"--connect-to", "127.0.0.1", NULL},
    {"--hostname", BUECHER ".example", "--hostname=" BUECHER},
    {"--connect-to", BUECHER ":9398", "--connect-to=" BUECHER},
    {"https_proxy", "\xE5\x90\x8D.example", "https_proxy=\xE5\x90\x8D"},
};

START_TEST(names_what_must_be_ascii)
{
    struct fault fault = {.kind = FAULT_NONE};
    known.features = CURL_VERSION_IDN | CURL_VERSION_SSL;
    ck_assert_msg(host_name_prepare(names[_i].source, names[_i].name, &fault) == 0, "%s",
                  fault.text);
    known.features = CURL_VERSION_SSL;
    const int result = host_name_prepare(names[_i].source, names[_i].name, &fault);
    if (names[_i].named == NULL) {
        ck_assert_int_eq(result, 0);
        return;
    }
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    ck_assert_ptr_nonnull(strstr(fault.text, names[_i].named));
    ck_assert_ptr_nonnull(strstr(fault.text, "this libcurl knows no international names"));
    ck_assert_ptr_nonnull(strstr(fault.text, "xn--"));
}
END_TEST

Suite *host_name_suite(void)
{
    Suite *suite = suite_create("host_name");
    TCase *cases = tcase_create("host_name");
    tcase_add_checked_fixture(cases, replace_version, restore_version);
    tcase_add_loop_test(cases, names_what_must_be_ascii, 0, COUNT(names));
    suite_add_tcase(suite, cases);
    return suite;
}
