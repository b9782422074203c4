// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/store.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <gnutls/crypto.h>

const char *const task_state_names[TASK_STATES + 1] = {"InProgress", "Pending", "Completed", NULL};
const char *const result_names[RESULTS + 1] = {"None", "Success", "Warning", "Failed", NULL};
const char *const policy_state_names[POLICY_STATES + 1] = {
    "Starting", "Stopping", "Working", "Pausing", "Resuming", "Stopped", NULL};

const char *const system_state_names[SYSTEM_FAILED + 2] = {"InProgress", "CompletedSuccessfully",
                                                           "CompletedWarning", "Failed", NULL};
const char *const week_day_names[WEEK_DAYS + 1] = {"Sunday",   "Monday", "Tuesday",  "Wednesday",
                                                   "Thursday", "Friday", "Saturday", NULL};

static const char uuid_shape[] = "00000000-0000-0000-0000-000000000000";

char *store_uuid(struct arena *arena, const char *text)
{
    static const char hexadecimal[] = "0123456789abcdef";
    unsigned char digest[32] = {0};
    gnutls_hash_fast(GNUTLS_DIG_SHA256, text, strlen(text), digest);
    char *uuid = arena_copy(arena, uuid_shape);
    size_t digit = 0;
    for (char *at = uuid; *at != '\0'; at++) {
        if (*at == '0') {
            unsigned int byte = digest[digit / 2];
            *at = hexadecimal[digit % 2 == 0 ? byte >> 4 : byte & 15U];
            digit++;
        }
    }
    uuid[14] = '5'; // version: made from a name
    return uuid;
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
    sort(store->policy_sessions, store->policy_session_count);
    sort(store->tasks, store->task_count);
}

void store_free(struct store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < store->policy_count + store->deleted_policy_count; i++) {
        free(store->policies[i]->includes);
    }
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
