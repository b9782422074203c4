// SPDX-License-Identifier: GPL-3.0-or-later
/* How old EM's data is: data collections, their logs, other system sessions, and who may see them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <check.h>

#include "unit/emulator/client.h"
#include "unit/suites.h"

#define FIRST "00057ade-8f1a-4b54-a265-391441981e25"
#define ORIGIN "https://em01.example.invalid:9398/api"
#define LIST "Entities.SystemSessions.SystemSessions"

static void start_with(const char *keys)
{
    char scenario[2048];
    snprintf(scenario, sizeof scenario,
             "{\"backup_servers\":[{\"name\":\"vbr01\"},{\"name\":\"vbr02\"}]%s%s}",
             keys[0] != '\0' ? "," : "", keys);
    client_start_scenario(scenario);
    client_log_on();
}

static void start_collections(const char *keys)
{
    char more[1024];
    snprintf(more, sizeof more, "\"collections\":{%s}", keys);
    start_with(more);
}

/* ---- collections that follow from a rule ---- */

static time_t time_of(const char *text)
{
    struct tm fields = {0};
    ck_assert_msg(strptime(text, "%Y-%m-%dT%H:%M:%S", &fields) != NULL, "%s", text);
    return timegm(&fields);
}

/* Has the nth newest data collection, from 1, as the first of the last answer's entities. */
static void ask_for_collection(int nth)
{
    char more[64];
    snprintf(more, sizeof more, "&sortDesc=CreationTimeUTC&pageSize=1&page=%d", nth);
    ck_assert_int_eq(client_query("SystemSession", "SessionType==\"CollectJob\"", more), 200);
}

static const struct {
    const char *keys;
    int nth;
    int minutes; // since it started
    const char *state;
    long seconds; // it took; -1: it runs
} collection_cases[] = {
    {"", 1, 5, "CompletedSuccessfully", 18},
    {"", 2, 20, "CompletedSuccessfully", 18},
    {"", 97, 5 + 24 * 60, "CompletedSuccessfully", 18},
    {"\"newest\":\"-1m\"", 2, 16, "CompletedSuccessfully", 18},
    {"\"newest\":\"+2m\"", 1, 13, "CompletedSuccessfully", 18},
    {"\"newest\":\"-128m\"", 1, 8, "CompletedSuccessfully", 18},
    {"\"every_minutes\":60", 2, 65, "CompletedSuccessfully", 18},
    {"\"takes_seconds\":240", 1, 5, "CompletedSuccessfully", 240},
    {"\"takes_seconds\":7200", 1, 5, "InProgress", -1},
    {"\"takes_seconds\":7200", 10, 140, "CompletedSuccessfully", 7200},
    {"\"periods\":[{\"since\":\"-3h\",\"none\":true}]", 1, 185, "CompletedSuccessfully", 18},
    {"\"periods\":[{\"since\":\"-1h\",\"until\":\"-10m\",\"none\":true}]", 2, 65,
     "CompletedSuccessfully", 18},
    {"\"periods\":[{\"since\":\"-30m\",\"misses\":[\"vbr02\"]}]", 1, 5, "CompletedWarning", 18},
    {"\"periods\":[{\"since\":\"-30m\",\"misses\":[\"vbr02\"]}]", 3, 35, "CompletedSuccessfully",
     18},
    {"\"periods\":[{\"misses\":[\"vbr02\",\"vbr01\"]}]", 1, 5, "Failed", 18},
    {"\"periods\":[{\"misses\":[\"vbr02\"],\"state\":\"Failed\"}]", 1, 5, "Failed", 18},
    {"\"periods\":[{\"misses\":[\"vbr02\"],\"state\":\"CompletedSuccessfully\"}]", 1, 5,
     "CompletedSuccessfully", 18},
    {"\"periods\":[{\"until\":\"-1h\",\"state\":\"Failed\"}]", 4, 50, "CompletedSuccessfully", 18},
    {"\"periods\":[{\"until\":\"-1h\",\"state\":\"Failed\"}]", 5, 65, "Failed", 18},
    {"\"periods\":[{\"since\":\"-10m\",\"takes_seconds\":7200}]", 1, 5, "InProgress", -1},
    {"\"periods\":[{\"since\":\"-10m\",\"takes_seconds\":7200}]", 2, 20, "CompletedSuccessfully",
     18},
    {"\"periods\":[{\"since\":\"-10m\",\"state\":\"Failed\"},{\"none\":true}]", 1, 5, "Failed", 18},
    {"\"others\":false", 1, 5, "CompletedSuccessfully", 18},
};

START_TEST(collects)
{
    start_collections(collection_cases[_i].keys);
    ask_for_collection(collection_cases[_i].nth);
    cJSON *json = client_document();
    const cJSON *session = client_member(json, LIST ".0");
    const time_t created = time_of(client_text(session, "CreationTimeUTC"));
    const long minutes = (long)(time(NULL) - created) / 60;
    const cJSON *end = client_member(session, "EndTimeUTC");
    const long seconds = cJSON_IsNull(end) ? -1 : (long)(time_of(end->valuestring) - created);
    ck_assert_str_eq(client_text(session, "SessionType"), "CollectJob");
    ck_assert_str_eq(client_text(session, "State"), collection_cases[_i].state);
    ck_assert_int_eq(seconds, collection_cases[_i].seconds);
    ck_assert_int_ge(minutes, collection_cases[_i].minutes);
    ck_assert_int_lt(minutes, collection_cases[_i].minutes + 10); // a slow machine
    cJSON_Delete(json);
}
END_TEST

START_TEST(collects_only_by_hand)
{
    start_with("\"collections\":{\"every_minutes\":0},\"system_sessions\":[{\"created\":\"-2h\","
               "\"ended\":\"-119m\"},{\"type\":\"LicAutoUpdate\",\"created\":\"-1h\"}]");
    ask_for_collection(1);
    client_expect("PagingInfo.PagesCount", "1");
    client_expect(LIST ".0.State", "\"CompletedSuccessfully\"");
    ck_assert_int_eq(client_query("SystemSession", "SessionType==LicAutoUpdate",
                                  "&sortDesc=CreationTimeUTC&pageSize=1"),
                     200);
    client_expect(LIST ".0.State", "\"InProgress\"");
}
END_TEST

/* Collections go on as EM's clock does, and keep their UIDs. */
START_TEST(goes_on_collecting)
{
    start_with("");
    ask_for_collection(1);
    cJSON *json = client_document();
    char uid[128];
    snprintf(uid, sizeof uid, "\"%s\"", client_text(json, LIST ".0.UID"));
    cJSON_Delete(json);
    emulator_advance(client.emulator, 840); // the logon lasts 900
    ask_for_collection(2);
    client_expect(LIST ".0.UID", uid);
    emulator_advance(client.emulator, 840); // the logon lasts 900
    ask_for_collection(3);
    client_expect(LIST ".0.UID", uid);
}
END_TEST

/* What EM does besides goes on where no data is collected any more. */
START_TEST(has_other_sessions)
{
    static const char *const types[] = {"CollectJob",          "HistoryCollectJob",
                                        "LicAutoUpdate",       "CatalogReplicationJob",
                                        "DatabaseMaintenance", "SecurityScopesRebuild"};
    start_collections(_i == 0 ? "\"periods\":[{\"since\":\"-3h\",\"none\":true}]"
                              : "\"others\":false");
    ck_assert_int_eq(client_query("SystemSession", "", "&sortDesc=CreationTimeUTC&pageSize=4000"),
                     200);
    client_expect(LIST ".0.SessionType", _i == 0 ? "\"HistoryCollectJob\"" : "\"CollectJob\"");
    for (int i = 0; i < COUNT(types); i++) {
        ck_assert_int_eq(client_has(types[i]), _i == 0 || i == 0);
    }
}
END_TEST

/* ---- one session ---- */

#define GIVEN                                                                                      \
    "\"system_sessions\":[{\"uid\":\"" FIRST "\",\"created\":\"2025-01-27T17:05:52.069837Z\","     \
    "\"ended\":\"2025-01-27T17:06:10.491337Z\""

static const struct {
    const char *keys; // of the session
    const char *path;
    const char *value;
} member_cases[] = {
    {"", "Name", "\"Collect Job @2025-01-27 17:05:52.069837\""},
    {"", "UID", "\"urn:veeam:SystemSession:" FIRST "\""},
    {"", "Type", "\"SystemSession\""},
    {"", "Href", "\"" ORIGIN "/systemSessions/" FIRST "?format=Entity\""},
    {"", "Links.0.Rel", "\"Down\""},
    {"", "Links.0.Href", "\"" ORIGIN "/systemSessions/" FIRST "/events\""},
    {"", "Links.0.Type", "\"SystemSessionEvents\""},
    {"", "SessionType", "\"CollectJob\""},
    {",\"type\":\"CatalogReplicationJob\"", "SessionType", "\"CatalogReplicationJob\""},
    {",\"type\":\"CatalogReplicationJob\"", "Name",
     "\"Catalog Replication Job @2025-01-27 17:05:52.069837\""},
    {"", "CreationTimeUTC", "\"2025-01-27T17:05:52.069Z\""},
    {"", "EndTimeUTC", "\"2025-01-27T17:06:10.491Z\""},
    {"", "State", "\"CompletedSuccessfully\""},
    {",\"state\":\"CompletedWarning\"", "State", "\"CompletedWarning\""},
    {",\"misses\":[\"vbr01\"]", "State", "\"CompletedWarning\""},
    {",\"state\":\"InProgress\"", "Result.Result", "\"None\""},
    {"", "Result", "{\"Result\":\"CompletedSuccessfully\",\"Message\":\"\",\"IsCanceled\":false}"},
    {",\"state\":\"Failed\",\"message\":\"x\",\"canceled\":true", "Result",
     "{\"Result\":\"Failed\",\"Message\":\"x\",\"IsCanceled\":true}"},
    {",\"members\":{\"State\":\"Odd\"}", "State", "\"Odd\""},
    {",\"omit\":[\"EndTimeUTC\"]", "EndTimeUTC", "absent"},
};

START_TEST(has_members)
{
    char keys[512];
    snprintf(keys, sizeof keys, GIVEN "%s}]", member_cases[_i].keys);
    start_with(keys);
    ck_assert_int_eq(client_get("/api/systemSessions/" FIRST "?format=Entity"), 200);
    client_expect(member_cases[_i].path, member_cases[_i].value);
}
END_TEST

static const struct {
    const char *keys; // of the session
    const char *log;  // what it has of "data from", and of the last event
} log_cases[] = {
    {"", "Retrieving data from vbr01...|Retrieving data from vbr02...|"
         "Data collection from vbr01 completed successfully.|"
         "Data collection from vbr02 completed successfully.|Data collection job finished.|"},
    {",\"misses\":[\"vbr02\"]",
     "Retrieving data from vbr01...|Retrieving data from vbr02...|"
     "Data collection from vbr01 completed successfully.|Data collection job finished.|"},
    {",\"misses\":[\"vbr02\",\"vbr01\"]",
     "Retrieving data from vbr01...|Retrieving data from vbr02...|Data collection job finished.|"},
    {",\"misses\":[\"vbr01\"],\"missed_event\":\"Data collection from vbr01 failed.\"",
     "Retrieving data from vbr01...|Retrieving data from vbr02...|"
     "Data collection from vbr02 completed successfully.|Data collection job finished.|"
     "Data collection from vbr01 failed.|"},
    {",\"events\":[\"Data collection job finished.\"]", "Data collection job finished.|"},
    {",\"events\":[]", ""},
    {",\"type\":\"LicAutoUpdate\"", "Job successfully started.|"},
};

/* The log has each message once, and no other about data. */
START_TEST(has_a_log)
{
    char keys[512];
    snprintf(keys, sizeof keys, GIVEN "%s}]", log_cases[_i].keys);
    start_with(keys);
    ck_assert_int_eq(client_get("/api/systemSessions/" FIRST "/events"), 200);
    char *log = strdup(log_cases[_i].log);
    char *rest = NULL;
    int expected = 0;
    for (char *line = strtok_r(log, "|", &rest); line != NULL; line = strtok_r(NULL, "|", &rest)) {
        ck_assert_msg(client_has(line), "%s is not in %s", line, client.answered.body);
        expected += strstr(line, "ata ") != NULL && strstr(line, "from") != NULL;
    }
    free(log);
    int seen = 0;
    cJSON *json = client_document();
    const cJSON *event = NULL;
    int order = 0;
    cJSON_ArrayForEach(event, client_member(json, "Events"))
    {
        const char *message = client_text(event, "Message");
        seen += strstr(message, "data from") != NULL && strstr(message, "Preparing") == NULL;
        seen += strstr(message, "collection from") != NULL;
        ck_assert_int_eq(client_member(event, "Order")->valueint, ++order);
        ck_assert_ptr_null(strchr(client_text(event, "CreationTimeUTC"), 'Z'));
    }
    cJSON_Delete(json);
    ck_assert_int_eq(seen, expected);
    client_expect("Type", "\"SystemSessionEvents\"");
    client_expect("Links.0.Rel", "\"Up\"");
}
END_TEST

/* A collection that runs has not completed with any server yet. */
START_TEST(has_the_log_of_one_that_runs)
{
    start_collections("\"takes_seconds\":600");
    ask_for_collection(1);
    cJSON *json = client_document();
    char path[128];
    snprintf(path, sizeof path, "/api/systemSessions/%s/events",
             strrchr(client_text(json, LIST ".0.UID"), ':') + 1);
    cJSON_Delete(json);
    ck_assert_int_eq(client_get(path), 200);
    ck_assert(client_has("Retrieving data from vbr02..."));
    ck_assert(!client_has("completed") && !client_has("finished"));
}
END_TEST

START_TEST(words_sessions)
{
    start_with("\"wording\":{\"casing\":\"camel\"}," GIVEN "}]");
    ck_assert_int_eq(client_get("/api/systemSessions/" FIRST "?format=Entity"), 200);
    client_expect("creationTimeUTC", "\"2025-01-27T17:05:52.069837Z\"");
    client_expect("result.isCanceled", "false");
    ck_assert_int_eq(client_get("/api/systemSessions/" FIRST "/events"), 200);
    client_expect("events.0.creationTimeUTC", "\"2025-01-27T17:05:52.069837\"");
    ck_assert_int_eq(client_get_xml("/api/systemSessions/" FIRST "/events"), 200);
    ck_assert(client_has("</Links><Events><CreationTimeUTC>2025-01-27T17:05:52.069837</"));
    ck_assert_int_eq(client_get_xml("/api/systemSessions?format=Entity"), 200);
    ck_assert(client_has("<SystemSessions xmlns=") && client_has("><Sessions Name=\""));
}
END_TEST

/* ---- lists and queries ---- */

START_TEST(lists_sessions)
{
    static const char *const paths[] = {"/api/systemSessions?format=Entity", "/api/systemSessions",
                                        "/api/systemSessions"};
    const char *list = _i == 1 ? "Refs" : "Sessions";
    start_with(_i == 2 ? "\"wording\":{\"system_sessions_are_entities\":true}," GIVEN "}]"
                       : GIVEN "}]");
    ck_assert_int_eq(client_get(paths[_i]), 200);
    ck_assert_int_gt(client_count(list), 3000);
    ck_assert_int_lt(client_count(list), 4000);
    ck_assert(!client_has(FIRST)); // more than 30 days old
    ck_assert(!client_has("PagingInfo"));
    cJSON *json = client_document();
    int falls = 0;
    const char *before = "";
    const cJSON *session = NULL;
    cJSON_ArrayForEach(session, client_member(json, list))
    {
        const char *at = strchr(client_text(session, "Name"), '@');
        falls += strcmp(at, before) < 0;
        before = at;
    }
    ck_assert_int_gt(falls, 1000);
    ck_assert_int_lt(falls, cJSON_GetArraySize(client_member(json, list)) - 1000);
    cJSON_Delete(json);
}
END_TEST

static const struct {
    const char *filter;
    const char *more;
    int count; // -1: a 400
} filter_cases[] = {
    {"SessionType==\"CollectJob\"", "&sortDesc=CreationTimeUTC&pageSize=10", 10},
    {"SessionType==CollectJob;CreationTimeUTC>=\"2025-01-01\";CreationTimeUTC<\"2025-02-01\"", "",
     1},
    {"UID==" FIRST, "", 1},
    {"Name==\"Collect Job @2025-01-27 17:05:52.069837\"", "", 1},
    {"State==InProgress", "", 0},
    {"State==CompletedSuccessfully;EndTimeUTC<\"2025-02-01\"", "", 1},
    {"SessionType==\"Nothing\"", "", 0},
    {"Result==Failed", "", -1},
    {"", "&sortDesc=Message", -1},
};

START_TEST(filters_sessions)
{
    start_with(GIVEN "}]");
    const int count = filter_cases[_i].count;
    ck_assert_int_eq(client_query("SystemSession", filter_cases[_i].filter, filter_cases[_i].more),
                     count < 0 ? 400 : 200);
    ck_assert(count < 0 || client_count(LIST) == count);
}
END_TEST

/* ---- who may see them ---- */

#define USER "\"role\":\"Portal User\","

static const struct {
    const char *keys;
    const char *path;
    long status;
} role_cases[] = {
    {"", "/api/systemSessions?format=Entity", 200},
    {"", "/api/query?type=SystemSession", 200},
    {"", "/api/systemSessions/" FIRST "/events", 200},
    {"\"role\":\"Portal Administrator\",", "/api/systemSessions/" FIRST, 200},
    {USER, "/api/systemSessions", 403},
    {USER, "/api/systemSessions/" FIRST, 403},
    {USER, "/api/systemSessions/" FIRST "/events", 403},
    {USER, "/api/query?type=SystemSession", 403},
    {USER, "/api/query?type=CdpPolicy", 200},
    {USER, "/api/query?type=CdpReplica", 200},
    {USER, "/api/cdpReplica/vms", 200},
    {USER, "/api/query?type=CdpReplicaTaskSession", 200},
    {USER "\"refuses\":{\"policies_query\":403},", "/api/query?type=CdpPolicy", 403},
    {USER "\"refuses\":{\"system_sessions\":0},", "/api/systemSessions", 200},
    {USER "\"refuses\":{\"system_sessions\":0},", "/api/systemSessions/" FIRST "/events", 403},
    {"\"refuses\":{\"system_sessions_query\":400},", "/api/query?type=SystemSession", 400},
    {"\"refuses\":{\"system_sessions_query\":400},", "/api/systemSessions", 200},
    {"\"refuses\":{\"system_sessions\":404},", "/api/systemSessions", 404},
    {"\"refuses\":{\"system_session_events\":404},", "/api/systemSessions/" FIRST "/events", 404},
    {"\"refuses\":{\"system_session_events\":404},", "/api/systemSessions/" FIRST, 200},
    {"\"may\":{\"read_cdp\":false},", "/api/systemSessions", 200},
};

START_TEST(answers_by_role)
{
    char keys[512];
    snprintf(keys, sizeof keys, "%s" GIVEN "}]", role_cases[_i].keys);
    start_with(keys);
    ck_assert_int_eq(client_get(role_cases[_i].path), role_cases[_i].status);
}
END_TEST

Suite *system_sessions_suite(void)
{
    Suite *suite = suite_create("system sessions");
    TCase *tests = tcase_create("system sessions");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, client_set_up, client_tear_down);
    tcase_add_loop_test(tests, collects, 0, COUNT(collection_cases));
    tcase_add_test(tests, collects_only_by_hand);
    tcase_add_test(tests, goes_on_collecting);
    tcase_add_loop_test(tests, has_other_sessions, 0, 2);
    tcase_add_loop_test(tests, has_members, 0, COUNT(member_cases));
    tcase_add_loop_test(tests, has_a_log, 0, COUNT(log_cases));
    tcase_add_test(tests, has_the_log_of_one_that_runs);
    tcase_add_test(tests, words_sessions);
    tcase_add_loop_test(tests, lists_sessions, 0, 3);
    tcase_add_loop_test(tests, filters_sessions, 0, COUNT(filter_cases));
    tcase_add_loop_test(tests, answers_by_role, 0, COUNT(role_cases));
    suite_add_tcase(suite, tests);
    return suite;
}
