// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/set.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "unit/suites.h"

START_TEST(nothing_is_in_an_empty_set)
{
    cleanup_set struct set set = {.slots = NULL};
    ck_assert_ptr_null(set_find(&set, hash_text("a")));
    ck_assert_ptr_null(set_find(&set, 0));
}
END_TEST

enum { MANY = 100000 };
static const int expected[] = {0, 1, MANY / 2, MANY, 2 * MANY};

/* An assertion is a write to a pipe, so the many are counted. */
START_TEST(numbers_stay_with_their_texts)
{
    char text[16];
    int wrong = 0;
    cleanup_set struct set set = {.slots = NULL};
    ck_assert(expected[_i] == 0 || set_expect(&set, (size_t)expected[_i]));
    for (uint32_t i = 1; i <= MANY; i++) {
        snprintf(text, sizeof text, "vm%u", i);
        uint32_t *number = set_add(&set, hash_text(text));
        wrong += number == NULL || *number != 0 ? 1 : 0;
        if (number != NULL) {
            *number = i;
        }
    }
    ck_assert_uint_eq(set.count, MANY);
    for (uint32_t i = 1; i <= MANY; i++) {
        snprintf(text, sizeof text, "vm%u", i);
        const uint32_t *found = set_find(&set, hash_text(text));
        wrong += found == NULL || *found != i ? 1 : 0;
        found = set_add(&set, hash_text(text));
        wrong += found == NULL || *found != i ? 1 : 0;
    }
    ck_assert_int_eq(wrong, 0);
    ck_assert_uint_eq(set.count, MANY);
    ck_assert_ptr_null(set_find(&set, hash_text("vm")));
}
END_TEST

START_TEST(any_hash_is_taken)
{
    static const uint64_t hashes[] = {0, UINT64_MAX, 15, 31, 47, UINT64_C(1) << 63};
    cleanup_set struct set set = {.slots = NULL};
    for (int i = 0; i < COUNT(hashes); i++) {
        ck_assert_ptr_null(set_find(&set, hashes[i]));
        *set_add(&set, hashes[i]) = (uint32_t)i + 1;
    }
    for (int i = 0; i < COUNT(hashes); i++) {
        ck_assert_uint_eq(*set_find(&set, hashes[i]), (uint32_t)i + 1);
    }
}
END_TEST

START_TEST(case_is_for_the_hash_to_say)
{
    cleanup_set struct set set = {.slots = NULL};
    *set_add(&set, hash_text_nocase("urn:Veeam:A")) = 1;
    ck_assert_ptr_nonnull(set_find(&set, hash_text_nocase("URN:veeam:a")));
    ck_assert_ptr_null(set_find(&set, hash_text("URN:veeam:a")));
    *set_add(&set, hash_nocase("urn:Veeam:A")) = 2;
    ck_assert_uint_eq(*set_find(&set, hash_nocase("URN:veeam:a")), 2);
}
END_TEST

/* Texts of one byte that differ in the case of an ASCII letter have one hash, and no others. */
START_TEST(letters_alone_have_a_case)
{
    char left[] = "x";
    char right[] = "x";
    int wrong = 0;
    for (int i = 1; i < 256; i++) {
        for (int j = 1; j < 256; j++) {
            left[0] = (char)i;
            right[0] = (char)j;
            wrong += (hash_nocase(left) == hash_nocase(right)) != text_equal_nocase(left, right);
        }
    }
    ck_assert_int_eq(wrong, 0);
}
END_TEST

/* Of a text of any length each byte counts, and its place. */
START_TEST(each_letter_of_a_text_counts)
{
    enum { LONGEST = 40 };
    char text[LONGEST + 1] = "";
    cleanup_set struct set set = {.slots = NULL};
    size_t texts = 0;
    for (size_t length = 0; length <= LONGEST; length++) {
        memset(text, 'a', length);
        *set_add(&set, hash_nocase(text)) = 1;
        texts++;
        for (size_t at = 0; at < length; at++) {
            const uint64_t hash = hash_nocase(text);
            text[at] = 'A';
            ck_assert_uint_eq(hash_nocase(text), hash);
            text[at] = 'b';
            *set_add(&set, hash_nocase(text)) = 1;
            texts++;
            text[at] = 'a';
        }
    }
    ck_assert_uint_eq(set.count, texts);
}
END_TEST

Suite *set_suite(void)
{
    Suite *suite = suite_create("set");
    TCase *cases = tcase_create("set");
    tcase_add_test(cases, nothing_is_in_an_empty_set);
    tcase_add_loop_test(cases, numbers_stay_with_their_texts, 0, COUNT(expected));
    tcase_add_test(cases, any_hash_is_taken);
    tcase_add_test(cases, case_is_for_the_hash_to_say);
    tcase_add_test(cases, letters_alone_have_a_case);
    tcase_add_test(cases, each_letter_of_a_text_counts);
    suite_add_tcase(suite, cases);
    return suite;
}
