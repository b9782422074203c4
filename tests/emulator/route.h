// SPDX-License-Identifier: GPL-3.0-or-later
/* The path of a request below /api, and the answers to one that leads nowhere. */
#ifndef EMULATOR_ROUTE_H
#define EMULATOR_ROUTE_H

#include "emulator/request.h"
#include "emulator/store.h"

enum { MOST_SEGMENTS = 4 };

struct route {
    const char *segments[MOST_SEGMENTS]; // behind "/api/"
    size_t count;
};

/* One slash at the end is ignored. More segments than any resource has: `count` is too large. */
struct route route_of(const struct request *request);

/* Whether two parts of paths are the same to this EM; NULL is not the same as anything. */
bool route_is(const struct store *store, const char *a, const char *b);

/* False: the answer is a 405. */
bool route_needs_method(const struct request *request, struct answer *answer, const char *method);

/* True: this EM lacks it, or the user may not see it, and the answer says so. */
bool route_refused(const struct store *store, const struct request *request, enum feature feature,
                   struct answer *answer);

/* The answer of an error of that status; 0: false, and there is none. */
bool route_fails(const struct request *request, int status, struct answer *answer);

void route_not_found(const struct request *request, struct answer *answer);
void route_invalid_id(const struct request *request, struct answer *answer, const char *id,
                      const char *type);
void route_unknown_id(const struct request *request, struct answer *answer, const char *id,
                      const char *type);

#endif
