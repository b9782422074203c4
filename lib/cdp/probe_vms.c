// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/probe_vms.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cdp/coverage.h"
#include "cdp/survey.h"

struct counts {
    size_t runs;
    size_t signs[SIGNS];
    utc_us *idle_for; // of each that is idle
    utc_us overdue_for;
};

static void count(const struct target *target, const struct standing *standing,
                  struct counts *counts)
{
    counts->runs += target_runs(target) ? 1 : 0;
    if (!standing->shows_sign) {
        return;
    }
    if (standing->sign == SIGN_IDLE) {
        counts->idle_for[counts->signs[SIGN_IDLE]] = standing->lasts;
    }
    if (standing->sign == SIGN_OVERDUE && standing->lasts > counts->overdue_for) {
        counts->overdue_for = standing->lasts;
    }
    counts->signs[standing->sign]++;
}

static int compare_spans(const void *left, const void *right)
{
    const utc_us a = *(const utc_us *)left;
    const utc_us b = *(const utc_us *)right;
    return (a > b) - (a < b);
}

static double in_seconds(utc_us span)
{
    const int64_t seconds = span / UTC_SECOND;
    return (double)seconds;
}

static void set_counts(struct probe_line *line, const struct targets *targets,
                       struct counts *counts)
{
    const size_t idle = counts->signs[SIGN_IDLE];
    probe_set_number(line, PROBE_COUNT, (double)targets->count);
    probe_set_number(line, PROBE_RUNS, (double)counts->runs);
    probe_set_number(line, PROBE_IDLE, (double)idle);
    probe_set_number(line, PROBE_OVERDUE, (double)counts->signs[SIGN_OVERDUE]);
    probe_set_number(line, PROBE_UNCOVERED, (double)counts->signs[SIGN_UNCOVERED]);
    probe_set_number(line, PROBE_DISABLED, (double)counts->signs[SIGN_DISABLED]);
    if (idle > 0) {
        qsort(counts->idle_for, idle, sizeof *counts->idle_for, compare_spans);
        probe_set_number(line, PROBE_IDLE_FOR, in_seconds(counts->idle_for[idle / 2]));
    }
    if (counts->overdue_for > 0) {
        probe_set_number(line, PROBE_RUNS_FOR, in_seconds(counts->overdue_for));
    }
}

/* One that runs, if there is one, and that options take as it is shown. */
static void choose_vm(const struct targets *targets, struct probe *probe)
{
    const struct target *chosen = NULL;
    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        if (target->vm != NULL && target->count > 0 && text_is_clean(target->vm) &&
            (chosen == NULL || (target_runs(target) && !target_runs(chosen)))) {
            chosen = target;
        }
    }
    free(probe->vm);
    probe->vm = chosen != NULL ? strdup(chosen->vm) : NULL;
    probe->no_memory = probe->no_memory || (chosen != NULL && probe->vm == NULL);
}

void probe_vms_choose(const struct task_sessions *sessions, struct probe *probe)
{
    for (size_t i = 0; i < sessions->count && probe->vm == NULL; i++) {
        const char *vm = sessions->items[i].vm;
        if (vm != NULL && text_is_clean(vm)) {
            probe->vm = strdup(vm);
            probe->no_memory = probe->no_memory || probe->vm == NULL;
        }
    }
}

int probe_vms_count(const struct scope *scope, const struct site *site, utc_us now,
                    struct probe *probe, struct probe_line *line, struct fault *fault)
{
    cleanup_targets struct targets targets = {.items = NULL};
    cleanup_survey struct survey survey = {.items = NULL};
    struct counts counts = {.runs = 0};
    if (targets_group(&site->sessions, false, &targets, fault) < 0 ||
        coverage_join(&targets, site, fault) < 0 ||
        survey_make(scope, site, &targets, now, &survey, fault) < 0) {
        return -1;
    }
    counts.idle_for = calloc(targets.count + 1, sizeof *counts.idle_for);
    if (counts.idle_for == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < targets.count; i++) {
        count(&targets.items[i], &survey.items[i].standing, &counts);
    }
    set_counts(line, &targets, &counts);
    free(counts.idle_for);
    choose_vm(&targets, probe);
    return 0;
}
