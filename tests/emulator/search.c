// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "emulator/collections.h"
#include "emulator/criteria.h"
#include "emulator/representation.h"

enum { DEFAULT_PAGE_SIZE = 100, LARGEST_NUMBER = 1000000 };

/* ---- types ---- */

/*
 * The members of "Entities" in the order EM 12 writes them, with its own misspellings, and the
 * query type whose answers each holds. The list within a container has the container's name.
 */
static const struct container {
    const char *name;
    const char *type;
} containers[] = {
    {"Jobs", "Job"},
    {"FailoverPlans", "FailoverPlan"},
    {"Backups", "Backup"},
    {"Replicas", "Replica"},
    {"Repositories", "Repository"},
    {"RestorePoints", "RestorePoint"},
    {"VmRestorePoints", "VmRestorePoint"},
    {"VAppRestorePoints", "VAppRestorePoint"},
    {"VmReplicaPoints", "VmReplicaPoint"},
    {"BackupJobSessions", "BackupJobSession"},
    {"ReplicaJobSessions", "ReplicaJobSession"},
    {"ReplicaTaskSessions", "ReplicaTaskSession"},
    {"RestoreSessions", "RestoreSession"},
    {"HierarchyRoots", "HierarchyRoot"},
    {"BackupTaskSessions", "BackupTaskSession"},
    {"BackupServers", "BackupServer"},
    {"ManagedServers", "ManagedServer"},
    {"EnterpiseRoles", "EnterpriseRole"},
    {"EnterpiseAccounts", "EnterpriseAccount"},
    {"WanAccelerators", "WanAccelerator"},
    {"CloudGateways", "CloudGateway"},
    {"CloudTenants", "CloudTenant"},
    {"CloudReplicas", "CloudReplica"},
    {"VCloudOrganizationConfigs", "VCloudOrganizationConfig"},
    {"BackupFiles", "BackupFile"},
    {"VSphereSelfServiceConfigs", "VSphereSelfServiceConfig"},
    {"CloudPublicIps", "CloudPublicIp"},
    {"CloudHardwarePlans", "CloudHardwarePlan"},
    {"CloudVmReplicaPoints", "CloudVmReplicaPoint"},
    {"AgentRestorePoints", "AgentRestorePoint"},
    {"AgentBackupJob", "AgentBackupJob"},
    {"CloudGatewayPools", "CloudGatewayPool"},
    {"CloudFailoverPlans", "CloudFailoverPlan"},
    {"ExternalRepositories", "ExternalRepository"},
    {"VlanConfigurations", "VlanConfiguration"},
    {"CloudFailoverSessions", "CloudFailoverSession"},
    {"AgentProtectionGroups", "AgentProtectionGroup"},
    {"DiscoveredComputers", "DiscoveredComputer"},
    {"FileServers", "FileServer"},
    {"NASJobs", "NASJob"},
    {"CdpReplicas", "CdpReplica"},
    {"CdpReplicaVms", "CdpReplicaVm"},
    {"CdpPolicies", "CdpPolicy"},
    {"CdpReplicaSessions", "CdpReplicaSession"},
    {"CdpReplicaTaskSessions", "CdpReplicaTaskSession"},
    {"VAppReplicaPoints", "VAppReplicaPoint"},
    {"VmCdpReplicas", "VmCdpReplica"},
    {"VAppCdpReplicas", "VAppCdpReplica"},
    {"VAppCdpReplicaVms", "VAppCdpReplicaVm"},
    {"SystemSessions", "SystemSession"},
};

enum { CONTAINERS = sizeof containers / sizeof containers[0] };

/* ---- one query ---- */

struct search {
    const struct request *request;
    const struct store *store;
    const struct container *container;
    const struct collection *collection; // NULL: a type this EM has nothing of
    const struct criterion *criterion;
    const struct field *sort;
    bool descending;
    bool entities;
    size_t page_size;
    size_t told_size; // as PageSize
    size_t page;
    const void **records; // those that match, in order
    size_t count;
    const char *error;
};

static void read_type(struct search *search)
{
    const char *type = request_parameter(search->request, "type");
    if (type == NULL) {
        search->error = "Query parameter \"type\" is missing.";
        return;
    }
    for (size_t i = 0; i < CONTAINERS && search->container == NULL; i++) {
        if (strcasecmp(containers[i].type, type) == 0) {
            search->container = &containers[i];
        }
    }
    if (search->container == NULL) {
        search->error = arena_format(search->request->arena, "Unknown query type [%s].", type);
    } else {
        search->collection = collections_of_type(search->container->type);
    }
}

static void read_format(struct search *search)
{
    const char *format = request_parameter(search->request, "format");
    search->entities = format != NULL && strcasecmp(format, "Entities") == 0;
    bool references =
        format == NULL || strcasecmp(format, "Refs") == 0 || strcasecmp(format, "References") == 0;
    if (!search->entities && !references) {
        search->error = arena_format(search->request->arena, "Unknown format [%s].", format);
    }
}

/* The collection's fields, as filters may use them. */
static const struct field *filter_fields(const struct search *search)
{
    const struct wording *wording = &search->store->wording;
    const struct field *fields = search->collection->fields;
    size_t count = 0;
    size_t kept = 0;
    while (fields[count].name != NULL) {
        count++;
    }
    struct field *own = arena_take(search->request->arena, (count + 1) * sizeof *own);
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(fields[i].name, wording->refused_field) != 0) {
            own[kept] = fields[i];
            own[kept++].ignored = strcasecmp(fields[i].name, wording->ignored_field) == 0;
        }
    }
    own[kept] = (struct field){.name = NULL};
    return own;
}

static void read_filter(struct search *search)
{
    const char *filter = request_parameter(search->request, "filter");
    if (filter == NULL || search->collection == NULL) {
        return;
    }
    const char *error = NULL;
    search->criterion =
        criteria_parse(search->request->arena, filter, filter_fields(search), &error);
    if (error != NULL) {
        search->error = arena_format(search->request->arena, "Invalid filter: %s.", error);
    }
}

static void read_order(struct search *search)
{
    const char *up = request_parameter(search->request, "sortAsc");
    const char *down = request_parameter(search->request, "sortDesc");
    const char *name = up != NULL ? up : down;
    search->descending = up == NULL;
    if (name == NULL || search->collection == NULL) {
        return;
    }
    search->sort = criteria_field(search->collection->fields, name);
    if (up != NULL && down != NULL) {
        search->error = "sortAsc and sortDesc exclude each other.";
    } else if (search->sort == NULL) {
        search->error = arena_format(search->request->arena, "Cannot sort by [%s].", name);
    }
}

static size_t read_number(struct search *search, const char *name, size_t otherwise)
{
    const char *text = request_parameter(search->request, name);
    if (text == NULL) {
        return otherwise;
    }
    bool digits = text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
    unsigned long number = digits && strlen(text) < 8 ? strtoul(text, NULL, 10) : 0;
    if (number == 0 || number > LARGEST_NUMBER) {
        search->error =
            arena_format(search->request->arena, "Invalid value of %s: [%s].", name, text);
    }
    return number;
}

static void read_page(struct search *search)
{
    const int largest = search->store->wording.largest_page;
    search->page = read_number(search, "page", 1);
    search->page_size = read_number(search, "pageSize", DEFAULT_PAGE_SIZE);
    search->told_size = search->page_size;
    if (largest > 0 && search->page_size > (size_t)largest) {
        search->page_size = (size_t)largest;
    }
    if (!search->store->wording.hides_largest_page) {
        search->told_size = search->page_size;
    }
}

static int compare_records(const void *a, const void *b, void *context)
{
    const struct search *search = context;
    const struct field_value left = search->sort->read(*(const void *const *)a);
    const struct field_value right = search->sort->read(*(const void *const *)b);
    int order = criteria_compare(search->sort, &left, &right, search->store->wording.any_text_case);
    if (order == 0) {
        // pages must not overlap: what compares equal keeps the order of the UIDs
        return strcmp(search->collection->kind->uid(*(const void *const *)a),
                      search->collection->kind->uid(*(const void *const *)b));
    }
    return search->descending ? -order : order;
}

static void find_records(struct search *search)
{
    const struct store *store = search->store;
    if (search->collection == NULL) {
        return;
    }
    const struct records records = search->collection->records(store, search->request);
    search->records = arena_take(search->request->arena, (records.count + 1) * sizeof(void *));
    for (size_t i = 0; i < records.count; i++) {
        if (search->criterion == NULL ||
            criteria_match(search->criterion, records.all[i], store->wording.any_text_case)) {
            search->records[search->count++] = records.all[i];
        }
    }
    if (search->sort != NULL) {
        qsort_r(search->records, search->count, sizeof(void *), compare_records, search);
    }
}

/* ---- the answer ---- */

static const char *page_href(const struct search *search, size_t page)
{
    struct arena *arena = search->request->arena;
    const char *href = arena_format(arena, "%s/api/query", search->store->wording.origin);
    char separator = '?';
    for (size_t i = 0; i < search->request->parameter_count; i++) {
        const struct parameter *parameter = &search->request->parameters[i];
        if (strcasecmp(parameter->name, "page") != 0 &&
            strcasecmp(parameter->name, "pageSize") != 0) {
            href =
                arena_format(arena, "%s%c%s=%s", href, separator, parameter->name, parameter->raw);
            separator = '&';
        }
    }
    return arena_format(arena, "%s%cpageSize=%zu&page=%zu", href, separator, search->page_size,
                        page);
}

static void add_paging(const struct search *search, struct node *root, size_t pages)
{
    struct arena *arena = search->request->arena;
    struct node *paging = node_object(arena, root, "PagingInfo");
    struct node *links = node_list(arena, paging, "Links", NODE_ELEMENT);
    represent_link(arena, links, "First", page_href(search, 1), NULL, NULL);
    if (search->page > 1 && search->page <= pages) {
        represent_link(arena, links, "Previous", page_href(search, search->page - 1), NULL, NULL);
    }
    if (search->page < pages) {
        represent_link(arena, links, "Next", page_href(search, search->page + 1), NULL, NULL);
    }
    represent_link(arena, links, "Last", page_href(search, pages), NULL, NULL);
    node_number(arena, paging, "PageNum", (int64_t)search->page, NODE_ATTRIBUTE);
    node_number(arena, paging, "PageSize", (int64_t)search->told_size, NODE_ATTRIBUTE);
    node_number(arena, paging, "PagesCount", (int64_t)pages, NODE_ATTRIBUTE);
}

static void add_records(const struct search *search, struct node *list)
{
    const struct wording *wording = &search->store->wording;
    size_t first = (search->page - 1) * search->page_size;
    for (size_t i = first; i < search->count && i < first + search->page_size; i++) {
        (search->entities ? represent_entity : represent_reference)(
            search->request->arena, list, wording, search->collection->kind, search->records[i]);
    }
}

static void add_entities(const struct search *search, struct node *root)
{
    struct arena *arena = search->request->arena;
    struct node *entities = node_object(arena, root, "Entities");
    for (size_t i = 0; i < CONTAINERS; i++) {
        if (&containers[i] != search->container) {
            node_null(arena, entities, containers[i].name);
            continue;
        }
        struct node *container = node_object(arena, entities, containers[i].name);
        add_records(search, node_list(arena, container, containers[i].name, NODE_BARE));
    }
}

void search_answer(const struct request *request, const struct store *store, struct answer *answer)
{
    struct search search = {.request = request, .store = store};
    static void (*const steps[])(struct search *) = {read_type,  read_format, read_filter,
                                                     read_order, read_page,   find_records};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && search.error == NULL; i++) {
        steps[i](&search);
    }
    if (search.collection != NULL &&
        route_refused(store, request, search.collection->query_feature, answer)) {
        return;
    }
    if (search.error != NULL) {
        answer_error(request->arena, answer, 400, search.error);
        return;
    }
    size_t pages = (search.count + search.page_size - 1) / search.page_size;
    struct node *root = node_object(request->arena, NULL, "QueryResult");
    if (search.entities) {
        node_null(request->arena, root, "Refs");
        add_entities(&search, root);
    } else {
        struct node *references = node_object(request->arena, root, "Refs");
        add_records(&search, node_list(request->arena, references, "Refs", NODE_BARE));
        node_null(request->arena, root, "Entities");
    }
    node_null(request->arena, root, "Resources");
    node_null(request->arena, root, "Links");
    add_paging(&search, root, pages > 0 ? pages : 1);
    answer->status = 200;
    answer->root = root;
}
