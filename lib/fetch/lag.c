// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/lag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "cdp/coverage.h"
#include "cdp/matrix.h"
#include "cdp/pick.h"
#include "cdp/survey.h"
#include "em/json.h"
#include "fetch/decode_intervals.h"
#include "monitoring/state.h"

/* If so many VMs in a row are refused and none was answered, the others are not asked. */
enum { MOST_REFUSALS = 3 };

/* If so many VMs of a backup server take too long, its other ones are not asked. */
enum { MOST_SLOW = 2 };

enum { LEAST_LIMIT_MS = 250, BODY_LIMIT = 1024 };

/* Of all VMs together: some 64 MiB. */
enum { INTERVALS_OF_ALL_LIMIT = 16 * INTERVALS_LIMIT };

/* ---- which VMs ---- */

struct wish {
    size_t place; // of the site's protected VMs
    size_t weight;
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
    if (target->replica == NULL || wishes->chosen[place]) {
        return 0;
    }
    if (!vec_reserve(wishes->items, wishes->count, wishes->capacity, 1)) {
        return fault_no_memory(fault);
    }
    wishes->chosen[place] = true;
    wishes->items[wishes->count++] = (struct wish){place, weigh(target, survey_of(survey, target))};
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

/* ---- one VM ---- */

struct lag {
    struct asking *asking;
    utc_us start, end; // the window
    bool as_json;      // EM takes no XML
    bool answered;     // EM has told of a VM
    size_t intervals;  // that are kept
    size_t refusals;
    struct fault refused;    // why no VM is asked any more, if so
    const char *slow_server; // the backup server of VMs that took too long
    size_t slow;             // of them
    struct fault too_slow;
};

/* In the order of the documents; EM takes both dates or none. */
static bool write_body(const struct lag *lag, struct buf *body)
{
    buf_text(body, lag->as_json ? "{\"StartDate\":\""
                                : "<?xml version=\"1.0\" encoding=\"utf-8\"?><CdpIntervalsSpec "
                                  "xmlns=\"http://www.veeam.com/ent/v1.0\"><StartDate>");
    utc_append_iso(body, lag->start);
    buf_text(body, lag->as_json ? "\",\"EndDate\":\"" : "</StartDate><EndDate>");
    utc_append_iso(body, lag->end);
    buf_text(body, lag->as_json ? "\"}" : "</EndDate></CdpIntervalsSpec>");
    return body->failure == BUF_FINE;
}

/* One VM has no more than half of the time that is left, so that others get an answer. */
static int post(const struct lag *lag, const char *replica, struct json_document *answer,
                struct fault *fault)
{
    char target[160];
    cleanup_buf struct buf body;
    buf_init(&body, BODY_LIMIT);
    snprintf(target, sizeof target, "/api/cdpReplicas/%s?action=intervals", replica);
    if (!write_body(lag, &body)) {
        return fault_no_memory(fault);
    }
    const int64_t half_ms = em_client_time_left(lag->asking->client) / 2;
    const struct em_body sent = {.text = buf_string(&body),
                                 .type = lag->as_json ? "application/json" : "application/xml",
                                 .limit_ms = half_ms > LEAST_LIMIT_MS ? half_ms : LEAST_LIMIT_MS};
    return em_client_post(lag->asking->client, target, &sent, answer, fault);
}

static int read_intervals(struct lag *lag, const char *replica, struct intervals *intervals,
                          struct fault *fault)
{
    cleanup_json struct json_document answer = {.root = NULL};
    int result = post(lag, replica, &answer, fault);
    if (result < 0 && !lag->as_json && !lag->answered &&
        em_client_disliked_body(lag->asking->client)) {
        struct fault why = {.kind = FAULT_NONE};
        lag->as_json = true;
        result = post(lag, replica, &answer, &why);
        // What EM dislikes in both forms is not the form.
        lag->as_json = result == 0 || !em_client_disliked_body(lag->asking->client);
        if (result < 0 && lag->as_json) {
            *fault = why;
        }
    }
    *intervals = (struct intervals){.start = lag->start, .end = lag->end};
    if (result < 0 ||
        decode_intervals(answer.root, em_client_mask(lag->asking->client), intervals, fault) < 0) {
        return -1;
    }
    lag->intervals += intervals->count;
    return lag->intervals <= INTERVALS_OF_ALL_LIMIT
               ? 0
               : fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d intervals of all VMs",
                           INTERVALS_OF_ALL_LIMIT);
}

static struct recovery *note(struct site *site, size_t place, const struct fault *why)
{
    struct recovery *recovery = calloc(1, sizeof *recovery);
    if (recovery != NULL && why != NULL) {
        recovery->why = *why;
    }
    site->protected_vms.items[place].recovery = recovery;
    return recovery;
}

/* ---- all of them ---- */

static bool is_slow(const struct lag *lag, const char *server)
{
    return lag->slow >= MOST_SLOW && server != NULL && lag->slow_server != NULL &&
           text_equal_name_nocase(server, lag->slow_server);
}

static void tell_no_time(struct fault *why)
{
    fault_set(why, FAULT_TIMEOUT, "no time was left");
}

/* Why it would be in vain to ask for this VM; FAULT_NONE: it is not. */
static void find_vain(const struct lag *lag, const struct protected_vm *vm, struct fault *why)
{
    if (lag->asking->lost.kind != FAULT_NONE) {
        *why = lag->asking->lost;
    } else if (em_client_time_left(lag->asking->client) <= 0) {
        tell_no_time(why);
    } else if (lag->refused.kind != FAULT_NONE) {
        *why = lag->refused;
    } else if (is_slow(lag, vm->backup_server)) {
        *why = lag->too_slow;
    }
}

static void count_slow(struct lag *lag, const struct protected_vm *vm, struct fault *why)
{
    const char *server = vm->backup_server;
    const bool is_same = server != NULL && lag->slow_server != NULL &&
                         text_equal_name_nocase(server, lag->slow_server);
    fault_set(why, FAULT_TIMEOUT, "EM took too long to answer");
    lag->slow = is_same ? lag->slow + 1 : 1;
    lag->slow_server = server;
    lag->too_slow = *why;
}

/* The VM that was being asked for as the run's time ended is no slower than those that follow. */
static void learn_of_delay(struct lag *lag, const struct protected_vm *vm, struct fault *why)
{
    if (em_client_time_left(lag->asking->client) > 0) {
        count_slow(lag, vm, why);
    } else {
        tell_no_time(why);
    }
}

/* What follows from it for the next VMs. -1: a fault that ends the run. */
static int learn(struct lag *lag, const struct protected_vm *vm, struct fault *why,
                 struct fault *fault)
{
    if (why->kind == FAULT_TERMINATED || why->kind == FAULT_INTERNAL) {
        *fault = *why;
        return -1;
    }
    if (why->kind == FAULT_NOT_FOUND) {
        const struct fault cause = *why;
        fault_set(why, cause.kind, "%s; its replica may be gone, or this EM tells no intervals",
                  cause.text);
    }
    if (why->kind == FAULT_TIMEOUT) {
        learn_of_delay(lag, vm, why);
    } else if (part_fault_is_final(why->kind)) {
        lag->asking->lost = *why;
    } else if (!lag->answered && em_client_refused(lag->asking->client) &&
               ++lag->refusals == MOST_REFUSALS) {
        lag->refused = *why;
    }
    return 0;
}

static int ask_for(struct lag *lag, size_t place, struct fault *fault)
{
    struct site *site = lag->asking->site;
    const struct protected_vm *vm = &site->protected_vms.items[place];
    struct fault why = {.kind = FAULT_NONE};
    struct intervals intervals = {.items = NULL};
    find_vain(lag, vm, &why);
    const bool asks = why.kind == FAULT_NONE;
    if (asks && read_intervals(lag, vm->replica, &intervals, &why) == 0) {
        lag->answered = true;
        struct recovery *recovery = note(site, place, NULL);
        if (recovery == NULL) {
            intervals_free(&intervals);
            return fault_no_memory(fault);
        }
        recovery->known = true;
        recovery->intervals = intervals;
        return 0;
    }
    intervals_free(&intervals);
    if (asks && learn(lag, vm, &why, fault) < 0) {
        return -1;
    }
    return note(site, place, &why) != NULL ? 0 : fault_no_memory(fault);
}

/* What is asked of the time from `window` before `now` on. */
static struct lag begin(struct asking *asking, utc_us now, utc_us window)
{
    const utc_us end = now / UTC_SECOND * UTC_SECOND;
    return (struct lag){.asking = asking, .start = end - window, .end = end};
}

int lag_fetch_one(struct asking *asking, size_t place, utc_us window, bool *as_json,
                  struct fault *fault)
{
    struct lag lag = begin(asking, part_now(asking), window);
    const int result = ask_for(&lag, place, fault);
    *as_json = lag.as_json;
    return result;
}

int lag_fetch(struct asking *asking, struct fault *fault)
{
    cleanup_wishes struct wishes wishes = {.items = NULL};
    if (!asking->scope->points) {
        return 0;
    }
    const utc_us now = part_now(asking);
    struct lag lag = begin(asking, now, (utc_us)asking->scope->window_s * UTC_SECOND);
    if (choose(asking->scope, asking->site, now, &wishes, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < wishes.count; i++) {
        if (ask_for(&lag, wishes.items[i].place, fault) < 0) {
            return -1;
        }
    }
    return 0;
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
