// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/collection_log.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "em/entity.h"
#include "fetch/part.h"

/* Logs that are read; and those that are asked for if not one of them says anything. */
enum { MOST_LOGS = 12, MOST_SILENT_LOGS = 2 };

/*
 * Younger data needs no spacing: EM's usual one warns at 45 minutes. What is less than that is for
 * snapshots, which are judged later.
 */
static const utc_us young = INT64_C(1800) * UTC_SECOND;

/* ---- the servers that matter ---- */

static void note_server(struct collection_servers *servers, const char *name)
{
    bool known = name == NULL || servers->count == COLLECTION_SERVERS_LIMIT;
    servers->unnamed = servers->unnamed || name == NULL;
    for (size_t i = 0; i < servers->count && !known; i++) {
        known = text_equal_name_nocase(servers->names[i], name);
    }
    if (!known) {
        servers->names[servers->count++] = name;
    }
}

static void find_servers(const struct site *site, struct collection_servers *servers)
{
    servers->count = 0;
    servers->unnamed = false;
    for (size_t i = 0; i < site->policies.count; i++) {
        note_server(servers, site->policies.items[i].backup_server);
    }
    servers->policies = servers->count;
    for (size_t i = 0; i < site->sessions.count; i++) {
        note_server(servers, site->sessions.items[i].backup_server);
    }
    servers->unnamed = servers->unnamed || servers->count == 0;
}

/* Whether one is the other with a domain behind it. */
static bool is_same_host(const char *a, const char *b)
{
    const char *shorter = strlen(a) < strlen(b) ? a : b;
    const char *longer = shorter == a ? b : a;
    const size_t length = strlen(shorter);
    return strchr(shorter, '.') == NULL && longer[length] == '.' &&
           strncasecmp(shorter, longer, length) == 0;
}

/* The name by which others know a server of a log: if it is not this very name, with a domain or
 * without, unless that may be several. */
static const char *known_name(const struct collection_servers *servers, const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; i < servers->count; i++) {
        if (text_equal_name_nocase(servers->names[i], name)) {
            return name;
        }
        if (is_same_host(servers->names[i], name)) {
            if (found != NULL) {
                return name;
            }
            found = servers->names[i];
        }
    }
    return found != NULL ? found : name;
}

/* ---- one log ---- */

/* 1: `events` are those of the log. 0: it can't be had. -1: nothing can. */
static int get_log(struct collection_logs *logs, const char *uuid, const cJSON **events,
                   struct fault *fault)
{
    char target[64 + UUID_SIZE];
    struct fault why = {.kind = FAULT_NONE};
    snprintf(target, sizeof target, "/api/systemSessions/%s/events", uuid);
    if (uuid[0] == '\0') {
        return 0;
    }
    if (em_client_get(logs->client, target, &logs->document, &why) < 0) {
        *fault = part_fault_is_final(why.kind) ? why : *fault;
        return part_fault_is_final(why.kind) ? -1 : 0;
    }
    // There are two lists: Links is the other one.
    return entity_list(json_member(logs->document.root, "Events"), events) == 0 && *events != NULL
               ? 1
               : 0;
}

/* The server of that name, which is added; `entry` is NULL if there are too many of them. */
static int note_logged(struct collection *collection, const char *name,
                       struct collected_server **entry, struct fault *fault)
{
    *entry = NULL;
    if (collection->count >= COLLECTION_SERVERS_LIMIT &&
        collection_find(collection, name) == NULL) {
        return 0;
    }
    *entry = collection_add(collection, name);
    return *entry != NULL ? 0 : fault_no_memory(fault);
}

/* The servers that a log names, and which of them it collected; their times are not set. */
static int read_names(const struct collection_logs *logs, const cJSON *events,
                      struct collection *named, struct fault *fault)
{
    char name[SESSION_TEXT_LIMIT + 1];
    const cJSON *event = NULL;
    cJSON_ArrayForEach(event, events)
    {
        struct collected_server *server = NULL;
        const enum data_collection_event kind =
            decode_event(event, em_client_mask(logs->client), name);
        if (kind == EVENT_OF_NO_SERVER) {
            continue;
        }
        if (note_logged(named, known_name(&logs->servers, name), &server, fault) < 0) {
            return -1;
        }
        if (server != NULL && kind == EVENT_SERVER_COLLECTED) {
            server->collected = true;
        }
    }
    return 0;
}

/* Whether one that matters is named. */
static bool has_known(const struct collection_servers *servers, const struct collection *named)
{
    bool found = false;
    for (size_t i = 0; i < servers->count && !found; i++) {
        found = collection_find(named, servers->names[i]) != NULL;
    }
    return found;
}

static bool has_collected_all(const struct collection *named)
{
    bool all = true;
    for (size_t i = 0; i < named->count && all; i++) {
        all = named->servers[i].collected;
    }
    return all;
}

static int take_names(struct collection *collection, const struct collection *named, utc_us ended,
                      bool is_newest, struct fault *fault)
{
    for (size_t i = 0; i < named->count; i++) {
        const bool done = named->servers[i].collected;
        struct collected_server *server = NULL;
        if (note_logged(collection, named->servers[i].name, &server, fault) < 0) {
            return -1;
        }
        if (server == NULL) {
            continue;
        }
        server->missed = is_newest ? !done : server->missed;
        if (done && !server->collected) {
            server->collected = true;
            server->at = ended;
        }
    }
    return 0;
}

/* Those of policies that the newest log does not name. */
static int mark_missed(struct collection_logs *logs, struct fault *fault)
{
    struct collection *collection = &logs->site->collection;
    for (size_t i = 0; i < logs->servers.policies; i++) {
        const char *name = logs->servers.names[i];
        struct collected_server *server = NULL;
        if (collection_find(collection, name) != NULL) {
            continue;
        }
        if (note_logged(collection, name, &server, fault) < 0) {
            return -1;
        }
        if (server != NULL) {
            server->missed = true;
        }
    }
    return 0;
}

/*
 * A log may name servers by their addresses, say. One that names as many as matter, but none of
 * these, is set aside until it is known how successful collections name them.
 */
static void set_aside(struct collection_logs *logs, const struct collection *named, utc_us ended,
                      bool is_newest)
{
    logs->unmatched = true;
    logs->newest_unmatched = logs->newest_unmatched || is_newest;
    if (has_collected_all(named)) {
        logs->has_complete = true;
        logs->complete = ended;
    }
}

/* 1: the log says something. 0: it does not. -1: a fault. */
static int read_log(struct collection_logs *logs, const struct data_collection *item,
                    struct fault *fault)
{
    struct collection named = {.servers = NULL};
    const cJSON *events = NULL;
    const bool is_newest = logs->asked == 0;
    logs->asked++;
    logs->until = item->ended;
    int result = get_log(logs, item->uuid, &events, fault);
    if (result > 0 && read_names(logs, events, &named, fault) < 0) {
        result = -1;
    }
    if (result > 0) {
        logs->matches = logs->matches || has_known(&logs->servers, &named);
        if (!logs->matches && logs->servers.count > 0 && named.count >= logs->servers.count) {
            set_aside(logs, &named, item->ended, is_newest);
            result = 0;
        } else if (take_names(&logs->site->collection, &named, item->ended, is_newest, fault) < 0 ||
                   (is_newest && mark_missed(logs, fault) < 0)) {
            result = -1;
        }
    }
    collection_free(&named);
    return result;
}

/* ---- all of them ---- */

/* Whether each server that matters was collected in one that was read. */
static bool are_all_collected(const struct collection_logs *logs)
{
    bool all = true;
    for (size_t i = 0; i < logs->servers.count && all; i++) {
        const struct collected_server *entry =
            collection_find(&logs->site->collection, logs->servers.names[i]);
        all = entry != NULL && entry->collected;
    }
    return all;
}

static bool is_enough(const struct collection_logs *logs)
{
    return logs->asked >= MOST_LOGS || logs->has_complete ||
           (logs->had == 0 && logs->asked >= MOST_SILENT_LOGS) ||
           (logs->had > 0 && are_all_collected(logs));
}

/* The newest first; those that have not ended are the last. */
static int compare_ended(const void *left, const void *right)
{
    const utc_us a = ((const struct data_collection *)left)->ended;
    const utc_us b = ((const struct data_collection *)right)->ended;
    return (a < b) - (a > b);
}

static void find_success(struct collection_logs *logs, const struct data_collection *items,
                         size_t count)
{
    for (size_t i = 0; i < count && logs->success[0] == '\0'; i++) {
        if (items[i].state == DATA_COLLECTION_SUCCEEDED && items[i].has_ended) {
            memcpy(logs->success, items[i].uuid, sizeof logs->success);
        }
    }
}

void collection_logs_open(struct collection_logs *logs, struct em_client *client, struct site *site)
{
    *logs = (struct collection_logs){.client = client, .site = site, .until = INT64_MAX};
    find_servers(site, &logs->servers);
}

int collection_logs_read(struct collection_logs *logs, struct data_collection *items, size_t count,
                         struct fault *fault)
{
    const struct collection *collection = &logs->site->collection;
    if (count > 1) {
        qsort(items, count, sizeof *items, compare_ended);
    }
    find_success(logs, items, count);
    for (size_t i = 0; i < count && !is_enough(logs); i++) {
        const struct data_collection *item = &items[i];
        const bool is_newer = !collection->has_succeeded || item->ended > collection->succeeded;
        if (item->state != DATA_COLLECTION_TROUBLED || !item->has_ended || !is_newer ||
            item->ended >= logs->until) {
            continue;
        }
        const int got = read_log(logs, item, fault);
        if (got < 0) {
            return -1;
        }
        logs->had += got > 0 ? 1 : 0;
    }
    return 0;
}

bool collection_logs_need_older(const struct collection_logs *logs, utc_us now)
{
    const struct collection *collection = &logs->site->collection;
    const bool spaced = collection->spacing_s > 0;
    if (logs->has_complete) {
        return logs->success[0] == '\0';
    }
    bool needed = logs->servers.unnamed &&
                  (!collection->has_succeeded || (!spaced && now - collection->succeeded > young));
    for (size_t i = 0; i < logs->servers.count && !needed; i++) {
        utc_us at = 0;
        needed = !collection_of_server(collection, logs->servers.names[i], &at) ||
                 (!spaced && now - at > young);
    }
    return needed;
}

/*
 * A successful collection's log names each server, so it has those that matter if their names are
 * the logs'. 1: it has none of them. 0: it has one, or can't be had. -1: a fault.
 */
static int ask_success(struct collection_logs *logs, struct fault *fault)
{
    struct collection named = {.servers = NULL};
    const cJSON *events = NULL;
    int result = get_log(logs, logs->success, &events, fault);
    if (result > 0 && read_names(logs, events, &named, fault) < 0) {
        result = -1;
    }
    if (result > 0) {
        logs->matches = has_known(&logs->servers, &named);
        result = !logs->matches && named.count > 0 ? 1 : 0;
    }
    collection_free(&named);
    return result;
}

int collection_logs_settle(struct collection_logs *logs, struct fault *fault)
{
    struct collection *collection = &logs->site->collection;
    if (!logs->unmatched) {
        return 0;
    }
    // Without any success for long, the logs are all there is.
    const int strange = logs->matches ? 0 : logs->success[0] != '\0' ? ask_success(logs, fault) : 1;
    if (strange < 0) {
        return -1;
    }
    if (logs->matches) {
        return logs->newest_unmatched ? mark_missed(logs, fault) : 0;
    }
    if (strange > 0 && logs->has_complete) {
        collection->has_succeeded = true;
        collection->succeeded = logs->complete;
    } else {
        lines_add(&logs->site->notices,
                  "the logs of EM's data collections name backup servers that no policy and no "
                  "session has, so they don't say when these were collected");
    }
    return 0;
}

void collection_logs_close(struct collection_logs *logs)
{
    json_free(&logs->document);
}
