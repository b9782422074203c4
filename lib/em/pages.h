// SPDX-License-Identifier: GPL-3.0-or-later
/* A whole answer of the query service, page by page, while EM goes on changing it. */
#ifndef EM_PAGES_H
#define EM_PAGES_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/fault.h"
#include "em/query.h"
#include "em/session.h"

struct em_reading {
    struct em_query query;
    const char *container; // of its entities: "CdpReplicaTaskSessions"
    /* Gets each page's entities, an array or NULL. 0, or -1 with a fault, which ends the reading.
     */
    int (*take)(void *user, const cJSON *entities, struct fault *fault);
    /* Whether no more pages are needed, asked between two of them; NULL: all are. */
    bool (*is_enough)(const void *user);
    void *user;
};

/*
 * Reads every page until as many entities were seen, told apart by their UID, as EM has. What
 * comes up or shifts meanwhile is seen at least once, and may be taken twice. A page that fails is
 * a fault of the whole: -1.
 */
int em_read_all(struct em_session *em, const struct em_reading *reading, struct fault *fault);

#endif
