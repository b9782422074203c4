// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/rotation.h"
#include "emulator/scenario_parts.h"

/* ---- policy sessions ---- */

static struct policy_session *add_policy_session(struct store *store)
{
    struct policy_session *session = arena_take(&store->arena, sizeof *session);
    store_add_policy_session(store, session);
    return session;
}

static const char *session_name(struct store *store, const char *what, moment created)
{
    return arena_format(&store->arena, "%s@%s", what, moment_name(&store->arena, created));
}

static void load_policy_session(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {
        {"policy", KIND_TEXT}, {"backup_server", KIND_TEXT},   {"uid", KIND_TEXT},
        {"name", KIND_TEXT},   {"created", KIND_TEXT},         {"ended", KIND_TEXT},
        {"state", KIND_TEXT},  {"result", KIND_TEXT},          {"members", KIND_OBJECT},
        {"omit", KIND_ARRAY},  {"failure_message", KIND_TEXT}, {NULL, KIND_ANY}};
    struct store *store = loader->store;
    loader_check_keys(loader, object, keys, "policy_sessions");
    struct policy *policy = scenario_policy_of(loader, object, "policy_sessions");
    moment created = 0;
    if (!loader_time(loader, object, "created", &created)) {
        loader_fail(loader, "policy_sessions: \"created\" is missing");
    }
    if (loader->failed || policy == NULL) {
        return;
    }
    struct policy_session *session = add_policy_session(store);
    session->policy = policy;
    session->created = created;
    session->has_ended = loader_time(loader, object, "ended", &session->ended);
    session->name = loader_text(object, "name", session_name(store, policy->name, created));
    session->uid = loader_uid(loader, object,
                              arena_format(&store->arena, "given-policy-session|%s|%zu",
                                           policy->uid, store->policy_session_count));
    session->state = loader_choice(loader, object, "state", policy_state_names,
                                   session->has_ended ? POLICY_STOPPED : POLICY_WORKING);
    session->result = loader_choice(loader, object, "result", result_names,
                                    session->has_ended ? RESULT_SUCCESS : RESULT_NONE);
    session->failure_message = loader_text(object, "failure_message", "");
    session->overrides = loader_overrides(object);
}

/* The policy session of 24 hours that a task created then belongs to, made when first needed. */
static struct policy_session *session_at(struct store *store, const struct policy *policy,
                                         moment when)
{
    for (size_t i = store->policy_session_count; i > 0; i--) {
        struct policy_session *session = store->policy_sessions[i - 1];
        moment end = session->has_ended ? session->ended : session->created + MOMENT_DAY;
        if (session->policy == policy && session->created <= when && when < end) {
            return session;
        }
    }
    const moment created = store_policy_session_start(when);
    int64_t age = (store->now - created) / MOMENT_DAY;
    struct policy_session *session = add_policy_session(store);
    session->policy = policy;
    session->created = created;
    session->ended = created + MOMENT_DAY;
    session->has_ended = session->ended <= store->now;
    session->name = session_name(store, policy->name, created);
    session->uid = store_uuid(&store->arena, arena_format(&store->arena, "policy-session|%s|%lld",
                                                          policy->uid, (long long)age));
    session->state = session->has_ended ? POLICY_STOPPED : POLICY_WORKING;
    session->result = session->has_ended ? RESULT_SUCCESS : RESULT_NONE;
    session->failure_message = "";
    return session;
}

/* ---- VMs and their task sessions ---- */

static struct task_session *add_task(struct store *store, const char *vm,
                                     const struct policy *policy, moment created, size_t number)
{
    struct task_session *task = arena_take(&store->arena, sizeof *task);
    task->vm = vm;
    task->created = created;
    task->policy_session = session_at(store, policy, created);
    task->name = session_name(store, vm, created);
    task->uid = store_uuid(&store->arena,
                           arena_format(&store->arena, "task|%s|%s|%zu", policy->uid, vm, number));
    task->reason = "";
    store_add_task(store, task);
    return task;
}

static void load_task(struct loader *loader, const cJSON *object, const char *vm,
                      const struct policy *policy, size_t number)
{
    static const struct key keys[] = {
        {"state", KIND_TEXT},       {"result", KIND_TEXT},  {"reason", KIND_TEXT},
        {"total_size", KIND_WHOLE}, {"created", KIND_TEXT}, {"ended", KIND_TEXT},
        {"uid", KIND_TEXT},         {"name", KIND_TEXT},    {"members", KIND_OBJECT},
        {"omit", KIND_ARRAY},       {NULL, KIND_ANY}};
    loader_check_keys(loader, object, keys, "sessions");
    moment created = 0;
    if (!loader_time(loader, object, "created", &created)) {
        loader_fail(loader, "sessions of \"%s\": \"created\" is missing", vm);
    }
    if (loader->failed) {
        return;
    }
    struct task_session *task = add_task(loader->store, vm, policy, created, number);
    task->has_ended = loader_time(loader, object, "ended", &task->ended);
    task->state = loader_choice(loader, object, "state", task_state_names,
                                task->has_ended ? TASK_COMPLETED : TASK_IN_PROGRESS);
    task->result = loader_choice(loader, object, "result", result_names, RESULT_SUCCESS);
    task->reason = loader_text(object, "reason", "");
    task->total_size = loader_whole(object, "total_size", 0);
    task->name = loader_text(object, "name", task->name);
    if (loader_member(object, "uid") != NULL) {
        task->uid = loader_uid(loader, object, "");
    }
    task->overrides = loader_overrides(object);
}

static void load_intervals(struct loader *loader, const cJSON *object, struct replica_vm *made)
{
    const cJSON *intervals = loader_member(object, "intervals");
    if (intervals != NULL && made == NULL) {
        loader_fail(loader, "vms: there are no \"intervals\" without a replica");
    } else if (intervals != NULL) {
        made->journal = scenario_load_journal(loader, intervals);
    }
}

/* Whether its policy names it, and its replica. */
static void load_protection(struct loader *loader, const cJSON *object, const char *name,
                            struct policy *policy)
{
    const cJSON *replica = loader_member(object, "replica");
    const bool began = cJSON_GetArraySize(loader_member(object, "sessions")) > 0;
    struct replica_vm *made = NULL;
    if (!loader_truth(object, "left", false)) {
        scenario_include(loader->store, policy, "Vm", name);
    }
    if (cJSON_IsObject(replica)) {
        static const struct key keys[] = {{"name", KIND_TEXT},
                                          {"uid", KIND_TEXT},
                                          {"members", KIND_OBJECT},
                                          {"omit", KIND_ARRAY},
                                          {NULL, KIND_ANY}};
        loader_check_keys(loader, replica, keys, "replica");
        made = scenario_replicate(loader->store, policy, name);
        made->name = loader_text(replica, "name", name);
        made->overrides = loader_overrides(replica);
        if (loader_member(replica, "uid") != NULL) {
            made->uid = loader_uid(loader, replica, "");
        }
    } else if (replica != NULL && !cJSON_IsBool(replica)) {
        loader_fail(loader, "vms: \"replica\" has the wrong type or range");
    } else if (loader_truth(object, "replica", began)) {
        made = scenario_replicate(loader->store, policy, name);
    }
    load_intervals(loader, object, made);
}

static void load_vm(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {{"name", KIND_TEXT},          {"policy", KIND_TEXT},
                                      {"backup_server", KIND_TEXT}, {"left", KIND_TRUTH},
                                      {"sessions", KIND_ARRAY},     {"replica", KIND_ANY},
                                      {"intervals", KIND_OBJECT},   {NULL, KIND_ANY}};
    loader_check_keys(loader, object, keys, "vms");
    const char *name = loader_needed_text(loader, object, "name", "vms");
    struct policy *policy = scenario_policy_of(loader, object, "vms");
    if (policy == NULL || loader->failed) {
        return;
    }
    load_protection(loader, object, name, policy);
    const cJSON *session = NULL;
    size_t number = 0;
    cJSON_ArrayForEach(session, loader_member(object, "sessions"))
    {
        load_task(loader, session, name, policy, number++);
    }
}

/* ---- generated fleets ---- */

/* Tasks follow each other without a gap; the VMs of a fleet do not all start at the same time. */
static void generate_tasks(struct store *store, const struct fleet *fleet, int64_t number,
                           const char *name)
{
    const moment running_since =
        store->now - (number * 7919 * MOMENT_SECOND + 61 * MOMENT_SECOND) % fleet->length;
    for (int64_t i = fleet->running ? 0 : 1; i <= fleet->completed; i++) {
        struct task_session *task =
            add_task(store, name, fleet->policy, running_since - i * fleet->length, (size_t)i);
        task->state = i == 0 ? TASK_IN_PROGRESS : TASK_COMPLETED;
        task->has_ended = i > 0;
        task->ended = task->created + fleet->length;
        task->result = i == 1 ? fleet_result(fleet, number) : RESULT_SUCCESS;
        task->reason = fleet_reason(task->result);
        task->total_size = fleet->total_size + number * 4096;
    }
}

static void generate_vms(struct store *store, const struct fleet *fleet)
{
    const char **names = memory_take((size_t)fleet->vms * sizeof *names);
    for (int64_t i = 0; i < fleet->vms; i++) {
        const long long number = i + 1;
        names[i] = arena_format(&store->arena, "%s%05lld", fleet->prefix, number);
        if (fleet->folder == NULL) {
            scenario_include(store, fleet->policy, "Vm", names[i]);
        }
        scenario_replicate(store, fleet->policy, names[i])->journal = fleet->journal;
        if (!fleet->rotates) {
            generate_tasks(store, fleet, number, names[i]);
        }
    }
    if (fleet->rotates) {
        rotation_add(store, fleet, names);
    }
    free(names);
}

static moment session_length(const cJSON *object)
{
    const int64_t hours = loader_whole(object, "hours", 8);
    return loader_whole(object, "minutes", hours * 60) * MOMENT_MINUTE;
}

static void generate(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {
        {"vms", KIND_WHOLE},          {"completed", KIND_WHOLE},  {"running", KIND_TRUTH},
        {"prefix", KIND_TEXT},        {"folder", KIND_TEXT},      {"policy", KIND_TEXT},
        {"backup_server", KIND_TEXT}, {"hours", KIND_WHOLE},      {"minutes", KIND_WHOLE},
        {"failed_every", KIND_WHOLE}, {"total_size", KIND_WHOLE}, {"warning_every", KIND_WHOLE},
        {"rotates_from", KIND_TEXT},  {"intervals", KIND_OBJECT}, {NULL, KIND_ANY}};
    loader_check_keys(loader, object, keys, "generate");
    struct fleet fleet = {.prefix = loader_text(object, "prefix", "vm"),
                          .folder = loader_text(object, "folder", NULL),
                          .policy = scenario_policy_of(loader, object, "generate"),
                          .vms = loader_whole(object, "vms", 100),
                          .completed = loader_whole(object, "completed", 3),
                          .length = session_length(object),
                          .warning_every = loader_whole(object, "warning_every", 0),
                          .failed_every = loader_whole(object, "failed_every", 0),
                          .total_size = loader_whole(object, "total_size", 17179869184),
                          .running = loader_truth(object, "running", true),
                          .journal =
                              scenario_load_journal(loader, loader_member(object, "intervals"))};
    fleet.rotates = loader_time(loader, object, "rotates_from", &fleet.first_turn);
    if (fleet.vms > 1000000 || fleet.completed > 1000 || fleet.length < MOMENT_MINUTE ||
        fleet.length > 60000 * MOMENT_MINUTE) {
        loader_fail(loader, "generate: \"vms\", \"completed\", \"hours\" or \"minutes\" is out of "
                            "range");
    }
    if (loader->failed) {
        return;
    }
    if (fleet.folder != NULL) {
        scenario_include(loader->store, fleet.policy, "Folder", fleet.folder);
    }
    generate_vms(loader->store, &fleet);
}

static void load_generate(struct loader *loader, const cJSON *value)
{
    if (cJSON_IsObject(value)) {
        generate(loader, value);
        return;
    }
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, value)
    {
        generate(loader, object);
    }
    if (value != NULL && !cJSON_IsArray(value)) {
        loader_fail(loader, "\"generate\" has the wrong type or range");
    }
}

/* ---- the document ---- */

static void check_uids(struct loader *loader)
{
    const struct store *store = loader->store;
    for (size_t i = 1; i < store->task_count; i++) {
        if (strcmp(store->tasks[i - 1]->uid, store->tasks[i]->uid) == 0) {
            loader_fail(loader,
                        "two task sessions have the uid %s (the same VM of a policy given twice?)",
                        store->tasks[i]->uid);
        }
    }
    for (size_t i = 1; i < store->replica_vm_count; i++) {
        if (strcmp(store->replica_vms[i - 1]->uid, store->replica_vms[i]->uid) == 0) {
            loader_fail(loader, "\"%s\" is given twice to a policy", store->replica_vms[i]->vm);
        }
    }
}

static void load_document(struct loader *loader)
{
    static const struct key keys[] = {{"about", KIND_TEXT},
                                      {"user", KIND_TEXT},
                                      {"password", KIND_TEXT},
                                      {"may", KIND_OBJECT},
                                      {"wording", KIND_OBJECT},
                                      {"backup_servers", KIND_ARRAY},
                                      {"policies", KIND_ARRAY},
                                      {"policy_sessions", KIND_ARRAY},
                                      {"vms", KIND_ARRAY},
                                      {"generate", KIND_ANY},
                                      {"replies", KIND_ARRAY},
                                      {"refuses", KIND_OBJECT},
                                      {"role", KIND_TEXT},
                                      {"collections", KIND_OBJECT},
                                      {"system_sessions", KIND_ARRAY},
                                      {NULL, KIND_ANY}};
    const cJSON *document = loader->store->document;
    loader_check_keys(loader, document, keys, "scenario");
    if (loader->failed) {
        return;
    }
    loader->store->user = loader_text(document, "user", "monitor");
    loader->store->password = loader_text(document, "password", "secret");
    scenario_load_permissions(loader, loader_member(document, "may"));
    scenario_load_role(loader, document);
    scenario_load_refusals(loader, loader_member(document, "refuses"));
    scenario_load_wording(loader, loader_member(document, "wording"));
    scenario_load_servers(loader, loader_member(document, "backup_servers"));
    scenario_load_policies(loader, loader_member(document, "policies"));
    loader_each(loader, loader_member(document, "policy_sessions"), load_policy_session);
    loader_each(loader, loader_member(document, "vms"), load_vm);
    load_generate(loader, loader_member(document, "generate"));
    scenario_load_collections(loader, loader_member(document, "collections"));
    loader_each(loader, loader_member(document, "system_sessions"), scenario_load_system_session);
    loader_each(loader, loader_member(document, "replies"), scenario_load_reply);
    scenario_link_intervals(loader);
    rotation_apply(loader->store, loader->store->now);
    store_sort(loader->store);
    check_uids(loader);
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    while (out != NULL && !feof(file) && !ferror(file)) {
        char part[8192];
        const size_t got = fread(part, 1, sizeof part, file);
        fwrite(part, 1, got, out);
    }
    if (out != NULL) {
        fclose(out);
    }
    fclose(file);
    return text;
}

struct store *scenario_load(const char *source, moment now, char *error, size_t size)
{
    const char *start = source + strspn(source, " \t\r\n");
    char *file = *start != '{' ? read_file(source) : NULL;
    if (*start != '{' && file == NULL) {
        snprintf(error, size, "%s: %m", source);
        return NULL;
    }
    struct store *store = memory_take(sizeof *store);
    struct loader loader = {.store = store, .error = error, .size = size};
    store->now = now;
    store->document = cJSON_ParseWithOpts(file != NULL ? file : start, NULL, true);
    free(file);
    if (store->document == NULL) {
        loader_fail(&loader, "the scenario is not JSON");
    } else {
        load_document(&loader);
    }
    if (loader.failed) {
        store_free(store);
        return NULL;
    }
    return store;
}
