// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * EM has two ways to the VMs of replicas. The documented one asks the query service for the
 * replicas, of which a policy has one, and each of them for its VMs (cdpreplicas_id_vms). The other
 * one is offered by an EM 12 in the links of its logon, and gives all VMs at once.
 */
#include "fetch/replica.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/set.h"
#include "base/text.h"
#include "base/vec.h"
#include "em/json.h"
#include "em/pages.h"
#include "em/uid.h"
#include "fetch/decode_replica.h"
#include "fetch/part.h"
#include "fetch/reference.h"

/* A policy has one. */
enum { REPLICAS_LIMIT = 100000 };

/* If so many replicas don't say their VMs, the others aren't asked. */
enum { MOST_FAILURES = 3 };

static const char collection[] = "cdpReplicas";

struct replica {
    char uuid[UUID_SIZE];
    char *texts; // where the next two stand
    const char *policy;
    const char *backup_server;
    bool read;
};

struct reading {
    struct em_client *client;
    const char *policy; // NULL: any
    struct site *site;
    struct protected_vms *vms; // the site's
    struct replica *replicas;
    size_t count;
    size_t capacity;
    struct set known; // the replicas' UUIDs
    size_t nameless;
    struct json_document document; // of the last answer
};

static void forget(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        free(reading->replicas[i].texts);
    }
    free(reading->replicas);
    set_free(&reading->known);
    json_free(&reading->document);
}

#define cleanup_reading __attribute__((cleanup(forget)))

/* ---- which replicas there are ---- */

static int take_replica(void *reader, const cJSON *entity, struct fault *fault)
{
    struct reading *reading = reader;
    struct decoded_replica decoded;
    decode_replica(entity, reading->policy, em_client_mask(reading->client), &decoded);
    // If EM, which filters by the policy, does not say the policy, that is believed.
    if (reading->policy != NULL && decoded.policy != NULL && decoded.policy != reading->policy) {
        return 0;
    }
    if (decoded.uuid[0] == '\0') {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives a CDP replica without a UID");
    }
    uint32_t *times = set_add(&reading->known, uid_hash(decoded.uuid));
    if (times == NULL) {
        return fault_no_memory(fault);
    }
    if ((*times)++ > 0) { // what shifted to a later page is read twice
        return 0;
    }
    if (reading->count == REPLICAS_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d CDP replicas",
                         REPLICAS_LIMIT);
    }
    if (!vec_reserve(reading->replicas, reading->count, reading->capacity, 1)) {
        return fault_no_memory(fault);
    }
    struct replica *added = &reading->replicas[reading->count];
    *added = (struct replica){
        .policy = decoded.policy != NULL ? decoded.policy : reading->policy,
        .backup_server = decoded.backup_server,
    };
    memcpy(added->uuid, decoded.uuid, sizeof added->uuid);
    const char **const texts[] = {&added->policy, &added->backup_server};
    added->texts = text_copy_all(texts, sizeof texts / sizeof texts[0]);
    reading->count += added->texts != NULL ? 1 : 0;
    return added->texts != NULL ? 0 : fault_no_memory(fault);
}

struct em_query replica_query(const char *filter, int page_size)
{
    return (struct em_query){
        .type = "CdpReplica", .container = "CdpReplicas", .filter = filter, .page_size = page_size};
}

static int read_replicas(struct reading *reading, struct fault *fault)
{
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    if (reading->policy != NULL) {
        query_append_comparison(&filter, "PolicyName", "==", reading->policy);
    }
    if (filter.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    const struct em_query query =
        replica_query(reading->policy != NULL ? buf_string(&filter) : NULL, QUERY_PAGE_SIZE);
    return em_pages_take_all(reading->client, &query, take_replica, reading, fault);
}

/* ---- their VMs ---- */

/* Whether it is one page of several: such lists have no pages (cdpreplicas_id_vms). */
static bool is_a_part(const cJSON *answer)
{
    const cJSON *pages = json_member(json_member(answer, "PagingInfo"), "PagesCount");
    return pages != NULL && !(json_is(pages, cJSON_Number) && pages->valuedouble <= 1);
}

/* GETs a list of VMs, which stays the document's. */
static int get_vms(struct reading *reading, const char *target, const cJSON **list,
                   struct fault *fault)
{
    static const char *const names[] = {"CdpReplicaVms", "VmCdpReplicas", "Refs", NULL};
    if (em_client_get(reading->client, target, &reading->document, fault) < 0) {
        return -1;
    }
    if (reference_list(reading->document.root, names, list) < 0 ||
        is_a_part(reading->document.root)) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "EM's answer is not the whole list of the VMs of %s", target);
    }
    return 0;
}

/* Takes those of a list; what a VM does not say itself, the replica says, which may be NULL. */
static int take_vms(struct reading *reading, const cJSON *list, const struct replica *replica,
                    struct fault *fault)
{
    const struct mask *mask = em_client_mask(reading->client);
    const cJSON *entity = NULL;
    cJSON_ArrayForEach(entity, list)
    {
        struct decoded_replica_vm decoded;
        const char *uuid = replica != NULL ? replica->uuid : NULL;
        if (!decode_replica_vm(entity, reading->policy, uuid, mask, &decoded)) {
            reading->nameless++;
            continue;
        }
        struct protected_vm vm = decoded.vm;
        if (replica != NULL) {
            vm.policy = replica->policy != NULL ? replica->policy : vm.policy;
            vm.backup_server =
                replica->backup_server != NULL ? replica->backup_server : vm.backup_server;
        } else if (reading->policy != NULL && vm.policy == NULL) {
            return fault_set(fault, FAULT_PROTOCOL, "EM gives VMs of replicas without a policy");
        } else if (reading->policy != NULL && vm.policy != reading->policy) {
            continue;
        }
        if (protected_vms_append(reading->vms, &vm, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

static int read_vms(struct reading *reading, struct replica *replica, struct fault *fault)
{
    char target[64 + UUID_SIZE];
    const cJSON *list = NULL;
    snprintf(target, sizeof target, "/api/%s/%s/vms", collection, replica->uuid);
    if (get_vms(reading, target, &list, fault) < 0 || take_vms(reading, list, replica, fault) < 0) {
        return -1;
    }
    replica->read = true;
    return 0;
}

static int read_all_at_once(struct reading *reading, struct fault *fault)
{
    const cJSON *list = NULL;
    fault->kind = FAULT_NONE;
    reading->site->answers[SITE_REPLICAS].way = SITE_WAY_LIST;
    return get_vms(reading, "/api/cdpReplica/vms?format=Entity", &list, fault) < 0
               ? -1
               : take_vms(reading, list, NULL, fault);
}

/* Whether this EM may not have what was asked for, and another path instead. */
static bool may_lack_path(const struct em_client *client, const struct fault *fault)
{
    return em_client_refused(client) && fault->kind != FAULT_FORBIDDEN;
}

/*
 * Asks each replica. One that does not answer is asked again after the others, so that those are
 * known whatever comes of it: it may have been deleted, or its backup server be away.
 */
static int read_each(struct reading *reading, struct fault *fault)
{
    size_t failures = 0;
    size_t answers = 0;
    bool lacks_path = false;
    for (size_t i = 0; i < reading->count && failures < MOST_FAILURES; i++) {
        struct fault why = {.kind = FAULT_NONE};
        if (read_vms(reading, &reading->replicas[i], &why) == 0) {
            answers++;
            continue;
        }
        if (part_fault_is_final(why.kind)) {
            *fault = why;
            return -1;
        }
        lacks_path = lacks_path || (failures == 0 && may_lack_path(reading->client, &why));
        failures++;
    }
    if (answers == 0 && lacks_path) {
        return read_all_at_once(reading, fault);
    }
    for (size_t i = 0; i < reading->count; i++) {
        if (!reading->replicas[i].read && read_vms(reading, &reading->replicas[i], fault) < 0) {
            return -1;
        }
    }
    return 0;
}

int replica_fetch(struct em_client *client, const char *policy, struct site *site,
                  struct fault *fault)
{
    cleanup_reading struct reading reading = {
        .client = client, .policy = policy, .site = site, .vms = &site->protected_vms};
    site->answers[SITE_REPLICAS].way = SITE_WAY_QUERY;
    int result = read_replicas(&reading, fault);
    if (result == 0) {
        result = read_each(&reading, fault);
    } else if (may_lack_path(client, fault)) {
        result = read_all_at_once(&reading, fault);
    }
    if (reading.nameless > 0) {
        lines_add(&site->notices, "left out: %zu VMs of replicas of which EM gives no usable name",
                  reading.nameless);
    }
    return result < 0 ? -1 : 0;
}
