// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/resources.h"

#include <string.h>
#include <strings.h>
#include <gnutls/gnutls.h>

#include "emulator/representation.h"
#include "emulator/search.h"

/* Lists of sessions go no further back than this. */
#define LIST_SPAN (30 * MOMENT_DAY)

enum { MOST_SEGMENTS = 4 };

static const char *const versions[] = {"v1_5", "v1_6", "v1_7"};

enum { VERSIONS = sizeof versions / sizeof versions[0] };

/* ---- paths ---- */

struct route {
    const char *segments[MOST_SEGMENTS]; // behind "/api/"
    size_t count;
};

static bool same_name(const struct store *store, const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return false;
    }
    return store->wording.any_path_case ? strcasecmp(a, b) == 0 : strcmp(a, b) == 0;
}

/* One slash at the end is ignored. More segments than any resource has: `count` is too large. */
static struct route route_of(const struct request *request)
{
    struct route route = {.count = 0};
    const char *at = request->path + strlen("/api");
    while (*at == '/' && at[1] != '\0') {
        size_t length = strcspn(++at, "/");
        if (route.count < MOST_SEGMENTS) {
            route.segments[route.count] = arena_copy_part(request->arena, at, length);
        }
        route.count++;
        at += length;
    }
    return route;
}

static void not_found(const struct request *request, struct answer *answer)
{
    answer_error(request->arena, answer, 404,
                 arena_format(request->arena, "Cannot find resource [%s].", request->path));
}

static bool needs_method(const struct request *request, struct answer *answer, const char *method)
{
    if (strcmp(request->method, method) == 0) {
        return true;
    }
    answer_error(request->arena, answer, 405, "Method is not allowed.");
    answer->allow = method;
    return false;
}

/* ---- /api and logons ---- */

static void answer_manager(const struct store *store, const struct request *request,
                           struct answer *answer)
{
    struct arena *arena = request->arena;
    struct node *root = node_object(arena, NULL, "EnterpriseManager");
    struct node *outer = node_object(arena, root, "SupportedVersions");
    struct node *list = node_list(arena, outer, "SupportedVersions", NODE_BARE);
    const char *href = NULL;
    for (size_t i = 0; i < VERSIONS; i++) {
        struct node *version = node_object(arena, list, "SupportedVersion");
        struct node *links = node_list(arena, version, "Links", NODE_ELEMENT);
        href = arena_format(arena, "%s/api/sessionMngr/?v=%s", store->wording.origin, versions[i]);
        represent_link(arena, links, "Create", href, NULL, "LogonSession");
        node_text(arena, version, "Name", versions[i], NODE_ATTRIBUTE);
    }
    struct node *links = node_list(arena, root, "Links", NODE_ELEMENT);
    href = arena_format(arena, "%s/api/sessionMngr/?v=latest", store->wording.origin);
    represent_link(arena, links, "Create", href, NULL, "LogonSession");
    node_null(arena, root, "Href");
    node_null(arena, root, "Type");
    answer->status = 200;
    answer->root = root;
}

/* The lists a fresh logon is told of: those that this EM can answer, and the query service. */
static void add_list_links(const struct wording *wording, struct arena *arena, struct node *links)
{
    static const struct {
        const char *path;
        const char *type;
    } lists[] = {
        {"backupServers", "BackupServerReferenceList"},
        {"cdpPolicies", "CdpPolicyReferenceList"},
        {"cdpReplicaSessions", "CdpReplicaSessionReferenceList"},
        {"cdpReplicaTaskSessions", "CdpReplicaTaskSessionReferenceList"},
        {"querySvc", "QueryService"},
        {"backupServers?format=Entity", "BackupServerList"},
        {"cdpPolicies?format=Entity", "CdpPolicyList"},
        {"cdpReplicaSessions?format=Entity", "CdpReplicaSessionList"},
        {"cdpReplicaTaskSessions?format=Entity", "CdpReplicaTaskSessionList"},
    };
    represent_link(arena, links, "Up", arena_format(arena, "%s/api/", wording->origin), NULL,
                   "EnterpriseManager");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        represent_link(arena, links, "Down",
                       arena_format(arena, "%s/api/%s", wording->origin, lists[i].path), NULL,
                       lists[i].type);
    }
}

static struct node *represent_logon(const struct store *store, struct arena *arena,
                                    struct node *parent, const struct logon *logon)
{
    const struct wording *wording = &store->wording;
    const char *href = arena_format(arena, "%s/api/logonSessions/%s", wording->origin, logon->id);
    struct node *root = node_object(arena, parent, "LogonSession");
    node_text(arena, root, "UserName", arena_copy(arena, logon->user), NODE_ELEMENT);
    node_text(arena, root, "SessionId", arena_copy(arena, logon->id), NODE_ELEMENT);
    struct node *links = node_list(arena, root, "Links", NODE_ELEMENT);
    add_list_links(wording, arena, links);
    represent_link(arena, links, "Delete", href, NULL, NULL);
    node_text(arena, root, "Href", href, NODE_ATTRIBUTE);
    node_text(arena, root, "Type", "LogonSession", NODE_ATTRIBUTE);
    return root;
}

static bool is_version(const char *version)
{
    bool known = version == NULL || strcmp(version, "latest") == 0;
    for (size_t i = 0; i < VERSIONS && !known; i++) {
        known = strcmp(version, versions[i]) == 0;
    }
    return known;
}

/* Whether "Basic ..." holds this user and password, compared as bytes. */
static bool is_user(const struct manager *manager, const struct request *request)
{
    static const char scheme[] = "Basic ";
    const char *header = request->authorization;
    if (header == NULL || strncasecmp(header, scheme, sizeof scheme - 1) != 0) {
        return false;
    }
    char *text = arena_copy(request->arena, header + sizeof scheme - 1);
    const gnutls_datum_t encoded = {.data = (unsigned char *)text,
                                    .size = (unsigned int)strlen(text)};
    gnutls_datum_t bytes = {0};
    if (encoded.size == 0 || gnutls_base64_decode2(&encoded, &bytes) != 0) {
        return false;
    }
    const char *wanted = arena_format(request->arena, "%s:%s", manager->user, manager->password);
    bool same = bytes.size == strlen(wanted) && memcmp(bytes.data, wanted, bytes.size) == 0;
    gnutls_free(bytes.data);
    return same;
}

static void answer_log_on(struct manager *manager, const struct request *request,
                          struct answer *answer)
{
    struct arena *arena = request->arena;
    if (!needs_method(request, answer, "POST")) {
        return;
    }
    if (manager->needs_length && !request->has_length) {
        answer_error(arena, answer, 411, "Length Required");
    } else if (!is_version(request_parameter(request, "v"))) {
        answer_error(arena, answer, 400, "Version is not supported.");
    } else if (!is_user(manager, request)) {
        answer_error(arena, answer, 401, "Unauthorized");
    } else if (!manager->store->may.log_on) {
        answer_error(arena, answer, 403, "User has no Enterprise Manager role.");
    } else {
        const struct logon *logon = logons_add(manager->logons, manager->user, request->now);
        answer->status = 201;
        answer->root = represent_logon(manager->store, arena, NULL, logon);
        answer->token = arena_copy(arena, logon->token);
        answer->location = arena_format(arena, "%s/api/logonSessions/%s",
                                        manager->store->wording.origin, logon->id);
        manager->logged_on = true;
    }
}

static void answer_logon_list(const struct manager *manager, const struct request *request,
                              struct answer *answer)
{
    struct node *root = node_object(request->arena, NULL, "LogonSessions");
    struct node *list = node_list(request->arena, root, "LogonSessions", NODE_BARE);
    for (size_t i = 0; i < manager->logons->count; i++) {
        represent_logon(manager->store, request->arena, list, &manager->logons->open[i]);
    }
    answer->status = 200;
    answer->root = root;
}

static void invalid_id(const struct request *request, struct answer *answer, const char *id,
                       const char *type)
{
    answer_error(request->arena, answer, 400,
                 arena_format(request->arena, " ID %s is invalid. Type: %s", id, type));
}

static void unknown_id(const struct request *request, struct answer *answer, const char *id,
                       const char *type)
{
    answer_error(request->arena, answer, 404,
                 arena_format(request->arena, "Cannot find %s [%s]", type, id));
}

static void answer_one_logon(struct manager *manager, const struct request *request,
                             struct answer *answer, const char *id)
{
    bool is_delete = strcmp(request->method, "DELETE") == 0;
    if (!store_is_uuid(id)) {
        invalid_id(request, answer, id, "LogonSession");
        return;
    }
    if (is_delete && logons_remove(manager->logons, id)) {
        answer->status = 204;
        manager->logged_off = true;
        return;
    }
    for (size_t i = 0; i < manager->logons->count && !is_delete; i++) {
        if (strcasecmp(manager->logons->open[i].id, id) == 0 &&
            needs_method(request, answer, "GET")) {
            answer->status = 200;
            answer->root =
                represent_logon(manager->store, request->arena, NULL, &manager->logons->open[i]);
        }
    }
    if (answer->status == 0) {
        unknown_id(request, answer, id, "LogonSession");
    }
}

bool resources_is_about_logons(const struct request *request)
{
    struct route route = route_of(request);
    return route.count == 0 ||
           (route.count <= 2 && (strcasecmp(route.segments[0], "sessionMngr") == 0 ||
                                 strcasecmp(route.segments[0], "logonSessions") == 0));
}

bool resources_authorize(struct manager *manager, const struct request *request,
                         struct answer *answer)
{
    if (logons_use(manager->logons, request->token, request->now) != NULL) {
        return true;
    }
    answer_error(request->arena, answer, 401, "Unauthorized");
    return false;
}

void resources_answer_logon(struct manager *manager, const struct request *request,
                            struct answer *answer)
{
    const struct route route = route_of(request);
    const struct store *store = manager->store;
    if (route.count == 0) {
        if (needs_method(request, answer, "GET")) {
            answer_manager(store, request, answer);
        }
    } else if (route.count == 1 && same_name(store, route.segments[0], "sessionMngr")) {
        answer_log_on(manager, request, answer);
    } else if (!resources_authorize(manager, request, answer)) {
        return;
    } else if (!same_name(store, route.segments[0], "logonSessions")) {
        not_found(request, answer);
    } else if (route.count == 2) {
        answer_one_logon(manager, request, answer, route.segments[1]);
    } else if (needs_method(request, answer, "GET")) {
        answer_logon_list(manager, request, answer);
    }
}

/* ---- sessions, policies, servers ---- */

struct records {
    void *const *all;
    size_t count;
};

struct collection {
    const struct resource_kind *kind;
    bool is_cdp;
    struct records (*records)(const struct store *store);
    const void *(*find)(const struct store *store, const char *uid);
    /* Whether a list holds it; `parent` is NULL for the whole collection. */
    bool (*listed)(const void *record, const void *parent, moment since);
    const char *child; // collection below one resource, if there is one
};

static struct records task_records(const struct store *store)
{
    return (struct records){(void *const *)store->tasks, store->task_count};
}

static struct records policy_session_records(const struct store *store)
{
    return (struct records){(void *const *)store->policy_sessions, store->policy_session_count};
}

static struct records policy_records(const struct store *store)
{
    return (struct records){(void *const *)store->policies, store->policy_count};
}

static struct records server_records(const struct store *store)
{
    return (struct records){(void *const *)store->servers, store->server_count};
}

static const void *find_task(const struct store *store, const char *uid)
{
    return store_task(store, uid);
}

static const void *find_policy_session(const struct store *store, const char *uid)
{
    return store_policy_session(store, uid);
}

static const void *find_policy(const struct store *store, const char *uid)
{
    return store_policy(store, uid);
}

static const void *find_server(const struct store *store, const char *uid)
{
    return store_server(store, uid);
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

static bool always_listed(const void *record, const void *parent, moment since)
{
    (void)record;
    (void)parent;
    (void)since;
    return true;
}

static const struct collection collections[] = {
    {&task_kind, true, task_records, find_task, task_listed, NULL},
    {&policy_session_kind, true, policy_session_records, find_policy_session, policy_session_listed,
     "cdpReplicaTaskSessions"},
    {&policy_kind, true, policy_records, find_policy, always_listed, "cdpReplicaSessions"},
    {&server_kind, false, server_records, find_server, always_listed, NULL},
};

static const struct collection *find_collection(const struct store *store, const char *name)
{
    for (size_t i = 0; i < sizeof collections / sizeof collections[0]; i++) {
        if (same_name(store, collections[i].kind->collection, name)) {
            return &collections[i];
        }
    }
    return NULL;
}

static bool wants_entities(const struct request *request)
{
    const char *format = request_parameter(request, "format");
    return format != NULL && strcasecmp(format, "Entity") == 0;
}

static void answer_list(const struct store *store, const struct request *request,
                        struct answer *answer, const struct collection *collection,
                        const void *parent)
{
    struct arena *arena = request->arena;
    const bool entities = wants_entities(request);
    const char *root_name = entities ? collection->kind->container : "EntityReferences";
    struct node *root = node_object(arena, NULL, root_name);
    struct node *list =
        node_list(arena, root, entities ? collection->kind->container : "Refs", NODE_BARE);
    const struct records records = collection->records(store);
    for (size_t i = 0; i < records.count; i++) {
        if (collection->listed(records.all[i], parent, request->now - LIST_SPAN)) {
            (entities ? represent_entity : represent_reference)(arena, list, &store->wording,
                                                                collection->kind, records.all[i]);
        }
    }
    answer->status = 200;
    answer->root = root;
}

static void answer_collection(const struct store *store, const struct request *request,
                              struct answer *answer, const struct collection *collection,
                              const struct route *route)
{
    const void *record = NULL;
    if (route->count > 1) {
        const char *id = route->segments[1];
        if (!store_is_uuid(id)) {
            invalid_id(request, answer, id, collection->kind->type);
            return;
        }
        record = collection->find(store, id);
        if (record == NULL) {
            unknown_id(request, answer, id, collection->kind->type);
            return;
        }
    }
    if (route->count == 1) {
        answer_list(store, request, answer, collection, NULL);
    } else if (route->count == 2) {
        answer->status = 200;
        answer->root = (wants_entities(request) ? represent_entity : represent_reference)(
            request->arena, NULL, &store->wording, collection->kind, record);
    } else if (route->count == 3 && collection->child != NULL &&
               same_name(store, route->segments[2], collection->child)) {
        answer_list(store, request, answer, find_collection(store, collection->child), record);
    } else {
        not_found(request, answer);
    }
}

void resources_answer(const struct store *store, const struct request *request,
                      struct answer *answer)
{
    const struct route route = route_of(request);
    const bool is_query = route.count == 1 && same_name(store, route.segments[0], "query");
    const struct collection *collection =
        !is_query && route.count <= 3 ? find_collection(store, route.segments[0]) : NULL;
    if (!is_query && collection == NULL) {
        not_found(request, answer);
    } else if (!needs_method(request, answer, "GET")) {
        return;
    } else if (!store->may.read_cdp && (is_query || collection->is_cdp)) {
        answer_error(request->arena, answer, 403, "Access is denied.");
    } else if (is_query) {
        search_answer(request, store, answer);
    } else {
        answer_collection(store, request, answer, collection, &route);
    }
}
