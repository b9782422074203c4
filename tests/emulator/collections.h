// SPDX-License-Identifier: GPL-3.0-or-later
/* The collections of resources: lists, single resources, lists below them, and their queries. */
#ifndef EMULATOR_COLLECTIONS_H
#define EMULATOR_COLLECTIONS_H

#include "emulator/criteria.h"
#include "emulator/representation.h"
#include "emulator/route.h"

/* What a collection holds, in the order of the UIDs, which every record starts with. */
struct records {
    void *const *all;
    size_t count;
};

struct collection;

/* What is below one resource: a list, else a document of its own. */
struct below {
    const char *name; // in the path; NULL ends the array
    const struct collection *list;
    struct node *(*represent)(struct arena *arena, const struct store *store, const void *record);
    enum feature feature; // what a request for it must have besides
};

struct collection {
    const struct resource_kind *kind;
    const struct field *fields; // of the query type; NULL: a query finds nothing
    bool is_cdp;
    enum feature feature;       // what a request for it must have, and
    enum feature query_feature; // what a query must
    struct records (*records)(const struct store *store, const struct request *request);
    /* Whether a list holds it; `parent` is NULL for the whole collection. NULL: all of them. */
    bool (*listed)(const void *record, const void *parent, moment since);
    const struct below *below; // one resource; NULL: nothing
    /* Answers the POST about one that asks for its intervals. NULL: there is no such POST. */
    void (*intervals)(const struct store *store, const struct request *request, const void *record,
                      struct answer *answer);
};

/* The collection that a path leads to or into, and what of the route goes on behind it; NULL: none.
 */
const struct collection *collections_find(const struct store *store, struct route *route);
/* The one whose entities have that type; NULL: a query of it finds nothing. */
const struct collection *collections_of_type(const char *type);

/* Whether the path leads to something whose intervals can be asked for; `rest` as below. */
bool collections_have_intervals(const struct store *store, const struct collection *collection,
                                const struct route *rest);

/* A POST is one that asks for intervals. */
void collections_answer(const struct store *store, const struct request *request,
                        const struct collection *collection, const struct route *rest,
                        struct answer *answer);

#endif
