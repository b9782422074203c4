// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's UIDs, compared without the case of ASCII letters, and those that were seen so far. */
#ifndef EM_UID_H
#define EM_UID_H

#include <stdint.h>

#include "base/fault.h"
#include "base/mask.h"
#include "base/set.h"

/* Two UIDs are the same if they have the same hash; never 0. */
uint64_t uid_hash(const char *uid);

/*
 * Adds a UID to the set. It stands on the page that was read as number `reading`, from 1. 1: it is
 * new. 0: an earlier page had it. -1: this page has it already, which is a protocol fault, or
 * memory is short. What the fault says of it is masked.
 */
int uid_add(struct set *set, const char *uid, uint32_t reading, const struct mask *mask,
            struct fault *fault);

#endif
