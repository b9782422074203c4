// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gnutls/gnutls.h>

/* A policy session starts a day after the one before it; this is the second of the day. */
#define SESSION_START (((15 * 60 + 0) * 60 + 8) * MOMENT_SECOND)

struct loader {
    struct store *store;
    char *error;
    size_t size;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void fail(struct loader *loader, const char *format,
                                                       ...)
{
    if (loader->failed) {
        return;
    }
    loader->failed = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(loader->error, loader->size, format, arguments);
    va_end(arguments);
}

/* ---- members by name and type ---- */

enum kind { KIND_TEXT, KIND_WHOLE, KIND_DECIMAL, KIND_TRUTH, KIND_ARRAY, KIND_OBJECT, KIND_ANY };

struct key {
    const char *name;
    enum kind kind;
};

static bool has_kind(const cJSON *value, enum kind kind)
{
    switch (kind) {
    case KIND_TEXT:
        return cJSON_IsString(value);
    case KIND_WHOLE:
        return cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble <= 9e15 &&
               value->valuedouble == (double)(int64_t)value->valuedouble;
    case KIND_DECIMAL:
        return cJSON_IsNumber(value) && value->valuedouble >= 0;
    case KIND_TRUTH:
        return cJSON_IsBool(value);
    case KIND_ARRAY:
        return cJSON_IsArray(value);
    case KIND_OBJECT:
        return cJSON_IsObject(value);
    case KIND_ANY:
        return true;
    }
    return false;
}

static const struct key *find_key(const struct key *keys, const char *name)
{
    for (; keys->name != NULL; keys++) {
        if (strcmp(keys->name, name) == 0) {
            return keys;
        }
    }
    return NULL;
}

static void check_keys(struct loader *loader, const cJSON *object, const struct key *keys,
                       const char *where)
{
    if (!cJSON_IsObject(object)) {
        fail(loader, "%s: not an object", where);
        return;
    }
    const cJSON *value = NULL;
    cJSON_ArrayForEach(value, object)
    {
        const struct key *key = find_key(keys, value->string);
        if (key == NULL) {
            fail(loader, "%s: unknown key \"%s\"", where, value->string);
        } else if (!has_kind(value, key->kind)) {
            fail(loader, "%s: \"%s\" has the wrong type or range", where, value->string);
        } else if (cJSON_GetObjectItemCaseSensitive(object, value->string) != value) {
            fail(loader, "%s: \"%s\" is given twice", where, value->string);
        }
    }
}

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_or(const cJSON *object, const char *name, const char *otherwise)
{
    const cJSON *value = member(object, name);
    return cJSON_IsString(value) ? value->valuestring : otherwise;
}

static int64_t whole_or(const cJSON *object, const char *name, int64_t otherwise)
{
    const cJSON *value = member(object, name);
    return cJSON_IsNumber(value) ? (int64_t)value->valuedouble : otherwise;
}

static double decimal_or(const cJSON *object, const char *name, double otherwise)
{
    const cJSON *value = member(object, name);
    return cJSON_IsNumber(value) ? value->valuedouble : otherwise;
}

static bool truth_or(const cJSON *object, const char *name, bool otherwise)
{
    const cJSON *value = member(object, name);
    return cJSON_IsBool(value) ? cJSON_IsTrue(value) : otherwise;
}

/* The index of the member's text among `names`, which end in NULL. */
static int choice_or(struct loader *loader, const cJSON *object, const char *name,
                     const char *const *names, int otherwise)
{
    const char *text = text_or(object, name, NULL);
    if (text == NULL) {
        return otherwise;
    }
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            return i;
        }
    }
    fail(loader, "\"%s\" cannot be \"%s\"", name, text);
    return otherwise;
}

static const char *needed_text(struct loader *loader, const cJSON *object, const char *name,
                               const char *where)
{
    const char *text = text_or(object, name, NULL);
    if (text == NULL) {
        fail(loader, "%s: \"%s\" is missing", where, name);
        return "";
    }
    return text;
}

static bool time_of(struct loader *loader, const cJSON *object, const char *name, moment *when)
{
    const char *text = text_or(object, name, NULL);
    if (text == NULL) {
        return false;
    }
    if (!moment_parse_scenario(text, loader->store->now, when)) {
        fail(loader, "\"%s\": \"%s\" is not a time", name, text);
        return false;
    }
    return true;
}

static const char *uid_or(struct loader *loader, const cJSON *object, const char *otherwise)
{
    const char *uid = text_or(object, "uid", NULL);
    if (uid != NULL && !store_is_uuid(uid)) {
        fail(loader, "\"uid\": \"%s\" is not a UUID", uid);
    }
    return uid != NULL ? uid : store_uuid(&loader->store->arena, otherwise);
}

static struct overrides overrides_of(const cJSON *object)
{
    return (struct overrides){.members = member(object, "members"), .omit = member(object, "omit")};
}

/* ---- servers and policies ---- */

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
    server->uid = uid_or(loader, object, arena_format(&store->arena, "server|%s", name));
    store->servers = memory_grow(store->servers, store->server_count, sizeof(void *));
    store->servers[store->server_count++] = server;
}

static void load_servers(struct loader *loader, const cJSON *list)
{
    static const struct key keys[] = {{"name", KIND_TEXT}, {"uid", KIND_TEXT}, {NULL, KIND_ANY}};
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, list)
    {
        check_keys(loader, object, keys, "backup_servers");
        add_server(loader, needed_text(loader, object, "name", "backup_servers"), object);
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
    const char *server_name = text_or(object, "backup_server", NULL);
    struct backup_server *server = find_server(store, server_name);
    if (server == NULL) {
        fail(loader, "policies: no backup server \"%s\"", server_name);
        return;
    }
    struct policy *policy = arena_take(&store->arena, sizeof *policy);
    policy->name = name;
    policy->backup_server = server;
    policy->uid =
        uid_or(loader, object, arena_format(&store->arena, "policy|%s|%s", server->name, name));
    store->policies = memory_grow(store->policies, store->policy_count, sizeof(void *));
    store->policies[store->policy_count++] = policy;
}

static void load_policies(struct loader *loader, const cJSON *list)
{
    static const struct key keys[] = {
        {"name", KIND_TEXT}, {"uid", KIND_TEXT}, {"backup_server", KIND_TEXT}, {NULL, KIND_ANY}};
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, list)
    {
        check_keys(loader, object, keys, "policies");
        add_policy(loader, needed_text(loader, object, "name", "policies"), object);
    }
    if (loader->store->policy_count == 0) {
        add_policy(loader, "CDP Policy", NULL);
    }
}

static struct policy *policy_of(struct loader *loader, const cJSON *object, const char *where)
{
    const char *name = text_or(object, "policy", NULL);
    const char *server = text_or(object, "backup_server", NULL);
    struct policy *policy = find_policy(loader->store, name, server);
    if (policy == NULL) {
        fail(loader, "%s: no policy \"%s\" on backup server \"%s\"", where,
             name != NULL ? name : "(any)", server != NULL ? server : "(any)");
    }
    return policy;
}

/* ---- policy sessions ---- */

static struct policy_session *add_policy_session(struct store *store)
{
    struct policy_session *session = arena_take(&store->arena, sizeof *session);
    store->policy_sessions =
        memory_grow(store->policy_sessions, store->policy_session_count, sizeof(void *));
    store->policy_sessions[store->policy_session_count++] = session;
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
    check_keys(loader, object, keys, "policy_sessions");
    struct policy *policy = policy_of(loader, object, "policy_sessions");
    moment created = 0;
    if (!time_of(loader, object, "created", &created)) {
        fail(loader, "policy_sessions: \"created\" is missing");
    }
    if (loader->failed || policy == NULL) {
        return;
    }
    struct policy_session *session = add_policy_session(store);
    session->policy = policy;
    session->created = created;
    session->has_ended = time_of(loader, object, "ended", &session->ended);
    session->name = text_or(object, "name", session_name(store, policy->name, created));
    session->uid = uid_or(loader, object,
                          arena_format(&store->arena, "given-policy-session|%s|%zu", policy->uid,
                                       store->policy_session_count));
    session->state = choice_or(loader, object, "state", policy_state_names,
                               session->has_ended ? POLICY_STOPPED : POLICY_WORKING);
    session->result = choice_or(loader, object, "result", result_names,
                                session->has_ended ? RESULT_SUCCESS : RESULT_NONE);
    session->failure_message = text_or(object, "failure_message", "");
    session->overrides = overrides_of(object);
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
    moment since_start = ((when - SESSION_START) % MOMENT_DAY + MOMENT_DAY) % MOMENT_DAY;
    moment created = when - since_start;
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
    store->tasks = memory_grow(store->tasks, store->task_count, sizeof(void *));
    store->tasks[store->task_count++] = task;
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
    check_keys(loader, object, keys, "sessions");
    moment created = 0;
    if (!time_of(loader, object, "created", &created)) {
        fail(loader, "sessions of \"%s\": \"created\" is missing", vm);
    }
    if (loader->failed) {
        return;
    }
    struct task_session *task = add_task(loader->store, vm, policy, created, number);
    task->has_ended = time_of(loader, object, "ended", &task->ended);
    task->state = choice_or(loader, object, "state", task_state_names,
                            task->has_ended ? TASK_COMPLETED : TASK_IN_PROGRESS);
    task->result = choice_or(loader, object, "result", result_names, RESULT_SUCCESS);
    task->reason = text_or(object, "reason", "");
    task->total_size = whole_or(object, "total_size", 0);
    task->name = text_or(object, "name", task->name);
    if (member(object, "uid") != NULL) {
        task->uid = uid_or(loader, object, "");
    }
    task->overrides = overrides_of(object);
}

static void load_vms(struct loader *loader, const cJSON *list)
{
    static const struct key keys[] = {{"name", KIND_TEXT},
                                      {"policy", KIND_TEXT},
                                      {"backup_server", KIND_TEXT},
                                      {"sessions", KIND_ARRAY},
                                      {NULL, KIND_ANY}};
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, list)
    {
        check_keys(loader, object, keys, "vms");
        const char *name = needed_text(loader, object, "name", "vms");
        struct policy *policy = policy_of(loader, object, "vms");
        const cJSON *session = NULL;
        size_t number = 0;
        cJSON_ArrayForEach(session, member(object, "sessions"))
        {
            if (policy == NULL || loader->failed) {
                return;
            }
            load_task(loader, session, name, policy, number++);
        }
    }
}

/* ---- generated fleets ---- */

struct fleet {
    const char *prefix;
    const struct policy *policy;
    int64_t vms;
    int64_t completed;
    int64_t hours;
    int64_t warning_every;
    int64_t failed_every;
    int64_t total_size;
    bool running;
};

static int result_in_fleet(const struct fleet *fleet, int64_t vm)
{
    if (fleet->failed_every > 0 && vm % fleet->failed_every == 0) {
        return RESULT_FAILED;
    }
    if (fleet->warning_every > 0 && vm % fleet->warning_every == 0) {
        return RESULT_WARNING;
    }
    return RESULT_SUCCESS;
}

/* Tasks follow each other without a gap; the VMs of a fleet do not all start at the same time. */
static void generate_vm(struct store *store, const struct fleet *fleet, int64_t number)
{
    static const char *const reasons[] = {[RESULT_WARNING] = "RPO of 15 minutes was exceeded",
                                          [RESULT_FAILED] = "Failed to write to the target disk"};
    const char *name = arena_format(&store->arena, "%s%05lld", fleet->prefix, (long long)number);
    const moment length = fleet->hours * 3600 * MOMENT_SECOND;
    const moment running_since =
        store->now - (number * 7919 * MOMENT_SECOND + 61 * MOMENT_SECOND) % length;
    for (int64_t i = fleet->running ? 0 : 1; i <= fleet->completed; i++) {
        struct task_session *task =
            add_task(store, name, fleet->policy, running_since - i * length, (size_t)i);
        task->state = i == 0 ? TASK_IN_PROGRESS : TASK_COMPLETED;
        task->has_ended = i > 0;
        task->ended = task->created + length;
        task->result = i == 1 ? result_in_fleet(fleet, number) : RESULT_SUCCESS;
        task->total_size = fleet->total_size + number * 4096;
        if (task->result > RESULT_SUCCESS) {
            task->reason = reasons[task->result];
        }
    }
}

static void generate(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {{"vms", KIND_WHOLE},
                                      {"completed", KIND_WHOLE},
                                      {"running", KIND_TRUTH},
                                      {"prefix", KIND_TEXT},
                                      {"policy", KIND_TEXT},
                                      {"backup_server", KIND_TEXT},
                                      {"hours", KIND_WHOLE},
                                      {"warning_every", KIND_WHOLE},
                                      {"failed_every", KIND_WHOLE},
                                      {"total_size", KIND_WHOLE},
                                      {NULL, KIND_ANY}};
    check_keys(loader, object, keys, "generate");
    struct fleet fleet = {.prefix = text_or(object, "prefix", "vm"),
                          .policy = policy_of(loader, object, "generate"),
                          .vms = whole_or(object, "vms", 100),
                          .completed = whole_or(object, "completed", 3),
                          .hours = whole_or(object, "hours", 8),
                          .warning_every = whole_or(object, "warning_every", 0),
                          .failed_every = whole_or(object, "failed_every", 0),
                          .total_size = whole_or(object, "total_size", 17179869184),
                          .running = truth_or(object, "running", true)};
    if (fleet.vms > 1000000 || fleet.completed > 1000 || fleet.hours < 1 || fleet.hours > 1000) {
        fail(loader, "generate: \"vms\", \"completed\" or \"hours\" is out of range");
    }
    for (int64_t i = 1; !loader->failed && i <= fleet.vms; i++) {
        generate_vm(loader->store, &fleet, i);
    }
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
        fail(loader, "\"generate\" has the wrong type or range");
    }
}

/* ---- replies ---- */

/* The body: a text, a JSON value that is written out, or bytes in base64. */
static void load_body(struct loader *loader, const cJSON *object, struct reply *reply)
{
    struct arena *arena = &loader->store->arena;
    const cJSON *body = member(object, "body");
    const char *encoded = text_or(object, "body_base64", NULL);
    reply->body = "";
    if (encoded != NULL) {
        const gnutls_datum_t text = {.data = (unsigned char *)arena_copy(arena, encoded),
                                     .size = (unsigned int)strlen(encoded)};
        gnutls_datum_t bytes = {0};
        if (text.size > 0 && gnutls_base64_decode2(&text, &bytes) != 0) {
            fail(loader, "replies: \"body_base64\" is not base64");
            return;
        }
        reply->body = arena_copy_part(arena, (const char *)bytes.data, bytes.size);
        reply->body_length = bytes.size;
        gnutls_free(bytes.data);
        return;
    }
    if (cJSON_IsString(body)) {
        reply->body = body->valuestring;
    } else if (body != NULL) {
        char *text = cJSON_PrintUnformatted(body);
        reply->body = arena_copy(arena, text != NULL ? text : "");
        free(text);
    }
    reply->body_length = strlen(reply->body);
}

static void check_reply(struct loader *loader, const cJSON *object, const struct reply *reply)
{
    const cJSON *header = NULL;
    cJSON_ArrayForEach(header, reply->headers)
    {
        if (!cJSON_IsString(header)) {
            fail(loader, "replies: header \"%s\" is not a text", header->string);
        }
    }
    bool has_body = member(object, "body") != NULL || member(object, "body_base64") != NULL;
    if (reply->status != 0 && (reply->status < 200 || reply->status > 599)) {
        fail(loader, "replies: \"status\" is out of range");
    }
    if (reply->status == 0 && (has_body || reply->truncate > 0 || reply->headers != NULL)) {
        fail(loader, "replies: without \"status\" there is no \"body\", \"headers\", \"truncate\"");
    }
    if (reply->status == 0 && !reply->drop && reply->delay <= 0) {
        fail(loader, "replies: one of \"status\", \"drop\", \"delay\" is needed");
    }
}

static void load_reply(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {{"method", KIND_TEXT},   {"path", KIND_TEXT},
                                      {"nth", KIND_WHOLE},     {"times", KIND_WHOLE},
                                      {"status", KIND_WHOLE},  {"headers", KIND_OBJECT},
                                      {"body", KIND_ANY},      {"body_base64", KIND_TEXT},
                                      {"repeat", KIND_WHOLE},  {"truncate", KIND_WHOLE},
                                      {"delay", KIND_DECIMAL}, {"stall", KIND_DECIMAL},
                                      {"drop", KIND_TRUTH},    {NULL, KIND_ANY}};
    struct store *store = loader->store;
    check_keys(loader, object, keys, "replies");
    if (loader->failed) {
        return;
    }
    int64_t nth = whole_or(object, "nth", 0);
    struct reply reply = {.method = text_or(object, "method", NULL),
                          .path = text_or(object, "path", "/api"),
                          .first = nth > 0 ? (int)nth : 1,
                          .times = (int)whole_or(object, "times", nth > 0 ? 1 : 0),
                          .status = (int)whole_or(object, "status", 0),
                          .headers = member(object, "headers"),
                          .repeat = (size_t)whole_or(object, "repeat", 1),
                          .truncate = (size_t)whole_or(object, "truncate", 0),
                          .delay = decimal_or(object, "delay", 0),
                          .stall = decimal_or(object, "stall", 0),
                          .drop = truth_or(object, "drop", false)};
    load_body(loader, object, &reply);
    check_reply(loader, object, &reply);
    store->replies = memory_grow(store->replies, store->reply_count, sizeof reply);
    store->replies[store->reply_count++] = reply;
}

/* ---- the rest ---- */

static void load_permissions(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {
        {"log_on", KIND_TRUTH}, {"read_cdp", KIND_TRUTH}, {NULL, KIND_ANY}};
    if (object != NULL) {
        check_keys(loader, object, keys, "may");
    }
    loader->store->may = (struct permissions){.log_on = truth_or(object, "log_on", true),
                                              .read_cdp = truth_or(object, "read_cdp", true)};
}

static void load_wording(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {{"casing", KIND_TEXT},
                                      {"bom", KIND_TRUTH},
                                      {"running_end", KIND_TEXT},
                                      {"empty_reason", KIND_TEXT},
                                      {"nulls", KIND_TEXT},
                                      {"fraction_digits", KIND_WHOLE},
                                      {"origin", KIND_TEXT},
                                      {"proper_self_href", KIND_TRUTH},
                                      {"any_path_case", KIND_TRUTH},
                                      {"any_text_case", KIND_TRUTH},
                                      {"largest_page", KIND_WHOLE},
                                      {"xml_numeric_entities", KIND_TRUTH},
                                      {"ascii", KIND_TRUTH},
                                      {"hides_largest_page", KIND_TRUTH},
                                      {NULL, KIND_ANY}};
    static const char *const casings[] = {"pascal", "camel", NULL};
    static const char *const absences[] = {"null", "absent", "empty", NULL};
    static const char *const ends[] = {"null", "absent", NULL};
    static const char *const nulls[] = {"written", "omitted", NULL};
    if (object != NULL) {
        check_keys(loader, object, keys, "wording");
    }
    bool camel = choice_or(loader, object, "casing", casings, 0) == 1;
    loader->store->wording = (struct wording){
        .node = {.camel = camel,
                 .omit_nulls = choice_or(loader, object, "nulls", nulls, 0) == 1,
                 .numeric_entity = truth_or(object, "xml_numeric_entities", false),
                 .ascii = truth_or(object, "ascii", false)},
        .bom = truth_or(object, "bom", false),
        .running_end = (enum absence)choice_or(loader, object, "running_end", ends, ABSENCE_NULL),
        .empty_reason =
            (enum absence)choice_or(loader, object, "empty_reason", absences, ABSENCE_EMPTY),
        .fraction_digits = (int)whole_or(object, "fraction_digits", -1),
        .origin = text_or(object, "origin", "https://em01.example.invalid:9398"),
        .proper_self_href = truth_or(object, "proper_self_href", false),
        .any_path_case = truth_or(object, "any_path_case", false),
        .any_text_case = truth_or(object, "any_text_case", false),
        .largest_page = (int)whole_or(object, "largest_page", 0),
        .hides_largest_page = truth_or(object, "hides_largest_page", false)};
}

static void load_list(struct loader *loader, const cJSON *list,
                      void (*load)(struct loader *, const cJSON *))
{
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, list)
    {
        load(loader, object);
    }
}

static void check_uids(struct loader *loader)
{
    const struct store *store = loader->store;
    for (size_t i = 1; i < store->task_count; i++) {
        if (strcmp(store->tasks[i - 1]->uid, store->tasks[i]->uid) == 0) {
            fail(loader, "two task sessions have the uid %s (the same VM of a policy given twice?)",
                 store->tasks[i]->uid);
        }
    }
}

static void load_document(struct loader *loader)
{
    static const struct key keys[] = {{"about", KIND_TEXT},     {"user", KIND_TEXT},
                                      {"password", KIND_TEXT},  {"may", KIND_OBJECT},
                                      {"wording", KIND_OBJECT}, {"backup_servers", KIND_ARRAY},
                                      {"policies", KIND_ARRAY}, {"policy_sessions", KIND_ARRAY},
                                      {"vms", KIND_ARRAY},      {"generate", KIND_ANY},
                                      {"replies", KIND_ARRAY},  {NULL, KIND_ANY}};
    const cJSON *document = loader->store->document;
    check_keys(loader, document, keys, "scenario");
    if (loader->failed) {
        return;
    }
    loader->store->user = text_or(document, "user", "monitor");
    loader->store->password = text_or(document, "password", "secret");
    load_permissions(loader, member(document, "may"));
    load_wording(loader, member(document, "wording"));
    load_servers(loader, member(document, "backup_servers"));
    load_policies(loader, member(document, "policies"));
    load_list(loader, member(document, "policy_sessions"), load_policy_session);
    load_vms(loader, member(document, "vms"));
    load_generate(loader, member(document, "generate"));
    load_list(loader, member(document, "replies"), load_reply);
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
        fail(&loader, "the scenario is not JSON");
    } else {
        load_document(&loader);
    }
    if (loader.failed) {
        store_free(store);
        return NULL;
    }
    return store;
}
