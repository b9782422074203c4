// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's JSON, the filters of its query service, the pages of its answers. */
#include <check.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "em/json.h"
#include "em/query.h"
#include "unit/suites.h"

static const struct {
    const char *text;
    const char *told; // in the fault; NULL: it is JSON
} documents[] = {
    {"{}", NULL},
    {"[]", NULL},
    {" \r\n\t{ } \r\n\t", NULL},
    {"\xEF\xBB\xBF{\"a\":1}", NULL},
    {"\xEF\xBB\xBF \n{\"a\":1}\n", NULL},
    {"{\"a\":{\"b\":[1,2,{\"c\":null}]}}", NULL},
    {"", "empty"},
    {" \r\n\t ", "empty"},
    {"\xEF\xBB\xBF", "empty"},
    {"{", "not JSON"},
    {"{\"a\":1", "not JSON"},
    {"{\"a\":1}}", "not JSON"},
    {"{\"a\":1}{}", "not JSON"},
    {"{\"a\":1} x", "not JSON"},
    {"{'a':1}", "not JSON"},
    {"{\"a\":tru}", "not JSON"},
    {"no service", "not JSON"},
    {"\xEF\xBB{\"a\":1}", "not JSON"},
    {"<html><body>503</body></html>", "XML or HTML"},
    {"\xEF\xBB\xBF<?xml version=\"1.0\"?><Error/>", "XML or HTML"},
    {"\r\n <Error/>", "XML or HTML"},
};

/* The texts of "a", as JSON has them and as they are read. */
#define NONE "\xEF\xBF\xBF"

static const struct {
    const char *escaped, *read;
} texts[] = {
    {"plain", "plain"},
    {"\\u0041\\u00e4\\u6F22", "A\xC3\xA4\xE6\xBC\xA2"},
    {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
    {"\\uD83D\\uDE00x", "\xF0\x9F\x98\x80x"},
    {"a\\u0000b", "a" NONE "b"},
    {"\\u0000", NONE},
    {"\\u0000\\u0000", NONE NONE},
    {"a\\ud83d", "a" NONE},
    {"a\\ud83d b", "a" NONE " b"},
    {"\\ude00b", NONE "b"},
    {"\\ud83d\\ud83d\\ude00", NONE "\xF0\x9F\x98\x80"},
    {"\\ude00\\ud83d", NONE NONE},
    {"\\ud83d\\u0041", NONE "A"},
    {"\\ud83d\\u0000", NONE NONE},
    {"\\ud83d\\n", NONE "\n"},
    {"\\uFFFF", NONE},
    {"\\\\u0000", "\\u0000"},   // a backslash, and four digits
    {"\\\\\\u0000", "\\" NONE}, // a backslash, and a NUL
    {"\\\\ud83d", "\\ud83d"},
    {"\\\"\\u0000", "\"" NONE},
    {"u0000", "u0000"},
};

START_TEST(escapes_of_no_character_stand_out)
{
    char document_text[200];
    char before[200];
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_json struct json_document document = {.root = NULL};
    snprintf(document_text, sizeof document_text, "[{\"a\":\"%s\",\"b\":\"\\u0062\"}]",
             texts[_i].escaped);
    strcpy(before, document_text);
    ck_assert_msg(json_parse(document_text, strlen(document_text), &document, &fault) == 0,
                  "%s: %s", document_text, fault.text);
    ck_assert_str_eq(document_text, before);
    ck_assert_str_eq(json_text(document.root->child, "a"), texts[_i].read);
    ck_assert_str_eq(json_text(document.root->child, "b"), "b");
}
END_TEST

static const char *const broken[] = {
    "{\"a\":\"\\u000\"}", "{\"a\":\"\\u00\"}", "{\"a\":\"\\u",
    "{\"a\":\"\\",        "\\u0000",           "{\"a\":\"\\u0000\\u00g0\"}"};

START_TEST(escapes_that_are_cut_are_no_json)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_json struct json_document document = {.root = NULL};
    ck_assert_int_eq(json_parse(broken[_i], strlen(broken[_i]), &document, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
}
END_TEST

START_TEST(parses)
{
    struct fault fault = {.kind = FAULT_NONE};
    const char *text = documents[_i].text;
    cleanup_json struct json_document document = {.root = NULL};
    const int result = json_parse(text, strlen(text), &document, &fault);
    if (documents[_i].told == NULL) {
        ck_assert_msg(result == 0 && document.root != NULL, "%s: %s", text, fault.text);
        ck_assert_int_eq(fault.kind, FAULT_NONE);
    } else {
        ck_assert_msg(result == -1 && document.root == NULL, "%s is taken for JSON", text);
        ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
        ck_assert_msg(strstr(fault.text, documents[_i].told) != NULL, "%s: %s", text, fault.text);
    }
}
END_TEST

START_TEST(nul_bytes_are_no_json)
{
    static const char inside[] = "{\"a\":\"b\0c\"}";
    static const char behind[] = "{}\0{}";
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_json struct json_document document = {.root = NULL};
    ck_assert_int_eq(json_parse(inside, sizeof inside - 1, &document, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
    ck_assert_int_eq(json_parse(behind, sizeof behind - 1, &document, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
}
END_TEST

START_TEST(nesting_has_an_end)
{
    enum { DEPTH = 200000 };
    char *text = malloc(DEPTH + 1);
    struct fault fault = {.kind = FAULT_NONE};
    memset(text, '[', DEPTH);
    text[DEPTH] = '\0';
    cleanup_json struct json_document document = {.root = NULL};
    ck_assert_int_eq(json_parse(text, DEPTH, &document, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
    free(text);
}
END_TEST

/* The memory of one document serves for the next, be it smaller or larger. */
START_TEST(a_document_is_used_again)
{
    static const size_t lengths[] = {10, 3000000, 0, 5000, 2000000, 4000000, 1};
    cleanup_json struct json_document document = {.root = NULL};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct fault fault = {.kind = FAULT_NONE};
        cleanup_buf struct buf text;
        buf_init(&text, SIZE_MAX / 2);
        buf_text(&text, "[");
        for (size_t j = 0; j < lengths[i] / 100; j++) {
            buf_format(&text, "{\"number\":%zu},", j);
        }
        buf_text(&text, "\"");
        for (size_t j = 0; j < lengths[i]; j++) {
            buf_add(&text, &"abcdefghijklmnopqrstuvwxyz"[j % 26], 1);
        }
        buf_text(&text, "\"]");
        ck_assert_int_eq(json_parse(text.text, text.length, &document, &fault), 0);
        ck_assert_int_eq(cJSON_GetArraySize(document.root), (int)(lengths[i] / 100) + 1);
        char *printed = cJSON_PrintUnformatted(document.root);
        ck_assert_str_eq(printed, text.text);
        free(printed);
        ck_assert_int_eq(json_parse("[1,", 3, &document, &fault), -1);
        ck_assert_ptr_null(document.root);
    }
}
END_TEST

/* A text that is a little longer each time finds no room in what the one before has left. */
START_TEST(documents_do_not_pile_up)
{
    enum { LENGTH = 100000, TIMES = 100, STEP = 64 };
    cleanup_json struct json_document document = {.root = NULL};
    static char text[LENGTH + TIMES * STEP + 1];
    const struct mallinfo2 before = mallinfo2();
    for (size_t i = 0; i < TIMES; i++) {
        struct fault fault = {.kind = FAULT_NONE};
        const size_t length = LENGTH + i * STEP;
        memset(text, 'x', length);
        text[0] = '"';
        text[length - 1] = '"';
        text[length] = '\0';
        ck_assert_int_eq(json_parse(text, length, &document, &fault), 0);
    }
    const struct mallinfo2 after = mallinfo2(); // all 0 with a sanitizer's allocator
    ck_assert_uint_lt(after.uordblks + after.hblkhd,
                      before.uordblks + before.hblkhd + (size_t)TIMES / 2 * LENGTH);
}
END_TEST

START_TEST(finds_members)
{
    static const char text[] =
        "{\"UID\":\"u\",\"creationTimeUTC\":\"c\",\"Null\":null,\"Number\":5,"
        "\"Empty\":\"\",\"False\":false}";
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_json struct json_document document = {.root = NULL};
    ck_assert_int_eq(json_parse(text, strlen(text), &document, &fault), 0);
    const cJSON *object = document.root;
    ck_assert_str_eq(json_text(object, "UID"), "u");
    ck_assert_str_eq(json_text(object, "uid"), "u");
    ck_assert_str_eq(json_text(object, "Uid"), "u");
    ck_assert_str_eq(json_text(object, "CreationTimeUTC"), "c");
    ck_assert_str_eq(json_text(object, "Empty"), "");
    ck_assert_ptr_null(json_text(object, "UI"));
    ck_assert_ptr_null(json_text(object, "UIDs"));
    ck_assert_ptr_null(json_text(object, "Number"));
    ck_assert_ptr_null(json_member(object, "Null"));
    ck_assert_ptr_null(json_member(object, "Absent"));
    ck_assert_ptr_nonnull(json_member(object, "Number"));
    ck_assert_ptr_nonnull(json_member(object, "False"));
    ck_assert_ptr_null(json_member(NULL, "UID"));
    ck_assert_ptr_null(json_text(NULL, "UID"));
    ck_assert_ptr_null(json_member(json_member(object, "Number"), "UID"));
}
END_TEST

static const struct {
    const char *value;
    const char *filter;
} filters[] = {
    {"srv-db01", "F==\"srv-db01\""},
    {"", "F==\"\""},
    {"SQL Server 01", "F==\"SQL Server 01\""},
    {"a\"b", "F==\"a\"\"b\""},
    {"\"", "F==\"\"\"\""},
    {"\"\"", "F==\"\"\"\"\"\""},
    {"M\xC3\xBCller", "F==\"M\xC3\xBCller\""},
    {"\xE6\xBC\xA2\xE5\xAD\x97", "F==\"\xE6\xBC\xA2\xE5\xAD\x97\""},
    {"a;b,c(d)e", "F==\"a;b,c(d)e\""},
    {"a&b+c%d", "F==\"a&b+c%d\""},
    {"%41%", "F==\"%41%\""},
    {"a=b#c?d/e\\f", "F==\"a=b#c?d/e\\f\""},
    {"*'<>!|", "F==\"*'<>!|\""},
    {"tab\tline\n", "F==\"tab\tline\n\""},
    {"raw\xFF", "F==\"raw\xFF\""},
};

START_TEST(quotes_filters)
{
    cleanup_buf struct buf filter;
    buf_init(&filter, 1000);
    query_append_comparison(&filter, "F", "==", filters[_i].value);
    ck_assert_str_eq(buf_string(&filter), filters[_i].filter);
}
END_TEST

/* curl decodes as any server does, and shares no code with the encoder. */
START_TEST(encodes_targets)
{
    static const char before[] = "/api/query?type=CdpReplicaTaskSession&format=Entities&filter=";
    static const char after[] = "&sortDesc=CreationTimeUTC&pageSize=100&page=7";
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~%";
    struct fault fault = {.kind = FAULT_NONE};
    const struct em_query query = {.type = "CdpReplicaTaskSession",
                                   .filter = filters[_i].filter,
                                   .sort_descending = "CreationTimeUTC",
                                   .page_size = QUERY_PAGE_SIZE};
    char *target = query_target(&query, 7, &fault);
    ck_assert_ptr_nonnull(target);
    ck_assert_int_eq(strncmp(target, before, strlen(before)), 0);
    const char *encoded = target + strlen(before);
    const size_t length = strlen(encoded) - strlen(after);
    ck_assert_str_eq(encoded + length, after);
    ck_assert_uint_eq(strspn(encoded, plain), length);
    int decoded_length = 0;
    char *decoded = curl_easy_unescape(NULL, encoded, (int)length, &decoded_length);
    ck_assert_int_eq(decoded_length, (int)strlen(filters[_i].filter));
    ck_assert_str_eq(decoded, filters[_i].filter);
    curl_free(decoded);
    free(target);
}
END_TEST

START_TEST(asks_for_all)
{
    struct fault fault = {.kind = FAULT_NONE};
    const struct em_query query = {.type = "CdpPolicy", .page_size = QUERY_PAGE_SIZE};
    char *target = query_target(&query, 1, &fault);
    ck_assert_str_eq(target, "/api/query?type=CdpPolicy&format=Entities&pageSize=100&page=1");
    free(target);
}
END_TEST

START_TEST(targets_have_an_end)
{
    enum { LONG = 20000 };
    char *filter = malloc(LONG + 1);
    memset(filter, 'a', LONG);
    filter[LONG] = '\0';
    struct fault fault = {.kind = FAULT_NONE};
    const struct em_query query = {
        .type = "T", .filter = filter, .sort_descending = "S", .page_size = QUERY_PAGE_SIZE};
    ck_assert_ptr_null(query_target(&query, 1, &fault));
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    free(filter);
}
END_TEST

enum { FAULTY = -2, NO_LIST = -1 };

#define PAGING(count) "\"PagingInfo\":{\"Links\":[],\"PageNum\":1,\"PageSize\":100," count "}"
#define ONE_PAGE PAGING("\"PagesCount\":1")

static const struct {
    const char *name;
    const char *answer;
    int entities; // how many, or one of the above
    long pages;
} answers[] = {
    {"Pascal case",
     "{\"Refs\":null,\"Entities\":{\"Jobs\":null,\"CdpReplicaSessions\":null,"
     "\"CdpReplicaTaskSessions\":{\"CdpReplicaTaskSessions\":[{},{}]},\"Replicas\":null},"
     "\"Resources\":null,\"Links\":null," PAGING("\"PagesCount\":3") "}",
     2, 3},
    {"camel case",
     "{\"refs\":null,\"entities\":{\"jobs\":null,\"cdpReplicaSessions\":null,"
     "\"cdpReplicaTaskSessions\":{\"cdpReplicaTaskSessions\":[{},{},{}]},\"replicas\":null},"
     "\"links\":null,\"pagingInfo\":{\"links\":[],\"pageNum\":1,\"pageSize\":100,"
     "\"pagesCount\":12}}",
     3, 12},
    {"empty list",
     "{\"Entities\":{\"CdpReplicaTaskSessions\":{\"CdpReplicaTaskSessions\":[]}}," ONE_PAGE "}", 0,
     1},
    {"no list", "{\"Entities\":{\"CdpReplicaTaskSessions\":null}," ONE_PAGE "}", NO_LIST, 1},
    {"list of another name",
     "{\"Entities\":{\"CdpReplicaTaskSessions\":{\"CdpTasks\":[{}]}}," ONE_PAGE "}", 1, 1},
    {"a null beside the list",
     "{\"Entities\":{\"CdpReplicaTaskSessions\":{\"Links\":null,\"X\":[{}]}}," ONE_PAGE "}", 1, 1},
    {"a text beside the list",
     "{\"Entities\":{\"CdpReplicaTaskSessions\":{\"X\":[{}],\"Type\":\"List\"}}," ONE_PAGE "}", 1,
     1},
    {"two lists",
     "{\"Entities\":{\"CdpReplicaTaskSessions\":{\"A\":[{}],\"B\":[{}]}}," ONE_PAGE "}", FAULTY, 0},
    {"container is a text", "{\"Entities\":{\"CdpReplicaTaskSessions\":\"x\"}," ONE_PAGE "}",
     FAULTY, 0},
    {"container is a number", "{\"Entities\":{\"CdpReplicaTaskSessions\":5}," ONE_PAGE "}", FAULTY,
     0},
    {"container is absent", "{\"Entities\":{\"Jobs\":null}," ONE_PAGE "}", FAULTY, 0},
    {"Entities is absent", "{" ONE_PAGE "}", FAULTY, 0},
    {"Entities is null", "{\"Entities\":null," ONE_PAGE "}", FAULTY, 0},
    {"Entities is a list", "{\"Entities\":[]," ONE_PAGE "}", FAULTY, 0},
    {"the answer is a list", "[]", FAULTY, 0},
    {"the answer is a text", "\"Entities\"", FAULTY, 0},
    {"an error", "{\"Message\":\"Node [root] does not exist.\",\"StatusCode\":400}", FAULTY, 0},
    {"no PagingInfo", "{\"Entities\":{\"CdpReplicaTaskSessions\":{\"X\":[{}]}}}", 1, 0},
    {"PagingInfo is null",
     "{\"Entities\":{\"CdpReplicaTaskSessions\":{\"X\":[{}]}},\"PagingInfo\":null}", 1, 0},
};

static void check_page(const char *name, const char *text, int entities, long pages)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct em_page page;
    cleanup_json struct json_document answer = {.root = NULL};
    ck_assert_msg(json_parse(text, strlen(text), &answer, &fault) == 0, "%s: %s", name, fault.text);
    const int result = query_read_page(answer.root, "CdpReplicaTaskSessions", &page, &fault);
    if (entities == FAULTY) {
        ck_assert_msg(result == -1, "%s: taken for a page", name);
        ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
        ck_assert_str_ne(fault.text, "");
        return;
    }
    ck_assert_msg(result == 0, "%s: %s", name, fault.text);
    if (entities == NO_LIST) {
        ck_assert_msg(page.entities == NULL, "%s: it has a list", name);
    } else {
        ck_assert_msg(cJSON_GetArraySize(page.entities) == entities, "%s: %d entities", name,
                      cJSON_GetArraySize(page.entities));
    }
    ck_assert_msg(page.pages_count == pages, "%s: %ld pages", name, page.pages_count);
}

START_TEST(reads_pages)
{
    check_page(answers[_i].name, answers[_i].answer, answers[_i].entities, answers[_i].pages);
}
END_TEST

static const struct {
    const char *count;
    long pages; // 0: a fault
} counts[] = {
    {"\"PagesCount\":1", 1},     {"\"PagesCount\":100", 100},
    {"\"PagesCount\":0", 1},     {"\"PagesCount\":-1", 0},
    {"\"PagesCount\":1e300", 0}, {"\"PagesCount\":9223372036854775807", 0},
    {"\"PagesCount\":\"3\"", 0}, {"\"PagesCount\":null", 0},
    {"\"PagesCount\":[1]", 0},   {"\"PagesCount\":true", 0},
    {"\"Other\":1", 0},
};

START_TEST(reads_page_counts)
{
    cleanup_buf struct buf text;
    buf_init(&text, 1000);
    buf_format(&text, "{\"Entities\":{\"CdpReplicaTaskSessions\":{\"X\":[]}},\"PagingInfo\":{%s}}",
               counts[_i].count);
    check_page(counts[_i].count, buf_string(&text), counts[_i].pages == 0 ? FAULTY : 0,
               counts[_i].pages);
}
END_TEST

Suite *json_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *cases = tcase_create("em json and query");
    tcase_add_loop_test(cases, parses, 0, COUNT(documents));
    tcase_add_loop_test(cases, escapes_of_no_character_stand_out, 0, COUNT(texts));
    tcase_add_loop_test(cases, escapes_that_are_cut_are_no_json, 0, COUNT(broken));
    tcase_add_test(cases, nul_bytes_are_no_json);
    tcase_add_test(cases, nesting_has_an_end);
    tcase_add_test(cases, a_document_is_used_again);
    tcase_add_test(cases, documents_do_not_pile_up);
    tcase_add_test(cases, finds_members);
    tcase_add_loop_test(cases, quotes_filters, 0, COUNT(filters));
    tcase_add_loop_test(cases, encodes_targets, 0, COUNT(filters));
    tcase_add_test(cases, asks_for_all);
    tcase_add_test(cases, targets_have_an_end);
    tcase_add_loop_test(cases, reads_pages, 0, COUNT(answers));
    tcase_add_loop_test(cases, reads_page_counts, 0, COUNT(counts));
    suite_add_tcase(suite, cases);
    return suite;
}
