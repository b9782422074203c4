// SPDX-License-Identifier: GPL-3.0-or-later
/* Moments, task sessions and scopes in a few words. They are decoded by lib/fetch, as EM's are. */
#ifndef TESTS_UNIT_SPEC_H
#define TESTS_UNIT_SPEC_H

#include "base/utc.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "cdp/task_session.h"

/* "2025-08-14T12:00:00Z" as a moment; ends the test where it is none. */
utc_us moment(const char *text);

/* A task session of EM 12 that has every member, as JSON. */
extern const char complete_session[];
#define COMPLETE_UID "urn:veeam:CdpReplicaTaskSession:ad86fed0-4288-47ba-a7ab-0fca64d3ba5a"

/* A task session in words; NULL leaves the member out. `size` is a JSON value. */
struct spec {
    const char *uid, *vm, *policy, *server;
    const char *state, *result, *reason;
    const char *created, *ended;
    const char *size;
};

/* Decodes the session that `spec` describes, as EM 12 would write it, and appends it. */
void add_spec(struct task_sessions *sessions, const struct spec *spec);

/*
 * Sets the kind and names of the scope, up to the first NULL, and the defaults of options, and
 * makes room for the faults of its parts in the site. NULL: there are no names.
 */
void name_parts(struct scope *scope, struct site *site, enum scope_kind kind,
                const char *const names[]);

#endif
