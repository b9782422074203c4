// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/live.h"

#include <stdio.h>

#include "base/clock.h"
#include "cdp/pick.h"
#include "em/json.h"
#include "fetch/decode.h"
#include "fetch/fleet.h"
#include "fetch/part.h"
#include "fetch/vm.h"

/* Each VM gets a new task session every few hours, and EM forgets old ones. */
static int explain_id(struct fault *fault)
{
    if (fault->kind == FAULT_NOT_FOUND) {
        struct fault cause = *fault;
        fault_set(fault, FAULT_NOT_FOUND, "%s; ids change with every task session, --vm=NAME stays",
                  cause.text);
    }
    return -1;
}

static int fetch_id(const struct part *part, struct task_sessions *found, struct fault *fault)
{
    char target[128];
    cleanup_json struct json_document entity = {.root = NULL};
    snprintf(target, sizeof target, "/api/cdpReplicaTaskSessions/%s?format=Entity", part->name);
    if (em_client_get(part->client, target, &entity, fault) < 0 ||
        decode_task_session(entity.root, em_client_mask(part->client), found, fault) < 0) {
        return explain_id(fault);
    }
    return pick_is_named(&found->items[0], part->scope, part->name)
               ? 0
               : fault_set(fault, FAULT_PROTOCOL, "EM's answer is not the task session %s",
                           part->name);
}

/* Asks for one part. What was found before a fault does not count. */
static int fetch_part(const struct part *part, struct site *site)
{
    static int (*const by_kind[])(const struct part *, struct task_sessions *,
                                  struct fault *) = {[SCOPE_ID] = fetch_id,
                                                     [SCOPE_VM] = vm_fetch,
                                                     [SCOPE_POLICY] = fleet_fetch_policy,
                                                     [SCOPE_ALL] = fleet_fetch_all};
    cleanup_task_sessions struct task_sessions found = {.beside = site->sessions.size};
    struct fault *fault = &part->answer->fault;
    if (by_kind[part->scope->kind](part, &found, fault) < 0) {
        return -1;
    }
    // Both lists were within the limit together.
    return task_sessions_move(&site->sessions, &found, fault);
}

static struct fault fetch_parts(struct part *part, struct site *site)
{
    struct fault last = {.kind = FAULT_NONE};
    for (size_t i = 0; i < scope_parts(part->scope); i++) {
        part->name = scope_name(part->scope, i);
        part->answer = &site->parts[i];
        if (part_fault_is_final(last.kind)) {
            part->answer->fault = last;
        } else if (fetch_part(part, site) < 0) {
            last = part->answer->fault;
        }
    }
    return last;
}

int live_fetch(const struct em_settings *settings, const struct scope *scope, struct site *site,
               struct buf *trace, struct fault *fault)
{
    struct part part = {.scope = scope,
                        .since = clock_utc() - (utc_us)(scope->since_s * UTC_SECOND)};
    part.client = em_client_open(settings, trace, &site->notices, fault);
    if (part.client == NULL) {
        return -1;
    }
    const struct fault last = fetch_parts(&part, site);
    site->has_clock_offset = em_client_clock_offset(part.client, &site->clock_offset);
    struct fault logoff = {.kind = FAULT_NONE};
    if (em_client_close(part.client, &logoff) < 0) {
        lines_add(&site->notices, "logoff failed, EM ends the session after 15 minutes: %s: %s",
                  fault_kind_name(logoff.kind), logoff.text);
    }
    // With all VMs, there is no name that a fault could concern alone.
    if (last.kind == FAULT_TERMINATED || (scope->kind == SCOPE_ALL && last.kind != FAULT_NONE)) {
        *fault = last;
        return -1;
    }
    return 0;
}
