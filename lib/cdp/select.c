// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/select.h"

#include <stdlib.h>
#include <string.h>

/* Absent texts come first. */
static int compare_texts(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    return strcmp(a, b);
}

/* A session without a VM's name is a VM of its own: what it belongs to is not known. */
static int compare_vms(const struct task_session *a, const struct task_session *b)
{
    int order = compare_texts(a->vm, b->vm);
    order = order != 0 ? order : compare_texts(a->policy, b->policy);
    order = order != 0 ? order : compare_texts(a->backup_server, b->backup_server);
    return order != 0 || a->vm != NULL ? order : compare_texts(a->uid, b->uid);
}

static int compare_ages(const struct task_session *a, const struct task_session *b)
{
    if (a->has_created != b->has_created) {
        return a->has_created ? -1 : 1;
    }
    return a->has_created ? (a->created < b->created) - (a->created > b->created) : 0;
}

/* By VM, newest first. */
static int compare_sessions(const void *left, const void *right)
{
    const struct task_session *a = *(const struct task_session *const *)left;
    const struct task_session *b = *(const struct task_session *const *)right;
    int order = compare_vms(a, b);
    order = order != 0 ? order : compare_ages(a, b);
    return order != 0 ? order : compare_texts(a->uid, b->uid);
}

/* By UID, the last read first. */
static int compare_readings(const void *left, const void *right)
{
    const struct task_session *a = *(const struct task_session *const *)left;
    const struct task_session *b = *(const struct task_session *const *)right;
    const int order = compare_texts(a->uid, b->uid);
    return order != 0 ? order : (a < b) - (a > b);
}

/* A session may change between two readings, in its VM's name even: its UID alone tells. */
static size_t drop_repeated(const struct task_session **sessions, size_t count)
{
    size_t kept = 0;
    qsort(sessions, count, sizeof *sessions, compare_readings);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || sessions[i]->uid == NULL ||
            compare_texts(sessions[kept - 1]->uid, sessions[i]->uid) != 0) {
            sessions[kept++] = sessions[i];
        }
    }
    return kept;
}

int targets_select(const struct task_sessions *sessions, bool each_alone, struct targets *targets,
                   struct fault *fault)
{
    *targets = (struct targets){
        .sorted = calloc(sessions->count + 1, sizeof *targets->sorted),
        .items = calloc(sessions->count + 1, sizeof *targets->items),
    };
    if (targets->sorted == NULL || targets->items == NULL) {
        targets_free(targets);
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < sessions->count; i++) {
        targets->sorted[i] = &sessions->items[i];
    }
    const size_t count = drop_repeated(targets->sorted, sessions->count);
    qsort(targets->sorted, count, sizeof *targets->sorted, compare_sessions);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || each_alone || compare_vms(targets->sorted[i - 1], targets->sorted[i]) != 0) {
            targets->items[targets->count++] = (struct target){.sessions = &targets->sorted[i]};
        }
        targets->items[targets->count - 1].count++;
    }
    return 0;
}

void targets_free(struct targets *targets)
{
    free(targets->sorted);
    free(targets->items);
    *targets = (struct targets){0};
}

const struct task_session *target_last_completed(const struct target *target)
{
    for (size_t i = 0; i < target->count; i++) {
        if (!task_session_runs(target->sessions[i])) {
            return target->sessions[i];
        }
    }
    return NULL;
}
