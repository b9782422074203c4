// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/older.h"

#include <string.h>

#include "base/hash.h"
#include "base/set.h"
#include "base/text.h"
#include "cdp/coverage.h"
#include "cdp/group.h"
#include "cdp/pick.h"
#include "cdp/survey.h"
#include "fetch/by_name.h"
#include "fetch/remember.h"
#include "fetch/searched.h"
#include "fetch/topics.h"

/* If one of these has no such session, as one that never began, all of the others' are read. */
enum { NAMES_AT_ONCE = 100 };

/* What is known of the site's VMs, and which of a part's are looked into. */
struct search {
    const struct asking *asking;
    const struct part *part;
    struct targets targets;
    struct survey survey;
    struct picks vms;
};

static void search_free(struct search *search)
{
    survey_free(&search->survey);
    targets_free(&search->targets);
    picks_free(&search->vms);
}

#define cleanup_search __attribute__((cleanup(search_free)))

static bool is_same(const struct target *target, const struct task_session *session)
{
    return target->policy != NULL && target->backup_server != NULL &&
           strcmp(target->policy, session->policy) == 0 &&
           text_equal_name_nocase(target->backup_server, session->backup_server);
}

/* Whether the session is of a VM that is known already, and so says how long that has been. */
static bool is_of_known(const struct search *search, const struct task_session *session)
{
    const struct targets *targets = &search->targets;
    const size_t first = targets_first_of_name(targets, session->vm);
    const size_t end = first < targets->count ? targets_end_of_name(targets, first) : first;
    bool found = false;
    for (size_t i = first; i < end && !found; i++) {
        found =
            strcmp(targets->items[i].vm, session->vm) == 0 && is_same(&targets->items[i], session);
    }
    return found;
}

static bool is_of_scope(const struct scope *scope, const char *policy)
{
    bool found = false;
    for (size_t i = 0; i < scope->names.count && !found; i++) {
        found = strcmp(scope->names.items[i], policy) == 0;
    }
    return found;
}

/*
 * Whether the session may show that one of the policy's VMs was moved: it is of the same name and
 * backup server, under another policy. That of another part is judged, too, so it must not get VMs
 * that only turn up here.
 */
static bool shows_move(const struct search *search, const struct task_session *session)
{
    const struct scope *scope = search->asking->scope;
    bool found = false;
    if (scope->kind != SCOPE_POLICY || is_of_scope(scope, session->policy)) {
        return false;
    }
    for (size_t i = 0; i < search->vms.count && !found; i++) {
        const struct target *target = search->vms.items[i].target;
        found = target->backup_server != NULL && strcmp(target->vm, session->vm) == 0 &&
                text_equal_name_nocase(target->backup_server, session->backup_server);
    }
    return found;
}

static bool keeps(const void *reader, const struct task_session *session)
{
    const struct search *search = reader;
    return session->vm != NULL && session->policy != NULL && session->backup_server != NULL &&
           (is_of_known(search, session) || shows_move(search, session));
}

/* Whether EM must be asked for a VM's sessions by its name. */
static bool needs_last(const struct search *search, const struct target *target)
{
    if (target->count == 0 || search->asking->scope->kind != SCOPE_POLICY) {
        return target->count == 0;
    }
    const struct standing *standing = &survey_of(&search->survey, target)->standing;
    return standing->left || (standing->shows_sign && standing->sign != SIGN_OVERDUE);
}

static bool needs_good(const struct search *search, const struct target *target)
{
    (void)search;
    return target_last_completed(target) != NULL && target_last_good(target) == NULL;
}

static bool has_none(const struct search *search, const struct target *target)
{
    (void)search;
    return target->count == 0;
}

#define DAYS (INT64_C(86400) * UTC_SECOND)

/*
 * One search after another. EM keeps some 300 sessions of a VM: so a VM that never began must not
 * make it tell all of those that stopped with their server a few days ago. A VM that left no
 * restore point in a month is as good as one that never did.
 */
static const struct goal {
    enum by_name_goal by_name;
    utc_us reach; // so far back at most, from --since or, for good ones, from now; 0: however old
    bool (*needs)(const struct search *search, const struct target *target);
    bool (*keeps)(const void *reader, const struct task_session *session);
} goals[] = {{BY_NAME_COMPLETED, 7 * DAYS, needs_last, keeps},
             {BY_NAME_COMPLETED, 0, has_none, keeps},
             {BY_NAME_GOOD, REMEMBER_GOOD_FOR, needs_good, NULL}};

static utc_us find_bound(const struct asking *asking, const struct part *part,
                         const struct goal *goal)
{
    const utc_us from = goal->by_name == BY_NAME_GOOD ? part_now(asking) : part->since;
    return goal->reach > 0 ? from - goal->reach : 0;
}

/* Only where VMs are of a policy does it matter how each stands. */
static int look_at_site(struct search *search, struct fault *fault)
{
    const struct asking *asking = search->asking;
    const struct site *site = asking->site;
    survey_free(&search->survey);
    targets_free(&search->targets);
    search->survey = (struct survey){.items = NULL};
    if (targets_group(&site->sessions, false, &search->targets, fault) < 0 ||
        coverage_join(&search->targets, site, fault) < 0) {
        return -1;
    }
    return asking->scope->kind != SCOPE_POLICY
               ? 0
               : survey_make(asking->scope, site, &search->targets, part_now(asking),
                             &search->survey, fault);
}

static int find_vms(struct search *search, const struct goal *goal, struct fault *fault)
{
    struct picks *vms = &search->vms;
    size_t kept = 0;
    picks_free(vms);
    if (pick_targets(&search->targets, search->asking->scope, search->part->name, vms, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < vms->count; i++) {
        const struct target *target = vms->items[i].target;
        if (target->vm != NULL && !target->unplaced && goal->needs(search, target) &&
            !searched_has(search->part->searched, target)) {
            vms->items[kept++] = vms->items[i];
        }
    }
    vms->count = kept;
    return 0;
}

/*
 * What may be of several VMs, as was seen by all of a VM's sessions, stays so if it is read again
 * with fewer of them.
 */
static int keep_unplaced(const struct task_sessions *known, struct task_sessions *older,
                         struct fault *fault)
{
    cleanup_set struct set unplaced = {.slots = NULL};
    for (size_t i = 0; i < known->count; i++) {
        const struct task_session *session = &known->items[i];
        if ((session->odd & SESSION_UNPLACED) != 0 && session->uid != NULL &&
            set_add(&unplaced, hash_text_nocase(session->uid)) == NULL) {
            return fault_no_memory(fault);
        }
    }
    for (size_t i = 0; i < older->count && unplaced.count > 0; i++) {
        struct task_session *session = &older->items[i];
        if (session->uid != NULL && set_find(&unplaced, hash_text_nocase(session->uid)) != NULL) {
            session->odd |= SESSION_UNPLACED;
        }
    }
    return 0;
}

/* 1: there are more sessions than before. 0: there are not. -1: a fault that ends the run. */
static int search_older(struct asking *asking, struct search *search, const struct goal *goal,
                        struct fault *fault)
{
    struct task_sessions *sessions = &asking->site->sessions;
    const struct part *part = search->part;
    cleanup_task_sessions struct task_sessions older = {.beside = sessions->size};
    struct fault trouble = asking->lost;
    if (find_vms(search, goal, fault) < 0) {
        return -1;
    }
    if (search->vms.count == 0) {
        return 0;
    }
    const struct by_name wanted = {.client = asking->client,
                                   .policy_sessions = part->policy_sessions,
                                   .vms = search->vms,
                                   .read = &part->answer->read,
                                   .names_at_once = NAMES_AT_ONCE,
                                   .goal = goal->by_name,
                                   .since = find_bound(asking, part, goal),
                                   .keeps = goal->keeps,
                                   .reader = search};
    if (trouble.kind != FAULT_NONE || by_name_read(&wanted, &older, &trouble) < 0) {
        return topics_take_fault(asking, SITE_OLDER, &trouble, fault);
    }
    if (asking->site->answers[SITE_OLDER].knowledge == SITE_NOT_ASKED) {
        asking->site->answers[SITE_OLDER].knowledge = SITE_TOLD;
    }
    const bool found = older.count > 0;
    if (keep_unplaced(sessions, &older, fault) < 0 ||
        task_sessions_move(sessions, &older, fault) < 0) {
        return -1;
    }
    return found ? 1 : 0;
}

/* As search_older, for all goals. */
static int search_all(struct asking *asking, const struct part *part, struct fault *fault)
{
    cleanup_search struct search search = {.asking = asking, .part = part};
    int found = 1;
    int any = 0;
    for (size_t i = 0; i < sizeof goals / sizeof goals[0]; i++) {
        if (found > 0 && look_at_site(&search, fault) < 0) {
            return -1;
        }
        found = search_older(asking, &search, &goals[i], fault);
        if (found < 0) {
            return -1;
        }
        any = any > 0 ? any : found;
    }
    return any;
}

int older_fetch(struct asking *asking, struct fault *fault)
{
    int any = 0;
    if (asking->scope->kind != SCOPE_POLICY && asking->scope->kind != SCOPE_ALL) {
        return 0;
    }
    for (size_t i = 0; i < asking->part_count; i++) {
        if (asking->parts[i].answer->fault.kind != FAULT_NONE) {
            continue;
        }
        const int found = search_all(asking, &asking->parts[i], fault);
        if (found < 0) {
            return -1;
        }
        any = any > 0 ? any : found;
    }
    return any > 0 ? targets_condense(&asking->site->sessions, fault) : 0;
}
