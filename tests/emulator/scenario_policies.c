// SPDX-License-Identifier: GPL-3.0-or-later
/* The backup servers of a scenario and their CDP policies. */
#include "emulator/scenario_parts.h"

#include <string.h>

#include "emulator/intervals.h"

enum { MOST_HOURS = 1000000 };

static struct backup_server *find_server(struct store *store, const char *name)
{
    for (size_t i = 0; i < store->server_count; i++) {
        if (name == NULL || strcmp(store->servers[i]->name, name) == 0) {
            return store->servers[i];
        }
    }
    return NULL;
}

bool scenario_has_server(struct store *store, const char *name)
{
    return find_server(store, name) != NULL;
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

/* ---- policies ---- */

/* A row of digits, an hour each, as EM writes it: with commas. */
static const char *load_hours(struct loader *loader, const char *digits)
{
    char *hours = arena_take(&loader->store->arena, 2 * strlen(digits) + 1);
    size_t length = 0;
    for (size_t i = 0; digits[i] != '\0'; i++) {
        if (strspn(digits + i, "0123456789") == 0) {
            loader_fail(loader, "policies: \"%s\" are not the hours of a day", digits);
        }
        hours[length++] = digits[i];
        if (digits[i + 1] != '\0') {
            hours[length++] = ',';
        }
    }
    return hours;
}

/* Days that it does not name are all `usual`; so is the whole week of a NULL. */
static struct schedule load_schedule(struct loader *loader, const cJSON *object, const char *usual)
{
    static const struct key keys[] = {
        {"enabled", KIND_TRUTH}, {"every_day", KIND_TEXT}, {"Sunday", KIND_TEXT},
        {"Monday", KIND_TEXT},   {"Tuesday", KIND_TEXT},   {"Wednesday", KIND_TEXT},
        {"Thursday", KIND_TEXT}, {"Friday", KIND_TEXT},    {"Saturday", KIND_TEXT},
        {NULL, KIND_ANY},
    };
    struct schedule schedule = {.enabled = loader_truth(object, "enabled", true)};
    if (object != NULL) {
        loader_check_keys(loader, object, keys, "a schedule");
    }
    const char *every_day = loader_text(object, "every_day", usual);
    for (size_t i = 0; i < WEEK_DAYS; i++) {
        schedule.days[i] = load_hours(loader, loader_text(object, week_day_names[i], every_day));
    }
    return schedule;
}

static void add_include(struct store *store, struct policy *policy, const char *type,
                        const char *name, const char *display_name)
{
    struct include *include = arena_take(&store->arena, sizeof *include);
    include->type = type;
    include->name = name;
    include->display_name = display_name;
    include->uid = store_uuid(
        &store->arena, arena_format(&store->arena, "include|%s|%s|%s", policy->uid, type, name));
    policy->includes = memory_grow(policy->includes, policy->include_count, sizeof include);
    policy->includes[policy->include_count++] = include;
}

void scenario_include(struct store *store, struct policy *policy, const char *type,
                      const char *name)
{
    if (policy->names_its_vms) {
        add_include(store, policy, type, name, name);
    }
}

struct replica_vm *scenario_replicate(struct store *store, struct policy *policy, const char *vm)
{
    struct arena *arena = &store->arena;
    if (policy->replica == NULL) {
        struct replica *replica = arena_take(arena, sizeof *replica);
        replica->policy = policy;
        replica->uid = policy->replica_uid != NULL
                           ? policy->replica_uid
                           : store_uuid(arena, arena_format(arena, "replica|%s", policy->uid));
        policy->replica = replica;
        store->replicas = memory_grow(store->replicas, store->replica_count, sizeof replica);
        store->replicas[store->replica_count++] = replica;
    }
    struct replica_vm *made = arena_take(arena, sizeof *made);
    made->vm = vm;
    made->name = vm;
    made->replica = policy->replica;
    made->uid = store_uuid(arena, arena_format(arena, "replica-vm|%s|%s", policy->uid, vm));
    made->journal = &usual_journal;
    store->replica_vms = memory_grow(store->replica_vms, store->replica_vm_count, sizeof made);
    store->replica_vms[store->replica_vm_count++] = made;
    return made;
}

static void load_includes(struct loader *loader, const cJSON *list, struct policy *policy)
{
    static const struct key keys[] = {
        {"type", KIND_TEXT}, {"name", KIND_TEXT}, {"display_name", KIND_TEXT}, {NULL, KIND_ANY}};
    policy->names_its_vms = list == NULL;
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, list)
    {
        loader_check_keys(loader, object, keys, "includes");
        const char *name = loader_needed_text(loader, object, "name", "includes");
        add_include(loader->store, policy, loader_text(object, "type", "Vm"), name,
                    loader_text(object, "display_name", name));
    }
}

static void load_options(struct loader *loader, const cJSON *object, struct policy *policy)
{
    policy->platform = loader_text(object, "platform", "VMware");
    policy->description = loader_text(object, "description", "Created by EXAMPLE\\admin");
    policy->schedule_configured = loader_truth(object, "schedule_configured", true);
    policy->enabled = loader_truth(object, "enabled", true);
    policy->deleted = loader_truth(object, "deleted", false);
    policy->rpo_seconds = loader_whole(object, "rpo_seconds", 15);
    policy->rpo_minutes = loader_whole(object, "rpo_minutes", 0);
    policy->short_term_hours = loader_whole(object, "short_term_hours", 4);
    policy->long_term_hours = loader_whole(object, "long_term_hours", 8);
    if (policy->short_term_hours > MOST_HOURS || policy->long_term_hours > MOST_HOURS) {
        loader_fail(loader,
                    "policies: \"short_term_hours\" or \"long_term_hours\" is out of range");
    }
    policy->replica_uid = loader_text(object, "replica_uid", NULL);
    if (policy->replica_uid != NULL && !store_is_uuid(policy->replica_uid)) {
        loader_fail(loader, "\"replica_uid\": \"%s\" is not a UUID", policy->replica_uid);
    }
    policy->rpo_schedule =
        load_schedule(loader, loader_member(object, "rpo_schedule"), "111111111111111111111111");
    policy->long_term_schedule = load_schedule(loader, loader_member(object, "long_term_schedule"),
                                               "222222222222222222222222");
    if (!loader_time(loader, object, "next_run", &policy->next_run)) {
        policy->next_run = loader->store->now - 3 * MOMENT_DAY; // in the past, as in the documents
    }
    policy->overrides = loader_overrides(object);
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
    load_options(loader, object, policy);
    load_includes(loader, loader_member(object, "includes"), policy);
}

void scenario_load_policies(struct loader *loader, const cJSON *list)
{
    static const struct key keys[] = {{"name", KIND_TEXT},
                                      {"uid", KIND_TEXT},
                                      {"platform", KIND_TEXT},
                                      {"backup_server", KIND_TEXT},
                                      {"description", KIND_TEXT},
                                      {"schedule_configured", KIND_TRUTH},
                                      {"enabled", KIND_TRUTH},
                                      {"next_run", KIND_TEXT},
                                      {"rpo_seconds", KIND_WHOLE},
                                      {"rpo_minutes", KIND_WHOLE},
                                      {"includes", KIND_ARRAY},
                                      {"long_term_hours", KIND_WHOLE},
                                      {"short_term_hours", KIND_WHOLE},
                                      {"replica_uid", KIND_TEXT},
                                      {"members", KIND_OBJECT},
                                      {"rpo_schedule", KIND_OBJECT},
                                      {"omit", KIND_ARRAY},
                                      {"deleted", KIND_TRUTH},
                                      {"long_term_schedule", KIND_OBJECT},
                                      {NULL, KIND_ANY}};
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
