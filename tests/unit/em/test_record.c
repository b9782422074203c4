// SPDX-License-Identifier: GPL-3.0-or-later
/* The document of what EM was asked and answered. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "em/json.h"
#include "em/record.h"
#include "unit/suites.h"

enum { LIMIT = 1024 * 1024 };

static struct em_record *record;
static utc_us asked;
static struct fault fault;

static void start(void)
{
    fault = (struct fault){.kind = FAULT_NONE};
    record = record_open(LIMIT, &fault);
    ck_assert_ptr_nonnull(record);
    ck_assert(utc_parse("2025-08-14T12:31:30.25Z", &asked));
}

static void end(void)
{
    record_close(record);
    record = NULL;
}

static const struct http_request request = {.method = "GET",
                                            .target = "/api/jobs",
                                            .username = "Tr0ub4dor-user",
                                            .password = "Tr0ub4dor-password",
                                            .token = "Tr0ub4dor-token"};

static void add(const char *type, const char *server, const char *body, bool has_date)
{
    struct http_response response = {
        .status = 200, .token = "Tr0ub4dor-token", .date = has_date ? asked + UTC_SECOND : 0};
    buf_init(&response.body, LIMIT);
    buf_init(&response.location, LIMIT);
    buf_text(&response.body, body);
    buf_text(&response.location, "Tr0ub4dor-location");
    strcpy(response.content_type, type);
    strcpy(response.server, server);
    record_add(record, &request, &response, asked, 12, NULL);
    buf_free(&response.body);
    buf_free(&response.location);
}

static const char *finish(void)
{
    const struct buf *text = record_finish(record, &fault);
    ck_assert_msg(text != NULL, "%s", fault.text);
    ck_assert_ptr_null(strcasestr(buf_string(text), "Tr0ub4dor"));
    return buf_string(text);
}

static const struct {
    const char *type, *server, *body;
    const char *headers; // without Date
    const char *rest;    // of the exchange, behind them
} answers[] = {
    // clang-format off
    {"application/json; charset=utf-8", "", "{\"Name\":\"Tr0ub4dor\"}", "\"Content-Type\":\"application/json; charset=utf-8\"", "\"byte_order_mark\":false,\"answer\":{\"Name\":\"Name-1\"}}"},
    {"Application/JSON;charset=\"UTF-8\"", "", "\xEF\xBB\xBF[]", "\"Content-Type\":\"application/json; charset=utf-8\"", "\"byte_order_mark\":true,\"answer\":[]}"},
    {"text/html", "", "<!DOCTYPE html><HTML>Tr0ub4dor</HTML>", "\"Content-Type\":\"text/html\"", "\"byte_order_mark\":false,\"not_json\":{\"kind\":\"html\",\"length\":37}}"},
    {"text/xml; charset=Tr0ub4dor", "", " <Error>Tr0ub4dor</Error>", "\"Content-Type\":\"text/xml\"", "\"byte_order_mark\":false,\"not_json\":{\"kind\":\"xml\",\"length\":25}}"},
    {"application/Tr0ub4dor", "", "{\"Name\":\"Tr0ub4dor\"", "\"Content-Type\":\"other\"", "\"byte_order_mark\":false,\"not_json\":{\"kind\":\"text\",\"length\":19}}"},
    {"text/plainTr0ub4dor", "", "\xEF\xBB\xBF", "\"Content-Type\":\"other\"", "\"byte_order_mark\":true,\"not_json\":{\"kind\":\"text\",\"length\":3}}"},
    {"", "", "", "", "\"byte_order_mark\":false}"},
    {"", "", "null", "", "\"byte_order_mark\":false,\"answer\":null}"},
    {"", "microsoft-httpapi/2.0", "", "\"Server\":\"Microsoft-HTTPAPI/2.0\"", "\"byte_order_mark\":false}"},
    {"text/html", "Tr0ub4dor/1.0", "", "\"Content-Type\":\"text/html\",\"Server\":\"other\"", "\"byte_order_mark\":false}"},
    // clang-format on
};

START_TEST(keeps_what_answers_are_like)
{
    cleanup_buf struct buf expected;
    buf_init(&expected, LIMIT);
    add(answers[_i].type, answers[_i].server, answers[_i].body, false);
    const char *text = finish();
    ck_assert_ptr_nonnull(strstr(text, "{\"request\":{\"method\":\"GET\",\"path\":\"/api/jobs\"}"));
    buf_format(&expected, "\"milliseconds\":12,\"status\":200,\"headers\":{%s},%s\n]}\n",
               answers[_i].headers, answers[_i].rest);
    const char *found = strstr(text, "\"milliseconds\"");
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found, buf_string(&expected));
}
END_TEST

/* The answer's Date, and when this host sent the request, are moved alike. */
START_TEST(moves_all_times_alike)
{
    struct json_document document = {.root = NULL};
    utc_us sent = 0;
    utc_us created = 0;
    add("", "", "[\"2025-08-14T12:31:30.25Z\"]", true);
    const char *text = finish();
    ck_assert_int_eq(json_parse(text, strlen(text), &document, &fault), 0);
    const cJSON *exchange = json_member(document.root, "exchanges")->child;
    ck_assert(utc_parse(json_text(exchange, "sent"), &sent));
    ck_assert(utc_parse(json_string(json_member(exchange, "answer")->child), &created));
    ck_assert_int_eq(sent, created);
    ck_assert_int_le(sent, asked - INT64_C(52) * 7 * 86400 * UTC_SECOND);
    ck_assert_int_ge(sent, asked - INT64_C(530) * 7 * 86400 * UTC_SECOND);
    const char *date = json_text(json_member(exchange, "headers"), "Date");
    ck_assert_int_eq(strncmp(date, "Thu, ", 5), 0);
    ck_assert_ptr_nonnull(strstr(date, " 12:31:31 GMT"));
    json_free(&document);
}
END_TEST

START_TEST(names_what_was_no_answer)
{
    struct http_response none = {.status = 0};
    record_add(record, &request, &none, asked, 30000, "timeout");
    record_add(record, &request, &none, asked, 1, "unreachable");
    const char *text = finish();
    const char *first = strstr(text, ",\"milliseconds\":30000,\"failure\":\"timeout\"},\n{");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(strstr(first, ",\"milliseconds\":1,\"failure\":\"unreachable\"}\n]}\n"));
}
END_TEST

START_TEST(has_a_head_and_a_limit)
{
    const char *head = "{\"plugin\":\"check_veeam_cdp_task\",\"version\":\"";
    ck_assert_int_eq(strncmp(finish(), head, strlen(head)), 0);
    record_close(record);
    record = record_open(200, &fault);
    ck_assert(record_is_empty(record));
    add("", "", "[1,2,3]", true);
    ck_assert(!record_is_empty(record));
    ck_assert_ptr_null(record_finish(record, &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, "200 bytes"));
    record_add(NULL, &request, NULL, asked, 1, NULL);
}
END_TEST

Suite *record_suite(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");
    tcase_add_checked_fixture(tests, start, end);
    tcase_add_loop_test(tests, keeps_what_answers_are_like, 0, COUNT(answers));
    tcase_add_test(tests, moves_all_times_alike);
    tcase_add_test(tests, names_what_was_no_answer);
    tcase_add_test(tests, has_a_head_and_a_limit);
    suite_add_tcase(suite, tests);
    return suite;
}
