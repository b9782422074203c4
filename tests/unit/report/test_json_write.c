// SPDX-License-Identifier: GPL-3.0-or-later
/* JSON as it is written: what stands between values, and each kind of value. */
#include "report/json_write.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "unit/spec.h"
#include "unit/suites.h"

enum { LIMIT = 4096 };

/* ---- objects and arrays ---- */

static void empty_object(struct json_writer *json)
{
    json_write_object(json, NULL);
    json_write_object_end(json);
}

static void empty_array(struct json_writer *json)
{
    json_write_array(json, NULL);
    json_write_array_end(json);
}

static void members(struct json_writer *json)
{
    json_write_object(json, NULL);
    json_write_text(json, "text", "a");
    json_write_null(json, "null");
    json_write_bool(json, "true", true, true);
    json_write_bool(json, "false", true, false);
    json_write_bool(json, "unknown", false, true);
    json_write_number(json, "number", true, 1.5);
    json_write_number(json, "no_number", false, 1.5);
    json_write_time(json, "time", true, moment("2025-08-14T11:30:00.25Z"));
    json_write_time(json, "no_time", false, 0);
    json_write_object_end(json);
}

static void items(struct json_writer *json)
{
    json_write_array(json, NULL);
    json_write_number(json, NULL, true, 1);
    empty_object(json);
    empty_array(json);
    json_write_text(json, NULL, NULL);
    json_write_array_end(json);
}

static void nested(struct json_writer *json)
{
    json_write_object(json, NULL);
    json_write_array(json, "first");
    items(json);
    items(json);
    json_write_array_end(json);
    json_write_object(json, "empty");
    json_write_object_end(json);
    json_write_object(json, "second");
    json_write_bool(json, "in", true, true);
    json_write_object_end(json);
    json_write_null(json, "last");
    json_write_object_end(json);
}

static const struct {
    void (*write)(struct json_writer *json);
    const char *text;
} documents[] = {
    {empty_object, "{}"},
    {empty_array, "[]"},
    {members, "{\"text\":\"a\",\"null\":null,\"true\":true,\"false\":false,\"unknown\":null,"
              "\"number\":1.5,\"no_number\":null,\"time\":\"2025-08-14T11:30:00.25Z\","
              "\"no_time\":null}"},
    {items, "[1,{},[],null]"},
    {nested, "{\"first\":[[1,{},[],null],[1,{},[],null]],\"empty\":{},\"second\":{\"in\":true},"
             "\"last\":null}"},
};

START_TEST(puts_commas_between_values)
{
    cleanup_buf struct buf text;
    buf_init(&text, LIMIT);
    struct json_writer json = {.buf = &text};
    documents[_i].write(&json);
    ck_assert_str_eq(buf_string(&text), documents[_i].text);
    ck_assert_int_eq(text.failure, BUF_FINE);
}
END_TEST

/* ---- texts ---- */

static const struct {
    const char *text, *written;
} texts[] = {
    {"", "\"\""},
    {"srv-db01", "\"srv-db01\""},
    {"a \"b\" c:\\d/e", "\"a \\\"b\\\" c:\\\\d/e\""},
    {"\"", "\"\\\"\""},
    {"\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\""},
    {"\x01\x0B\x1F \x7F", "\"\\u0001\\u000b\\u001f \x7F\""},
    {"Büro\n", "\"Büro\\n\""},
    {"\xE2\x80\xA8", "\"\xE2\x80\xA8\""},                         // U+2028 needs no escape
    {"\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""},                 // beyond 16 bits
    {"a\xFF\"", "\"a\xEF\xBF\xBD\\\"\""},                         // no UTF-8
    {"\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                 // an overlong NUL
    {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, // half a pair
    {"\xEF\xBF\xBF", "\"\xEF\xBF\xBD\""},                         // U+FFFF
};

START_TEST(escapes_texts)
{
    cleanup_buf struct buf written;
    buf_init(&written, LIMIT);
    struct json_writer json = {.buf = &written};
    json_write_text(&json, NULL, texts[_i].text);
    ck_assert_str_eq(buf_string(&written), texts[_i].written);
}
END_TEST

/* Each byte of ASCII, alone and between others, as cJSON prints it. */
START_TEST(escapes_what_cjson_does)
{
    for (char letter = 1; letter > 0 && letter < 0x7F; letter++) {
        const char text[] = {letter, 'a', letter, letter, '"', letter, '\0'};
        cleanup_buf struct buf written;
        buf_init(&written, LIMIT);
        struct json_writer json = {.buf = &written};
        json_write_text(&json, NULL, text);
        cJSON *string = cJSON_CreateString(text);
        char *printed = cJSON_PrintUnformatted(string);
        ck_assert_str_eq(buf_string(&written), printed);
        cJSON_free(printed);
        cJSON_Delete(string);
    }
}
END_TEST

/* ---- numbers ---- */

static const struct {
    double value;
    const char *written;
} numbers[] = {
    {0, "0"},
    {-86399, "-86399"},
    {42.5, "42.5"},
    {1.0 / 3, "0.333"},
    {1152921504606846976.0, "1152921504606846976"},
    {1e22, "10000000000000000000000"},
    {NAN, "null"},
    {INFINITY, "null"},
    {-INFINITY, "null"},
};

START_TEST(writes_numbers)
{
    cleanup_buf struct buf written;
    buf_init(&written, LIMIT);
    struct json_writer json = {.buf = &written};
    json_write_number(&json, NULL, true, numbers[_i].value);
    ck_assert_str_eq(buf_string(&written), numbers[_i].written);
}
END_TEST

/* ---- what is not whole ---- */

static const struct {
    enum buf_failure part, document;
} failures[] = {{BUF_FINE, BUF_FINE}, {BUF_TOO_BIG, BUF_NO_MEMORY}, {BUF_NO_MEMORY, BUF_NO_MEMORY}};

START_TEST(a_part_that_is_not_whole_fails_the_document)
{
    cleanup_buf struct buf written;
    struct buf part;
    buf_init(&written, LIMIT);
    buf_init(&part, LIMIT);
    struct json_writer json = {.buf = &written};
    buf_text(&part, "a\n");
    part.failure = failures[_i].part;
    json_write_array(&json, NULL);
    json_write_buf(&json, NULL, &part);
    json_write_array_end(&json);
    ck_assert_ptr_null(part.text);
    ck_assert_int_eq(written.failure, failures[_i].document);
    if (written.failure == BUF_FINE) {
        ck_assert_str_eq(buf_string(&written), "[\"a\\n\"]");
    }
}
END_TEST

START_TEST(a_document_that_has_no_room_fails)
{
    for (size_t limit = 0; limit < strlen(documents[_i].text); limit++) {
        cleanup_buf struct buf written;
        buf_init(&written, limit);
        struct json_writer json = {.buf = &written};
        documents[_i].write(&json);
        ck_assert_int_eq(written.failure, BUF_TOO_BIG);
    }
}
END_TEST

Suite *json_write_suite(void)
{
    Suite *suite = suite_create("json_write");
    TCase *cases = tcase_create("values");
    tcase_add_loop_test(cases, puts_commas_between_values, 0, COUNT(documents));
    tcase_add_loop_test(cases, escapes_texts, 0, COUNT(texts));
    tcase_add_test(cases, escapes_what_cjson_does);
    tcase_add_loop_test(cases, writes_numbers, 0, COUNT(numbers));
    tcase_add_loop_test(cases, a_part_that_is_not_whole_fails_the_document, 0, COUNT(failures));
    tcase_add_loop_test(cases, a_document_that_has_no_room_fails, 0, COUNT(documents));
    suite_add_tcase(suite, cases);
    return suite;
}
