// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads in the logs of EM's data collections from which backup servers they collected. */
#ifndef FETCH_COLLECTION_LOG_H
#define FETCH_COLLECTION_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/site.h"
#include "em/client.h"
#include "em/json.h"
#include "fetch/decode_collection.h"

/* More servers than that are not looked at. */
enum { COLLECTION_SERVERS_LIMIT = 1000 };

/* The servers that matter: those of sessions and policies. Their names stay the site's. */
struct collection_servers {
    const char *names[COLLECTION_SERVERS_LIMIT];
    size_t count;
    size_t policies; // so many of the first are those of policies
    bool unnamed;    // there is one without a name, or none at all: then only a success counts
};

/* How far the logs were read. collection_log.c alone knows the members. */
struct collection_logs {
    struct em_client *client;
    struct site *site;
    struct collection_servers servers;
    struct json_document document; // of the last log
    size_t asked;
    size_t had;
    utc_us until;            // when the last one ended that was asked for
    char success[UUID_SIZE]; // the newest collection that succeeded; "": none is known
    bool matches;            // a log names a server that matters
    bool unmatched;          // a log names as many others instead
    bool newest_unmatched;   // the newest log does
    bool has_complete;       // one of those collected each server that it names;
    utc_us complete;         // then it ended, the newest of them
};

/* The site, which has its sessions and policies, is borrowed until collection_logs_close. */
void collection_logs_open(struct collection_logs *logs, struct em_client *client,
                          struct site *site);

/*
 * Reads the logs of collections with trouble since the last success that the site knows, the newest
 * first, until each server that matters was collected in one. Sorts the `items`. Of those that were
 * asked for before, none is asked for again. A log that can't be had says nothing. 0, or -1 with a
 * fault after which nothing else can be had either.
 */
int collection_logs_read(struct collection_logs *logs, struct data_collection *items, size_t count,
                         struct fault *fault);

/*
 * Whether older collections are worth being asked for at `now` of EM's clock: it is not known when
 * a server that matters was collected, or so long ago that it matters how often EM collects.
 */
bool collection_logs_need_older(const struct collection_logs *logs, utc_us now);

/*
 * Call it when all were read. If logs name servers in words that others don't know, finds out if
 * they are the same servers nevertheless; if that remains open, a notice says so. 0, or -1 as
 * above.
 */
int collection_logs_settle(struct collection_logs *logs, struct fault *fault);

void collection_logs_close(struct collection_logs *logs);

#define cleanup_collection_logs __attribute__((cleanup(collection_logs_close)))

#endif
