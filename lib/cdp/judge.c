// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/judge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "cdp/coverage.h"
#include "cdp/group.h"
#include "cdp/judge_run.h"
#include "cdp/judge_vm.h"
#include "cdp/pick.h"
#include "cdp/survey.h"

/* What the verdict is made by. */
struct judging {
    const struct scope *scope;
    const struct rules *rules;
    struct verdict *verdict;
    struct targets targets;
    struct survey survey;
    size_t assumed; // VMs of which EM says too little to know whether they are meant
};

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
    if (kind == SCOPE_ALL || kind == SCOPE_EM) { // there is no VM to name
        judge_run_add(verdict, &why);
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

/* Whether the VM is another policy's now, so that its former sessions say nothing of it. */
static bool is_moved(const struct judging *judging, const struct pick *pick)
{
    return pick->doubt == DOUBT_NONE && survey_of(&judging->survey, pick->target)->moved;
}

/* Whether another VM than such is picked, so that the part says something without them. */
static bool has_others(const struct judging *judging, const struct picks *picks)
{
    bool found = false;
    for (size_t i = 0; i < picks->count && !found; i++) {
        found = !is_moved(judging, &picks->items[i]);
    }
    return found;
}

static bool add_moved(struct verdict *verdict, const struct target *target)
{
    if (!vec_reserve(verdict->moved, verdict->moved_count, verdict->moved_capacity, 1)) {
        return false;
    }
    verdict->moved[verdict->moved_count++] = (struct moved_vm){
        .vm = target->vm, .from = target->policy, .backup_server = target->backup_server};
    return true;
}

static int judge_pick(const struct judging *judging, const char *name, const struct pick *pick,
                      struct fault *fault)
{
    const struct vm_case of = {.pick = pick,
                               .surveyed = survey_of(&judging->survey, pick->target),
                               .scope = judging->scope,
                               .rules = judging->rules,
                               .now = judging->verdict->now};
    struct vm_verdict *vm = add_vms(judging->verdict, 1);
    if (vm == NULL) {
        return fault_no_memory(fault);
    }
    vm->asked = name;
    return judge_vm(&of, vm, fault);
}

static int judge_picks(const struct judging *judging, const char *name, const struct picks *picks,
                       struct fault *fault)
{
    const bool leaves_out = has_others(judging, picks);
    for (size_t i = 0; i < picks->count; i++) {
        const struct pick *pick = &picks->items[i];
        if (!leaves_out || !is_moved(judging, pick)) {
            if (judge_pick(judging, name, pick, fault) < 0) {
                return -1;
            }
        } else if (!add_moved(judging->verdict, pick->target)) {
            return fault_no_memory(fault);
        }
    }
    return 0;
}

/* ---- policies without a VM ---- */

/* Whether a VM is known that may be the policy's. */
static bool has_vm(const struct targets *targets, const struct policy *policy)
{
    bool found = false;
    for (size_t i = 0; i < targets->count && !found; i++) {
        const struct target *target = &targets->items[i];
        found = target->policy != NULL && strcmp(target->policy, policy->name) == 0 &&
                (target->backup_server == NULL || policy->backup_server == NULL ||
                 text_equal_name_nocase(target->backup_server, policy->backup_server));
    }
    return found;
}

static bool is_asked_for(const struct judging *judging, const char *name,
                         const struct policy *policy)
{
    const struct scope *scope = judging->scope;
    return scope->kind == SCOPE_POLICY && strcmp(policy->name, name) == 0 &&
           judging->verdict->site.answers[SITE_POLICIES].knowledge == SITE_TOLD &&
           (scope->backup_servers.count == 0 || policy->backup_server == NULL ||
            scope_has_server(scope, policy->backup_server));
}

/* A policy that EM has, but no VM of, is neither not there nor fine. Returns how many; -1: fault.
 */
static int judge_empty_policies(const struct judging *judging, const char *name,
                                struct fault *fault)
{
    struct verdict *verdict = judging->verdict;
    int found = 0;
    for (size_t i = 0; i < verdict->site.policies.count; i++) {
        const struct policy *policy = &verdict->site.policies.items[i];
        if (!is_asked_for(judging, name, policy) || has_vm(&judging->targets, policy)) {
            continue;
        }
        struct vm_verdict *vm = add_vms(verdict, 1);
        if (vm == NULL) {
            return fault_no_memory(fault);
        }
        vm->asked = name;
        if (judge_vm_of_policy(policy, judging->rules, vm, fault) < 0) {
            return -1;
        }
        found++;
    }
    return found;
}

/* ---- the parts of the scope ---- */

/* What kept EM's answer to the part away; FINDING_SESSION: nothing did. */
static struct finding find_reason(const struct judging *judging, size_t part)
{
    const struct site_part *answer = &judging->verdict->site.parts[part];
    struct finding why = {.kind = FINDING_SESSION, .asked = scope_name(judging->scope, part)};
    if (answer->fault.kind != FAULT_NONE) {
        why.kind = answer->fault.kind == FAULT_NOT_FOUND ? FINDING_NOT_FOUND : FINDING_FAULT;
        why.fault = &answer->fault;
    }
    return why;
}

/* What is said of a part of which EM has nothing. */
static struct finding find_lack(const struct judging *judging, size_t part,
                                const struct picks *picks)
{
    const struct site_part *answer = &judging->verdict->site.parts[part];
    const char *name = scope_name(judging->scope, part);
    return answer->lacks_policy
               ? (struct finding){.kind = FINDING_NO_POLICY,
                                  .asked = name,
                                  .other_case = answer->other_case}
               : (struct finding){.kind = FINDING_NOT_FOUND, .asked = name, .vms = picks->assumed};
}

static int judge_part(struct judging *judging, size_t part, struct fault *fault)
{
    const char *name = scope_name(judging->scope, part);
    const struct site_part *answer = &judging->verdict->site.parts[part];
    const struct finding reason = find_reason(judging, part);
    cleanup_picks struct picks picks = {.items = NULL};
    if (finding_is_fault(&reason)) {
        return judge_faulty(judging, reason, fault);
    }
    if (judging->scope->kind == SCOPE_EM) {
        return 0;
    }
    if (pick_targets(&judging->targets, judging->scope, name, &picks, fault) < 0) {
        return -1;
    }
    const int empty = judge_empty_policies(judging, name, fault);
    if (empty < 0) {
        return -1;
    }
    // Without sessions of the policy, VMs whose policy EM does not name are not likely to be its.
    const bool found = picks_are_found(&picks) && (!answer->lacks_policy || picks.has_policy);
    if (!found) {
        const struct finding lack = find_lack(judging, part, &picks);
        return empty > 0 ? 0 : judge_faulty(judging, lack, fault);
    }
    judging->assumed = picks.assumed > judging->assumed ? picks.assumed : judging->assumed;
    return judge_picks(judging, name, &picks, fault);
}

/* The VMs of the site, by what it has of them. */
static int find_targets(struct judging *judging, struct fault *fault)
{
    const struct scope *scope = judging->scope;
    const struct site *site = &judging->verdict->site;
    static const struct task_sessions none = {.items = NULL};
    const struct task_sessions *sessions = scope->kind != SCOPE_EM ? &site->sessions : &none;
    struct targets *targets = &judging->targets;
    const bool joins = scope->kind != SCOPE_ID && scope->kind != SCOPE_EM;
    if (targets_group(sessions, scope->kind == SCOPE_ID, targets, fault) < 0 ||
        (joins && coverage_join(targets, site, fault) < 0)) {
        return -1;
    }
    return survey_make(scope, site, targets, judging->verdict->now, &judging->survey, fault);
}

static int judge_parts(struct judging *judging, struct fault *fault)
{
    if (find_targets(judging, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < judging->verdict->site.part_count; i++) {
        if (judge_part(judging, i, fault) < 0) {
            return -1;
        }
    }
    return judge_run_servers(judging->verdict, &judging->survey, fault);
}

/* The fault of the run, or of its worst VM if all of them have one; EM itself has no VM. */
static const struct finding *find_fault(const struct verdict *verdict)
{
    if (verdict->finding_count > 0) {
        assert(verdict->vm_count == 0 && finding_is_fault(&verdict->findings[0]));
        return &verdict->findings[0];
    }
    assert(verdict->vm_count > 0 || verdict->scope->kind == SCOPE_EM);
    for (size_t i = 0; i < verdict->vm_count; i++) {
        if (vm_fault(&verdict->vms[i]) == NULL) {
            return NULL;
        }
    }
    return verdict->vm_count > 0 ? vm_fault(&verdict->vms[verdict_worst(verdict)]) : NULL;
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

static int make_verdict(struct judging *judging, struct fault *fault)
{
    struct verdict *verdict = judging->verdict;
    if (judge_parts(judging, fault) < 0) {
        return -1;
    }
    if (verdict->site.notices.no_memory) {
        return fault_no_memory(fault);
    }
    verdict->fault = find_fault(verdict);
    return judge_run(verdict, judging->rules, judging->assumed, fault);
}

int judge(const struct scope *scope, const struct rules *rules, struct site *site, utc_us now,
          struct verdict *verdict, struct fault *fault)
{
    struct judging judging = {.scope = scope, .rules = rules, .verdict = verdict};
    *verdict = begin(scope, site, now);
    const int made = make_verdict(&judging, fault);
    survey_free(&judging.survey);
    targets_free(&judging.targets);
    if (made < 0) {
        return give_up(verdict, site);
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
    judge_run_add(verdict, &(struct finding){.kind = FINDING_FAULT,
                                             .state = rules->fault_states[fault->kind],
                                             .fault = &verdict->ended_by});
    verdict->fault = &verdict->findings[0];
    judge_run_of_fault(verdict, rules, site != NULL && fault->kind != FAULT_USAGE);
    verdict_total(verdict);
}
