// SPDX-License-Identifier: GPL-3.0-or-later
/* VMs of CDP replicas, by both ways that EM may have to them. */
#include "fetch/replica.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "fetch/decode_replica.h"
#include "fetch/reference.h"
#include "unit/fetch/bench.h"
#include "unit/suites.h"

#define ID "bc933bb6-0cc5-47b6-a1ec-e062b9e29877"
#define OTHER_ID "00057ade-8f1a-4b54-a265-391441981e25"

/* ---- decoding ---- */

static const struct {
    const char *entity;
    const char *uuid; // "": none
} uuid_cases[] = {
    {"{}", ""},
    {"5", ""},
    {"{\"UID\":\"urn:veeam:CdpReplica:" ID "\"}", ID},
    {"{\"uid\":\"" ID "\",\"Href\":\"https://h/api/cdpReplicas/" OTHER_ID "\"}", ID},
    {"{\"UID\":\"\",\"Href\":\"https://h:9398/api/cdpReplicas/" ID "?format=Entity\"}", ID},
    {"{\"UID\":null,\"Href\":\"/https://h/api/cdpReplicas/" ID "\"}", ID},
    {"{\"Href\":\"https://h/api/https://h/api/cdpReplicas/" ID "/vms/" OTHER_ID "\"}", ID},
    {"{\"href\":\"https://h/api/CDPREPLICAS/" ID "\"}", ID},
    {"{\"Links\":[{\"Href\":\"https://h/api/backupServers/" OTHER_ID "\"},"
     "{\"Rel\":\"Down\",\"Href\":\"https://h/api/cdpReplicas/" ID "/vms\"}]}",
     ID},
    {"{\"links\":{\"links\":[{\"href\":\"https://h/api/cdpReplicas/" ID "/vms\"}]}}", ID},
    {"{\"Href\":\"https://h/api/cdpPolicies/" ID "\"}", ""},
    {"{\"Href\":\"https://h/cdpReplicas/" ID "\"}", ""},
    {"{\"Href\":\"https://h/api/cdpReplicas/" ID "x\"}", ""},
    {"{\"Href\":\"https://h/api/cdpReplicas/../" ID "\"}", ""},
    {"{\"Href\":\"https://h/api/cdpReplicas/" ID "/vms/api/x\"}", ""},
    {"{\"UID\":\"urn:veeam:CdpReplica:" ID "x\"}", ""},
    {"{\"UID\":\"urn:veeam:CdpReplica:bc933bb6\"}", ""},
    {"{\"UID\":5,\"Links\":7,\"Href\":{}}", ""},
};

START_TEST(finds_uuids)
{
    struct decoded_replica replica;
    cJSON *entity = cJSON_Parse(uuid_cases[_i].entity);
    ck_assert_msg(entity != NULL, "no JSON: %s", uuid_cases[_i].entity);
    decode_replica(entity, NULL, NULL, &replica);
    ck_assert_msg(strcmp(replica.uuid, uuid_cases[_i].uuid) == 0, "%s: %s", uuid_cases[_i].entity,
                  replica.uuid);
    cJSON_Delete(entity);
}
END_TEST

#define LINKS                                                                                      \
    "\"Links\":[{\"Name\":\"vbr01\",\"Type\":\"BackupServerReference\"},"                          \
    "{\"Name\":\"Gold\",\"Type\":\"CdpPolicyReference\"}]"

#define REPLICA "7665222c-2e99-4a3f-b892-1827ba8d1eee"
#define VM "e809a086-2562-4a0f-a9a8-9c115ff8f0ba"
#define REPLICA_UID "urn:veeam:CdpReplica:" REPLICA
#define VM_UID "urn:veeam:CdpReplicaVm:" VM
#define REPLICA_PATH REPLICA "/vms/" VM

static const struct {
    const char *entity;
    const char *shown; // VM, policy, backup server, replica; NULL: no VM
} vm_cases[] = {
    {"{}", NULL},
    {"5", NULL},
    {"{\"Name\":\"\"}", NULL},
    {"{\"Name\":5}", NULL},
    {"{\"Name\":\"a\\uFFFF\"}", NULL},
    {"{\"Name\":\"a\"}", "a - - -"},
    {"{\"name\":\"a\",\"policyName\":\"Gold\",\"backupServer\":\"vbr01\"}", "a Gold vbr01 -"},
    {"{\"Name\":\"a\"," LINKS "}", "a Gold vbr01 -"},
    {"{\"Name\":\"a\",\"PolicyName\":\"P\",\"BackupServer\":\"S\"," LINKS "}", "a P S -"},
    {"{\"Name\":\"a\",\"PolicyName\":null,\"BackupServer\":\"\"," LINKS "}", "a Gold vbr01 -"},
    {"{\"Name\":\"a\",\"PolicyName\":5,\"BackupServer\":[]," LINKS "}", "a Gold vbr01 -"},
    {"{\"Name\":\"a\",\"UID\":\"" VM_UID "\"}", "a - - -"}, // of which replica?
    {"{\"Name\":\"a\",\"UID\":\"" VM_UID "\",\"ReplicaUid\":\"" REPLICA_UID "\"}",
     "a - - " REPLICA_PATH},
    {"{\"name\":\"a\",\"uid\":\"" VM_UID "\",\"href\":\"/https://em01:9398/api/cdpReplicas/" REPLICA
     "/vms/" VM "?format=Entity\"}",
     "a - - " REPLICA_PATH},
    {"{\"Name\":\"a\",\"Href\":\"https://em01:9398/api/cdpReplicas/" REPLICA "/vms/" VM "\"}",
     "a - - " REPLICA_PATH},
    // What is no UUID is no path, and what links lead to does not matter.
    {"{\"Name\":\"a\",\"UID\":\"" VM_UID "x\",\"ReplicaUid\":\"" REPLICA_UID "\"}", "a - - -"},
    {"{\"Name\":\"a\",\"Href\":\"https://em01:9398/api/cdpReplicas/../vms/" VM "\"}", "a - - -"},
    {"{\"Name\":\"a\",\"Links\":[{\"Rel\":\"Intervals\",\"Href\":\"https://em01/api/"
     "cdpReplicas/" REPLICA "/vms/" VM "?action=failover\"}]}",
     "a - - -"},
    {"{\"Name\":\"a Tr0ub4dor\",\"PolicyName\":\"b Tr0ub4dor\",\"BackupServer\":\"Tr0ub4dor\"}",
     "a *** b *** *** -"},
};

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

START_TEST(decodes_vms)
{
    struct decoded_replica_vm found;
    const struct protected_vm *vm = &found.vm;
    struct mask mask = {.secrets = NULL};
    char shown[256] = "";
    cJSON *entity = cJSON_Parse(vm_cases[_i].entity);
    ck_assert_msg(entity != NULL, "no JSON: %s", vm_cases[_i].entity);
    mask_add(&mask, "Tr0ub4dor");
    const bool decoded = decode_replica_vm(entity, NULL, NULL, &mask, &found);
    ck_assert(decoded == (vm_cases[_i].shown != NULL));
    if (decoded) {
        snprintf(shown, sizeof shown, "%s %s %s %s", vm->vm, or_dash(vm->policy),
                 or_dash(vm->backup_server), or_dash(vm->replica));
        ck_assert_str_eq(shown, vm_cases[_i].shown);
        ck_assert(vm->has_replica && !vm->named);
    }
    mask_free(&mask);
    cJSON_Delete(entity);
}
END_TEST

static const struct {
    const char *answer;
    int count; // -1: it is no list
} list_cases[] = {
    {"{\"Refs\":[1,2]}", 2},
    {"{\"refs\":{\"refs\":[1]},\"Links\":[1,2,3]}", 1},
    {"{\"Links\":[],\"CdpReplicaVms\":[1,2,3]}", 3},
    {"{\"Anything\":[1]}", 1},
    {"{\"Refs\":null}", 0},
    {"{\"Refs\":[]}", 0},
    {"[1,2]", 2},
    {"{\"A\":[1],\"B\":[2]}", -1},
    {"{}", -1},
    {"{\"A\":null}", -1},
    {"{\"Refs\":5}", -1},
    {"5", -1},
    {"null", -1},
};

START_TEST(finds_lists)
{
    static const char *const names[] = {"CdpReplicaVms", "Refs", NULL};
    const cJSON *list = NULL;
    cJSON *answer = cJSON_Parse(list_cases[_i].answer);
    ck_assert_msg(answer != NULL, "no JSON: %s", list_cases[_i].answer);
    const int result = reference_list(answer, names, &list);
    ck_assert_int_eq(result < 0 ? -1 : cJSON_GetArraySize(list), list_cases[_i].count);
    cJSON_Delete(answer);
}
END_TEST

/* ---- from EM ---- */

/* Gold has db01 and one that left it; Old was deleted; Two is another server's. */
#define SITE                                                                                       \
    "\"backup_servers\":[{\"name\":\"vbr01\"},{\"name\":\"vbr02\"}],"                              \
    "\"policies\":[{\"name\":\"Gold\"},{\"name\":\"Old\",\"deleted\":true},{\"name\":\"New\"},"    \
    "{\"name\":\"Two\",\"backup_server\":\"vbr02\"}],"                                             \
    "\"vms\":[{\"name\":\"db01\",\"policy\":\"Gold\",\"sessions\":[{\"created\":\"-1h\"}]},"       \
    "{\"name\":\"left\",\"policy\":\"Gold\",\"left\":true,\"sessions\":[{\"created\":\"-9h\","     \
    "\"ended\":\"-8h\"}]},{\"name\":\"orphan\",\"policy\":\"Old\",\"replica\":true},"              \
    "{\"name\":\"begins\",\"policy\":\"New\"}],"                                                   \
    "\"generate\":{\"vms\":3,\"policy\":\"Two\"}"

static void start_site(const char *more)
{
    char scenario[4096];
    snprintf(scenario, sizeof scenario, "{%s" SITE "}", more);
    bench_start(scenario);
}

static bool has(const char *vm, const char *policy, const char *server)
{
    const struct protected_vms *vms = &bench.site.protected_vms;
    bool found = false;
    for (size_t i = 0; i < vms->count && !found; i++) {
        const struct protected_vm *item = &vms->items[i];
        found = strcmp(item->vm, vm) == 0 && item->policy != NULL && item->backup_server != NULL &&
                strcmp(item->policy, policy) == 0 && strcmp(item->backup_server, server) == 0 &&
                item->has_replica && !item->named;
    }
    return found;
}

static void ck_site(void)
{
    ck_assert_uint_eq(bench.site.protected_vms.count, 6);
    ck_assert(has("db01", "Gold", "vbr01") && has("left", "Gold", "vbr01"));
    ck_assert(has("orphan", "Old", "vbr01"));
    ck_assert(has("vm00001", "Two", "vbr02") && has("vm00003", "Two", "vbr02"));
    ck_assert_uint_eq(bench.site.notices.count, 0);
}

static void fetch_replicas(const char *policy)
{
    ck_assert_msg(replica_fetch(bench.client, policy, &bench.site, &bench.fault) == 0, "%s",
                  bench.fault.text);
}

START_TEST(fetches_every_wording)
{
    static const char *const hrefs[] = {"proper", "slash", "twice"};
    char more[512];
    snprintf(more, sizeof more,
             "\"wording\":{\"casing\":\"%s\",\"lists\":\"%s\",\"nulls\":\"%s\","
             "\"replica_href\":\"%s\"}%s,",
             _i & 1 ? "camel" : "pascal", _i & 2 ? "bare" : "wrapped",
             _i & 4 ? "omitted" : "written", hrefs[_i % 3],
             _i & 8 ? ",\"refuses\":{\"replicas_query\":404}" : "");
    start_site(more);
    fetch_replicas(NULL);
    ck_site();
    ck_assert_int_eq(bench_requests("query?type=CdpReplica&"), 1);
    ck_assert_int_eq(bench_requests("cdpReplicas/"), _i & 8 ? 0 : 3);
    ck_assert_int_eq(bench_requests("cdpReplica/vms?format=Entity"), _i & 8 ? 1 : 0);
    bench_stop();
}
END_TEST

/* By both ways, also if EM's filter takes names in another case as equal. */
START_TEST(fetches_one_policy)
{
    start_site(_i == 0   ? ""
               : _i == 1 ? "\"wording\":{\"any_text_case\":true},"
                         : "\"refuses\":{\"replicas_query\":400},");
    fetch_replicas("Gold");
    ck_assert_uint_eq(bench.site.protected_vms.count, 2);
    ck_assert(has("db01", "Gold", "vbr01") && has("left", "Gold", "vbr01"));
    fetch_replicas("gold");
    ck_assert_uint_eq(bench.site.protected_vms.count, 2);
    bench_stop();
}
END_TEST

static const struct {
    const char *keys;
    enum fault_kind fault; // FAULT_NONE: there is none
    bool refused;
    size_t vms;
    int requests; // of VMs by replica
    int lists;    // of all VMs
} refusal_cases[] = {
    {"\"refuses\":{\"replicas_query\":400}", FAULT_NONE, false, 6, 0, 1},
    {"\"refuses\":{\"replicas_query\":403}", FAULT_FORBIDDEN, true, 0, 0, 0},
    {"\"refuses\":{\"replicas_query\":500}", FAULT_SERVER, false, 0, 0, 0},
    {"\"refuses\":{\"replicas_query\":404,\"replica_vms\":404}", FAULT_NOT_FOUND, true, 0, 0, 1},
    {"\"refuses\":{\"replicas_query\":404,\"replica_vms\":403}", FAULT_FORBIDDEN, true, 0, 0, 1},
    {"\"refuses\":{\"replicas\":404}", FAULT_NONE, false, 6, 3, 1},
    {"\"refuses\":{\"replicas\":400}", FAULT_NONE, false, 6, 3, 1},
    {"\"refuses\":{\"replicas\":403}", FAULT_FORBIDDEN, true, 0, 4, 0},
    {"\"refuses\":{\"replicas\":500}", FAULT_SERVER, false, 0, 4, 0},
    {"\"refuses\":{\"replicas\":404,\"replica_vms\":404}", FAULT_NOT_FOUND, true, 0, 3, 1},
    // one replica: the others are known, and all of them if it answers in the end
    {"\"replies\":[{\"path\":\"/api/cdpReplicas/\",\"nth\":1,\"status\":500,\"body\":\"\"}]",
     FAULT_NONE, false, 6, 4, 0},
    {"\"replies\":[{\"path\":\"/api/cdpReplicas/\",\"nth\":2,\"status\":404,\"body\":\"\"}]",
     FAULT_NONE, false, 6, 4, 0},
    {"\"replies\":[{\"path\":\"/api/cdpReplicas/\",\"nth\":3,\"status\":404,\"times\":2,"
     "\"body\":\"\"}]",
     FAULT_NOT_FOUND, true, 0, 4, 0},
    {"\"replies\":[{\"path\":\"/api/cdpReplicas/\",\"nth\":2,\"drop\":true,\"times\":9}]",
     FAULT_UNREACHABLE, false, 0, 3, 0},
    // no whole lists
    {"\"replies\":[{\"path\":\"/api/cdpReplicas/\",\"status\":200,\"body\":{}}]", FAULT_PROTOCOL,
     false, 0, 4, 0},
    {"\"replies\":[{\"path\":\"/api/cdpReplicas/\",\"status\":200,\"body\":{\"Refs\":[],"
     "\"PagingInfo\":{\"PagesCount\":2}}}]",
     FAULT_PROTOCOL, false, 0, 4, 0},
};

START_TEST(is_refused)
{
    char more[512];
    snprintf(more, sizeof more, "%s,", refusal_cases[_i].keys);
    start_site(more);
    const int result = replica_fetch(bench.client, NULL, &bench.site, &bench.fault);
    ck_assert_int_eq(result, refusal_cases[_i].fault == FAULT_NONE ? 0 : -1);
    if (result < 0) {
        ck_assert_int_eq(bench.fault.kind, refusal_cases[_i].fault);
        ck_assert(em_client_refused(bench.client) == refusal_cases[_i].refused);
    } else {
        ck_site();
    }
    ck_assert_int_eq(bench_requests("cdpReplicas/"), refusal_cases[_i].requests);
    ck_assert_int_eq(bench_requests("cdpReplica/vms"), refusal_cases[_i].lists);
    bench_stop();
}
END_TEST

/* The VMs of the replicas that did answer stay. */
START_TEST(keeps_what_it_was_told)
{
    start_site("\"replies\":[{\"path\":\"/api/cdpReplicas/\",\"nth\":3,\"status\":404,"
               "\"times\":2,\"body\":\"\"}],");
    ck_assert_int_eq(replica_fetch(bench.client, NULL, &bench.site, &bench.fault), -1);
    ck_assert_uint_gt(bench.site.protected_vms.count, 2);
    ck_assert_uint_lt(bench.site.protected_vms.count, 6);
    bench_stop();
}
END_TEST

START_TEST(has_none)
{
    bench_start("{\"vms\":[]}");
    fetch_replicas(NULL);
    ck_assert_uint_eq(bench.site.protected_vms.count, 0);
    ck_assert_int_eq(bench_requests(""), 1);
    bench_stop();
}
END_TEST

START_TEST(leaves_out_the_nameless)
{
    bench_start(
        "{\"vms\":[{\"name\":\"a\",\"sessions\":[{\"created\":\"-1h\"}]},{\"name\":\"b\","
        "\"replica\":{\"members\":{\"Name\":null}}}],\"refuses\":{\"replicas_query\":404}}");
    fetch_replicas(NULL);
    ck_assert_uint_eq(bench.site.protected_vms.count, 1);
    ck_assert_uint_eq(bench.site.notices.count, 1);
    ck_assert_str_eq(bench.site.notices.text[0],
                     "left out: 1 VMs of replicas of which EM gives no usable name");
    bench_stop();
}
END_TEST

Suite *replica_suite(void)
{
    Suite *suite = suite_create("replica");
    TCase *tests = tcase_create("replica");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, finds_uuids, 0, COUNT(uuid_cases));
    tcase_add_loop_test(tests, decodes_vms, 0, COUNT(vm_cases));
    tcase_add_loop_test(tests, finds_lists, 0, COUNT(list_cases));
    tcase_add_loop_test(tests, fetches_every_wording, 0, 16);
    tcase_add_loop_test(tests, fetches_one_policy, 0, 3);
    tcase_add_loop_test(tests, is_refused, 0, COUNT(refusal_cases));
    tcase_add_test(tests, keeps_what_it_was_told);
    tcase_add_test(tests, has_none);
    tcase_add_test(tests, leaves_out_the_nameless);
    suite_add_tcase(suite, tests);
    return suite;
}
