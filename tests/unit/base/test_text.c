// SPDX-License-Identifier: GPL-3.0-or-later
/* Text from outside, made safe: UTF-8, control characters, cuts. */
#include "base/text.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "unit/utf8.h"
#include "unit/suites.h"

#define BAD "\xEF\xBF\xBD"
#define U_UMLAUT "\xC3\xBC"
#define KANJI "\xE6\xBC\xA2"
#define SMILE "\xF0\x9F\x98\x80"

static const struct {
    const char *text;
    const char *valid;
} encodings[] = {
    {"", ""},
    {"plain", "plain"},
    {"m" U_UMLAUT "ller " KANJI " " SMILE, "m" U_UMLAUT "ller " KANJI " " SMILE},
    {"\x7F", "\x7F"},
    {"\xC2\x80", "\xC2\x80"},         // the smallest of two bytes
    {"\xDF\xBF", "\xDF\xBF"},         // the largest
    {"\xE0\xA0\x80", "\xE0\xA0\x80"}, // the smallest of three
    {"\xED\x9F\xBF", "\xED\x9F\xBF"}, // the last before the surrogates
    {"\xEE\x80\x80", "\xEE\x80\x80"}, // the first after them
    {"\xEF\xBF\xBE", "\xEF\xBF\xBE"}, // the largest of three but one
    {"a\xEF\xBF\xBF"
     "b",
     "a" BAD "b"},                            // the largest: no character
    {"\xF0\x90\x80\x80", "\xF0\x90\x80\x80"}, // the smallest of four
    {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"}, // U+10FFFF
    {"m\xFCller", "m" BAD "ller"},            // Latin-1
    {"\x80", BAD},
    {"a\xBF", "a" BAD},
    {"\xC0\xAF", BAD BAD}, // overlong '/'
    {"\xC1\xBF", BAD BAD},
    {"\xE0\x80\xAF", BAD BAD BAD},
    {"\xE0\x9F\xBF", BAD BAD BAD},
    {"\xF0\x80\x80\xAF", BAD BAD BAD BAD},
    {"\xF0\x8F\xBF\xBF", BAD BAD BAD BAD},
    {"\xED\xA0\x80", BAD BAD BAD}, // surrogates
    {"\xED\xBF\xBF", BAD BAD BAD},
    {"\xF4\x90\x80\x80", BAD BAD BAD BAD}, // over U+10FFFF
    {"\xF5\x80\x80\x80", BAD BAD BAD BAD},
    {"\xF8\x88\x80\x80\x80", BAD BAD BAD BAD BAD},
    {"\xFE\xFF", BAD BAD},
    {"a\xC3", "a" BAD}, // cut short
    {"a\xE6\xBC", "a" BAD BAD},
    {"a\xF0\x9F\x98", "a" BAD BAD BAD},
    {"\xC3z", BAD "z"},
    {"\xE6\xBCz", BAD BAD "z"},
    {"\xF0\x9F\x98z", BAD BAD BAD "z"},
    {"\xC3\xC3\xBC", BAD U_UMLAUT},
    {U_UMLAUT "\xBC", U_UMLAUT BAD},
};

START_TEST(appends_utf8)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    buf_text(&shown, "<");
    text_append_utf8(&shown, encodings[_i].text);
    ck_assert_str_eq(buf_string(&shown) + 1, encodings[_i].valid);
    ck_assert(is_utf8(buf_string(&shown)));
}
END_TEST

START_TEST(utf8_keeps_control_characters)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    text_append_utf8(&shown, " a\x01|\r\n\tb  c ");
    ck_assert_str_eq(buf_string(&shown), " a\x01|\r\n\tb  c ");
}
END_TEST

/* What is no character is shown in a cleaned text as in any other. */
START_TEST(clean_appends_utf8)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    text_append_clean(&shown, encodings[_i].text, 100);
    if (strcmp(encodings[_i].text, "\x7F") == 0 || strcmp(encodings[_i].text, "\xC2\x80") == 0) {
        ck_assert_str_eq(buf_string(&shown), "");
    } else {
        ck_assert_str_eq(buf_string(&shown), encodings[_i].valid);
    }
}
END_TEST

static const struct {
    const char *text;
    const char *clean;
} cleanings[] = {
    {"", ""},
    {"plain", "plain"},
    {" a ", "a"},
    {"a  b", "a b"},
    {"a \t\r\n\v\f b", "a b"},
    {"a|b", "a b"},
    {"|", ""},
    {"||a||", "a"},
    {"a\nCDP TASK OK: b|c=1", "a CDP TASK OK: b c=1"},
    {"\x1B[31mred\x1B[0m", "[31mred [0m"},
    {"\r\n", ""},
    {"a\xC2\xA0"
     "b",
     "a\xC2\xA0"
     "b"},
    {"a\xE2\x80\xA6"
     "b",
     "a\xE2\x80\xA6"
     "b"},
};

START_TEST(cleans)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    buf_text(&shown, "x");
    text_append_clean(&shown, cleanings[_i].text, 90);
    ck_assert_str_eq(buf_string(&shown) + 1, cleanings[_i].clean);
    ck_assert_int_eq(text_is_clean(cleanings[_i].text),
                     strcmp(cleanings[_i].text, cleanings[_i].clean) == 0);
    ck_assert(text_is_clean(cleanings[_i].clean));
}
END_TEST

static void check_blank(const char *character, const char *name)
{
    char text[16];
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    snprintf(text, sizeof text, "a%sb", character);
    text_append_clean(&shown, text, 100);
    ck_assert_msg(strcmp(buf_string(&shown), "a b") == 0, "%s is shown", name);
}

START_TEST(control_characters_are_blank)
{
    const char ascii[] = {(char)_i, '\0'};
    const char other[] = {'\xC2', (char)(0x80 + _i), '\0'};
    char name[16];
    snprintf(name, sizeof name, "U+%04X", (unsigned)_i);
    check_blank(ascii, name);
    snprintf(name, sizeof name, "U+%04X", 0x80u + (unsigned)_i);
    check_blank(other, name);
}
END_TEST

/* Line and paragraph separator, and what Unicode gives the property Bidi_Control. */
static const struct {
    const char *character;
    const char *name;
} invisible[] = {
    {"\x7F", "U+007F"},         {"\xE2\x80\xA8", "U+2028"}, {"\xE2\x80\xA9", "U+2029"},
    {"\xE2\x80\xAA", "U+202A"}, {"\xE2\x80\xAB", "U+202B"}, {"\xE2\x80\xAC", "U+202C"},
    {"\xE2\x80\xAD", "U+202D"}, {"\xE2\x80\xAE", "U+202E"}, {"\xE2\x81\xA6", "U+2066"},
    {"\xE2\x81\xA7", "U+2067"}, {"\xE2\x81\xA8", "U+2068"}, {"\xE2\x81\xA9", "U+2069"},
    {"\xD8\x9C", "U+061C"},     {"\xE2\x80\x8E", "U+200E"}, {"\xE2\x80\x8F", "U+200F"},
};

START_TEST(direction_and_separators_are_blank)
{
    check_blank(invisible[_i].character, invisible[_i].name);
}
END_TEST

static const char *const characters[] = {"b", U_UMLAUT, KANJI, SMILE};
enum { REPEATS = 6, LONGEST_PAD = 4, LARGEST_LIMIT = 32 };

/* `pad` times 'a', then one character several times: each cut falls at another of its bytes. */
static void write_sample(char *sample, int character, int pad)
{
    memset(sample, 'a', (size_t)pad);
    sample[pad] = '\0';
    for (int i = 0; i < REPEATS; i++) {
        strcat(sample, characters[character]);
    }
}

/* The largest n <= limit at which a character of valid UTF-8 starts, or the text ends. */
static size_t expected_boundary(const char *sample, size_t limit)
{
    size_t n = limit;
    while (n > 0 && ((unsigned char)sample[n] & 0xC0) == 0x80) {
        n--;
    }
    return n;
}

static void check_cut(const char *sample, size_t limit)
{
    char expected[128];
    cleanup_buf struct buf shown;
    buf_init(&shown, 200);
    buf_text(&shown, "before ");
    text_append_clean(&shown, sample, limit);
    if (strlen(sample) <= limit) {
        snprintf(expected, sizeof expected, "before %s", sample);
    } else {
        const size_t kept = limit >= 3 ? expected_boundary(sample, limit - 3) : 0;
        snprintf(expected, sizeof expected, "before %.*s%.*s", (int)kept, sample,
                 limit < 3 ? (int)limit : 3, "...");
    }
    ck_assert_msg(strcmp(buf_string(&shown), expected) == 0, "%s, limit %zu: %s", sample, limit,
                  buf_string(&shown));
    ck_assert_int_eq(shown.failure, BUF_FINE);
}

START_TEST(cuts_between_characters)
{
    char sample[64];
    for (int pad = 0; pad <= LONGEST_PAD; pad++) {
        write_sample(sample, _i, pad);
        for (size_t limit = 0; limit <= LARGEST_LIMIT; limit++) {
            check_cut(sample, limit);
        }
    }
}
END_TEST

/* Blanks take part in the sum, and a cut text ends in no blank that goes on. */
START_TEST(cuts_at_blanks)
{
    for (size_t limit = 0; limit < 20; limit++) {
        cleanup_buf struct buf shown;
        buf_init(&shown, 100);
        text_append_clean(&shown, "ab \n cd\t|ef gh", limit);
        ck_assert_uint_le(shown.length, limit);
        if (limit >= strlen("ab cd ef gh")) {
            ck_assert_str_eq(buf_string(&shown), "ab cd ef gh");
        } else if (limit >= 3) {
            ck_assert_str_eq(buf_string(&shown) + shown.length - 3, "...");
        }
    }
}
END_TEST

START_TEST(trailing_blanks_are_no_excess)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    text_append_clean(&shown, "abcd \n\n   ", 4);
    ck_assert_str_eq(buf_string(&shown), "abcd");
}
END_TEST

/* A replaced byte takes three; that too must fit. */
START_TEST(cuts_before_replacements)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    text_append_clean(&shown, "a\xFF\xFF\xFF", 7);
    ck_assert_str_eq(buf_string(&shown), "a" BAD "...");
}
END_TEST

START_TEST(a_full_buffer_is_told)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 4);
    text_append_clean(&shown, "abcdefgh", 100);
    ck_assert_int_eq(shown.failure, BUF_TOO_BIG);
    ck_assert_uint_le(shown.length, 4);
}
END_TEST

START_TEST(finds_boundaries)
{
    char sample[64];
    for (int pad = 0; pad <= LONGEST_PAD; pad++) {
        write_sample(sample, _i, pad);
        for (size_t length = 0; length <= strlen(sample); length++) {
            ck_assert_uint_eq(text_boundary(sample, length), expected_boundary(sample, length));
        }
    }
}
END_TEST

static const struct {
    const char *a, *b;
    bool same;
} pairs[] = {
    {"", "", true},
    {"Completed", "completed", true},
    {"InProgress", "INPROGRESS", true},
    {"a", "b", false},
    {"a", "", false},
    {"a", "ab", false},
    {"\xC3\xBC", "\xC3\x9C", false}, // only ASCII's letters have a case here
};

static const struct {
    const char *a, *b;
    bool same;
} names[] = {
    {"VBR-B\xC3\x9CRO", "vbr-b\xC3\xBCro", true},
    {"\xD0\x91", "\xD0\xB1", true}, // Cyrillic
    {"b\xC3\xBCro", "b\xC3\xB6ro", false},
    {"b\xC3\xBCro", "buero", false},
    {"b\xC3\xBCro", "b\xC3\xBCro1", false},
    {"b\xC3\xBCro1", "B\xC3\x9CRO", false},
    {"\xC3\xBC\xFF", "\xC3\x9C\xFF", false}, // not UTF-8: no character to compare
    {"\xC3\xBC\xFF", "\xC3\xBC\xFF", true},
    {"\xE5\x90\x8D", "\xE5\x90\x8D", true},
    {"\xE5\x90\x8D", "\xE5\x8F\xA4", false},
    {"VBR01", "vbr01", true},
    {"", "\xC3\xBC", false},
};

START_TEST(compares_names_without_case)
{
    ck_assert_int_eq(text_equal_name_nocase(names[_i].a, names[_i].b), names[_i].same);
    ck_assert_int_eq(text_equal_name_nocase(names[_i].b, names[_i].a), names[_i].same);
}
END_TEST

START_TEST(compares_without_case)
{
    ck_assert_int_eq(text_equal_nocase(pairs[_i].a, pairs[_i].b), pairs[_i].same);
    ck_assert_int_eq(text_equal_nocase(pairs[_i].b, pairs[_i].a), pairs[_i].same);
}
END_TEST

Suite *text_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *cases = tcase_create("text");
    tcase_add_loop_test(cases, appends_utf8, 0, COUNT(encodings));
    tcase_add_test(cases, utf8_keeps_control_characters);
    tcase_add_loop_test(cases, clean_appends_utf8, 0, COUNT(encodings));
    tcase_add_loop_test(cases, cleans, 0, COUNT(cleanings));
    tcase_add_loop_test(cases, control_characters_are_blank, 1, 0x20);
    tcase_add_loop_test(cases, direction_and_separators_are_blank, 0, COUNT(invisible));
    tcase_add_loop_test(cases, cuts_between_characters, 0, COUNT(characters));
    tcase_add_test(cases, cuts_at_blanks);
    tcase_add_test(cases, trailing_blanks_are_no_excess);
    tcase_add_test(cases, cuts_before_replacements);
    tcase_add_test(cases, a_full_buffer_is_told);
    tcase_add_loop_test(cases, finds_boundaries, 0, COUNT(characters));
    tcase_add_loop_test(cases, compares_without_case, 0, COUNT(pairs));
    tcase_add_loop_test(cases, compares_names_without_case, 0, COUNT(names));
    suite_add_tcase(suite, cases);
    return suite;
}
