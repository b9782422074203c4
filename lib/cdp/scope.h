// SPDX-License-Identifier: GPL-3.0-or-later
/* What a run is about: whose task sessions are fetched, and which VMs are judged by them. */
#ifndef CDP_SCOPE_H
#define CDP_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/pattern.h"
#include "base/utc.h"
#include "cdp/sign.h"

enum scope_kind {
    SCOPE_WHOLE,  // nothing was named: all that a saved answer holds
    SCOPE_ID,     // task sessions, by UUIDs in lower case
    SCOPE_VM,     // VMs, by display names
    SCOPE_POLICY, // all VMs of policies, by the policies' names
    SCOPE_ALL,    // every VM
    SCOPE_EM      // Enterprise Manager itself, and no VM
};

struct name_list {
    const char **items;
    size_t count;
    size_t capacity;
};

/* Regular expressions on the display names of VMs. */
struct vm_patterns {
    struct pattern *items;
    size_t count;
    size_t capacity;
};

/* The lists and patterns are the scope's own; the texts are borrowed. */
struct scope {
    enum scope_kind kind;
    struct name_list names;          // ids, VMs or policies; none for the other kinds
    struct name_list backup_servers; // none: any
    struct vm_patterns included;     // none: any
    struct vm_patterns excluded;
    double since_s;     // how far back completed sessions of policies and of all VMs are looked for
    bool newest_only;   // a VM's last completed session is not needed
    bool sessions_only; // nothing is needed but task sessions
    bool data_age;      // how old EM's data is counts
    bool points;        // restore points count: --rpo
    double window_s;    // how far back gaps and compliance are measured then
    double points_since_s;     // how far back EM is asked for restore points
    struct sign_limits limits; // of which depends what EM is asked for about one VM
};

/* How many parts the scope has: one for each name, one if there is none. */
size_t scope_parts(const struct scope *scope);

/* The name that a part is about; NULL: none. */
const char *scope_name(const struct scope *scope, size_t part);

/* How far back it looks, as a span: since_s to the microsecond. */
utc_us scope_reach(const struct scope *scope);

/* Whether one of its backup servers is that one; host names have no case. */
bool scope_has_server(const struct scope *scope, const char *backup_server);

/*
 * Whether its patterns leave a VM of that name in; NULL: it has none. If memory is short,
 * *no_memory is set.
 */
bool scope_leaves_in(const struct scope *scope, const char *vm, bool *no_memory);

/* Whether a pattern may miss what it means, as it is matched by bytes. */
bool scope_matches_bytes(const struct scope *scope);

void scope_free(struct scope *scope);

#endif
