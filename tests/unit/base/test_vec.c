// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "unit/suites.h"

struct numbers {
    int *items;
    size_t count;
    size_t capacity;
};

START_TEST(items_stay)
{
    enum { MANY = 10000 };
    struct numbers numbers = {.items = NULL};
    int moves = 0;
    for (int i = 0; i < MANY; i++) {
        const size_t before = numbers.capacity;
        ck_assert(vec_reserve(numbers.items, numbers.count, numbers.capacity, 1));
        moves += numbers.capacity != before ? 1 : 0;
        numbers.items[numbers.count++] = i;
    }
    ck_assert_int_le(moves, 25);
    ck_assert_uint_le(numbers.capacity, MANY + MANY / 2);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(numbers.items[i], i);
    }
    free(numbers.items);
}
END_TEST

START_TEST(many_at_once_take_no_more)
{
    struct numbers numbers = {.items = NULL};
    ck_assert(vec_reserve(numbers.items, numbers.count, numbers.capacity, 100));
    ck_assert_uint_eq(numbers.capacity, 100);
    numbers.count = 60;
    ck_assert(vec_reserve(numbers.items, numbers.count, numbers.capacity, 40));
    ck_assert(vec_reserve(numbers.items, numbers.count, numbers.capacity, 0));
    ck_assert_uint_eq(numbers.capacity, 100);
    free(numbers.items);
}
END_TEST

static int compared;

static int compare(const void *left, const void *right)
{
    const int *a = left;
    const int *b = right;
    compared++;
    return (*a > *b) - (*a < *b);
}

START_TEST(what_is_in_order_is_not_sorted)
{
    enum { MOST = 5 };
    static const struct {
        int items[MOST];
        size_t count;
        int compared; // 0: any number
    } lists[] = {
        {{0}, 0, 0},          {{7}, 1, 0},          {{1, 2, 3, 4, 5}, 5, 4},
        {{1, 1, 2, 2}, 4, 3}, {{5, 4, 3, 2}, 4, 0}, {{1, 2, 3, 5, 4}, 5, 0},
        {{2, 1}, 2, 0},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        int items[MOST];
        memcpy(items, lists[i].items, sizeof items);
        compared = 0;
        vec_sort(items, lists[i].count, sizeof items[0], compare);
        ck_assert(lists[i].compared == 0 || compared == lists[i].compared);
        for (size_t j = 1; j < lists[i].count; j++) {
            ck_assert_int_le(items[j - 1], items[j]);
        }
    }
    vec_sort(NULL, 0, sizeof(int), compare);
}
END_TEST

static const size_t too_many[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / sizeof(int),
                                  SIZE_MAX / sizeof(int) + 1, SIZE_MAX / 2};

START_TEST(what_is_too_much_changes_nothing)
{
    struct numbers numbers = {.items = NULL};
    ck_assert(vec_reserve(numbers.items, numbers.count, numbers.capacity, 1));
    numbers.items[numbers.count++] = 7;
    const struct numbers before = numbers;
    ck_assert(!vec_reserve(numbers.items, numbers.count, numbers.capacity, too_many[_i]));
    ck_assert_ptr_eq(numbers.items, before.items);
    ck_assert_uint_eq(numbers.capacity, before.capacity);
    ck_assert_int_eq(numbers.items[0], 7);
    free(numbers.items);
}
END_TEST

Suite *vec_suite(void)
{
    Suite *suite = suite_create("vec");
    TCase *cases = tcase_create("vec");
    tcase_add_test(cases, items_stay);
    tcase_add_test(cases, what_is_in_order_is_not_sorted);
    tcase_add_test(cases, many_at_once_take_no_more);
    tcase_add_loop_test(cases, what_is_too_much_changes_nothing, 0, COUNT(too_many));
    suite_add_tcase(suite, cases);
    return suite;
}
