// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
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
};

/* The first rule that the Reason matches, as EM sent it or as it is shown; NULL: none. */
static const struct reason_rule *find_rule(const char *sent, const char *shown,
                                           const struct rules *rules, bool *no_memory)
{
    const char *const texts[] = {sent, shown};
    const size_t count = strcmp(sent, shown) != 0 ? 2 : 1; // a search can take a while
    for (size_t i = 0; i < rules->reason_count; i++) {
        for (size_t j = 0; j < count; j++) {
            const int matched = pattern_matches(&rules->reasons[i].pattern, texts[j]);
            if (matched > 0) {
                return &rules->reasons[i];
            }
            *no_memory = *no_memory || matched < 0;
        }
    }
    return NULL;
}

/* What --reason makes of the Reason. Whoever writes a pattern has seen it as reports show it. */
static const struct reason_rule *rule_of_reason(const char *reason, const struct rules *rules,
                                                bool *no_memory)
{
    static const size_t longest_replacement = 3; // U+FFFD for a byte
    const size_t limit = strlen(reason) * longest_replacement;
    struct buf shown;
    buf_init(&shown, limit);
    text_append_clean(&shown, reason, limit);
    const struct reason_rule *rule = find_rule(reason, buf_string(&shown), rules, no_memory);
    *no_memory = *no_memory || shown.failure != BUF_FINE;
    buf_free(&shown);
    return rule;
}

/* The age from which on the threshold is broken; 0: it is by none that is large. */
static double limit_of(const struct threshold *threshold)
{
    const range *limits = threshold->range;
    if (limits == NULL) {
        return 0;
    }
    if (!limits->end_infinity) {
        return limits->end;
    }
    return limits->alert_on == INSIDE && !limits->start_infinity ? limits->start : 0;
}

double rules_since(const struct rules *rules, double since_s)
{
    static const double day = 86400;
    static const double longest = 10 * 365 * 86400.0; // as --since itself
    const double warning = limit_of(&rules->warning[METRIC_AGE]);
    const double critical = limit_of(&rules->critical[METRIC_AGE]);
    const double limit = warning > critical ? warning : critical;
    if (limit <= 0) {
        return since_s;
    }
    const int64_t whole = limit < longest ? (int64_t)(limit / day) : 0;
    const double days = (double)(whole + ((double)whole * day < limit ? 1 : 0) + 3);
    const double needed = limit < longest ? days * day : longest;
    return needed > since_s ? needed : since_s;
}

/* Where memory is short, vm->why tells, and what is given back counts for nothing. */
static int state_of_session(struct vm_verdict *vm, const struct task_session *session,
                            const struct rules *rules)
{
    if (session->defect != NULL) {
        return STATE_UNKNOWN;
    }
    const struct reason_rule *rule =
        session->reason != NULL && rules->reason_count > 0
            ? rule_of_reason(session->reason, rules, &vm->why.no_memory)
            : NULL;
    return rule != NULL ? rule->state
                        : matrix_lookup(&rules->matrix, session->state, session->result);
}

static void add_session(struct vm_verdict *vm, const struct task_session *session,
                        const struct rules *rules)
{
    struct judged_session *judged = &vm->sessions[vm->session_count++];
    judged->session = session;
    judged->state = state_of_session(vm, session, rules);
    vm->state = max_state_alt(vm->state, judged->state);
}

/*
 * A VM is its newest session and, where that one runs, its last completed one. A session without a
 * creation time has no place among the others, so it speaks as well.
 */
static void judge_sessions(struct vm_verdict *vm, const struct target *target,
                           const struct judging *judging)
{
    const struct task_session *newest = target->sessions[0];
    const struct rules *rules = judging->rules;
    add_session(vm, newest, rules);
    const struct task_session *completed =
        judging->scope->newest_only ? NULL : target_last_completed(target);
    if (task_session_runs(newest) && completed != NULL) {
        add_session(vm, completed, rules);
    }
    for (size_t i = 1; i < target->count; i++) {
        if (!target->sessions[i]->has_created && target->sessions[i] != completed) {
            add_session(vm, target->sessions[i], rules);
        }
    }
}

static void set_span(struct vm_verdict *vm, enum metric metric, utc_us from, utc_us to)
{
    vm->has_metric[metric] = true;
    vm->metrics[metric] = to > from ? (double)(to - from) / (double)UTC_SECOND : 0;
}

static void measure(struct vm_verdict *vm, const struct target *target, utc_us now)
{
    const struct task_session *newest = target->sessions[0];
    const struct task_session *completed = target_last_completed(target);
    if (newest->has_created && task_session_runs(newest)) {
        set_span(vm, METRIC_DURATION, newest->created, now);
    } else if (newest->has_created && newest->has_ended) {
        set_span(vm, METRIC_DURATION, newest->created, newest->ended);
    }
    if (completed != NULL && completed->has_ended) {
        set_span(vm, METRIC_AGE, completed->ended, now);
    }
    for (size_t i = target->count; completed == NULL && i > 0; i--) {
        if (target->sessions[i - 1]->has_created) {
            set_span(vm, METRIC_AGE, target->sessions[i - 1]->created, now);
            break;
        }
    }
    vm->has_metric[METRIC_TOTAL_SIZE] = newest->has_total_size;
    vm->metrics[METRIC_TOTAL_SIZE] = newest->total_size;
}

static void worsen(struct vm_verdict *vm, int state)
{
    vm->state = max_state_alt(vm->state, state);
}

static void explain_broken(struct vm_verdict *vm, enum metric metric,
                           const struct threshold *threshold, int state)
{
    struct buf value;
    buf_init(&value, 64);
    metrics[metric].append(&value, vm->metrics[metric]);
    lines_add(&vm->why, "%s %s (%s: %s)", metrics[metric].word, buf_string(&value),
              state == STATE_CRITICAL ? "critical" : "warning", threshold->text);
    vm->why.no_memory = vm->why.no_memory || value.failure == BUF_NO_MEMORY;
    buf_free(&value);
}

static void judge_metric(struct vm_verdict *vm, enum metric metric, const struct rules *rules)
{
    const struct threshold *critical = &rules->critical[metric];
    const struct threshold *warning = &rules->warning[metric];
    if (critical->range == NULL && warning->range == NULL) {
        return;
    }
    if (!vm->has_metric[metric]) {
        worsen(vm, STATE_UNKNOWN);
        lines_add(&vm->why, "%s unknown: EM reports no valid %s, so %s can't be checked",
                  metrics[metric].word, metrics[metric].source,
                  critical->range != NULL ? metrics[metric].critical_option
                                          : metrics[metric].warning_option);
    } else if (critical->range != NULL && range_is_broken(critical->range, vm->metrics[metric])) {
        worsen(vm, STATE_CRITICAL);
        explain_broken(vm, metric, critical, STATE_CRITICAL);
    } else if (warning->range != NULL && range_is_broken(warning->range, vm->metrics[metric])) {
        worsen(vm, STATE_WARNING);
        explain_broken(vm, metric, warning, STATE_WARNING);
    }
}

/* A time that is yet to come would make a session, or the age of its end, look too young. */
static void judge_clock(struct vm_verdict *vm, const struct verdict *verdict)
{
    const utc_us now = verdict->now;
    utc_us furthest = 0;
    for (size_t i = 0; i < vm->session_count; i++) {
        const struct task_session *session = vm->sessions[i].session;
        if (session->has_created && session->created - now > furthest) {
            furthest = session->created - now;
        }
        if (!task_session_runs(session) && session->has_ended && session->ended - now > furthest) {
            furthest = session->ended - now;
        }
    }
    if (furthest > tolerated_skew) {
        struct buf skew;
        buf_init(&skew, 64);
        utc_append_span(&skew, furthest);
        lines_add(
            &vm->why,
            "a session's time is %s ahead of %s clock: compare the clocks of %s and the backup "
            "server",
            buf_string(&skew), verdict->site.has_clock_offset ? "EM's" : "this",
            verdict->site.has_clock_offset ? "EM" : "this host");
        vm->why.no_memory = vm->why.no_memory || skew.failure == BUF_NO_MEMORY;
        buf_free(&skew);
        worsen(vm, STATE_UNKNOWN);
    }
}

static int judge_target(const struct target *target, const struct judging *judging,
                        struct vm_verdict *vm, struct fault *fault)
{
    const struct task_session *newest = target->sessions[0];
    vm->vm = newest->vm;
    vm->policy = target->policy;
    vm->backup_server = target->backup_server;
    vm->sessions = calloc(target->count + 1, sizeof *vm->sessions);
    if (vm->sessions == NULL) {
        return fault_no_memory(fault);
    }
    vm->state = STATE_OK;
    judge_sessions(vm, target, judging);
    measure(vm, target, judging->verdict->now);
    for (enum metric metric = 0; metric < METRICS; metric++) {
        judge_metric(vm, metric, judging->rules);
    }
    judge_clock(vm, judging->verdict);
    return vm->why.no_memory ? fault_no_memory(fault) : 0;
}

/* What may be another VM's says nothing of this one, good or bad. */
static int judge_pick(const struct pick *pick, const struct judging *judging, struct vm_verdict *vm,
                      struct fault *fault)
{
    if (pick->doubt != NULL) {
        lines_add(&vm->why, "%s", pick->doubt);
    }
    const int result = judge_target(pick->target, judging, vm, fault);
    for (size_t i = 0; i < pick->target->count; i++) {
        task_session_note_odd(pick->target->sessions[i], &judging->verdict->oddities);
    }
    vm->state = pick->doubt != NULL ? STATE_UNKNOWN : vm->state;
    return result;
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

/* The verdict on a part of the scope that a fault kept from being judged. */
static int judge_faulty(const struct judging *judging, const char *name, const struct fault *why,
                        struct fault *fault)
{
    struct verdict *verdict = judging->verdict;
    const enum scope_kind kind = judging->scope->kind;
    const int state = judging->rules->fault_states[why->kind];
    if (kind == SCOPE_ALL) { // there is no VM to name
        verdict->fault = *why;
        verdict->state = state;
        return 0;
    }
    struct vm_verdict *vm = add_vms(verdict, 1);
    if (vm == NULL) {
        return fault_no_memory(fault);
    }
    vm->asked = name;
    vm->vm = kind == SCOPE_VM ? name : NULL;
    vm->policy = kind == SCOPE_POLICY ? name : NULL;
    vm->fault = *why;
    vm->state = state;
    return 0;
}

static int judge_picks(const struct judging *judging, const char *name, const struct picks *picks,
                       struct fault *fault)
{
    if (!picks_are_found(picks)) {
        struct fault none;
        pick_none(judging->scope, name, &judging->verdict->site.sessions, picks->assumed, &none);
        return judge_faulty(judging, name, &none, fault);
    }
    const size_t first = judging->verdict->vm_count;
    if (add_vms(judging->verdict, picks->count) == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < picks->count; i++) {
        struct vm_verdict *vm = &judging->verdict->vms[first + i];
        vm->asked = name;
        if (judge_pick(&picks->items[i], judging, vm, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* EM says too little about these to tell whether they are meant. */
static void note_assumed(struct verdict *verdict, size_t most)
{
    if (most > 0) {
        lines_add(&verdict->notices,
                  "%zu VM%s judged too, although EM names no policy or backup server for %s", most,
                  most > 1 ? "s are" : " is", most > 1 ? "them" : "it");
    }
}

static int judge_parts(const struct judging *judging, const struct targets *targets,
                       struct fault *fault)
{
    const struct site *site = &judging->verdict->site;
    int result = 0;
    size_t assumed = 0;
    for (size_t i = 0; result == 0 && i < site->part_count; i++) {
        const char *name = scope_name(judging->scope, i);
        struct picks picks = {.items = NULL};
        if (site->faults[i].kind != FAULT_NONE) {
            result = judge_faulty(judging, name, &site->faults[i], fault);
            continue;
        }
        result = pick_targets(targets, judging->scope, name, &picks, fault);
        if (result == 0) {
            result = judge_picks(judging, name, &picks, fault);
            assumed = picks_are_found(&picks) && picks.assumed > assumed ? picks.assumed : assumed;
        }
        picks_free(&picks);
    }
    note_assumed(judging->verdict, assumed);
    return result;
}

size_t verdict_worst(const struct verdict *verdict)
{
    size_t worst = 0;
    for (size_t i = 1; i < verdict->vm_count; i++) {
        const int state = verdict->vms[i].state;
        if (state != verdict->vms[worst].state &&
            max_state_alt(state, verdict->vms[worst].state) == state) {
            worst = i;
        }
    }
    return worst;
}

static void add_up(struct verdict *verdict)
{
    size_t faulty = 0;
    if (verdict->fault.kind != FAULT_NONE) {
        return;
    }
    verdict->state = STATE_OK;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct vm_verdict *vm = &verdict->vms[i];
        verdict->state = max_state_alt(verdict->state, vm->state);
        verdict->counts[vm->state]++;
        faulty += vm->fault.kind != FAULT_NONE ? 1 : 0;
    }
    if (verdict->vm_count == 0) {
        verdict->state = STATE_UNKNOWN;
        fault_set(&verdict->fault, FAULT_INTERNAL, "nothing was judged");
    } else if (faulty == verdict->vm_count) {
        verdict->fault = verdict->vms[verdict_worst(verdict)].fault;
    }
}

/* What the run was told, and by which clocks, whatever its verdict. */
static void take_site(struct verdict *verdict, struct site *site, utc_us now)
{
    verdict->site = *site;
    *site = (struct site){.faults = NULL};
    const utc_us offset = verdict->site.clock_offset;
    verdict->checked = now;
    verdict->now = now + offset;
    if (llabs(offset) > tolerated_skew) {
        struct buf difference;
        buf_init(&difference, 64);
        const utc_us minute = 60 * UTC_SECOND;
        utc_append_span(&difference, (llabs(offset) + minute / 2) / minute * minute);
        lines_add(&verdict->notices,
                  "EM's clock is %s %s this host's: spans are measured by EM's; set both by NTP",
                  buf_string(&difference), offset > 0 ? "ahead of" : "behind");
        verdict->notices.no_memory =
            verdict->notices.no_memory || difference.failure == BUF_NO_MEMORY;
        buf_free(&difference);
    }
    lines_move(&verdict->notices, &verdict->site.notices);
}

int judge(const struct scope *scope, const struct rules *rules, struct site *site, utc_us now,
          struct verdict *verdict, struct fault *fault)
{
    const struct judging judging = {.scope = scope, .rules = rules, .verdict = verdict};
    struct targets targets;
    *verdict = (struct verdict){.state = STATE_UNKNOWN};
    take_site(verdict, site, now);
    if (targets_group(&verdict->site.sessions, scope->kind == SCOPE_ID, &targets, fault) < 0) {
        return -1;
    }
    const int result = judge_parts(&judging, &targets, fault);
    targets_free(&targets);
    if (result < 0) {
        return -1;
    }
    if (verdict->notices.no_memory || verdict->oddities.no_memory) {
        return fault_no_memory(fault);
    }
    add_up(verdict);
    return 0;
}

void judge_fault(const struct fault *fault, struct site *site, const struct rules *rules,
                 utc_us now, struct verdict *verdict)
{
    struct site none = {.faults = NULL};
    *verdict = (struct verdict){.state = rules->fault_states[fault->kind], .fault = *fault};
    take_site(verdict, site != NULL ? site : &none, now);
    verdict->site.from_snapshot = false;
}

const struct fault *verdict_silence(const struct verdict *verdict)
{
    if (verdict->fault.kind != FAULT_NONE &&
        (verdict->vm_count == 0 || verdict->fault.kind != FAULT_NOT_FOUND)) {
        return &verdict->fault;
    }
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct fault *fault = &verdict->vms[i].fault;
        if (fault->kind != FAULT_NONE && fault->kind != FAULT_NOT_FOUND) {
            return fault;
        }
    }
    return NULL;
}

void verdict_free(struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->vm_count; i++) {
        free(verdict->vms[i].sessions);
        lines_free(&verdict->vms[i].why);
    }
    free(verdict->vms);
    lines_free(&verdict->notices);
    lines_free(&verdict->oddities);
    site_free(&verdict->site);
    *verdict = (struct verdict){0};
}
