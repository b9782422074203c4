// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/scope.h"

#include <stdlib.h>

#include "base/text.h"

size_t scope_parts(const struct scope *scope)
{
    return scope->names.count > 0 ? scope->names.count : 1;
}

utc_us scope_reach(const struct scope *scope)
{
    return (utc_us)(scope->since_s * (double)UTC_SECOND + 0.5);
}

const char *scope_name(const struct scope *scope, size_t part)
{
    return part < scope->names.count ? scope->names.items[part] : NULL;
}

bool scope_has_server(const struct scope *scope, const char *backup_server)
{
    bool found = false;
    for (size_t i = 0; i < scope->backup_servers.count && !found; i++) {
        found = text_equal_name_nocase(backup_server, scope->backup_servers.items[i]);
    }
    return found;
}

static bool matches_any(const struct vm_patterns *patterns, const char *vm, bool *no_memory)
{
    for (size_t i = 0; i < patterns->count; i++) {
        const int outcome = pattern_matches(&patterns->items[i], vm);
        if (outcome > 0) {
            return true;
        }
        *no_memory = *no_memory || outcome < 0;
    }
    return false;
}

bool scope_leaves_in(const struct scope *scope, const char *vm, bool *no_memory)
{
    const char *name = vm != NULL ? vm : "";
    return (scope->included.count == 0 || matches_any(&scope->included, name, no_memory)) &&
           !matches_any(&scope->excluded, name, no_memory);
}

static bool match_bytes(const struct vm_patterns *patterns)
{
    bool found = false;
    for (size_t i = 0; i < patterns->count; i++) {
        found = found || patterns->items[i].by_bytes;
    }
    return found;
}

bool scope_matches_bytes(const struct scope *scope)
{
    return match_bytes(&scope->included) || match_bytes(&scope->excluded);
}

static void free_patterns(struct vm_patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++) {
        pattern_free(&patterns->items[i]);
    }
    free(patterns->items);
}

void scope_free(struct scope *scope)
{
    free_patterns(&scope->included);
    free_patterns(&scope->excluded);
    free(scope->names.items);
    free(scope->backup_servers.items);
    *scope = (struct scope){.kind = SCOPE_WHOLE};
}
