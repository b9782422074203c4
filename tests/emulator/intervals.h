// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What EM tells of a VM's restore points when a POST asks for its intervals. An interval is a run
 * of short-term points, one spacing apart; restore points are the long-term ones.
 */
#ifndef EMULATOR_INTERVALS_H
#define EMULATOR_INTERVALS_H

#include "emulator/request.h"
#include "emulator/store.h"

/* Of a VM that is well. */
extern const struct journal usual_journal;

/* The record is a VM of a replica. */
void intervals_answer(const struct store *store, const struct request *request, const void *record,
                      struct answer *answer);

#endif
