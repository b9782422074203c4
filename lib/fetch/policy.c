// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/set.h"
#include "em/pages.h"
#include "em/uid.h"
#include "fetch/decode_policy.h"

/* A policy may include thousands of VMs: if a page of them is too large for one answer, a few. */
enum { FEW_POLICIES = 10 };

struct reading {
    struct em_client *client;
    const char *name;        // NULL: all policies
    const struct set *known; // the hashes of the names of VMs that have sessions
    struct policies policies;
    struct protected_vms vms;
    struct set places; // by UIDs, where in `policies` each is, from 1
    size_t nameless;
};

static void forget(struct reading *reading)
{
    policies_free(&reading->policies);
    protected_vms_free(&reading->vms);
    set_free(&reading->places);
    reading->nameless = 0;
}

#define cleanup_reading __attribute__((cleanup(forget)))

static int add_vms(struct reading *reading, const struct decoded_policy *decoded,
                   struct fault *fault)
{
    const struct mask *mask = em_client_mask(reading->client);
    const cJSON *include = NULL;
    struct protected_vm vm = {.policy = decoded->policy.name,
                              .backup_server = decoded->policy.backup_server,
                              .named = true};
    cJSON_ArrayForEach(include, decoded->includes)
    {
        vm.vm = decode_included_vm(include, mask, reading->known);
        if (vm.vm != NULL && protected_vms_append(&reading->vms, &vm, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* What shifted to a later page is read twice, and counts as it came last. */
static int add_policy(struct reading *reading, const struct decoded_policy *decoded,
                      struct fault *fault)
{
    struct policies *policies = &reading->policies;
    if (policies_append(policies, &decoded->policy, fault) < 0) {
        return -1;
    }
    if (decoded->uid == NULL) {
        return 0;
    }
    uint32_t *place = set_add(&reading->places, uid_hash(decoded->uid));
    if (place == NULL) {
        return fault_no_memory(fault);
    }
    if (*place == 0) {
        *place = (uint32_t)policies->count;
        return 0;
    }
    free(policies->items[*place - 1].texts);
    policies->items[*place - 1] = policies->items[--policies->count];
    return 0;
}

static int take_policy(void *reader, const cJSON *entity, struct fault *fault)
{
    struct reading *reading = reader;
    struct decoded_policy decoded;
    const struct mask *mask = em_client_mask(reading->client);
    const int named = decode_policy(entity, reading->name, mask, &decoded, fault);
    if (named <= 0) {
        reading->nameless += named == 0 ? 1 : 0;
        return named;
    }
    // EM's filter takes names in another case of letters as equal; here they are not.
    if (reading->name != NULL && decoded.policy.name != reading->name) {
        return 0;
    }
    return add_policy(reading, &decoded, fault) < 0 || add_vms(reading, &decoded, fault) < 0 ? -1
                                                                                             : 0;
}

struct em_query policy_query(const char *filter, int page_size)
{
    return (struct em_query){
        .type = "CdpPolicy", .container = "CdpPolicies", .filter = filter, .page_size = page_size};
}

static int read_policies(struct reading *reading, const char *filter, int page_size,
                         struct fault *fault)
{
    const struct em_query query = policy_query(filter, page_size);
    return em_pages_take_all(reading->client, &query, take_policy, reading, fault);
}

/* The names of the VMs that have sessions. */
static int note_vms(const struct task_sessions *sessions, struct set *known, struct fault *fault)
{
    for (size_t i = 0; i < sessions->count; i++) {
        const char *vm = sessions->items[i].vm;
        if (vm != NULL && set_add(known, hash_text(vm)) == NULL) {
            return fault_no_memory(fault);
        }
    }
    return 0;
}

static int give(struct reading *reading, struct site *site, struct fault *fault)
{
    if (protected_vms_move(&site->protected_vms, &reading->vms, fault) < 0 ||
        policies_move(&site->policies, &reading->policies, fault) < 0) {
        return -1;
    }
    if (reading->nameless > 0) {
        lines_add(&site->notices, "left out: %zu CDP policies of which EM gives no usable name",
                  reading->nameless);
    }
    return 0;
}

int policy_fetch(struct em_client *client, const char *name, struct site *site, struct fault *fault)
{
    cleanup_set struct set known = {.slots = NULL};
    cleanup_reading struct reading reading = {.client = client, .name = name, .known = &known};
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    if (name != NULL) {
        query_append_comparison(&filter, "Name", "==", name);
    }
    if (filter.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    if (note_vms(&site->sessions, &known, fault) < 0) {
        return -1;
    }
    const char *condition = name != NULL ? buf_string(&filter) : NULL;
    int result = read_policies(&reading, condition, QUERY_PAGE_SIZE, fault);
    if (result < 0 && fault->kind == FAULT_PROTOCOL && !em_client_refused(client)) {
        forget(&reading);
        fault->kind = FAULT_NONE;
        result = read_policies(&reading, condition, FEW_POLICIES, fault);
    }
    return result < 0 ? -1 : give(&reading, site, fault);
}
