// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/lag.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "cdp/coverage.h"
#include "cdp/matrix.h"
#include "cdp/pick.h"
#include "cdp/survey.h"
#include "fetch/points.h"
#include "monitoring/state.h"

/*
 * If so many VMs are refused before any was answered, the others are not asked. VMs that look worst
 * come first, and their replicas may be gone, which says nothing of the others.
 */
enum { MOST_FORBIDDEN = 3, MOST_REFUSED = 10 };

/*
 * After so many VMs of a backup server in a row without an answer, its other ones come last; or
 * they are not asked, if these took too long.
 */
enum { MOST_UNANSWERED = 2 };

enum { LEAST_LIMIT_MS = 250 };

/* ---- which VMs ---- */

struct wish {
    size_t place; // of the site's protected VMs
    size_t weight;
    bool deferred; // to the end
};

struct wishes {
    struct wish *items;
    size_t count;
    size_t capacity;
    bool *chosen; // of all protected VMs
};

static void forget(struct wishes *wishes)
{
    free(wishes->items);
    free(wishes->chosen);
}

#define cleanup_wishes __attribute__((cleanup(forget)))

/* The larger, the worse it looks by State, Result and signs, without any option. */
static size_t weigh(const struct target *target, const struct surveyed *surveyed)
{
    struct matrix matrix;
    matrix_init(&matrix);
    int state = surveyed->standing.shows_sign ? STATE_WARNING : STATE_OK;
    const struct task_session *deciding[] = {target->count > 0 ? target->sessions[0] : NULL,
                                             target_last_completed(target)};
    for (size_t i = 0; i < sizeof deciding / sizeof deciding[0]; i++) {
        if (deciding[i] != NULL) {
            state = max_state_alt(state,
                                  matrix_lookup(&matrix, deciding[i]->state, deciding[i]->result));
        }
    }
    size_t place = 0;
    while (states_by_weight[place] != state) {
        place++;
    }
    return STATES - place;
}

static int wish_for(struct wishes *wishes, const struct site *site, const struct survey *survey,
                    const struct target *target, struct fault *fault)
{
    const size_t place =
        target->replica != NULL ? (size_t)(target->replica - site->protected_vms.items) : SIZE_MAX;
    const struct surveyed *surveyed = survey_of(survey, target);
    if (target->replica == NULL || wishes->chosen[place] || surveyed->moved ||
        !standing_wants_points(&surveyed->standing)) {
        return 0;
    }
    if (!vec_reserve(wishes->items, wishes->count, wishes->capacity, 1)) {
        return fault_no_memory(fault);
    }
    wishes->chosen[place] = true;
    wishes->items[wishes->count++] =
        (struct wish){.place = place, .weight = weigh(target, surveyed)};
    return 0;
}

/* The weightiest first; those of the same weight by their names. */
static int compare(const void *left, const void *right)
{
    const struct wish *a = left;
    const struct wish *b = right;
    return a->weight != b->weight ? (a->weight < b->weight) - (a->weight > b->weight)
                                  : (a->place > b->place) - (a->place < b->place);
}

static int choose_of_part(const struct scope *scope, const struct site *site, size_t part,
                          const struct survey *survey, struct wishes *wishes, struct fault *fault)
{
    cleanup_picks struct picks picks = {.items = NULL};
    if (pick_targets(survey->targets, scope, scope_name(scope, part), &picks, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < picks.count; i++) {
        if (wish_for(wishes, site, survey, picks.items[i].target, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Finds the VMs that will be judged. */
static int choose(const struct scope *scope, const struct site *site, utc_us now,
                  struct wishes *wishes, struct fault *fault)
{
    cleanup_targets struct targets targets = {.items = NULL};
    cleanup_survey struct survey survey = {.items = NULL};
    wishes->chosen = calloc(site->protected_vms.count + 1, sizeof *wishes->chosen);
    if (wishes->chosen == NULL) {
        return fault_no_memory(fault);
    }
    if (targets_group(&site->sessions, false, &targets, fault) < 0 ||
        coverage_join(&targets, site, fault) < 0 ||
        survey_make(scope, site, &targets, now, &survey, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < scope_parts(scope); i++) {
        if (site->parts[i].fault.kind == FAULT_NONE &&
            choose_of_part(scope, site, i, &survey, wishes, fault) < 0) {
            return -1;
        }
    }
    if (wishes->count > 1) {
        qsort(wishes->items, wishes->count, sizeof *wishes->items, compare);
    }
    return 0;
}

/* ---- what became of it ---- */

static struct recovery *note(struct site *site, size_t place, const struct fault *why)
{
    struct recovery *recovery = calloc(1, sizeof *recovery);
    if (recovery != NULL && why != NULL) {
        recovery->why = *why;
    }
    site->protected_vms.items[place].recovery = recovery;
    return recovery;
}

/* The intervals are the site's then, or freed. */
static int note_intervals(struct site *site, size_t place, struct intervals *intervals,
                          struct fault *fault)
{
    struct recovery *recovery = note(site, place, NULL);
    if (recovery == NULL) {
        intervals_free(intervals);
        return fault_no_memory(fault);
    }
    recovery->known = true;
    recovery->intervals = *intervals;
    return 0;
}

/* ---- whom to ask yet ---- */

/* How EM fares with the VMs of a backup server. */
struct server {
    const char *name;
    size_t unanswered; // VMs in a row
    struct fault last; // of them
};

struct lag {
    struct asking *asking;
    struct points_query query;
    struct server *servers;
    size_t server_count;
    size_t server_capacity;
    size_t forbidden, refusals; // VMs, before any was answered
    struct fault refused;       // why no VM is asked any more, if so
    bool lost_one;              // the connection, at the last VM
};

static void lag_free(struct lag *lag)
{
    free(lag->servers);
}

#define cleanup_lag __attribute__((cleanup(lag_free)))

/* NULL: memory is short. */
static struct server *server_of(struct lag *lag, const struct protected_vm *vm)
{
    const char *name = vm->backup_server != NULL ? vm->backup_server : "";
    for (size_t i = 0; i < lag->server_count; i++) {
        if (text_equal_name_nocase(lag->servers[i].name, name)) {
            return &lag->servers[i];
        }
    }
    if (!vec_reserve(lag->servers, lag->server_count, lag->server_capacity, 1)) {
        return NULL;
    }
    lag->servers[lag->server_count] = (struct server){.name = name};
    return &lag->servers[lag->server_count++];
}

static void tell_no_time(struct fault *why)
{
    fault_set(why, FAULT_TIMEOUT, "no time was left; try a longer --timeout");
}

/* Why it would be in vain to ask for this VM; FAULT_NONE: it is not. */
static void find_vain(const struct lag *lag, const struct server *server, struct fault *why)
{
    if (lag->asking->lost.kind != FAULT_NONE) {
        *why = lag->asking->lost;
    } else if (em_client_time_left(lag->query.client) <= 0) {
        tell_no_time(why);
    } else if (lag->refused.kind != FAULT_NONE) {
        *why = lag->refused;
    } else if (server->unanswered >= MOST_UNANSWERED && server->last.kind == FAULT_TIMEOUT) {
        *why = server->last;
    }
}

/* That one VM takes too long, or its backup server is away, may be so of the server's others. */
static void learn_of_delay(const struct lag *lag, struct server *server, struct fault *why)
{
    if (why->kind == FAULT_TIMEOUT && em_client_time_left(lag->query.client) <= 0) {
        tell_no_time(why);
        return;
    }
    server->unanswered++;
    server->last = *why;
    if (why->kind == FAULT_TIMEOUT) {
        fault_set(why, FAULT_TIMEOUT, "EM took too long to answer");
        fault_set(&server->last, FAULT_TIMEOUT,
                  "not asked: EM took too long for other VMs of its backup server");
    }
}

static void learn_of_refusal(struct lag *lag, struct fault *why)
{
    const struct fault cause = *why;
    lag->forbidden += cause.kind == FAULT_FORBIDDEN ? 1 : 0;
    lag->refusals++;
    if (!lag->query.answered &&
        (lag->forbidden == MOST_FORBIDDEN || lag->refusals == MOST_REFUSED)) {
        fault_set(&lag->refused, cause.kind, "not asked: EM refused %zu others: %s", lag->refusals,
                  cause.text);
    }
    if (cause.kind == FAULT_NOT_FOUND) {
        fault_set(why, cause.kind, "%s; its replica may be gone, or this EM has no intervals",
                  cause.text);
    }
}

/* What follows from a fault for the next VMs. -1: it ends the run. */
static int learn(struct lag *lag, struct server *server, struct fault *why, struct fault *fault)
{
    const bool was_lost = lag->lost_one;
    lag->lost_one = why->kind == FAULT_UNREACHABLE;
    switch (why->kind) {
    case FAULT_TERMINATED:
    case FAULT_INTERNAL:
        *fault = *why;
        return -1;
    case FAULT_TIMEOUT:
    case FAULT_SERVER:
        learn_of_delay(lag, server, why);
        break;
    case FAULT_UNREACHABLE: // one answer may be lost
        lag->asking->lost = was_lost ? *why : lag->asking->lost;
        break;
    case FAULT_TLS:
    case FAULT_LOGON:
        lag->asking->lost = *why;
        break;
    case FAULT_NONE:
    case FAULT_USAGE:
    case FAULT_FORBIDDEN:
    case FAULT_NOT_FOUND:
    case FAULT_PROTOCOL:
        learn_of_refusal(lag, why);
        break;
    }
    return 0;
}

/* ---- all of them ---- */

/* If others follow, one VM has no more than half of the time that is left. */
static int64_t limit_of(const struct lag *lag, bool is_last)
{
    const int64_t left_ms = em_client_time_left(lag->query.client);
    const int64_t half_ms = left_ms / 2 > LEAST_LIMIT_MS ? left_ms / 2 : LEAST_LIMIT_MS;
    return is_last ? left_ms : half_ms;
}

static int ask_for(struct lag *lag, size_t place, bool is_last, struct fault *fault)
{
    struct site *site = lag->asking->site;
    const struct protected_vm *vm = &site->protected_vms.items[place];
    struct server *server = server_of(lag, vm);
    struct fault why = {.kind = FAULT_NONE};
    struct intervals intervals = {.items = NULL};
    if (server == NULL) {
        return fault_no_memory(fault);
    }
    find_vain(lag, server, &why);
    if (why.kind == FAULT_NONE) {
        if (points_read(&lag->query, vm->replica, limit_of(lag, is_last), &intervals, &why) == 0) {
            server->unanswered = 0;
            lag->lost_one = false;
            return note_intervals(site, place, &intervals, fault);
        }
        intervals_free(&intervals);
        if (learn(lag, server, &why, fault) < 0) {
            return -1;
        }
    }
    return note(site, place, &why) != NULL ? 0 : fault_no_memory(fault);
}

/* Whether the VMs of other backup servers are to come first. 1, 0, or -1 if memory is short. */
static int defers(struct lag *lag, size_t place, struct fault *fault)
{
    const struct server *server = server_of(lag, &lag->asking->site->protected_vms.items[place]);
    return server == NULL ? fault_no_memory(fault) : server->unanswered >= MOST_UNANSWERED;
}

static int ask_for_all(struct lag *lag, struct wishes *wishes, struct fault *fault)
{
    size_t deferred = 0;
    for (size_t i = 0; i < wishes->count; i++) {
        struct wish *wish = &wishes->items[i];
        const int is_deferred = defers(lag, wish->place, fault);
        wish->deferred = is_deferred > 0;
        deferred += wish->deferred ? 1 : 0;
        const bool is_last = i + 1 == wishes->count && deferred == 0;
        if (is_deferred < 0 || (!wish->deferred && ask_for(lag, wish->place, is_last, fault) < 0)) {
            return -1;
        }
    }
    for (size_t i = 0; i < wishes->count; i++) {
        const struct wish *wish = &wishes->items[i];
        deferred -= wish->deferred ? 1 : 0;
        if (wish->deferred && ask_for(lag, wish->place, deferred == 0, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* What is asked of the time from `since` before `now` on. */
static struct lag begin(struct asking *asking, utc_us now, utc_us since, utc_us window)
{
    const utc_us end = now / UTC_SECOND * UTC_SECOND;
    return (struct lag){
        .asking = asking,
        .query = {.client = asking->client, .start = end - since, .end = end, .window = window}};
}

int lag_fetch_one(struct asking *asking, size_t place, utc_us window, bool *as_json,
                  struct fault *fault)
{
    cleanup_lag struct lag lag = begin(asking, part_now(asking), window, window);
    const int result = ask_for(&lag, place, true, fault);
    *as_json = lag.query.as_json;
    return result;
}

int lag_fetch(struct asking *asking, struct fault *fault)
{
    const struct scope *scope = asking->scope;
    cleanup_wishes struct wishes wishes = {.items = NULL};
    if (!scope->points) {
        return 0;
    }
    const utc_us now = part_now(asking);
    cleanup_lag struct lag lag = begin(asking, now, (utc_us)scope->points_since_s * UTC_SECOND,
                                       (utc_us)scope->window_s * UTC_SECOND);
    return choose(scope, asking->site, now, &wishes, fault) < 0 ? -1
                                                                : ask_for_all(&lag, &wishes, fault);
}

int lag_forgo(const struct scope *scope, struct site *site, utc_us now, const struct fault *why,
              struct fault *fault)
{
    cleanup_wishes struct wishes wishes = {.items = NULL};
    if (choose(scope, site, now, &wishes, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < wishes.count; i++) {
        if (note(site, wishes.items[i].place, why) == NULL) {
            return fault_no_memory(fault);
        }
    }
    return 0;
}
