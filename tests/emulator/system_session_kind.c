// SPDX-License-Identifier: GPL-3.0-or-later
/* How EM shows its system sessions, and the log of one. */
#include <string.h>

#include "emulator/representation.h"
#include "emulator/system_sessions.h"

static const struct system_session *system_session(const void *record)
{
    return record;
}

static const char *session_uid(const void *record)
{
    return system_session(record)->uid;
}

static const char *session_name(const void *record)
{
    return system_session(record)->name;
}

static struct overrides session_overrides(const void *record)
{
    return system_session(record)->overrides;
}

static void session_links(struct arena *arena, struct node *links, const struct wording *wording,
                          const void *record)
{
    represent_link(arena, links, "Down",
                   represent_href(arena, wording, &system_session_kind, record, "/events"),
                   "Events", "SystemSessionEvents");
}

static void session_members(struct arena *arena, struct node *entity, const struct wording *wording,
                            const void *record)
{
    const struct system_session *session = record;
    const bool runs = session->state == SYSTEM_IN_PROGRESS;
    const char *state = system_state_names[session->state];
    node_text(arena, entity, "SessionType", session->type, NODE_ELEMENT);
    represent_moment(arena, entity, wording, "CreationTimeUTC", session->created);
    represent_end(arena, entity, wording, session->has_ended, session->ended);
    node_text(arena, entity, "State", state, NODE_ELEMENT);
    struct node *result = node_object(arena, entity, "Result");
    node_text(arena, result, "Result", runs ? "None" : state, NODE_ELEMENT);
    node_text(arena, result, "Message", session->message, NODE_ELEMENT);
    node_truth(arena, result, "IsCanceled", session->is_canceled, NODE_ELEMENT);
}

const struct resource_kind system_session_kind = {
    .type = "SystemSession",
    .collection = "systemSessions",
    .container = "SystemSessions",
    .list = "Sessions",
    .element = "Sessions",
    .root = "SystemSession",
    .uid = session_uid,
    .name = session_name,
    .links = session_links,
    .members = session_members,
    .overrides = session_overrides,
};

/* ---- its log ---- */

struct log {
    struct arena *arena;
    struct node *list;
    int64_t count;
};

/* Here times have no Z. */
static void add_event(struct log *log, moment when, const char *message)
{
    struct node *event = node_object(log->arena, log->list, "Events");
    char *text = moment_text(log->arena, when, 6);
    text[strlen(text) - 1] = '\0';
    node_text(log->arena, event, "CreationTimeUTC", text, NODE_ELEMENT);
    node_text(log->arena, event, "Message", message, NODE_ELEMENT);
    node_number(log->arena, event, "Order", ++log->count, NODE_ELEMENT);
}

static bool is_missed(const struct system_session *session, const char *server)
{
    const cJSON *name = NULL;
    cJSON_ArrayForEach(name, session->misses)
    {
        if (cJSON_IsString(name) && strcmp(name->valuestring, server) == 0) {
            return true;
        }
    }
    return false;
}

static void add_server(struct log *log, const struct system_session *session, const char *server)
{
    struct arena *arena = log->arena;
    const moment start = session->created + 46 * MOMENT_SECOND / 1000;
    add_event(log, start, arena_format(arena, "Preparing to collect data from %s", server));
    add_event(log, start, arena_format(arena, "Retrieving data from %s...", server));
    if (!session->has_ended) {
        return;
    }
    const moment end = session->ended - 190 * MOMENT_SECOND / 1000;
    if (!is_missed(session, server)) {
        add_event(log, end,
                  arena_format(arena, "Data collection from %s completed successfully.", server));
    } else if (session->missed_event != NULL) {
        add_event(log, end, session->missed_event);
    }
}

/* The words of a data collection of EM 13. */
static void add_collection(struct log *log, const struct store *store,
                           const struct system_session *session)
{
    add_event(log, session->created, "Starting data collection job...");
    add_event(log, session->created, "Job successfully started.");
    add_event(log, session->created, "Checking deleted backup servers removal");
    for (size_t i = 0; i < store->server_count; i++) {
        add_server(log, session, store->servers[i]->name);
    }
    if (session->has_ended) {
        add_event(log, session->ended, "Data collection job finished.");
    }
}

struct node *system_session_events(struct arena *arena, const struct store *store,
                                   const void *record)
{
    const struct system_session *session = record;
    const struct wording *wording = &store->wording;
    struct node *root = node_object(arena, NULL, "SystemSessionEvents");
    struct node *links = node_list(arena, root, "Links", NODE_ELEMENT);
    represent_link_to(arena, links, wording, "Up", &system_session_kind, record);
    struct log log = {.arena = arena, .list = node_list(arena, root, "Events", NODE_BARE)};
    const cJSON *message = NULL;
    cJSON_ArrayForEach(message, session->events)
    {
        add_event(&log, session->created, cJSON_IsString(message) ? message->valuestring : "");
    }
    if (session->events == NULL && strcmp(session->type, "CollectJob") == 0) {
        add_collection(&log, store, session);
    } else if (session->events == NULL) {
        add_event(&log, session->created, "Job successfully started.");
    }
    node_text(arena, root, "Href",
              represent_href(arena, wording, &system_session_kind, record, "/events"),
              NODE_ATTRIBUTE);
    node_text(arena, root, "Type", "SystemSessionEvents", NODE_ATTRIBUTE);
    return root;
}
