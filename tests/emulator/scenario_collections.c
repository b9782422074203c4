// SPDX-License-Identifier: GPL-3.0-or-later
/* When the EM of a scenario collects data from its backup servers, and its other system sessions.
 */
#include "emulator/scenario_parts.h"

#include <string.h>

#include "emulator/system_sessions.h"

#define MINUTE (60 * MOMENT_SECOND)

/* The names of the servers that were not collected; each must be one. */
static const cJSON *load_misses(struct loader *loader, const cJSON *object)
{
    const cJSON *misses = loader_member(object, "misses");
    const cJSON *name = NULL;
    cJSON_ArrayForEach(name, misses)
    {
        const char *text = cJSON_IsString(name) ? name->valuestring : "";
        if (!scenario_has_server(loader->store, text)) {
            loader_fail(loader, "\"misses\": no backup server \"%s\"", text);
        }
    }
    return misses;
}

/* Without a word of the scenario: a Warning if some servers were missed, Failed if all were. */
static int load_state(struct loader *loader, const cJSON *object, const cJSON *misses)
{
    const size_t missed = (size_t)cJSON_GetArraySize(misses);
    int state = missed > 0 ? SYSTEM_WARNING : SYSTEM_SUCCESS;
    if (missed > 0 && missed >= loader->store->server_count) {
        state = SYSTEM_FAILED;
    }
    return loader_choice(loader, object, "state", system_state_names, state);
}

static void load_period(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {
        {"since", KIND_TEXT},   {"until", KIND_TEXT},          {"none", KIND_TRUTH},
        {"state", KIND_TEXT},   {"misses", KIND_ARRAY},        {"missed_event", KIND_TEXT},
        {"message", KIND_TEXT}, {"takes_seconds", KIND_WHOLE}, {NULL, KIND_ANY}};
    struct collecting *collecting = &loader->store->collecting;
    loader_check_keys(loader, object, keys, "periods");
    struct period period = {.since = INT64_MIN,
                            .until = INT64_MAX,
                            .none = loader_truth(object, "none", false),
                            .misses = load_misses(loader, object),
                            .missed_event = loader_text(object, "missed_event", NULL),
                            .message = loader_text(object, "message", ""),
                            .takes = -1};
    loader_time(loader, object, "since", &period.since);
    loader_time(loader, object, "until", &period.until);
    period.state = load_state(loader, object, period.misses);
    const int64_t seconds = loader_whole(object, "takes_seconds", -1);
    period.takes = seconds < 0 ? -1 : seconds * MOMENT_SECOND;
    collecting->periods = memory_grow(collecting->periods, collecting->period_count, sizeof period);
    collecting->periods[collecting->period_count++] = period;
}

void scenario_load_collections(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {{"every_minutes", KIND_WHOLE}, {"newest", KIND_TEXT},
                                      {"takes_seconds", KIND_WHOLE}, {"periods", KIND_ARRAY},
                                      {"others", KIND_TRUTH},        {NULL, KIND_ANY}};
    struct collecting *collecting = &loader->store->collecting;
    if (object != NULL) {
        loader_check_keys(loader, object, keys, "collections");
    }
    collecting->every = loader_whole(object, "every_minutes", 15) * MINUTE;
    collecting->takes = loader_whole(object, "takes_seconds", 18) * MOMENT_SECOND;
    collecting->others = loader_truth(object, "others", true);
    if (!loader_time(loader, object, "newest", &collecting->newest)) {
        collecting->newest = loader->store->now - 5 * MINUTE;
    }
    loader_each(loader, loader_member(object, "periods"), load_period);
}

void scenario_load_system_session(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {
        {"type", KIND_TEXT},      {"created", KIND_TEXT}, {"ended", KIND_TEXT},
        {"state", KIND_TEXT},     {"uid", KIND_TEXT},     {"name", KIND_TEXT},
        {"message", KIND_TEXT},   {"misses", KIND_ARRAY}, {"missed_event", KIND_TEXT},
        {"events", KIND_ARRAY},   {"omit", KIND_ARRAY},   {"members", KIND_OBJECT},
        {"canceled", KIND_TRUTH}, {NULL, KIND_ANY}};
    struct store *store = loader->store;
    struct arena *arena = &store->arena;
    loader_check_keys(loader, object, keys, "system_sessions");
    struct system_session *session = arena_take(arena, sizeof *session);
    if (!loader_time(loader, object, "created", &session->created)) {
        loader_fail(loader, "system_sessions: \"created\" is missing");
    }
    session->type = loader_text(object, "type", "CollectJob");
    session->has_ended = loader_time(loader, object, "ended", &session->ended);
    session->name =
        loader_text(object, "name", system_session_name(arena, session->type, session->created));
    session->uid = loader_uid(loader, object,
                              arena_format(arena, "given-system|%zu", store->system_session_count));
    session->misses = load_misses(loader, object);
    session->missed_event = loader_text(object, "missed_event", NULL);
    session->state = load_state(loader, object, session->misses);
    if (!session->has_ended && loader_member(object, "state") == NULL) {
        session->state = SYSTEM_IN_PROGRESS;
    }
    session->message = loader_text(object, "message", "");
    session->is_canceled = loader_truth(object, "canceled", false);
    session->events = loader_member(object, "events");
    session->overrides = loader_overrides(object);
    store->system_sessions =
        memory_grow(store->system_sessions, store->system_session_count, sizeof session);
    store->system_sessions[store->system_session_count++] = session;
}
