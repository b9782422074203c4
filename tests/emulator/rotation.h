// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The sessions of fleets that rotate: all that changes in a store after it was loaded. What is due
 * is done before a request is answered: a turn of a VM ends its running session, begins the next
 * one and drops the oldest. The rest of the store is not touched.
 */
#ifndef EMULATOR_ROTATION_H
#define EMULATOR_ROTATION_H

#include "emulator/fleet.h"

/* Adds room for the sessions of such a fleet, whose VMs have these names. rotation_apply fills it,
 * the first time after store_sort.
 */
void rotation_add(struct store *store, const struct fleet *fleet, const char *const *names);

/* Whether the store is not as it is to be at that time, which may be earlier than the last one. */
bool rotation_is_due(const struct store *store, moment now);
/* Makes it so. Nobody else may read the store meanwhile. */
void rotation_apply(struct store *store, moment now);

/* Releases what the store has of them. */
void rotation_free(struct store *store);

#endif
