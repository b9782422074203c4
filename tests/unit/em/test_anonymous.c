// SPDX-License-Identifier: GPL-3.0-or-later
/* What stands for EM's answers and for what it was asked, once nothing of a site is left in it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "em/anonymous.h"
#include "em/json.h"
#include "unit/suites.h"

enum { LIMIT = 16 * 1024 * 1024, WEEKS = -100 };

#define ID1 "a0000000-0000-4000-8000-000000000001"
#define ID2 "a0000000-0000-4000-8000-000000000002"
#define UUID "ad86fed0-4288-47ba-a7ab-0fca64d3ba5a"
#define OTHER_UUID "2c2a1b4e-9d3b-4b5f-8b0e-0a1b2c3d4e5f"

static struct anonymous anonymous;

static void start(void)
{
    ck_assert(anonymous_init(&anonymous, WEEKS));
}

static void end(void)
{
    anonymous_free(&anonymous);
}

static void check_text(struct buf *buf, const char *expected)
{
    ck_assert_int_eq(buf->failure, BUF_FINE);
    ck_assert_str_eq(buf_string(buf), expected);
}

/* ---- JSON: each row is an answer of its own ---- */

static const struct {
    const char *answer, *expected;
} answers[] = {
    // clang-format off
    // what stays
    {"null", "null"},
    {"[]", "[]"},
    {"{}", "{}"},
    {"[null,true,false,[],{}]", "[null,true,false,[],{}]"},
    {"{\"Name\":\"\",\"Reason\":\"\",\"State\":\"\"}", "{\"Name\":\"\",\"Reason\":\"\",\"State\":\"\"}"},
    {"{\"State\":\"InProgress\",\"Result\":\"Success\"}", "{\"State\":\"InProgress\",\"Result\":\"Success\"}"},
    {"{\"state\":\"inprogress\",\"RESULT\":\"SUCCESS\"}", "{\"state\":\"inprogress\",\"RESULT\":\"SUCCESS\"}"},
    {"{\"Type\":\"CdpReplicaTaskSessionReferenceList\"}", "{\"Type\":\"CdpReplicaTaskSessionReferenceList\"}"},
    {"{\"SessionType\":\"CollectJob\",\"State\":\"CompletedSuccessfully\"}", "{\"SessionType\":\"CollectJob\",\"State\":\"CompletedSuccessfully\"}"},
    {"{\"PageNum\":1,\"PageSize\":100,\"PagesCount\":9999999}", "{\"PageNum\":1,\"PageSize\":100,\"PagesCount\":9999999}"},
    {"{\"LongTermRetentionHours\":\"8\",\"Enabled\":\"True\"}", "{\"LongTermRetentionHours\":\"8\",\"Enabled\":\"True\"}"},
    {"{\"Days\":[{\"Name\":\"Monday\",\"Value\":\"1,0, 2\"}]}", "{\"Days\":[{\"Name\":\"Monday\",\"Value\":\"1,0, 2\"}]}"},
    {"{\"TimePeriods\":{\"Days\":{\"Day\":[{\"name\":\"sunday\",\"#text\":\"1,1\"}]}}}", "{\"TimePeriods\":{\"Days\":{\"Day\":[{\"name\":\"sunday\",\"#text\":\"1,1\"}]}}}"},
    {"{\"SupportedVersions\":{\"SupportedVersions\":[{\"Name\":\"v1_7\"}]}}", "{\"SupportedVersions\":{\"SupportedVersions\":[{\"Name\":\"v1_7\"}]}}"},
    {"{\"Name\":\"a\",\"Name\":\"b\",\"name\":\"a\"}", "{\"Name\":\"Name-1\",\"Name\":\"Name-2\",\"name\":\"Name-1\"}"},
    // names
    {"{\"Name\":\"srv\",\"VmDisplayName\":\"srv\",\"Reason\":\"srv\"}", "{\"Name\":\"Name-1\",\"VmDisplayName\":\"Name-1\",\"Reason\":\"Name-1\"}"},
    {"{\"Name\":\"srv\",\"VmDisplayName\":\"SRV\",\"BackupServer\":\"Srv\"}", "{\"Name\":\"Name-1\",\"VmDisplayName\":\"name-1\",\"BackupServer\":\"NAme-1\"}"},
    {"{\"Name\":\"B\\u00fcro\",\"DisplayName\":\"\\u6771\"}", "{\"Name\":\"Name\xC3\xBC-1\",\"DisplayName\":\"Name\xC3\xBC-2\"}"},
    {"{\"Name\":\"\xFF\",\"DisplayName\":\" \",\"Reason\":\"a\\\"\\\\\\n\"}", "{\"Name\":\"Name\xC3\xBC-1\",\"DisplayName\":\"Name-2\",\"Reason\":\"Text-3\"}"},
    {"{\"Name\":\"srv\",\"BackupServer\":\"srv.example.com\",\"BackupServerName\":\"vbr.example.com\"}", "{\"Name\":\"Name-1\",\"BackupServer\":\"Name-1.Name-2\",\"BackupServerName\":\"Name-3.Name-2\"}"},
    {"[\"10.0.0.1\",\"a.\",\".a\",\"a..b\",\"a b.c\"]", "[\"Name-1\",\"Name-2\",\"Name-3\",\"Name-4\",\"Name-5\"]"},
    {"{\"UserName\":\"CORP\\\\admin\",\"Reason\":\"No space\",\"UID\":\"17\"}", "{\"UserName\":\"User-1\",\"Reason\":\"Text-2\",\"UID\":\"Item-3\"}"},
    {"{\"Name\":\"Monday\",\"VmDisplayName\":\"v1_7\"}", "{\"Name\":\"Name-1\",\"VmDisplayName\":\"Name-2\"}"},
    {"{\"Name\":\"Success\",\"VmDisplayName\":\"true\",\"Reason\":\"12\"}", "{\"Name\":\"Name-1\",\"VmDisplayName\":\"Name-2\",\"Reason\":\"Text-3\"}"},
    // times
    {"{\"CreationTimeUTC\":\"2025-08-14T12:31:30.389954Z\"}", "{\"CreationTimeUTC\":\"2023-09-14T12:31:30.389954Z\"}"},
    {"[\"2025-08-14T12:31:30\",\"2025-08-14\",\"2025-08-14T12:31:30.1234567+02:00\"]", "[\"2023-09-14T12:31:30\",\"2023-09-14\",\"2023-09-14T12:31:30.1234567+02:00\"]"},
    {"[\"0001-01-01T00:00:00\",\"1900-01-01T00:00:00Z\",\"1970-01-01T00:00:00Z\",\"9999-12-31T23:59:59.9999999Z\"]", "[\"0001-01-01T00:00:00\",\"1900-01-01T00:00:00Z\",\"1970-01-01T00:00:00Z\",\"9999-12-31T23:59:59.9999999Z\"]"},
    {"[\"2025-13-14T12:31:30Z\",\"2025-08-14T12:31:30.12345678901Z\",\"2025-08-14x\"]", "[\"Name-1\",\"Name-2\",\"Name-3\"]"},
    {"{\"Name\":\"srv@2025-08-14 12:31:30\",\"VmDisplayName\":\"srv\"}", "{\"Name\":\"Name-1@2023-09-14 12:31:30\",\"VmDisplayName\":\"Name-1\"}"},
    {"{\"Name\":\"a@b@2025-08-14 12:31:30.39912\",\"VmDisplayName\":\"a@b\"}", "{\"Name\":\"Name-1@2023-09-14 12:31:30.39912\",\"VmDisplayName\":\"Name-1\"}"},
    {"[\"Collect Job @2025-01-27 17:05:52.069837\",\"Other Job @2025-01-27 17:05:52\",\"@2025-01-27 17:05:52\",\"a@2025-01-27\"]", "[\"Collect Job @2023-02-27 17:05:52.069837\",\"Name-1@2023-02-27 17:05:52\",\"@2023-02-27 17:05:52\",\"Name-2\"]"},
    // UIDs
    {"[\"" UUID "\",\"" OTHER_UUID "\",\"AD86FED0-4288-47BA-A7AB-0FCA64D3BA5A\"]", "[\"" ID1 "\",\"" ID2 "\",\"A0000000-0000-4000-8000-000000000001\"]"},
    {"{\"UID\":\"urn:veeam:CdpReplicaTaskSession:" UUID "\",\"PolicyUid\":\"" UUID "\"}", "{\"UID\":\"urn:veeam:CdpReplicaTaskSession:" ID1 "\",\"PolicyUid\":\"" ID1 "\"}"},
    {"{\"UID\":\"urn:veeam:Secret:" UUID "\",\"Name\":\"urn:acme:Vm:x:y\"}", "{\"UID\":\"urn:veeam:UnknownWord1:" ID1 "\",\"Name\":\"urn:unknownWord2:Vm:Item-1\"}"},
    {"{\"VmRef\":\"urn:VMware:Vm:" UUID ".vm-1411027\"}", "{\"VmRef\":\"urn:VMware:Vm:" ID1 ".Item-1\"}"},
    {"[\"urn:\",\"urn:a\",\"urn:a:b\",\"urn:::\"]", "[\"Name-1\",\"Name-2\",\"Name-3\",\"urn:::\"]"},
    // Hrefs
    {"{\"Href\":\"https://em01.example.com:9398/api/cdpReplicas/" UUID "/vms?format=Entity\"}", "{\"Href\":\"https://Name-1.Name-2:9398/api/cdpReplicas/" ID1 "/vms?format=Entity\"}"},
    {"{\"Href\":\"/https://em01:4711/api/https://em01:9399/api/jobs\"}", "{\"Href\":\"/https://Name-1:443/api/https://Name-1:9399/api/jobs\"}"},
    {"{\"Href\":\"https://user:word@em01/api\",\"Name\":\"https://[::1]:9398/x%20y/\"}", "{\"Href\":\"https://Name-1/api\",\"Name\":\"https://Name-2:9398/Item-3/\"}"},
    {"{\"Name\":\"https:// is no address\",\"Reason\":\"see https://kb.example.com\"}", "{\"Name\":\"Name-1\",\"Reason\":\"Text-2\"}"},
    {"{\"Href\":\"https://h/api/query?type=Secret&filter=Name%3d%3d%22a+b%22&own=1&flag\",\"Name\":\"a b\"}", "{\"Href\":\"https://Name-1/api/query?type=UnknownWord1&filter=Name%3D%3D%22Name-2%22&unknownKey1=Name-3&unknownKey2\",\"Name\":\"Name-2\"}"},
    // words, keys, numbers
    {"{\"State\":\"Odd\",\"Result\":\"odd\",\"Rel\":\"Next\"}", "{\"State\":\"UnknownWord1\",\"Result\":\"unknownWord1\",\"Rel\":\"Next\"}"},
    {"{\"Secret\":{\"secret\":\"x\",\"Other\":\"true\"}}", "{\"UnknownKey1\":{\"unknownKey1\":\"Name-1\",\"UnknownKey2\":\"Name-2\"}}"},
    {"{\"\":1,\"Name\\u0000\":2,\"\\\"\":3}", "{\"UnknownKey1\":2,\"UnknownKey2\":3,\"UnknownKey3\":4}"},
    {"{\"TotalSize\":214748364800,\"Progress\":50}", "{\"TotalSize\":100000000001,\"Progress\":50}"},
    {"{\"TotalSize\":\"214748364800\",\"Own\":[0,7,-12,1.25,0.5]}", "{\"TotalSize\":\"100000000001\",\"UnknownKey1\":[0,4,-14,1.05,0.7]}"},
    {"{\"PageSize\":10000000,\"StatusCode\":-1,\"Progress\":1.5}", "{\"PageSize\":10000001,\"StatusCode\":-3,\"Progress\":1.3}"},
    {"[1e300,1e999,-1e999]", "[2e+300,1e999,-1e999]"},
    {"[9007199254740991,12345678901234567890]", "[1000000000000001,10000000000000000002]"},
    // sentences
    {"[{\"Message\":\"Retrieving data from vbr01...\"},{\"Message\":\"data collection from vbr01.lan completed successfully.\"}]", "[{\"Message\":\"Retrieving data from Name-1...\"},{\"Message\":\"Data collection from Name-1.Name-2 completed successfully.\"}]"},
    {"{\"Message\":\"Cannot find job [" UUID "]\",\"StackTrace\":\"at x\"}", "{\"Message\":\"Text-1\",\"StackTrace\":\"Text-2\"}"},
    {"\"Retrieving data from vbr01...\"", "\"Name-1\""},
    // clang-format on
};

static void append_answer(const char *answer, struct buf *buf)
{
    struct json_document document = {.root = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    buf_init(buf, LIMIT);
    ck_assert_msg(json_parse(answer, strlen(answer), &document, &fault) == 0, "%s: %s", answer,
                  fault.text);
    anonymous_append_json(&anonymous, document.root, buf);
    json_free(&document);
}

START_TEST(keeps_shapes_of_answers)
{
    cleanup_buf struct buf buf;
    append_answer(answers[_i].answer, &buf);
    check_text(&buf, answers[_i].expected);
}
END_TEST

/* ---- what was asked ---- */

#define QUERY "/api/query?type=CdpReplicaTaskSession&format=Entities"

static const struct {
    const char *target, *expected;
} targets[] = {
    // clang-format off
    {"/api/", "/api/"},
    {"/api/sessionMngr/?v=latest", "/api/sessionMngr/?v=latest"},
    {"/api/logonSessions/dec0de5e-4288-47ba-a7ab-0fca64d3ba5a", "/api/logonSessions/" ID1},
    {"/api/systemSessions?format=Entity", "/api/systemSessions?format=Entity"},
    {"/api/cdpReplicas/" UUID "/vms/" OTHER_UUID "?action=intervals", "/api/cdpReplicas/" ID1 "/vms/" ID2 "?action=intervals"},
    {QUERY "&sortDesc=CreationTimeUTC&pageSize=1000&page=2", QUERY "&sortDesc=CreationTimeUTC&pageSize=1000&page=2"},
    {QUERY "&sortDesc=Secret&pageSize=12345678&page=x", QUERY "&sortDesc=UnknownKey1&pageSize=Name-1&page=Name-2"},
    {QUERY "&filter=VmDisplayName%3D%3D%22a%20%22%22b%22%22%22", QUERY "&filter=VmDisplayName%3D%3D%22Name-1%22"},
    {QUERY "&filter=%28CreationTimeUTC%3E%3D%222025-08-14T12%3A31%3A30Z%22%2CState%21%3DCompleted%29%3BSecret%3C%3D5", QUERY "&filter=%28CreationTimeUTC%3E%3D%222023-09-14T12%3A31%3A30Z%22%2CState%21%3DCompleted%29%3BUnknownKey1%3C%3DName-1"},
    {QUERY "&filter=UID%3D%3D" UUID, QUERY "&filter=UID%3D%3D" ID1},
    {QUERY "&filter=%22secret", QUERY "&filter=%22Name-1%22"},
    {QUERY "&filter=secret%00%zz%", QUERY "&filter=unknownKey1"},
    {"/api/secret/%73ecret", "/api/Item-1/Item-1"},
    {"", ""},
    // clang-format on
};

START_TEST(keeps_shapes_of_targets)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, LIMIT);
    anonymous_append_target(&anonymous, targets[_i].target, &buf);
    check_text(&buf, targets[_i].expected);
}
END_TEST

/* A VM is found again by the name in a filter. */
START_TEST(means_the_same_in_answers_and_filters)
{
    cleanup_buf struct buf answer;
    cleanup_buf struct buf target;
    append_answer("{\"Name\":\"other\",\"VmDisplayName\":\"B\\u00fcro \\\"1\\\"\"}", &answer);
    buf_init(&target, LIMIT);
    anonymous_append_target(
        &anonymous, QUERY "&filter=VmDisplayName%3D%3D%22B%C3%BCro%20%22%221%22%22%22", &target);
    check_text(&answer, "{\"Name\":\"Name-1\",\"VmDisplayName\":\"Name\xC3\xBC-2\"}");
    check_text(&target, QUERY "&filter=VmDisplayName%3D%3D%22Name%C3%BC-2%22");
}
END_TEST

/* ---- lengths ---- */

static const struct {
    size_t length, expected;
} lengths[] = {{1, 6},       {99, 6},      {100, 100},     {199, 100},
               {1234, 1200}, {9999, 9900}, {100000, 10000}};

START_TEST(keeps_hundreds_of_lengths)
{
    cleanup_free char *answer = malloc(lengths[_i].length + 3);
    cleanup_buf struct buf buf;
    memset(answer, 'y', lengths[_i].length + 2);
    answer[0] = answer[lengths[_i].length + 1] = '"';
    answer[lengths[_i].length + 2] = '\0';
    append_answer(answer, &buf);
    ck_assert_uint_eq(buf.length - 2, lengths[_i].expected);
    ck_assert_ptr_null(strchr(buf_string(&buf), 'y'));
}
END_TEST

/* ---- nothing of a site is left ---- */

/* Where an answer may have a text, %s: as a member, in each form, under each kind of key. */
static const char *const places[] = {
    "\"%s\"",
    "[\"%s\"]",
    "{\"%s\":1}",
    "{\"Name\":\"%s\"}",
    "{\"Reason\":\"Error: %s.\"}",
    "{\"State\":\"%s\"}",
    "{\"Type\":\"%sReference\"}",
    "{\"Rel\":\"%s\"}",
    "{\"UID\":\"urn:veeam:%s:1\"}",
    "{\"UID\":\"urn:%s:Vm:1\"}",
    "{\"UID\":\"urn:veeam:Vm:%s\"}",
    "{\"VmRef\":\"urn:VMware:Vm:" UUID ".%s\"}",
    "{\"Href\":\"https://%s/api\"}",
    "{\"Href\":\"https://h:%s/api\"}",
    "{\"Href\":\"https://h/%s/api\"}",
    "{\"Href\":\"https://h/api?%s\"}",
    "{\"Href\":\"https://h/api?%s=1\"}",
    "{\"Href\":\"https://h/api?type=%s\"}",
    "{\"Href\":\"https://h/api?filter=%s\"}",
    "{\"Href\":\"https://h/api?filter=%s==1\"}",
    "{\"Href\":\"https://h/api?filter=Name==%%22%s%%22\"}",
    "{\"Href\":\"https://h/api?sortAsc=%s\"}",
    "{\"Href\":\"https://h/api?v=%s\"}",
    "{\"Href\":\"https://h/api?page=%s\"}",
    "{\"Href\":\"https://h/api#%s\"}",
    "{\"Href\":\"/a?b=/c?d=/e?f=/g?h=/i?j=%s\"}",
    "{\"Name\":\"%s@2025-08-14 12:31:30\"}",
    "{\"Name\":\"a@2025-08-14 12:31:30 %s\"}",
    "{\"CreationTimeUTC\":\"2025-08-14T12:31:30%s\"}",
    "{\"Message\":\"Retrieving data from %s...\"}",
    "{\"Message\":\"%s Retrieving data from a...\"}",
    "{\"PageSize\":\"%s\"}",
    "{\"Enabled\":\"%s\"}",
    "{\"TotalSize\":\"%s\"}",
    "{\"UserName\":\"%s\"}",
    "{\"Days\":[{\"Name\":\"%s\",\"Value\":\"%s\"}]}",
    "{\"SupportedVersions\":[{\"Name\":\"%s\"}]}",
    "{\"Name\":\"%s.example.com\"}",
    "{\"Name\":\"a.%s\"}",
    "{\"Own\":{\"%s\":{\"Name\":\"%s\"}}}",
};

static const char *const secrets[] = {"Tr0ub4dor-marker",
                                      "tr0ub4dor_Marker",
                                      "4111111111111111",
                                      "Secret%20Tr0ub4dor",
                                      "10.20.30.40",
                                      "M\xC3\xA4rker",
                                      "dec0de5e-4288-47ba-a7ab-0fca64d3ba5a"};

START_TEST(keeps_nothing_of_a_site)
{
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        char answer[512];
        cleanup_buf struct buf buf;
        const char *const secret = secrets[i];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(answer, sizeof answer, places[_i], secret, secret);
#pragma GCC diagnostic pop
        append_answer(answer, &buf);
        ck_assert_msg(strcasestr(buf_string(&buf), secret) == NULL, "%s: %s", answer,
                      buf_string(&buf));
        ck_assert_msg(strcasestr(buf_string(&buf), "marker") == NULL, "%s: %s", answer,
                      buf_string(&buf));
    }
}
END_TEST

/* As deep as cJSON reads, as wide as memory. */
START_TEST(takes_hostile_answers)
{
    enum { DEPTH = 900, WIDTH = 100000 };
    cleanup_buf struct buf deep;
    cleanup_buf struct buf wide;
    cleanup_buf struct buf result;
    buf_init(&deep, LIMIT);
    for (int i = 0; i < DEPTH; i++) {
        buf_text(&deep, "[");
    }
    buf_text(&deep, "\"Tr0ub4dor\"");
    for (int i = 0; i < DEPTH; i++) {
        buf_text(&deep, "]");
    }
    append_answer(buf_string(&deep), &result);
    ck_assert_uint_eq(result.length, 2 * (size_t)DEPTH + strlen("\"Name-1\""));
    buf_free(&result);
    buf_init(&wide, LIMIT);
    for (int i = 0; i < WIDTH; i++) {
        buf_format(&wide, "%s%d@2025-08-14 12:31:30", i == 0 ? "[\"" : ",\"", i);
        buf_text(&wide, "\"");
    }
    buf_text(&wide, "]");
    append_answer(buf_string(&wide), &result);
    ck_assert_int_eq(result.failure, BUF_FINE);
    ck_assert_ptr_nonnull(strstr(buf_string(&result), "\"Name-100001@2023-09-14 12:31:30\"]"));
}
END_TEST

/* Times stand as far from each other as before, on the same days of the week. */
START_TEST(moves_times_by_weeks)
{
    static const utc_us week = INT64_C(7) * 86400 * UTC_SECOND;
    utc_us moment = 0;
    ck_assert(utc_parse("2025-08-14T12:31:30.389954Z", &moment));
    ck_assert_int_eq(anonymous_moment(&anonymous, moment), moment + WEEKS * week);
    ck_assert_int_eq(anonymous_moment(&anonymous, 0), 0);
}
END_TEST

Suite *anonymous_suite(void)
{
    Suite *suite = suite_create("anonymous");
    TCase *tests = tcase_create("anonymous");
    tcase_add_checked_fixture(tests, start, end);
    tcase_add_loop_test(tests, keeps_shapes_of_answers, 0, COUNT(answers));
    tcase_add_loop_test(tests, keeps_shapes_of_targets, 0, COUNT(targets));
    tcase_add_test(tests, means_the_same_in_answers_and_filters);
    tcase_add_loop_test(tests, keeps_hundreds_of_lengths, 0, COUNT(lengths));
    tcase_add_loop_test(tests, keeps_nothing_of_a_site, 0, COUNT(places));
    tcase_add_test(tests, takes_hostile_answers);
    tcase_add_test(tests, moves_times_by_weeks);
    suite_add_tcase(suite, tests);
    return suite;
}
