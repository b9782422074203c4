// SPDX-License-Identifier: GPL-3.0-or-later
/* Regular expressions: by characters of UTF-8 wherever that can be had, and within their limits. */
#include "base/pattern.h"

#include <check.h>
#include <locale.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/locale.h"
#include "unit/suites.h"

/* The linker sends each call of the program here. */
char *__real_setlocale(int category, const char *name); // NOLINT(bugprone-reserved-identifier)
char *__wrap_setlocale(int category, const char *name); // NOLINT(bugprone-reserved-identifier)

enum { MADE_LIMIT = 1024 * 1024 };

static bool without_utf8; // the system has no locale but C
static size_t calls;

char *__wrap_setlocale(int category, const char *name)
{
    calls++;
    ck_assert_int_eq(category, LC_CTYPE); // numbers have no locale
    return without_utf8 && strcmp(name, "C") != 0 ? NULL : __real_setlocale(category, name);
}

#define GERAET "Ger\xC3\xA4t \xC3\xB6"
#define NAGOYA "\xE5\x90\x8D\xE5\x8F\xA4\xE5\xB1\x8B-01"

static const struct {
    const char *pattern, *text;
    bool matches;
} searches[] = {
    {"db", "srv-db01", true},
    {"^db", "srv-db01", false},
    {"^srv-(app|db)[0-9]+$", "srv-db01", true},
    {"DB", "srv-db01", false},
    // A set holds characters, not their bytes.
    {"[\xC3\xA4\xC3\xB6\xC3\xBC]", "caf\xC3\xA9-prod", false},
    {"[\xC3\xA4\xC3\xB6\xC3\xBC]", NAGOYA, false},
    {"[\xC3\xA4\xC3\xB6\xC3\xBC]", "b\xC3\xBCro", true},
    {"^[^\xC3\xA4]ro$", "\xC3\xBCro", true},
    {"^[a-z\xC3\xA4]$", "\xC3\xA4", true},
    {"^[a-z\xC3\xA4]$", "A", false},
    // A dot, a class and a repetition take a character.
    {"^b.ro-test$", "b\xC3\xBCro-test", true},
    {"^...-01$", NAGOYA, true},
    {"^.{4}-01$", NAGOYA, false},
    {"Ger.t [\xC3\xB6\xC3\xA4]$", GERAET, true},
    {"^[[:alpha:]]{5}$",
     "Gr\xC3\xB6\xC3\x9F"
     "e",
     true},
    {"^[[:upper:]]", "\xC3\x96l", true},
    {"^[[:upper:]]", "\xC3\xB6l", false},
    {"^[[:lower:]]", "\xC3\xB6l", true},
    {"\xC3\xA4?b", "ab", true},
    {"^\xC3\xA4+$", "\xC3\xA4\xC3\xA4\xC3\xA4", true},
    {"\xC3\xA4", "\xC3\x84", false},
    {"^.$", "\xF0\x9F\x98\x80", true},
    // One byte that is no UTF-8 must not hide the rest.
    {"^.*srv$", "\xFFsrv", true},
    {"srv", "\xFF\xFEsrv", true},
    {"^srv.$", "srv\xC3", true},
    {"^srv\xEF\xBF\xBD$", "srv\xFF", true},
    {"\xC3\xA4", "\xFF\xC3\xA4", true},
    {"[\xC3\xA4]$", "\xC3", false},
    // An expression of ASCII means the same for a text that has other characters and one that has
    // none.
    {"^(b|c)x*$", "\xC3\xBC", false},
    {"db|app", "b\xC3\xBCro-db", true},
    {"db$", "\xFFsrv-db", true},
    {"^x{0,2}-db", "\xC3\xBC-db", false},
    {"^..$", "ab", true},
    {"^..$",
     "\xC3\xBC"
     "b",
     true},
    {"^..$", "\xC3\xBC", false},
    {"^[^a]b$", "cb", true},
    {"^[^a]b$",
     "\xC3\xBC"
     "b",
     true},
    {"\\w-db", "b-db", true},
    {"\\w-db", "\xC3\xBC-db", true},
    {"[^[:alnum:]]db",
     "\xC3\xBC"
     "db",
     false},
    {"[^[:alnum:]]db", "-db", true},
    {"[^[:alnum:]]db", "udb", false},
};

/* As a program starts, whatever the tests before have done in this process. */
static void start_with_bytes(bool no_utf8)
{
    __real_setlocale(LC_CTYPE, "C");
    without_utf8 = no_utf8;
    calls = 0;
}

static void forget_locale(void)
{
    start_with_bytes(false);
    unsetenv("LC_ALL");
}

START_TEST(matches_by_characters)
{
    static const char *const environments[] = {"C", "POSIX", "de_DE.UTF-8", "nowhere", ""};
    struct pattern pattern;
    struct fault fault;
    start_with_bytes(false);
    for (size_t i = 0; i < COUNT(environments); i++) {
        setenv("LC_ALL", environments[i], 1);
        ck_assert_msg(pattern_compile(&pattern, searches[_i].pattern, &fault) == 0, "%s",
                      fault.text);
        ck_assert(!pattern.by_bytes);
        ck_assert_msg(pattern_matches(&pattern, searches[_i].text) ==
                          (searches[_i].matches ? 1 : 0),
                      "%s, %s", searches[_i].pattern, searches[_i].text);
        pattern_free(&pattern);
    }
    ck_assert_uint_eq(calls, 1); // once for all
    ck_assert_str_eq(localeconv()->decimal_point, ".");
}
END_TEST

static const struct {
    const char *pattern;
    bool by_bytes;
} without[] = {
    {"^srv-db01$", false}, {"a|b", false},         {"(db)+x*y?", false},
    {"^b.ro$", true},      {"[a-z]", true},        {"\\<srv", true},
    {"b\xC3\xBCro", true}, {"\xE5\x90\x8D", true}, {"^(srv|db){2,3}", false},
};

START_TEST(says_that_it_knows_bytes_alone)
{
    struct pattern pattern;
    struct fault fault;
    start_with_bytes(true);
    ck_assert_int_eq(pattern_compile(&pattern, without[_i].pattern, &fault), 0);
    ck_assert_int_eq(pattern.by_bytes, without[_i].by_bytes);
    ck_assert(!locale_use_utf8());
    pattern_free(&pattern);
    start_with_bytes(false);
}
END_TEST

/* `start`, then `times` times `part`, then `end` as often as `start`. */
static char *make(const char *start, size_t nested, const char *part, size_t times, const char *end)
{
    struct buf text;
    buf_init(&text, MADE_LIMIT);
    for (size_t i = 0; i < nested; i++) {
        buf_text(&text, start);
    }
    for (size_t i = 0; i < times; i++) {
        buf_text(&text, part);
    }
    for (size_t i = 0; i < nested; i++) {
        buf_text(&text, end);
    }
    char *made = strdup(buf_string(&text));
    buf_free(&text);
    return made;
}

static const struct {
    const char *start;
    size_t nested;
    const char *part;
    size_t times;
    const char *end;
    const char *named; // what the fault says; NULL: it is compiled
} extents[] = {
    {"", 0, "a", 4096, "", NULL},
    {"", 0, "a", 4097, "", "longer than 4096 bytes"},
    {"", 0, "srv-app001|", 400, "", "give it in parts, in several options of this name"},
    {"", 0, "srv-db01|", 400, "", NULL},
    {"(", 50, "a", 1, ")", NULL},
    {"(", 51, "a", 1, ")", "deeper than 50 levels"},
    {"(", 2000, "a", 1, ")", "deeper than 50 levels"},
    {"(", 60000, "a", 1, ")", "longer than 4096 bytes"},
    {"(", 60000, "", 0, "", "longer than 4096 bytes"},
    {"(", 2000, "", 0, "", "deeper than 50 levels"},
    {"", 0, "(a)", 1000, "", NULL},        // beside each other they are not nested
    {"[[:alpha:](", 60, "", 0, "]", NULL}, // sets hold no groups
    {"", 0, "[]()[:space:]]", 200, "", NULL},
    {"", 0, "[^](]", 200, "", NULL},
    {"", 0, "\\(", 2000, "", NULL},
    // Repetitions are written out.
    {"", 0, "a{4096}", 1, "", NULL},
    {"", 0, "a{4097}", 1, "", "longer than 4096 bytes"},
    {"", 0, "a{1,5000}", 1, "", "longer than 4096 bytes"},
    {"", 0, "a{5000,}", 1, "", "longer than 4096 bytes"},
    {"", 0, "a{99999999999999999999999}", 1, "", "longer than 4096 bytes"},
    {"", 0, "(a?){32767}", 1, "", "longer than 4096 bytes"},
    {"", 0, "(a{100}){100}", 1, "", "longer than 4096 bytes"},
    {"", 0, "((a{10}){10}){10}", 1, "", NULL},
    {"", 0, "[0-9]{1,3}\\.", 300, "", NULL},
    {"(", 20, "a", 1, ")+", "longer than 4096 bytes"},
    {"(", 5, "a", 1, ")+", NULL},
    {"", 1, "a+", 2000, "", NULL},
    {"", 0, "a++++++++++++++++++++", 1, "", "longer than 4096 bytes"},
    {"a", 1, "*", 50, "", NULL},
    {"a", 1, "*", 52, "", "deeper than 50 levels"},
    {"a", 1, "?", 2000, "", "deeper than 50 levels"},
    {"", 0, "a{0}", 500, "", NULL},
    {"", 0, "\xE5\x90\x8D{3}", 200, "", NULL},
    {"", 0, "", 0, "", "the expression is empty"},
    {"", 0, "\xFF", 1, "", "not UTF-8"},
    {"", 0, "b\xFCro", 1, "", "not UTF-8"}, // as a terminal of Latin 1 sends it
    {"", 0, "a(", 1, "", "not a POSIX extended expression"},
    {"", 0, "[a", 1, "", "not a POSIX extended expression"},
    {"", 0, "a{2", 1, "", "not a POSIX extended expression"},
    {"", 0, "[\xC3\xA4-\xC3\xBC]", 1, "", "list its characters"},
    {"", 0, "[a-\xC3\xBC]", 1, "", "list its characters"},
    {"", 0, "[[.ch.]]", 1, "", "[.ch.] are not supported: list its characters"},
    {"", 0, "[a-z\xC3\xA4\xC3\xB6\xC3\xBC]", 1, "", NULL},
};

START_TEST(limits_what_is_compiled)
{
    struct pattern pattern;
    struct fault fault = {.kind = FAULT_NONE};
    char *text = make(extents[_i].start, extents[_i].nested, extents[_i].part, extents[_i].times,
                      extents[_i].end);
    const int result = pattern_compile(&pattern, text, &fault);
    if (extents[_i].named == NULL) {
        ck_assert_msg(result == 0, "%.40s: %s", text, fault.text);
        pattern_free(&pattern);
    } else {
        ck_assert_int_eq(result, -1);
        ck_assert_int_eq(fault.kind, FAULT_USAGE);
        ck_assert_msg(strstr(fault.text, extents[_i].named) != NULL, "%.40s: %s", text, fault.text);
    }
    free(text);
}
END_TEST

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static double seconds_of_searches(const regex_t *regex, const char *text)
{
    const clock_t start = clock();
    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(regexec(regex, text, 0, NULL, 0), REG_NOMATCH);
    }
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static double seconds_of_matches(const struct pattern *pattern, const char *text)
{
    const clock_t start = clock();
    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(pattern_matches(pattern, text), 0);
    }
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* Measured: a twelfth. Both times are of this moment and this processor; the best of five counts.
 */
START_TEST(searches_ascii_fast)
{
    static const char expression[] = "^.*[^[:alnum:]]disk.*full$";
    char *text = make("", 0, "Error: cannot reach host esx7; timeout ao ", 80, "");
    struct pattern pattern;
    struct fault fault;
    regex_t by_characters;
    double ours = 1e9;
    double plain = 1e9;
    start_with_bytes(false);
    ck_assert_int_eq(pattern_compile(&pattern, expression, &fault), 0);
    ck_assert_int_eq(regcomp(&by_characters, expression, REG_EXTENDED | REG_NOSUB), 0);
    for (int i = 0; i < 5; i++) {
        ours = smaller(ours, seconds_of_matches(&pattern, text));
        plain = smaller(plain, seconds_of_searches(&by_characters, text));
    }
    ck_assert_msg(ours * 2 < plain, "%f instead of %f s", ours, plain);
    regfree(&by_characters);
    pattern_free(&pattern);
    free(text);
}
END_TEST

Suite *pattern_suite(void)
{
    Suite *suite = suite_create("pattern");
    TCase *cases = tcase_create("pattern");
    tcase_add_checked_fixture(cases, NULL, forget_locale);
    tcase_add_loop_test(cases, matches_by_characters, 0, COUNT(searches));
    tcase_add_loop_test(cases, says_that_it_knows_bytes_alone, 0, COUNT(without));
    tcase_add_loop_test(cases, limits_what_is_compiled, 0, COUNT(extents));
    suite_add_tcase(suite, cases);

    TCase *times = tcase_create("times");
    tcase_set_tags(times, "time");
    tcase_add_checked_fixture(times, NULL, forget_locale);
    tcase_add_test(times, searches_ascii_fast);
    suite_add_tcase(suite, times);
    return suite;
}
