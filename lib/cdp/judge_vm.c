// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/judge_vm.h"

#include <stdlib.h>

/* How far clocks may be apart before times can't be trusted. */
static const utc_us tolerated_skew = 300 * UTC_SECOND;

/* As many as judge_vm may add. */
static size_t most_findings(const struct target *target)
{
    static const size_t newest_and_completed = 2;
    static const size_t doubt_and_ahead = 2;
    static const size_t sign_or_left = 1;
    static const size_t points = 1;
    size_t most = newest_and_completed + doubt_and_ahead + sign_or_left + points + VM_METRICS;
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
 * A VM is its newest session and, if that one runs, its last completed one. A session without a
 * creation time has no place among the others, so it speaks as well. False: memory is short.
 */
static bool judge_sessions(struct vm_verdict *vm, const struct vm_case *of)
{
    const struct target *target = of->pick->target;
    const struct task_session *completed =
        of->scope->newest_only ? NULL : target_last_completed(target);
    if (target->count == 0) {
        return true;
    }
    bool ok = add_session(vm, target->sessions[0], of->rules);
    if (task_session_runs(target->sessions[0]) && completed != NULL) {
        ok = add_session(vm, completed, of->rules) && ok;
    }
    for (size_t i = 1; i < target->count; i++) {
        if (!target->sessions[i]->has_created && target->sessions[i] != completed) {
            ok = add_session(vm, target->sessions[i], of->rules) && ok;
        }
    }
    return ok;
}

/* What has left its policy and has no session is not expected to be measured. */
static void judge_metric(struct vm_verdict *vm, enum metric metric, const struct vm_case *of)
{
    const struct target *target = of->pick->target;
    struct measure *measure = &vm->measures[metric];
    measure->warning = threshold_given(&of->rules->warning[metric]);
    measure->critical = threshold_given(&of->rules->critical[metric]);
    const struct measured measured = {.target = target,
                                      .policy = vm->in,
                                      .now = of->now,
                                      .limited =
                                          measure->warning != NULL || measure->critical != NULL};
    measure->known = metrics[metric].measure(&measured, &measure->value);
    if (metric_is_of_points(metric) && !standing_wants_points(&of->surveyed->standing)) {
        return;
    }
    if (measure->known) {
        const int state = measure_state(measure);
        if (state != STATE_OK) {
            add_finding(vm, FINDING_BREACH, state)->metric = metric;
        }
    } else if (measured.limited && (target->count > 0 || !of->surveyed->standing.left)) {
        add_finding(vm, FINDING_UNMEASURED, STATE_UNKNOWN)->metric = metric;
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

/* What its sessions don't say of themselves: that they are all there is. */
static void judge_standing(struct vm_verdict *vm, const struct rules *rules)
{
    if (vm->standing.shows_sign) {
        add_finding(vm, FINDING_SIGN, rules->matrix.sign[vm->standing.sign]);
    } else if (vm->standing.left) {
        add_finding(vm, FINDING_LEFT, STATE_OK);
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

/* Gives back the room that most_findings took for those that there could have been. */
static void fit_findings(struct vm_verdict *vm)
{
    if (vm->finding_count == 0) {
        return;
    }
    struct finding *fitting = realloc(vm->findings, vm->finding_count * sizeof *fitting);
    if (fitting != NULL) {
        vm->findings = fitting;
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

int judge_vm(const struct vm_case *of, struct vm_verdict *vm, struct fault *fault)
{
    const struct target *target = of->pick->target;
    vm->name = target->vm;
    vm->policy = target->policy;
    vm->backup_server = target->backup_server;
    vm->expected = target->expected;
    vm->recovery = target->replica != NULL ? target->replica->recovery : NULL;
    vm->in = of->surveyed->policy;
    vm->standing =
        of->pick->doubt == DOUBT_NONE ? of->surveyed->standing : (struct standing){.left = false};
    vm->findings = calloc(most_findings(target), sizeof *vm->findings);
    if (vm->findings == NULL || !judge_sessions(vm, of)) {
        return fault_no_memory(fault);
    }
    if (of->pick->doubt != DOUBT_NONE) {
        add_finding(vm, FINDING_DOUBT, STATE_UNKNOWN)->doubt = of->pick->doubt;
    }
    for (enum metric metric = 0; metric < VM_METRICS; metric++) {
        judge_metric(vm, metric, of);
    }
    judge_clock(vm, of->now);
    judge_standing(vm, of->rules);
    if (vm->recovery != NULL && vm->recovery->known) {
        add_finding(vm, FINDING_POINTS, STATE_OK);
    }
    for (size_t i = 0; i < target->count; i++) {
        find_odd(vm, target->sessions[i]);
    }
    fit_findings(vm);
    vm->state = state_of(vm);
    return 0;
}

int judge_vm_of_policy(const struct policy *policy, const struct rules *rules,
                       struct vm_verdict *vm, struct fault *fault)
{
    const bool disabled = policy->has_enabled && !policy->enabled;
    vm->policy = policy->name;
    vm->backup_server = policy->backup_server;
    vm->in = policy;
    vm->standing =
        (struct standing){.shows_sign = true, .sign = disabled ? SIGN_DISABLED : SIGN_UNCOVERED};
    vm->findings = calloc(1, sizeof *vm->findings);
    if (vm->findings == NULL) {
        return fault_no_memory(fault);
    }
    judge_standing(vm, rules);
    vm->state = state_of(vm);
    return 0;
}
