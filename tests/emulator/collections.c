// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/collections.h"

#include <string.h>
#include <strings.h>

#include "emulator/fields.h"

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
    .below = (const struct below[]){{"cdpReplicaTaskSessions", &tasks, NULL}, {NULL, NULL, NULL}},
};
static const struct collection policies = {
    .kind = &policy_kind,
    .fields = fields_of_policies,
    .is_cdp = true,
    .records = policy_records,
    .below = (const struct below[]){{"cdpReplicaSessions", &policy_sessions, NULL},
                                    {"includes", NULL, includes_document},
                                    {NULL, NULL, NULL}},
};
static const struct collection servers = {
    .kind = &server_kind,
    .records = server_records,
};

static const struct collection *const collections[] = {&tasks, &policy_sessions, &policies,
                                                       &servers};

enum { COLLECTIONS = sizeof collections / sizeof collections[0] };

const struct collection *collections_find(const struct store *store, const struct route *route)
{
    for (size_t i = 0; i < COLLECTIONS && route->count <= MOST_SEGMENTS; i++) {
        if (route_is(store, collections[i]->kind->collection, route->segments[0])) {
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
    const bool entities = wants_entities(request);
    const char *root_name = entities ? collection->kind->container : "EntityReferences";
    struct node *root = node_object(arena, NULL, root_name);
    struct node *list =
        node_list(arena, root, entities ? collection->kind->container : "Refs", NODE_BARE);
    const struct records records = collection->records(store, request);
    for (size_t i = 0; i < records.count; i++) {
        if (collection->listed == NULL ||
            collection->listed(records.all[i], parent, request->now - LIST_SPAN)) {
            (entities ? represent_entity : represent_reference)(arena, list, &store->wording,
                                                                collection->kind, records.all[i]);
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
    answer->status = 200;
    answer->root = (wants_entities(request) ? represent_entity : represent_reference)(
        request->arena, NULL, &store->wording, collection->kind, record);
}

static void answer_below(const struct store *store, const struct request *request,
                         const struct below *below, const void *record, struct answer *answer)
{
    if (below->list != NULL) {
        answer_list(store, request, below->list, record, answer);
        return;
    }
    answer->status = 200;
    answer->root = below->represent(request->arena, store, record);
}

void collections_answer(const struct store *store, const struct request *request,
                        const struct collection *collection, const struct route *route,
                        struct answer *answer)
{
    if (route->count == 1) {
        answer_list(store, request, collection, NULL, answer);
        return;
    }
    const void *record = find_record(store, request, collection, route->segments[1], answer);
    if (record == NULL) {
        return;
    }
    const struct below *below =
        route->count == 3 ? find_below(store, collection, route->segments[2]) : NULL;
    if (route->count == 2) {
        answer_one(store, request, collection, record, answer);
    } else if (below != NULL) {
        answer_below(store, request, below, record, answer);
    } else {
        route_not_found(request, answer);
    }
}
