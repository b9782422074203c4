// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

static size_t size_of(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

/* Makes room for so many more policies with so many bytes of texts. */
static int reserve(struct policies *policies, size_t count, size_t size, struct fault *fault)
{
    if (count > POLICIES_LIMIT - policies->count || size > POLICIES_SIZE_LIMIT - policies->size) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "EM gives more than %d CDP policies, or %d MiB of their names",
                         POLICIES_LIMIT, POLICIES_SIZE_LIMIT / 1024 / 1024);
    }
    return vec_reserve(policies->items, policies->count, policies->capacity, count)
               ? 0
               : fault_no_memory(fault);
}

int policies_append(struct policies *policies, const struct policy *policy, struct fault *fault)
{
    const size_t size =
        size_of(policy->name) + size_of(policy->backup_server) + size_of(policy->containers);
    if (reserve(policies, 1, size, fault) < 0) {
        return -1;
    }
    struct policy *added = &policies->items[policies->count];
    *added = *policy;
    const char **const texts[] = {&added->name, &added->backup_server, &added->containers};
    added->texts = text_copy_all(texts, sizeof texts / sizeof texts[0]);
    policies->count += added->texts != NULL ? 1 : 0;
    policies->size += added->texts != NULL ? size : 0;
    return added->texts != NULL ? 0 : fault_no_memory(fault);
}

static bool is_same(const struct policy *a, const struct policy *b)
{
    return strcmp(a->name, b->name) == 0 &&
           (a->backup_server == NULL || b->backup_server == NULL
                ? a->backup_server == b->backup_server
                : text_equal_name_nocase(a->backup_server, b->backup_server));
}

int policies_move(struct policies *to, struct policies *from, struct fault *fault)
{
    const size_t before = to->count;
    if (reserve(to, from->count, from->size, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < from->count; i++) {
        size_t place = 0;
        while (place < before && !is_same(&to->items[place], &from->items[i])) {
            place++;
        }
        if (place < before) {
            free(to->items[place].texts);
        } else {
            place = to->count++;
        }
        to->items[place] = from->items[i];
    }
    to->size += from->size;
    free(from->items);
    *from = (struct policies){.items = NULL};
    return 0;
}

static bool is_on(const struct policy *policy, const char *backup_server)
{
    return backup_server == NULL || policy->backup_server == NULL ||
           text_equal_name_nocase(policy->backup_server, backup_server);
}

const struct policy *policies_find(const struct policies *policies, const char *name,
                                   const char *backup_server)
{
    const struct policy *found = NULL;
    for (size_t i = 0; name != NULL && i < policies->count; i++) {
        const struct policy *policy = &policies->items[i];
        if (strcmp(policy->name, name) != 0 || !is_on(policy, backup_server)) {
            continue;
        }
        if (found != NULL) {
            return NULL; // which of the two?
        }
        found = policy;
    }
    return found;
}

bool policies_have(const struct policies *policies, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < policies->count && !found; i++) {
        found = strcmp(policies->items[i].name, name) == 0;
    }
    return found;
}

void policies_free(struct policies *policies)
{
    for (size_t i = 0; i < policies->count; i++) {
        free(policies->items[i].texts);
    }
    free(policies->items);
    *policies = (struct policies){.items = NULL};
}
