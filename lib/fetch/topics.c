// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/topics.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cdp/group.h"
#include "cdp/pick.h"
#include "cdp/survey.h"
#include "fetch/collection.h"
#include "fetch/policy.h"
#include "fetch/replica.h"

/* ---- one topic ---- */

/* What is asked for, and of which policies. */
struct question {
    enum site_topic topic;
    const struct name_list *policies; // NULL: of all
};

static int ask_of_policies(const struct asking *asking, const struct question *question,
                           struct fault *fault)
{
    static int (*const by_topic[])(struct em_client *, const char *, struct site *,
                                   struct fault *) = {
        [SITE_POLICIES] = policy_fetch, [SITE_REPLICAS] = replica_fetch};
    const struct name_list *policies = question->policies;
    if (policies == NULL) {
        return by_topic[question->topic](asking->client, NULL, asking->site, fault);
    }
    for (size_t i = 0; i < policies->count; i++) {
        if (by_topic[question->topic](asking->client, policies->items[i], asking->site, fault) <
            0) {
            return -1;
        }
    }
    return 0;
}

static int put(const struct asking *asking, const struct question *question, struct fault *fault)
{
    return question->topic == SITE_COLLECTION
               ? collection_fetch(asking->client, asking->site, fault)
               : ask_of_policies(asking, question, fault);
}

/* Forgets what was half read of a topic, so that nobody takes it for all there is. */
static void drop(struct site *site, enum site_topic topic, size_t protected_vms)
{
    if (topic == SITE_COLLECTION) {
        collection_free(&site->collection);
        return;
    }
    protected_vms_truncate(&site->protected_vms, protected_vms);
    if (topic == SITE_POLICIES) {
        policies_free(&site->policies);
    }
}

int topics_take_fault(struct asking *asking, enum site_topic topic, const struct fault *trouble,
                      struct fault *fault)
{
    const bool refused = asking->lost.kind == FAULT_NONE && em_client_refused(asking->client);
    if (trouble->kind == FAULT_TERMINATED || trouble->kind == FAULT_INTERNAL) {
        *fault = *trouble;
        return -1;
    }
    asking->site->answers[topic] =
        (struct site_answer){.knowledge = refused ? SITE_REFUSED : SITE_FAILED, .fault = *trouble};
    if (part_fault_is_final(trouble->kind)) {
        asking->lost = *trouble;
    }
    return 0;
}

/* The answer is in the site, whatever it is. -1: a fault that ends the run. */
static int ask(struct asking *asking, const struct question *question, struct fault *fault)
{
    struct site *site = asking->site;
    const size_t protected_vms = site->protected_vms.count;
    struct fault trouble = asking->lost;
    if (trouble.kind == FAULT_NONE) {
        if (put(asking, question, &trouble) == 0) {
            site->answers[question->topic] = (struct site_answer){
                .knowledge = SITE_TOLD, .way = site->answers[question->topic].way};
            return 0;
        }
        drop(site, question->topic, protected_vms);
    }
    return topics_take_fault(asking, question->topic, &trouble, fault);
}

int topics_ask(struct asking *asking, enum site_topic topic, struct fault *fault)
{
    return ask(asking, &(struct question){topic, NULL}, fault);
}

/* ---- VMs: no more than is needed ---- */

/* What is asked for about VMs. EM's data collection is needed for signs even if its age is not:
 * they are about what EM knew then. */
struct needs {
    struct name_list policies; // of those that show a sign, or whose restore points count
    bool all_policies;         // EM has no session of a VM, so any may name it
    bool replicas;             // only an old one, so its replica may be all there is of it; or
                               // its restore points count, which EM has by the replica
};

static int need_policy(struct needs *needs, const char *policy, struct fault *fault)
{
    struct name_list *list = &needs->policies;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], policy) == 0) {
            return 0;
        }
    }
    if (!vec_reserve(list->items, list->count, list->capacity, 1)) {
        return fault_no_memory(fault);
    }
    list->items[list->count++] = policy;
    return 0;
}

/* Whether nothing has run since then: a policy or a replica may make the VM uncovered. */
static bool is_older(const struct standing *standing, utc_us since)
{
    return standing->sign == SIGN_IDLE && standing->has_moment && standing->moment < since;
}

/* Signs are as they are judged, but that no policy is known yet. */
static int find_needs_of(const struct asking *asking, const struct part *part,
                         const struct survey *survey, struct needs *needs, struct fault *fault)
{
    cleanup_picks struct picks picks = {.items = NULL};
    if (pick_targets(survey->targets, asking->scope, part->name, &picks, fault) < 0) {
        return -1;
    }
    needs->all_policies = needs->all_policies || !picks_are_found(&picks);
    for (size_t i = 0; i < picks.count; i++) {
        const struct target *target = picks.items[i].target;
        const struct standing *standing = &survey_of(survey, target)->standing;
        const bool points = asking->scope->points;
        if (target->policy == NULL || !(standing->shows_sign || points)) {
            continue;
        }
        needs->replicas = needs->replicas || points || is_older(standing, part->since);
        if (need_policy(needs, target->policy, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

static int find_needs(const struct asking *asking, struct needs *needs, struct fault *fault)
{
    cleanup_targets struct targets targets = {.items = NULL};
    cleanup_survey struct survey survey = {.items = NULL};
    if (targets_group(&asking->site->sessions, false, &targets, fault) < 0 ||
        survey_make(asking->scope, asking->site, &targets, part_now(asking), &survey, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < asking->part_count; i++) {
        const struct part *part = &asking->parts[i];
        if (part->answer->fault.kind == FAULT_NONE &&
            find_needs_of(asking, part, &survey, needs, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

static bool has_session(const struct site *site, const char *vm)
{
    bool found = false;
    for (size_t i = 0; i < site->sessions.count && !found; i++) {
        found = site->sessions.items[i].vm != NULL && strcmp(site->sessions.items[i].vm, vm) == 0;
    }
    return found;
}

static bool is_protected(const struct site *site, const char *vm)
{
    bool found = false;
    for (size_t i = 0; i < site->protected_vms.count && !found; i++) {
        found = strcmp(site->protected_vms.items[i].vm, vm) == 0;
    }
    return found;
}

/* Whether EM has neither a session nor, in its policies, the name of one of the VMs. */
static bool lacks_one(const struct asking *asking)
{
    bool found = false;
    for (size_t i = 0; i < asking->part_count && !found; i++) {
        const char *vm = asking->parts[i].name;
        found = asking->parts[i].answer->fault.kind == FAULT_NONE &&
                !has_session(asking->site, vm) && !is_protected(asking->site, vm);
    }
    return found;
}

static int ask_needed(struct asking *asking, const struct needs *needs, struct fault *fault)
{
    const struct question policies = {SITE_POLICIES, needs->all_policies ? NULL : &needs->policies};
    const struct question replicas = {SITE_REPLICAS, NULL};
    const struct question replicas_of_policies = {SITE_REPLICAS, &needs->policies};
    if ((needs->all_policies || needs->policies.count > 0) && ask(asking, &policies, fault) < 0) {
        return -1;
    }
    if (needs->all_policies && (asking->scope->points || lacks_one(asking))) {
        return ask(asking, &replicas, fault);
    }
    return needs->replicas ? ask(asking, &replicas_of_policies, fault) : 0;
}

static int ask_of_vms(struct asking *asking, struct fault *fault)
{
    struct needs needs = {.all_policies = false};
    const struct question collection = {SITE_COLLECTION, NULL};
    int result = asking->scope->data_age ? ask(asking, &collection, fault) : 0;
    result = result < 0 ? -1 : find_needs(asking, &needs, fault);
    if (result == 0 && !asking->scope->data_age && needs.policies.count > 0) {
        result = ask(asking, &collection, fault);
    }
    result = result < 0 ? -1 : ask_needed(asking, &needs, fault);
    free(needs.policies.items);
    return result;
}

/* ---- many VMs ---- */

/* Whether a VM stands still, for all that is known. 1, 0, or -1 if memory is short. */
static int show_signs(const struct asking *asking, struct fault *fault)
{
    cleanup_targets struct targets targets = {.items = NULL};
    cleanup_survey struct survey survey = {.items = NULL};
    bool found = false;
    if (targets_group(&asking->site->sessions, false, &targets, fault) < 0 ||
        survey_make(asking->scope, asking->site, &targets, part_now(asking), &survey, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < targets.count && !found; i++) {
        // No policy is known to name it yet, so one that is idle may look as if it had left.
        found = survey.items[i].standing.shows_sign || survey.items[i].standing.left;
    }
    return found ? 1 : 0;
}

static int ask_of_fleet(struct asking *asking, const struct name_list *policies,
                        struct fault *fault)
{
    const struct question of_policies = {SITE_POLICIES, policies};
    const struct question of_collection = {SITE_COLLECTION, NULL};
    const struct question of_replicas = {SITE_REPLICAS, policies};
    if (ask(asking, &of_policies, fault) < 0) {
        return -1;
    }
    const int needed = asking->scope->data_age ? 1 : show_signs(asking, fault);
    if (needed < 0 || (needed > 0 && ask(asking, &of_collection, fault) < 0)) {
        return -1;
    }
    return asking->scope->kind != SCOPE_EM ? ask(asking, &of_replicas, fault) : 0;
}

/* Those of the scope that there is no fault of yet. */
static int ask_of_named_policies(struct asking *asking, struct fault *fault)
{
    struct needs needs = {.all_policies = false};
    int result = 0;
    for (size_t i = 0; i < asking->part_count && result == 0; i++) {
        if (asking->parts[i].answer->fault.kind == FAULT_NONE) {
            result = need_policy(&needs, asking->parts[i].name, fault);
        }
    }
    if (result == 0) {
        result = ask_of_fleet(asking, &needs.policies, fault);
    }
    free(needs.policies.items);
    return result;
}

/* Whether there is a part that EM has answered. */
static bool has_answer(const struct asking *asking)
{
    bool found = false;
    for (size_t i = 0; i < asking->part_count && !found; i++) {
        found = asking->parts[i].answer->fault.kind == FAULT_NONE;
    }
    return found;
}

int topics_renew(struct asking *asking, struct fault *fault)
{
    static const struct question questions[] = {{SITE_POLICIES, NULL}, {SITE_REPLICAS, NULL}};
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        if (asking->site->answers[questions[i].topic].knowledge == SITE_FAILED &&
            ask(asking, &questions[i], fault) < 0) {
            return -1;
        }
    }
    return 0;
}

int topics_fetch(struct asking *asking, struct fault *fault)
{
    if (asking->scope->sessions_only || !has_answer(asking)) {
        return 0;
    }
    switch (asking->scope->kind) {
    case SCOPE_VM:
        return ask_of_vms(asking, fault);
    case SCOPE_POLICY:
        return ask_of_named_policies(asking, fault);
    case SCOPE_ALL:
    case SCOPE_EM:
        return ask_of_fleet(asking, NULL, fault);
    case SCOPE_WHOLE:
    case SCOPE_ID:
        break;
    }
    return 0;
}
