// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "monitoring/range.h"

void verdict_free(struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->vm_count; i++) {
        free(verdict->vms[i].findings);
    }
    free(verdict->vms);
    free(verdict->servers);
    free(verdict->moved);
    site_free(&verdict->site);
    *verdict = (struct verdict){.state = STATE_UNKNOWN};
}

int measure_state(const struct measure *measure)
{
    const struct {
        const struct threshold *threshold;
        int state;
    } ranges[] = {{measure->critical, STATE_CRITICAL}, {measure->warning, STATE_WARNING}};
    for (size_t i = 0; measure->known && i < sizeof ranges / sizeof ranges[0]; i++) {
        if (ranges[i].threshold != NULL &&
            range_is_broken(ranges[i].threshold->range, measure->value)) {
            return ranges[i].state;
        }
    }
    return STATE_OK;
}

/* Whether a VM that is judged is in it. */
static bool has_vm_of(const struct verdict *verdict, const struct policy *policy)
{
    bool found = false;
    for (size_t i = 0; i < verdict->vm_count && !found; i++) {
        found = verdict->vms[i].in == policy;
    }
    return found;
}

bool verdict_concerns(const struct verdict *verdict, const struct policy *policy)
{
    const struct scope *scope = verdict->scope;
    bool named = scope->kind != SCOPE_POLICY;
    if (scope->kind == SCOPE_VM || scope->kind == SCOPE_ID) {
        return has_vm_of(verdict, policy);
    }
    for (size_t i = 0; i < scope->names.count && !named; i++) {
        named = strcmp(scope->names.items[i], policy->name) == 0;
    }
    return named && (scope->backup_servers.count == 0 || policy->backup_server == NULL ||
                     scope_has_server(scope, policy->backup_server));
}

static void add_measure(struct measure *total, enum metric metric, const struct measure *measure)
{
    if (!measure->known) {
        return;
    }
    switch (metrics[metric].total) {
    case TOTAL_NONE:
        break;
    case TOTAL_SUM:
        *total = (struct measure){.known = true, .value = total->value + measure->value};
        break;
    case TOTAL_LARGEST:
        *total = !total->known || measure->value > total->value ? *measure : *total;
        break;
    case TOTAL_SMALLEST:
        *total = !total->known || measure->value < total->value ? *measure : *total;
        break;
    }
}

void verdict_total(struct verdict *verdict)
{
    verdict->state = verdict_run_state(verdict);
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct vm_verdict *vm = &verdict->vms[i];
        verdict->state = max_state_alt(verdict->state, vm->state);
        verdict->counts[vm->state]++;
        verdict->signs[vm->standing.sign] += vm->standing.shows_sign ? 1 : 0;
        for (enum metric metric = 0; metric < VM_METRICS; metric++) {
            add_measure(&verdict->measures[metric], metric, &vm->measures[metric]);
        }
    }
}

int verdict_of_group(const struct verdict *verdict, const size_t places[], size_t count,
                     struct verdict *group)
{
    *group = (struct verdict){.scope = verdict->scope,
                              .site = verdict->site,
                              .now = verdict->now,
                              .checked = verdict->checked};
    group->vms = calloc(count + 1, sizeof *group->vms);
    if (group->vms == NULL) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        group->vms[group->vm_count++] = verdict->vms[places[i]];
    }
    verdict_total(group);
    return 0;
}

void verdict_free_group(struct verdict *group)
{
    free(group->vms);
    *group = (struct verdict){.state = STATE_UNKNOWN};
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

const struct finding *verdict_unanswered(const struct verdict *verdict)
{
    if (verdict->fault != NULL &&
        (verdict->vm_count == 0 || finding_fault_kind(verdict->fault) != FAULT_NOT_FOUND)) {
        return verdict->fault;
    }
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct finding *fault = vm_fault(&verdict->vms[i]);
        if (fault != NULL && finding_fault_kind(fault) != FAULT_NOT_FOUND) {
            return fault;
        }
    }
    return NULL;
}

int verdict_fault_state(const struct verdict *verdict)
{
    int state = verdict->fault != NULL ? verdict->fault->state : STATE_OK;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct finding *fault = vm_fault(&verdict->vms[i]);
        state = fault != NULL ? max_state_alt(state, fault->state) : state;
    }
    return state;
}

const struct finding *verdict_alarm(const struct verdict *verdict)
{
    const struct finding *alarm = NULL;
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct finding *finding = &verdict->findings[i];
        if (finding->state == STATE_OK || finding_is_fault(finding)) {
            continue;
        }
        if (alarm == NULL || max_state_alt(alarm->state, finding->state) != alarm->state) {
            alarm = finding;
        }
    }
    return alarm;
}

int verdict_run_state(const struct verdict *verdict)
{
    int state = STATE_OK;
    for (size_t i = 0; i < verdict->finding_count; i++) {
        state = max_state_alt(state, verdict->findings[i].state);
    }
    return state;
}

utc_us verdict_collected(const struct verdict *verdict)
{
    static const double half = 0.5;
    const double microseconds = verdict->measures[METRIC_DATA_AGE].value * (double)UTC_SECOND;
    return verdict->now - (utc_us)(microseconds + half);
}

bool verdict_lacks_lag(const struct verdict *verdict, const struct vm_verdict *vm)
{
    return verdict->scope->points && vm_fault(vm) == NULL && vm->name != NULL &&
           standing_wants_points(&vm->standing) && !vm->measures[METRIC_RPO_LAG].known;
}

size_t verdict_without_lag(const struct verdict *verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        count += verdict_lacks_lag(verdict, &verdict->vms[i]) ? 1 : 0;
    }
    return count;
}

const struct finding *vm_fault(const struct vm_verdict *vm)
{
    return vm->finding_count > 0 && finding_is_fault(&vm->findings[0]) ? &vm->findings[0] : NULL;
}

const struct task_session *vm_session(const struct vm_verdict *vm, size_t place)
{
    return place < vm->finding_count && vm->findings[place].kind == FINDING_SESSION
               ? vm->findings[place].session
               : NULL;
}
