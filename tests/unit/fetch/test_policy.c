// SPDX-License-Identifier: GPL-3.0-or-later
/* CDP policies: what is made of EM's JSON, in each shape that it may have, and what EM is asked. */
#include "fetch/policy.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "fetch/decode_policy.h"
#include "unit/fetch/bench.h"
#include "unit/spec.h"
#include "unit/suites.h"

/* A part of a decoded policy, as text; a known RPO and interval in seconds, else "-". */
static void show(struct buf *shown, const struct decoded_policy *decoded)
{
    const struct policy *policy = &decoded->policy;
    buf_format(shown, "%s %s %s", policy->name,
               policy->backup_server != NULL ? policy->backup_server : "-",
               !policy->has_enabled ? "-"
               : policy->enabled    ? "on"
                                    : "off");
    const struct {
        bool known;
        double seconds;
    } spans[] = {{policy->has_rpo, policy->rpo_s},
                 {policy->has_long_term, policy->long_term_s},
                 {policy->replication_pause_s > 0, policy->replication_pause_s},
                 {policy->long_term_pause_s > 0, policy->long_term_pause_s}};
    for (int i = 0; i < COUNT(spans); i++) {
        if (spans[i].known) {
            buf_format(shown, " %.15g", spans[i].seconds);
        } else {
            buf_text(shown, " -");
        }
    }
    buf_format(shown, " %s%s%s", policy->lists_all ? "all" : "-",
               policy->containers != NULL ? " " : "",
               policy->containers != NULL ? policy->containers : "");
}

#define SERVER "\"Links\":[{\"Rel\":\"Up\",\"Name\":\"vbr01\",\"Type\":\"BackupServerReference\"}]"
#define OPTIONS(members) "\"PolicyScheduleOptions\":{\"CdpReplica\":{" members "}}"
#define INCLUDES(list) "\"CdpPolicyInfo\":{\"CdpReplicaPolicyInfo\":{\"Includes\":" list "}}"
#define OBJECT(type, names) "{\"HierarchyObjRef\":\"urn:VMware:" type ":r.vm-1\"," names "}"
#define VM(name) OBJECT("Vm", "\"DisplayName\":\"" name "\"")
#define RPO "RecoveryPointObjective"

static const struct {
    const char *entity;
    const char *shown; // NULL: it has no usable name
} decode_cases[] = {
    {"{}", NULL},
    {"5", NULL},
    {"null", NULL},
    {"[]", NULL},
    {"{\"Name\":\"\"}", NULL},
    {"{\"Name\":5}", NULL},
    {"{\"Name\":\"a\\uFFFFb\"}", NULL},
    {"{\"Name\":\"Gold\"}", "Gold - - - - - - -"},
    {"{\"name\":\"Gold\",\"links\":[{\"name\":\"vbr01\",\"type\":\"backupserverreference\"}],"
     "\"scheduleEnabled\":true}",
     "Gold vbr01 on - - - - -"},
    {"{\"Name\":\"a Tr0ub4dor b\"," SERVER "}", "a *** b vbr01 - - - - - -"},
    {"{\"Name\":\"Gold\",\"Links\":{\"Links\":[{\"Name\":\"vbr01\",\"Type\":"
     "\"BackupServerReference\"}]}}",
     "Gold vbr01 - - - - - -"},
    {"{\"Name\":\"Gold\",\"Links\":[5,null,{\"Name\":\"x\"},{\"Type\":\"BackupServerReference\"},"
     "{\"Name\":\"y\",\"Type\":\"Other\"},{\"Name\":\"z\",\"Type\":\"BackupServerReference\"}]}",
     "Gold z - - - - - -"},
    {"{\"Name\":\"Gold\",\"Links\":\"vbr01\"}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\",\"ScheduleEnabled\":false}", "Gold - off - - - - -"},
    {"{\"Name\":\"Gold\",\"ScheduleEnabled\":\"true\"}", "Gold - on - - - - -"},
    {"{\"Name\":\"Gold\",\"ScheduleEnabled\":\"False\"}", "Gold - off - - - - -"},
    {"{\"Name\":\"Gold\",\"ScheduleEnabled\":null}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\",\"ScheduleEnabled\":1}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"" RPO "Seconds\":15") "}", "Gold - - 15 - - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"" RPO "Minutes\":60") "}", "Gold - - 3600 - - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"" RPO "Seconds\":\"15\",\"" RPO "Minutes\":\"1\"") "}",
     "Gold - - 75 - - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"" RPO "Seconds\":0,\"" RPO "Minutes\":0") "}",
     "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"" RPO "Seconds\":15,\"" RPO "Minutes\":\"x\"") "}",
     "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"" RPO "Seconds\":-5") "}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"LongTermRetentionHours\":8") "}", "Gold - - - 28800 - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"LongTermRetentionHours\":\"24\"") "}",
     "Gold - - - 86400 - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"LongTermRetentionHours\":0") "}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," OPTIONS("\"LongTermRetentionHours\":null") "}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\",\"PolicyScheduleOptions\":[]}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\",\"PolicyScheduleOptions\":{\"CdpReplica\":7}}", "Gold - - - - - - -"},
    // what it includes
    {"{\"Name\":\"Gold\"," INCLUDES("[]") "}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," INCLUDES("null") "}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," INCLUDES("{\"ObjectInJobs\":null}") "}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," INCLUDES("5") "}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," INCLUDES("[" VM("a") "]") "}", "Gold - - - - - - all"},
    {"{\"Name\":\"Gold\"," INCLUDES("{\"ObjectInJobs\":[" VM("a") "," VM("b") "]}") "}",
     "Gold - - - - - - all"},
    {"{\"Name\":\"Gold\"," INCLUDES("{\"ObjectInJob\":[" VM("a") "]}") "}", "Gold - - - - - - all"},
    {"{\"Name\":\"Gold\"," INCLUDES("{\"A\":[" VM("a") "],\"B\":[]}") "}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," INCLUDES("[" OBJECT("vm", "\"Name\":\"a\"") "]") "}",
     "Gold - - - - - - all"},
    {"{\"Name\":\"Gold\"," INCLUDES("[" VM("a") "," VM("") "]") "}", "Gold - - - - - - -"},
    {"{\"Name\":\"Gold\"," INCLUDES("[" VM("a") ",null]") "}", "Gold - - - - - - - object"},
    {"{\"Name\":\"Gold\"," INCLUDES("[" VM("a") "," OBJECT(
         "Folder", "\"Name\":\"Prod\"") "," OBJECT("Tag", "\"DisplayName\":\"gold\"") "]") "}",
     "Gold - - - - - - - Folder Prod, Tag gold"},
    {"{\"Name\":\"Gold\"," INCLUDES("[{\"HierarchyObjRef\":\"x\",\"Name\":\"y\"}]") "}",
     "Gold - - - - - - - object y"},
    {"{\"Name\":\"Gold\"," INCLUDES("[{\"HierarchyObjRef\":\"urn:VMware:Vm\",\"Name\":\"y\"}]") "}",
     "Gold - - - - - - - object y"},
    {"{\"Name\":\"Gold\"," INCLUDES("[" OBJECT("Folder", "\"Name\":\"a Tr0ub4dor\"") "]") "}",
     "Gold - - - - - - - Folder a ***"},
};

START_TEST(decodes)
{
    struct decoded_policy decoded;
    struct fault fault = {.kind = FAULT_NONE};
    struct mask mask = {.secrets = NULL};
    struct buf shown;
    cJSON *entity = cJSON_Parse(decode_cases[_i].entity);
    ck_assert_msg(entity != NULL, "no JSON: %s", decode_cases[_i].entity);
    mask_add(&mask, "Tr0ub4dor");
    buf_init(&shown, 1000);
    const int named = decode_policy(entity, NULL, &mask, &decoded, &fault);
    ck_assert_int_eq(named, decode_cases[_i].shown != NULL);
    if (named > 0) {
        show(&shown, &decoded);
        ck_assert_msg(strcmp(buf_string(&shown), decode_cases[_i].shown) == 0, "%s: %s",
                      decode_cases[_i].entity, buf_string(&shown));
    }
    buf_free(&shown);
    mask_free(&mask);
    cJSON_Delete(entity);
}
END_TEST

/* ---- schedules ---- */

#define H24 "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"
#define NIGHT "0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0,0" // from 22 to 6
#define NEVER "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"
#define NEVER23 "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"
#define DAY(name, row) "{\"Name\":\"" name "\",\"Value\":\"" row "\"}"
#define WEEK(sunday, monday, others)                                                               \
    DAY("Sunday", sunday)                                                                          \
    "," DAY("Monday", monday) "," DAY("Tuesday", others) "," DAY("Wednesday", others) "," DAY(     \
        "Thursday", others) "," DAY("Friday", others) "," DAY("Saturday", others)

static const struct {
    const char *schedule;
    double hours; // of RPOSchedule, and of LongTermRetentionSchedule
    double long_term_hours;
} schedule_cases[] = {
    {"null", 0, 0},
    {"{}", 0, 0},
    {"5", 0, 0},
    {"{\"TimePeriods\":{\"Days\":[" WEEK(H24, H24, H24) "]}}", 0, 0},
    {"{\"TimePeriods\":{\"Days\":[" WEEK(NIGHT, NIGHT, NIGHT) "]}}", 8, 8},
    {"{\"timePeriods\":{\"day\":[" WEEK(NIGHT, NIGHT, NIGHT) "]}}", 8, 8},
    {"{\"TimePeriods\":[" WEEK(NIGHT, NIGHT, NIGHT) "]}", 8, 8},
    {"{\"Schedule\":[" WEEK(NIGHT, NIGHT, NIGHT) "]}", 0, 8},
    {"{\"Schedule\":{\"Days\":[" WEEK(NIGHT, NIGHT, NIGHT) "]},\"TimePeriods\":null}", 0, 8},
    {"{\"Enabled\":true,\"TimePeriods\":[" WEEK(NIGHT, NIGHT, NIGHT) "]}", 8, 8},
    {"{\"Enabled\":false,\"TimePeriods\":[" WEEK(NIGHT, NIGHT, NIGHT) "]}", 0, 0},
    {"{\"Enabled\":\"false\",\"TimePeriods\":[" WEEK(NIGHT, NIGHT, NIGHT) "]}", 0, 0},
    {"{\"Enabled\":\"odd\",\"TimePeriods\":[" WEEK(NIGHT, NIGHT, NIGHT) "]}", 8, 8},
    {"{\"TimePeriods\":[" WEEK(NEVER, H24, H24) "]}", 24, 24},
    {"{\"TimePeriods\":[" WEEK(NEVER, NIGHT, NIGHT) "]}", 32, 32}, // from Saturday, 22
    {"{\"TimePeriods\":[" WEEK(NEVER, NEVER, H24) "]}", 48, 48},
    {"{\"TimePeriods\":[" WEEK(NEVER23, NEVER, H24) "]}", 47, 47},
    {"{\"TimePeriods\":[" WEEK(NEVER ",0", NEVER, H24) "]}", 49, 49},
    {"{\"TimePeriods\":[" WEEK(NEVER ",0,0", NEVER, H24) "]}", 0, 0}, // no day has 26
    {"{\"TimePeriods\":[" WEEK(NEVER, NEVER, NEVER) "]}", 0, 0},
    {"{\"TimePeriods\":[" WEEK(NEVER23, NEVER23, NEVER23) "]}", 0, 0},
    {"{\"TimePeriods\":[" WEEK(H24, H24, NEVER) "]}", 120, 120},
    // around the week, in whatever order
    {"{\"TimePeriods\":[" DAY("Saturday", NEVER) "," DAY("Sunday", NEVER) "]}", 48, 48},
    {"{\"TimePeriods\":[" DAY("sunday", NEVER) "," DAY("FRIDAY", NEVER) "," DAY("Saturday",
                                                                                NEVER) "]}",
     72, 72},
    {"{\"TimePeriods\":[" DAY("Wednesday", NEVER) "," DAY("Monday", NEVER) "]}", 24, 24},
    {"{\"TimePeriods\":[" DAY("Monday", "") "]}", 0, 0},
    {"{\"TimePeriods\":[" DAY("Monday", " 0 , 0,1 ") "]}", 2, 2},
    {"{\"TimePeriods\":[{\"Name\":\"Monday\",\"#text\":\"0,0,0,1\"}]}", 3, 3},
    {"{\"TimePeriods\":[{\"name\":\"Monday\",\"value\":null,\"#text\":\"0,0,0,1\"}]}", 3, 3},
    // 1 and 2 allow long-term restore points; an RPO's schedule has no 2
    {"{\"TimePeriods\":[" DAY("Monday", "2,0,0,1") "]}", 0, 2},
    // no schedules
    {"{\"TimePeriods\":[" DAY("Monday", NEVER) "," DAY("Monday", NEVER) "]}", 0, 0},
    {"{\"TimePeriods\":[" DAY("Monday", NEVER) "," DAY("Montag", NEVER) "]}", 0, 0},
    {"{\"TimePeriods\":[" DAY("Monday", "0,0,x") "]}", 0, 0},
    {"{\"TimePeriods\":[" DAY("Monday", "0,0,3") "]}", 0, 0},
    {"{\"TimePeriods\":[" DAY("Monday", "00") "]}", 0, 0},
    {"{\"TimePeriods\":[" DAY("Monday", "0,0,") "]}", 0, 0},
    {"{\"TimePeriods\":[" DAY("Monday", ",0,0") "]}", 0, 0},
    {"{\"TimePeriods\":[" DAY("Monday", "0;0") "]}", 0, 0},
    {"{\"TimePeriods\":[{\"Name\":\"Monday\",\"Value\":[0,0]}]}", 0, 0},
    {"{\"TimePeriods\":[{\"Name\":\"Monday\"}]}", 0, 0},
    {"{\"TimePeriods\":[{\"Value\":\"0,0\"}]}", 0, 0},
    {"{\"TimePeriods\":[" DAY("Monday", NEVER) ",null]}", 0, 0},
    {"{\"TimePeriods\":{\"A\":[" DAY("Monday", NEVER) "],\"B\":[]}}", 0, 0},
    {"{\"TimePeriods\":\"0,0\"}", 0, 0},
};

START_TEST(reads_schedules)
{
    struct decoded_policy decoded;
    struct fault fault = {.kind = FAULT_NONE};
    struct buf text;
    buf_init(&text, 8192);
    buf_format(
        &text,
        "{\"Name\":\"Gold\"," OPTIONS("\"RPOSchedule\":%s,\"LongTermRetentionSchedule\":%s") "}",
        schedule_cases[_i].schedule, schedule_cases[_i].schedule);
    cJSON *entity = cJSON_Parse(buf_string(&text));
    ck_assert_msg(entity != NULL, "no JSON: %s", buf_string(&text));
    ck_assert_int_eq(decode_policy(entity, NULL, NULL, &decoded, &fault), 1);
    ck_assert_msg(fabs(decoded.policy.replication_pause_s - schedule_cases[_i].hours * 3600) < 1,
                  "%s: %g", schedule_cases[_i].schedule, decoded.policy.replication_pause_s / 3600);
    ck_assert_msg(
        fabs(decoded.policy.long_term_pause_s - schedule_cases[_i].long_term_hours * 3600) < 1,
        "%s: %g", schedule_cases[_i].schedule, decoded.policy.long_term_pause_s / 3600);
    cJSON_Delete(entity);
    buf_free(&text);
}
END_TEST

/* ---- what is included ---- */

static const struct {
    const char *names;
    const char *known; // a VM that has sessions
    const char *vm;    // NULL: none
} include_cases[] = {
    {"\"Name\":\"a\",\"DisplayName\":\"b\"", "x", "b"},
    {"\"Name\":\"a\",\"DisplayName\":\"b\"", "b", "b"},
    {"\"Name\":\"a\",\"DisplayName\":\"b\"", "a", "a"},
    {"\"Name\":\"a\",\"DisplayName\":\"b\"", "A", "b"},
    {"\"name\":\"a\",\"displayName\":null", "x", "a"},
    {"\"Name\":\"a\",\"DisplayName\":\"\"", "x", "a"},
    {"\"Name\":\"a\",\"DisplayName\":5", "x", "a"},
    {"\"DisplayName\":\"b\"", "x", "b"},
    {"\"DisplayName\":\"b Tr0ub4dor\"", "x", "b ***"},
    {"\"Other\":\"b\"", "x", NULL},
};

START_TEST(names_included_vms)
{
    struct set known = {.slots = NULL};
    struct mask mask = {.secrets = NULL};
    char text[256];
    snprintf(text, sizeof text, OBJECT("Vm", "%s"), include_cases[_i].names);
    cJSON *include = cJSON_Parse(text);
    ck_assert_msg(include != NULL, "no JSON: %s", text);
    mask_add(&mask, "Tr0ub4dor");
    ck_assert_ptr_nonnull(set_add(&known, hash_text(include_cases[_i].known)));
    const char *vm = decode_included_vm(include, &mask, &known);
    ck_assert((vm != NULL) == (include_cases[_i].vm != NULL));
    ck_assert(vm == NULL || strcmp(vm, include_cases[_i].vm) == 0);
    mask_free(&mask);
    set_free(&known);
    cJSON_Delete(include);
}
END_TEST

/* Hundreds of folders make a text with an end, between two characters. */
START_TEST(cuts_containers)
{
    struct decoded_policy decoded;
    struct fault fault = {.kind = FAULT_NONE};
    struct buf text;
    buf_init(&text, 200000);
    buf_text(&text,
             "{\"Name\":\"Gold\",\"CdpPolicyInfo\":{\"CdpReplicaPolicyInfo\":{\"Includes\":[");
    for (int i = 0; i < 500; i++) {
        buf_format(&text, "%s" OBJECT("Folder", "\"Name\":\"%s\xC3\xA4\xC3\xB6%d\""),
                   i > 0 ? "," : "", _i > 0 ? "x" : "", i);
    }
    buf_text(&text, "]}}}");
    cJSON *entity = cJSON_Parse(buf_string(&text));
    ck_assert_int_eq(decode_policy(entity, NULL, NULL, &decoded, &fault), 1);
    const size_t length = strlen(decoded.containers);
    ck_assert_uint_le(length, CONTAINERS_SHOWN + 3);
    ck_assert_uint_gt(length, CONTAINERS_SHOWN - 1);
    ck_assert_str_eq(decoded.containers + length - 3, "...");
    cJSON_Delete(entity);
    buf_free(&text);
}
END_TEST

/* ---- from EM ---- */

#define SITE                                                                                       \
    "\"backup_servers\":[{\"name\":\"vbr01.example\"},{\"name\":\"vbr02\"}],"                      \
    "\"policies\":[{\"name\":\"Gold\",\"rpo_seconds\":15,\"rpo_minutes\":1,"                       \
    "\"rpo_schedule\":{\"every_day\":\"000000111111111111111111\"},"                               \
    "\"includes\":[{\"name\":\"db01\"},{\"name\":\"x\",\"display_name\":\"db02\"}]},"              \
    "{\"name\":\"gold\",\"includes\":[{\"name\":\"other\"}]},"                                     \
    "{\"name\":\"Off\",\"enabled\":false,\"backup_server\":\"vbr02\",\"long_term_hours\":0,"       \
    "\"includes\":[{\"type\":\"Folder\",\"name\":\"Prod\"},{\"name\":\"db03\"}]},"                 \
    "{\"name\":\"Old\",\"deleted\":true}]"

static void start_site(const char *more)
{
    char scenario[4096];
    snprintf(scenario, sizeof scenario, "{%s" SITE "}", more);
    bench_start(scenario);
}

static void fetch_policies(const char *name)
{
    ck_assert_msg(policy_fetch(bench.client, name, &bench.site, &bench.fault) == 0, "%s",
                  bench.fault.text);
}

static bool protects(const char *vm, const char *policy, const char *server)
{
    const struct protected_vms *vms = &bench.site.protected_vms;
    bool found = false;
    for (size_t i = 0; i < vms->count && !found; i++) {
        const struct protected_vm *item = &vms->items[i];
        found = strcmp(item->vm, vm) == 0 && strcmp(item->policy, policy) == 0 &&
                strcmp(item->backup_server, server) == 0 && item->named && !item->has_replica;
    }
    return found;
}

static void ck_site(void)
{
    const struct policy *gold = policies_find(&bench.site.policies, "Gold", NULL);
    const struct policy *off = policies_find(&bench.site.policies, "Off", "vbr02");
    ck_assert_uint_eq(bench.site.policies.count, 3);
    ck_assert(gold != NULL && gold->has_enabled && gold->enabled && gold->lists_all);
    ck_assert_str_eq(gold->backup_server, "vbr01.example");
    ck_assert(gold->has_rpo && fabs(gold->rpo_s - 75) < 1);
    ck_assert(gold->has_long_term && fabs(gold->long_term_s - 28800) < 1);
    ck_assert(fabs(gold->replication_pause_s - 21600) < 1 && gold->long_term_pause_s < 1);
    ck_assert_ptr_null(gold->containers);
    ck_assert(off != NULL && off->has_enabled && !off->enabled && !off->lists_all);
    ck_assert(!off->has_long_term);
    ck_assert_str_eq(off->containers, "Folder Prod");
    ck_assert_uint_eq(bench.site.protected_vms.count, 4);
    ck_assert(protects("db01", "Gold", "vbr01.example"));
    ck_assert(protects("db02", "Gold", "vbr01.example"));
    ck_assert(protects("other", "gold", "vbr01.example"));
    ck_assert(protects("db03", "Off", "vbr02"));
    ck_assert_uint_eq(bench.site.notices.count, 0);
}

/* All shapes of JSON that are thinkable: casing, lists, their items, scalars, days. */
START_TEST(fetches_every_wording)
{
    char more[512];
    snprintf(more, sizeof more,
             "\"wording\":{\"casing\":\"%s\",\"lists\":\"%s\",\"list_items\":\"%s\","
             "\"scalars\":\"%s\",\"day_text\":\"%s\",\"long_term_days\":\"%s\","
             "\"empty_lists\":\"%s\"},",
             _i & 1 ? "camel" : "pascal", _i & 2 ? "bare" : "wrapped",
             _i & 4 ? "singular" : "plural", _i & 8 ? "text" : "typed", _i & 16 ? "#text" : "Value",
             _i & 32 ? "Schedule" : "TimePeriods", _i & 1 ? "null" : "absent");
    start_site(more);
    fetch_policies(NULL);
    ck_site();
    ck_assert_int_eq(bench_requests(""), 1);
    bench_stop();
}
END_TEST

/* EM's filter may take names in another case as equal: here they are not. */
START_TEST(fetches_one)
{
    start_site(_i > 0 ? "\"wording\":{\"any_text_case\":true}," : "");
    fetch_policies("Gold");
    ck_assert_uint_eq(bench.site.policies.count, 1);
    ck_assert_str_eq(bench.site.policies.items[0].name, "Gold");
    ck_assert_uint_eq(bench.site.protected_vms.count, 2);
    fetch_policies("GOLD");
    fetch_policies("Old");
    ck_assert_uint_eq(bench.site.policies.count, 1);
    bench_stop();
}
END_TEST

START_TEST(has_each_once)
{
    struct fault fault;
    start_site("");
    fetch_policies("Off");
    fetch_policies(NULL);
    ck_assert_int_eq(protected_vms_sort(&bench.site.protected_vms, &fault), 0);
    ck_site();
    bench_stop();
}
END_TEST

/* Of a VM's two names, that of its sessions counts. */
START_TEST(takes_the_name_of_sessions)
{
    start_site("");
    add_spec(&bench.site.sessions, &(struct spec){.vm = "x",
                                                  .policy = "Gold",
                                                  .server = "vbr01.example",
                                                  .state = "InProgress",
                                                  .result = "Success",
                                                  .created = "2025-08-14T12:00:00Z"});
    fetch_policies("Gold");
    ck_assert(protects("x", "Gold", "vbr01.example") && protects("db01", "Gold", "vbr01.example"));
    ck_assert_uint_eq(bench.site.protected_vms.count, 2);
    bench_stop();
}
END_TEST

/* The user's own word is no secret; EM's is. */
START_TEST(masks_names)
{
    bench_start("{\"backup_servers\":[{\"name\":\"vbr\"}],\"policies\":[{\"name\":\"Tr0ub4dor 1\","
                "\"includes\":[{\"name\":\"a Tr0ub4dor\"}]}]}");
    fetch_policies(NULL);
    ck_assert_str_eq(bench.site.policies.items[0].name, "*** 1");
    ck_assert(protects("a ***", "*** 1", "vbr"));
    fetch_policies("Tr0ub4dor 1");
    ck_assert(policies_have(&bench.site.policies, "Tr0ub4dor 1"));
    ck_assert(protects("a ***", "Tr0ub4dor 1", "vbr"));
    bench_stop();
}
END_TEST

START_TEST(reads_many_pages)
{
    struct buf scenario;
    buf_init(&scenario, 200000);
    buf_text(&scenario, "{\"policies\":[{\"name\":\"p\"}");
    for (int i = 0; i < 250; i++) {
        buf_format(&scenario, ",{\"name\":\"p%d\",\"includes\":[{\"name\":\"vm%d\"}]}", i, i);
    }
    buf_text(&scenario, "]}");
    bench_start(buf_string(&scenario));
    fetch_policies(NULL);
    ck_assert_uint_eq(bench.site.policies.count, 251);
    ck_assert_uint_eq(bench.site.protected_vms.count, 250);
    ck_assert_int_eq(bench_requests("query?type=CdpPolicy"), 3);
    bench_stop();
    buf_free(&scenario);
}
END_TEST

/* An answer that is too large is asked for in smaller parts; anything else is asked for once. */
START_TEST(asks_for_less)
{
    start_site("\"replies\":[{\"path\":\"/api/query\",\"nth\":1,\"status\":200,"
               "\"body\":\"0123456789abcdef\",\"repeat\":1100000}],");
    fetch_policies(NULL);
    ck_site();
    ck_assert_int_eq(bench_requests("query?type=CdpPolicy&format=Entities&pageSize=100&page=1"), 1);
    ck_assert_int_eq(bench_requests("query?type=CdpPolicy&format=Entities&pageSize=10&page=1"), 1);
    bench_stop();
}
END_TEST

static const struct {
    const char *keys;
    enum fault_kind fault;
    bool refused;
    int requests;
} refusal_cases[] = {
    {"\"refuses\":{\"policies_query\":400},", FAULT_PROTOCOL, true, 1},
    {"\"refuses\":{\"policies_query\":403},", FAULT_FORBIDDEN, true, 1},
    {"\"refuses\":{\"policies_query\":404},", FAULT_PROTOCOL, true, 1},
    {"\"refuses\":{\"policies_query\":500},", FAULT_SERVER, false, 1},
    {"\"refuses\":{\"policies_query\":503},", FAULT_SERVER, false, 1},
    {"\"replies\":[{\"path\":\"/api/query\",\"status\":200,\"body\":{}}],", FAULT_PROTOCOL, false,
     2},
    {"\"replies\":[{\"path\":\"/api/query\",\"drop\":true}],", FAULT_UNREACHABLE, false, 2},
};

START_TEST(is_refused)
{
    start_site(refusal_cases[_i].keys);
    ck_assert_int_eq(policy_fetch(bench.client, NULL, &bench.site, &bench.fault), -1);
    ck_assert_int_eq(bench.fault.kind, refusal_cases[_i].fault);
    ck_assert(em_client_refused(bench.client) == refusal_cases[_i].refused);
    ck_assert_int_eq(bench_requests(""), refusal_cases[_i].requests);
    ck_assert_uint_eq(bench.site.policies.count, 0);
    ck_assert_uint_eq(bench.site.protected_vms.count, 0);
    bench_stop();
}
END_TEST

START_TEST(leaves_out_the_nameless)
{
    bench_start("{\"policies\":[{\"name\":\"a\",\"members\":{\"Name\":null}},{\"name\":\"b\"},"
                "{\"name\":\"c\",\"members\":{\"Name\":\"\"}}]}");
    fetch_policies(NULL);
    ck_assert_uint_eq(bench.site.policies.count, 1);
    ck_assert_uint_eq(bench.site.notices.count, 1);
    ck_assert_str_eq(bench.site.notices.text[0],
                     "left out: 2 CDP policies of which EM gives no usable name");
    bench_stop();
}
END_TEST

Suite *policy_suite(void)
{
    Suite *suite = suite_create("policy");
    TCase *tests = tcase_create("policy");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, decodes, 0, COUNT(decode_cases));
    tcase_add_loop_test(tests, reads_schedules, 0, COUNT(schedule_cases));
    tcase_add_loop_test(tests, names_included_vms, 0, COUNT(include_cases));
    tcase_add_loop_test(tests, cuts_containers, 0, 2);
    tcase_add_loop_test(tests, fetches_every_wording, 0, 64);
    tcase_add_loop_test(tests, fetches_one, 0, 2);
    tcase_add_test(tests, has_each_once);
    tcase_add_test(tests, takes_the_name_of_sessions);
    tcase_add_test(tests, masks_names);
    tcase_add_test(tests, reads_many_pages);
    tcase_add_test(tests, asks_for_less);
    tcase_add_loop_test(tests, is_refused, 0, COUNT(refusal_cases));
    tcase_add_test(tests, leaves_out_the_nameless);
    suite_add_tcase(suite, tests);
    return suite;
}
