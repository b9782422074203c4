// SPDX-License-Identifier: GPL-3.0-or-later
/* Which VMs a part of the scope is about. Pure: takes targets, picks some. */
#ifndef CDP_PICK_H
#define CDP_PICK_H

#include <stdbool.h>

#include "base/fault.h"
#include "cdp/group.h"
#include "cdp/scope.h"
#include "cdp/task_session.h"

/* What EM does not say, so that it is not known whether a target is meant. */
enum doubt {
    DOUBT_NONE,
    DOUBT_VM, // which of the VMs of its name it is
    DOUBT_POLICY,
    DOUBT_SERVER
};

/* A target that is asked for. */
struct pick {
    const struct target *target;
    enum doubt doubt;
};

struct picks {
    struct pick *items;
    size_t count;
    size_t capacity;
    size_t assumed;  // of them, those whose policy or backup server, which was asked for, EM omits
    bool has_policy; // a target has the policy that was asked for, or any would do
    bool has_server; // the same for a backup server
};

/* Whether the session has the id or the VM's name `name`, if the scope names such. */
bool pick_is_named(const struct task_session *session, const struct scope *scope, const char *name);

/*
 * Picks the targets that `name`, one of the scope's or NULL, and its backup servers and patterns
 * mean. A policy or backup server that is not known fits if there is one VM of that name only; else
 * it is in doubt whether the target is meant. 0, or -1 where memory is short. Free the picks in
 * either case.
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

#endif
