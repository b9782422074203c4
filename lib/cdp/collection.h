// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How fresh EM's data is. EM serves what its data collection has read from the backup servers, by
 * default every 15 minutes.
 */
#ifndef CDP_COLLECTION_H
#define CDP_COLLECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/utc.h"

/* What the logs of collections that did not complete successfully say of a backup server. */
struct collected_server {
    char *name;
    bool collected; // one of them did collect it
    utc_us at;      // when that one ended, the newest of them
    bool missed;    // the newest collection did not
};

/* {0}: nothing is known. */
struct collection {
    bool has_succeeded;
    utc_us succeeded; // when the newest one ended that completed successfully, for all servers
    double spacing_s; // the median time between the last of those; 0: not known
    struct collected_server *servers;
    size_t count;
    size_t capacity;
};

/*
 * The entry of that server, which is added if it is not there; names of hosts have no case. NULL:
 * memory is short.
 */
struct collected_server *collection_add(struct collection *collection, const char *server);

/* Its entry; NULL: no log names it. */
const struct collected_server *collection_find(const struct collection *collection,
                                               const char *server);

/*
 * When that backup server was collected last; NULL is one that is not known, for which the newest
 * successful collection counts. False: it is not known when.
 */
bool collection_of_server(const struct collection *collection, const char *server, utc_us *at);

void collection_free(struct collection *collection);

#endif
