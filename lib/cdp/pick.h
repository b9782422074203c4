// SPDX-License-Identifier: GPL-3.0-or-later
/* Which VMs a question is about. Pure: takes targets, picks some. */
#ifndef CDP_PICK_H
#define CDP_PICK_H

#include <stdbool.h>

#include "base/fault.h"
#include "cdp/group.h"
#include "cdp/scope.h"
#include "cdp/task_session.h"

/* A target that is asked for. */
struct pick {
    const struct target *target;
    const char *doubt; // why it is not known whether it is; NULL: it is
};

struct picks {
    struct pick *items;
    size_t count;
    size_t capacity;
    size_t assumed;  // of them, those whose policy or backup server, which was asked for, EM omits
    bool has_policy; // a target has the policy that was asked for, or any would do
    bool has_server; // the same for a backup server
};

/* The end of a fault about a name: where the admin sees EM's names as they are. */
extern const char pick_names_hint[];

/* Whether the session has the id or the VM's name `name`, if the scope names such. */
bool pick_is_named(const struct task_session *session, const struct scope *scope, const char *name);

/*
 * Picks the targets that `name`, one of the scope's or NULL, and its backup servers and patterns
 * mean. A policy
 * or backup server that is not known fits if there is one VM of that name only; else it is in doubt
 * whether the target is meant. 0, or -1 where memory is short. Free the picks in either case.
 */
int pick_targets(const struct targets *targets, const struct scope *scope, const char *name,
                 struct picks *picks, struct fault *fault);

/*
 * Whether there is something to judge. Targets that only might be meant are nothing if none of the
 * targets has that policy, or none such a backup server: the name is most likely misspelt.
 */
bool picks_are_found(const struct picks *picks);

void picks_free(struct picks *picks);

#define cleanup_picks __attribute__((cleanup(picks_free)))

/*
 * Says in a fault of kind not-found that there is nothing to judge; `others`, which were there
 * instead, may tell why. `untold` is how many VMs might have been meant. Returns -1.
 */
int pick_none(const struct scope *scope, const char *name, const struct task_sessions *others,
              size_t untold, struct fault *fault);

#endif
