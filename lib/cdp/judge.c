// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/judge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cdp/group.h"
#include "cdp/pick.h"
#include "monitoring/range.h"

/* How far clocks may be apart before times can't be trusted. */
static const utc_us tolerated_skew = 300 * UTC_SECOND;

/* What the verdict is made by. */
struct judging {
    const struct scope *scope;
    const struct rules *rules;
    struct verdict *verdict;
    size_t assumed; // VMs of which EM says too little to know whether they are meant
};

/* ---- one VM ---- */

/* As many as judge_target may add. */
static size_t most_findings(const struct target *target)
{
    static const size_t newest_and_completed = 2;
    static const size_t doubt_and_ahead = 2;
    size_t most = newest_and_completed + doubt_and_ahead + METRICS;
    for (size_t i = 0; i < target->count; i++) {
        const struct task_session *session = target->sessions[i];
        most += session->has_created ? 0 : 1;
        most += session->odd != 0 ? SESSION_MEMBERS : 0;
    }
    return most;
}

static struct finding *add_finding(struct vm_verdict *vm, enum finding_kind kind, int state)
{
    struct finding *added = &vm->findings[vm->finding_count++];
    *added = (struct finding){.kind = kind, .state = state};
    return added;
}

static bool add_session(struct vm_verdict *vm, const struct task_session *session,
                        const struct rules *rules)
{
    bool no_memory = false;
    const int state = rules_state(rules, session, &no_memory);
    add_finding(vm, FINDING_SESSION, state)->session = session;
    return !no_memory;
}

/*
 * A VM is its newest session and, where that one runs, its last completed one. A session without a
 * creation time has no place among the others, so it speaks as well. False: memory is short.
 */
static bool judge_sessions(struct vm_verdict *vm, const struct target *target,
                           const struct judging *judging)
{
    const struct task_session *newest = target->sessions[0];
    const struct rules *rules = judging->rules;
    bool ok = add_session(vm, newest, rules);
    const struct task_session *completed =
        judging->scope->newest_only ? NULL : target_last_completed(target);
    if (task_session_runs(newest) && completed != NULL) {
        ok = add_session(vm, completed, rules) && ok;
    }
    for (size_t i = 1; i < target->count; i++) {
        if (!target->sessions[i]->has_created && target->sessions[i] != completed) {
            ok = add_session(vm, target->sessions[i], rules) && ok;
        }
    }
    return ok;
}

static const struct threshold *given(const struct threshold *threshold)
{
    return threshold->range != NULL ? threshold : NULL;
}

static bool is_broken(const struct threshold *threshold, double value)
{
    return threshold != NULL && range_is_broken(threshold->range, value);
}

static void judge_metric(struct vm_verdict *vm, enum metric metric, const struct target *target,
                         const struct judging *judging)
{
    struct measure *measure = &vm->measures[metric];
    measure->known = metrics[metric].measure(target, judging->verdict->now, &measure->value);
    measure->warning = given(&judging->rules->warning[metric]);
    measure->critical = given(&judging->rules->critical[metric]);
    if (measure->warning == NULL && measure->critical == NULL) {
        return;
    }
    if (!measure->known) {
        add_finding(vm, FINDING_UNMEASURED, STATE_UNKNOWN)->metric = metric;
    } else if (is_broken(measure->critical, measure->value)) {
        add_finding(vm, FINDING_BREACH, STATE_CRITICAL)->metric = metric;
    } else if (is_broken(measure->warning, measure->value)) {
        add_finding(vm, FINDING_BREACH, STATE_WARNING)->metric = metric;
    }
}

/* A time that is yet to come would make a session, or the age of its end, look too young. */
static void judge_clock(struct vm_verdict *vm, utc_us now)
{
    const struct task_session *furthest = NULL;
    utc_us ahead = tolerated_skew;
    for (size_t i = 0; vm_session(vm, i) != NULL; i++) {
        if (task_session_ahead(vm_session(vm, i), now) > ahead) {
            furthest = vm_session(vm, i);
            ahead = task_session_ahead(furthest, now);
        }
    }
    if (furthest != NULL) {
        add_finding(vm, FINDING_AHEAD, STATE_UNKNOWN)->session = furthest;
    }
}

static void find_odd(struct vm_verdict *vm, const struct task_session *session)
{
    for (unsigned int member = 0; session->odd != 0 && member < SESSION_MEMBERS; member++) {
        if ((session->odd & 1u << member) != 0) {
            struct finding *odd = add_finding(vm, FINDING_ODD, STATE_OK);
            odd->session = session;
            odd->member = (enum session_member)member;
        }
    }
}

/* What may be another VM's says nothing of this one, good or bad. */
static int state_of(const struct vm_verdict *vm)
{
    int state = STATE_OK;
    for (size_t i = 0; i < vm->finding_count; i++) {
        if (vm->findings[i].kind == FINDING_DOUBT) {
            return vm->findings[i].state;
        }
        state = max_state_alt(state, vm->findings[i].state);
    }
    return state;
}

static int judge_target(const struct pick *pick, const struct judging *judging,
                        struct vm_verdict *vm, struct fault *fault)
{
    const struct target *target = pick->target;
    vm->name = target->vm;
    vm->policy = target->policy;
    vm->backup_server = target->backup_server;
    vm->expected = target->expected;
    vm->findings = calloc(most_findings(target), sizeof *vm->findings);
    if (vm->findings == NULL || !judge_sessions(vm, target, judging)) {
        return fault_no_memory(fault);
    }
    if (pick->doubt != DOUBT_NONE) {
        add_finding(vm, FINDING_DOUBT, STATE_UNKNOWN)->doubt = pick->doubt;
    }
    for (enum metric metric = 0; metric < VM_METRICS; metric++) {
        judge_metric(vm, metric, target, judging);
    }
    judge_clock(vm, judging->verdict->now);
    for (size_t i = 0; i < target->count; i++) {
        find_odd(vm, target->sessions[i]);
    }
    vm->state = state_of(vm);
    return 0;
}

/* ---- the run ---- */

static void add_run_finding(struct verdict *verdict, const struct finding *finding)
{
    assert(verdict->finding_count < RUN_FINDINGS);
    verdict->findings[verdict->finding_count++] = *finding;
}

/* Makes room for `more` verdicts; NULL: no memory. */
static struct vm_verdict *add_vms(struct verdict *verdict, size_t more)
{
    if (!vec_reserve(verdict->vms, verdict->vm_count, verdict->vm_capacity, more)) {
        return NULL;
    }
    struct vm_verdict *added = verdict->vms + verdict->vm_count;
    memset(added, 0, more * sizeof *added);
    verdict->vm_count += more;
    return added;
}

/* The verdict on a part of the scope that `why` kept from being judged. */
static int judge_faulty(const struct judging *judging, struct finding why, struct fault *fault)
{
    struct verdict *verdict = judging->verdict;
    const enum scope_kind kind = judging->scope->kind;
    why.state = judging->rules->fault_states[finding_fault_kind(&why)];
    if (kind == SCOPE_ALL) { // there is no VM to name
        add_run_finding(verdict, &why);
        return 0;
    }
    struct vm_verdict *vm = add_vms(verdict, 1);
    struct finding *finding = vm != NULL ? malloc(sizeof *finding) : NULL;
    if (finding == NULL) {
        return fault_no_memory(fault);
    }
    *finding = why;
    *vm = (struct vm_verdict){.asked = why.asked,
                              .name = kind == SCOPE_VM ? why.asked : NULL,
                              .policy = kind == SCOPE_POLICY ? why.asked : NULL,
                              .state = why.state,
                              .findings = finding,
                              .finding_count = 1};
    return 0;
}

static int judge_picks(const struct judging *judging, const char *name, const struct picks *picks,
                       struct fault *fault)
{
    const size_t first = judging->verdict->vm_count;
    if (add_vms(judging->verdict, picks->count) == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < picks->count; i++) {
        struct vm_verdict *vm = &judging->verdict->vms[first + i];
        vm->asked = name;
        if (judge_target(&picks->items[i], judging, vm, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

static int judge_part(struct judging *judging, const struct targets *targets, size_t part,
                      struct fault *fault)
{
    const char *name = scope_name(judging->scope, part);
    const struct site_part *answer = &judging->verdict->site.parts[part];
    if (answer->lacks_policy) {
        const struct finding why = {
            .kind = FINDING_NO_POLICY, .asked = name, .other_case = answer->other_case};
        return judge_faulty(judging, why, fault);
    }
    if (answer->fault.kind != FAULT_NONE) {
        const bool is_answer = answer->fault.kind == FAULT_NOT_FOUND;
        const struct finding why = {.kind = is_answer ? FINDING_NOT_FOUND : FINDING_FAULT,
                                    .fault = &answer->fault,
                                    .asked = name};
        return judge_faulty(judging, why, fault);
    }
    cleanup_picks struct picks picks = {.items = NULL};
    if (pick_targets(targets, judging->scope, name, &picks, fault) < 0) {
        return -1;
    }
    if (!picks_are_found(&picks)) {
        const struct finding why = {.kind = FINDING_NOT_FOUND, .asked = name, .vms = picks.assumed};
        return judge_faulty(judging, why, fault);
    }
    judging->assumed = picks.assumed > judging->assumed ? picks.assumed : judging->assumed;
    return judge_picks(judging, name, &picks, fault);
}

static int judge_parts(struct judging *judging, struct fault *fault)
{
    const struct site *site = &judging->verdict->site;
    cleanup_targets struct targets targets;
    if (targets_group(&site->sessions, judging->scope->kind == SCOPE_ID, &targets, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < site->part_count; i++) {
        if (judge_part(judging, &targets, i, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The fault of the run, or of its worst VM if all of them have one. */
static const struct finding *find_fault(const struct verdict *verdict)
{
    if (verdict->vm_count == 0) {
        assert(verdict->finding_count > 0 && finding_is_fault(&verdict->findings[0]));
        return &verdict->findings[0];
    }
    for (size_t i = 0; i < verdict->vm_count; i++) {
        if (vm_fault(&verdict->vms[i]) == NULL) {
            return NULL;
        }
    }
    return vm_fault(&verdict->vms[verdict_worst(verdict)]);
}

/* What weakens the trust in the answer. */
static void find_weaknesses(struct verdict *verdict, const struct rules *rules)
{
    static const struct finding of_trust[] = {[SITE_UNVERIFIED] = {.kind = FINDING_UNVERIFIED},
                                              [SITE_UNENCRYPTED] = {.kind = FINDING_UNENCRYPTED}};
    if (verdict->site.trust != SITE_TRUSTED) {
        add_run_finding(verdict, &of_trust[verdict->site.trust]);
    }
    if (scope_matches_bytes(verdict->scope) || rules_match_bytes(rules)) {
        add_run_finding(verdict, &(struct finding){.kind = FINDING_BYTES});
    }
}

static void find_offset(struct verdict *verdict)
{
    if (llabs(verdict->site.clock_offset) > tolerated_skew) {
        add_run_finding(verdict, &(struct finding){.kind = FINDING_CLOCK_OFFSET});
    }
}

/* What was fetched, and the time by both clocks. */
static struct verdict begin(const struct scope *scope, struct site *site, utc_us now)
{
    const struct verdict verdict = {.scope = scope,
                                    .site = *site,
                                    .now = now + site->clock_offset,
                                    .checked = now,
                                    .state = STATE_UNKNOWN};
    *site = (struct site){.trust = site->trust};
    return verdict;
}

/* Hands the site back, for a verdict on the fault. */
static int give_up(struct verdict *verdict, struct site *site)
{
    *site = verdict->site;
    verdict->site = (struct site){.parts = NULL};
    verdict_free(verdict);
    return -1;
}

int judge(const struct scope *scope, const struct rules *rules, struct site *site, utc_us now,
          struct verdict *verdict, struct fault *fault)
{
    struct judging judging = {.scope = scope, .rules = rules, .verdict = verdict};
    *verdict = begin(scope, site, now);
    if (judge_parts(&judging, fault) < 0) {
        return give_up(verdict, site);
    }
    if (verdict->site.notices.no_memory) {
        fault_no_memory(fault);
        return give_up(verdict, site);
    }
    verdict->fault = find_fault(verdict);
    if (verdict->fault == NULL || finding_fault_kind(verdict->fault) != FAULT_USAGE) {
        find_weaknesses(verdict, rules);
    }
    find_offset(verdict);
    if (judging.assumed > 0) {
        add_run_finding(verdict,
                        &(struct finding){.kind = FINDING_ASSUMED, .vms = judging.assumed});
    }
    verdict_total(verdict);
    return 0;
}

void verdict_of_fault(const struct fault *fault, const struct scope *scope,
                      const struct rules *rules, struct site *site, utc_us now,
                      struct verdict *verdict)
{
    struct site nothing = {.trust = SITE_TRUSTED};
    *verdict = begin(scope, site != NULL ? site : &nothing, now);
    verdict->site.from_snapshot = false;
    verdict->ended_by = *fault;
    add_run_finding(verdict, &(struct finding){.kind = FINDING_FAULT,
                                               .state = rules->fault_states[fault->kind],
                                               .fault = &verdict->ended_by});
    verdict->fault = &verdict->findings[0];
    if (site != NULL && fault->kind != FAULT_USAGE) {
        find_weaknesses(verdict, rules);
    }
    find_offset(verdict);
    verdict_total(verdict);
}
