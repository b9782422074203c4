// SPDX-License-Identifier: GPL-3.0-or-later
/* The query service: /api/query with its types, filter, order and pages. */
#ifndef EMULATOR_SEARCH_H
#define EMULATOR_SEARCH_H

#include "emulator/criteria.h"
#include "emulator/request.h"
#include "emulator/store.h"

/* The fields that a query of task sessions, and of policy sessions, may name. */
extern const struct field search_task_fields[];
extern const struct field search_policy_session_fields[];

void search_answer(const struct request *request, const struct store *store, struct answer *answer);

#endif
