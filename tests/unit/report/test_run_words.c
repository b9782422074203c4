// SPDX-License-Identifier: GPL-3.0-or-later
/* What is found of a run says: one row a sentence. */
#include "report/run_words.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "unit/shown.h"
#include "unit/suites.h"

enum { MINUTE = 60, H = 60 * MINUTE, D = 24 * H, SERVERS = 3, MANY = 12 };

/* A verdict by hand, and what it borrows from. */
struct scene {
    struct scope scope;
    struct verdict verdict;
    struct server_verdict servers[SERVERS];
    struct moved_vm moved[MANY];
    struct threshold warning, critical;
    range range;
};

static void end(struct scene *scene)
{
    site_free(&scene->verdict.site);
}

static void answer(struct scene *scene, enum site_topic topic, enum site_knowledge knowledge,
                   const char *why)
{
    struct site_answer *answer = &scene->verdict.site.answers[topic];
    answer->knowledge = knowledge;
    if (why != NULL) {
        fault_set(&answer->fault, knowledge == SITE_REFUSED ? FAULT_FORBIDDEN : FAULT_TIMEOUT, "%s",
                  why);
    }
}

/* One more backup server, and when EM collected it last by itself; NULL: no log says so. */
static void add_server(struct scene *scene, const char *name, const char *at, bool missed)
{
    struct verdict *verdict = &scene->verdict;
    verdict->servers = scene->servers;
    verdict->servers[verdict->server_count++] =
        (struct server_verdict){.name = name, .judged = true, .missed = missed};
    if (at != NULL || missed) {
        struct collected_server *entry = collection_add(&verdict->site.collection, name);
        ck_assert_ptr_nonnull(entry);
        entry->collected = at != NULL;
        entry->at = at != NULL ? moment(at) : 0;
        entry->missed = missed;
    }
}

static void set_vms(struct scene *scene, size_t server, size_t vms, size_t running)
{
    scene->servers[server].vms = vms;
    scene->servers[server].running = running;
}

static void set_age(struct scene *scene, double seconds)
{
    struct measure *age = &scene->verdict.measures[METRIC_DATA_AGE];
    scene->range = (range){.start = 0, .end = 45 * MINUTE};
    scene->warning = (struct threshold){.range = &scene->range, .text = "45m"};
    scene->critical = (struct threshold){.range = &scene->range, .text = "2h"};
    *age = (struct measure){
        .known = true, .value = seconds, .warning = &scene->warning, .critical = &scene->critical};
}

static void succeed(struct scene *scene, const char *at)
{
    scene->verdict.site.collection.has_succeeded = true;
    scene->verdict.site.collection.succeeded = moment(at);
}

static void add_policy(struct scene *scene, const char *name, const char *containers)
{
    struct fault fault;
    const struct policy policy = {.name = name, .containers = containers};
    ck_assert_int_eq(policies_append(&scene->verdict.site.policies, &policy, &fault), 0);
}

static void of_nothing(struct scene *scene)
{
    (void)scene;
}

static void one_server_is_old(struct scene *scene)
{
    set_age(scene, 3 * H + 2 * MINUTE);
    succeed(scene, "2025-08-14T08:58:00Z");
    add_server(scene, "vbr01", NULL, false);
    add_server(scene, "vbr02", "2025-08-14T11:50:00Z", false);
}

static void all_servers_are_old(struct scene *scene)
{
    set_age(scene, 3 * H + 2 * MINUTE);
    succeed(scene, "2025-08-14T08:58:00Z");
    add_server(scene, "vbr01", NULL, false);
    add_server(scene, NULL, NULL, false);
    add_server(scene, "vbr|03", NULL, true);
}

static void two_servers_are_old(struct scene *scene)
{
    set_age(scene, 3 * H + 2 * MINUTE);
    succeed(scene, "2025-08-14T08:58:00Z");
    add_server(scene, "vbr01", NULL, false);
    add_server(scene, "vbr02", "2025-08-14T11:50:00Z", false);
    add_server(scene, "vbr|03", NULL, true);
}

static void one_of_the_old_is_not_judged(struct scene *scene)
{
    two_servers_are_old(scene);
    scene->servers[0].judged = false;
}

static void one_that_is_not_judged_is_old(struct scene *scene)
{
    one_server_is_old(scene);
    set_age(scene, 10 * MINUTE);
    scene->servers[0].judged = false;
}

static void one_of_em_is_old(struct scene *scene)
{
    one_server_is_old(scene);
    scene->scope.kind = SCOPE_EM;
    scene->servers[0].judged = false;
    scene->servers[1].judged = false;
}

static void one_is_not_collected(struct scene *scene)
{
    add_server(scene, "vbr01", NULL, false);
    add_server(scene, "vbr02", "2025-08-14T11:50:00Z", false);
}

static void no_server_is_known(struct scene *scene)
{
    set_age(scene, 3 * H + 2 * MINUTE);
    succeed(scene, "2025-08-14T08:58:00Z");
    scene->warning.text = NULL; // the default is no text of an option's
}

static void age_is_refused(struct scene *scene)
{
    set_age(scene, 0);
    answer(scene, SITE_COLLECTION, SITE_REFUSED, "403 of EM");
}

static void age_failed(struct scene *scene)
{
    set_age(scene, 0);
    scene->verdict.measures[METRIC_DATA_AGE].critical = NULL;
    answer(scene, SITE_COLLECTION, SITE_FAILED, "the deadline passed");
}

static void age_is_not_asked(struct scene *scene)
{
    set_age(scene, 0);
}

static void nothing_runs(struct scene *scene)
{
    add_server(scene, "vbr01", NULL, false);
    add_server(scene, "vbr02", NULL, false);
    add_server(scene, NULL, NULL, false);
    set_vms(scene, 0, 12, 0);
    set_vms(scene, 1, 12, 1);
    set_vms(scene, 2, 3, 0);
}

static void few_do_not_run(struct scene *scene)
{
    nothing_runs(scene);
    set_vms(scene, 2, 2, 0);
}

static void one_is_missed(struct scene *scene)
{
    succeed(scene, "2025-08-13T08:58:00Z");
    add_server(scene, "vbr01", "2025-08-14T11:50:00Z", false);
    add_server(scene, "vbr02", "2025-08-14T11:35:00Z", true);
}

static void one_was_never_collected(struct scene *scene)
{
    add_server(scene, "vbr02", NULL, true);
}

static void two_fail_alike(struct scene *scene)
{
    answer(scene, SITE_POLICIES, SITE_FAILED, "slow");
    answer(scene, SITE_REPLICAS, SITE_FAILED, "slow");
    answer(scene, SITE_COLLECTION, SITE_REFUSED, "403");
}

static void all_fail(struct scene *scene)
{
    answer(scene, SITE_POLICIES, SITE_FAILED, "slow");
    answer(scene, SITE_COLLECTION, SITE_FAILED, NULL);
    answer(scene, SITE_REPLICAS, SITE_FAILED, "gone");
}

static void all_fail_alike(struct scene *scene)
{
    for (enum site_topic topic = 0; topic < SITE_TOPICS; topic++) {
        answer(scene, topic, SITE_FAILED, "slow");
    }
    scene->verdict.site.from_snapshot = true;
}

static void two_fail_for_a_vm(struct scene *scene)
{
    two_fail_alike(scene);
    scene->scope.kind = SCOPE_VM;
}

static void all_is_refused(struct scene *scene)
{
    answer(scene, SITE_POLICIES, SITE_REFUSED, "403");
    answer(scene, SITE_REPLICAS, SITE_REFUSED, "403");
    answer(scene, SITE_COLLECTION, SITE_REFUSED, "403");
}

static void all_is_refused_to_a_snapshot(struct scene *scene)
{
    all_is_refused(scene);
    scene->verdict.site.from_snapshot = true;
}

static void all_is_refused_for_a_vm(struct scene *scene)
{
    all_is_refused(scene);
    scene->scope.kind = SCOPE_VM;
}

static void data_age_is_refused(struct scene *scene)
{
    answer(scene, SITE_POLICIES, SITE_TOLD, NULL);
    answer(scene, SITE_REPLICAS, SITE_TOLD, NULL);
    answer(scene, SITE_COLLECTION, SITE_REFUSED, "404");
}

static void policies_are_refused(struct scene *scene)
{
    answer(scene, SITE_POLICIES, SITE_REFUSED, "403");
}

static void one_server_does_not_join(struct scene *scene)
{
    lines_add(&scene->verdict.site.unjoined, "vbr|01");
}

static void a_policy_does_not_join(struct scene *scene)
{
    one_server_does_not_join(scene);
    lines_add(&scene->verdict.site.unjoined, "policy Gold");
    scene->scope.kind = SCOPE_VM;
}

static void policies_have_containers(struct scene *scene)
{
    add_policy(scene, "Gold", "Folder Prod, Tag gold");
    add_policy(scene, "Silver", NULL);
    add_policy(scene, "Bronze", "Cluster\nC1");
}

static void another_policy_is_judged(struct scene *scene)
{
    static const char *names[] = {"Bronze"};
    policies_have_containers(scene);
    scene->scope.kind = SCOPE_POLICY;
    scene->scope.names = (struct name_list){.items = names, .count = COUNT(names)};
}

static void many_policies_have_containers(struct scene *scene)
{
    for (int i = 0; i < MANY; i++) {
        add_policy(scene, "P", "Tag t");
    }
}

static void move(struct scene *scene, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        scene->moved[i] = (struct moved_vm){.vm = "srv", .from = i == 0 ? "A" : NULL};
    }
    scene->verdict.moved = scene->moved;
    scene->verdict.moved_count = count;
}

static void is_renewed_by_changes(struct scene *scene)
{
    scene->verdict.site.renewal =
        (struct site_renewal){.what = RENEWED_CHANGES,
                              .sessions = 12500,
                              .since = scene->verdict.now - INT64_C(2) * H * UTC_SECOND};
}

static void is_renewed_in_full(struct scene *scene)
{
    scene->verdict.site.renewal = (struct site_renewal){.what = RENEWED_HOURLY, .sessions = 100000};
}

static void could_not_be_renewed_in_full(struct scene *scene)
{
    is_renewed_by_changes(scene);
    scene->verdict.site.renewal.what = RENEWED_HOURLY;
    scene->verdict.site.renewal.overdue = true;
    scene->verdict.site.renewal.full = scene->verdict.now - INT64_C(3) * H * UTC_SECOND;
    fault_set(&scene->verdict.site.renewal.why, FAULT_TIMEOUT, "the deadline passed");
}

static void was_not_renewed_in_full(struct scene *scene)
{
    could_not_be_renewed_in_full(scene);
    scene->verdict.site.renewal.why.kind = FAULT_NONE;
}

static void two_moved(struct scene *scene)
{
    move(scene, 2);
}

static void clock_is_ahead(struct scene *scene)
{
    scene->verdict.site.clock_offset = H * UTC_SECOND;
}

#define CHECK_COLLECTION "; check EM's data collection and the backup server"
#define STALE_01 "EM has collected nothing from vbr01 since 2025-08-14 08:58 UTC"
#define NEEDS_IDLE_AFTER                                                                           \
    ": the backup server or EM stands still, or this EM lists no running sessions, which needs "   \
    "--idle-after: the policies' interval and 1h more"

static const struct {
    enum finding_kind kind;
    int state;
    void (*set)(struct scene *);
    const char *words; // the long form
    const char *brief; // NULL: there is none
} findings[] = {
    {FINDING_UNENCRYPTED, STATE_OK, of_nothing, "--no-tls: password and answers travel in clear",
     NULL},
    {FINDING_UNVERIFIED, STATE_OK, of_nothing,
     "--insecure: the server's certificate was not verified; see --pinned-pubkey", NULL},
    {FINDING_CLOCK_OFFSET, STATE_OK, clock_is_ahead,
     "EM's clock is 1h ahead of this host's: spans are measured by EM's; set both by NTP", NULL},
    {FINDING_STALE, STATE_WARNING, one_server_is_old,
     "EM's data is 3h 2m old (warning: 45m): " STALE_01 CHECK_COLLECTION,
     "EM's data is 3h 2m old (warning: 45m): " STALE_01},
    {FINDING_STALE, STATE_CRITICAL, all_servers_are_old,
     "EM's data is 3h 2m old (critical: 2h): EM has completed no data collection since 2025-08-14 "
     "08:58 UTC" CHECK_COLLECTION,
     "EM's data is 3h 2m old (critical: 2h): EM has completed no data collection since 2025-08-14 "
     "08:58 UTC"},
    {FINDING_STALE, STATE_CRITICAL, two_servers_are_old,
     "EM's data is 3h 2m old (critical: 2h): EM has collected nothing from vbr01, vbr 03 since "
     "2025-08-14 08:58 UTC" CHECK_COLLECTION,
     "EM's data is 3h 2m old (critical: 2h): EM has collected nothing from vbr01, vbr 03 since "
     "2025-08-14 08:58 UTC"},
    {FINDING_STALE, STATE_WARNING, one_of_the_old_is_not_judged,
     "EM's data is 3h 2m old (warning: 45m): EM has collected nothing from vbr 03 since "
     "2025-08-14 08:58 UTC" CHECK_COLLECTION,
     "EM's data is 3h 2m old (warning: 45m): EM has collected nothing from vbr 03 since "
     "2025-08-14 08:58 UTC"},
    {FINDING_STALE, STATE_WARNING, one_that_is_not_judged_is_old,
     "EM's data is 10m old (warning: 45m): EM has collected nothing from vbr02 since "
     "2025-08-14 11:50 UTC" CHECK_COLLECTION,
     "EM's data is 10m old (warning: 45m): EM has collected nothing from vbr02 since "
     "2025-08-14 11:50 UTC"},
    {FINDING_STALE, STATE_WARNING, one_of_em_is_old,
     "EM's data is 3h 2m old (warning: 45m): " STALE_01 CHECK_COLLECTION,
     "EM's data is 3h 2m old (warning: 45m): " STALE_01},
    {FINDING_STALE, STATE_WARNING, no_server_is_known,
     "EM's data is 3h 2m old (warning: 45m): EM has completed no data collection since 2025-08-14 "
     "08:58 "
     "UTC" CHECK_COLLECTION,
     "EM's data is 3h 2m old (warning: 45m): EM has completed no data collection since 2025-08-14 "
     "08:58 "
     "UTC"},
    {FINDING_UNCOLLECTED, STATE_WARNING, of_nothing,
     "EM shows no successful data collection, so what it says may be of any age" CHECK_COLLECTION,
     "EM shows no successful data collection"},
    {FINDING_UNCOLLECTED, STATE_WARNING, one_is_not_collected,
     "EM shows no successful data collection of vbr01, so what it says may be of any "
     "age" CHECK_COLLECTION,
     "EM shows no successful data collection of vbr01"},
    {FINDING_DATA_UNKNOWN, STATE_UNKNOWN, age_is_refused,
     "EM's data age unknown, so --critical-data-age can't be checked: EM does not tell it to this "
     "user (forbidden: 403 of EM)",
     "EM's data age unknown, so --critical-data-age can't be checked: EM does not tell it to this "
     "user"},
    {FINDING_DATA_UNKNOWN, STATE_UNKNOWN, age_failed,
     "EM's data age unknown, so --warning-data-age can't be checked: EM did not answer (timeout: "
     "the deadline passed)",
     "EM's data age unknown, so --warning-data-age can't be checked: EM did not answer"},
    {FINDING_DATA_UNKNOWN, STATE_WARNING, age_failed,
     "how old EM's data is could not be read: timeout: the deadline passed", NULL},
    {FINDING_DATA_UNKNOWN, STATE_UNKNOWN, age_is_not_asked,
     "EM's data age unknown, so --critical-data-age can't be checked: EM was not asked",
     "EM's data age unknown, so --critical-data-age can't be checked: EM was not asked"},
    {FINDING_STANDSTILL, STATE_OK, nothing_runs,
     "no task session runs on vbr01 (12 VMs), a backup server that EM does not name (3 "
     "VMs)" NEEDS_IDLE_AFTER,
     NULL},
    {FINDING_STANDSTILL, STATE_OK, few_do_not_run,
     "no task session runs on vbr01 (12 VMs)" NEEDS_IDLE_AFTER, NULL},
    {FINDING_RENEWED, STATE_OK, is_renewed_by_changes,
     "snapshot renewed: 12500 task sessions read, those that run and what changed since 2025-08-14 "
     "10:00 UTC",
     NULL},
    {FINDING_RENEWED, STATE_OK, is_renewed_in_full,
     "snapshot renewed: 100000 task sessions read, in full: as is done every hour", NULL},
    {FINDING_RENEWED, STATE_OK, could_not_be_renewed_in_full,
     "snapshot renewed: 12500 task sessions read, those that run and what changed since 2025-08-14 "
     "10:00 UTC",
     NULL},
    {FINDING_OVERDUE, STATE_OK, could_not_be_renewed_in_full,
     "the snapshot has been renewed only by what changed since 2025-08-14 09:00 UTC, as EM does "
     "not "
     "tell everything again (timeout: the deadline passed): what EM has deleted may still be "
     "judged; "
     "try a longer --timeout",
     NULL},
    {FINDING_OVERDUE, STATE_OK, was_not_renewed_in_full,
     "the snapshot has been renewed only by what changed since 2025-08-14 09:00 UTC, as EM does "
     "not "
     "tell everything again: what EM has deleted may still be judged",
     NULL},
    {FINDING_MISSED, STATE_OK, one_is_missed,
     "EM's newest data collection has missed vbr02 (collected 2025-08-14 11:35 UTC); check if EM "
     "reaches it",
     NULL},
    {FINDING_MISSED, STATE_OK, one_was_never_collected,
     "EM's newest data collection has missed vbr02; check if EM reaches it", NULL},
    {FINDING_FAILED, STATE_OK, two_fail_alike,
     "not known in this run: policies, replicas (timeout: slow); so this is not seen: VMs without "
     "a session since 2025-08-11 12:00 UTC, policies that are disabled",
     NULL},
    {FINDING_FAILED, STATE_OK, all_fail,
     "not known in this run: policies (timeout: slow); data collection; replicas (timeout: gone); "
     "so this is not seen: VMs without a session since 2025-08-11 12:00 UTC, policies that are "
     "disabled, how old EM's data is",
     NULL},
    {FINDING_FAILED, STATE_OK, all_fail_alike,
     "not known in this run: policies, data collection, replicas, older sessions (timeout: slow); "
     "so this is not seen: VMs whose last session ended more than 7d ago, policies that are "
     "disabled, how old EM's data is, how the last sessions of VMs that stopped ended",
     NULL},
    {FINDING_FAILED, STATE_OK, two_fail_for_a_vm,
     "not known in this run: policies, replicas (timeout: slow)", NULL},
    {FINDING_REFUSED, STATE_OK, all_is_refused,
     "not told to this user: policies, data collection, replicas (forbidden: 403); so this is not "
     "seen: VMs without a session since 2025-08-11 12:00 UTC, policies that are disabled, how old "
     "EM's data is",
     NULL},
    {FINDING_REFUSED, STATE_OK, all_is_refused_to_a_snapshot,
     "not told to this user: policies, data collection, replicas (forbidden: 403); so this is not "
     "seen: VMs whose last session ended more than 7d ago, policies that are disabled, how old "
     "EM's data is",
     NULL},
    {FINDING_REFUSED, STATE_OK, all_is_refused_for_a_vm,
     "not told to this user: policies, data collection, replicas (forbidden: 403)", NULL},
    {FINDING_REFUSED, STATE_OK, data_age_is_refused,
     "not told to this user: data collection (forbidden: 404); so this is not seen: how old EM's "
     "data is",
     NULL},
    {FINDING_REFUSED, STATE_OK, policies_are_refused,
     "not told to this user: policies (forbidden: 403); so this is not seen: policies that are "
     "disabled",
     NULL},
    {FINDING_UNJOINED, STATE_OK, one_server_does_not_join,
     "EM seems to name the VMs of vbr 01 in another way than in task sessions, so these names "
     "make no VM uncovered; so this is not seen: VMs without a session since 2025-08-11 12:00 UTC",
     NULL},
    {FINDING_UNJOINED, STATE_OK, a_policy_does_not_join,
     "EM seems to name the VMs of vbr 01, policy Gold in another way than in task sessions, so "
     "these names make no VM uncovered",
     NULL},
    {FINDING_UNRESOLVED, STATE_OK, policies_have_containers,
     "EM does not list the VMs of Folder Prod, Tag gold (policy Gold), Cluster C1 (policy "
     "Bronze): a VM there is seen once it has a session or a replica",
     NULL},
    {FINDING_UNRESOLVED, STATE_OK, another_policy_is_judged,
     "EM does not list the VMs of Cluster C1 (policy Bronze): a VM there is seen once it has a "
     "session or a replica",
     NULL},
    {FINDING_UNRESOLVED, STATE_OK, many_policies_have_containers,
     "EM does not list the VMs of Tag t (policy P), Tag t (policy P), Tag t (policy P), Tag t "
     "(policy P), Tag t (policy P), Tag t (policy P), Tag t (policy P), Tag t (policy P), Tag t "
     "(policy P), Tag t (policy P) and 2 more: a VM there is seen once it has a session or a "
     "replica",
     NULL},
    {FINDING_MOVED, STATE_OK, two_moved,
     "moved to another policy, so former sessions are left out: srv (from A), srv (from a policy "
     "without a name)",
     NULL},
};

START_TEST(findings_of_a_run_are_sentences)
{
    struct scene scene = {.scope = {.kind = SCOPE_ALL, .since_s = 3 * D}};
    const struct finding finding = {.kind = findings[_i].kind, .state = findings[_i].state};
    cleanup_buf struct buf words;
    cleanup_buf struct buf brief;
    buf_init(&words, SHOWN_LIMIT);
    buf_init(&brief, SHOWN_LIMIT);
    scene.verdict.scope = &scene.scope;
    scene.verdict.now = moment(NOW);
    findings[_i].set(&scene);
    append_run_finding(&words, &scene.verdict, &finding, PHRASE_LONG);
    append_run_finding(&brief, &scene.verdict, &finding, PHRASE_SHORT);
    ck_assert_str_eq(buf_string(&words), findings[_i].words);
    ck_assert_str_eq(buf_string(&brief),
                     findings[_i].brief != NULL ? findings[_i].brief : findings[_i].words);
    end(&scene);
}
END_TEST

static const struct {
    int vms, left;
    const char *words;
} leavings[] = {
    {2, 0, ""},
    {2, 1,
     "no longer in the policy: srv0 (Gold); EM still has sessions or a replica, and nothing runs"},
    {12, 12,
     "no longer in the policy: srv0 (Gold), srv1 (Gold), srv2 (Gold), srv3 (Gold), srv4 (Gold), "
     "srv5 (Gold), srv6 (Gold), srv7 (Gold), srv8 (Gold), srv9 (Gold) and 2 more; EM still has "
     "sessions or a replica, and nothing runs"},
};

START_TEST(vms_that_left_are_in_one_sentence)
{
    struct vm_verdict vms[MANY] = {{.name = NULL}};
    struct finding found[] = {{.kind = FINDING_SESSION}, {.kind = FINDING_LEFT}};
    char names[MANY][16];
    const struct verdict verdict = {.vms = vms, .vm_count = (size_t)leavings[_i].vms};
    cleanup_buf struct buf words;
    buf_init(&words, SHOWN_LIMIT);
    for (int i = 0; i < leavings[_i].vms; i++) {
        snprintf(names[i], sizeof names[i], "srv%d", i);
        vms[i] = (struct vm_verdict){.name = names[i],
                                     .policy = "Gold",
                                     .findings = found,
                                     .finding_count = i < leavings[_i].left ? 2 : 1};
    }
    ck_assert(append_left_vms(&words, &verdict) == (leavings[_i].left > 0));
    ck_assert_str_eq(buf_string(&words), leavings[_i].words);
}
END_TEST

Suite *run_words_suite(void)
{
    Suite *suite = suite_create("run_words");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, findings_of_a_run_are_sentences, 0, COUNT(findings));
    tcase_add_loop_test(all, vms_that_left_are_in_one_sentence, 0, COUNT(leavings));
    suite_add_tcase(suite, all);
    return suite;
}
