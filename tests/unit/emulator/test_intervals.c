// SPDX-License-Identifier: GPL-3.0-or-later
/* The intervals of a replica's VM: what is asked for, what is told, by which links. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <check.h>

#include "unit/emulator/client.h"
#include "unit/suites.h"

#define REPLICA "7665222c-2e99-4a3f-b892-1827ba8d1eee"
#define VM "e809a086-2562-4a0f-a9a8-9c115ff8f0ba"
#define ORIGIN "https://em01.example.invalid:9398"
#define VMS_PATH "/api/cdpReplicas/" REPLICA "/vms"
#define VM_PATH VMS_PATH "/" VM
#define PATH VM_PATH "?action=intervals"
#define XML_TYPE "Content-Type: application/xml"
#define JSON_TYPE "Content-Type: application/json"
#define ROOT_XML "<CdpIntervalsSpec xmlns=\"http://www.veeam.com/ent/v1.0\">"
#define START_XML "<StartDate>2025-02-16T16:59:52Z</StartDate>"
#define END_XML "<EndDate>2025-02-17T16:59:52Z</EndDate>"
#define SPEC_XML ROOT_XML START_XML END_XML "</CdpIntervalsSpec>"
#define SPEC_JSON "{\"StartDate\":\"2025-02-16T16:59:52Z\",\"EndDate\":\"2025-02-17T16:59:52Z\"}"

static long clock_ahead; // EM's before this machine's, in seconds

/* One policy, whose VM "a" has these intervals and a known path; "b" is another one. */
static void start_policy(const char *policy, const char *intervals, const char *more)
{
    clock_ahead = 0;
    char scenario[4096];
    snprintf(scenario, sizeof scenario,
             "{\"policies\":[{\"name\":\"P\",\"replica_uid\":\"" REPLICA "\"%s}],"
             "\"vms\":[{\"name\":\"a\",\"replica\":{\"uid\":\"" VM "\"},\"intervals\":{%s}},"
             "{\"name\":\"b\",\"replica\":true}]%s}",
             policy, intervals, more);
    client_start_scenario(scenario);
    client_log_on();
}

static long post(const char *path, const char *type, const char *accept, const char *body)
{
    struct curl_slist *headers = curl_slist_append(NULL, client.token_header);
    headers = curl_slist_append(headers, accept);
    headers = curl_slist_append(headers, type);
    client_send_request(client.curl, "POST", path, headers, body, &client.answered);
    curl_slist_free_all(headers);
    return client.answered.code == CURLE_OK ? client.answered.status : 0;
}

/* Asks for so many seconds that end now by EM's clock. The answer is JSON. */
static long ask_last(long seconds)
{
    enum { TIME_SIZE = sizeof "2025-02-16T16:59:52Z" };
    const time_t now = time(NULL) + clock_ahead;
    const time_t ends[] = {now - seconds, now};
    char times[2][TIME_SIZE];
    for (int i = 0; i < 2; i++) {
        struct tm fields = {0};
        strftime(times[i], TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&ends[i], &fields));
    }
    char body[256];
    snprintf(body, sizeof body,
             ROOT_XML "<StartDate>%s</StartDate><EndDate>%s</EndDate></CdpIntervalsSpec>", times[0],
             times[1]);
    return post(PATH, XML_TYPE, CLIENT_JSON, body);
}

/* In seconds since 1970; the text has no Z. */
static time_t seconds_of(const cJSON *json, const char *path)
{
    struct tm fields = {0};
    const char *end = strptime(client_text(json, path), "%Y-%m-%dT%H:%M:%S", &fields);
    ck_assert_msg(end != NULL && *end == '\0', "%s: %s", path, client_text(json, path));
    return timegm(&fields);
}

/* ---- what is documented ---- */

/* The example of the documents, but for white space and the order of attributes. */
static const char documented_body[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<CdpIntervalsSpec xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" "
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
    "xmlns=\"http://www.veeam.com/ent/v1.0\">\n"
    "  <StartDate>2025-02-16T16:59:52.5337045Z</StartDate>\n"
    "  <EndDate>2025-02-17T16:59:52.5337045Z</EndDate>\n"
    "</CdpIntervalsSpec>\n";
static const char documented_answer[] =
    "<StartDate>2025-02-16T16:57:44</StartDate><EndDate>2025-02-17T16:57:44</EndDate>"
    "<HasApplicationConsistentState>true</HasApplicationConsistentState><Intervals>"
    "<Interval><StartDate>2025-02-17T07:01:25</StartDate>"
    "<EndDate>2025-02-17T07:01:30</EndDate><Rpo>5</Rpo>"
    "<IntervalType>RestoreAvailable</IntervalType></Interval>"
    "<Interval><StartDate>2025-02-17T07:01:30</StartDate>"
    "<EndDate>2025-02-17T16:56:15</EndDate><Rpo>15</Rpo>"
    "<IntervalType>RestoreAvailable</IntervalType></Interval>"
    "<Interval><StartDate>2025-02-17T16:56:15</StartDate>"
    "<EndDate>2025-02-17T16:56:22</EndDate><Rpo>7</Rpo>"
    "<IntervalType>RestoreAvailable</IntervalType></Interval></Intervals><RestorePoints>"
    "<RestorePoint><Id>56eec589-6e13-47d8-ac3a-6d9c2821179c</Id>"
    "<Date>2025-02-16T23:00:49</Date>"
    "<IsApplicationConsistent>true</IsApplicationConsistent></RestorePoint>"
    "<RestorePoint><Id>1862add3-41dd-4a39-ba1e-15c766c4b0a5</Id>"
    "<Date>2025-02-17T07:01:21</Date>"
    "<IsApplicationConsistent>true</IsApplicationConsistent></RestorePoint>"
    "<RestorePoint><Id>754dfdf5-680f-4e4e-9234-e5d57e339173</Id>"
    "<Date>2025-02-17T15:00:47</Date>"
    "<IsApplicationConsistent>true</IsApplicationConsistent></RestorePoint></RestorePoints>"
    "</CdpReplicaIntervals>";

START_TEST(plays_the_documented_example)
{
    client_start_scenario(SCENARIOS "/intervals.json");
    client_log_on();
    ck_assert_int_eq(post(PATH, XML_TYPE, "Accept: application/xml", documented_body), 200);
    const char *inside = strstr(client.answered.body, "<StartDate>");
    ck_assert_ptr_nonnull(inside);
    ck_assert_str_eq(inside, documented_answer);
    ck_assert(client_has("<CdpReplicaIntervals xmlns=\"http://www.veeam.com/ent/v1.0\""));
    ck_assert_int_eq(post(PATH, XML_TYPE, CLIENT_JSON, documented_body), 200);
    client_expect("Intervals.Intervals.2.EndDate", "\"2025-02-17T16:56:22\"");
    client_expect("RestorePoints.RestorePoints.2.IsApplicationConsistent", "true");
    ck_assert_uint_eq(emulator_counts(client.emulator).writes, 0);
}
END_TEST

/* Of a VM that is well, too, times are whole seconds, and earlier than was asked. */
static const struct {
    const char *wording;
    const char *start;
    const char *end;
} window_cases[] = {
    {"", "2025-02-16T16:57:44", "2025-02-17T16:57:44"},
    {"\"intervals_earlier_seconds\":0", "2025-02-16T16:59:52", "2025-02-17T16:59:52"},
    {"\"intervals_earlier_seconds\":-8", "2025-02-16T17:00:00", "2025-02-17T17:00:00"},
    {"\"interval_times\":\"utc\"", "2025-02-16T16:57:44Z", "2025-02-17T16:57:44Z"},
};

START_TEST(moves_the_window)
{
    char more[128];
    char expected[32];
    snprintf(more, sizeof more, ",\"wording\":{%s}", window_cases[_i].wording);
    start_policy("", "", more);
    ck_assert_int_eq(post(PATH, XML_TYPE, CLIENT_JSON,
                          ROOT_XML "<StartDate>2025-02-16T16:59:52.5337045Z</StartDate>"
                                   "<EndDate>2025-02-17T16:59:52.5Z</EndDate></CdpIntervalsSpec>"),
                     200);
    snprintf(expected, sizeof expected, "\"%s\"", window_cases[_i].start);
    client_expect("StartDate", expected);
    snprintf(expected, sizeof expected, "\"%s\"", window_cases[_i].end);
    client_expect("EndDate", expected);
    client_expect("Intervals.Intervals", "[]"); // longer ago than the journal reaches back
}
END_TEST

/* ---- runs of short-term points ---- */

#define GAP "\"ago_seconds\":3600,\"length_seconds\":720,\"none\":true"
#define SLOW "\"ago_seconds\":1800,\"length_seconds\":720,\"rpo_seconds\":60"

/* Runs as seconds before the answer's end, FROM-TO@RPO, and ":TYPE" if it is not the usual one. */
static const struct {
    const char *policy;
    const char *intervals;
    long window;
    const char *runs;
} run_cases[] = {
    {"", "", 3600, "3600-5@15"},
    {"", "", 86400, "14400-5@15"}, // the short-term retention
    {",\"short_term_hours\":2", "", 86400, "7200-5@15"},
    {",\"rpo_seconds\":10,\"rpo_minutes\":2", "", 3600, "3600-5@130"},
    {"", "\"rpo_seconds\":40", 3600, "3600-5@40"},
    {"", "\"lag_seconds\":0", 3600, "3600-0@15"},
    {"", "\"lag_seconds\":600", 3600, "3600-600@15"},
    {"", "\"lag_seconds\":3600", 3600, ""},
    {"", "\"none\":true", 3600, ""},
    {"", "\"type\":\"Odd\"", 3600, "3600-5@15:Odd"},
    {"", "\"stretches\":[{" GAP "}]", 7200, "7200-3600@15 2880-5@15"},
    {"", "\"stretches\":[{" GAP "}]", 3600, "2880-5@15"},
    {"", "\"stretches\":[{" GAP "}]", 600, "600-5@15"},
    {"", "\"stretches\":[{" SLOW "}]", 3600, "3600-1800@15 1800-1080@60 1080-5@15"},
    {"", "\"stretches\":[{" GAP "},{" SLOW "}]", 5400,
     "5400-3600@15 2880-1800@15 1800-1080@60 1080-5@15"},
    // the first that fits counts, also where it begins or ends within another
    {"", "\"stretches\":[{" SLOW "},{\"none\":true}]", 3600, "1800-1080@60"},
    {"", "\"stretches\":[{\"none\":true},{" SLOW "}]", 3600, ""},
    {"",
     "\"stretches\":[{\"ago_seconds\":2000,\"length_seconds\":400,\"type\":\"Odd\"},{" SLOW "}]",
     3600, "3600-2000@15 2000-1600@15:Odd 1600-1080@60 1080-5@15"},
    // up to now, but for the lag
    {"", "\"stretches\":[{\"ago_seconds\":300,\"none\":true}]", 3600, "3600-300@15"},
    {"", "\"stretches\":[{\"since\":\"-50m\",\"until\":\"-9h\",\"none\":true}]", 3600, "3600-5@15"},
    {"", "\"stretches\":[{\"until\":\"2001-01-01\",\"none\":true}]", 3600, "3600-5@15"},
    {"", "\"stretches\":[{\"since\":\"2001-01-01\",\"type\":\"Odd\"}]", 3600, "3600-5@15:Odd"},
};

/* Of the last answer, which has a window of so many seconds. */
static void expect_runs(long window, const char *expected)
{
    char runs[512] = "";
    cJSON *json = client_document();
    const time_t end = seconds_of(json, "EndDate");
    ck_assert_int_eq(end - seconds_of(json, "StartDate"), window);
    const cJSON *run = NULL;
    cJSON_ArrayForEach(run, client_member(json, "Intervals.Intervals"))
    {
        const char *type = client_text(run, "IntervalType");
        const bool usual = strcmp(type, "RestoreAvailable") == 0;
        const size_t length = strlen(runs);
        snprintf(runs + length, sizeof runs - length, "%s%ld-%ld@%d%s%s", length > 0 ? " " : "",
                 (long)(end - seconds_of(run, "StartDate")),
                 (long)(end - seconds_of(run, "EndDate")), client_member(run, "Rpo")->valueint,
                 usual ? "" : ":", usual ? "" : type);
    }
    cJSON_Delete(json);
    ck_assert_str_eq(runs, expected);
}

START_TEST(tells_runs)
{
    start_policy(run_cases[_i].policy, run_cases[_i].intervals, "");
    ck_assert_int_eq(ask_last(run_cases[_i].window), 200);
    expect_runs(run_cases[_i].window, run_cases[_i].runs);
}
END_TEST

START_TEST(shows_the_short_term_retention)
{
    start_policy(",\"short_term_hours\":2", "", "");
    ck_assert_int_eq(client_query("CdpPolicy", "", ""), 200);
    client_expect("Entities.CdpPolicies.CdpPolicies.0.PolicyScheduleOptions.CdpReplica."
                  "ShortTermRetentionHours",
                  "2");
}
END_TEST

/* A stretch with times stays where it is; what is told from now moves on. */
START_TEST(follows_the_clock)
{
    start_policy("", "\"stretches\":[{\"since\":\"-30m\",\"none\":true}]", "");
    clock_ahead = 3600;
    emulator_advance(client.emulator, clock_ahead);
    client_log_on(); // the other logon has expired
    ck_assert_int_eq(ask_last(7200), 200);
    cJSON *json = client_document();
    const time_t end = seconds_of(json, "EndDate");
    const time_t stopped = seconds_of(json, "Intervals.Intervals.0.EndDate");
    cJSON_Delete(json);
    ck_assert_int_ge(end - stopped, 5400);
    ck_assert_int_le(end - stopped, 5430);
}
END_TEST

START_TEST(answers_about_another_window)
{
    start_policy("",
                 "\"consistent_age_seconds\":60,"
                 "\"window\":{\"ago_seconds\":7200,\"length_seconds\":3600}",
                 "");
    const time_t asked = time(NULL);
    ck_assert_int_eq(ask_last(600), 200);
    expect_runs(3600, "3600-0@15");
    client_expect("RestorePoints.RestorePoints", "[]"); // it came later
    cJSON *json = client_document();
    const time_t before = asked - seconds_of(json, "EndDate");
    cJSON_Delete(json);
    ck_assert_int_ge(before, 3600 + 128 - 30);
    ck_assert_int_le(before, 3600 + 128);
}
END_TEST

/* ---- long-term points ---- */

/* Ages in seconds at the answer's end, and "c" if application-consistent. */
static const struct {
    const char *policy;
    const char *intervals;
    long window;
    const char *points;
} point_cases[] = {
    {"", "\"consistent_age_seconds\":3600", 86400, "61200c 32400c 3600c"},
    {"", "\"consistent_age_seconds\":108000", 172800, "165600c 136800c 108000c 79200 50400 21600"},
    {"", "\"consistent_age_seconds\":108000", 3600, ""},
    {"", "\"consistent_age_seconds\":100,\"consistent\":false", 3600, "100"},
    {"", "\"long_term\":false", 86400, ""},
    {"", "\"none\":true,\"consistent_age_seconds\":10", 60, "10c"},
    {",\"long_term_hours\":0", "", 86400, ""},
    {",\"long_term_hours\":24", "\"consistent_age_seconds\":60", 100000, "86460c 60c"},
    // they are kept for a week
    {",\"long_term_hours\":96", "\"consistent_age_seconds\":60", 10000000, "345660c 60c"},
};

START_TEST(tells_points)
{
    char points[512] = "";
    start_policy(point_cases[_i].policy, point_cases[_i].intervals, "");
    ck_assert_int_eq(ask_last(point_cases[_i].window), 200);
    cJSON *json = client_document();
    const time_t end = seconds_of(json, "EndDate");
    const cJSON *point = NULL;
    cJSON_ArrayForEach(point, client_member(json, "RestorePoints.RestorePoints"))
    {
        const size_t length = strlen(points);
        const bool consistent = cJSON_IsTrue(client_member(point, "IsApplicationConsistent"));
        snprintf(points + length, sizeof points - length, "%s%ld%s", length > 0 ? " " : "",
                 (long)(end - seconds_of(point, "Date")), consistent ? "c" : "");
        ck_assert_uint_eq(strlen(client_text(point, "Id")), 36);
    }
    cJSON_Delete(json);
    ck_assert_str_eq(points, point_cases[_i].points);
    client_expect("HasApplicationConsistentState", strchr(points, 'c') != NULL ? "true" : "false");
}
END_TEST

/* At 0, 8 and 16 o'clock, whoever asks when. */
START_TEST(makes_points_by_the_clock)
{
    start_policy("", "", ",\"wording\":{\"intervals_earlier_seconds\":0}");
    ck_assert_int_eq(ask_last(86399), 200);
    ck_assert_int_eq(client_count("RestorePoints.RestorePoints"), 3);
    cJSON *json = client_document();
    ck_assert_int_eq(seconds_of(json, "RestorePoints.RestorePoints.0.Date") % 28800, 0);
    ck_assert_int_eq(seconds_of(json, "RestorePoints.RestorePoints.2.Date") % 28800, 0);
    cJSON_Delete(json);
    client_expect("RestorePoints.RestorePoints.0.IsApplicationConsistent", "true");
}
END_TEST

START_TEST(gives_a_fleet_its_intervals)
{
    client_start_scenario("{\"generate\":{\"vms\":2,\"intervals\":{\"status\":500}}}");
    client_log_on();
    ck_assert_int_eq(client_get("/api/cdpReplica/vms?format=Entity"), 200);
    cJSON *json = client_document();
    for (int i = 0; i < 2; i++) {
        char path[64];
        snprintf(path, sizeof path, "VmCdpReplicas.%d.Links.0.Href", i);
        const char *href = client_text(json, path);
        ck_assert_int_eq(strncmp(href, ORIGIN "/", sizeof ORIGIN), 0);
        ck_assert_int_eq(post(href + sizeof ORIGIN - 1, XML_TYPE, CLIENT_JSON, SPEC_XML), 500);
    }
    cJSON_Delete(json);
}
END_TEST

/* ---- shapes ---- */

static const struct {
    const char *wording;
    const char *part;
} shape_cases[] = {
    {"", "\"HasApplicationConsistentState\":true,\"Intervals\":{\"Intervals\":[{\"StartDate\":"},
    {"", "\"RestorePoints\":{\"RestorePoints\":[{\"Id\":"},
    {"", "\"Rpo\":15,\"IntervalType\":\"RestoreAvailable\"}"},
    {"\"lists\":\"bare\"", "\"Intervals\":[{\"StartDate\":"},
    {"\"lists\":\"bare\"", "\"RestorePoints\":[{\"Id\":"},
    {"\"list_items\":\"singular\"", "\"Intervals\":{\"Interval\":[{"},
    {"\"list_items\":\"singular\"", "\"RestorePoints\":{\"RestorePoint\":[{"},
    {"\"casing\":\"camel\"",
     "\"hasApplicationConsistentState\":true,\"intervals\":{\"intervals\":[{"},
    {"\"casing\":\"camel\"", "\"rpo\":15,\"intervalType\":\"RestoreAvailable\"}"},
    {"\"casing\":\"camel\",\"lists\":\"bare\"", "\"restorePoints\":[{\"id\":"},
    {"\"scalars\":\"text\"", "\"Rpo\":\"15\""},
    {"\"scalars\":\"text\"", "\"HasApplicationConsistentState\":\"true\""},
};

/* Both of what is made and of what is given. */
START_TEST(has_every_shape)
{
    char more[128];
    snprintf(more, sizeof more, ",\"wording\":{%s}", shape_cases[_i].wording);
    start_policy("", "\"consistent_age_seconds\":60", more);
    ck_assert_int_eq(ask_last(3600), 200);
    ck_assert_msg(client_has(shape_cases[_i].part), "%s", client.answered.body);
}
END_TEST

static const struct {
    const char *wording;
    const char *answer;
    const char *body;
} given_cases[] = {
    {"", "", "{}"},
    {"", "\"StartDate\":null,\"EndDate\":5", "{\"StartDate\":null,\"EndDate\":5}"},
    {"", "\"Intervals\":[]", "{\"Intervals\":{\"Intervals\":[]}}"},
    {"\"empty_lists\":\"null\"", "\"Intervals\":[]", "{\"Intervals\":null}"},
    {"\"empty_lists\":\"absent\"", "\"Intervals\":[]", "{}"},
    {"\"lists\":\"bare\"", "\"Intervals\":[]", "{\"Intervals\":[]}"},
    {"", "\"Intervals\":\"odd\"", "{\"Intervals\":\"odd\"}"},
    {"\"casing\":\"camel\"", "\"Intervals\":[{\"Rpo\":\"x\"}],\"RestorePoints\":[{\"Id\":1}]",
     "{\"intervals\":{\"intervals\":[{\"rpo\":\"x\"}]},"
     "\"restorePoints\":{\"restorePoints\":[{\"id\":1}]}}"},
};

START_TEST(plays_a_given_answer)
{
    char intervals[256];
    char more[128];
    snprintf(intervals, sizeof intervals, "\"answer\":{%s}", given_cases[_i].answer);
    snprintf(more, sizeof more, ",\"wording\":{%s}", given_cases[_i].wording);
    start_policy("", intervals, more);
    ck_assert_int_eq(post(PATH, XML_TYPE, CLIENT_JSON, SPEC_XML), 200);
    ck_assert_str_eq(client.answered.body, given_cases[_i].body);
}
END_TEST

/* ---- bodies ---- */

static const struct {
    const char *wording;
    const char *type;
    const char *body;
    long status;
} body_cases[] = {
    {"", XML_TYPE, SPEC_XML, 200},
    {"", JSON_TYPE, SPEC_JSON, 200},
    {"", "Content-Type: Application/XML; charset=utf-8", SPEC_XML, 200},
    {"", JSON_TYPE ";charset=utf-8", SPEC_JSON, 200},
    {"\"interval_bodies\":\"xml\"", XML_TYPE, SPEC_XML, 200},
    {"\"interval_bodies\":\"xml\"", JSON_TYPE, SPEC_JSON, 415},
    {"\"interval_bodies\":\"json\"", XML_TYPE, SPEC_XML, 415},
    {"\"interval_bodies\":\"json\"", JSON_TYPE, SPEC_JSON, 200},
    {"\"interval_bodies\":\"json\",\"refused_body_status\":400", XML_TYPE, SPEC_XML, 400},
    // other types
    {"", "Content-Type:", SPEC_XML, 415},
    {"", "Content-Type: text/xml", SPEC_XML, 415},
    {"", "Content-Type: application/xmlx", SPEC_XML, 415},
    {"", "Content-Type: application/x-www-form-urlencoded", SPEC_XML, 415},
    // of one type, said to be of the other
    {"", JSON_TYPE, SPEC_XML, 400},
    {"", XML_TYPE, SPEC_JSON, 400},
    // XML
    {"", XML_TYPE, "", 400},
    {"", XML_TYPE, "<?xml version=\"1.0\" encoding=\"utf-8\"?>", 400},
    {"", XML_TYPE, "<?xml version=\"1.0\"" SPEC_XML, 400},
    {"", XML_TYPE, "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n" SPEC_XML "\r\n",
     200},
    {"", XML_TYPE,
     "<CdpIntervalsSpec\n\txmlns='http://www.veeam.com/ent/v1.0' >" START_XML
     "\n<EndDate> 2025-02-17T16:59:52Z\n</EndDate></CdpIntervalsSpec>",
     200},
    {"", XML_TYPE, ROOT_XML END_XML START_XML "</CdpIntervalsSpec>", 400},
    {"", XML_TYPE, ROOT_XML START_XML "</CdpIntervalsSpec>", 400},
    {"", XML_TYPE, ROOT_XML END_XML "</CdpIntervalsSpec>", 400},
    {"", XML_TYPE, ROOT_XML START_XML END_XML END_XML "</CdpIntervalsSpec>", 400},
    {"", XML_TYPE, ROOT_XML START_XML END_XML, 400},
    {"", XML_TYPE, SPEC_XML "x", 400},
    {"", XML_TYPE, "<CdpIntervalsSpec>" START_XML END_XML "</CdpIntervalsSpec>", 400},
    {"", XML_TYPE,
     "<CdpIntervalsSpec xmlns=\"http://www.veeam.com/ent/v2.0\">" START_XML END_XML
     "</CdpIntervalsSpec>",
     400},
    {"", XML_TYPE, "<CdpIntervalsSpec xmlns=\"http://www.veeam.com/ent/v1.0\"/>", 400},
    {"", XML_TYPE,
     "<CdpIntervalsSpec xmlns=\"http://www.veeam.com/ent/v1.0\"/>" START_XML END_XML
     "</CdpIntervalsSpec>",
     400},
    {"", XML_TYPE,
     "<CdpReplicaIntervals xmlns=\"http://www.veeam.com/ent/v1.0\">" START_XML END_XML
     "</CdpReplicaIntervals>",
     400},
    {"", XML_TYPE,
     ROOT_XML "<startDate>2025-02-16T16:59:52Z</startDate>" END_XML "</CdpIntervalsSpec>", 400},
    // times: UTC, the start before the end
    {"", XML_TYPE,
     ROOT_XML "<StartDate>2025-02-16T16:59:52</StartDate>" END_XML "</CdpIntervalsSpec>", 400},
    {"", XML_TYPE,
     ROOT_XML "<StartDate>2025-02-16T16:59:52+00:00</StartDate>" END_XML "</CdpIntervalsSpec>",
     400},
    {"", XML_TYPE,
     ROOT_XML "<StartDate>2025-02-30T16:59:52Z</StartDate>" END_XML "</CdpIntervalsSpec>", 400},
    {"", XML_TYPE, ROOT_XML "<StartDate></StartDate>" END_XML "</CdpIntervalsSpec>", 400},
    {"", XML_TYPE,
     ROOT_XML "<StartDate>2025-02-17T16:59:52Z</StartDate>" END_XML "</CdpIntervalsSpec>", 400},
    {"", XML_TYPE,
     ROOT_XML "<StartDate>2025-02-17T16:59:51Z</StartDate>" END_XML "</CdpIntervalsSpec>", 200},
    {"", XML_TYPE,
     ROOT_XML "<StartDate>2025-02-18T16:59:52Z</StartDate>" END_XML "</CdpIntervalsSpec>", 400},
    // JSON
    {"", JSON_TYPE, "{\"endDate\":\"2025-02-17T16:59:52Z\",\"startDate\":\"2025-02-16T16:59:52Z\"}",
     200},
    {"", JSON_TYPE, "", 400},
    {"", JSON_TYPE, "{}", 400},
    {"", JSON_TYPE, "[" SPEC_JSON "]", 400},
    {"", JSON_TYPE, SPEC_JSON "x", 400},
    {"", JSON_TYPE, "{\"StartDate\":\"2025-02-16T16:59:52Z\"}", 400},
    {"", JSON_TYPE, "{\"StartDate\":1739725192,\"EndDate\":\"2025-02-17T16:59:52Z\"}", 400},
    {"", JSON_TYPE, "{\"StartDate\":\"2025-02-16T16:59:52\",\"EndDate\":\"2025-02-17T16:59:52Z\"}",
     400},
};

START_TEST(reads_bodies)
{
    char more[128];
    snprintf(more, sizeof more, ",\"wording\":{%s}", body_cases[_i].wording);
    start_policy("", "", more);
    ck_assert_int_eq(post(PATH, body_cases[_i].type, CLIENT_JSON, body_cases[_i].body),
                     body_cases[_i].status);
    if (body_cases[_i].status == 200) {
        client_expect("StartDate", strstr(body_cases[_i].body, "02-17T16:59:51Z") != NULL
                                       ? "\"2025-02-17T16:57:43\""
                                       : "\"2025-02-16T16:57:44\"");
        client_expect("EndDate", "\"2025-02-17T16:57:44\"");
    }
}
END_TEST

START_TEST(reads_no_body_with_a_nul)
{
    static const char body[] = SPEC_JSON "\0{}";
    start_policy("", "", "");
    curl_easy_setopt(client.curl, CURLOPT_POSTFIELDSIZE, (long)sizeof body - 1);
    ck_assert_int_eq(post(PATH, JSON_TYPE, CLIENT_JSON, body), 400);
}
END_TEST

/* ---- who gets no answer ---- */

static const struct {
    const char *intervals;
    const char *more;
    const char *path;
    long status;
} status_cases[] = {
    {"", "", PATH, 200},
    {"", "", "/api/cdpReplica/vms/" VM "?action=intervals", 200},
    {"", "", "/api/cdpReplicas/" REPLICA "/vms/" CLIENT_NOWHERE "?action=intervals", 404},
    {"", "", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms/" VM "?action=intervals", 404},
    {"", "", "/api/cdpReplicas/x/vms/" VM "?action=intervals", 400},
    {"\"status\":404", "", PATH, 404},
    {"\"status\":403", "", PATH, 403},
    {"\"status\":500", "", PATH, 500},
    {"", ",\"refuses\":{\"intervals\":403}", PATH, 403},
    {"", ",\"refuses\":{\"intervals\":404}", PATH, 404},
    {"", ",\"refuses\":{\"replicas\":403}", PATH, 403},
    {"", ",\"refuses\":{\"replicas_query\":403,\"replica_vms\":404}", PATH, 200},
    {"", ",\"may\":{\"read_cdp\":false}", PATH, 403},
    {"", ",\"role\":\"Portal User\"", PATH, 200},
    {"", ",\"replies\":[{\"method\":\"POST\",\"path\":\"" VM_PATH "\",\"status\":500}]", PATH, 500},
    {"", ",\"replies\":[{\"method\":\"GET\",\"path\":\"" VM_PATH "\",\"status\":500}]", PATH, 200},
    // whatever else is a POST
    {"", "", VM_PATH, 405},
    {"", "", VM_PATH "?", 405},
    {"", "", VM_PATH "?action=failover", 405},
    {"", "", VM_PATH "?action=intervals&x=1", 405},
    {"", "", VM_PATH "?x=1&action=intervals", 405},
    {"", "", VM_PATH "?Action=intervals", 405},
    {"", "", VM_PATH "?action=Intervals", 405},
    {"", "", VM_PATH "?action=%69ntervals", 405},
    {"", "", VM_PATH "?action=intervals%00", 400},
    {"", "", VMS_PATH "?action=intervals", 405},
    {"", "", "/api/cdpReplicas/" REPLICA "?action=intervals", 405},
    {"", "", "/api/cdpReplicas?action=intervals", 405},
    {"", "", "/api/cdpPolicies/" CLIENT_NOWHERE "?action=intervals", 405},
    {"", "", "/api/query?action=intervals", 405},
};

START_TEST(answers_with_a_status)
{
    start_policy("", status_cases[_i].intervals, status_cases[_i].more);
    ck_assert_int_eq(post(status_cases[_i].path, XML_TYPE, CLIENT_JSON, SPEC_XML),
                     status_cases[_i].status);
}
END_TEST

START_TEST(needs_a_logon)
{
    start_policy("", "", "");
    emulator_expire(client.emulator);
    ck_assert_int_eq(post(PATH, XML_TYPE, CLIENT_JSON, SPEC_XML), 401);
}
END_TEST

/* A GET of the same URL asks for the resource, as if there were no action. */
START_TEST(answers_posts_alone)
{
    start_policy("", "", "");
    ck_assert_int_eq(client_get(PATH), 200);
    client_expect("Type", "\"CdpReplicaVmReference\"");
}
END_TEST

/* ---- links ---- */

#define PROPER ORIGIN VM_PATH "?action=intervals"
#define FAILOVER ORIGIN VM_PATH "?action=failover"

static const struct {
    const char *intervals;
    const char *link; // NULL: there is none
    const char *failover;
} link_cases[] = {
    {"", PROPER, FAILOVER},
    {"\"link\":\"proper\"", PROPER, FAILOVER},
    {"\"link\":\"missing\"", NULL, FAILOVER},
    {"\"link\":\"slash\"", "/" PROPER, FAILOVER},
    {"\"link\":\"swapped\"", FAILOVER, PROPER},
    {"\"link\":\"other_host\"",
     "https://elsewhere.example.invalid:9398" VM_PATH "?action=intervals", FAILOVER},
    {"\"link_href\":\"file:///x\"", "file:///x", FAILOVER},
};

static const char *href_of(const cJSON *entity, const char *rel)
{
    const cJSON *link = NULL;
    cJSON_ArrayForEach(link, client_member(entity, "Links"))
    {
        if (strcmp(client_text(link, "Rel"), rel) == 0) {
            return client_text(link, "Href");
        }
    }
    return NULL;
}

START_TEST(has_wrong_links)
{
    start_policy("", link_cases[_i].intervals, "");
    ck_assert_int_eq(client_get(VM_PATH "?format=Entity"), 200);
    cJSON *json = client_document();
    ck_assert_pstr_eq(href_of(json, "Intervals"), link_cases[_i].link);
    ck_assert_pstr_eq(href_of(json, "Failover"), link_cases[_i].failover);
    client_expect("Href", "\"" ORIGIN VM_PATH "?format=Entity\"");
    cJSON_Delete(json);
}
END_TEST

/* By both paths; what the link leads to answers, so the path alone tells. */
START_TEST(links_to_another_vm)
{
    static const char *const lists[] = {VMS_PATH "?format=Entity",
                                        "/api/cdpReplica/vms?format=Entity"};
    static const char *const names[] = {"CdpReplicaVms", "VmCdpReplicas"};
    start_policy("", "\"link\":\"other_vm\"", "");
    ck_assert_int_eq(client_get(lists[_i]), 200);
    cJSON *json = client_document();
    const char *link = NULL;
    const char *other = NULL;
    const cJSON *entity = NULL;
    cJSON_ArrayForEach(entity, client_member(json, names[_i]))
    {
        const bool wrong = strcmp(client_text(entity, "Name"), "a") == 0;
        *(wrong ? &link : &other) = href_of(entity, "Intervals");
    }
    ck_assert_str_eq(link, other);
    ck_assert_int_eq(post(link + sizeof ORIGIN - 1, XML_TYPE, CLIENT_JSON, SPEC_XML), 200);
    cJSON_Delete(json);
}
END_TEST

Suite *intervals_suite(void)
{
    Suite *suite = suite_create("intervals");
    TCase *tests = tcase_create("intervals");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, client_set_up, client_tear_down);
    tcase_add_test(tests, plays_the_documented_example);
    tcase_add_loop_test(tests, moves_the_window, 0, COUNT(window_cases));
    tcase_add_loop_test(tests, tells_runs, 0, COUNT(run_cases));
    tcase_add_test(tests, shows_the_short_term_retention);
    tcase_add_test(tests, follows_the_clock);
    tcase_add_test(tests, answers_about_another_window);
    tcase_add_loop_test(tests, tells_points, 0, COUNT(point_cases));
    tcase_add_test(tests, makes_points_by_the_clock);
    tcase_add_test(tests, gives_a_fleet_its_intervals);
    tcase_add_loop_test(tests, has_every_shape, 0, COUNT(shape_cases));
    tcase_add_loop_test(tests, plays_a_given_answer, 0, COUNT(given_cases));
    tcase_add_loop_test(tests, reads_bodies, 0, COUNT(body_cases));
    tcase_add_test(tests, reads_no_body_with_a_nul);
    tcase_add_loop_test(tests, answers_with_a_status, 0, COUNT(status_cases));
    tcase_add_test(tests, needs_a_logon);
    tcase_add_test(tests, answers_posts_alone);
    tcase_add_loop_test(tests, has_wrong_links, 0, COUNT(link_cases));
    tcase_add_loop_test(tests, links_to_another_vm, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
