// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/buf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/suites.h"

/*
 * The linker sends every free() of the program here, to see whether a block that held a secret is
 * overwritten before it goes.
 */
void __real_free(void *block); // NOLINT(bugprone-reserved-identifier)
void __wrap_free(void *block); // NOLINT(bugprone-reserved-identifier)

static const char secret[] = "S3cret-S3cret-S3cret";
static const char *watched; // the text of the buf that holds the secret
static int blocks_freed;
static int blocks_with_secret;

void __wrap_free(void *block) // NOLINT(bugprone-reserved-identifier)
{
    if (block != NULL && block == watched) {
        blocks_freed++;
        blocks_with_secret += memcmp(watched, secret, strlen(secret)) == 0 ? 1 : 0;
        watched = NULL;
    }
    __real_free(block);
}

START_TEST(a_secret_is_wiped)
{
    struct buf buf;
    buf_init(&buf, 100000);
    buf_text(&buf, secret);
    watched = buf.text;
    buf_wipe(&buf);
    ck_assert_int_eq(blocks_freed, 1);
    ck_assert_int_eq(blocks_with_secret, 0);
    ck_assert_ptr_null(buf.text);
    ck_assert_uint_eq(buf.length, 0);
    ck_assert_str_eq(buf_string(&buf), "");
}
END_TEST

START_TEST(a_growing_secret_leaves_no_copy)
{
    struct buf buf;
    buf_init(&buf, 100000);
    buf_text(&buf, secret);
    for (int i = 0; i < 5000; i++) {
        watched = buf.text;
        buf_text(&buf, "x");
        watched = NULL;
    }
    ck_assert_int_gt(blocks_freed, 0);
    ck_assert_int_eq(blocks_with_secret, 0);
    ck_assert_int_eq(strncmp(buf_string(&buf), secret, strlen(secret)), 0);
    buf_wipe(&buf);
}
END_TEST

/* Room that is there already is not made again, and a secret is not left where it was. */
START_TEST(what_is_expected_is_not_copied)
{
    struct buf buf;
    buf_init(&buf, 5000);
    buf_text(&buf, secret);
    watched = buf.text;
    buf_expect(&buf, 4000);
    ck_assert_int_eq(blocks_freed, 1);
    ck_assert_int_eq(blocks_with_secret, 0);
    watched = NULL;
    ck_assert_str_eq(buf_string(&buf), secret);
    const char *before = buf.text;
    for (int i = 0; i < 4000; i++) {
        buf_text(&buf, "x");
    }
    ck_assert_ptr_eq(buf.text, before);
    ck_assert_int_eq(buf.failure, BUF_FINE);
    buf_expect(&buf, SIZE_MAX); // no more than the limit allows
    ck_assert_uint_eq(buf.capacity, 5001);
    ck_assert_uint_eq(buf.length, strlen(secret) + 4000);
    buf_wipe(&buf);
    buf_expect(&buf, 10);
    ck_assert_str_eq(buf_string(&buf), "");
    buf_free(&buf);
}
END_TEST

static void forget_blocks(void)
{
    watched = NULL;
    blocks_freed = 0;
    blocks_with_secret = 0;
}

START_TEST(a_new_buf_is_empty)
{
    struct buf buf;
    buf_init(&buf, 10);
    ck_assert_str_eq(buf_string(&buf), "");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    char *text = buf_take(&buf);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(appends)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, 100);
    buf_text(&buf, "one");
    buf_add(&buf, ", two and", 5);
    buf_add(&buf, "", 0);
    buf_text(&buf, "");
    buf_format(&buf, ", %d%c", 3, '!');
    ck_assert_str_eq(buf_string(&buf), "one, two, 3!");
    ck_assert_uint_eq(buf.length, strlen("one, two, 3!"));
}
END_TEST

START_TEST(the_limit_is_a_length)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, 5);
    buf_text(&buf, "12345");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    ck_assert_str_eq(buf_string(&buf), "12345");
    buf_text(&buf, "");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    buf_text(&buf, "6");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
    ck_assert_str_eq(buf_string(&buf), "12345");
}
END_TEST

START_TEST(a_limit_of_zero_takes_nothing)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, 0);
    buf_text(&buf, "");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    buf_text(&buf, "1");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
}
END_TEST

/* Once something was left out, what would still fit must not get in behind it. */
START_TEST(a_failure_stays)
{
    struct buf buf;
    buf_init(&buf, 5);
    buf_text(&buf, "123");
    buf_format(&buf, "%s", "456");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
    buf_text(&buf, "4");
    buf_add(&buf, "4", 1);
    buf_format(&buf, "%d", 4);
    buf_text(&buf, "");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
    ck_assert_str_eq(buf_string(&buf), "123");
    ck_assert_ptr_null(buf_take(&buf));
    ck_assert_str_eq(buf_string(&buf), "");
    buf_text(&buf, "12345");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    buf_free(&buf);
}
END_TEST

START_TEST(a_freed_buf_keeps_its_limit)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, 3);
    buf_text(&buf, "123");
    buf_free(&buf);
    buf_text(&buf, "1234");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
}
END_TEST

START_TEST(taken_text_is_the_callers)
{
    struct buf buf;
    buf_init(&buf, 100);
    buf_text(&buf, "mine");
    char *text = buf_take(&buf);
    buf_text(&buf, "other");
    ck_assert_str_eq(text, "mine");
    ck_assert_str_eq(buf_string(&buf), "other");
    free(text);
    buf_free(&buf);
}
END_TEST

Suite *buf_suite(void)
{
    Suite *suite = suite_create("buf");
    TCase *cases = tcase_create("buf");
    tcase_add_checked_fixture(cases, forget_blocks, forget_blocks);
    tcase_add_test(cases, a_secret_is_wiped);
    tcase_add_test(cases, a_growing_secret_leaves_no_copy);
    tcase_add_test(cases, what_is_expected_is_not_copied);
    tcase_add_test(cases, a_new_buf_is_empty);
    tcase_add_test(cases, appends);
    tcase_add_test(cases, the_limit_is_a_length);
    tcase_add_test(cases, a_limit_of_zero_takes_nothing);
    tcase_add_test(cases, a_failure_stays);
    tcase_add_test(cases, a_freed_buf_keeps_its_limit);
    tcase_add_test(cases, taken_text_is_the_callers);
    suite_add_tcase(suite, cases);
    return suite;
}
