// SPDX-License-Identifier: GPL-3.0-or-later
/* The backup servers of a scenario and their CDP policies. */
#include "emulator/scenario_parts.h"

#include <string.h>

static struct backup_server *find_server(struct store *store, const char *name)
{
    for (size_t i = 0; i < store->server_count; i++) {
        if (name == NULL || strcmp(store->servers[i]->name, name) == 0) {
            return store->servers[i];
        }
    }
    return NULL;
}

static void add_server(struct loader *loader, const char *name, const cJSON *object)
{
    struct store *store = loader->store;
    struct backup_server *server = arena_take(&store->arena, sizeof *server);
    server->name = name;
    server->uid = loader_uid(loader, object, arena_format(&store->arena, "server|%s", name));
    store->servers = memory_grow(store->servers, store->server_count, sizeof(void *));
    store->servers[store->server_count++] = server;
}

void scenario_load_servers(struct loader *loader, const cJSON *list)
{
    static const struct key keys[] = {{"name", KIND_TEXT}, {"uid", KIND_TEXT}, {NULL, KIND_ANY}};
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, list)
    {
        loader_check_keys(loader, object, keys, "backup_servers");
        add_server(loader, loader_needed_text(loader, object, "name", "backup_servers"), object);
    }
    if (loader->store->server_count == 0) {
        add_server(loader, "vbr01.example.invalid", NULL);
    }
}

/* A NULL server: the first policy of that name. A NULL name: the first policy. */
static struct policy *find_policy(struct store *store, const char *name, const char *server)
{
    for (size_t i = 0; i < store->policy_count; i++) {
        struct policy *policy = store->policies[i];
        if ((name == NULL || strcmp(policy->name, name) == 0) &&
            (server == NULL || strcmp(policy->backup_server->name, server) == 0)) {
            return policy;
        }
    }
    return NULL;
}

static void add_policy(struct loader *loader, const char *name, const cJSON *object)
{
    struct store *store = loader->store;
    const char *server_name = loader_text(object, "backup_server", NULL);
    struct backup_server *server = find_server(store, server_name);
    if (server == NULL) {
        loader_fail(loader, "policies: no backup server \"%s\"", server_name);
        return;
    }
    struct policy *policy = arena_take(&store->arena, sizeof *policy);
    policy->name = name;
    policy->backup_server = server;
    policy->uid =
        loader_uid(loader, object, arena_format(&store->arena, "policy|%s|%s", server->name, name));
    store->policies = memory_grow(store->policies, store->policy_count, sizeof(void *));
    store->policies[store->policy_count++] = policy;
}

void scenario_load_policies(struct loader *loader, const cJSON *list)
{
    static const struct key keys[] = {
        {"name", KIND_TEXT}, {"uid", KIND_TEXT}, {"backup_server", KIND_TEXT}, {NULL, KIND_ANY}};
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, list)
    {
        loader_check_keys(loader, object, keys, "policies");
        add_policy(loader, loader_needed_text(loader, object, "name", "policies"), object);
    }
    if (loader->store->policy_count == 0) {
        add_policy(loader, "CDP Policy", NULL);
    }
}

struct policy *scenario_policy_of(struct loader *loader, const cJSON *object, const char *where)
{
    const char *name = loader_text(object, "policy", NULL);
    const char *server = loader_text(object, "backup_server", NULL);
    struct policy *policy = find_policy(loader->store, name, server);
    if (policy == NULL) {
        loader_fail(loader, "%s: no policy \"%s\" on backup server \"%s\"", where,
                    name != NULL ? name : "(any)", server != NULL ? server : "(any)");
    }
    return policy;
}
