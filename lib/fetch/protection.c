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

/* Adds to the site what EM told another one of the topic, as it was settled there. */
static int take(struct site *site, struct site *from, enum site_topic topic, struct fault *fault)
{
    const bool of_policies = topic == SITE_POLICIES;
    site->answers[topic] = from->answers[topic];
    if (of_policies) {
        swap_policies(site, from);
    }
    for (size_t i = 0; i < from->protected_vms.count; i++) {
        struct protected_vm vm = from->protected_vms.items[i];
        vm.named = vm.named && of_policies;
        vm.has_replica = vm.has_replica && !of_policies;
        vm.replica = of_policies ? NULL : vm.replica;
        if ((vm.named || vm.has_replica) &&
            protected_vms_append(&site->protected_vms, &vm, fault) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < from->unjoined.count; i++) {
        const char *unjoined = from->unjoined.text[i];
        if (coverage_is_policy(unjoined) == of_policies) {
            lines_add(&site->unjoined, "%s", unjoined);
        }
    }
    return 0;
}

/* Asks anew for what was told and is due. What is not told then is taken from what was told. */
static int ask_or_take(struct asking *asking, struct site *former, bool with_replicas,
                       struct fault *fault)
{
    struct site *site = asking->site;
    const bool is_due[SITE_TOPICS] = {[SITE_POLICIES] = true, [SITE_REPLICAS] = with_replicas};
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
        if (former->answers[topic].knowledge == SITE_TOLD && !is_new &&
            take(site, former, topic, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

int protection_renew(struct asking *asking, bool with_replicas, struct fault *fault)
{
    struct site *site = asking->site;
    cleanup_site struct site former = {.parts = NULL};
    if (asking->scope->sessions_only) {
        return 0;
    }
    protection_swap(site, &former);
    if (ask_or_take(asking, &former, with_replicas, fault) < 0) {
        return -1;
    }
    return protected_vms_sort(&site->protected_vms, fault) < 0 ? -1 : coverage_settle(site, fault);
}
