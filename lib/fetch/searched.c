// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/searched.h"

#include "base/hash.h"
#include "cdp/coverage.h"

/* Of VM, policy and backup server, whose name has no case. */
static uint64_t key_of(const struct target *target)
{
    const uint64_t hashes[] = {
        hash_text(target->vm != NULL ? target->vm : ""),
        target->policy != NULL ? hash_text(target->policy) : 0,
        target->backup_server != NULL ? hash_text_nocase(target->backup_server) : 0};
    return hash_bytes(HASH_START, hashes, sizeof hashes);
}

int searched_add(struct set *searched, const struct site *site, struct fault *fault)
{
    cleanup_targets struct targets targets = {.items = NULL};
    if (targets_group(&site->sessions, false, &targets, fault) < 0 ||
        coverage_join(&targets, site, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < targets.count; i++) {
        if (set_add(searched, key_of(&targets.items[i])) == NULL) {
            return fault_no_memory(fault);
        }
    }
    return 0;
}

bool searched_has(const struct set *searched, const struct target *target)
{
    return searched != NULL && set_find(searched, key_of(target)) != NULL;
}
