// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/intervals.h"

#include <string.h>

#include "emulator/interval_spec.h"
#include "emulator/route.h"
#include "emulator/shapes.h"

#define ALWAYS                                                                                     \
    {                                                                                              \
        .since = INT64_MIN, .until = INT64_MAX                                                     \
    }

const struct journal usual_journal = {
    .lag = 5 * MOMENT_SECOND,
    .type = "RestoreAvailable",
    .long_term = true,
    .consistent = true,
    .consistent_age = -1,
    .window = ALWAYS,
};

/* One answer while it is made. Its moments are by EM's clock, those it shows may be earlier. */
struct telling {
    struct arena *arena;
    const struct wording *wording;
    const struct journal *journal;
    const struct policy *policy;
    const char *vm; // its UID
    moment now;
    moment start;
    moment end;
};

static moment later(moment a, moment b)
{
    return a > b ? a : b;
}

static moment earlier(moment a, moment b)
{
    return a < b ? a : b;
}

static moment span_since(const struct span *span, moment now)
{
    return span->moves ? now - span->ago : span->since;
}

static moment span_until(const struct span *span, moment now)
{
    return span->moves ? now - span->ago + span->length : span->until;
}

static void add_moment(const struct telling *telling, struct node *parent, const char *name,
                       moment when)
{
    const moment shown = when - telling->wording->intervals_earlier;
    node_text(telling->arena, parent, name,
              telling->wording->interval_times_in_utc ? moment_text(telling->arena, shown, 0)
                                                      : moment_bare_text(telling->arena, shown),
              NODE_ELEMENT);
}

/* ---- runs of short-term points ---- */

/* NULL: there the points are as usual. */
static const struct stretch *stretch_at(const struct telling *telling, moment when)
{
    for (size_t i = 0; i < telling->journal->stretch_count; i++) {
        const struct stretch *stretch = &telling->journal->stretches[i];
        if (when >= span_since(&stretch->span, telling->now) &&
            when < span_until(&stretch->span, telling->now)) {
            return stretch;
        }
    }
    return NULL;
}

/* When something may change next, `end` at the latest. */
static moment next_change(const struct telling *telling, moment when, moment end)
{
    for (size_t i = 0; i < telling->journal->stretch_count; i++) {
        const struct span *span = &telling->journal->stretches[i].span;
        const moment changes[] = {span_since(span, telling->now), span_until(span, telling->now)};
        for (size_t side = 0; side < 2; side++) {
            end = changes[side] > when ? earlier(changes[side], end) : end;
        }
    }
    return end;
}

static void add_run(const struct telling *telling, struct node *list, moment start, moment end,
                    const struct stretch *stretch)
{
    const struct journal *journal = telling->journal;
    const struct policy *policy = telling->policy;
    int64_t rpo = policy->rpo_seconds + 60 * policy->rpo_minutes;
    rpo = journal->rpo_seconds > 0 ? journal->rpo_seconds : rpo;
    rpo = stretch != NULL && stretch->rpo_seconds > 0 ? stretch->rpo_seconds : rpo;
    struct node *run = node_object(telling->arena, list, "Interval");
    add_moment(telling, run, "StartDate", start);
    add_moment(telling, run, "EndDate", end);
    shape_number(telling->arena, run, telling->wording, "Rpo", rpo);
    node_text(telling->arena, run, "IntervalType",
              stretch != NULL && stretch->type != NULL ? stretch->type : journal->type,
              NODE_ELEMENT);
}

static void collect_runs(const struct telling *telling, struct node *list)
{
    const moment reach = telling->policy->short_term_hours * 60 * MOMENT_MINUTE;
    const moment end = earlier(telling->end, telling->now - telling->journal->lag);
    moment at = later(telling->start, telling->now - reach);
    while (!telling->journal->none && at < end) {
        const struct stretch *stretch = stretch_at(telling, at);
        moment until = next_change(telling, at, end);
        while (until < end && stretch_at(telling, until) == stretch) {
            until = next_change(telling, until, end);
        }
        if (stretch == NULL || !stretch->none) {
            add_run(telling, list, at, until, stretch);
        }
        at = until;
    }
}

/* ---- long-term points ---- */

/* Adds those of the answer, and tells whether one is application-consistent. */
static bool collect_points(const struct telling *telling, struct node *list)
{
    const struct journal *journal = telling->journal;
    const moment spacing = telling->policy->long_term_hours * 60 * MOMENT_MINUTE;
    if (!journal->long_term || spacing == 0) {
        return false;
    }
    // without an age, they are the same points whenever they are asked for
    const moment newest = journal->consistent_age < 0 ? telling->now - telling->now % spacing
                                                      : telling->now - journal->consistent_age;
    const moment first = later(telling->start, telling->now - LONG_TERM_DAYS * MOMENT_DAY);
    bool has_consistent = false;
    for (moment at = first + ((newest - first) % spacing + spacing) % spacing;
         at <= earlier(telling->end, telling->now); at += spacing) {
        const bool is_consistent = journal->consistent && at <= newest;
        struct node *point = node_object(telling->arena, list, "RestorePoint");
        const char *name =
            arena_format(telling->arena, "point|%s|%lld", telling->vm, (long long)at);
        node_text(telling->arena, point, "Id", store_uuid(telling->arena, name), NODE_ELEMENT);
        add_moment(telling, point, "Date", at);
        shape_truth(telling->arena, point, telling->wording, "IsApplicationConsistent",
                    is_consistent, NODE_ELEMENT);
        has_consistent = has_consistent || is_consistent;
    }
    return has_consistent;
}

/* ---- the answer ---- */

/* Puts what was collected into the answer, in the shape of lists that is played. */
static void add_list(const struct telling *telling, struct node *root, const char *name,
                     const char *item, const struct node *collected)
{
    struct node *list = shape_list(telling->arena, root, telling->wording, name, name, item,
                                   collected->first == NULL);
    if (list != NULL) {
        list->first = collected->first;
        list->last = collected->last;
    }
}

static struct node *represent(const struct telling *telling)
{
    struct arena *arena = telling->arena;
    struct node *runs = node_list(arena, NULL, "Intervals", NODE_BARE);
    struct node *points = node_list(arena, NULL, "RestorePoints", NODE_BARE);
    collect_runs(telling, runs);
    const bool has_consistent = collect_points(telling, points);
    struct node *root = node_object(arena, NULL, "CdpReplicaIntervals");
    add_moment(telling, root, "StartDate", telling->start);
    add_moment(telling, root, "EndDate", telling->end);
    shape_truth(arena, root, telling->wording, "HasApplicationConsistentState", has_consistent,
                NODE_ELEMENT);
    add_list(telling, root, "Intervals", "Interval", runs);
    add_list(telling, root, "RestorePoints", "RestorePoint", points);
    return root;
}

static void add_given_list(struct arena *arena, struct node *root, const struct wording *wording,
                           const cJSON *given, const char *item)
{
    struct node *list = shape_list(arena, root, wording, given->string, given->string, item,
                                   cJSON_GetArraySize(given) == 0);
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, given)
    {
        struct node *node = node_object(arena, list, item);
        const cJSON *member = NULL;
        cJSON_ArrayForEach(member, object)
        {
            node_replace(arena, node, member);
        }
    }
}

/* The answer that the scenario has, to the letter. */
static struct node *represent_given(struct arena *arena, const struct wording *wording,
                                    const cJSON *given)
{
    struct node *root = node_object(arena, NULL, "CdpReplicaIntervals");
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, given)
    {
        if (cJSON_IsArray(member)) {
            add_given_list(arena, root, wording, member,
                           strcmp(member->string, "Intervals") == 0 ? "Interval" : "RestorePoint");
        } else {
            node_replace(arena, root, member);
        }
    }
    return root;
}

/* To a question about the time until just now, that is now, so that what is told does not depend on
 * how long it was on its way.
 */
static moment now_of(const struct request *request, const struct interval_spec *spec)
{
    const bool is_now = spec->end <= request->now && request->now - spec->end < MOMENT_MINUTE;
    return is_now ? spec->end : request->now;
}

void intervals_answer(const struct store *store, const struct request *request, const void *record,
                      struct answer *answer)
{
    const struct replica_vm *vm = record;
    const struct journal *journal = vm->journal;
    struct interval_spec spec = {0};
    if (route_refused(store, request, FEATURE_INTERVALS, answer) ||
        route_fails(request, journal->status, answer) ||
        !interval_spec_read(&store->wording, request, answer, &spec)) {
        return;
    }
    const moment now = now_of(request, &spec);
    const moment since = span_since(&journal->window, now);
    const moment until = span_until(&journal->window, now);
    const struct telling telling = {
        .arena = request->arena,
        .wording = &store->wording,
        .journal = journal,
        .policy = vm->replica->policy,
        .vm = vm->uid,
        .now = now,
        .start = since != INT64_MIN ? since : spec.start,
        .end = until != INT64_MAX ? until : spec.end,
    };
    answer->status = 200;
    answer->root = journal->answer != NULL
                       ? represent_given(request->arena, &store->wording, journal->answer)
                       : represent(&telling);
}
