// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/rotation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A policy's session of 24 hours, for as long as sessions that rotate are of it. */
struct rotating_day {
    struct policy_session session;
    size_t tasks;
    char uid[UUID_SIZE];
    char *name;
};

/* Room for one session of a VM: the next one in it is `kept` turns later. */
struct slot {
    struct task_session task;
    struct rotating_day *day; // NULL: empty
    char uid[UUID_SIZE];
    char *name;
    size_t name_size;
};

struct rotation {
    struct fleet fleet;
    struct slot *slots; // of each VM, `kept`
    int64_t kept;
    int64_t next; // the position of the first turn that has not begun
    char *text;   // room for a text that a UUID is made of
    size_t text_size;
};

/* ---- policy sessions ---- */

static struct rotating_day *find_day(const struct store *store, const struct policy *policy,
                                     moment created)
{
    for (size_t i = store->rotating_day_count; i > 0; i--) {
        struct rotating_day *day = store->rotating_days[i - 1];
        if (day->session.policy == policy && day->session.created == created) {
            return day;
        }
    }
    return NULL;
}

static struct rotating_day *add_day(struct store *store, const struct policy *policy,
                                    moment created)
{
    struct arena scratch = {0};
    struct rotating_day *day = memory_take(sizeof *day);
    day->name =
        memory_copy(arena_format(&scratch, "%s@%s", policy->name, moment_name(&scratch, created)));
    store_make_uuid(arena_format(&scratch, "rotating-policy-session|%s|%lld", policy->uid,
                                 (long long)(created / MOMENT_DAY)),
                    day->uid);
    arena_free(&scratch);
    day->session = (struct policy_session){.uid = day->uid,
                                           .name = day->name,
                                           .policy = policy,
                                           .created = created,
                                           .ended = created + MOMENT_DAY,
                                           .failure_message = "",
                                           .rotates = true};
    store->rotating_days =
        memory_grow(store->rotating_days, store->rotating_day_count, sizeof(void *));
    store->rotating_days[store->rotating_day_count++] = day;
    return day;
}

/* Of the policy session that a session created then belongs to. */
static struct rotating_day *day_at(struct store *store, const struct policy *policy, moment when)
{
    const moment created = store_policy_session_start(when);
    struct rotating_day *day = find_day(store, policy, created);
    return day != NULL ? day : add_day(store, policy, created);
}

static void free_day(struct rotating_day *day)
{
    free(day->name);
    free(day);
}

static void settle_day(struct policy_session *session, moment now)
{
    session->has_ended = session->ended <= now;
    session->state = session->has_ended ? POLICY_STOPPED : POLICY_WORKING;
    session->result = session->has_ended ? RESULT_SUCCESS : RESULT_NONE;
}

/* Those that nothing is of any more go; the others are among the store's policy sessions. */
static void settle_days(struct store *store, moment now)
{
    size_t listed = 0;
    for (size_t i = 0; i < store->policy_session_count; i++) {
        if (!store->policy_sessions[i]->rotates) {
            store->policy_sessions[listed++] = store->policy_sessions[i];
        }
    }
    store->policy_session_count = listed;
    size_t kept = 0;
    for (size_t i = 0; i < store->rotating_day_count; i++) {
        struct rotating_day *day = store->rotating_days[i];
        if (day->tasks == 0) {
            free_day(day);
            continue;
        }
        settle_day(&day->session, now);
        store->rotating_days[kept++] = day;
        store_add_policy_session(store, &day->session);
    }
    store->rotating_day_count = kept;
}

/* ---- sessions ---- */

static struct slot *slot_of(const struct rotation *rotation, int64_t vm, int64_t turn)
{
    const int64_t place = (turn % rotation->kept + rotation->kept) % rotation->kept;
    return &rotation->slots[vm * rotation->kept + place];
}

/* The session in the slot is that of this turn, and over or not. */
static void settle_task(const struct fleet *fleet, struct slot *slot, int64_t vm, int64_t turn,
                        bool is_over)
{
    struct task_session *task = &slot->task;
    task->has_ended = is_over;
    task->ended = fleet_turn_begins(fleet, vm, turn + 1);
    task->state = is_over ? TASK_COMPLETED : TASK_IN_PROGRESS;
    task->result = is_over ? fleet_result(fleet, vm + 1 + turn) : RESULT_SUCCESS;
    task->reason = fleet_reason(task->result);
}

/* The session of this turn takes the place of the one that was in its slot. */
static void begin_task(struct store *store, struct rotation *rotation, int64_t vm, int64_t turn,
                       bool is_over)
{
    const struct fleet *fleet = &rotation->fleet;
    struct slot *slot = slot_of(rotation, vm, turn);
    struct task_session *task = &slot->task;
    if (slot->day != NULL) {
        slot->day->tasks--;
    }
    task->created = fleet_turn_begins(fleet, vm, turn);
    slot->day = day_at(store, fleet->policy, task->created);
    slot->day->tasks++;
    task->policy_session = &slot->day->session;
    snprintf(rotation->text, rotation->text_size, "turn|%s|%s|%lld", fleet->policy->uid, task->vm,
             (long long)turn);
    store_make_uuid(rotation->text, slot->uid);
    const size_t length = strlen(task->vm);
    slot->name[length] = '@';
    moment_write_name(slot->name + length + 1, task->created);
    task->is_new = true;
    settle_task(fleet, slot, vm, turn, is_over);
}

static void begin_turn(struct store *store, struct rotation *rotation, int64_t position)
{
    const struct fleet *fleet = &rotation->fleet;
    const int64_t vm = fleet_vm_at(fleet, position);
    const int64_t turn = fleet_turn_at(fleet, position);
    if (!fleet->running) {
        begin_task(store, rotation, vm, turn - 1, true);
        return;
    }
    settle_task(fleet, slot_of(rotation, vm, turn - 1), vm, turn - 1, true);
    begin_task(store, rotation, vm, turn, false);
}

/* Does all turns that are due. Beyond those that fill all slots, or back in time, it begins anew.
 */
static bool rotate(struct store *store, struct rotation *rotation, moment now)
{
    const int64_t until = fleet_first_not_begun(&rotation->fleet, now);
    const int64_t most = rotation->fleet.vms * rotation->kept;
    const bool anew = until < rotation->next || until - rotation->next > most;
    const int64_t from = anew ? until - most : rotation->next;
    for (int64_t position = from; position < until; position++) {
        begin_turn(store, rotation, position);
    }
    rotation->next = until;
    return from < until;
}

/* ---- fleets ---- */

static void name_slots(struct store *store, struct rotation *rotation, int64_t vm, const char *name)
{
    for (int64_t i = 0; i < rotation->kept; i++) {
        struct slot *slot = &rotation->slots[vm * rotation->kept + i];
        slot->name = arena_take(&store->arena, strlen(name) + 1 + MOMENT_NAME_SIZE);
        memcpy(slot->name, name, strlen(name));
        slot->task.vm = name;
        slot->task.name = slot->name;
        slot->task.uid = slot->uid;
        slot->task.total_size = rotation->fleet.total_size + (vm + 1) * 4096;
        store_add_task(store, &slot->task);
    }
}

void rotation_add(struct store *store, const struct fleet *fleet, const char *const *names)
{
    const int64_t kept = fleet->completed + (fleet->running ? 1 : 0);
    if (kept == 0 || fleet->vms == 0) {
        return;
    }
    struct rotation *rotation = arena_take(&store->arena, sizeof *rotation);
    rotation->fleet = *fleet;
    rotation->kept = kept;
    rotation->slots = memory_take((size_t)(fleet->vms * kept) * sizeof *rotation->slots);
    rotation->text_size = strlen(fleet->prefix) + 128;
    rotation->text = arena_take(&store->arena, rotation->text_size);
    for (int64_t vm = 0; vm < fleet->vms; vm++) {
        name_slots(store, rotation, vm, names[vm]);
    }
    rotation->next = fleet_first_not_begun(fleet, store->now) - fleet->vms * kept;
    store->rotations = memory_grow(store->rotations, store->rotation_count, sizeof(void *));
    store->rotations[store->rotation_count++] = rotation;
}

/* When the store is to change next. */
static moment next_change(const struct store *store)
{
    moment next = INT64_MAX;
    for (size_t i = 0; i < store->rotation_count; i++) {
        const struct rotation *rotation = store->rotations[i];
        const struct fleet *fleet = &rotation->fleet;
        const moment begins = fleet_turn_begins(fleet, fleet_vm_at(fleet, rotation->next),
                                                fleet_turn_at(fleet, rotation->next));
        next = begins < next ? begins : next;
    }
    for (size_t i = 0; i < store->rotating_day_count; i++) {
        const struct policy_session *session = &store->rotating_days[i]->session;
        next = !session->has_ended && session->ended < next ? session->ended : next;
    }
    return next;
}

bool rotation_is_due(const struct store *store, moment now)
{
    return store->rotation_count > 0 &&
           (now >= store->next_rotation || now < store->newest_rotation);
}

void rotation_apply(struct store *store, moment now)
{
    bool has_new = false;
    for (size_t i = 0; i < store->rotation_count; i++) {
        has_new |= rotate(store, store->rotations[i], now);
    }
    settle_days(store, now);
    store->newest_rotation = now;
    store->next_rotation = next_change(store);
    if (has_new) {
        store_sort_new_tasks(store);
    }
    store_sort_policy_sessions(store);
}

void rotation_free(struct store *store)
{
    for (size_t i = 0; i < store->rotation_count; i++) {
        free(store->rotations[i]->slots);
    }
    for (size_t i = 0; i < store->rotating_day_count; i++) {
        free_day(store->rotating_days[i]);
    }
    free(store->rotations);
    free(store->rotating_days);
}
