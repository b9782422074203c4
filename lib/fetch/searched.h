// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which VMs EM was searched for, by their names, when a snapshot was made, so that it need not be
 * done again when the snapshot is renewed. Pure.
 */
#ifndef FETCH_SEARCHED_H
#define FETCH_SEARCHED_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/set.h"
#include "cdp/group.h"
#include "cdp/site.h"

/* Borrowed. */
struct searched {
    const struct set *vms;     // see searched_add
    const struct set *without; // the hashes of VMs' names: those were not searched for, after all
};

/* Adds the VMs that the site has sessions of, or should have. 0, or -1 if memory is short. */
int searched_add(struct set *vms, const struct site *site, struct fault *fault);

/* Whether it has that VM; NULL has none. */
bool searched_has(const struct searched *searched, const struct target *target);

/* Whether `vms` has the VM that the session says. */
bool searched_has_vm_of(const struct set *vms, const struct task_session *session);

#endif
