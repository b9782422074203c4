// SPDX-License-Identifier: GPL-3.0-or-later
/* Answers of a file that are served again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <check.h>

#include "emulator/moment.h"
#include "unit/emulator/client.h"
#include "unit/suites.h"

#define HEAD "{\"plugin\":\"check_veeam_cdp_task\",\"version\":\"1\",\"format\":1,\"exchanges\":["
#define EXCHANGE(method, path, rest)                                                               \
    "{\"request\":{\"method\":\"" method "\",\"path\":\"" path                                     \
    "\"},\"sent\":\"2020-01-02T03:04:05.25Z\"," rest "}"
#define LOGON(status)                                                                              \
    EXCHANGE("POST", "/api/sessionMngr/?v=latest",                                                 \
             "\"status\":" status ",\"answer\":{\"SessionId\":"                                    \
             "\"a0000000-0000-4000-8000-000000000001\"}")
#define ANSWER(text) "\"status\":200,\"answer\":" text
#define QUERY "/api/query?type=CdpPolicy&filter="

static void start(const char *exchanges)
{
    char file[8192];
    snprintf(file, sizeof file, HEAD "%s]}", exchanges);
    client_start(&(struct emulator_settings){.replay = file, .plain_http = true});
}

static void start_logged_on(const char *exchanges)
{
    char all[8000];
    snprintf(all, sizeof all, LOGON("201") ",%s", exchanges);
    start(all);
    client_log_on();
}

static void expect_body(const char *path, const char *body)
{
    client_get(path);
    ck_assert_str_eq(client.answered.body, body);
}

/* ---- which answer ---- */

START_TEST(finds_requests_whatever_their_times_and_order)
{
    start_logged_on(EXCHANGE(
        "GET",
        QUERY "%28CreationTimeUTC%3E%3D%222020-01-01T00%3A00%3A00Z%22%2CState%21%3D"
              "Completed%29%3B%28Name%3D%3D%22Name-1%22%2CName%3D%3D%22Name-2%22%29&page=1",
        ANSWER("[1]")) "," EXCHANGE("GET", QUERY "Name%3D%3D%22Name-1%22", ANSWER("[2]")));
    expect_body(QUERY "(CreationTimeUTC>=%222031-11-30T23:59:59.5Z%22,State!=Completed);"
                      "(Name==%22Name-2%22,Name==%22Name-1%22)&page=1",
                "[1]");
    expect_body(QUERY "Name%3d%3d%22Name-1%22", "[2]");
    ck_assert_int_eq(client_get(QUERY "Name%3d%3d%22Name-2%22"), 404);
    client_expect_error(404, "The file that is played has no such request.");
    ck_assert_int_eq(client_get(QUERY "Name%3d%3d%22Name-1%22&page=2"), 404);
    ck_assert_int_eq(client_ask("POST", QUERY "Name%3d%3d%22Name-1%22", client.token_header, NULL),
                     404);
    char *log = emulator_log(client.emulator);
    ck_assert_ptr_nonnull(strstr(log, "\nnot in the file: GET " QUERY "Name%3d%3d%22Name-2%22\n"));
    free(log);
}
END_TEST

START_TEST(gives_the_intervals_of_a_vm_to_any)
{
    start_logged_on(EXCHANGE("POST", "/api/cdpReplicas/a/vms/b?action=intervals", ANSWER("[1]")));
    ck_assert_int_eq(
        client_ask("POST", "/api/cdpReplicas/c/vms/d?action=intervals", client.token_header, NULL),
        200);
    ck_assert_str_eq(client.answered.body, "[1]");
    ck_assert_int_eq(
        client_ask("POST", "/api/cdpReplicas/a/vms/b?action=failover", client.token_header, NULL),
        404);
}
END_TEST

/* A page that was read twice, say; and the next run begins anew. */
START_TEST(repeats_answers_in_their_order)
{
    start_logged_on(EXCHANGE("GET", "/api/jobs", ANSWER("[1]")) "," EXCHANGE(
        "GET", "/api/backups", ANSWER("[0]")) "," EXCHANGE("GET", "/api/jobs", ANSWER("[2]")));
    expect_body("/api/jobs", "[1]");
    expect_body("/api/jobs", "[2]");
    expect_body("/api/jobs", "[1]");
}
END_TEST

/* ---- what is in it ---- */

START_TEST(serves_statuses_headers_and_what_is_no_json)
{
    static const char busy[] =
        EXCHANGE("GET", "/api/jobs",
                 "\"status\":503,\"headers\":{\"Content-Type\":\"text/html\"},"
                 "\"not_json\":{\"kind\":\"html\",\"length\":10}");
    static const char forbidden[] =
        EXCHANGE("GET", "/api/backups",
                 "\"status\":403,\"byte_order_mark\":true,\"answer\":{\"Message\":\"Text-1\"}");
    static const char lost[] = EXCHANGE("GET", "/api/replicas", "\"failure\":\"timeout\"");
    char all[2000];
    snprintf(all, sizeof all, "%s,%s,%s", busy, forbidden, lost);
    start_logged_on(all);
    ck_assert_int_eq(client_get("/api/jobs"), 503);
    ck_assert_str_eq(client.answered.body, "<html>xxxx");
    char *type = client_header("Content-Type");
    ck_assert_str_eq(type, "text/html");
    free(type);
    ck_assert_ptr_null(client_header("Date"));
    ck_assert_int_eq(client_get("/api/backups"), 403);
    ck_assert_str_eq(client.answered.body, "\xEF\xBB\xBF{\"Message\":\"Text-1\"}");
    ck_assert_int_eq(client_get("/api/replicas"), 0);
}
END_TEST

/* ---- times ---- */

static moment now(void)
{
    return (moment)time(NULL) * MOMENT_SECOND;
}

/* The item of the last answer is a time of the form, and so old. */
static void expect_age(const cJSON *item, const char *start, const char *end, moment age)
{
    char whole[MOMENT_NAME_SIZE] = "";
    moment when = 0;
    const char *text = cJSON_GetStringValue(item);
    ck_assert_uint_gt(strlen(text), strlen(start) + MOMENT_NAME_SIZE - 1);
    ck_assert_int_eq(strncmp(text, start, strlen(start)), 0);
    memcpy(whole, text + strlen(start), MOMENT_NAME_SIZE - 1);
    ck_assert_str_eq(text + strlen(start) + MOMENT_NAME_SIZE - 1, end);
    whole[10] = 'T';
    ck_assert_msg(moment_parse(whole, &when), "%s", text);
    const moment off = now() - when - age;
    ck_assert_msg(off > -3 * MOMENT_SECOND && off < 10 * MOMENT_SECOND, "%s", text);
}

START_TEST(moves_times_to_be_as_old_as_they_were)
{
    start_logged_on(EXCHANGE(
        "GET", "/api/jobs",
        "\"status\":200,\"headers\":{\"Date\":\"Thu, 02 Jan 2020 04:04:05 GMT\"},\"answer\":["
        "\"2020-01-02T02:04:05.123Z\",\"2019-12-31T03:04:05.1+02:00\","
        "\"Name-1@2020-01-02 03:03:05.069837\",\"0001-01-01T00:00:00\",\"9999-12-31T23:59:59\","
        "\"2020-01-02\",\"Name-1 2020-01-02T02:04:05Z\"]"));
    client_get("/api/jobs");
    char *date = client_header("Date");
    struct tm fields = {0};
    ck_assert_ptr_nonnull(strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &fields));
    const moment ahead = (moment)timegm(&fields) * MOMENT_SECOND - now();
    ck_assert_int_ge(ahead, 3580 * MOMENT_SECOND);
    ck_assert_int_le(ahead, 3610 * MOMENT_SECOND);
    free(date);
    cJSON *answer = client_document();
    expect_age(cJSON_GetArrayItem(answer, 0), "", ".123Z", 3600 * MOMENT_SECOND);
    expect_age(cJSON_GetArrayItem(answer, 1), "", ".1+02:00", 2 * MOMENT_DAY);
    expect_age(cJSON_GetArrayItem(answer, 2), "Name-1@", ".069837", 60 * MOMENT_SECOND);
    static const char *const others[] = {"0001-01-01T00:00:00", "9999-12-31T23:59:59", "2020-01-02",
                                         "Name-1 2020-01-02T02:04:05Z"};
    for (int i = 0; i < COUNT(others); i++) {
        ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetArrayItem(answer, 3 + i)), others[i]);
    }
    cJSON_Delete(answer);
}
END_TEST

/* What was asked half a minute after the logon is asked at once now: its times stay by the others'.
 */
START_TEST(moves_all_answers_of_a_run_alike)
{
    start_logged_on("{\"request\":{\"method\":\"GET\",\"path\":\"/api/jobs\"},\"sent\":"
                    "\"2020-01-02T03:04:35.75Z\",\"status\":200,\"headers\":{\"Date\":"
                    "\"Thu, 02 Jan 2020 03:04:35 GMT\"},\"answer\":[\"2020-01-02T03:03:05Z\"]}");
    client_get("/api/jobs");
    char *date = client_header("Date");
    struct tm fields = {0};
    ck_assert_ptr_nonnull(strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &fields));
    const moment ahead = (moment)timegm(&fields) * MOMENT_SECOND - now();
    ck_assert_int_ge(ahead, -10 * MOMENT_SECOND);
    ck_assert_int_le(ahead, MOMENT_SECOND);
    free(date);
    cJSON *answer = client_document();
    expect_age(cJSON_GetArrayItem(answer, 0), "", "Z", 60 * MOMENT_SECOND);
    cJSON_Delete(answer);
}
END_TEST

/* ---- logons ---- */

START_TEST(opens_and_closes_sessions_as_it_was)
{
    start_logged_on(EXCHANGE("DELETE", "/api/logonSessions/a0000000-0000-4000-8000-000000000001",
                             "\"status\":204") "," EXCHANGE("GET", "/api/", ANSWER("[0]")));
    ck_assert_str_eq(client.session_id, "a0000000-0000-4000-8000-000000000001");
    ck_assert_uint_eq(emulator_counts(client.emulator).open_sessions, 1);
    ck_assert_int_eq(client_ask("GET", "/api/", CLIENT_JSON, NULL), 200);
    ck_assert_int_eq(client_ask("GET", "/api/jobs", CLIENT_JSON, NULL), 401);
    ck_assert_int_eq(client_ask("DELETE", "/api/logonSessions/dec0de5e-0000-4000-8000-000000000007",
                                client.token_header, NULL),
                     204);
    const struct emulator_counts counts = emulator_counts(client.emulator);
    ck_assert_uint_eq(counts.logons, 1);
    ck_assert_uint_eq(counts.logoffs, 1);
    ck_assert_uint_eq(counts.open_sessions, 0);
    ck_assert_int_eq(client_ask("POST", "/api/sessionMngr/?v=latest",
                                "Authorization: Basic bW9uaXRvcjp3cm9uZw==", NULL),
                     401);
}
END_TEST

START_TEST(refuses_logons_that_were_refused)
{
    start(LOGON("401"));
    ck_assert_int_eq(
        client_ask("POST", "/api/sessionMngr/?v=latest", CLIENT_JSON, CLIENT_BASIC, NULL), 401);
    ck_assert_uint_eq(emulator_counts(client.emulator).open_sessions, 0);
}
END_TEST

/* ---- other files ---- */

static const char *const wrong_files[] = {
    "{",
    "{}",
    "{\"format\":2,\"exchanges\":[]}",
    "{\"format\":1,\"exchanges\":{}}",
    HEAD "1]}",
    HEAD EXCHANGE("GET", "/api/", "\"status\":\"200\"") "]}",
    HEAD "{\"request\":{\"method\":\"GET\",\"path\":\"/api/\"},\"status\":200}]}",
    HEAD "{\"request\":{\"path\":\"/api/\"},\"sent\":\"2020-01-02T03:04:05Z\",\"status\":200}]}",
    "/nowhere/answers.json",
};

START_TEST(refuses_other_files)
{
    char error[256] = "";
    const struct emulator_settings settings = {.replay = wrong_files[_i], .plain_http = true};
    ck_assert_ptr_null(emulator_start(&settings, error, sizeof error));
    ck_assert_ptr_nonnull(
        strstr(error, wrong_files[_i][0] == '{' ? "no file of --save" : "cannot be read"));
}
END_TEST

Suite *replay_suite(void)
{
    Suite *suite = suite_create("replay");
    TCase *tests = tcase_create("replay");
    tcase_add_checked_fixture(tests, client_set_up, client_tear_down);
    tcase_add_test(tests, finds_requests_whatever_their_times_and_order);
    tcase_add_test(tests, gives_the_intervals_of_a_vm_to_any);
    tcase_add_test(tests, repeats_answers_in_their_order);
    tcase_add_test(tests, serves_statuses_headers_and_what_is_no_json);
    tcase_add_test(tests, moves_times_to_be_as_old_as_they_were);
    tcase_add_test(tests, moves_all_answers_of_a_run_alike);
    tcase_add_test(tests, opens_and_closes_sessions_as_it_was);
    tcase_add_test(tests, refuses_logons_that_were_refused);
    tcase_add_loop_test(tests, refuses_other_files, 0, COUNT(wrong_files));
    suite_add_tcase(suite, tests);
    return suite;
}
