// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/site.h"

#include <stdlib.h>
#include <string.h>

int site_init(struct site *site, const struct scope *scope, struct fault *fault)
{
    const size_t parts = scope_parts(scope);
    *site = (struct site){.parts = calloc(parts, sizeof *site->parts), .part_count = parts};
    if (site->parts == NULL) {
        site->part_count = 0;
        return fault_no_memory(fault);
    }
    return 0;
}

/* Into `to`; whatever that had is not freed. */
static void copy_told(struct site *to, const struct site *from)
{
    to->sessions = from->sessions;
    to->policies = from->policies;
    to->protected_vms = from->protected_vms;
    to->collection = from->collection;
    to->unjoined = from->unjoined;
    memcpy(to->answers, from->answers, sizeof to->answers);
}

void site_swap_told(struct site *site, struct site *other)
{
    const struct site before = *site;
    copy_told(site, other);
    copy_told(other, &before);
}

void site_free(struct site *site)
{
    task_sessions_free(&site->sessions);
    policies_free(&site->policies);
    protected_vms_free(&site->protected_vms);
    collection_free(&site->collection);
    lines_free(&site->unjoined);
    for (size_t i = 0; i < site->part_count; i++) {
        free(site->parts[i].other_case);
    }
    free(site->parts);
    lines_free(&site->notices);
    *site = (struct site){.parts = NULL};
}
