// SPDX-License-Identifier: GPL-3.0-or-later
/* The query service: /api/query with its types, filter, order and pages. */
#ifndef EMULATOR_SEARCH_H
#define EMULATOR_SEARCH_H

#include "emulator/request.h"
#include "emulator/store.h"

void search_answer(const struct request *request, const struct store *store, struct answer *answer);

#endif
