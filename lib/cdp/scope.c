// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/scope.h"

#include <stdlib.h>

size_t scope_parts(const struct scope *scope)
{
    return scope->names.count > 0 ? scope->names.count : 1;
}

const char *scope_name(const struct scope *scope, size_t part)
{
    return part < scope->names.count ? scope->names.items[part] : NULL;
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
