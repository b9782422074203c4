// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/store.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <gnutls/crypto.h>

#include "emulator/rotation.h"

const char *const task_state_names[TASK_STATES + 1] = {"InProgress", "Pending", "Completed", NULL};
const char *const result_names[RESULTS + 1] = {"None", "Success", "Warning", "Failed", NULL};
const char *const policy_state_names[POLICY_STATES + 1] = {
    "Starting", "Stopping", "Working", "Pausing", "Resuming", "Stopped", NULL};

const char *const system_state_names[SYSTEM_FAILED + 2] = {"InProgress", "CompletedSuccessfully",
                                                           "CompletedWarning", "Failed", NULL};
const char *const week_day_names[WEEK_DAYS + 1] = {"Sunday",   "Monday", "Tuesday",  "Wednesday",
                                                   "Thursday", "Friday", "Saturday", NULL};

static const char uuid_shape[] = "00000000-0000-0000-0000-000000000000";

/* A policy session starts a day after the one before it; this is the second of the day. */
#define SESSION_START (((15 * 60 + 0) * 60 + 8) * MOMENT_SECOND)

void store_make_uuid(const char *text, char uuid[UUID_SIZE])
{
    static const char hexadecimal[] = "0123456789abcdef";
    unsigned char digest[32] = {0};
    gnutls_hash_fast(GNUTLS_DIG_SHA256, text, strlen(text), digest);
    memcpy(uuid, uuid_shape, sizeof uuid_shape);
    size_t digit = 0;
    for (char *at = uuid; *at != '\0'; at++) {
        if (*at == '0') {
            unsigned int byte = digest[digit / 2];
            *at = hexadecimal[digit % 2 == 0 ? byte >> 4 : byte & 15U];
            digit++;
        }
    }
    uuid[14] = '5'; // version: made from a name
}

char *store_uuid(struct arena *arena, const char *text)
{
    char *uuid = arena_take(arena, UUID_SIZE);
    store_make_uuid(text, uuid);
    return uuid;
}

moment store_policy_session_start(moment when)
{
    return when - ((when - SESSION_START) % MOMENT_DAY + MOMENT_DAY) % MOMENT_DAY;
}

void store_add_policy_session(struct store *store, struct policy_session *session)
{
    store->policy_sessions =
        memory_grow(store->policy_sessions, store->policy_session_count, sizeof(void *));
    store->policy_sessions[store->policy_session_count++] = session;
}

void store_add_task(struct store *store, struct task_session *task)
{
    store->tasks = memory_grow(store->tasks, store->task_count, sizeof(void *));
    store->tasks[store->task_count++] = task;
}

const char *store_reference(struct arena *arena, const struct backup_server *server,
                            const char *type, const char *name)
{
    const char *root = store_uuid(arena, arena_format(arena, "hierarchy|%s", server->uid));
    const char *object = store_uuid(arena, arena_format(arena, "object|%s|%s", type, name));
    return arena_format(arena, "urn:VMware:%s:%s.%s-%lu", type, root,
                        strcmp(type, "Vm") == 0 ? "vm" : "group", strtoul(object, NULL, 16));
}

bool store_is_uuid(const char *text)
{
    if (strlen(text) != sizeof uuid_shape - 1) {
        return false;
    }
    for (size_t i = 0; text[i] != '\0'; i++) {
        bool fits = uuid_shape[i] == '-' ? text[i] == '-' : isxdigit((unsigned char)text[i]) != 0;
        if (!fits) {
            return false;
        }
    }
    return true;
}

/* Every kind of object starts with its UID, so one comparison serves all. */
static const char *uid_of(const void *object)
{
    return *(const char *const *)object;
}

static int compare_uids(const void *a, const void *b)
{
    return strcasecmp(uid_of(*(void *const *)a), uid_of(*(void *const *)b));
}

void *store_find(void *const *objects, size_t count, const char *uid)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcasecmp(uid, uid_of(objects[middle]));
        if (order == 0) {
            return objects[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static void sort(void *objects, size_t count)
{
    if (count > 0) {
        qsort(objects, count, sizeof(void *), compare_uids);
    }
}

/* Those that are deleted go behind the others. */
static void split_policies(struct store *store)
{
    size_t count = store->policy_count;
    for (size_t i = count; i > 0; i--) {
        struct policy *policy = store->policies[i - 1];
        if (policy->deleted) {
            store->policies[i - 1] = store->policies[--count];
            store->policies[count] = policy;
        }
    }
    store->deleted_policy_count = store->policy_count - count;
    store->policy_count = count;
}

void store_sort(struct store *store)
{
    split_policies(store);
    sort(store->servers, store->server_count);
    sort(store->policies, store->policy_count);
    sort(store->replicas, store->replica_count);
    sort(store->replica_vms, store->replica_vm_count);
    store_sort_policy_sessions(store);
    sort(store->tasks, store->task_count);
}

void store_sort_policy_sessions(struct store *store)
{
    sort(store->policy_sessions, store->policy_session_count);
}

/* Where the task belongs among so many that are sorted. */
static size_t place_of(struct task_session *const *tasks, size_t count, const char *uid)
{
    size_t low = 0;
    while (low < count) {
        const size_t middle = low + (count - low) / 2;
        if (strcasecmp(tasks[middle]->uid, uid) < 0) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return low;
}

void store_sort_new_tasks(struct store *store)
{
    struct task_session **tasks = store->tasks;
    struct task_session **new_tasks = NULL;
    size_t new_count = 0;
    size_t old_count = 0;
    for (size_t i = 0; i < store->task_count; i++) {
        if (!tasks[i]->is_new) {
            tasks[old_count++] = tasks[i];
            continue;
        }
        tasks[i]->is_new = false;
        new_tasks = memory_grow(new_tasks, new_count, sizeof(void *));
        new_tasks[new_count++] = tasks[i];
    }
    sort(new_tasks, new_count);
    // from the end: each old one moves once at most
    for (; new_count > 0; new_count--) {
        struct task_session *task = new_tasks[new_count - 1];
        const size_t place = place_of(tasks, old_count, task->uid);
        memmove(tasks + place + new_count, tasks + place, (old_count - place) * sizeof *tasks);
        tasks[place + new_count - 1] = task;
        old_count = place;
    }
    free(new_tasks);
}

void store_free(struct store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < store->policy_count + store->deleted_policy_count; i++) {
        free(store->policies[i]->includes);
    }
    rotation_free(store);
    free(store->servers);
    free(store->policies);
    free(store->replicas);
    free(store->replica_vms);
    free(store->policy_sessions);
    free(store->tasks);
    free(store->collecting.periods);
    free(store->system_sessions);
    free(store->replies);
    arena_free(&store->arena);
    cJSON_Delete(store->document);
    free(store);
}
