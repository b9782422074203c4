// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/vec.h"

bool pick_is_named(const struct task_session *session, const struct scope *scope, const char *name)
{
    char uuid[UUID_SIZE];
    switch (scope->kind) {
    case SCOPE_ID:
        return session->uid != NULL && task_session_uuid(session->uid, uuid) &&
               strcmp(uuid, name) == 0;
    case SCOPE_VM:
        return session->vm != NULL && strcmp(session->vm, name) == 0;
    case SCOPE_WHOLE:
    case SCOPE_POLICY:
    case SCOPE_ALL:
    case SCOPE_EM:
        break;
    }
    return true;
}

/* The same of a target; with ids each is one session. */
static bool is_named(const struct target *target, const struct scope *scope, const char *name)
{
    if (scope->kind == SCOPE_VM) {
        return target->vm != NULL && strcmp(target->vm, name) == 0;
    }
    return scope->kind != SCOPE_ID || pick_is_named(target->sessions[0], scope, name);
}

/* What is known of a target and a scope. */
enum fit { FIT_NOT, FIT_UNKNOWN, FIT_WELL };

static enum fit fit_server(const struct target *target, const struct scope *scope)
{
    if (scope->backup_servers.count == 0) {
        return FIT_WELL;
    }
    if (target->backup_server == NULL) {
        return FIT_UNKNOWN;
    }
    return scope_has_server(scope, target->backup_server) ? FIT_WELL : FIT_NOT;
}

static enum fit fit_policy(const struct target *target, const struct scope *scope, const char *name)
{
    if (scope->kind != SCOPE_POLICY) {
        return FIT_WELL;
    }
    if (target->policy == NULL) {
        return FIT_UNKNOWN;
    }
    return strcmp(target->policy, name) == 0 ? FIT_WELL : FIT_NOT;
}

/* The targets of one VM's name, and what is asked. */
struct namesakes {
    const struct target *targets;
    size_t count;
    const struct scope *scope;
    const char *name; // of the scope
};

static bool may_be_meant(const struct namesakes *names, const struct target *target)
{
    return fit_server(target, names->scope) != FIT_NOT &&
           fit_policy(target, names->scope, names->name) != FIT_NOT;
}

/* Whether one of the VMs that an unplaced target may be is meant. */
static bool may_be_meant_by_another(const struct namesakes *names, const struct target *unplaced)
{
    bool found = false;
    for (size_t i = 0; i < names->count && !found; i++) {
        found = !names->targets[i].unplaced && target_may_be(unplaced, &names->targets[i]) &&
                may_be_meant(names, &names->targets[i]);
    }
    return found;
}

/* Whether the target is meant, maybe in doubt. */
static bool is_meant(const struct namesakes *names, const struct target *target, enum doubt *doubt)
{
    *doubt = DOUBT_NONE;
    if (target->unplaced) {
        *doubt = DOUBT_VM;
        return may_be_meant(names, target) && may_be_meant_by_another(names, target);
    }
    // With ids the targets are sessions, of one VM perhaps.
    const bool several = names->count > 1 && names->scope->kind != SCOPE_ID;
    if (several && fit_policy(target, names->scope, names->name) == FIT_UNKNOWN) {
        *doubt = DOUBT_POLICY;
    } else if (several && fit_server(target, names->scope) == FIT_UNKNOWN) {
        *doubt = DOUBT_SERVER;
    }
    return may_be_meant(names, target);
}

static int add_pick(struct picks *picks, const struct target *target, enum doubt doubt)
{
    if (!vec_reserve(picks->items, picks->count, picks->capacity, 1)) {
        return -1;
    }
    picks->items[picks->count++] = (struct pick){.target = target, .doubt = doubt};
    return 0;
}

/* Picks among the targets of one name. False: memory is short. */
static bool pick_of_name(const struct namesakes *names, struct picks *picks)
{
    bool no_memory = false;
    for (size_t i = 0; i < names->count; i++) {
        const struct target *target = &names->targets[i];
        const enum fit policy = fit_policy(target, names->scope, names->name);
        const enum fit server = fit_server(target, names->scope);
        const bool assumed = policy == FIT_UNKNOWN || server == FIT_UNKNOWN;
        enum doubt doubt = DOUBT_NONE;
        picks->has_policy = picks->has_policy || policy == FIT_WELL;
        picks->has_server = picks->has_server || server == FIT_WELL;
        if (is_named(target, names->scope, names->name) &&
            scope_leaves_in(names->scope, target->vm, &no_memory) &&
            is_meant(names, target, &doubt)) {
            no_memory = add_pick(picks, target, doubt) < 0 || no_memory;
            picks->assumed += doubt == DOUBT_NONE && assumed ? 1 : 0;
        }
    }
    return !no_memory;
}

int pick_targets(const struct targets *targets, const struct scope *scope, const char *name,
                 struct picks *picks, struct fault *fault)
{
    const bool one_name = scope->kind == SCOPE_VM;
    size_t first = one_name ? targets_first_of_name(targets, name) : 0;
    bool ok = true;
    *picks = (struct picks){.items = NULL};
    while (first < targets->count) {
        const size_t end = targets_end_of_name(targets, first);
        const struct namesakes names = {
            .targets = &targets->items[first], .count = end - first, .scope = scope, .name = name};
        ok = pick_of_name(&names, picks) && ok;
        first = one_name ? targets->count : end;
    }
    return ok ? 0 : fault_no_memory(fault);
}

void picks_free(struct picks *picks)
{
    free(picks->items);
    *picks = (struct picks){.items = NULL};
}

bool picks_are_found(const struct picks *picks)
{
    return picks->count > picks->assumed ||
           (picks->count > 0 && picks->has_policy && picks->has_server);
}
