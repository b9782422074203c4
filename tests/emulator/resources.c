// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/resources.h"

#include <string.h>
#include <strings.h>
#include <gnutls/gnutls.h>

#include "emulator/collections.h"
#include "emulator/representation.h"
#include "emulator/route.h"
#include "emulator/search.h"

static const char *const versions[] = {"v1_5", "v1_6", "v1_7"};

enum { VERSIONS = sizeof versions / sizeof versions[0] };

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
        {"cdpReplica/vms", "VmCdpReplicaReferenceList"},
        {"cdpReplicaSessions", "CdpReplicaSessionReferenceList"},
        {"cdpReplicaTaskSessions", "CdpReplicaTaskSessionReferenceList"},
        {"querySvc", "QueryService"},
        {"systemSessions", "SystemSessionReferenceList"},
        {"backupServers?format=Entity", "BackupServerList"},
        {"cdpPolicies?format=Entity", "CdpPolicyList"},
        {"cdpReplica/vms?format=Entity", "VmCdpReplicaList"},
        {"cdpReplicaSessions?format=Entity", "CdpReplicaSessionList"},
        {"cdpReplicaTaskSessions?format=Entity", "CdpReplicaTaskSessionList"},
        {"systemSessions?format=Entity", "SystemSessionList"},
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
    if (!route_needs_method(request, answer, "POST")) {
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

static void answer_one_logon(struct manager *manager, const struct request *request,
                             struct answer *answer, const char *id)
{
    bool is_delete = strcmp(request->method, "DELETE") == 0;
    if (!store_is_uuid(id)) {
        route_invalid_id(request, answer, id, "LogonSession");
        return;
    }
    if (is_delete && logons_remove(manager->logons, id)) {
        answer->status = 204;
        manager->logged_off = true;
        return;
    }
    for (size_t i = 0; i < manager->logons->count && !is_delete; i++) {
        if (strcasecmp(manager->logons->open[i].id, id) == 0 &&
            route_needs_method(request, answer, "GET")) {
            answer->status = 200;
            answer->root =
                represent_logon(manager->store, request->arena, NULL, &manager->logons->open[i]);
        }
    }
    if (answer->status == 0) {
        route_unknown_id(request, answer, id, "LogonSession");
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
        if (route_needs_method(request, answer, "GET")) {
            answer_manager(store, request, answer);
        }
    } else if (route.count == 1 && route_is(store, route.segments[0], "sessionMngr")) {
        answer_log_on(manager, request, answer);
    } else if (!resources_authorize(manager, request, answer)) {
        return;
    } else if (!route_is(store, route.segments[0], "logonSessions")) {
        route_not_found(request, answer);
    } else if (route.count == 2) {
        answer_one_logon(manager, request, answer, route.segments[1]);
    } else if (route_needs_method(request, answer, "GET")) {
        answer_logon_list(manager, request, answer);
    }
}

/* ---- everything else ---- */

void resources_answer(const struct store *store, const struct request *request,
                      struct answer *answer)
{
    struct route route = route_of(request);
    const bool is_query = route.count == 1 && route_is(store, route.segments[0], "query");
    const struct collection *collection = is_query ? NULL : collections_find(store, &route);
    const bool asks_intervals = collection != NULL && strcmp(request->method, "POST") == 0 &&
                                request_has_query(request, "action=intervals") &&
                                collections_have_intervals(store, collection, &route);
    if (!is_query && collection == NULL) {
        route_not_found(request, answer);
    } else if (!asks_intervals && !route_needs_method(request, answer, "GET")) {
        return;
    } else if (!store->may.read_cdp && (is_query || collection->is_cdp)) {
        answer_error(request->arena, answer, 403, "Access is denied.");
    } else if (is_query) {
        search_answer(request, store, answer);
    } else {
        collections_answer(store, request, collection, &route, answer);
    }
}
