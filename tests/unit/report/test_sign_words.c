// SPDX-License-Identifier: GPL-3.0-or-later
/* What signs of a VM say, in short and at length. */
#include "report/sign_words.h"

#include <check.h>

#include "unit/shown.h"
#include "unit/suites.h"

enum { MINUTE = 60, H = 60 * MINUTE, D = 24 * H };

static const struct policy enabled = {.name = "Gold", .has_enabled = true, .enabled = true};
static const struct policy disabled = {.name = "Gold", .has_enabled = true};
static const struct policy silent = {.name = "Gold"};
static const struct policy hostile = {.name = "a|b\nc", .has_enabled = true, .enabled = true};
static const struct protected_vm named = {.vm = "srv", .named = true, .has_replica = true};
static const struct protected_vm replica = {.vm = "srv", .has_replica = true};

/* A VM without a name is a policy of which nothing is known but its name. */
static const struct {
    enum sign sign;
    const char *vm, *policy;
    const struct policy *in;
    const struct protected_vm *expected;
    const char *moment; // NULL: not known
    int lasts, limit;   // in seconds
    bool no_point;
    const char *brief, *more; // the long form
} signs[] = {
    {SIGN_IDLE, "srv", "Gold", &enabled, NULL, "2025-08-12T08:00:00Z", 2 * D + 4 * H, H, false,
     "idle for 2d 4h: no task session runs, though the policy Gold is enabled",
     "idle for 2d 4h (since 2025-08-12 08:00 UTC, limit 1h): no task session runs, though the "
     "policy Gold is enabled (VM powered off or excluded, or backup server down?)"},
    {SIGN_IDLE, "srv", "Gold", &silent, NULL, "2025-08-12T08:00:00Z", 2 * D + 4 * H, H, false,
     "idle for 2d 4h: no task session runs",
     "idle for 2d 4h (since 2025-08-12 08:00 UTC, limit 1h): no task session runs (VM powered off "
     "or excluded, or backup server down?)"},
    {SIGN_IDLE, "srv", "Gold", NULL, NULL, "2025-08-14T10:59:00Z", H + MINUTE, H, false,
     "idle for 1h 1m: no task session runs",
     "idle for 1h 1m (since 2025-08-14 10:59 UTC, limit 1h): no task session runs (VM powered off "
     "or excluded, policy disabled, or backup server down?)"},
    {SIGN_IDLE, "srv", "Ex|Gold", NULL, NULL, "2025-08-14T10:59:00Z", H + MINUTE, H, false,
     "idle for 1h 1m: no task session runs, and EM has no policy Ex Gold any more",
     "idle for 1h 1m (since 2025-08-14 10:59 UTC, limit 1h): no task session runs, and EM has no "
     "policy Ex Gold any more"},
    {SIGN_IDLE, "srv", NULL, NULL, NULL, NULL, 0, H, false,
     "idle: no task session runs, and EM does not say since when",
     "idle: no task session runs, and EM does not say since when (VM powered off or excluded, "
     "policy disabled, or backup server down?)"},
    {SIGN_IDLE, "srv", "a|b\nc", &hostile, NULL, "2025-08-14T10:00:00Z", 2 * H, H, false,
     "idle for 2h: no task session runs, though the policy a b c is enabled",
     "idle for 2h (since 2025-08-14 10:00 UTC, limit 1h): no task session runs, though the policy "
     "a b c is enabled (VM powered off or excluded, or backup server down?)"},
    {SIGN_OVERDUE, "srv", "Gold", &enabled, NULL, "2025-08-12T00:00:00Z", 2 * D + 12 * H, 9 * H,
     false, "overdue: its session has been running for 2d 12h, limit 9h",
     "overdue: its session has been running for 2d 12h (since 2025-08-12 00:00 UTC), limit 9h (no "
     "long-term restore point since then: check the policy and the Veeam CDP Coordinator Service "
     "on the backup server)"},
    {SIGN_OVERDUE, "srv", NULL, NULL, NULL, "2025-08-13T10:00:00Z", D + 2 * H, D + H, true,
     "overdue: its session has been running for 1d 2h, limit 1d 1h; no restore point yet",
     "overdue: its session has been running for 1d 2h (since 2025-08-13 10:00 UTC), limit 1d 1h; "
     "no restore point yet (if a first copy takes that long: --overdue-after; else check the "
     "policy on the backup server)"},
    {SIGN_DISABLED, "srv", "Gold", &disabled, NULL, "2025-08-14T09:00:00Z", 3 * H, H, false,
     "disabled: the policy Gold is disabled in EM, nothing has run for 3h",
     "disabled: the policy Gold is disabled in EM, nothing has run for 3h, since 2025-08-14 09:00 "
     "UTC (enable it on the backup server, or accept it by --map=disabled=ok)"},
    {SIGN_DISABLED, "srv", "Gold", &disabled, &named, NULL, 0, H, false,
     "disabled: the policy Gold is disabled in EM, nothing runs",
     "disabled: the policy Gold is disabled in EM, nothing runs (enable it on the backup server, "
     "or accept it by --map=disabled=ok)"},
    {SIGN_DISABLED, NULL, "Gold", &disabled, NULL, NULL, 0, H, false,
     "disabled: the policy Gold is disabled in EM, and EM has no task session of it",
     "disabled: the policy Gold is disabled in EM, and EM has no task session of it (enable it on "
     "the backup server, or accept it by --map=disabled=ok)"},
    {SIGN_UNCOVERED, "srv", "Gold", &enabled, &named, NULL, 0, H, false,
     "uncovered: the policy Gold includes it, but EM has no task session of it in the last 3d",
     "uncovered: the policy Gold includes it, but EM has no task session of it in the last 3d (VM "
     "powered off or excluded, or did its replication never begin?)"},
    {SIGN_UNCOVERED, "srv", "Gold", &enabled, &replica, "2025-08-02T12:00:00Z", 12 * D, H, false,
     "uncovered: EM has a replica of it under the policy Gold, but no task session of it has run "
     "for 12d",
     "uncovered: EM has a replica of it under the policy Gold, but no task session of it has run "
     "for 12d, since 2025-08-02 12:00 UTC (VM powered off or excluded, or did its replication "
     "never begin?)"},
    {SIGN_UNCOVERED, "srv", NULL, NULL, &replica, NULL, 0, H, false,
     "uncovered: EM has a replica of it under its policy, but EM has no task session of it in the "
     "last 3d",
     "uncovered: EM has a replica of it under its policy, but EM has no task session of it in the "
     "last 3d (VM powered off or excluded, or did its replication never begin?)"},
    {SIGN_UNCOVERED, "srv", "Gold", &enabled, NULL, "2025-08-02T12:00:00Z", 12 * D, H, false,
     "uncovered: EM has the policy Gold, but no task session of it has run for 12d",
     "uncovered: EM has the policy Gold, but no task session of it has run for 12d, since "
     "2025-08-02 12:00 UTC (VM powered off or excluded, or did its replication never begin?)"},
    {SIGN_UNCOVERED, NULL, "Gold", &enabled, NULL, NULL, 0, H, false,
     "uncovered: the policy Gold has no task session, and EM has no VM or replica of it",
     "uncovered: the policy Gold has no task session, and EM has no VM or replica of it (does it "
     "include VMs that are powered on, and does its backup server replicate?)"},
};

START_TEST(signs_say_why_and_since_when)
{
    const struct scope scope = {.kind = SCOPE_ALL, .since_s = 3 * D};
    struct fault fault;
    struct verdict verdict = {.scope = &scope, .now = moment(NOW)};
    const bool known = signs[_i].moment != NULL;
    const struct vm_verdict vm = {.name = signs[_i].vm,
                                  .policy = signs[_i].policy,
                                  .in = signs[_i].in,
                                  .expected = signs[_i].expected,
                                  .standing = {.shows_sign = true,
                                               .sign = signs[_i].sign,
                                               .has_moment = known,
                                               .moment = known ? moment(signs[_i].moment) : 0,
                                               .lasts = signs[_i].lasts * UTC_SECOND,
                                               .limit = signs[_i].limit * UTC_SECOND,
                                               .no_point = signs[_i].no_point}};
    verdict.site.answers[SITE_POLICIES].knowledge = SITE_TOLD;
    ck_assert_int_eq(policies_append(&verdict.site.policies, &enabled, &fault), 0);
    cleanup_buf struct buf brief;
    cleanup_buf struct buf more;
    buf_init(&brief, SHOWN_LIMIT);
    buf_init(&more, SHOWN_LIMIT);
    append_sign(&brief, &verdict, &vm, PHRASE_SHORT);
    append_sign(&more, &verdict, &vm, PHRASE_LONG);
    ck_assert_str_eq(buf_string(&brief), signs[_i].brief);
    ck_assert_str_eq(buf_string(&more), signs[_i].more);
    site_free(&verdict.site);
}
END_TEST

/* What EM did not tell of policies says nothing of them. */
START_TEST(a_policy_that_was_not_told_is_not_missing)
{
    const struct scope scope = {.kind = SCOPE_VM};
    const struct verdict verdict = {.scope = &scope, .now = moment(NOW)};
    const struct vm_verdict vm = {
        .name = "srv", .policy = "Gold", .standing = {.shows_sign = true, .sign = SIGN_IDLE}};
    cleanup_buf struct buf words;
    buf_init(&words, SHOWN_LIMIT);
    append_sign(&words, &verdict, &vm, PHRASE_SHORT);
    ck_assert_str_eq(buf_string(&words),
                     "idle: no task session runs, and EM does not say since when");
}
END_TEST

static const struct {
    enum session_state state;
    const char *words;
} lasting[] = {
    {SESSION_IN_PROGRESS, "overdue: its session has been running for 1d, limit 9h"},
    {SESSION_PENDING, "overdue: its session has lasted for 1d, limit 9h"},
    {SESSION_OTHER, "overdue: its session has lasted for 1d, limit 9h"},
};

START_TEST(what_is_not_in_progress_does_not_run)
{
    const struct scope scope = {.kind = SCOPE_VM};
    const struct verdict verdict = {.scope = &scope, .now = moment(NOW)};
    const struct task_session session = {.state = lasting[_i].state};
    struct finding found[] = {{.kind = FINDING_SESSION, .session = &session}};
    const struct vm_verdict vm = {.name = "srv",
                                  .standing = {.shows_sign = true,
                                               .sign = SIGN_OVERDUE,
                                               .lasts = D * UTC_SECOND,
                                               .limit = INT64_C(9) * H * UTC_SECOND},
                                  .findings = found,
                                  .finding_count = COUNT(found)};
    cleanup_buf struct buf words;
    buf_init(&words, SHOWN_LIMIT);
    append_sign(&words, &verdict, &vm, PHRASE_SHORT);
    ck_assert_str_eq(buf_string(&words), lasting[_i].words);
}
END_TEST

Suite *sign_words_suite(void)
{
    Suite *suite = suite_create("sign_words");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, signs_say_why_and_since_when, 0, COUNT(signs));
    tcase_add_test(all, a_policy_that_was_not_told_is_not_missing);
    tcase_add_loop_test(all, what_is_not_in_progress_does_not_run, 0, COUNT(lasting));
    suite_add_tcase(suite, all);
    return suite;
}
