// SPDX-License-Identifier: GPL-3.0-or-later
/* CDP replicas and their VMs by both paths, and what an EM or a user may not have of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>

#include "unit/emulator/client.h"
#include "unit/suites.h"

#define GOLD "bc933bb6-0cc5-47b6-a1ec-e062b9e29877"
#define ORIGIN "https://em01.example.invalid:9398/api"

/* Gold has db01 and one that left it, Old was deleted, New's VM never began, E has no replica. */
#define SITE                                                                                       \
    "\"backup_servers\":[{\"name\":\"vbr01\"},{\"name\":\"vbr02\"}],"                              \
    "\"policies\":[{\"name\":\"Gold\",\"uid\":\"" GOLD "\"},{\"name\":\"Old\",\"deleted\":true},"  \
    "{\"name\":\"New\"},{\"name\":\"Two\",\"backup_server\":\"vbr02\"},{\"name\":\"E\"}],"         \
    "\"vms\":[{\"name\":\"db01\",\"policy\":\"Gold\",\"sessions\":[{\"created\":\"-1h\"}],"        \
    "\"replica\":{\"name\":\"db01_replica\",\"members\":{\"RepositoryName\":null}}},"              \
    "{\"name\":\"left\",\"policy\":\"Gold\",\"left\":true,\"sessions\":[{\"created\":\"-9h\","     \
    "\"ended\":\"-8h\"}]},{\"name\":\"orphan\",\"policy\":\"Old\",\"replica\":true},"              \
    "{\"name\":\"begins\",\"policy\":\"New\"},"                                                    \
    "{\"name\":\"e\",\"policy\":\"E\",\"replica\":false,\"sessions\":[{\"created\":\"-1h\"}]}],"   \
    "\"generate\":{\"vms\":3,\"policy\":\"Two\"}"

static void start_site(const char *more)
{
    char scenario[4096];
    snprintf(scenario, sizeof scenario, "{%s" SITE "}", more);
    client_start_scenario(scenario);
    client_log_on();
}

/* A member of the entity in the last answer that has this name, to free. */
static char *member_of(const char *list, const char *name, const char *member)
{
    char *value = NULL;
    cJSON *json = client_document();
    const cJSON *entity = NULL;
    cJSON_ArrayForEach(entity, client_member(json, list))
    {
        if (strcmp(client_text(entity, "Name"), name) == 0) {
            value = cJSON_PrintUnformatted(client_member(entity, member));
        }
    }
    cJSON_Delete(json);
    return value != NULL ? value : strdup("absent");
}

static void expect_member(const char *list, const char *name, const char *member,
                          const char *expected)
{
    char *value = member_of(list, name, member);
    ck_assert_msg(strcmp(value, expected) == 0, "%s of %s is %s, not %s", member, name, value,
                  expected);
    free(value);
}

/* "/api/cdpReplicas/RID/vms" of the policy's replica. */
static const char *path_of_vms(const char *policy)
{
    static char path[128];
    ck_assert_int_eq(client_get("/api/query?type=CdpReplica&format=Entities"), 200);
    char *uid = member_of("Entities.CdpReplicas.CdpReplicas", policy, "UID");
    uid[strlen(uid) - 1] = '\0'; // the quote
    snprintf(path, sizeof path, "/api/cdpReplicas/%s/vms", strrchr(uid, ':') + 1);
    free(uid);
    return path;
}

/* ---- replicas ---- */

static const struct {
    const char *member;
    const char *value;
} replica_cases[] = {
    {"PolicyUid", "\"" GOLD "\""},
    {"PolicyName", "\"Gold\""},
    {"BackupServer", "\"vbr01\""},
    {"Type", "\"CdpReplica\""},
    {"Links.0.Type", "\"BackupServerReference\""},
    {"Links.1.Type", "\"CdpReplicaVmReferenceList\""},
    {"Links.2.Href", "\"" ORIGIN "/cdpPolicies/" GOLD "\""},
    {"Links.2.Type", "\"CdpPolicyReference\""},
    {"Links.3.Rel", "\"Alternate\""},
};

START_TEST(replicas_have_members)
{
    static const char list[] = "Entities.CdpReplicas.CdpReplicas";
    start_site("");
    ck_assert_int_eq(client_query("CdpReplica", "", ""), 200);
    expect_member(list, "Gold", replica_cases[_i].member, replica_cases[_i].value);
    char *link = member_of(list, "Gold", "Links.1.Href");
    ck_assert_ptr_nonnull(strstr(link, path_of_vms("Gold")));
    free(link);
}
END_TEST

static const struct {
    const char *filter;
    int count; // -1: a 400
} filter_cases[] = {
    {"", 3},
    {"Name==Gold", 1},
    {"PolicyName==Old", 1},
    {"PolicyName==New", 0},
    {"PolicyId==\"" GOLD "\"", 1},
    {"UID==" GOLD, 0},
    {"BackupServerName==vbr02", 1},
    {"BackupServerUid==\"urn:veeam:BackupServer:" GOLD "\"", 0},
    {"State==Ready", -1},
};

START_TEST(filters_replicas)
{
    start_site("");
    const int count = filter_cases[_i].count;
    ck_assert_int_eq(client_query("CdpReplica", filter_cases[_i].filter, ""),
                     count < 0 ? 400 : 200);
    ck_assert(count < 0 || client_count("Entities.CdpReplicas.CdpReplicas") == count);
}
END_TEST

START_TEST(pages_replicas)
{
    start_site("");
    ck_assert_int_eq(client_query("CdpReplica", "", "&sortAsc=Name&pageSize=2&page=2"), 200);
    ck_assert_int_eq(client_count("Entities.CdpReplicas.CdpReplicas"), 1);
    client_expect("Entities.CdpReplicas.CdpReplicas.0.Name", "\"Two\"");
    client_expect("PagingInfo.PagesCount", "2");
    ck_assert_int_eq(client_get("/api/cdpReplicas"), 200);
    ck_assert_int_eq(client_count("Refs"), 3);
    ck_assert_int_eq(client_get("/api/cdpReplicas?format=Entity"), 200);
    ck_assert_int_eq(client_count("CdpReplicas"), 3);
}
END_TEST

/* A policy that is deleted is gone; what it made is not. */
START_TEST(keeps_what_a_deleted_policy_made)
{
    start_site("");
    ck_assert_int_eq(client_query("CdpPolicy", "", ""), 200);
    ck_assert_int_eq(client_count("Entities.CdpPolicies.CdpPolicies"), 4);
    ck_assert(!client_has("\"Old\""));
    ck_assert_int_eq(client_get(path_of_vms("Old")), 200);
    client_expect("Refs.0.Name", "\"orphan\"");
}
END_TEST

/* ---- their VMs ---- */

static const struct {
    const char *member;
    const char *value;
} vm_cases[] = {
    {"PolicyUid", "\"" GOLD "\""},
    {"PolicyName", "\"Gold\""},
    {"BackupServer", "\"vbr01\""},
    {"RepositoryName", "null"}, // the scenario's own
    {"Links.0.Rel", "\"Intervals\""},
    {"Links.1.Rel", "\"Failover\""},
    {"Links.2.Type", "\"BackupServerReference\""},
    {"Links.3.Type", "\"RepositoryReference\""},
    {"Links.4.Type", "\"CdpReplicaReference\""},
    {"Links.5.Type", "\"CdpPolicyReference\""},
};

/* By both paths. */
START_TEST(vms_have_members)
{
    static const char list[] = "VmCdpReplicas";
    start_site("");
    ck_assert_int_eq(client_get("/api/cdpReplica/vms?format=Entity"), 200);
    ck_assert_int_eq(client_count(list), 6);
    expect_member(list, "db01_replica", vm_cases[_i].member, vm_cases[_i].value);
    expect_member(list, "left", "RepositoryName", "\"Default Backup Repository\"");
    char path[160];
    snprintf(path, sizeof path, "%s?format=Entity", path_of_vms("Gold"));
    ck_assert_int_eq(client_get(path), 200);
    ck_assert_int_eq(client_count("CdpReplicaVms"), 2);
    expect_member("CdpReplicaVms", "db01_replica", vm_cases[_i].member, vm_cases[_i].value);
}
END_TEST

/* The VM that a policy names and its replica refer to one object of the hierarchy. */
START_TEST(vms_refer_to_the_hierarchy)
{
    start_site("");
    ck_assert_int_eq(client_query("CdpPolicy", "Name==Gold", ""), 200);
    cJSON *json = client_document();
    const char *named =
        client_text(json, "Entities.CdpPolicies.CdpPolicies.0.CdpPolicyInfo.CdpReplicaPolicyInfo."
                          "Includes.ObjectInJobs.0.HierarchyObjRef");
    char expected[128];
    snprintf(expected, sizeof expected, "\"%s\"", named);
    cJSON_Delete(json);
    ck_assert_int_eq(strncmp(expected, "\"urn:VMware:Vm:", 15), 0);
    ck_assert_int_eq(client_get("/api/cdpReplica/vms?format=Entity"), 200);
    expect_member("VmCdpReplicas", "db01_replica", "VmRef", expected);
    char *other = member_of("VmCdpReplicas", "left", "VmRef");
    ck_assert_str_ne(other, expected);
    free(other);
}
END_TEST

START_TEST(finds_single_vms)
{
    start_site("");
    ck_assert_int_eq(client_get(path_of_vms("Gold")), 200);
    ck_assert_int_eq(client_count("Refs"), 2);
    client_expect("Refs.0.Type", "\"CdpReplicaVmReference\"");
    client_expect("Refs.0.Links.1.Type", "\"CdpReplicaVm\"");
    ck_assert(!client_has("action="));
    cJSON *json = client_document();
    char id[64];
    snprintf(id, sizeof id, "%s", strrchr(client_text(json, "Refs.0.UID"), ':') + 1);
    ck_assert_str_eq(client_text(json, "Refs.0.Href") + strlen(ORIGIN "/cdpReplicas/") + 37 + 4,
                     id);
    cJSON_Delete(json);
    char path[256];
    snprintf(path, sizeof path, "%s/%s?format=Entity", path_of_vms("Gold"), id);
    ck_assert_int_eq(client_get(path), 200);
    client_expect("Type", "\"CdpReplicaVm\"");
    snprintf(path, sizeof path, "/api/cdpReplica/vms/%s?format=Entity", id);
    ck_assert_int_eq(client_get(path), 200);
    client_expect("Type", "\"VmCdpReplica\"");
    snprintf(path, sizeof path, "%s/%s", path_of_vms("Two"), id); // of another replica
    ck_assert_int_eq(client_get(path), 404);
    snprintf(path, sizeof path, "%s/%s/x", path_of_vms("Gold"), id);
    ck_assert_int_eq(client_get(path), 404);
    ck_assert_int_eq(client_get("/api/cdpReplicas/" CLIENT_NOWHERE "/vms"), 404);
    ck_assert_int_eq(client_get("/api/cdpReplica/vms/x"), 400);
    ck_assert_int_eq(client_get("/api/cdpReplica"), 404);
    ck_assert_int_eq(client_get("/api/cdpReplica/vApps"), 404);
    ck_assert_int_eq(client_ask("POST", path_of_vms("Gold"), client.token_header, NULL), 405);
}
END_TEST

static const struct {
    const char *wording;
    const char *start; // of the Href in front of "/cdpReplicas/"
} href_cases[] = {
    {"", "\"Href\":\"" ORIGIN "/cdpReplicas/"},
    {"\"wording\":{\"replica_href\":\"slash\"},", "\"Href\":\"/" ORIGIN "/cdpReplicas/"},
    {"\"wording\":{\"replica_href\":\"twice\"},", "\"Href\":\"" ORIGIN "/" ORIGIN "/cdpReplicas/"},
};

START_TEST(has_odd_hrefs)
{
    start_site(href_cases[_i].wording);
    ck_assert_int_eq(client_get(path_of_vms("Two")), 200);
    ck_assert_msg(client_has(href_cases[_i].start), "%s", client.answered.body);
}
END_TEST

/* ---- refusals ---- */

static const struct {
    const char *refuses;
    const char *path;
    long status;
} refusal_cases[] = {
    {"", "/api/cdpReplica/vms", 200},
    {"\"replica_vms\":404", "/api/cdpReplica/vms?format=Entity", 404},
    {"\"replica_vms\":400", "/api/cdpReplica/vms?format=Entity", 400},
    {"\"replica_vms\":404", "/api/cdpReplicas", 200},
    {"\"replicas_query\":400", "/api/query?type=CdpReplica&format=Entities", 400},
    {"\"replicas_query\":403", "/api/query?format=Entities&type=cdpreplica", 403},
    {"\"replicas_query\":400", "/api/query?type=CdpPolicy&format=Entities", 200},
    {"\"replicas\":403", "/api/cdpReplicas", 403},
    {"\"replicas\":404", "/api/cdpReplicas/" CLIENT_NOWHERE "/vms", 404},
    {"\"policies\":403", "/api/cdpPolicies?format=Entity", 403},
    {"\"policies\":403", "/api/query?type=CdpPolicy", 200},
    {"\"policies_query\":500", "/api/query?type=CdpPolicy", 500},
    {"\"policies_query\":403", "/api/query?type=CdpReplicaTaskSession", 200},
    {"\"policies_query\":403", "/api/cdpReplicaTaskSessions", 200},
};

START_TEST(refuses)
{
    char more[128];
    snprintf(more, sizeof more, "\"refuses\":{%s},", refusal_cases[_i].refuses);
    start_site(more);
    const long status = client_get(refusal_cases[_i].path);
    ck_assert_int_eq(status, refusal_cases[_i].status);
    if (status != 200) {
        cJSON *json = client_document();
        ck_assert_int_eq(client_member(json, "StatusCode")->valueint, (int)status);
        ck_assert_uint_gt(strlen(client_text(json, "Message")), 5);
        cJSON_Delete(json);
    }
}
END_TEST

Suite *replicas_suite(void)
{
    Suite *suite = suite_create("replicas");
    TCase *tests = tcase_create("replicas");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, client_set_up, client_tear_down);
    tcase_add_loop_test(tests, replicas_have_members, 0, COUNT(replica_cases));
    tcase_add_loop_test(tests, filters_replicas, 0, COUNT(filter_cases));
    tcase_add_test(tests, pages_replicas);
    tcase_add_test(tests, keeps_what_a_deleted_policy_made);
    tcase_add_loop_test(tests, vms_have_members, 0, COUNT(vm_cases));
    tcase_add_test(tests, vms_refer_to_the_hierarchy);
    tcase_add_test(tests, finds_single_vms);
    tcase_add_loop_test(tests, has_odd_hrefs, 0, COUNT(href_cases));
    tcase_add_loop_test(tests, refuses, 0, COUNT(refusal_cases));
    suite_add_tcase(suite, tests);
    return suite;
}
