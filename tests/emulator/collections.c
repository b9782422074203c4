// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/collections.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "emulator/fields.h"
#include "emulator/intervals.h"
#include "emulator/system_sessions.h"

/* Lists of sessions go no further back than this. */
#define LIST_SPAN (30 * MOMENT_DAY)

/* ---- what there is ---- */

static struct records task_records(const struct store *store, const struct request *request)
{
    (void)request;
    return (struct records){(void *const *)store->tasks, store->task_count};
}

static struct records policy_session_records(const struct store *store,
                                             const struct request *request)
{
    (void)request;
    return (struct records){(void *const *)store->policy_sessions, store->policy_session_count};
}

static struct records policy_records(const struct store *store, const struct request *request)
{
    (void)request;
    return (struct records){(void *const *)store->policies, store->policy_count};
}

static struct records server_records(const struct store *store, const struct request *request)
{
    (void)request;
    return (struct records){(void *const *)store->servers, store->server_count};
}

static struct records replica_records(const struct store *store, const struct request *request)
{
    (void)request;
    return (struct records){(void *const *)store->replicas, store->replica_count};
}

static struct records replica_vm_records(const struct store *store, const struct request *request)
{
    (void)request;
    return (struct records){(void *const *)store->replica_vms, store->replica_vm_count};
}

static struct records system_session_records(const struct store *store,
                                             const struct request *request)
{
    size_t count = 0;
    struct system_session **all = system_sessions_at(request->arena, store, request->now, &count);
    return (struct records){(void *const *)all, count};
}

static bool system_session_listed(const void *record, const void *parent, moment since)
{
    (void)parent;
    return ((const struct system_session *)record)->created >= since;
}

static bool task_listed(const void *record, const void *parent, moment since)
{
    const struct task_session *task = record;
    return task->created >= since && (parent == NULL || task->policy_session == parent);
}

static bool policy_session_listed(const void *record, const void *parent, moment since)
{
    const struct policy_session *session = record;
    return session->created >= since && (parent == NULL || session->policy == parent);
}

static bool replica_vm_listed(const void *record, const void *parent, moment since)
{
    (void)since;
    return parent == NULL || ((const struct replica_vm *)record)->replica == parent;
}

static struct node *includes_document(struct arena *arena, const struct store *store,
                                      const void *record)
{
    struct node *root = node_object(arena, NULL, "ObjectsInJob");
    represent_includes(arena, node_list(arena, root, "ObjectInJobs", NODE_BARE), &store->wording,
                       record);
    return root;
}

static const struct collection tasks = {
    .kind = &task_kind,
    .fields = fields_of_tasks,
    .is_cdp = true,
    .records = task_records,
    .listed = task_listed,
};
static const struct collection policy_sessions = {
    .kind = &policy_session_kind,
    .fields = fields_of_policy_sessions,
    .is_cdp = true,
    .records = policy_session_records,
    .listed = policy_session_listed,
    .below =
        (const struct below[]){{.name = "cdpReplicaTaskSessions", .list = &tasks}, {.name = NULL}},
};
static const struct collection policies = {
    .kind = &policy_kind,
    .fields = fields_of_policies,
    .is_cdp = true,
    .feature = FEATURE_POLICIES,
    .query_feature = FEATURE_POLICY_QUERY,
    .records = policy_records,
    .below = (const struct below[]){{.name = "cdpReplicaSessions", .list = &policy_sessions},
                                    {.name = "includes", .represent = includes_document},
                                    {.name = NULL}},
};
static const struct collection servers = {
    .kind = &server_kind,
    .records = server_records,
};

static const struct collection replica_vms = {
    .kind = &replica_vm_kind,
    .is_cdp = true,
    .records = replica_vm_records,
    .listed = replica_vm_listed,
    .intervals = intervals_answer,
};
static const struct collection replicas = {
    .kind = &replica_kind,
    .fields = fields_of_replicas,
    .is_cdp = true,
    .feature = FEATURE_REPLICAS,
    .query_feature = FEATURE_REPLICA_QUERY,
    .records = replica_records,
    .below = (const struct below[]){{.name = "vms", .list = &replica_vms}, {.name = NULL}},
};
static const struct collection vm_replicas = {
    .kind = &vm_replica_kind,
    .is_cdp = true,
    .feature = FEATURE_REPLICA_VMS,
    .records = replica_vm_records,
    .intervals = intervals_answer,
};

static const struct collection system_sessions = {
    .kind = &system_session_kind,
    .fields = fields_of_system_sessions,
    .feature = FEATURE_SYSTEM_SESSIONS,
    .query_feature = FEATURE_SYSTEM_SESSION_QUERY,
    .records = system_session_records,
    .listed = system_session_listed,
    .below = (const struct below[]){{.name = "events",
                                     .represent = system_session_events,
                                     .feature = FEATURE_SYSTEM_SESSION_EVENTS},
                                    {.name = NULL}},
};

static const struct collection *const collections[] = {
    &tasks, &policy_sessions, &policies, &servers, &replicas, &vm_replicas, &system_sessions,
};

enum { COLLECTIONS = sizeof collections / sizeof collections[0] };

/* How many segments of the route are that path; 0: it leads elsewhere. */
static size_t path_length(const struct store *store, const struct route *route, const char *path)
{
    char part[64];
    for (size_t i = 0; i < route->count && i < MOST_SEGMENTS; i++) {
        const size_t length = strcspn(path, "/");
        snprintf(part, sizeof part, "%.*s", (int)length, path);
        if (!route_is(store, part, route->segments[i])) {
            return 0;
        }
        if (path[length] == '\0') {
            return i + 1;
        }
        path += length + 1;
    }
    return 0;
}

const struct collection *collections_find(const struct store *store, struct route *route)
{
    for (size_t i = 0; i < COLLECTIONS && route->count <= MOST_SEGMENTS; i++) {
        const size_t length = path_length(store, route, collections[i]->kind->collection);
        if (length > 0) {
            route->count -= length;
            memmove(route->segments, route->segments + length,
                    route->count * sizeof route->segments[0]);
            return collections[i];
        }
    }
    return NULL;
}

const struct collection *collections_of_type(const char *type)
{
    for (size_t i = 0; i < COLLECTIONS; i++) {
        if (strcmp(collections[i]->kind->type, type) == 0 && collections[i]->fields != NULL) {
            return collections[i];
        }
    }
    return NULL;
}

/* ---- answers ---- */

static bool wants_entities(const struct request *request)
{
    const char *format = request_parameter(request, "format");
    return format != NULL && strcasecmp(format, "Entity") == 0;
}

static void answer_list(const struct store *store, const struct request *request,
                        const struct collection *collection, const void *parent,
                        struct answer *answer)
{
    struct arena *arena = request->arena;
    const struct resource_kind *kind = collection->kind;
    const bool entities = wants_entities(request) || (kind == &system_session_kind &&
                                                      store->wording.system_sessions_are_entities);
    const char *list_name = kind->list != NULL ? kind->list : kind->container;
    struct node *root = node_object(arena, NULL, entities ? kind->container : "EntityReferences");
    struct node *list = node_list(arena, root, entities ? list_name : "Refs", NODE_BARE);
    const struct records records = collection->records(store, request);
    for (size_t i = 0; i < records.count; i++) {
        if (collection->listed == NULL ||
            collection->listed(records.all[i], parent, request->now - LIST_SPAN)) {
            (entities ? represent_entity : represent_reference)(arena, list, &store->wording, kind,
                                                                records.all[i]);
        }
    }
    answer->status = 200;
    answer->root = root;
}

/* The resource of that id; NULL: the answer is an error. */
static const void *find_record(const struct store *store, const struct request *request,
                               const struct collection *collection, const char *id,
                               struct answer *answer)
{
    if (!store_is_uuid(id)) {
        route_invalid_id(request, answer, id, collection->kind->type);
        return NULL;
    }
    const struct records records = collection->records(store, request);
    const void *record = store_find(records.all, records.count, id);
    if (record == NULL) {
        route_unknown_id(request, answer, id, collection->kind->type);
    }
    return record;
}

static const struct below *find_below(const struct store *store,
                                      const struct collection *collection, const char *name)
{
    const struct below *below = collection->below;
    while (below != NULL && below->name != NULL) {
        if (route_is(store, below->name, name)) {
            return below;
        }
        below++;
    }
    return NULL;
}

static void answer_one(const struct store *store, const struct request *request,
                       const struct collection *collection, const void *record,
                       struct answer *answer)
{
    if (strcmp(request->method, "POST") == 0) {
        collection->intervals(store, request, record, answer);
        return;
    }
    answer->status = 200;
    answer->root = (wants_entities(request) ? represent_entity : represent_reference)(
        request->arena, NULL, &store->wording, collection->kind, record);
}

/* `id`, if there is one, is of a resource in the list that is below. */
static void answer_below(const struct store *store, const struct request *request,
                         const struct below *below, const void *parent, const char *id,
                         struct answer *answer)
{
    if (route_refused(store, request, below->feature, answer)) {
        return;
    }
    if (below->list == NULL) {
        answer->status = 200;
        answer->root = below->represent(request->arena, store, parent);
    } else if (id == NULL) {
        answer_list(store, request, below->list, parent, answer);
    } else {
        const void *record = find_record(store, request, below->list, id, answer);
        if (record != NULL && below->list->listed(record, parent, 0)) {
            answer_one(store, request, below->list, record, answer);
        } else if (record != NULL) {
            route_unknown_id(request, answer, id, below->list->kind->type);
        }
    }
}

bool collections_have_intervals(const struct store *store, const struct collection *collection,
                                const struct route *rest)
{
    if (rest->count == 3) {
        const struct below *below = find_below(store, collection, rest->segments[1]);
        return below != NULL && below->list != NULL && below->list->intervals != NULL;
    }
    return rest->count == 1 && collection->intervals != NULL;
}

void collections_answer(const struct store *store, const struct request *request,
                        const struct collection *collection, const struct route *rest,
                        struct answer *answer)
{
    if (route_refused(store, request, collection->feature, answer)) {
        return;
    }
    if (rest->count == 0) {
        answer_list(store, request, collection, NULL, answer);
        return;
    }
    const void *record = find_record(store, request, collection, rest->segments[0], answer);
    if (record == NULL) {
        return;
    }
    const struct below *below =
        rest->count > 1 ? find_below(store, collection, rest->segments[1]) : NULL;
    const bool has_paths = below != NULL && below->list != NULL && below->list->kind->path != NULL;
    if (rest->count == 1) {
        answer_one(store, request, collection, record, answer);
    } else if (below != NULL && rest->count <= (has_paths ? 3 : 2)) {
        answer_below(store, request, below, record, rest->count == 3 ? rest->segments[2] : NULL,
                     answer);
    } else {
        route_not_found(request, answer);
    }
}
