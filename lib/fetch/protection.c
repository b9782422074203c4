// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/protection.h"

#include <string.h>

#include "cdp/coverage.h"
#include "fetch/topics.h"

static const enum site_topic protection[] = {SITE_POLICIES, SITE_REPLICAS};
enum { PROTECTION = sizeof protection / sizeof protection[0] };

static void swap_policies(struct site *site, struct site *other)
{
    const struct policies policies = site->policies;
    site->policies = other->policies;
    other->policies = policies;
}

void protection_swap(struct site *site, struct site *other)
{
    const struct site before = *site;
    swap_policies(site, other);
    site->protected_vms = other->protected_vms;
    site->unjoined = other->unjoined;
    other->protected_vms = before.protected_vms;
    other->unjoined = before.unjoined;
    for (size_t i = 0; i < PROTECTION; i++) {
        site->answers[protection[i]] = other->answers[protection[i]];
        other->answers[protection[i]] = before.answers[protection[i]];
    }
}

/* Leaves of the site's VMs what it was told of those topics. */
static void narrow_vms(struct site *site, const bool topics[SITE_TOPICS])
{
    struct protected_vms *vms = &site->protected_vms;
    size_t kept = 0;
    for (size_t i = 0; i < vms->count; i++) {
        struct protected_vm *vm = &vms->items[i];
        vm->named = vm->named && topics[SITE_POLICIES];
        vm->has_replica = vm->has_replica && topics[SITE_REPLICAS];
        vm->replica = topics[SITE_REPLICAS] ? vm->replica : NULL;
        if (vm->named || vm->has_replica) {
            vms->items[kept++] = *vm;
        } else {
            protected_vm_free(vm);
        }
    }
    vms->count = kept;
}

/* Adds to the site what EM told another one of those topics, as it was settled there. */
static int take(struct site *site, struct site *from, const bool topics[SITE_TOPICS],
                struct fault *fault)
{
    for (size_t i = 0; i < PROTECTION; i++) {
        if (topics[protection[i]]) {
            site->answers[protection[i]] = from->answers[protection[i]];
        }
    }
    if (topics[SITE_POLICIES]) {
        swap_policies(site, from);
    }
    for (size_t i = 0; i < from->unjoined.count; i++) {
        const char *unjoined = from->unjoined.text[i];
        if (topics[coverage_is_policy(unjoined) ? SITE_POLICIES : SITE_REPLICAS]) {
            lines_add(&site->unjoined, "%s", unjoined);
        }
    }
    narrow_vms(from, topics);
    return protected_vms_move(&site->protected_vms, &from->protected_vms, fault);
}

/* Asks anew for what was told and is due. What is not told then is taken from what was told. */
static int ask_or_take(struct asking *asking, struct site *former, bool with_replicas,
                       struct fault *fault)
{
    struct site *site = asking->site;
    const bool is_due[SITE_TOPICS] = {[SITE_POLICIES] = true, [SITE_REPLICAS] = with_replicas};
    bool is_taken[SITE_TOPICS] = {false};
    for (size_t i = 0; i < PROTECTION; i++) {
        const enum site_topic topic = protection[i];
        site->answers[topic] = former->answers[topic];
        if (site->answers[topic].knowledge == SITE_TOLD && is_due[topic]) {
            site->answers[topic].knowledge = SITE_FAILED;
        }
    }
    if (topics_renew(asking, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < PROTECTION; i++) {
        const enum site_topic topic = protection[i];
        const bool is_new = is_due[topic] && site->answers[topic].knowledge == SITE_TOLD;
        is_taken[topic] = former->answers[topic].knowledge == SITE_TOLD && !is_new;
    }
    return take(site, former, is_taken, fault);
}

int protection_renew(struct asking *asking, bool with_replicas, struct fault *fault)
{
    struct site *site = asking->site;
    cleanup_site struct site former = {.parts = NULL};
    if (asking->scope->sessions_only) {
        return 0;
    }
    // The collection comes first: if time runs out, policies and replicas are known from before. It
    // needs the policies, as one may name a backup server without sessions.
    if (topics_ask(asking, SITE_COLLECTION, fault) < 0) {
        return -1;
    }
    protection_swap(site, &former);
    if (ask_or_take(asking, &former, with_replicas, fault) < 0) {
        return -1;
    }
    return protected_vms_sort(&site->protected_vms, fault) < 0 ? -1 : coverage_settle(site, fault);
}
