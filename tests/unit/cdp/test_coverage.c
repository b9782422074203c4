// SPDX-License-Identifier: GPL-3.0-or-later
/* Which VMs should have sessions, and which of these have none. */
#include "cdp/coverage.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "unit/spec.h"
#include "unit/suites.h"

enum { MOST_VMS = 6, LIMIT = 1000 };

/* A VM by VM, policy and backup server: "a P s", '-' for what is not known. */
struct keys {
    char vm[20], policy[20], server[20];
};

static struct keys read_keys(const char *text)
{
    struct keys keys = {.vm = ""};
    ck_assert_int_eq(sscanf(text, "%19s %19s %19s", keys.vm, keys.policy, keys.server), 3);
    return keys;
}

static const char *known(const char *text)
{
    return strcmp(text, "-") != 0 ? text : NULL;
}

/* "n a P s": its policy names it; "r a P s": EM has a replica of it; "nr": both. */
static void add_protected(struct site *site, const char *text)
{
    struct fault fault;
    const size_t kinds = strcspn(text, " ");
    const struct keys keys = read_keys(text + kinds);
    const struct protected_vm vm = {.vm = known(keys.vm),
                                    .policy = known(keys.policy),
                                    .backup_server = known(keys.server),
                                    .named = memchr(text, 'n', kinds) != NULL,
                                    .has_replica = memchr(text, 'r', kinds) != NULL};
    ck_assert_int_eq(protected_vms_append(&site->protected_vms, &vm, &fault), 0);
}

static void add_session(struct site *site, const char *text)
{
    const struct keys keys = read_keys(text);
    char uid[16];
    snprintf(uid, sizeof uid, "%zu", site->sessions.count);
    add_spec(&site->sessions, &(struct spec){.uid = uid,
                                             .vm = known(keys.vm),
                                             .policy = known(keys.policy),
                                             .server = known(keys.server),
                                             .state = "Completed"});
}

/* "P s": a policy on a backup server; "P s lists": one that includes nothing but VMs. */
static void add_policy(struct site *site, const char *text)
{
    struct fault fault;
    char name[20];
    char server[20];
    char lists[20] = "";
    ck_assert_int_ge(sscanf(text, "%19s %19s %19s", name, server, lists), 2);
    site->answers[SITE_POLICIES].knowledge = SITE_TOLD;
    const struct policy policy = {
        .name = name, .backup_server = known(server), .lists_all = lists[0] != '\0'};
    ck_assert_int_eq(policies_append(&site->policies, &policy, &fault), 0);
}

/*
 * What is expected is a text: each target in its order, "a P s", with ":n" behind it if a policy
 * names it, ":r" if EM has a replica of it, "+" before it if it was added, '?' if it is no VM.
 */
// clang-format off
static const struct {
    const char *name;
    const char *sessions[MOST_VMS], *protected_vms[MOST_VMS], *policies[MOST_VMS];
    const char *joined;
} joins[] = {
    {"nothing", {NULL}, {NULL}, {NULL}, ""},
    {"no VM is protected", {"b P s", "a P s"}, {NULL}, {NULL}, "a P s/b P s"},
    {"no VM has a session", {NULL}, {"n b P s", "n a P s"}, {NULL}, "+a P s:n/+b P s:n"},
    {"between, before and behind", {"b P s", "d P s"},
     {"r e P s", "r d P s", "r c P s", "r a P s"}, {NULL},
     "+a P s:r/b P s/+c P s:r/d P s:r/+e P s:r"},
    {"host names have no case", {"a P S.example"}, {"n a P s.EXAMPLE"}, {NULL}, "a P S.example:n"},
    {"those of VMs and policies do", {"a P s"}, {"n A P s", "n a p s"}, {NULL},
     "+A P s:n/a P s/+a p s:n"},
    {"another policy", {"a P s"}, {"n a Q s"}, {NULL}, "a P s/+a Q s:n"},
    {"another server", {"a P s"}, {"n a P t"}, {NULL}, "a P s/+a P t:n"},
    {"each to its own", {"a P s", "a P t", "a Q s"}, {"n a P t", "r a Q s"}, {NULL},
     "a P s/a P t:n/a Q s:r"},
    {"a session without a server", {"a P -"}, {"n a P s"}, {NULL}, "a P -:n"},
    {"a session without a policy", {"a - s"}, {"n a P s"}, {NULL}, "a - s:n"},
    {"a session without either", {"a - -"}, {"n a P s", "n a Q t"}, {NULL}, "a - -:n"},
    {"without either, another name", {"a - -"}, {"n b P s"}, {NULL}, "a - -/+b P s:n"},
    {"a VM without a server", {"a P s", "a P t"}, {"n a P -"}, {NULL}, "a P s:n/a P t:n"},
    {"a replica without a policy", {"a P s", "a Q t"}, {"r a - s"}, {NULL}, "a P s:r/a Q t"},
    {"named counts more than a replica", {"a P s"}, {"r a P s", "n a P s"}, {NULL}, "a P s:n"},
    {"of what has no sessions too", {NULL}, {"r a P s", "n a P S"}, {NULL}, "+a P S:n"},
    {"the same in two entries", {NULL}, {"nr a P s", "n a P s", "r a P s"}, {NULL}, "+a P s:nr"},
    {"one without a server is the same VM", {NULL}, {"n a P -", "r a P s"}, {NULL}, "+a P s:n"},
    {"what has no VM's name", {"- P s"}, {"n - P s", "n a P s"}, {NULL}, "- P s/+a P s:n"},
    {"sessions of none of several are no VM's", {"a P s", "a Q s", "a - s"}, {"n a R s"}, {NULL},
     "a - s?/a P s/a Q s/+a R s:n"},
    {"a replica of a policy that EM has", {NULL}, {"r a P s"}, {"P S"}, "+a P s:r"},
    {"on a server that EM does not tell", {NULL}, {"r a P s"}, {"P -"}, "+a P s:r"},
    {"of two of that name", {NULL}, {"r a P -"}, {"P s", "P t"}, "+a P -:r"},
    {"of one that EM does not have", {"b P s"}, {"r a P s"}, {"Q s"}, "b P s"},
    {"of one that it has elsewhere", {NULL}, {"r a P s"}, {"P t"}, ""},
    {"of none", {NULL}, {"r a - s"}, {"P s"}, ""},
};
// clang-format on

static void append_target(struct buf *text, const struct target *target)
{
    buf_format(text, "%s%s%s %s %s", text->length > 0 ? "/" : "", target->count == 0 ? "+" : "",
               target->vm != NULL ? target->vm : "-", target->policy != NULL ? target->policy : "-",
               target->backup_server != NULL ? target->backup_server : "-");
    buf_text(text, target->unplaced ? "?" : "");
    if (target->expected != NULL) {
        buf_format(text, ":%s%s", target->expected->named ? "n" : "",
                   target->expected->has_replica ? "r" : "");
    }
}

START_TEST(joins_vms)
{
    struct site site = {.parts = NULL};
    struct fault fault;
    cleanup_targets struct targets targets;
    cleanup_buf struct buf text;
    buf_init(&text, LIMIT);
    for (int i = 0; i < MOST_VMS && joins[_i].sessions[i] != NULL; i++) {
        add_session(&site, joins[_i].sessions[i]);
    }
    for (int i = 0; i < MOST_VMS && joins[_i].protected_vms[i] != NULL; i++) {
        add_protected(&site, joins[_i].protected_vms[i]);
    }
    for (int i = 0; i < MOST_VMS && joins[_i].policies[i] != NULL; i++) {
        add_policy(&site, joins[_i].policies[i]);
    }
    ck_assert_int_eq(targets_group(&site.sessions, false, &targets, &fault), 0);
    ck_assert_int_eq(coverage_join(&targets, &site, &fault), 0);
    for (size_t i = 0; i < targets.count; i++) {
        append_target(&text, &targets.items[i]);
    }
    ck_assert_msg(strcmp(buf_string(&text), joins[_i].joined) == 0, "%s: %s, not %s",
                  joins[_i].name, buf_string(&text), joins[_i].joined);
    site_free(&site);
}
END_TEST

/*
 * What is left of the protected VMs, with ":r" behind it if it is a replica only, and the policies
 * and servers whose names join nothing; of the policies only the first can be one.
 */
// clang-format off
static const struct {
    const char *name;
    const char *sessions[MOST_VMS], *protected_vms[MOST_VMS];
    const char *left, *unjoined;
    const char *policies[MOST_VMS];
} settlings[] = {
    {"nothing", {NULL}, {NULL}, "", "", {NULL}},
    {"no replica", {"a P s"}, {"n b P s"}, "b", "", {NULL}},
    {"one joins", {"a P s", "b P s"}, {"r a P S", "r c P s"}, "a:r c:r", "", {NULL}},
    {"none joins", {"a P s", "b P s"}, {"r a_replica P s", "r b_replica P s"}, "", "s", {NULL}},
    {"none joins by its policy", {"a P s"}, {"r a Q s"}, "", "s", {NULL}},
    {"those that are named stay", {"a P s"}, {"n c P s", "nr b P s", "r b_replica P s"},
     "c b", "s", {NULL}},
    {"no sessions", {NULL}, {"r a P s"}, "a:r", "", {NULL}},
    {"no sessions of that server", {"b P t"}, {"r a P s"}, "a:r", "", {NULL}},
    {"each server by itself", {"a P s", "b P t"}, {"r x P s", "r b P t", "r y P t"}, "b:r y:r", "s",
     {NULL}},
    {"two servers", {"a P s", "b P t"}, {"r x P t", "r x P s"}, "", "s/t", {NULL}},
    {"a session without a server joins", {"a P -", "b P s"}, {"r a P s", "r c P s"}, "a:r c:r", "",
     {NULL}},
    {"and may be of any", {"a P -"}, {"r x P s"}, "", "s", {NULL}},
    {"a replica without a server joins", {"a P s"}, {"r a P -", "r b P -"}, "a:r b:r", "", {NULL}},
    {"or does not", {"a P s"}, {"r x P -"}, "", "?", {NULL}},
    {"a replica without a name", {"- P s"}, {"r - P s"}, "", "s", {NULL}},
    {"no include joins", {"a P s"}, {"n Id1 P s", "n Id2 P s"}, "", "policy P",
     {"P s lists"}},
    {"one does", {"a P s"}, {"n Id1 P s", "n a P s"}, "Id1 a", "", {"P s lists"}},
    {"the policy includes more than VMs", {"a P s"}, {"n Id1 P s"}, "Id1", "", {"P s"}},
    {"the policy is not known", {"a P s"}, {"n Id1 P s"}, "Id1", "", {"Q s lists"}},
    {"the policy has no sessions", {"a Q s"}, {"n Id1 P s"}, "Id1", "", {"P s lists"}},
    {"nor on that server", {"a P t"}, {"n Id1 P s"}, "Id1", "", {"P s lists"}},
    {"the server in another case", {"a P S.example"}, {"n Id1 P s.EXAMPLE"}, "", "policy P",
     {"P s.example lists"}},
    {"a session of a server that is not known", {"a P -"}, {"n Id1 P s"}, "", "policy P",
     {"P s lists"}},
    {"a policy of a server that is not known", {"a P s"}, {"n Id1 P -"}, "", "policy P",
     {"P - lists"}},
    {"those with a replica stay as such", {"a P s", "b Q s"},
     {"nr Id1 P s", "n Id2 P s", "r b Q s"}, "Id1:r b:r", "policy P", {"P s lists"}},
    {"unless no replica joins either", {"a P s"}, {"nr Id1 P s", "r Id2 P s"}, "", "policy P/s",
     {"P s lists"}},
    {"each policy by itself", {"a P s", "b Q s", "c P t"},
     {"n Id1 P s", "n b Q s", "n c P t", "n d P t"}, "b c d", "policy P",
     {"P s lists", "Q s lists", "P t lists"}},
    {"an include without a policy", {"a P s"}, {"n Id1 - s"}, "Id1", "", {"P s lists"}},
};
// clang-format on

static void append_left(struct buf *text, const struct protected_vm *vm)
{
    buf_format(text, "%s%s%s", text->length > 0 ? " " : "", vm->vm,
               vm->has_replica && !vm->named ? ":r" : "");
}

START_TEST(settles)
{
    struct site site = {.parts = NULL};
    struct fault fault;
    cleanup_buf struct buf left;
    cleanup_buf struct buf unjoined;
    buf_init(&left, LIMIT);
    buf_init(&unjoined, LIMIT);
    for (int i = 0; i < MOST_VMS && settlings[_i].sessions[i] != NULL; i++) {
        add_session(&site, settlings[_i].sessions[i]);
    }
    for (int i = 0; i < MOST_VMS && settlings[_i].protected_vms[i] != NULL; i++) {
        add_protected(&site, settlings[_i].protected_vms[i]);
    }
    for (int i = 0; i < MOST_VMS && settlings[_i].policies[i] != NULL; i++) {
        add_policy(&site, settlings[_i].policies[i]);
    }
    for (int times = 0; times < 2; times++) { // what was settled stays so
        ck_assert_int_eq(coverage_settle(&site, &fault), 0);
    }
    for (size_t i = 0; i < site.protected_vms.count; i++) {
        append_left(&left, &site.protected_vms.items[i]);
    }
    for (size_t i = 0; i < site.unjoined.count; i++) {
        buf_format(&unjoined, "%s%s", i > 0 ? "/" : "", site.unjoined.text[i]);
    }
    for (size_t i = 0; i < site.policies.count; i++) {
        const bool forgotten = i == 0 && strstr(settlings[_i].unjoined, "policy") != NULL;
        const bool listed = strstr(settlings[_i].policies[i], "lists") != NULL;
        ck_assert(site.policies.items[i].lists_all == (listed && !forgotten));
    }
    ck_assert_msg(strcmp(buf_string(&left), settlings[_i].left) == 0, "%s: %s are left",
                  settlings[_i].name, buf_string(&left));
    ck_assert_msg(strcmp(buf_string(&unjoined), settlings[_i].unjoined) == 0, "%s: %s",
                  settlings[_i].name, buf_string(&unjoined));
    site_free(&site);
}
END_TEST

/* It takes no longer than sorting: VMs of a large site, of which every other one has sessions. */
START_TEST(a_large_site_is_joined_at_once)
{
    enum { VMS = 20000 };
    struct site site = {.parts = NULL};
    struct fault fault;
    cleanup_targets struct targets targets;
    char text[40];
    for (int i = 0; i < VMS; i++) {
        snprintf(text, sizeof text, "r vm%d P s%d", i, i % 7);
        add_protected(&site, text);
        if (i % 2 == 0) {
            add_session(&site, text + 2);
        }
    }
    ck_assert_int_eq(coverage_settle(&site, &fault), 0);
    ck_assert_int_eq(targets_group(&site.sessions, false, &targets, &fault), 0);
    ck_assert_int_eq(coverage_join(&targets, &site, &fault), 0);
    ck_assert_uint_eq(site.unjoined.count, 0);
    ck_assert_uint_eq(targets.count, VMS);
    site_free(&site);
}
END_TEST

Suite *coverage_suite(void)
{
    Suite *suite = suite_create("coverage");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, joins_vms, 0, COUNT(joins));
    tcase_add_loop_test(all, settles, 0, COUNT(settlings));
    tcase_add_test(all, a_large_site_is_joined_at_once);
    suite_add_tcase(suite, all);
    return suite;
}
