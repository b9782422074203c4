// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's data collections and their logs, from its JSON. */
#ifndef FETCH_DECODE_COLLECTION_H
#define FETCH_DECODE_COLLECTION_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/mask.h"
#include "base/utc.h"
#include "cdp/task_session.h"

enum data_collection_state {
    DATA_COLLECTION_UNKNOWN, // EM gives no State, as in references
    DATA_COLLECTION_RUNS,
    DATA_COLLECTION_SUCCEEDED,
    DATA_COLLECTION_TROUBLED, // CompletedWarning, Failed, and what is not known
};

/* A system session in which EM collects data from its backup servers. */
struct data_collection {
    char uuid[UUID_SIZE]; // "": EM gives none
    enum data_collection_state state;
    bool has_ended;
    utc_us created;
    utc_us ended;
};

/*
 * Decodes a system session, an entity or a reference to one, of which the name says the type and
 * the time. False: it is no data collection, or does not say when it began.
 */
bool decode_data_collection(const cJSON *item, struct data_collection *collection);

enum data_collection_event { EVENT_OF_NO_SERVER, EVENT_SERVER_BEGUN, EVENT_SERVER_COLLECTED };

/* What an event of its log says of which server, whose name is masked. */
enum data_collection_event decode_event(const cJSON *event, const struct mask *mask,
                                        char server[SESSION_TEXT_LIMIT + 1]);

#endif
