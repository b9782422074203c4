// SPDX-License-Identifier: GPL-3.0-or-later
/* Which VMs a selector, backup servers and patterns mean: VMs are grouped first. */
#include "cdp/pick.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/spec.h"
#include "unit/suites.h"

enum { MOST_SESSIONS = 6, LIMIT = 1000 };

// clang-format off: its versions break this in different ways
#define VM(name, policy_of, server_of, id)                                                         \
    {                                                                                              \
        .uid = (id), .vm = (name), .policy = (policy_of), .server = (server_of),                   \
        .state = "Completed"                                                                       \
    }
// clang-format on
#define P_ALL SCOPE_ALL, NULL

/*
 * What is expected is a text: the ids of the sessions of each VM that is picked, VMs apart by '/'.
 * '?' stands behind a VM of which it is in doubt whether it is meant, '*' behind all if some were
 * taken though EM does not tell enough of them. '-' is before VMs that are not enough to judge.
 */
static const struct {
    const char *name;
    struct spec sessions[MOST_SESSIONS];
    enum scope_kind kind;
    const char *text;
    const char *server; // of --backup-server; NULL: none
    const char *included;
    const char *excluded;
    const char *picked;
} cases[] = {
    {"all", {VM("a", "P", "s", "1"), VM("b", "Q", "t", "2")}, P_ALL, NULL, NULL, NULL, "1/2"},
    {"a name",
     {VM("a", "P", "s", "1"), VM("A", "P", "s", "2")},
     SCOPE_VM,
     "a",
     NULL,
     NULL,
     NULL,
     "1"},
    {"a policy",
     {VM("a", "P", "s", "1"), VM("b", "p", "s", "2"), VM("c", "P", "s", "3")},
     SCOPE_POLICY,
     "P",
     NULL,
     NULL,
     NULL,
     "1/3"},
    {"a server, in any case",
     {VM("a", "P", "s", "1"), VM("b", "P", "t", "2")},
     P_ALL,
     "S",
     NULL,
     NULL,
     "1"},
    {"patterns",
     {VM("aa", "P", "s", "1"),
      VM("ab", "P", "s", "2"),
      VM("b", "P", "s", "3"),
      {.uid = "4", .state = "Completed"}},
     P_ALL,
     NULL,
     "^a",
     "b",
     "1"},
    {"a session without a server is its VM's",
     {VM("a", "P", "s", "1"), VM("a", "P", NULL, "2")},
     P_ALL,
     "s",
     NULL,
     NULL,
     "1 2"},
    {"and goes where that goes",
     {VM("a", "P", "s", "1"), VM("a", "P", NULL, "2")},
     P_ALL,
     "t",
     NULL,
     NULL,
     ""},
    {"a session without a policy is its VM's",
     {VM("a", "P", "s", "1"), VM("a", NULL, "s", "2"), VM("a", NULL, NULL, "3")},
     SCOPE_POLICY,
     "P",
     NULL,
     NULL,
     NULL,
     "1 2 3"},
    {"of two VMs, by what it tells",
     {VM("a", "P", "s", "1"), VM("a", "P", "t", "2"), VM("a", NULL, "t", "3")},
     SCOPE_POLICY,
     "P",
     "t",
     NULL,
     NULL,
     "2 3"},
    {"it may be of either",
     {VM("a", "P", "s", "1"), VM("a", "P", "t", "2"), VM("a", "P", NULL, "3")},
     P_ALL,
     "s",
     NULL,
     NULL,
     "3?/1"},
    {"it may be of either, and no one narrows",
     {VM("a", "P", "s", "1"), VM("a", "Q", "s", "2"), VM("a", NULL, "s", "3")},
     SCOPE_VM,
     "a",
     NULL,
     NULL,
     NULL,
     "3?/1/2"},
    {"neither of those that it may be is meant",
     {VM("a", "P", "s", "1"), VM("a", "Q", "s", "2"), VM("a", NULL, NULL, "3"),
      VM("b", "P", "t", "4")},
     P_ALL,
     "t",
     NULL,
     NULL,
     "4"},
    {"one of those that it may be is meant",
     {VM("a", "P", "s", "1"), VM("a", "Q", "t", "2"), VM("a", NULL, NULL, "3")},
     SCOPE_POLICY,
     "Q",
     "t",
     NULL,
     NULL,
     "3?/2"},
    {"but not by its own server",
     {VM("a", "P", "s", "1"), VM("a", "Q", "s", "2"), VM("a", NULL, "s", "3")},
     P_ALL,
     "t",
     NULL,
     NULL,
     ""},
    {"the only one of its name fits any policy and server that there is",
     {VM("a", NULL, NULL, "1"), VM("b", "P", "s", "2"), VM("c", "Q", "t", "3")},
     SCOPE_POLICY,
     "P",
     "t",
     NULL,
     NULL,
     "1*"},
    {"also if a pattern leaves out who bears it",
     {VM("a", "P", NULL, "1"), VM("b", "P", "t", "2")},
     P_ALL,
     "T",
     "a",
     NULL,
     "1*"},
    {"a policy that nothing bears",
     {VM("a", NULL, "s", "1"), VM("b", "Q", "s", "2")},
     SCOPE_POLICY,
     "P",
     NULL,
     NULL,
     NULL,
     "-1*"},
    {"a server that nothing bears",
     {VM("a", "P", NULL, "1"), VM("b", "P", "s", "2")},
     P_ALL,
     "t",
     NULL,
     NULL,
     "-1*"},
    {"a policy that is there, and a server that is not",
     {VM("a", "P", NULL, "1"), VM("b", NULL, NULL, "2"), VM("c", "P", "s", "3")},
     SCOPE_POLICY,
     "P",
     "t",
     NULL,
     NULL,
     "-1/2*"},
    {"a server that no VM of that name bears",
     {VM("a", "P", NULL, "1"), VM("b", "P", "t", "2")},
     SCOPE_VM,
     "a",
     "t",
     NULL,
     NULL,
     "-1*"},
    {"one of two ids of one VM tells no server",
     {VM("a", "P", "s", "00000000-0000-4000-8000-000000000001"), VM("a", "P", NULL, "2")},
     SCOPE_ID,
     "00000000-0000-4000-8000-000000000001",
     "s",
     NULL,
     NULL,
     "00000000-0000-4000-8000-000000000001"},
    {"the other one of them",
     {VM("a", "P", "s", "1"), VM("a", "P", NULL, "00000000-0000-4000-8000-000000000002")},
     SCOPE_ID,
     "00000000-0000-4000-8000-000000000002",
     "s",
     NULL,
     NULL,
     "00000000-0000-4000-8000-000000000002*"},
    {"a server that no session with an id bears",
     {VM("a", "P", "s", "1"), VM("a", "P", NULL, "00000000-0000-4000-8000-000000000002")},
     SCOPE_ID,
     "00000000-0000-4000-8000-000000000002",
     "t",
     NULL,
     NULL,
     "-00000000-0000-4000-8000-000000000002*"},
    {"one of two that tell no server",
     {VM("a", "P", NULL, "1"), VM("a", "Q", NULL, "2")},
     P_ALL,
     "s",
     NULL,
     NULL,
     "1?/2?"},
    {"one of two that tell no policy",
     {VM("a", NULL, "s", "1"), VM("a", NULL, "t", "2"), VM("a", "P", "u", "3")},
     SCOPE_POLICY,
     "P",
     NULL,
     NULL,
     NULL,
     "1?/2?/3"},
    {"an id is looked at by itself",
     {VM("a", "P", "s", "ad86fed0-4288-47ba-a7ab-0fca64d3ba5a"), VM("a", "P", "s", "2")},
     SCOPE_ID,
     "ad86fed0-4288-47ba-a7ab-0fca64d3ba5a",
     NULL,
     NULL,
     NULL,
     "ad86fed0-4288-47ba-a7ab-0fca64d3ba5a"},
};

static void set_pattern(struct vm_patterns *patterns, struct pattern *pattern, const char *text)
{
    struct fault fault;
    if (text != NULL) {
        ck_assert_int_eq(pattern_compile(pattern, text, &fault), 0);
        *patterns = (struct vm_patterns){.items = pattern, .count = 1};
    }
}

static void describe(struct buf *text, const struct picks *picks)
{
    buf_text(text, picks->count > 0 && !picks_are_found(picks) ? "-" : "");
    for (size_t i = 0; i < picks->count; i++) {
        const struct pick *pick = &picks->items[i];
        buf_text(text, i > 0 ? "/" : "");
        for (size_t j = 0; j < pick->target->count; j++) {
            buf_format(text, "%s%s", j > 0 ? " " : "", pick->target->sessions[j]->uid);
        }
        buf_text(text, pick->doubt != DOUBT_NONE ? "?" : "");
    }
    buf_text(text, picks->assumed > 0 ? "*" : "");
}

START_TEST(picks)
{
    struct task_sessions sessions = {.items = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_targets struct targets targets;
    struct picks picked;
    struct pattern patterns[2];
    const char *servers[] = {cases[_i].server};
    struct scope scope = {
        .kind = cases[_i].kind,
        .backup_servers = {.items = servers, .count = cases[_i].server != NULL ? 1 : 0}};
    cleanup_buf struct buf text;
    buf_init(&text, LIMIT);
    set_pattern(&scope.included, &patterns[0], cases[_i].included);
    set_pattern(&scope.excluded, &patterns[1], cases[_i].excluded);
    for (int i = 0; i < MOST_SESSIONS && cases[_i].sessions[i].uid != NULL; i++) {
        add_spec(&sessions, &cases[_i].sessions[i]);
    }
    ck_assert_int_eq(targets_group(&sessions, cases[_i].kind == SCOPE_ID, &targets, &fault), 0);
    ck_assert_int_eq(pick_targets(&targets, &scope, cases[_i].text, &picked, &fault), 0);
    describe(&text, &picked);
    ck_assert_msg(strcmp(buf_string(&text), cases[_i].picked) == 0, "%s: %s, not %s",
                  cases[_i].name, buf_string(&text), cases[_i].picked);
    picks_free(&picked);
    task_sessions_free(&sessions);
    for (size_t i = 0; i < scope.included.count + scope.excluded.count; i++) {
        pattern_free(&patterns[i]);
    }
}
END_TEST

/* A thousand --vm may share one answer of many VMs. */
START_TEST(nothing_is_reserved_for_what_is_not_picked)
{
    enum { VMS = 1000 };
    struct task_sessions sessions = {.items = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_targets struct targets targets;
    const struct scope scope = {.kind = SCOPE_VM};
    char name[16];
    for (int i = 0; i < VMS; i++) {
        snprintf(name, sizeof name, "vm%03d", i);
        add_spec(&sessions, &(struct spec){.vm = name, .policy = "P", .state = "Completed"});
    }
    ck_assert_int_eq(targets_group(&sessions, false, &targets, &fault), 0);
    ck_assert_uint_eq(targets.count, VMS);
    for (int i = -1; i <= VMS; i++) {
        struct picks picked;
        snprintf(name, sizeof name, i < 0 ? "vm" : "vm%03d", i);
        ck_assert_int_eq(pick_targets(&targets, &scope, name, &picked, &fault), 0);
        ck_assert_uint_eq(picked.count, i >= 0 && i < VMS ? 1 : 0);
        ck_assert_uint_le(picked.capacity, 2);
        ck_assert(picked.count == 0 || strcmp(picked.items[0].target->sessions[0]->vm, name) == 0);
        picks_free(&picked);
    }
    task_sessions_free(&sessions);
}
END_TEST

Suite *pick_suite(void)
{
    Suite *suite = suite_create("pick");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, picks, 0, COUNT(cases));
    tcase_add_test(all, nothing_is_reserved_for_what_is_not_picked);
    suite_add_tcase(suite, all);
    return suite;
}
