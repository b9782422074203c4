// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/live.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cdp/coverage.h"
#include "cdp/pick.h"
#include "em/json.h"
#include "em/pages.h"
#include "fetch/decode.h"
#include "fetch/fleet.h"
#include "fetch/lag.h"
#include "fetch/older.h"
#include "fetch/part.h"
#include "fetch/task_query.h"
#include "fetch/topics.h"
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

/*
 * Whether EM answers a query, as an EM does. The query is not paged: how many sessions there are
 * does not matter.
 */
static int fetch_em(const struct part *part, struct task_sessions *found, struct fault *fault)
{
    cleanup_json struct json_document answer = {.root = NULL};
    struct em_page page;
    const struct em_query query = task_query(NULL, 1);
    (void)found;
    return em_pages_first(part->client, &query, &answer, &page, fault);
}

/* Asks for one part. What was found before a fault does not count. */
static int fetch_part(const struct part *part, struct site *site)
{
    static int (*const by_kind[])(const struct part *, struct task_sessions *,
                                  struct fault *) = {[SCOPE_ID] = fetch_id,
                                                     [SCOPE_VM] = vm_fetch,
                                                     [SCOPE_POLICY] = fleet_fetch_policy,
                                                     [SCOPE_ALL] = fleet_fetch_all,
                                                     [SCOPE_EM] = fetch_em};
    cleanup_task_sessions struct task_sessions found = {.beside = site->sessions.size};
    struct fault *fault = &part->answer->fault;
    if (by_kind[part->scope->kind](part, &found, fault) < 0) {
        return -1;
    }
    // Both lists were within the limit together.
    return task_sessions_move(&site->sessions, &found, fault);
}

int live_fetch_parts(struct asking *asking, struct fault *fault)
{
    const enum scope_kind kind = asking->scope->kind;
    struct fault last = {.kind = FAULT_NONE};
    for (size_t i = 0; i < asking->part_count; i++) {
        const struct part *part = &asking->parts[i];
        if (part_fault_is_final(last.kind)) {
            part->answer->fault = last;
        } else if (fetch_part(part, asking->site) < 0) {
            last = part->answer->fault;
        }
    }
    // With all VMs, there is no name that a fault could concern alone.
    const bool is_of_run = kind == SCOPE_ALL || kind == SCOPE_EM;
    if (last.kind == FAULT_TERMINATED || (is_of_run && last.kind != FAULT_NONE)) {
        *fault = last;
        return -1;
    }
    if (part_fault_is_final(last.kind)) {
        asking->lost = last;
    }
    return 0;
}

/* What the verdict needs first is asked first. */
int live_all_stages(struct asking *asking, void *context, struct fault *fault)
{
    struct site *site = asking->site;
    (void)context;
    if (live_fetch_parts(asking, fault) < 0 || topics_fetch(asking, fault) < 0) {
        return -1;
    }
    if (protected_vms_sort(&site->protected_vms, fault) < 0 || older_fetch(asking, fault) < 0) {
        return -1;
    }
    if (asking->scope->kind != SCOPE_VM && coverage_settle(site, fault) < 0) {
        return -1;
    }
    return lag_fetch(asking, fault);
}

int live_ask(struct em_client *client, const struct scope *scope, struct site *site,
             live_stages *stages, void *context, struct fault *fault)
{
    const size_t count = scope_parts(scope);
    const utc_us since = clock_utc() - scope_reach(scope);
    cleanup_free struct part *parts = calloc(count, sizeof *parts);
    cleanup_free struct policy_sessions *policy_sessions = calloc(count, sizeof *policy_sessions);
    if (parts == NULL || policy_sessions == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < count; i++) {
        parts[i] = (struct part){.client = client,
                                 .scope = scope,
                                 .name = scope_name(scope, i),
                                 .since = since,
                                 .answer = &site->parts[i],
                                 .policy_sessions = &policy_sessions[i]};
    }
    struct asking asking = {
        .client = client, .scope = scope, .site = site, .parts = parts, .part_count = count};
    const int result = stages(&asking, context, fault);
    for (size_t i = 0; i < count; i++) {
        policy_sessions_free(&policy_sessions[i]);
    }
    return result;
}

int live_session(const struct em_settings *settings, struct site *site, struct buf *trace,
                 live_work *work, void *context, struct fault *fault)
{
    const int64_t began_ms = clock_monotonic_ms();
    struct em_client *client = em_client_open(settings, trace, &site->notices, fault);
    if (client == NULL) {
        return -1;
    }
    const int result = work(client, context, fault);
    site->answered_s = (double)(clock_monotonic_ms() - began_ms) / 1000;
    utc_us offset = 0;
    if (em_client_clock_offset(client, &offset)) {
        site->has_clock_offset = true;
        site->clock_offset = offset;
    }
    struct fault logoff = {.kind = FAULT_NONE};
    if (em_client_close(client, &logoff) < 0) {
        lines_add(&site->notices, "logoff failed, EM ends the session after 15 minutes: %s: %s",
                  fault_kind_name(logoff.kind), logoff.text);
    }
    return result;
}

struct fetching {
    const struct scope *scope;
    struct site *site;
};

static int fetch_all(struct em_client *client, void *context, struct fault *fault)
{
    const struct fetching *fetching = context;
    return live_ask(client, fetching->scope, fetching->site, live_all_stages, NULL, fault);
}

int live_fetch(const struct em_settings *settings, const struct scope *scope, struct site *site,
               struct buf *trace, struct fault *fault)
{
    struct fetching fetching = {scope, site};
    return live_session(settings, site, trace, fetch_all, &fetching, fault);
}
