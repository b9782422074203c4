// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/select.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/text.h"

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

bool target_fits(const struct target *target, const struct task_session *session)
{
    return compare_texts(target->sessions[0]->vm, session->vm) == 0 &&
           (target->policy == NULL || compare_texts(target->policy, session->policy) == 0) &&
           (target->backup_server == NULL ||
            compare_texts(target->backup_server, session->backup_server) == 0);
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

/* A session, and what stands for the text that it is told by: most comparisons need no more. */
struct keyed {
    uint64_t key;
    const struct task_session *session;
};

/*
 * A session may change between two readings, in its VM's name even: its UID alone tells. The last
 * reading counts. `slots` has at least twice as many as there are sessions, all 0, in a power of 2.
 */
static size_t drop_repeated(struct keyed *sessions, size_t count, uint32_t *slots,
                            size_t slot_count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct keyed next = sessions[i];
        if (next.session->uid == NULL) {
            sessions[kept++] = next;
            continue;
        }
        next.key = hash_text_nocase(next.session->uid);
        size_t slot = (size_t)next.key & (slot_count - 1);
        while (slots[slot] != 0 &&
               (sessions[slots[slot] - 1].key != next.key ||
                !text_same(sessions[slots[slot] - 1].session->uid, next.session->uid))) {
            slot = (slot + 1) & (slot_count - 1);
        }
        if (slots[slot] == 0) {
            slots[slot] = (uint32_t)++kept;
        }
        sessions[slots[slot] - 1] = next;
    }
    return kept;
}

/* The length of what all VMs' names begin with, which tells none from another. */
static size_t common_length(const struct keyed *sessions, size_t count)
{
    const char *model = NULL;
    size_t common = 0;
    for (size_t i = 0; i < count; i++) {
        const char *vm = sessions[i].session->vm;
        if (model == NULL && vm != NULL) {
            model = vm;
            common = strlen(model);
        } else if (vm != NULL) {
            size_t same = 0;
            while (same < common && vm[same] == model[same]) {
                same++;
            }
            common = same;
        }
    }
    return common;
}

/*
 * Eight bytes of a VM's name behind what all names begin with, as a number: in the order that
 * strcmp gives the names. 0 for no name.
 */
static uint64_t key_of_name(const char *vm, size_t common)
{
    const char *next = vm != NULL ? vm + common : "";
    uint64_t key = 0;
    for (size_t byte = 0; byte < sizeof key; byte++) {
        key = key << 8 | (unsigned char)*next;
        next += *next != '\0' ? 1 : 0;
    }
    return key;
}

/* By VM, newest first. */
static int compare_by_vm(const void *left, const void *right)
{
    const struct keyed *a = left;
    const struct keyed *b = right;
    int order = (a->key > b->key) - (a->key < b->key);
    order = order != 0 ? order : compare_vms(a->session, b->session);
    return order != 0 ? order : compare_in_vm(&a->session, &b->session);
}

static void sort_by_vm(struct keyed *sessions, size_t count)
{
    const size_t common = common_length(sessions, count);
    for (size_t i = 0; i < count; i++) {
        sessions[i].key = key_of_name(sessions[i].session->vm, common);
    }
    qsort(sessions, count, sizeof *sessions, compare_by_vm);
}

/*
 * Writes the sessions to `sorted`, which has room for all: each once, by VM, newest first. Returns
 * how many; SIZE_MAX: no memory.
 */
static size_t sort_sessions(const struct task_sessions *sessions,
                            const struct task_session **sorted)
{
    size_t slot_count = 1;
    while (slot_count < 2 * sessions->count) {
        slot_count *= 2;
    }
    cleanup_free struct keyed *keyed = calloc(sessions->count + 1, sizeof *keyed);
    cleanup_free uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (keyed == NULL || slots == NULL) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < sessions->count; i++) {
        keyed[i].session = &sessions->items[i];
    }
    const size_t count = drop_repeated(keyed, sessions->count, slots, slot_count);
    sort_by_vm(keyed, count);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = keyed[i].session;
    }
    return count;
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
    const struct task_session **sorted = targets->sorted;
    const size_t count = sorted != NULL ? sort_sessions(sessions, sorted) : SIZE_MAX;
    if (count == SIZE_MAX || targets->items == NULL) {
        targets_free(targets);
        return fault_no_memory(fault);
    }
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
    cleanup_free bool *keep = calloc(sessions->count + 1, sizeof *keep);
    cleanup_free const struct task_session **sorted = calloc(sessions->count + 1, sizeof *sorted);
    const bool ok = keep != NULL && sorted != NULL;
    const size_t count = ok ? sort_sessions(sessions, sorted) : SIZE_MAX;
    if (count == SIZE_MAX) {
        return fault_no_memory(fault);
    }
    for (size_t first = 0, end = 0; first < count; first = end) {
        while (end < count && compare_vms(sorted[first], sorted[end]) == 0) {
            end++;
        }
        keep_speakers(sorted + first, end - first, sessions->items, keep);
    }
    task_sessions_keep(sessions, keep);
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
