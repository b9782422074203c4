// SPDX-License-Identifier: GPL-3.0-or-later
/* CDP policies: their members in every shape, what they include, their queries and lists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>

#include "unit/emulator/client.h"
#include "unit/suites.h"

#define GOLD "bc933bb6-0cc5-47b6-a1ec-e062b9e29877"
#define ORIGIN "https://em01.example.invalid:9398/api"
#define ONES "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"
#define TWOS "2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2"
#define OPTIONS "PolicyScheduleOptions.CdpReplica."
#define INCLUDES "CdpPolicyInfo.CdpReplicaPolicyInfo.Includes"

/* Starts it with one policy of these keys more, and this wording; its VM is srv-db01. */
static void start_gold(const char *wording, const char *keys)
{
    char scenario[2048];
    snprintf(scenario, sizeof scenario,
             "{\"wording\":{%s},\"backup_servers\":[{\"name\":\"vbr01\"}],"
             "\"policies\":[{\"name\":\"Gold\",\"uid\":\"" GOLD "\"%s}],"
             "\"vms\":[{\"name\":\"srv-db01\",\"sessions\":[{\"created\":\"-1h\"}]}]}",
             wording, keys);
    client_start_scenario(scenario);
    ck_assert_int_eq(client_ask("POST", "/api/sessionMngr/?v=latest", CLIENT_BASIC, NULL), 201);
    client_take_token();
}

static const struct {
    const char *keys;
    const char *path;
    const char *value;
} member_cases[] = {
    {"", "Name", "\"Gold\""},
    {"", "UID", "\"urn:veeam:CdpPolicy:" GOLD "\""},
    {"", "Type", "\"CdpPolicy\""},
    {"", "Href", "\"" ORIGIN "/cdpPolicies/" GOLD "?format=Entity\""},
    {"", "PolicyType", "\"CdpReplica\""},
    {"", "Platform", "\"VMware\""},
    {",\"platform\":\"vCloud\"", "Platform", "\"vCloud\""},
    {",\"description\":\"x\"", "Description", "\"x\""},
    {"", "ScheduleConfigured", "true"},
    {",\"schedule_configured\":false", "ScheduleConfigured", "false"},
    {"", "ScheduleEnabled", "true"},
    {",\"enabled\":false", "ScheduleEnabled", "false"},
    {",\"next_run\":\"2021-02-10T22:39:34.827Z\"", "NextRun", "\"2021-02-10T22:39:34.827Z\""},
    {"", "Links.0.Type", "\"BackupServerReference\""},
    {"", "Links.0.Name", "\"vbr01\""},
    {"", "Links.2.Href", "\"" ORIGIN "/cdpPolicies/" GOLD "/includes\""},
    {"", "Links.4.Type", "\"CdpReplicaSessionReferenceList\""},
    {"", "Links.5.Rel", "\"Disable\""},
    {"", "Links.5.Href", "\"" ORIGIN "/cdpPolicies/" GOLD "?action=disable\""},
    {",\"enabled\":false", "Links.5.Rel", "\"Enable\""},
    {"", "Links.6.Rel", "\"Alternate\""},
    {"", OPTIONS "RecoveryPointObjectiveSeconds", "15"},
    {"", OPTIONS "RecoveryPointObjectiveMinutes", "0"},
    {",\"rpo_seconds\":30", OPTIONS "RecoveryPointObjectiveSeconds", "30"},
    {",\"rpo_minutes\":60", OPTIONS "RecoveryPointObjectiveMinutes", "60"},
    {"", OPTIONS "RPOSchedule.Enabled", "true"},
    {",\"rpo_schedule\":{\"enabled\":false}", OPTIONS "RPOSchedule.Enabled", "false"},
    {"", OPTIONS "RPOSchedule.TimePeriods.Days.0", "{\"Name\":\"Sunday\",\"Value\":\"" ONES "\"}"},
    {"", OPTIONS "RPOSchedule.TimePeriods.Days.6.Name", "\"Saturday\""},
    {"", OPTIONS "RPOSchedule.TimePeriods.Days.7", "absent"},
    {",\"rpo_schedule\":{\"Monday\":\"00000000000000000000000\"}",
     OPTIONS "RPOSchedule.TimePeriods.Days.1.Value",
     "\"0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\""}, // 23 hours
    {",\"rpo_schedule\":{\"Monday\":\"01\"}", OPTIONS "RPOSchedule.TimePeriods.Days.2.Value",
     "\"" ONES "\""},
    {",\"rpo_schedule\":{\"every_day\":\"10\",\"Friday\":\"\"}",
     OPTIONS "RPOSchedule.TimePeriods.Days.4.Value", "\"1,0\""},
    {",\"rpo_schedule\":{\"every_day\":\"10\",\"Friday\":\"\"}",
     OPTIONS "RPOSchedule.TimePeriods.Days.5.Value", "\"\""},
    {"", OPTIONS "RPOReporting.MarkAsWarning",
     "{\"Enabled\":true,\"RPOThresholdSeconds\":2,\"RPOThresholdMinutes\":0}"},
    {"", OPTIONS "RPOReporting.MarkAsFailed.RPOThresholdSeconds", "3"},
    {"", OPTIONS "ShortTermRetentionMinutes", "0"},
    {"", OPTIONS "ShortTermRetentionHours", "4"},
    {"", OPTIONS "LongTermRetentionHours", "8"},
    {",\"long_term_hours\":0", OPTIONS "LongTermRetentionHours", "0"},
    {"", OPTIONS "LongTermRetentionKeepDays", "7"},
    {"", OPTIONS "LongTermRetentionSchedule.Enabled", "true"},
    {"", OPTIONS "LongTermRetentionSchedule.TimePeriods.Days.3",
     "{\"Name\":\"Wednesday\",\"Value\":\"" TWOS "\"}"},
    {",\"long_term_schedule\":{\"Sunday\":\"021\"}",
     OPTIONS "LongTermRetentionSchedule.TimePeriods.Days.0.Value", "\"0,2,1\""},
    {",\"members\":{\"NextRun\":null}", "NextRun", "null"},
    {",\"omit\":[\"PolicyScheduleOptions\"]", "PolicyScheduleOptions", "absent"},
};

START_TEST(has_members)
{
    start_gold("", member_cases[_i].keys);
    ck_assert_int_eq(client_get("/api/cdpPolicies/" GOLD "?format=Entity"), 200);
    client_expect(member_cases[_i].path, member_cases[_i].value);
}
END_TEST

static const struct {
    const char *wording;
    const char *keys;
    const char *path;
    const char *value;
} shape_cases[] = {
    {"\"lists\":\"bare\"", "", OPTIONS "RPOSchedule.TimePeriods.0.Name", "\"Sunday\""},
    {"\"lists\":\"bare\"", "", INCLUDES ".0.Name", "\"srv-db01\""},
    {"\"list_items\":\"singular\"", "", OPTIONS "RPOSchedule.TimePeriods.Day.0.Name", "\"Sunday\""},
    {"\"list_items\":\"singular\"", "", INCLUDES ".ObjectInJob.0.Name", "\"srv-db01\""},
    {"", ",\"includes\":[]", INCLUDES, "{\"ObjectInJobs\":[]}"},
    {"\"lists\":\"bare\"", ",\"includes\":[]", INCLUDES, "[]"},
    {"\"empty_lists\":\"null\"", ",\"includes\":[]", INCLUDES, "null"},
    {"\"empty_lists\":\"absent\"", ",\"includes\":[]", INCLUDES, "absent"},
    {"\"day_text\":\"#text\"", "", OPTIONS "RPOSchedule.TimePeriods.Days.0.#text", "\"" ONES "\""},
    {"\"scalars\":\"text\"", "", "ScheduleEnabled", "\"true\""},
    {"\"scalars\":\"text\"", ",\"enabled\":false", "ScheduleEnabled", "\"false\""},
    {"\"scalars\":\"text\"", "", OPTIONS "RecoveryPointObjectiveSeconds", "\"15\""},
    {"\"scalars\":\"text\"", "", OPTIONS "RPOSchedule.Enabled", "\"true\""},
    {"\"scalars\":\"text\"", "", OPTIONS "RPOReporting.MarkAsFailed.Enabled", "\"true\""},
    {"\"long_term_days\":\"Schedule\"", "",
     OPTIONS "LongTermRetentionSchedule.Schedule.Days.0.Value", "\"" TWOS "\""},
    {"\"long_term_days\":\"Schedule\"", "", OPTIONS "RPOSchedule.TimePeriods.Days.0.Value",
     "\"" ONES "\""},
    {"\"casing\":\"camel\"", "",
     "policyScheduleOptions.cdpReplica.rpoSchedule.timePeriods.days.0.name", "\"Sunday\""},
    {"\"casing\":\"camel\"", "",
     "cdpPolicyInfo.cdpReplicaPolicyInfo.includes.objectInJobs.0.hierarchyObjRef", NULL},
    {"\"casing\":\"camel\",\"day_text\":\"#text\",\"list_items\":\"singular\"", "",
     "policyScheduleOptions.cdpReplica.longTermRetentionSchedule.timePeriods.day.0.#text",
     "\"" TWOS "\""},
    {"\"casing\":\"camel\"", "", "scheduleEnabled", "true"},
    {"\"nulls\":\"omitted\",\"empty_lists\":\"null\"", ",\"includes\":[]", INCLUDES, "absent"},
};

START_TEST(has_every_shape)
{
    start_gold(shape_cases[_i].wording, shape_cases[_i].keys);
    ck_assert_int_eq(client_get("/api/cdpPolicies/" GOLD "?format=Entity"), 200);
    if (shape_cases[_i].value != NULL) {
        client_expect(shape_cases[_i].path, shape_cases[_i].value);
        return;
    }
    cJSON *json = client_document();
    ck_assert_int_eq(strncmp(client_text(json, shape_cases[_i].path), "urn:VMware:Vm:", 14), 0);
    cJSON_Delete(json);
}
END_TEST

START_TEST(is_xml_as_documented)
{
    start_gold("", ",\"rpo_schedule\":{\"Sunday\":\"10\"}");
    ck_assert_int_eq(client_get_xml("/api/cdpPolicies/" GOLD "?format=Entity"), 200);
    static const char *const parts[] = {
        "<ScheduleEnabled>true</ScheduleEnabled>",
        "<PolicyScheduleOptions><CdpReplica><RecoveryPointObjectiveSeconds>15<",
        "<RPOSchedule Enabled=\"true\"><TimePeriods><Day Name=\"Sunday\">1,0</Day><Day Name=",
        "</Day></TimePeriods></RPOSchedule><RPOReporting><MarkAsWarning><Enabled>true</Enabled>",
        "<Includes><ObjectInJob Href=\"" ORIGIN "/cdpPolicies/" GOLD "/includes/",
        "<Name>srv-db01</Name><DisplayName>srv-db01</DisplayName><GuestProcessingOptions>",
        "<WindowsCredentialsId />",
    };
    for (int i = 0; i < COUNT(parts); i++) {
        ck_assert_msg(client_has(parts[i]), "%s is not in %s", parts[i], client.answered.body);
    }
}
END_TEST

/* ---- what policies include ---- */

static const char site[] =
    "{\"backup_servers\":[{\"name\":\"vbr01\"},{\"name\":\"vbr02\"}],"
    "\"policies\":[{\"name\":\"A\"},{\"name\":\"B\",\"description\":\"of B\",\"enabled\":false,"
    "\"schedule_configured\":false,\"next_run\":\"2025-01-01\",\"uid\":\"" GOLD "\"},"
    "{\"name\":\"C\",\"backup_server\":\"vbr02\",\"includes\":[{\"type\":\"Folder\","
    "\"name\":\"Prod\"},{\"name\":\"a\",\"display_name\":\"A of C\"}]},{\"name\":\"D\"}],"
    "\"vms\":[{\"name\":\"a\",\"policy\":\"A\",\"sessions\":[{\"created\":\"-1h\"}]},"
    "{\"name\":\"a2\",\"policy\":\"A\",\"left\":true,\"sessions\":[{\"created\":\"-1h\"}]},"
    "{\"name\":\"b\",\"policy\":\"B\"},{\"name\":\"c\",\"policy\":\"C\"}],"
    "\"generate\":[{\"vms\":2,\"policy\":\"B\"},{\"vms\":200,\"policy\":\"D\",\"folder\":\"Big\"}]"
    "}";

static const struct {
    const char *policy;
    const char *names; // each followed by a comma
} include_cases[] = {
    {"A", "Vm a,"},
    {"B", "Vm b,Vm vm00001,Vm vm00002,"},
    {"C", "Folder Prod,Vm a,"},
    {"D", "Folder Big,"},
};

/* The type of a reference, as "Vm", and the name. */
static void add_name(FILE *out, const cJSON *object)
{
    const char *reference = client_text(object, "HierarchyObjRef") + strlen("urn:VMware:");
    fprintf(out, "%.*s %s,", (int)strcspn(reference, ":"), reference, client_text(object, "Name"));
}

START_TEST(includes_vms_and_containers)
{
    char filter[64];
    char names[256] = "";
    client_start_scenario(site);
    client_log_on();
    snprintf(filter, sizeof filter, "Name==\"%s\"", include_cases[_i].policy);
    ck_assert_int_eq(client_query("CdpPolicy", filter, ""), 200);
    cJSON *json = client_document();
    const cJSON *policy = client_member(json, "Entities.CdpPolicies.CdpPolicies.0");
    char path[128];
    snprintf(path, sizeof path, "/api/cdpPolicies/%s/includes",
             strrchr(client_text(policy, "UID"), ':') + 1);
    FILE *out = fmemopen(names, sizeof names, "w");
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, client_member(policy, INCLUDES ".ObjectInJobs"))
    {
        add_name(out, object);
    }
    fclose(out);
    ck_assert_str_eq(names, include_cases[_i].names);
    const int count = cJSON_GetArraySize(client_member(policy, INCLUDES ".ObjectInJobs"));
    cJSON_Delete(json);
    ck_assert_int_eq(client_get(path), 200);
    ck_assert_int_eq(client_count("ObjectInJobs"), count);
}
END_TEST

/* ---- queries and lists ---- */

static const struct {
    const char *filter;
    int count; // -1: a 400
} filter_cases[] = {
    {"", 4},
    {"UID==\"urn:veeam:CdpPolicy:" GOLD "\"", 1},
    {"UID==" GOLD, 1},
    {"Name==A", 1},
    {"Name==\"a\"", 0},
    {"Description==\"of B\"", 1},
    {"NextRun<\"2025-01-02\"", 1},
    {"ScheduleConfigured==True", 3},
    {"ScheduleConfigured==false", 1},
    {"ScheduleEnabled==\"False\"", 1},
    {"ScheduleEnabled!=False", 3},
    {"ScheduleEnabled==1", -1},
    {"BackupServerName==vbr02", 1},
    {"BackupServerName==vbr01;ScheduleEnabled==True", 2},
    {"BackupServerUid==" GOLD, 0},
    {"PolicyType==CdpReplica", -1},
};

START_TEST(filters_policies)
{
    client_start_scenario(site);
    client_log_on();
    const int count = filter_cases[_i].count;
    ck_assert_int_eq(client_query("CdpPolicy", filter_cases[_i].filter, ""), count < 0 ? 400 : 200);
    ck_assert(count < 0 || client_count("Entities.CdpPolicies.CdpPolicies") == count);
}
END_TEST

START_TEST(pages_policies)
{
    static const char list[] = "Entities.CdpPolicies.CdpPolicies";
    client_start_scenario(site);
    client_log_on();
    ck_assert_int_eq(client_query("CdpPolicy", "", "&sortDesc=Name&pageSize=3&page=1"), 200);
    ck_assert_int_eq(client_count(list), 3);
    client_expect("Entities.CdpPolicies.CdpPolicies.0.Name", "\"D\"");
    client_expect("PagingInfo.PagesCount", "2");
    client_expect("PagingInfo.Links.1.Rel", "\"Next\"");
    ck_assert_int_eq(client_query("cdppolicy", "", "&sortDesc=Name&pageSize=3&page=2"), 200);
    ck_assert_int_eq(client_count(list), 1);
    client_expect("Entities.CdpPolicies.CdpPolicies.0.Name", "\"A\"");
    client_expect("Entities.CdpReplicaSessions", "null");
}
END_TEST

START_TEST(lists_policies)
{
    client_start_scenario(site);
    client_log_on();
    ck_assert_int_eq(client_get("/api/cdpPolicies"), 200);
    ck_assert_int_eq(client_count("Refs"), 4);
    client_expect("Refs.0.Links.1.Rel", "\"Alternate\"");
    ck_assert(!client_has("action="));
    ck_assert_int_eq(client_get("/api/cdpPolicies?format=Entity"), 200);
    ck_assert_int_eq(client_count("CdpPolicies"), 4);
    ck_assert_int_eq(client_get("/api/cdpPolicies/" GOLD "/cdpReplicaSessions?format=Entity"), 200);
    ck_assert_int_gt(client_count("CdpReplicaSessions"), 0);
    ck_assert_int_eq(client_get("/api/cdpPolicies/" GOLD "/nothing"), 404);
}
END_TEST

Suite *policies_suite(void)
{
    Suite *suite = suite_create("policies");
    TCase *tests = tcase_create("policies");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, client_set_up, client_tear_down);
    tcase_add_loop_test(tests, has_members, 0, COUNT(member_cases));
    tcase_add_loop_test(tests, has_every_shape, 0, COUNT(shape_cases));
    tcase_add_test(tests, is_xml_as_documented);
    tcase_add_loop_test(tests, includes_vms_and_containers, 0, COUNT(include_cases));
    tcase_add_loop_test(tests, filters_policies, 0, COUNT(filter_cases));
    tcase_add_test(tests, pages_policies);
    tcase_add_test(tests, lists_policies);
    suite_add_tcase(suite, tests);
    return suite;
}
