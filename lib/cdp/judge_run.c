// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/judge_run.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/set.h"
#include "base/text.h"
#include "base/vec.h"
#include "monitoring/range.h"

/* How far clocks may be apart before spans between the two mean little. */
static const utc_us tolerated_offset = 300 * UTC_SECOND;

void judge_run_add(struct verdict *verdict, const struct finding *finding)
{
    assert(verdict->finding_count < RUN_FINDINGS);
    verdict->findings[verdict->finding_count++] = *finding;
}

static void add_if(struct verdict *verdict, bool found, enum finding_kind kind)
{
    if (found) {
        judge_run_add(verdict, &(struct finding){.kind = kind});
    }
}

/* ---- backup servers ---- */

/* The verdict's servers by their names, which have no case. */
struct counting {
    struct verdict *verdict;
    struct set places; // from 1
    bool no_memory;
};

/* NULL: the name is not known, or memory is short. */
static struct server_verdict *find_server(struct counting *counting, const char *name)
{
    struct verdict *verdict = counting->verdict;
    uint32_t *place = name != NULL ? set_add(&counting->places, hash_nocase(name)) : NULL;
    if (place == NULL) {
        counting->no_memory = counting->no_memory || name != NULL;
        return NULL;
    }
    if (*place == 0) {
        if (!vec_reserve(verdict->servers, verdict->server_count, verdict->server_capacity, 1)) {
            counting->no_memory = true;
            return NULL;
        }
        verdict->servers[verdict->server_count++] = (struct server_verdict){.name = name};
        *place = (uint32_t)verdict->server_count;
    }
    return &verdict->servers[*place - 1];
}

/* A VM of a disabled policy, or of none any more, is not expected to run. */
static void count_target(struct counting *counting, const struct target *target,
                         const struct surveyed *surveyed)
{
    struct server_verdict *server = find_server(counting, target->backup_server);
    const struct standing *standing = &surveyed->standing;
    const bool disabled =
        surveyed->policy != NULL && surveyed->policy->has_enabled && !surveyed->policy->enabled;
    if (server != NULL && target->count > 0 && !target->unplaced && !disabled && !standing->left &&
        !surveyed->moved) {
        server->vms++;
        server->running += target_runs(target) ? 1 : 0;
    }
}

static void count_servers(struct counting *counting, const struct survey *survey)
{
    struct verdict *verdict = counting->verdict;
    const struct policies *policies = &verdict->site.policies;
    for (size_t i = 0; i < survey->targets->count; i++) {
        count_target(counting, &survey->targets->items[i], &survey->items[i]);
    }
    for (size_t i = 0; i < policies->count; i++) {
        find_server(counting, policies->items[i].backup_server);
    }
    for (size_t i = 0; i < verdict->vm_count; i++) {
        struct server_verdict *server = find_server(counting, verdict->vms[i].backup_server);
        if (server != NULL) {
            server->judged = true;
        }
    }
    for (size_t i = 0; verdict->servers != NULL && i < verdict->server_count; i++) {
        const struct collected_server *collected =
            collection_find(&verdict->site.collection, verdict->servers[i].name);
        verdict->servers[i].missed = collected != NULL && collected->missed;
    }
}

int judge_run_servers(struct verdict *verdict, const struct survey *survey, struct fault *fault)
{
    struct counting counting = {.verdict = verdict};
    count_servers(&counting, survey);
    set_free(&counting.places);
    return counting.no_memory ? fault_no_memory(fault) : 0;
}

/* Task sessions that were asked for by names, or of policies, show less than all of a server. */
static bool stands_still(const struct verdict *verdict)
{
    bool found = false;
    for (size_t i = 0; i < verdict->server_count && !found; i++) {
        const struct server_verdict *server = &verdict->servers[i];
        found = server->vms >= STANDSTILL_VMS && server->running == 0;
    }
    return found && verdict->scope->kind == SCOPE_ALL;
}

/* ---- how old EM's data is ---- */

/* When EM collected last from the servers that count. */
struct freshness {
    bool counts;    // one of them was looked at
    bool known;     // of one at least
    bool unknown;   // of one at least
    utc_us at;      // the oldest
    const char *of; // that server; NULL: one that is not known
};

static void look_at_server(struct freshness *freshness, const struct collection *collection,
                           const char *server)
{
    utc_us at = 0;
    freshness->counts = true;
    if (!collection_of_server(collection, server, &at)) {
        freshness->unknown = true;
    } else if (!freshness->known || at < freshness->at) {
        freshness->known = true;
        freshness->at = at;
        freshness->of = server;
    }
}

/* Those of VMs that are judged; of EM itself, those of policies; without any, all of them. */
static struct freshness find_freshness(const struct verdict *verdict)
{
    const struct site *site = &verdict->site;
    const bool of_em = verdict->scope->kind == SCOPE_EM;
    struct freshness freshness = {.counts = false};
    for (size_t i = 0; i < verdict->server_count; i++) {
        if (of_em || verdict->servers[i].judged) { // EM's are those of policies
            look_at_server(&freshness, &site->collection, verdict->servers[i].name);
        }
    }
    bool unnamed = false;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        unnamed = unnamed ||
                  (verdict->vms[i].backup_server == NULL && vm_fault(&verdict->vms[i]) == NULL);
    }
    if (unnamed || !freshness.counts) {
        look_at_server(&freshness, &site->collection, NULL);
    }
    return freshness;
}

static double whole_seconds(double seconds)
{
    return (double)(int64_t)seconds;
}

/* 45 minutes are three collections as EM makes them by default. NULL: memory is short. */
static const struct threshold *default_warning(struct verdict *verdict)
{
    static const double usual_s = 45 * 60;
    const double spacing_s = verdict->site.collection.spacing_s;
    const double limit_s = whole_seconds(3 * spacing_s > usual_s ? 3 * spacing_s : usual_s);
    cleanup_buf struct buf text;
    buf_init(&text, sizeof verdict->data_age_text - 1);
    utc_append_span(&text, (utc_us)(limit_s * (double)UTC_SECOND));
    if (text.failure != BUF_FINE) {
        return NULL;
    }
    memcpy(verdict->data_age_text, buf_string(&text), text.length + 1);
    verdict->data_age_range = (range){.end = limit_s, .alert_on = OUTSIDE};
    verdict->data_age_warning =
        (struct threshold){.range = &verdict->data_age_range, .text = verdict->data_age_text};
    return &verdict->data_age_warning;
}

static int measure_data_age(struct verdict *verdict, const struct rules *rules,
                            const struct freshness *freshness, struct fault *fault)
{
    struct measure *measure = &verdict->measures[METRIC_DATA_AGE];
    const utc_us age = verdict->now - freshness->at;
    if (verdict->site.answers[SITE_COLLECTION].knowledge == SITE_TOLD && freshness->known) {
        measure->known = true;
        measure->value = age > 0 ? (double)age / (double)UTC_SECOND : 0;
    }
    if (!verdict->scope->data_age) {
        return 0;
    }
    measure->critical = threshold_given(&rules->critical[METRIC_DATA_AGE]);
    measure->warning = threshold_given(&rules->warning[METRIC_DATA_AGE]);
    measure->warning = measure->warning != NULL ? measure->warning : default_warning(verdict);
    return measure->warning != NULL ? 0 : fault_no_memory(fault);
}

/*
 * That EM shows no collection is a warning, and if that is turned off for the sake of a critical
 * range, not known. It is no fault of EM if EM did not answer at all. That it failed to answer is a
 * warning of EM itself, as nobody else may watch how old its data is.
 */
static void find_unknown_age(struct verdict *verdict, const struct rules *rules,
                             const struct freshness *freshness)
{
    const struct measure *measure = &verdict->measures[METRIC_DATA_AGE];
    const bool given = threshold_given(&rules->warning[METRIC_DATA_AGE]) != NULL ||
                       threshold_given(&rules->critical[METRIC_DATA_AGE]) != NULL;
    const bool answered =
        verdict->fault == NULL || finding_fault_kind(verdict->fault) == FAULT_NOT_FOUND;
    const enum site_knowledge knowledge = verdict->site.answers[SITE_COLLECTION].knowledge;
    const bool failed_em = verdict->scope->kind == SCOPE_EM && knowledge == SITE_FAILED;
    if (!verdict->scope->data_age) {
        return;
    }
    if (knowledge == SITE_TOLD) {
        if (freshness->unknown) {
            const bool warns = range_can_break(measure->warning->range);
            judge_run_add(verdict,
                          &(struct finding){.kind = FINDING_UNCOLLECTED,
                                            .state = warns ? STATE_WARNING : STATE_UNKNOWN});
        }
    } else if ((given || failed_em) && answered) {
        judge_run_add(verdict, &(struct finding){.kind = FINDING_DATA_UNKNOWN,
                                                 .state = given ? STATE_UNKNOWN : STATE_WARNING,
                                                 .metric = METRIC_DATA_AGE});
    }
}

static void find_age(struct verdict *verdict, const struct rules *rules,
                     const struct freshness *freshness)
{
    const int state = measure_state(&verdict->measures[METRIC_DATA_AGE]);
    if (state != STATE_OK) {
        judge_run_add(
            verdict,
            &(struct finding){.kind = FINDING_STALE, .state = state, .metric = METRIC_DATA_AGE});
    }
    find_unknown_age(verdict, rules, freshness);
}

/* Whether the newest collection has missed another server than the one whose data is oldest. */
static bool has_missed(const struct verdict *verdict, const struct freshness *freshness)
{
    const struct collection *collection = &verdict->site.collection;
    bool found = false;
    for (size_t i = 0; i < collection->count && !found; i++) {
        const struct collected_server *server = &collection->servers[i];
        found = server->missed &&
                (freshness->of == NULL || !text_equal_name_nocase(server->name, freshness->of));
    }
    return found;
}

/* ---- what else weakens the answer ---- */

static void find_weaknesses(struct verdict *verdict, const struct rules *rules)
{
    static const struct finding of_trust[] = {[SITE_UNVERIFIED] = {.kind = FINDING_UNVERIFIED},
                                              [SITE_UNENCRYPTED] = {.kind = FINDING_UNENCRYPTED}};
    if (verdict->site.trust != SITE_TRUSTED) {
        judge_run_add(verdict, &of_trust[verdict->site.trust]);
    }
    add_if(verdict, scope_matches_bytes(verdict->scope) || rules_match_bytes(rules), FINDING_BYTES);
}

static void find_offset(struct verdict *verdict)
{
    add_if(verdict, llabs(verdict->site.clock_offset) > tolerated_offset, FINDING_CLOCK_OFFSET);
}

static bool has_answer(const struct site *site, enum site_knowledge knowledge)
{
    bool found = false;
    for (enum site_topic topic = 0; topic < SITE_TOPICS && !found; topic++) {
        found = site->answers[topic].knowledge == knowledge;
    }
    return found;
}

/* Whether there is one VM, whose own line says why its lag can't be checked. */
static bool says_lag_itself(const struct verdict *verdict)
{
    const struct measure *lag = &verdict->vms[0].measures[METRIC_RPO_LAG];
    return verdict->vm_count == 1 && (lag->warning != NULL || lag->critical != NULL);
}

static bool has_unresolved(const struct verdict *verdict)
{
    const struct policies *policies = &verdict->site.policies;
    bool found = false;
    for (size_t i = 0; i < policies->count && !found; i++) {
        found =
            policies->items[i].containers != NULL && verdict_concerns(verdict, &policies->items[i]);
    }
    return found;
}

int judge_run(struct verdict *verdict, const struct rules *rules, size_t assumed,
              struct fault *fault)
{
    const struct site *site = &verdict->site;
    const struct freshness freshness = find_freshness(verdict);
    if (measure_data_age(verdict, rules, &freshness, fault) < 0) {
        return -1;
    }
    if (verdict->fault == NULL || finding_fault_kind(verdict->fault) != FAULT_USAGE) {
        find_weaknesses(verdict, rules);
    }
    find_age(verdict, rules, &freshness);
    add_if(verdict, stands_still(verdict), FINDING_STANDSTILL);
    find_offset(verdict);
    if (assumed > 0) {
        judge_run_add(verdict, &(struct finding){.kind = FINDING_ASSUMED, .vms = assumed});
    }
    add_if(verdict, site->renewal.what != RENEWED_NOT, FINDING_RENEWED);
    add_if(verdict, verdict_without_lag(verdict) > 0 && !says_lag_itself(verdict),
           FINDING_NO_POINTS);
    add_if(verdict, has_missed(verdict, &freshness), FINDING_MISSED);
    add_if(verdict, has_answer(site, SITE_FAILED), FINDING_FAILED);
    add_if(verdict, site->renewal.overdue, FINDING_OVERDUE);
    add_if(verdict, site->unjoined.count > 0, FINDING_UNJOINED);
    add_if(verdict, has_answer(site, SITE_REFUSED), FINDING_REFUSED);
    add_if(verdict, has_unresolved(verdict), FINDING_UNRESOLVED);
    add_if(verdict, verdict->moved_count > 0, FINDING_MOVED);
    return 0;
}

void judge_run_of_fault(struct verdict *verdict, const struct rules *rules, bool asked)
{
    if (asked) {
        find_weaknesses(verdict, rules);
    }
    find_offset(verdict);
}
