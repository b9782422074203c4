// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/set.h"
#include "base/text.h"
#include "base/vec.h"

/* The first of two that is known. */
static const char *known(const char *text, const char *other)
{
    return text != NULL ? text : other;
}

/* The policy that EM has; one that was told in part may lack the VMs that it names. */
static const struct policy *find_policy(const struct site *site, const struct target *target)
{
    const struct protected_vm *expected = target->expected;
    if (site->answers[SITE_POLICIES].knowledge != SITE_TOLD) {
        return NULL;
    }
    return policies_find(
        &site->policies, known(target->policy, expected != NULL ? expected->policy : NULL),
        known(target->backup_server, expected != NULL ? expected->backup_server : NULL));
}

/* The newest time in the sessions of each backup server: EM has heard from it since then. */
struct heard {
    struct set servers; // their places in `moments`, from 1
    utc_us *moments;
    size_t count;
    size_t capacity;
};

static void heard_free(struct heard *heard)
{
    set_free(&heard->servers);
    free(heard->moments);
}

static uint64_t hash_server(const char *server)
{
    return hash_nocase(server != NULL ? server : "");
}

static bool hear(struct heard *heard, const struct task_session *session)
{
    uint32_t *place = set_add(&heard->servers, hash_server(session->backup_server));
    if (place == NULL ||
        (*place == 0 && !vec_reserve(heard->moments, heard->count, heard->capacity, 1))) {
        return false;
    }
    if (*place == 0) {
        heard->moments[heard->count++] = INT64_MIN;
        *place = (uint32_t)heard->count;
    }
    utc_us *moment = &heard->moments[*place - 1];
    *moment = session->has_created && session->created > *moment ? session->created : *moment;
    *moment = session->has_ended && session->ended > *moment ? session->ended : *moment;
    return true;
}

static bool hear_all(struct heard *heard, const struct targets *targets)
{
    bool ok = true;
    for (size_t i = 0; i < targets->count && ok; i++) {
        for (size_t j = 0; j < targets->items[i].count && ok; j++) {
            ok = hear(heard, targets->items[i].sessions[j]);
        }
    }
    return ok;
}

/*
 * When EM heard from the target's backup server last; if that is not known, now. A collection of
 * which EM tells too little seems older than what it brought.
 */
static utc_us find_collected(const struct site *site, const struct target *target,
                             const struct heard *heard, utc_us now)
{
    utc_us at = now;
    if (site->answers[SITE_COLLECTION].knowledge != SITE_TOLD ||
        !collection_of_server(&site->collection, target->backup_server, &at)) {
        return now;
    }
    const uint32_t *place = set_find(&heard->servers, hash_server(target->backup_server));
    const bool heard_of = place != NULL && heard->moments != NULL;
    const utc_us moment = heard_of ? heard->moments[*place - 1] : at;
    at = moment > at ? moment : at;
    return at < now ? at : now;
}

static struct surveyed look_at(const struct scope *scope, const struct site *site,
                               const struct target *target, const struct heard *heard, utc_us now)
{
    struct surveyed surveyed = {.policy = find_policy(site, target)};
    const struct sign_view view = {.target = target,
                                   .policy = surveyed.policy,
                                   .limits = scope->limits,
                                   .collected = find_collected(site, target, heard, now),
                                   .since = now - (utc_us)(scope->since_s * (double)UTC_SECOND)};
    if (!target->unplaced && scope->kind != SCOPE_ID) {
        surveyed.standing = sign_find(&view);
        // Without them it is not known if there is one.
        surveyed.standing.no_point = surveyed.standing.no_point && !scope->newest_only;
    }
    return surveyed;
}

/* Whether a VM that does not run any more may be `other`: both are known to differ in policy only.
 */
static bool is_elsewhere(const struct target *target, const struct target *other)
{
    return !other->unplaced && target->policy != NULL && other->policy != NULL &&
           strcmp(target->policy, other->policy) != 0 && target->backup_server != NULL &&
           other->backup_server != NULL &&
           text_equal_name_nocase(target->backup_server, other->backup_server);
}

/*
 * Whether all sessions of `other` began after the target's newest had ended. A target without
 * sessions has a replica, which stays when a VM moves; unless its sessions were not told.
 */
static bool began_after(const struct site *site, const struct target *target,
                        const struct standing *standing, const struct target *other)
{
    const enum site_knowledge older = site->answers[SITE_OLDER].knowledge;
    utc_us oldest = 0;
    return other->count > 0 &&
           ((target->count == 0 && older != SITE_REFUSED && older != SITE_FAILED) ||
            (standing->has_moment && target_oldest(other, &oldest) && oldest >= standing->moment));
}

/* A VM is in one CDP policy of a backup server, so one that its policy names has not moved. */
static bool may_have_moved(const struct target *target, const struct standing *standing)
{
    return (standing->left || (standing->shows_sign && standing->sign != SIGN_OVERDUE)) &&
           (target->expected == NULL || !target->expected->named);
}

/* Finds out which of the targets of one name, which begin at `first`, have moved. */
static void find_moved(const struct survey *survey, const struct site *site, size_t first,
                       size_t end)
{
    const struct target *targets = survey->targets->items;
    for (size_t i = first; i < end && end - first > 1; i++) {
        struct surveyed *surveyed = &survey->items[i];
        for (size_t j = first; j < end && may_have_moved(&targets[i], &surveyed->standing); j++) {
            if (is_elsewhere(&targets[i], &targets[j]) &&
                began_after(site, &targets[i], &surveyed->standing, &targets[j])) {
                surveyed->moved = true;
                break;
            }
        }
    }
}

int survey_make(const struct scope *scope, const struct site *site, const struct targets *targets,
                utc_us now, struct survey *survey, struct fault *fault)
{
    *survey = (struct survey){.targets = targets,
                              .items = calloc(targets->count + 1, sizeof *survey->items)};
    struct heard heard = {.moments = NULL};
    const bool hears = site->answers[SITE_COLLECTION].knowledge == SITE_TOLD; // else: no use
    const bool ok = survey->items != NULL && (!hears || hear_all(&heard, targets));
    for (size_t i = 0; i < targets->count && ok; i++) {
        survey->items[i] = look_at(scope, site, &targets->items[i], &heard, now);
    }
    heard_free(&heard);
    if (!ok) {
        return fault_no_memory(fault);
    }
    for (size_t first = 0, end = 0; first < targets->count; first = end) {
        end = targets_end_of_name(targets, first);
        find_moved(survey, site, first, end);
    }
    return 0;
}

const struct surveyed *survey_of(const struct survey *survey, const struct target *target)
{
    return &survey->items[target - survey->targets->items];
}

void survey_free(struct survey *survey)
{
    free(survey->items);
    *survey = (struct survey){.items = NULL};
}
