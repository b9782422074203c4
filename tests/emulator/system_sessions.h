// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The sessions of EM's own jobs, foremost those that collect data from the backup servers. Most
 * follow from a rule, so they go on while the scenario is played, as EM's clock does.
 */
#ifndef EMULATOR_SYSTEM_SESSIONS_H
#define EMULATOR_SYSTEM_SESSIONS_H

#include "emulator/store.h"

/* Those there are by then, in the order of their UIDs, of the last 31 days or as the scenario gives
   them. The arena owns all of it. */
struct system_session **system_sessions_at(struct arena *arena, const struct store *store,
                                           moment now, size_t *count);

/* "Collect Job @2025-01-27 17:05:52.069837", as EM names them. */
const char *system_session_name(struct arena *arena, const char *type, moment created);

/* The document of one's log. */
struct node *system_session_events(struct arena *arena, const struct store *store,
                                   const void *record);

#endif
