// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

int policies_append(struct policies *policies, const struct policy *policy, struct fault *fault)
{
    if (policies->count == POLICIES_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d CDP policies",
                         POLICIES_LIMIT);
    }
    if (!vec_reserve(policies->items, policies->count, policies->capacity, 1)) {
        return fault_no_memory(fault);
    }
    struct policy *added = &policies->items[policies->count];
    *added = *policy;
    const char **const texts[] = {&added->name, &added->backup_server, &added->containers};
    added->texts = text_copy_all(texts, sizeof texts / sizeof texts[0]);
    policies->count += added->texts != NULL ? 1 : 0;
    return added->texts != NULL ? 0 : fault_no_memory(fault);
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
