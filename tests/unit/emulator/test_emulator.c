// SPDX-License-Identifier: GPL-3.0-or-later
/* Logons, task sessions, queries, faults, counts and TLS of the emulator; its pure parts by tables.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cJSON.h>
#include <check.h>
#include <curl/curl.h>

#include "emulator/criteria.h"
#include "emulator/emulator.h"
#include "emulator/fields.h"
#include "emulator/node.h"
#include "emulator/request.h"
#include "emulator/scenario.h"
#include "unit/emulator/client.h"
#include "unit/scratch.h"
#include "unit/suites.h"

#define DB01 "2ec4d35f-b5d8-4cb3-9d11-12e1d5792625"

static const char tasks_path[] = "Entities.CdpReplicaTaskSessions.CdpReplicaTaskSessions";

static long query(const char *filter, const char *more)
{
    return client_query("CdpReplicaTaskSession", filter, more);
}

static int tasks_found(void)
{
    return client_count(tasks_path);
}

static const char demo[] = SCENARIOS "/demo.json";

/* ---- logon and logoff ---- */

START_TEST(greets_without_logon)
{
    client_start(&(struct emulator_settings){0});
    ck_assert_int_eq(client_ask("GET", "/api/", CLIENT_JSON, NULL), 200);
    cJSON *json = client_document();
    const cJSON *versions = client_member(json, "SupportedVersions.SupportedVersions");
    ck_assert_int_eq(cJSON_GetArraySize(versions), 3);
    ck_assert_str_eq(client_text(cJSON_GetArrayItem(versions, 2), "Name"), "v1_7");
    cJSON_Delete(json);
    ck_assert_int_eq(client_ask("GET", "/api", NULL), 200);
    ck_assert(client_has("<EnterpriseManager xmlns=\"http://www.veeam.com/ent/v1.0\""));
}
END_TEST

static const struct {
    const char *method;
    const char *path;
    const char *authorization;
    long status;
} logon_cases[] = {
    {"POST", "/api/sessionMngr/?v=latest", CLIENT_BASIC, 201},
    {"POST", "/api/sessionMngr/?v=v1_7", CLIENT_BASIC, 201},
    {"POST", "/api/sessionMngr/?v=v1_5", CLIENT_BASIC, 201},
    {"POST", "/api/sessionMngr/", CLIENT_BASIC, 201},
    {"POST", "/api/sessionMngr", CLIENT_BASIC, 201},
    {"POST", "/api/sessionMngr/?v=latest", "authorization: basic bW9uaXRvcjpzZWNyZXQ=", 201},
    {"POST", "/api/sessionMngr/?v=v9_9", CLIENT_BASIC, 400},
    {"POST", "/api/sessionMngr/?v=latest", NULL, 401},
    {"POST", "/api/sessionMngr/?v=latest", "Authorization: Basic bW9uaXRvcjp3cm9uZw==", 401},
    {"POST", "/api/sessionMngr/?v=latest", "Authorization: Basic !!!", 401},
    {"POST", "/api/sessionMngr/?v=latest", "Authorization: Bearer bW9uaXRvcjpzZWNyZXQ=", 401},
    {"GET", "/api/sessionMngr/?v=latest", CLIENT_BASIC, 405},
};

START_TEST(logs_on)
{
    client_start_scenario(NULL);
    const char *authorization = logon_cases[_i].authorization;
    long status = client_ask(logon_cases[_i].method, logon_cases[_i].path,
                             authorization != NULL ? authorization : CLIENT_JSON, NULL);
    ck_assert_int_eq(status, logon_cases[_i].status);
    char *challenge = client_header("WWW-Authenticate");
    ck_assert_int_eq(challenge != NULL, status == 401);
    if (challenge != NULL) {
        ck_assert_str_eq(challenge, "Basic Realm=RestSvc");
    }
    free(challenge);
    ck_assert_uint_eq(emulator_counts(client.emulator).logons, status == 201);
    ck_assert_uint_eq(emulator_counts(client.emulator).open_sessions, status == 201);
}
END_TEST

START_TEST(tells_the_session)
{
    client_start(&(struct emulator_settings){0});
    client_log_on();
    cJSON *json = client_document();
    ck_assert_str_eq(client_text(json, "UserName"), "monitor");
    ck_assert_str_eq(client_text(json, "Type"), "LogonSession");
    const cJSON *links = client_member(json, "Links");
    const cJSON *last = cJSON_GetArrayItem(links, cJSON_GetArraySize(links) - 1);
    ck_assert_str_eq(client_text(last, "Rel"), "Delete");
    ck_assert_ptr_nonnull(strstr(client_text(last, "Href"), client.session_id));
    cJSON_Delete(json);
    ck_assert(client_has("{\"Rel\":\"Down\",\"Href\":\"https://em01.example.invalid:9398/api/"
                         "cdpReplicaTaskSessions\",\"Name\":null,"
                         "\"Type\":\"CdpReplicaTaskSessionReferenceList\"}"));
    char *cookie = client_header("Set-Cookie");
    char *location = client_header("Location");
    char expected[256];
    snprintf(expected, sizeof expected, "X-RestSvcSessionId=%s; Path=/api; ", client.token);
    ck_assert_int_eq(strncmp(cookie, expected, strlen(expected) - 1), 0);
    ck_assert_ptr_nonnull(strstr(location, client.session_id));
    free(cookie);
    free(location);
}
END_TEST

/* The token is the base64 of the session's id: 36 characters are 48 without padding. */
START_TEST(token_is_the_id)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    client_start_scenario(NULL);
    client_log_on();
    ck_assert_uint_eq(strlen(client.token), 48);
    for (size_t i = 0; i < 36; i += 3) {
        unsigned long bits = 0;
        for (size_t k = 0; k < 4; k++) {
            bits =
                bits << 6 | (unsigned long)(strchr(letters, client.token[i / 3 * 4 + k]) - letters);
        }
        const char bytes[] = {(char)(bits >> 16 & 255), (char)(bits >> 8 & 255),
                              (char)(bits & 255)};
        ck_assert_mem_eq(bytes, client.session_id + i, 3);
    }
}
END_TEST

START_TEST(logs_off)
{
    char path[128];
    client_start_scenario(NULL);
    client_log_on();
    ck_assert_int_eq(
        client_ask("DELETE", "/api/logonSessions/99999", client.token_header, CLIENT_JSON, NULL),
        400);
    client_expect_error(400, " ID 99999 is invalid. Type: LogonSession");
    ck_assert_int_eq(
        client_ask("DELETE", "/api/logonSessions/" CLIENT_NOWHERE, client.token_header, NULL), 404);
    snprintf(path, sizeof path, "/api/logonSessions/%s", client.session_id);
    ck_assert_int_eq(client_ask("DELETE", path, NULL), 401);
    ck_assert_int_eq(client_ask("DELETE", path, client.token_header, NULL), 204);
    ck_assert_uint_eq(client.answered.length, 0);
    ck_assert_int_eq(client_ask("DELETE", path, client.token_header, NULL), 401);
    ck_assert_int_eq(client_get("/api/cdpReplicaTaskSessions"), 401);
    ck_assert_uint_eq(emulator_counts(client.emulator).logoffs, 1);
    ck_assert_uint_eq(emulator_counts(client.emulator).open_sessions, 0);
}
END_TEST

START_TEST(lists_logons)
{
    client_start_scenario(NULL);
    client_log_on();
    client_log_on();
    ck_assert_int_eq(client_get("/api/logonSessions"), 200);
    cJSON *json = client_document();
    ck_assert_int_eq(cJSON_GetArraySize(client_member(json, "LogonSessions")), 2);
    cJSON_Delete(json);
}
END_TEST

START_TEST(expires_idle_logons)
{
    client_start_scenario(NULL);
    client_log_on();
    emulator_advance(client.emulator, 899);
    ck_assert_int_eq(client_get("/api/cdpPolicies"), 200);
    emulator_advance(client.emulator, 899);
    ck_assert_int_eq(client_get("/api/cdpPolicies"), 200);
    emulator_advance(client.emulator, 900);
    ck_assert_int_eq(client_get("/api/cdpPolicies"), 401);
    client_expect_error(401, "Unauthorized");
    client_log_on();
    emulator_expire(client.emulator);
    ck_assert_int_eq(client_get("/api/cdpPolicies"), 401);
}
END_TEST

START_TEST(cookie_beats_header)
{
    char cookie[256];
    client_start_scenario(NULL);
    client_log_on();
    snprintf(cookie, sizeof cookie, "Cookie: a=b; X-RestSvcSessionId=%s", client.token);
    ck_assert_int_eq(client_ask("GET", "/api/cdpPolicies", cookie, NULL), 200);
    ck_assert_int_eq(client_ask("GET", "/api/cdpPolicies", cookie, "X-RestSvcSessionId: no", NULL),
                     200);
    ck_assert_int_eq(client_ask("GET", "/api/cdpPolicies", client.token_header,
                                "Cookie: X-RestSvcSessionId=no", NULL),
                     401);
}
END_TEST

START_TEST(may_need_a_length)
{
    client_start(&(struct emulator_settings){.plain_http = true, .require_content_length = true});
    ck_assert_int_eq(client_ask("POST", "/api/sessionMngr/?v=latest", CLIENT_BASIC, NULL), 411);
    ck_assert_int_eq(
        client_ask("POST", "/api/sessionMngr/?v=latest", CLIENT_BASIC, "Content-Length: 0", NULL),
        201);
}
END_TEST

START_TEST(takes_other_credentials)
{
    client_start(&(struct emulator_settings){
        .plain_http = true, .user = "EXAMPLE\\monitor", .password = "pa:ss"});
    ck_assert_int_eq(client_ask("POST", "/api/sessionMngr/?v=latest", CLIENT_BASIC, NULL), 401);
    // EXAMPLE\monitor:pa:ss
    ck_assert_int_eq(client_ask("POST", "/api/sessionMngr/?v=latest",
                                "Authorization: Basic RVhBTVBMRVxtb25pdG9yOnBhOnNz", NULL),
                     201);
}
END_TEST

START_TEST(denies_by_role)
{
    client_start_scenario("{\"may\":{\"read_cdp\":false}}");
    client_log_on();
    ck_assert_int_eq(client_get("/api/cdpReplicaTaskSessions"), 403);
    client_expect_error(403, "Access is denied.");
    ck_assert_int_eq(query("", ""), 403);
    ck_assert_int_eq(client_get("/api/backupServers"), 200);
    char error[128] = "";
    ck_assert_int_eq(
        emulator_play(client.emulator, "{\"may\":{\"log_on\":false}}", error, sizeof error), 0);
    ck_assert_int_eq(client_ask("POST", "/api/sessionMngr/?v=latest", CLIENT_BASIC, NULL), 403);
}
END_TEST

/* ---- one session ---- */

static const char small[] =
    "{\"vms\":[{\"name\":\"srv-db01\",\"sessions\":[{\"created\":\"2025-08-14T12:31:30.389954Z\","
    "\"ended\":\"2025-08-14T20:31:31Z\",\"total_size\":214748364800,\"result\":\"Warning\","
    "\"reason\":\"slow & late\",\"uid\":\"" DB01 "\"}]}]";

static void start_small(const char *more)
{
    char scenario[2048];
    snprintf(scenario, sizeof scenario, "%s%s}", small, more);
    client_start_scenario(scenario);
    client_log_on();
}

START_TEST(shows_an_entity)
{
    start_small("");
    ck_assert_int_eq(client_get("/api/cdpReplicaTaskSessions/" DB01 "?format=Entity"), 200);
    cJSON *json = client_document();
    ck_assert_str_eq(client_text(json, "UID"), "urn:veeam:CdpReplicaTaskSession:" DB01);
    ck_assert_str_eq(client_text(json, "Name"), "srv-db01@2025-08-14 12:31:30");
    ck_assert_str_eq(client_text(json, "VmDisplayName"), "srv-db01");
    ck_assert_str_eq(client_text(json, "CreationTimeUTC"), "2025-08-14T12:31:30.389Z");
    ck_assert_str_eq(client_text(json, "EndTimeUTC"), "2025-08-14T20:31:31Z");
    ck_assert_str_eq(client_text(json, "State"), "Completed");
    ck_assert_str_eq(client_text(json, "Result"), "Warning");
    ck_assert_str_eq(client_text(json, "Reason"), "slow & late");
    ck_assert_str_eq(client_text(json, "Type"), "CdpReplicaTaskSession");
    ck_assert(client_member(json, "TotalSize")->valuedouble == 214748364800.0);
    ck_assert_str_eq(client_text(json, "Href"), "https://em01.example.invalid:9398/api/"
                                                "replicaTaskSessions/" DB01 "?format=Entity");
    const cJSON *links = client_member(json, "Links");
    ck_assert_int_eq(cJSON_GetArraySize(links), 3);
    ck_assert_str_eq(client_text(cJSON_GetArrayItem(links, 0), "Type"), "BackupServerReference");
    ck_assert_str_eq(client_text(cJSON_GetArrayItem(links, 1), "Type"),
                     "CdpReplicaSessionReference");
    ck_assert_str_eq(client_text(cJSON_GetArrayItem(links, 1), "Name"),
                     "CDP Policy@2025-08-13 15:00:08");
    ck_assert_str_eq(client_text(cJSON_GetArrayItem(links, 2), "Href"),
                     "https://em01.example.invalid:9398/api/cdpReplicaTaskSessions/" DB01);
    cJSON_Delete(json);
}
END_TEST

START_TEST(shows_a_reference)
{
    start_small("");
    ck_assert_int_eq(client_get("/api/cdpReplicaTaskSessions/" DB01), 200);
    ck_assert(!client_has("\"State\"") && !client_has("\"Result\"") &&
              client_has("\"Name\":\"srv-db01@"));
    ck_assert(client_has("\"Type\":\"CdpReplicaTaskSessionReference\""));
    ck_assert_int_eq(client_get_xml("/api/cdpReplicaTaskSessions/" DB01), 200);
    ck_assert(client_has("<EntityRef xmlns=\"http://www.veeam.com/ent/v1.0\"") &&
              !client_has("<State>"));
}
END_TEST

START_TEST(shows_xml)
{
    start_small("");
    ck_assert_int_eq(client_get_xml("/api/cdpReplicaTaskSessions/" DB01 "?format=Entity"), 200);
    const char *root = strstr(client.answered.body, "<CdpReplicaTaskSession xmlns=");
    ck_assert_ptr_nonnull(root);
    const char *const parts[] = {(" UID=\"urn:veeam:CdpReplicaTaskSession:" DB01 "\""),
                                 "<Links><Link Rel=\"Up\"",
                                 "<PolicySessionUid>urn:veeam:CdpReplicaSession:",
                                 "<CreationTimeUTC>2025-08-14T12:31:30.389Z</CreationTimeUTC>",
                                 "<EndTimeUTC>2025-08-14T20:31:31Z</EndTimeUTC>",
                                 "<State>Completed</State><Result>Warning</Result>",
                                 "<Reason>slow &amp; late</Reason>",
                                 "<TotalSize>214748364800</TotalSize></CdpReplicaTaskSession>"};
    for (int i = 0; i < COUNT(parts); i++) {
        const char *at = strstr(root, parts[i]);
        ck_assert_msg(at != NULL, "not in order: %s in %s", parts[i], client.answered.body);
        root = at;
    }
}
END_TEST

static const struct {
    const char *accept;
    bool json;
} accept_cases[] = {
    {"Accept: application/json", true},
    {"Accept:", false},
    {"Accept: */*", false},
    {"Accept: application/xml", false},
    {"Accept: application/xml, application/json", true},
};

START_TEST(chooses_by_accept)
{
    client_start_scenario(NULL);
    ck_assert_int_eq(client_ask("GET", "/api/", accept_cases[_i].accept, NULL), 200);
    ck_assert_int_eq(client.answered.body[0] == '{', accept_cases[_i].json);
    char *type = client_header("Content-Type");
    ck_assert_int_eq(strstr(type, "json") != NULL, accept_cases[_i].json);
    free(type);
}
END_TEST

static const struct {
    const char *wording; // and more of the scenario
    const char *there;
    const char *not_there;
} wording_cases[] = {
    {"{}", "\"CreationTimeUTC\":\"2025-08-14T12:31:30.389Z\"", "\"creationTimeUTC\""},
    {"{\"casing\":\"camel\"}", "\"creationTimeUTC\":\"2025-08-14T12:31:30.389954Z\"", "\"UID\""},
    {"{\"casing\":\"camel\"}", "\"uid\":\"urn:veeam:CdpReplicaTaskSession:", "\"Links\""},
    {"{\"casing\":\"camel\"}", "\"state\":\"Completed\"", "\"completed\""},
    {"{\"fraction_digits\":0}", "12:31:30Z", "12:31:30."},
    {"{\"fraction_digits\":7}", "12:31:30.389954Z", "389954Z0"},
    {"{\"bom\":true}", "\xEF\xBB\xBF{", "\xEF\xBB\xBF\xEF"},
    {"{\"origin\":\"http://em:1\"}", "\"http://em:1/api/", "9398"},
    {"{\"proper_self_href\":true}", "/cdpReplicaTaskSessions/" DB01 "?format=Entity",
     "/replicaTaskSessions/"},
};

START_TEST(words_its_answers)
{
    char more[256];
    snprintf(more, sizeof more, ",\"wording\":%s", wording_cases[_i].wording);
    char scenario[2048];
    snprintf(scenario, sizeof scenario, "%s%s}", small, more);
    client_start_scenario(scenario);
    ck_assert_int_eq(
        client_ask("POST", "/api/sessionMngr/?v=latest", CLIENT_BASIC, CLIENT_JSON, NULL), 201);
    client_take_token();
    ck_assert_int_eq(client_get("/api/cdpReplicaTaskSessions/" DB01 "?format=Entity"), 200);
    ck_assert_msg(client_has(wording_cases[_i].there), "%s", client.answered.body);
    ck_assert_msg(!client_has(wording_cases[_i].not_there), "%s", client.answered.body);
}
END_TEST

static const struct {
    const char *wording;
    const char *session; // more of its keys
    const char *there;
    const char *not_there;
} running_cases[] = {
    {"{}", "", "\"EndTimeUTC\":null", "9999"},
    {"{}", "", "\"Reason\":\"\"", "9999"},
    {"{\"running_end\":\"absent\"}", "", "\"State\":\"InProgress\",\"Result\":\"Success\"",
     "EndTimeUTC"},
    {"{\"empty_reason\":\"absent\"}", "", "\"State\"", "Reason"},
    {"{\"empty_reason\":\"null\"}", "", "\"Reason\":null", "9999"},
    {"{\"nulls\":\"omitted\"}", "", "\"State\"", "null"},
    {"{}", ",\"state\":\"Pending\",\"result\":\"None\"",
     "\"State\":\"Pending\",\"Result\":\"None\"", "9999"},
    {"{}", ",\"members\":{\"EndTimeUTC\":5,\"Reason\":null,\"Result\":\"Odd\",\"X\":{\"y\":[1]}}",
     "\"EndTimeUTC\":5,\"State\":\"InProgress\",\"Result\":\"Odd\",\"Reason\":null",
     "\"EndTimeUTC\":null"},
    {"{}", ",\"members\":{\"X\":{\"y\":[1]}}", "\"X\":{\"y\":[1]}", "9999"},
    {"{}", ",\"omit\":[\"VmDisplayName\",\"Type\"]", "\"State\"", "VmDisplayName"},
};

START_TEST(shows_running_sessions)
{
    char scenario[1024];
    snprintf(scenario, sizeof scenario,
             "{\"wording\":%s,\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"-2h 13m\","
             "\"uid\":\"" DB01 "\"%s}]}]}",
             running_cases[_i].wording, running_cases[_i].session);
    client_start_scenario(scenario);
    client_log_on();
    ck_assert_int_eq(client_get("/api/cdpReplicaTaskSessions/" DB01 "?format=Entity"), 200);
    cJSON_Delete(client_document());
    ck_assert_msg(client_has(running_cases[_i].there), "%s", client.answered.body);
    ck_assert_msg(!client_has(running_cases[_i].not_there), "%s", client.answered.body);
    ck_assert_int_eq(client_get_xml("/api/cdpReplicaTaskSessions/" DB01 "?format=Entity"), 200);
    ck_assert(!client_has("Reason") || _i >= 7);
}
END_TEST

/* What is not documented can be played either way. */
START_TEST(plays_variants)
{
    client_start_scenario(
        "{\"wording\":{\"ascii\":true,\"any_path_case\":true,\"any_text_case\":true,"
        "\"xml_numeric_entities\":true},\"vms\":[{\"name\":\"ü\\u0001🚀a\",\"sessions\":"
        "[{\"created\":\"-1h\"}]}]}");
    client_log_on();
    ck_assert_int_eq(client_get("/api/CDPREPLICATASKSESSIONS?format=Entity"), 200);
    ck_assert_msg(client_has("\"\\u00FC\\u0001\\uD83D\\uDE80a\""), "%s", client.answered.body);
    ck_assert_int_eq(query("VmDisplayName==\"ü\1🚀A\"", ""), 200);
    ck_assert_int_eq(tasks_found(), 1);
    ck_assert_int_eq(client_get_xml("/api/cdpPolicies"), 200);
    ck_assert(client_has("Href=\"https:&#x2F;&#x2F;em01.example.invalid:9398&#x2F;api"));
}
END_TEST

/* An EM that has no such field, or leaves a filter by it aside. */
START_TEST(plays_filters_that_fail)
{
    client_start_scenario(
        "{\"wording\":{\"refused_field\":\"State\",\"ignored_field\":\"VmDisplayName\"},"
        "\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"-1h\"}]},"
        "{\"name\":\"b\",\"sessions\":[{\"created\":\"-2h\"}]}]}");
    client_log_on();
    ck_assert_int_eq(query("State!=Completed", ""), 400);
    ck_assert(client_has("there is no field"));
    ck_assert_int_eq(query("(State!=Completed,VmDisplayName==a)", ""), 400);
    ck_assert_int_eq(query("VmDisplayName==a", ""), 200);
    ck_assert_int_eq(tasks_found(), 2);
    ck_assert_int_eq(query("CreationTimeUTC>=\"2999-01-01\";VmDisplayName==a", ""), 200);
    ck_assert_int_eq(tasks_found(), 0);
    // To sort by it is another matter.
    ck_assert_int_eq(query("", "&sortDesc=State"), 200);
}
END_TEST

/* ---- collections and errors ---- */

START_TEST(lists_sessions)
{
    client_start_scenario(
        "{\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"-1h\"},{\"created\":"
        "\"-29d\",\"ended\":\"-28d\"},{\"created\":\"-31d\",\"ended\":\"-30d\"}]}]}");
    client_log_on();
    ck_assert_int_eq(client_get("/api/cdpReplicaTaskSessions"), 200);
    cJSON *json = client_document();
    ck_assert_int_eq(cJSON_GetArraySize(client_member(json, "Refs")), 2);
    ck_assert_ptr_null(client_member(json, "PagingInfo"));
    cJSON_Delete(json);
    ck_assert_int_eq(client_get("/api/cdpReplicaTaskSessions?format=Entity"), 200);
    json = client_document();
    ck_assert_int_eq(cJSON_GetArraySize(client_member(json, "CdpReplicaTaskSessions")), 2);
    cJSON_Delete(json);
    ck_assert_int_eq(query("", ""), 200);
    ck_assert_int_eq(tasks_found(), 3);
    ck_assert_int_eq(client_get_xml("/api/cdpReplicaTaskSessions"), 200);
    ck_assert(client_has("<EntityReferences xmlns=") && client_has("><Ref UID=\""));
    ck_assert_int_eq(client_get_xml("/api/cdpReplicaSessions?format=Entity"), 200);
    ck_assert(client_has("<CdpReplicaSessions xmlns=") && client_has("<CdpPolicySession ") &&
              client_has("Type=\"CdpReplicaSession\""));
}
END_TEST

START_TEST(lists_below_a_policy_session)
{
    client_start_scenario(demo);
    client_log_on();
    ck_assert_int_eq(client_get("/api/cdpReplicaTaskSessions/" DB01 "?format=Entity"), 200);
    cJSON *json = client_document();
    char path[256];
    snprintf(path, sizeof path, "/api/cdpReplicaSessions/%s?format=Entity",
             strrchr(client_text(json, "PolicySessionUid"), ':') + 1);
    cJSON_Delete(json);
    ck_assert_int_eq(client_get(path), 200);
    json = client_document();
    ck_assert_str_eq(client_text(json, "PolicyName"), "CDP Policy");
    ck_assert_str_eq(client_text(json, "PolicyType"), "CdpReplica");
    ck_assert(cJSON_IsFalse(client_member(json, "IsRetry")));
    cJSON_Delete(json);
    snprintf(strchr(path, '?'), 64, "/cdpReplicaTaskSessions?format=Entity");
    ck_assert_int_eq(client_get(path), 200);
    ck_assert(client_has("\"UID\":\"urn:veeam:CdpReplicaTaskSession:" DB01 "\""));
    ck_assert(!client_has("srv-wait01"));
}
END_TEST

static const struct {
    const char *method;
    const char *path;
    long status;
} error_cases[] = {
    {"GET", "/api/cdpReplicaTaskSessions/99999", 400},
    {"GET", "/api/cdpReplicaTaskSessions/urn:veeam:CdpReplicaTaskSession:" DB01, 400},
    {"GET", "/api/cdpReplicaTaskSessions/" CLIENT_NOWHERE, 404},
    {"GET", "/api/cdpReplicaSessions/" CLIENT_NOWHERE "/cdpReplicaTaskSessions", 404},
    {"GET", "/api/nothing", 404},
    {"GET", "/api/cdpReplicaTaskSessions/" DB01 "/vms", 404},
    {"GET", "/api/a/b/c/d/e/f", 404},
    {"GET", "/API/CDPREPLICATASKSESSIONS", 404},
    {"POST", "/api/cdpReplicaTaskSessions", 405},
    {"DELETE", "/api/query?type=Job", 405},
    {"GET", "/api/query", 400},
    {"GET", "/api/query?type=Nonsense", 400},
    {"GET", "/api/query?type=CdpReplicaTaskSession&format=Strange", 400},
    {"GET", "/api/query?type=CdpReplicaTaskSession&filter=Result==Failed", 400},
    {"GET", "/api/query?type=CdpReplicaTaskSession&sortDesc=Result", 400},
    {"GET", "/api/query?type=CdpReplicaTaskSession&sortAsc=Name&sortDesc=Name", 400},
    {"GET", "/api/query?type=CdpReplicaTaskSession&pageSize=0", 400},
    {"GET", "/api/query?type=CdpReplicaTaskSession&page=-1", 400},
    {"GET", "/api/query?type=CdpReplicaTaskSession&pageSize=x", 400},
    {"GET", "/api/query?type=CdpReplicaTaskSession&filter=%zz", 400},
};

START_TEST(answers_errors)
{
    client_start_scenario(demo);
    client_log_on();
    ck_assert_int_eq(client_ask(error_cases[_i].method, error_cases[_i].path, client.token_header,
                                CLIENT_JSON, NULL),
                     error_cases[_i].status);
    cJSON *json = client_document();
    ck_assert_int_eq(client_member(json, "StatusCode")->valueint, (int)error_cases[_i].status);
    ck_assert_uint_gt(strlen(client_text(json, "Message")), 5);
    cJSON_Delete(json);
    ck_assert_int_eq(
        client_ask(error_cases[_i].method, error_cases[_i].path, client.token_header, NULL),
        error_cases[_i].status);
    ck_assert(client_has("<Error xmlns=\"http://www.veeam.com/ent/v1.0\"") &&
              client_has(" StatusCode=\""));
}
END_TEST

START_TEST(words_errors)
{
    client_start_scenario(demo);
    client_log_on();
    client_get("/api/cdpReplicaTaskSessions/99999");
    client_expect_error(400, " ID 99999 is invalid. Type: CdpReplicaTaskSession");
    client_get("/api/cdpReplicaTaskSessions/" CLIENT_NOWHERE);
    client_expect_error(404, "Cannot find CdpReplicaTaskSession [" CLIENT_NOWHERE "]");
    ck_assert_int_eq(client_ask("GET", "/other", NULL), 404);
    ck_assert(client_has("<html>"));
}
END_TEST

/* ---- the query service ---- */

START_TEST(answers_queries)
{
    client_start_scenario(demo);
    client_log_on();
    ck_assert_int_eq(query("VmDisplayName==\"srv-db01\"", "&sortDesc=CreationTimeUTC"), 200);
    cJSON *json = client_document();
    const cJSON *list = client_member(json, tasks_path);
    ck_assert_int_eq(cJSON_GetArraySize(list), 3);
    ck_assert_str_eq(client_text(cJSON_GetArrayItem(list, 0), "State"), "InProgress");
    ck_assert_str_eq(client_text(cJSON_GetArrayItem(list, 0), "UID"),
                     "urn:veeam:CdpReplicaTaskSession:" DB01);
    ck_assert(cJSON_IsNull(client_member(json, "Refs")));
    ck_assert(cJSON_IsNull(client_member(json, "Resources")));
    ck_assert(cJSON_IsNull(client_member(json, "Entities.Jobs")));
    ck_assert(cJSON_IsNull(client_member(json, "Entities.CdpReplicaSessions")));
    ck_assert_int_eq(client_member(json, "PagingInfo.PageSize")->valueint, 100);
    ck_assert_int_eq(client_member(json, "PagingInfo.PagesCount")->valueint, 1);
    cJSON_Delete(json);
    ck_assert_int_eq(client_get("/api/query?type=cdpreplicatasksession&format=entities"
                                "&sortAsc=creationtimeutc"),
                     200);
    ck_assert_int_eq(tasks_found(), 16);
}
END_TEST

/* By a clock that stands at two in the afternoon: policy sessions are replaced an hour later. */
START_TEST(answers_other_types)
{
    const time_t of_day = time(NULL) % (INT64_C(24) * 3600);
    client_start(&(struct emulator_settings){
        .scenario = demo, .plain_http = true, .clock_offset_seconds = INT64_C(14) * 3600 - of_day});
    client_log_on();
    ck_assert_int_eq(client_get("/api/query?type=Job&format=Entities&filter=Whatever==1"), 200);
    cJSON *json = client_document();
    ck_assert(cJSON_IsArray(client_member(json, "Entities.Jobs.Jobs")));
    ck_assert(cJSON_IsNull(client_member(json, "Entities.CdpReplicaTaskSessions")));
    ck_assert_int_eq(client_member(json, "PagingInfo.PagesCount")->valueint, 1);
    cJSON_Delete(json);
    ck_assert_int_eq(client_get("/api/query?type=CdpReplicaSession&format=Entities"
                                "&filter=PolicyName==%22CDP+Policy+Gold%22;State!=Stopped"),
                     200);
    json = client_document();
    const cJSON *list = client_member(json, "Entities.CdpReplicaSessions.CdpReplicaSessions");
    ck_assert_int_ge(cJSON_GetArraySize(list), 1);
    ck_assert_str_eq(client_text(cJSON_GetArrayItem(list, 0), "State"), "Working");
    ck_assert_str_eq(client_text(cJSON_GetArrayItem(list, 0), "Result"), "None");
    cJSON_Delete(json);
    ck_assert_int_eq(client_get("/api/query?type=CdpReplicaTaskSession"), 200);
    json = client_document();
    ck_assert_int_eq(cJSON_GetArraySize(client_member(json, "Refs.Refs")), 16);
    ck_assert(cJSON_IsNull(client_member(json, "Entities")));
    cJSON_Delete(json);
}
END_TEST

static bool has_link(const cJSON *json, const char *rel)
{
    const cJSON *link = NULL;
    cJSON_ArrayForEach(link, client_member(json, "PagingInfo.Links"))
    {
        if (strcmp(client_text(link, "Rel"), rel) == 0) {
            return true;
        }
    }
    return false;
}

START_TEST(pages_through_all)
{
    char seen[64][64] = {""};
    int count = 0;
    client_start_scenario(demo);
    client_log_on();
    for (int page = 1; page <= 4; page++) {
        char more[64];
        snprintf(more, sizeof more, "&sortDesc=State&pageSize=5&page=%d", page);
        ck_assert_int_eq(query("", more), 200);
        cJSON *json = client_document();
        const cJSON *task = NULL;
        cJSON_ArrayForEach(task, client_member(json, tasks_path))
        {
            for (int i = 0; i < count; i++) {
                ck_assert_str_ne(seen[i], client_text(task, "UID"));
            }
            snprintf(seen[count++], sizeof seen[0], "%s", client_text(task, "UID"));
        }
        ck_assert_int_eq(client_member(json, "PagingInfo.PagesCount")->valueint, 4);
        ck_assert_int_eq(client_member(json, "PagingInfo.PageNum")->valueint, page);
        ck_assert_int_eq(has_link(json, "Next"), page < 4);
        ck_assert_int_eq(has_link(json, "Previous"), page > 1);
        ck_assert(has_link(json, "First") && has_link(json, "Last"));
        cJSON_Delete(json);
    }
    ck_assert_int_eq(count, 16);
    ck_assert_int_eq(query("", "&pageSize=5&page=5"), 200);
    ck_assert_int_eq(tasks_found(), 0);
}
END_TEST

START_TEST(sorts)
{
    client_start_scenario(demo);
    client_log_on();
    static const char *const orders[] = {"&sortAsc=CreationTimeUTC", "&sortDesc=creationtimeutc"};
    for (int order = 0; order < 2; order++) {
        ck_assert_int_eq(query("", orders[order]), 200);
        cJSON *json = client_document();
        const char *before = NULL;
        const cJSON *task = NULL;
        cJSON_ArrayForEach(task, client_member(json, tasks_path))
        {
            const char *created = client_text(task, "CreationTimeUTC");
            int sign = before == NULL ? 0 : strncmp(before, created, strlen("2025-08-14T12:31:30"));
            ck_assert(order == 0 ? sign <= 0 : sign >= 0);
            before = created;
        }
        ck_assert_ptr_nonnull(before);
        cJSON_Delete(json);
    }
}
END_TEST

START_TEST(caps_pages)
{
    client_start_scenario(
        "{\"generate\":{\"vms\":150,\"completed\":1},\"wording\":{\"largest_page\":50}}");
    client_log_on();
    ck_assert_int_eq(query("", "&pageSize=1000"), 200);
    ck_assert_int_eq(tasks_found(), 50);
    ck_assert(client_has("\"PageNum\":1,\"PageSize\":50,\"PagesCount\":6"));
}
END_TEST

/* Whatever is in a name, its VM is found, and no other. */
START_TEST(finds_odd_names)
{
    client_start_scenario(SCENARIOS "/odd-names.json");
    client_log_on();
    ck_assert_int_eq(query("", "&pageSize=1000"), 200);
    cJSON *json = client_document();
    const cJSON *task = NULL;
    int checked = 0;
    cJSON_ArrayForEach(task, client_member(json, tasks_path))
    {
        char filter[1024] = "VmDisplayName==\"";
        size_t length = strlen(filter);
        for (const char *at = client_text(task, "VmDisplayName"); *at != '\0'; at++) {
            length += (size_t)snprintf(filter + length, sizeof filter - length, "%s%c",
                                       *at == '"' ? "\"" : "", *at);
        }
        snprintf(filter + length, sizeof filter - length, "\"");
        ck_assert_int_eq(query(filter, ""), 200);
        ck_assert_msg(tasks_found() == 2, "%s", filter);
        checked++;
    }
    cJSON_Delete(json);
    ck_assert_int_ge(checked, 40);
    ck_assert_int_eq(client_get_xml("/api/cdpReplicaTaskSessions?format=Entity"), 200);
    ck_assert(client_has("VmDisplayName=\"&lt;b&gt;bold&lt;/b&gt;\""));
}
END_TEST

/* ---- faults ---- */

START_TEST(plays_replies)
{
    client_start_scenario("{\"replies\":[{\"path\":\"/api/cdpPolicies\",\"status\":503,\"nth\":2,"
                          "\"headers\":{\"Retry-After\":\"5\"},\"body\":\"<html>busy</html>\"},"
                          "{\"method\":\"GET\",\"path\":\"/api/backupServers\",\"status\":401,"
                          "\"times\":1},"
                          "{\"path\":\"/api/query\",\"status\":200,\"body\":{\"odd\":[1]}},"
                          "{\"path\":\"/api/query\",\"status\":500},"
                          "{\"path\":\"/api/cdpReplicaSessions\",\"status\":302,"
                          "\"headers\":{\"Location\":\"https://127.0.0.1:1/\"}}]}");
    client_log_on();
    ck_assert_int_eq(client_get("/api/cdpPolicies"), 200);
    ck_assert_int_eq(client_get("/api/cdpPolicies"), 503);
    ck_assert_str_eq(client.answered.body, "<html>busy</html>");
    char *after = client_header("Retry-After");
    ck_assert_str_eq(after, "5");
    free(after);
    ck_assert_int_eq(client_get("/api/cdpPolicies"), 200);
    ck_assert_int_eq(client_get("/api/backupServers"), 401);
    ck_assert_int_eq(client_get("/api/backupServers"), 200);
    ck_assert_int_eq(query("", ""), 200);
    ck_assert_str_eq(client.answered.body, "{\"odd\":[1]}");
    ck_assert_int_eq(client_get("/api/cdpReplicaSessions"), 302);
}
END_TEST

START_TEST(breaks_connections)
{
    client_start_scenario(
        "{\"replies\":[{\"path\":\"/api/cdpPolicies\",\"drop\":true},"
        "{\"path\":\"/api/query\",\"status\":200,\"body\":\"{}\",\"truncate\":10},"
        "{\"path\":\"/api/backupServers\",\"status\":200,\"body_base64\":\"AAEC\","
        "\"repeat\":1000000}]}");
    client_log_on();
    client_get("/api/cdpPolicies");
    ck_assert_int_eq(client.answered.code, CURLE_GOT_NOTHING);
    query("", "");
    ck_assert_int_eq(client.answered.code, CURLE_PARTIAL_FILE);
    ck_assert_str_eq(client.answered.body, "{}");
    ck_assert_int_eq(client_get("/api/backupServers"), 200);
    ck_assert_uint_eq(client.answered.length, 3000000);
    ck_assert_mem_eq(client.answered.body + 2999997, "\0\1\2", 3);
}
END_TEST

/* Ends the transfer once the two bytes that do come have come. */
static int end_after_body(void *closure, curl_off_t expected, curl_off_t got, curl_off_t to_send,
                          curl_off_t sent)
{
    (void)closure;
    (void)expected;
    (void)to_send;
    (void)sent;
    return got == 2;
}

/* What is cut short may also stay open; the end does not wait for it. */
START_TEST(stalls)
{
    client_start_scenario(
        "{\"replies\":[{\"path\":\"/api/cdpPolicies\",\"status\":200,\"body\":\"{}\","
        "\"truncate\":1,\"stall\":3600}]}");
    curl_easy_setopt(client.curl, CURLOPT_XFERINFOFUNCTION, end_after_body);
    curl_easy_setopt(client.curl, CURLOPT_NOPROGRESS, 0L);
    client_get("/api/cdpPolicies");
    ck_assert_int_eq(client.answered.code, CURLE_ABORTED_BY_CALLBACK);
    ck_assert_str_eq(client.answered.body, "{}");
}
END_TEST

static void *ask_aside(void *closure)
{
    struct client_answer *answer = closure;
    CURL *handle = curl_easy_init();
    client_send_request(handle, "GET", "/api/cdpPolicies", NULL, NULL, answer);
    curl_easy_cleanup(handle);
    return NULL;
}

/* A reply that would take an hour holds up neither another connection nor the end. */
START_TEST(delays_one_connection_alone)
{
    struct client_answer aside = {0};
    pthread_t thread;
    client_start_scenario("{\"replies\":[{\"path\":\"/api/cdpPolicies\",\"delay\":3600.5}]}");
    client_log_on();
    ck_assert_int_eq(pthread_create(&thread, NULL, ask_aside, &aside), 0);
    while (emulator_counts(client.emulator).requests < 2) {
        sched_yield();
    }
    ck_assert_int_eq(client_get("/api/backupServers"), 200);
    emulator_stop(client.emulator);
    client.emulator = NULL;
    pthread_join(thread, NULL);
    client_forget(&aside);
}
END_TEST

/* ---- counts and control ---- */

static double connection_member(const char *path)
{
    ck_assert_int_eq(client_ask("GET", "/emulator/connections", NULL), 200);
    cJSON *json = client_document();
    const cJSON *value = client_member(json, path);
    const double number = value != NULL ? value->valuedouble : -1;
    cJSON_Delete(json);
    return number;
}

START_TEST(tells_connections)
{
    client_start(&(struct emulator_settings){.scenario = demo});
    ck_assert_int_eq(client_ask("GET", "/emulator/connections", NULL), 200);
    ck_assert_str_eq(client.answered.body, "[]");
    const double start = (double)time(NULL);
    client_log_on();
    emulator_advance(client.emulator, 100);
    query("", "");
    ck_assert_double_ge(connection_member("0.first"), start);
    ck_assert_double_le(connection_member("0.first"), start + 60);
    ck_assert_double_ge(connection_member("0.last"), start + 100);
    ck_assert_double_eq(connection_member("0.requests"), 2);
    ck_assert_int_eq(client_ask("GET", "/api/", "Connection: close", NULL), 200);
    ck_assert_int_eq(client_ask("GET", "/api/", NULL), 200);
    ck_assert_double_eq(connection_member("0.requests"), 3);
    ck_assert_double_eq(connection_member("1.requests"), 1);
    ck_assert_double_ge(connection_member("1.first"), connection_member("0.last"));
    ck_assert_int_eq(client_ask("POST", "/emulator/reset", NULL), 200);
    ck_assert_int_eq(client_ask("GET", "/api/", NULL), 200); // known from before
    ck_assert_double_eq(connection_member("0.requests"), -1);
}
END_TEST

START_TEST(counts_requests)
{
    client_start(&(struct emulator_settings){.scenario = demo});
    client_log_on();
    query("VmDisplayName==\"srv-db01\"", "");
    struct emulator_counts counts = emulator_counts(client.emulator);
    ck_assert_uint_eq(counts.logons, 1);
    ck_assert_uint_eq(counts.requests, 2);
    ck_assert_uint_eq(counts.connections, 1);
    char *log = emulator_log(client.emulator);
    ck_assert_str_eq(log, "POST /api/sessionMngr/?v=latest\n"
                          "GET /api/query?type=CdpReplicaTaskSession&format=Entities"
                          "&filter=VmDisplayName%3D%3D%22srv-db01%22\n");
    free(log);
    ck_assert_int_eq(client_ask("GET", "/emulator/counts", NULL), 200);
    cJSON *json = client_document();
    ck_assert_int_eq(client_member(json, "requests")->valueint, 2);
    ck_assert_int_eq(client_member(json, "open_sessions")->valueint, 1);
    ck_assert_int_eq(cJSON_GetArraySize(client_member(json, "log")), 2);
    cJSON_Delete(json);
    ck_assert_int_eq(client_ask("POST", "/emulator/reset", NULL), 200);
    counts = emulator_counts(client.emulator);
    ck_assert_uint_eq(counts.requests + counts.logons + counts.connections, 0);
    ck_assert_uint_eq(counts.open_sessions, 1);
    ck_assert_int_eq(client_ask("POST", "/emulator/expire", NULL), 200);
    ck_assert_int_eq(query("", ""), 401);
}
END_TEST

static const struct {
    const char *method;
    const char *path;
    bool writes;
} write_cases[] = {
    {"GET", "/api/cdpPolicies", false},
    {"GET", "/api/backupServers?action=collect", false},
    {"POST", "/api/sessionMngr/?v=latest", false},
    {"POST", "/api/sessionMngr", false},
    {"DELETE", "/api/logonSessions/" CLIENT_NOWHERE, false},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals", false},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=failover", true},
    {"POST",
     "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals&action=failover",
     true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals%20",
     true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE, true},
    {"POST", "/api/backupServers/" CLIENT_NOWHERE "?action=collect", true},
    {"POST", "/api/cdpPolicies/" CLIENT_NOWHERE "?action=disable", true},
    {"POST", "/api/sessionMngrs", true},
    {"POST", "/api/", true},
    {"DELETE", "/api/cdpPolicies/" CLIENT_NOWHERE, true},
    {"PUT", "/api/cdpPolicies/" CLIENT_NOWHERE, true},
    {"PATCH", "/api/sessionMngr", true},
    // what a link that is hostile, or was put together badly, may have sent
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals&x=1",
     true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?x=1&action=intervals",
     true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?&action=intervals", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals&", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=Intervals", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?ACTION=INTERVALS", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=%69ntervals", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?%61ction=intervals", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals;", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals+", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=+intervals", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals%00",
     true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals%23",
     true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "??action=intervals", true},
    {"POST",
     "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=failover?action=intervals",
     true},
    {"POST",
     "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals?action=failover",
     true},
    {"POST",
     "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE
     "%3Faction=failover?action=intervals",
     true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "%3faction=intervals", true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "/?action=failover", true},
    {"POST",
     "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "/../%2e%2e?action=intervals", true},
    {"POST",
     "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE ";action=failover?action=intervals",
     true},
    {"POST", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "/?action=intervals", false},
    {"POST", "/api/cdpReplicas/../cdpPolicies/" CLIENT_NOWHERE "?action=intervals", true},
    {"POST", "/api/%63dpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals", true},
    {"POST", "/api//cdpReplicas/" CLIENT_NOWHERE "?action=intervals", true},
    {"POST", "/API/cdpReplicas/" CLIENT_NOWHERE "?action=failover", true},
    {"POST", "/api/sessionMngr/../cdpReplicas/" CLIENT_NOWHERE "?action=failover", true},
    {"POST", "/api/sessionMngr/%2e%2e/cdpReplicas/" CLIENT_NOWHERE "?action=failover", true},
    {"POST", "/api/sessionMngr/cdpReplicas?action=failover", true},
    {"POST", "/api/sessionMng", true},
    {"POST", "/api/sessionMngr/?v=v1_7", false},
    {"POST", "/api/sessionmngr?v=latest", false},
    {"DELETE", "/api/logonSessions/../cdpPolicies/" CLIENT_NOWHERE "", true},
    {"PUT", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals", true},
    {"post", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" CLIENT_NOWHERE "?action=intervals", true},
};

/* What could change something in EM is counted for good, whatever is answered. */
START_TEST(counts_writes)
{
    client_start_scenario(_i % 2 == 0 ? NULL : "{\"replies\":[{\"status\":200,\"body\":\"{}\"}]}");
    curl_easy_setopt(client.curl, CURLOPT_PATH_AS_IS, 1L);
    client_ask(write_cases[_i].method, write_cases[_i].path, CLIENT_BASIC, NULL);
    ck_assert_uint_eq(emulator_counts(client.emulator).requests, 1);
    ck_assert_uint_eq(emulator_counts(client.emulator).writes, write_cases[_i].writes);
    ck_assert_int_eq(client_ask("POST", "/emulator/reset", NULL), 200);
    ck_assert_int_eq(client_ask("GET", "/emulator/counts", NULL), 200);
    cJSON *json = client_document();
    ck_assert_int_eq(client_member(json, "requests")->valueint, 0);
    ck_assert_int_eq(client_member(json, "writes")->valueint, write_cases[_i].writes);
    cJSON_Delete(json);
}
END_TEST

/* Outside /api, where nothing else is counted. */
START_TEST(counts_writes_elsewhere)
{
    client_start_scenario(NULL);
    ck_assert_int_eq(client_ask("GET", "/", NULL), 404);
    ck_assert_uint_eq(emulator_counts(client.emulator).writes, 0);
    ck_assert_int_eq(client_ask("POST", "/%61pi/sessionMngr", NULL), 404);
    ck_assert_int_eq(client_ask("POST", "/apis?action=intervals", NULL), 404);
    ck_assert_uint_eq(emulator_counts(client.emulator).writes, 2);
    ck_assert_uint_eq(emulator_counts(client.emulator).requests, 0);
}
END_TEST

START_TEST(swaps_scenarios)
{
    client_start_scenario(demo);
    client_log_on();
    client_send_request(client.curl, "POST", "/emulator/scenario", NULL,
                        "{\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"-1h\"}]}]}",
                        &client.answered);
    ck_assert_int_eq(client.answered.status, 200);
    ck_assert_int_eq(query("", ""), 200);
    ck_assert_int_eq(tasks_found(), 1);
    client_send_request(client.curl, "POST", "/emulator/scenario", NULL, "{\"vmz\":[]}",
                        &client.answered);
    ck_assert_int_eq(client.answered.status, 400);
    ck_assert_str_eq(client.answered.body, "scenario: unknown key \"vmz\"");
    ck_assert_int_eq(query("", ""), 200);
    ck_assert_int_eq(tasks_found(), 1);
    client_send_request(client.curl, "POST", "/emulator/advance", NULL, "900", &client.answered);
    ck_assert_int_eq(client.answered.status, 200);
    ck_assert_int_eq(query("", ""), 401);
    ck_assert_int_eq(client_ask("GET", "/emulator/nothing", NULL), 404);
}
END_TEST

/* How far the Date of the last answer is ahead of this machine's clock, in seconds. */
static long date_ahead(void)
{
    char *date = client_header("Date");
    ck_assert_ptr_nonnull(date);
    const time_t when = curl_getdate(date, NULL);
    ck_assert_msg(when > 0, "%s", date);
    free(date);
    return (long)(when - time(NULL));
}

/* Whatever answers: EM, a played reply, the controls. */
START_TEST(the_date_is_by_ems_clock)
{
    static const long offsets[] = {0, 3600, -86400};
    const long offset = offsets[_i];
    client_start(&(struct emulator_settings){
        .scenario = "{\"vms\":[],\"replies\":[{\"path\":\"/api/query\",\"status\":503},"
                    "{\"path\":\"/api/x\",\"status\":200,\"headers\":{\"Date\":\"odd\"}}]}",
        .plain_http = true,
        .clock_offset_seconds = offset});
    client_log_on();
    ck_assert_int_le(labs(date_ahead() - offset), 60);
    ck_assert_int_eq(client_ask("GET", "/api/query", NULL), 503);
    ck_assert_int_le(labs(date_ahead() - offset), 60);
    client_send_request(client.curl, "POST", "/emulator/advance", NULL, "-7200", &client.answered);
    ck_assert_int_eq(client_ask("GET", "/emulator/counts", NULL), 200);
    ck_assert_int_le(labs(date_ahead() + 7200 - offset), 60);
    ck_assert_int_eq(client_ask("GET", "/api/x", NULL), 200);
    char *date = client_header("Date");
    ck_assert_str_eq(date, "odd");
    free(date);
}
END_TEST

START_TEST(an_em_may_lack_the_date)
{
    client_start_scenario("{\"vms\":[],\"wording\":{\"lacks_date\":true}}");
    client_log_on();
    char *date = client_header("Date");
    ck_assert_ptr_null(date);
}
END_TEST

/* ---- TLS ---- */

/* Asks with full verification, as a stranger to the pin. */
static CURLcode verify(const char *host, long tls_version)
{
    char path[SCRATCH_SIZE];
    char url[256];
    char resolve[256];
    scratch_template(path, "test_emulator");
    int descriptor = mkstemp(path);
    const char *pem = emulator_certificate_pem(client.emulator);
    ck_assert_int_eq(write(descriptor, pem, strlen(pem)), (ssize_t)strlen(pem));
    close(descriptor);
    const unsigned int port = emulator_port(client.emulator);
    snprintf(url, sizeof url, "https://%s:%u/api/", host, port);
    snprintf(resolve, sizeof resolve, "%s:%u:127.0.0.1", host, port);
    struct curl_slist *addresses = curl_slist_append(NULL, resolve);
    CURL *handle = curl_easy_init();
    FILE *sink = fopen("/dev/null", "w");
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_RESOLVE, addresses);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_CAINFO, path);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, tls_version);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, sink);
    CURLcode code = curl_easy_perform(handle);
    curl_easy_cleanup(handle);
    curl_slist_free_all(addresses);
    fclose(sink);
    unlink(path);
    return code;
}

static const struct {
    struct emulator_settings settings;
    const char *host;
    long tls_version;
    CURLcode code;
} tls_cases[] = {
    {{.bom = false}, "localhost", CURL_SSLVERSION_DEFAULT, CURLE_OK},
    {{.bom = false}, "127.0.0.1", CURL_SSLVERSION_DEFAULT, CURLE_OK},
    {{.bom = false}, "em.example.invalid", CURL_SSLVERSION_DEFAULT, CURLE_PEER_FAILED_VERIFICATION},
    {{.certificate_host = "em.example.invalid"},
     "em.example.invalid",
     CURL_SSLVERSION_DEFAULT,
     CURLE_OK},
    {{.certificate_host = "em.example.invalid", .certificate_host_alone = true},
     "localhost",
     CURL_SSLVERSION_DEFAULT,
     CURLE_PEER_FAILED_VERIFICATION},
    {{.certificate_not_before_seconds = -172800, .certificate_not_after_seconds = -86400},
     "localhost",
     CURL_SSLVERSION_DEFAULT,
     CURLE_PEER_FAILED_VERIFICATION},
    {{.certificate_not_before_seconds = 86400, .certificate_not_after_seconds = 172800},
     "localhost",
     CURL_SSLVERSION_DEFAULT,
     CURLE_PEER_FAILED_VERIFICATION},
    {{.tls_version = 12}, "localhost", CURL_SSLVERSION_TLSv1_2, CURLE_OK},
    {{.tls_version = 12}, "localhost", CURL_SSLVERSION_TLSv1_3, CURLE_SSL_CONNECT_ERROR},
    {{.tls_version = 13}, "localhost", CURL_SSLVERSION_TLSv1_3, CURLE_OK},
};

START_TEST(speaks_tls)
{
    client_start(&tls_cases[_i].settings);
    ck_assert_int_eq(verify(tls_cases[_i].host, tls_cases[_i].tls_version), tls_cases[_i].code);
}
END_TEST

START_TEST(pins_its_key)
{
    client_start(&(struct emulator_settings){0});
    ck_assert_int_eq(client_ask("GET", "/api/", NULL), 200); // the client checks the pin
    char pin[128];
    snprintf(pin, sizeof pin, "%s", emulator_pin(client.emulator));
    emulator_stop(client.emulator);
    client_start(&(struct emulator_settings){0});
    ck_assert_str_ne(pin, emulator_pin(client.emulator)); // each start has a key of its own
}
END_TEST

START_TEST(listens_on_both_loopbacks)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int descriptor = socket(AF_INET6, SOCK_STREAM, 0);
    bool usable =
        descriptor >= 0 && bind(descriptor, (const struct sockaddr *)&address, sizeof address) == 0;
    close(descriptor);
    if (!usable) {
        return; // this machine has no ::1
    }
    client_start_scenario(NULL);
    char url[64];
    snprintf(url, sizeof url, "http://[::1]:%u/emulator/nothing",
             (unsigned int)emulator_port(client.emulator));
    FILE *sink = fopen("/dev/null", "w");
    curl_easy_setopt(client.curl, CURLOPT_URL, url);
    curl_easy_setopt(client.curl, CURLOPT_PROXY, "");
    curl_easy_setopt(client.curl, CURLOPT_WRITEDATA, sink);
    ck_assert_int_eq(curl_easy_perform(client.curl), CURLE_OK);
    fclose(sink);
}
END_TEST

START_TEST(reports_failed_starts)
{
    char error[256] = "";
    client_start_scenario(NULL);
    const struct emulator_settings taken = {.port = emulator_port(client.emulator),
                                            .plain_http = true};
    ck_assert_ptr_null(emulator_start(&taken, error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, "port"));
    ck_assert_ptr_null(emulator_start(
        &(struct emulator_settings){.scenario = "/nonexistent/file.json"}, error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, "/nonexistent/file.json"));
}
END_TEST

/* ---- the pure parts ---- */

/* Three task sessions: a (running), b (completed, 2025-06-15), "c d" (completed, 2025-06-16). */
static const char three[] =
    "{\"backup_servers\":[{\"name\":\"vbr01\",\"uid\":\"7445e6ce-0000-4000-8000-000000000001\"}],"
    "\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"2025-06-17T06:00:00Z\","
    "\"uid\":\"11111111-0000-4000-8000-000000000001\"}]},"
    "{\"name\":\"b\",\"sessions\":[{\"created\":\"2025-06-15T06:00:00.5Z\","
    "\"ended\":\"2025-06-15T14:00:00Z\",\"total_size\":10,\"reason\":\"disk full\"}]},"
    "{\"name\":\"c \\\"d\\\"\",\"sessions\":[{\"created\":\"2025-06-16T06:00:00Z\","
    "\"ended\":\"2025-06-16T14:00:00Z\",\"total_size\":20}]}]}";

static const struct {
    const char *filter;
    int matches; // a bit each for a, b, "c d"; -1: malformed
} filter_cases[] = {
    {"VmDisplayName==a", 1},
    {"vmdisplayname==\"a\"", 1},
    {"VmDisplayName!=a", 6},
    {"VmDisplayName == \"c \"\"d\"\"\"", 4},
    {"VmDisplayName==\"c\"", 0},
    {"VmDisplayName==\"A\"", 0},
    {"VmDisplayName>a", 6},
    {" ( VmDisplayName == a ) ", 1},
    {"VmDisplayName==a,VmDisplayName==b", 3},
    {"VmDisplayName==a;VmDisplayName==b", 0},
    {"VmDisplayName==a,VmDisplayName==b;TotalSize==10", 3},
    {"(VmDisplayName==a,VmDisplayName==b);TotalSize==10", 2},
    {"((VmDisplayName==a),((VmDisplayName==b)))", 3},
    {"State==InProgress", 1},
    {"State!=Completed", 1},
    {"State<Completed", 1},
    {"State>=Pending", 6},
    {"State==completed", -1},
    {"State==Odd", -1},
    {"CreationTimeUTC>=\"2025-06-16\"", 5},
    {"CreationTimeUTC<2025-06-16", 2},
    {"CreationTimeUTC>=\"2025-06-15\";CreationTimeUTC<=\"2025-06-16\"", 2},
    {"CreationTimeUTC>2025-06-15T06:00:00", 7},
    {"CreationTimeUTC>\"2025-06-15T06:00:00.5Z\"", 5},
    {"CreationTimeUTC==\"2025-06-16T06:00:00Z\"", 4},
    {"CreationTimeUTC==\"16.06.2025\"", -1},
    {"CreationTimeUTC>=\"2025-02-30\"", -1},
    {"CreationTimeUTC>=\"2025-06-16T06:00:00+02:00\"", -1},
    {"EndTimeUTC>\"2025-01-01\"", 6},
    {"EndTimeUTC!=\"2025-01-01\"", 6},
    {"TotalSize>10", 4},
    {"TotalSize<=10", 3},
    {"TotalSize>=10", 6},
    {"TotalSize<10", 1},
    {"State>=InProgress", 7},
    {"TotalSize==x", -1},
    {"Reason==\"disk full\"", 2},
    {"Reason==disk full", 0},
    {"Id==11111111-0000-4000-8000-000000000001", 1},
    {"Id==\"11111111-0000-4000-8000-000000000001\"", 1},
    {"Id==\"urn:veeam:CdpReplicaTaskSession:11111111-0000-4000-8000-000000000001\"", 1},
    {"Id==\"urn:veeam:Job:11111111-0000-4000-8000-000000000001\"", -1},
    {"Id!=11111111-0000-4000-8000-000000000001", 6},
    {"Id>11111111-0000-4000-8000-000000000001", -1},
    {"Id==1", -1},
    {"BackupServerUid==7445E6CE-0000-4000-8000-000000000001", 7},
    {"BackupServerName==vbr01", 7},
    {"PolicySessionName==\"CDP Policy@2025-06-14 15:00:08\"", 2},
    {"", -1},
    {"Result==Failed", -1},
    {"PolicyName==a", -1},
    {"VmDisplayName", -1},
    {"VmDisplayName=a", -1},
    {"VmDisplayName==", -1},
    {"VmDisplayName==\"a", -1},
    {"VmDisplayName==a;", -1},
    {"VmDisplayName==a)", -1},
    {"(VmDisplayName==a", -1},
    {"VmDisplayName==srv-db01", -1},
    {"VmDisplayName==\"a\"b", -1},
    {"VmDisplayName==a VmDisplayName==b", -1},
    {"VmDisplayName==a||VmDisplayName==b", -1},
};

START_TEST(filters)
{
    char error[256] = "";
    struct store *store = scenario_load(three, 0, error, sizeof error);
    ck_assert_msg(store != NULL, "%s", error);
    struct arena arena = {0};
    const char *wrong = NULL;
    const struct criterion *criterion =
        criteria_parse(&arena, filter_cases[_i].filter, fields_of_tasks, &wrong);
    int matches = criterion == NULL ? -1 : 0;
    for (size_t i = 0; i < store->task_count && criterion != NULL; i++) {
        if (criteria_match(criterion, store->tasks[i], false)) {
            matches |= 1 << (store->tasks[i]->vm[0] - 'a');
        }
    }
    ck_assert_msg(matches == filter_cases[_i].matches, "%s: %d instead of %d",
                  filter_cases[_i].filter, matches, filter_cases[_i].matches);
    ck_assert_int_eq(wrong != NULL, matches < 0);
    arena_free(&arena);
    store_free(store);
}
END_TEST

START_TEST(bounds_groups)
{
    struct arena arena = {0};
    char deep[1001];
    memset(deep, '(', 1000);
    deep[1000] = '\0';
    const char *wrong = NULL;
    ck_assert_ptr_null(criteria_parse(&arena, deep, fields_of_tasks, &wrong));
    ck_assert_str_eq(wrong, "groups are nested too deep");
    arena_free(&arena);
}
END_TEST

static const struct {
    const char *text;
    int64_t seconds; // -1: not a time
} time_cases[] = {
    {"-8h", 1000000 - 28800},
    {"-2h 13m", 1000000 - 7980},
    {"+1d2s", 1000000 + 86402},
    {"-1w", 1000000 - 604800},
    {"1970-01-02", 86400},
    {"1970-01-02T00:00:01Z", 86401},
    {"-8", -1},
    {"-8y", -1},
    {"-h", -1},
    {"8h", -1},
    {"1970-13-01", -1},
    {"1970-01-01T24:00:00", -1},
    {"1970-01-01T00:00:00.", -1},
    {"1970-01-01 00:00:00", -1},
    {"", -1},
};

START_TEST(reads_times)
{
    moment when = 0;
    bool is_time = moment_parse_scenario(time_cases[_i].text, 1000000 * MOMENT_SECOND, &when);
    int64_t seconds = is_time ? when / MOMENT_SECOND : -1;
    ck_assert_msg(seconds == time_cases[_i].seconds, "%s: %lld", time_cases[_i].text,
                  (long long)seconds);
}
END_TEST

static const struct {
    const char *pascal;
    const char *camel;
} camel_cases[] = {
    {"UID", "uid"},
    {"CreationTimeUTC", "creationTimeUTC"},
    {"VmDisplayName", "vmDisplayName"},
    {"NASJobs", "nasJobs"},
    {"Links", "links"},
    {"VAppReplicaPoints", "vAppReplicaPoints"},
};

START_TEST(writes_camel_case)
{
    char written[64] = "";
    FILE *out = fmemopen(written, sizeof written, "w");
    node_write_camel(out, camel_cases[_i].pascal);
    fclose(out);
    ck_assert_str_eq(written, camel_cases[_i].camel);
}
END_TEST

static const struct {
    const char *text;
    const char *decoded; // NULL: malformed
} decode_cases[] = {
    {"a+b", "a b"}, {"a%2Bb", "a+b"}, {"%c3%BC", "ü"}, {"%25", "%"},  {"", ""},
    {"%", NULL},    {"%4", NULL},     {"%zz", NULL},   {"%00", NULL}, {"%%41", NULL},
};

START_TEST(decodes)
{
    struct arena arena = {0};
    const char *coded = decode_cases[_i].text;
    const char *decoded = request_decode(&arena, coded, strlen(coded), true);
    ck_assert_pstr_eq(decoded, decode_cases[_i].decoded);
    arena_free(&arena);
}
END_TEST

static const struct {
    const char *scenario;
    const char *error;
} scenario_cases[] = {
    {"{", "not JSON"},
    {"{} x", "not JSON"},
    {"{\"vmz\":[]}", "unknown key \"vmz\""},
    {"{\"vms\":{}}", "\"vms\" has the wrong type"},
    {"{\"vms\":[],\"vms\":[]}", "given twice"},
    {"{\"vms\":[{}]}", "\"name\" is missing"},
    {"{\"vms\":[{\"name\":\"a\",\"policy\":\"none\"}]}", "no policy \"none\""},
    {"{\"policies\":[{\"name\":\"p\",\"backup_server\":\"s\"}]}", "no backup server \"s\""},
    {"{\"vms\":[{\"name\":\"a\",\"sessions\":[{}]}]}", "\"created\" is missing"},
    {"{\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"now\"}]}]}", "is not a time"},
    {"{\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"-1h\",\"state\":\"Odd\"}]}]}",
     "\"state\" cannot be \"Odd\""},
    {"{\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"-1h\",\"uid\":\"1\"}]}]}",
     "is not a UUID"},
    {"{\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"-1h\",\"total_size\":-1}]}]}",
     "\"total_size\" has the wrong type or range"},
    {"{\"replies\":[{}]}", "one of \"status\""},
    {"{\"replies\":[{\"status\":99}]}", "out of range"},
    {"{\"replies\":[{\"delay\":1,\"body\":\"x\"}]}", "without \"status\""},
    {"{\"replies\":[{\"status\":200,\"body_base64\":\"!\"}]}", "not base64"},
    {"{\"wording\":{\"casing\":\"upper\"}}", "cannot be \"upper\""},
    {"{\"may\":{\"fly\":true}}", "unknown key \"fly\""},
    {"{\"policies\":[{\"name\":\"p\",\"rpo_schedule\":{\"Monday\":\"1,1\"}}]}",
     "not the hours of a day"},
    {"{\"policies\":[{\"name\":\"p\",\"rpo_schedule\":{\"Mo\":\"11\"}}]}", "unknown key \"Mo\""},
    {"{\"policies\":[{\"name\":\"p\",\"includes\":[{}]}]}", "\"name\" is missing"},
    {"{\"vms\":[{\"name\":\"a\",\"replica\":1}]}", "\"replica\" has the wrong type"},
    {"{\"vms\":[{\"name\":\"a\",\"intervals\":{}}]}", "no \"intervals\" without a replica"},
    {"{\"vms\":[{\"name\":\"a\",\"replica\":true,\"intervals\":5}]}",
     "\"intervals\" has the wrong type"},
    {"{\"vms\":[{\"name\":\"a\",\"replica\":{\"uid\":\"1\"}}]}", "is not a UUID"},
    {"{\"policies\":[{\"name\":\"p\",\"replica_uid\":\"1\"}]}", "is not a UUID"},
    {"{\"policies\":[{\"name\":\"p\",\"long_term_hours\":1000001}]}", "out of range"},
    {"{\"generate\":{\"intervals\":{\"lag\":5}}}", "unknown key \"lag\""},
    {"{\"generate\":{\"intervals\":{\"lag_seconds\":4000000001}}}",
     "\"lag_seconds\" has the wrong type or range"},
    {"{\"generate\":{\"intervals\":{\"status\":200}}}", "not that of an error"},
    {"{\"generate\":{\"intervals\":{\"link\":\"odd\"}}}", "cannot be \"odd\""},
    {"{\"generate\":{\"vms\":1,\"intervals\":{\"link\":\"other_vm\"}}}", "no other VM"},
    {"{\"generate\":{\"intervals\":{\"stretches\":[{\"ago\":5}]}}}", "unknown key \"ago\""},
    {"{\"generate\":{\"intervals\":{\"stretches\":[{\"length_seconds\":5}]}}}", "either \"since\""},
    {"{\"generate\":{\"intervals\":{\"window\":{\"ago_seconds\":5,\"until\":\"-1h\"}}}}",
     "either \"since\""},
    {"{\"generate\":{\"intervals\":{\"answer\":{\"Interval\":[]}}}}", "unknown key \"Interval\""},
    {"{\"generate\":{\"intervals\":{\"answer\":{\"Intervals\":[5]}}}}",
     "\"Intervals\" has what is not an object"},
    {"{\"wording\":{\"interval_bodies\":\"text\"}}", "cannot be \"text\""},
    {"{\"wording\":{\"intervals_earlier_seconds\":1.5}}", "wrong type or range"},
    {"{\"wording\":{\"refused_body_status\":200}}", "not the status of an error"},
    {"{\"vms\":[{\"name\":\"a\",\"replica\":true},{\"name\":\"a\",\"replica\":true}]}",
     "given twice"},
    {"{\"refuses\":{\"replicas\":200}}", "not the status of an error"},
    {"{\"refuses\":{\"backups\":404}}", "unknown key"},
    {"{\"role\":\"Tape Operator\"}", "cannot be \"Tape Operator\""},
    {"{\"collections\":{\"periods\":[{\"misses\":[\"x\"]}]}}", "no backup server \"x\""},
    {"{\"collections\":{\"periods\":[{\"state\":\"Odd\"}]}}", "cannot be \"Odd\""},
    {"{\"collections\":{\"periods\":[{\"since\":\"x\"}]}}", "is not a time"},
    {"{\"collections\":{\"every\":15}}", "unknown key \"every\""},
    {"{\"system_sessions\":[{}]}", "\"created\" is missing"},
    {"{\"wording\":{\"day_text\":\"text\"}}", "cannot be \"text\""},
    {"{\"generate\":5}", "\"generate\" has the wrong type"},
    {"{\"generate\":{\"hours\":0}}", "out of range"},
    {"{\"generate\":{\"minutes\":0}}", "out of range"},
    {"{\"generate\":{\"minutes\":60001}}", "out of range"},
    {"{\"generate\":{\"rotates_from\":\"now\"}}", "is not a time"},
    {"{\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"-1h\"}]},"
     "{\"name\":\"a\",\"sessions\":[{\"created\":\"-2h\"}]}]}",
     "two task sessions"},
};

START_TEST(refuses_scenarios)
{
    char error[256] = "";
    struct store *store = scenario_load(scenario_cases[_i].scenario, 0, error, sizeof error);
    ck_assert_ptr_null(store);
    ck_assert_msg(strstr(error, scenario_cases[_i].error) != NULL, "\"%s\" does not say %s", error,
                  scenario_cases[_i].error);
}
END_TEST

START_TEST(generates_fleets)
{
    char error[256] = "";
    struct store *store = scenario_load(SCENARIOS "/fleet.json", 0, error, sizeof error);
    ck_assert_msg(store != NULL, "%s", error);
    size_t failed = 0;
    for (size_t i = 0; i < store->task_count; i++) {
        failed += store->tasks[i]->result == RESULT_FAILED;
    }
    for (size_t i = 0; i < store->task_count; i++) {
        ck_assert_ptr_eq(
            store_find((void *const *)store->tasks, store->task_count, store->tasks[i]->uid),
            store->tasks[i]);
    }
    ck_assert_ptr_null(store_find((void *const *)store->tasks, store->task_count, CLIENT_NOWHERE));
    ck_assert_uint_eq(store->task_count, 4000);
    ck_assert_uint_eq(failed, 3);
    store_free(store);
}
END_TEST

static void add_network_tests(Suite *suite)
{
    TCase *tests = tcase_create("network");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, client_set_up, client_tear_down);
    tcase_add_test(tests, greets_without_logon);
    tcase_add_loop_test(tests, logs_on, 0, COUNT(logon_cases));
    tcase_add_test(tests, tells_the_session);
    tcase_add_test(tests, token_is_the_id);
    tcase_add_test(tests, logs_off);
    tcase_add_test(tests, lists_logons);
    tcase_add_test(tests, expires_idle_logons);
    tcase_add_test(tests, cookie_beats_header);
    tcase_add_test(tests, may_need_a_length);
    tcase_add_test(tests, takes_other_credentials);
    tcase_add_test(tests, denies_by_role);
    tcase_add_test(tests, shows_an_entity);
    tcase_add_test(tests, shows_a_reference);
    tcase_add_test(tests, shows_xml);
    tcase_add_loop_test(tests, chooses_by_accept, 0, COUNT(accept_cases));
    tcase_add_loop_test(tests, words_its_answers, 0, COUNT(wording_cases));
    tcase_add_loop_test(tests, shows_running_sessions, 0, COUNT(running_cases));
    tcase_add_test(tests, plays_variants);
    tcase_add_test(tests, plays_filters_that_fail);
    tcase_add_test(tests, lists_sessions);
    tcase_add_test(tests, lists_below_a_policy_session);
    tcase_add_loop_test(tests, answers_errors, 0, COUNT(error_cases));
    tcase_add_test(tests, words_errors);
    suite_add_tcase(suite, tests);
}

static void add_query_and_fault_tests(Suite *suite)
{
    TCase *tests = tcase_create("queries and faults");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, client_set_up, client_tear_down);
    tcase_add_test(tests, answers_queries);
    tcase_add_test(tests, answers_other_types);
    tcase_add_test(tests, pages_through_all);
    tcase_add_test(tests, sorts);
    tcase_add_test(tests, caps_pages);
    tcase_add_test(tests, finds_odd_names);
    tcase_add_test(tests, plays_replies);
    tcase_add_test(tests, breaks_connections);
    tcase_add_test(tests, stalls);
    tcase_add_test(tests, delays_one_connection_alone);
    tcase_add_test(tests, counts_requests);
    tcase_add_test(tests, tells_connections);
    tcase_add_loop_test(tests, counts_writes, 0, COUNT(write_cases));
    tcase_add_test(tests, counts_writes_elsewhere);
    tcase_add_test(tests, swaps_scenarios);
    tcase_add_loop_test(tests, the_date_is_by_ems_clock, 0, 3);
    tcase_add_test(tests, an_em_may_lack_the_date);
    tcase_add_loop_test(tests, speaks_tls, 0, COUNT(tls_cases));
    tcase_add_test(tests, pins_its_key);
    tcase_add_test(tests, listens_on_both_loopbacks);
    tcase_add_test(tests, reports_failed_starts);
    suite_add_tcase(suite, tests);
}

static void add_pure_tests(Suite *suite)
{
    TCase *tests = tcase_create("pure");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, filters, 0, COUNT(filter_cases));
    tcase_add_test(tests, bounds_groups);
    tcase_add_loop_test(tests, reads_times, 0, COUNT(time_cases));
    tcase_add_loop_test(tests, writes_camel_case, 0, COUNT(camel_cases));
    tcase_add_loop_test(tests, decodes, 0, COUNT(decode_cases));
    tcase_add_loop_test(tests, refuses_scenarios, 0, COUNT(scenario_cases));
    tcase_add_test(tests, generates_fleets);
    suite_add_tcase(suite, tests);
}

Suite *emulator_suite(void)
{
    Suite *suite = suite_create("emulator");
    add_pure_tests(suite);
    add_network_tests(suite);
    add_query_and_fault_tests(suite);
    return suite;
}
