// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/system_sessions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MINUTE (60 * MOMENT_SECOND)
#define HOUR (60 * MINUTE)
#define SPAN (31 * MOMENT_DAY)

/* What EM does besides; none of it collects data that CDP sessions are in. */
static const struct {
    const char *type;
    moment every;
    moment after; // the newest data collection that the scenario starts with
    moment takes;
} others[] = {
    {"HistoryCollectJob", HOUR, 3 * MINUTE, 20 * MOMENT_SECOND},
    {"CatalogReplicationJob", 12 * HOUR, -40 * MINUTE, 15 * MOMENT_SECOND},
    {"SecurityScopesRebuild", MOMENT_DAY, -2 * HOUR, 90 * MOMENT_SECOND},
    {"LicAutoUpdate", MOMENT_DAY, -5 * HOUR, 2 * MOMENT_SECOND},
    {"DatabaseMaintenance", 7 * MOMENT_DAY, -30 * HOUR, 10 * MINUTE},
};

/* What is being made. */
struct making {
    struct arena *arena;
    const struct store *store;
    moment now;
    struct system_session **sessions;
    size_t count;
};

const char *system_session_name(struct arena *arena, const char *type, moment created)
{
    char *words = arena_take(arena, 2 * strlen(type) + 1);
    size_t length = 0;
    for (const char *at = type; *at != '\0'; at++) {
        if (at > type && isupper((unsigned char)*at)) {
            words[length++] = ' ';
        }
        words[length++] = *at;
    }
    const long long fraction = ((created % MOMENT_SECOND) + MOMENT_SECOND) % MOMENT_SECOND;
    return arena_format(arena, "%s @%s.%06lld", words, moment_name(arena, created), fraction);
}

static const struct period *period_at(const struct collecting *collecting, moment when)
{
    for (size_t i = 0; i < collecting->period_count; i++) {
        const struct period *period = &collecting->periods[i];
        if (period->since <= when && when < period->until) {
            return period;
        }
    }
    return NULL;
}

static void add(struct making *making, const char *type, moment created, moment takes,
                const struct period *period)
{
    struct arena *arena = making->arena;
    if (period != NULL && period->takes >= 0) {
        takes = period->takes;
    }
    struct system_session *session = arena_take(arena, sizeof *session);
    session->type = type;
    session->created = created;
    session->ended = created + takes;
    session->has_ended = session->ended <= making->now;
    session->name = system_session_name(arena, type, created);
    session->uid =
        store_uuid(arena, arena_format(arena, "system|%s|%lld", type, (long long)created));
    session->message = "";
    session->state = session->has_ended ? SYSTEM_SUCCESS : SYSTEM_IN_PROGRESS;
    if (period != NULL) {
        session->misses = period->misses;
        session->missed_event = period->missed_event;
        session->state = session->has_ended ? period->state : SYSTEM_IN_PROGRESS;
        session->message = session->has_ended ? period->message : "";
    }
    making->sessions[making->count++] = session;
}

/* Those of one job, every so often before and after `anchor`. */
static void add_job(struct making *making, const char *type, moment every, moment anchor,
                    moment takes)
{
    const bool collects = strcmp(type, "CollectJob") == 0;
    const moment newest = anchor + (making->now - anchor) / every * every;
    for (moment created = newest + every; created > making->now - SPAN; created -= every) {
        const struct period *period =
            collects ? period_at(&making->store->collecting, created) : NULL;
        if (created <= making->now && (period == NULL || !period->none)) {
            add(making, type, created, takes, period);
        }
    }
}

static int compare_uids(const void *a, const void *b)
{
    return strcasecmp((*(const struct system_session *const *)a)->uid,
                      (*(const struct system_session *const *)b)->uid);
}

struct system_session **system_sessions_at(struct arena *arena, const struct store *store,
                                           moment now, size_t *count)
{
    const struct collecting *collecting = &store->collecting;
    size_t most = store->system_session_count + 1;
    most += collecting->every > 0 ? (size_t)(SPAN / collecting->every) + 2 : 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        most += (size_t)(SPAN / others[i].every) + 2;
    }
    struct making making = {.arena = arena, .store = store, .now = now};
    making.sessions = arena_take(arena, most * sizeof *making.sessions);
    for (size_t i = 0; i < store->system_session_count; i++) {
        making.sessions[making.count++] = store->system_sessions[i];
    }
    if (collecting->every > 0) {
        add_job(&making, "CollectJob", collecting->every, collecting->newest, collecting->takes);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0] && collecting->others; i++) {
        add_job(&making, others[i].type, others[i].every, collecting->newest + others[i].after,
                others[i].takes);
    }
    qsort(making.sessions, making.count, sizeof *making.sessions, compare_uids);
    *count = making.count;
    return making.sessions;
}
