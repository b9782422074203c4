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

/* A session without a VM's name is a VM of its own, as long as it has a UID to be told by. */
static int compare_vms(const struct task_session *a, const struct task_session *b)
{
    int order = compare_texts(a->vm, b->vm);
    order = order != 0 ? order : compare_texts(a->policy, b->policy);
    order = order != 0 ? order : compare_texts(a->backup_server, b->backup_server);
    return order != 0 || a->vm != NULL ? order : compare_texts(a->uid, b->uid);
}

bool targets_same_vm(const struct task_session *a, const struct task_session *b)
{
    return compare_vms(a, b) == 0;
}

static int compare_ages(const struct task_session *a, const struct task_session *b)
{
    if (a->has_created != b->has_created) {
        return a->has_created ? -1 : 1;
    }
    return a->has_created ? (a->created < b->created) - (a->created > b->created) : 0;
}

/* Newest first. */
static int compare_in_vm(const void *left, const void *right)
{
    const struct task_session *a = *(const struct task_session *const *)left;
    const struct task_session *b = *(const struct task_session *const *)right;
    const int order = compare_ages(a, b);
    return order != 0 ? order : compare_texts(a->uid, b->uid);
}

/* By VM, newest first. */
static int compare_sessions(const void *left, const void *right)
{
    const int order = compare_vms(*(const struct task_session *const *)left,
                                  *(const struct task_session *const *)right);
    return order != 0 ? order : compare_in_vm(left, right);
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

/* Whether `unnamed` may be the same VM: it tells nothing that `named` does not tell as well. */
static bool may_be(const struct target *unnamed, const struct target *named)
{
    return (unnamed->policy == NULL || compare_texts(unnamed->policy, named->policy) == 0) &&
           (unnamed->backup_server == NULL ||
            compare_texts(unnamed->backup_server, named->backup_server) == 0);
}

/* The one of `count` targets of one VM's name that all others may be; NULL: there is none. */
static const struct target *find_named(const struct target *targets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t fitting = 0;
        while (fitting < count && may_be(&targets[fitting], &targets[i])) {
            fitting++;
        }
        if (fitting == count) {
            return &targets[i];
        }
    }
    return NULL;
}

/* Makes one of `count` targets, which stand together and so do their sessions. */
static void join(struct targets *targets, size_t first, size_t count, const struct target *named)
{
    const struct task_session **sessions =
        targets->sorted + (targets->items[first].sessions - targets->sorted);
    struct target joined = {
        .policy = named->policy, .backup_server = named->backup_server, .sessions = sessions};
    for (size_t i = first; i < first + count; i++) {
        joined.count += targets->items[i].count;
    }
    qsort(sessions, joined.count, sizeof *sessions, compare_in_vm);
    targets->items[first] = joined;
    memmove(&targets->items[first + 1], &targets->items[first + count],
            (targets->count - first - count) * sizeof *targets->items);
    targets->count -= count - 1;
}

static void join_unnamed(struct targets *targets)
{
    for (size_t first = 0; first < targets->count; first++) {
        const char *vm = targets->items[first].sessions[0]->vm;
        size_t count = 1;
        while (vm != NULL && first + count < targets->count &&
               compare_texts(vm, targets->items[first + count].sessions[0]->vm) == 0) {
            count++;
        }
        const struct target *named = find_named(&targets->items[first], count);
        if (named != NULL && count > 1) {
            join(targets, first, count, named);
        } else {
            first += count - 1;
        }
    }
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
    const struct task_session **sorted = targets->sorted;
    for (size_t i = 0; i < sessions->count; i++) {
        sorted[i] = &sessions->items[i];
    }
    const size_t count = drop_repeated(sorted, sessions->count);
    qsort(sorted, count, sizeof *sorted, compare_sessions);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || each_alone || compare_vms(sorted[i - 1], sorted[i]) != 0) {
            targets->items[targets->count++] =
                (struct target){.policy = sorted[i]->policy,
                                .backup_server = sorted[i]->backup_server,
                                .sessions = &sorted[i]};
        }
        targets->items[targets->count - 1].count++;
    }
    if (!each_alone) {
        join_unnamed(targets);
    }
    return 0;
}

/* Marks which of one VM's sessions, newest first, speak for it. */
static void keep_speakers(const struct task_session *const *sessions, size_t count,
                          const struct task_session *first, bool *keep)
{
    bool completed = false;
    const struct task_session *oldest = NULL;
    keep[sessions[0] - first] = true;
    for (size_t i = 0; i < count; i++) {
        const bool completes = !completed && !task_session_runs(sessions[i]);
        completed = completed || completes;
        oldest = sessions[i]->has_created ? sessions[i] : oldest;
        if (completes || !sessions[i]->has_created) {
            keep[sessions[i] - first] = true;
        }
    }
    if (!completed && oldest != NULL) {
        keep[oldest - first] = true;
    }
}

int targets_condense(struct task_sessions *sessions, struct fault *fault)
{
    bool *keep = calloc(sessions->count + 1, sizeof *keep);
    const struct task_session **sorted = calloc(sessions->count + 1, sizeof *sorted);
    const bool ok = keep != NULL && sorted != NULL;
    for (size_t i = 0; ok && i < sessions->count; i++) {
        sorted[i] = &sessions->items[i];
    }
    const size_t count = ok ? drop_repeated(sorted, sessions->count) : 0;
    if (count > 0) {
        qsort(sorted, count, sizeof(struct task_session *), compare_sessions);
    }
    for (size_t first = 0, end = 0; first < count; first = end) {
        while (end < count && compare_vms(sorted[first], sorted[end]) == 0) {
            end++;
        }
        keep_speakers(sorted + first, end - first, sessions->items, keep);
    }
    if (ok) {
        task_sessions_keep(sessions, keep);
    }
    free(keep);
    free(sorted);
    return ok ? 0 : fault_no_memory(fault);
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
