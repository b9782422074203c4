// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/collection.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

static struct collected_server *find(const struct collection *collection, const char *server)
{
    for (size_t i = 0; i < collection->count; i++) {
        if (text_equal_name_nocase(collection->servers[i].name, server)) {
            return &collection->servers[i];
        }
    }
    return NULL;
}

const struct collected_server *collection_find(const struct collection *collection,
                                               const char *server)
{
    return find(collection, server);
}

struct collected_server *collection_add(struct collection *collection, const char *server)
{
    struct collected_server *found = find(collection, server);
    if (found != NULL) {
        return found;
    }
    char *name = vec_reserve(collection->servers, collection->count, collection->capacity, 1)
                     ? strdup(server)
                     : NULL;
    if (name == NULL) {
        return NULL;
    }
    found = &collection->servers[collection->count++];
    *found = (struct collected_server){.name = name};
    return found;
}

bool collection_of_server(const struct collection *collection, const char *server, utc_us *at)
{
    const struct collected_server *entry = server != NULL ? find(collection, server) : NULL;
    const bool by_itself = entry != NULL && entry->collected &&
                           (!collection->has_succeeded || entry->at > collection->succeeded);
    if (by_itself || collection->has_succeeded) {
        *at = by_itself ? entry->at : collection->succeeded;
    }
    return by_itself || collection->has_succeeded;
}

void collection_free(struct collection *collection)
{
    for (size_t i = 0; i < collection->count; i++) {
        free(collection->servers[i].name);
    }
    free(collection->servers);
    *collection = (struct collection){.servers = NULL};
}
