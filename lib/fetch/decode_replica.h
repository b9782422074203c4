// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's CDP replicas and their VMs, from its JSON. */
#ifndef FETCH_DECODE_REPLICA_H
#define FETCH_DECODE_REPLICA_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/mask.h"
#include "cdp/protected_vm.h"
#include "cdp/task_session.h"
#include "fetch/reference.h"

/* What a policy has replicated. The texts are the entity's. */
struct decoded_replica {
    const char *policy;        // NULL: EM gives none
    const char *backup_server; // the same
    char uuid[UUID_SIZE];      // "": EM gives none
};

/* A policy's name that is `wanted`, which may be NULL, is not masked: it is that very text then. */
void decode_replica(const cJSON *entity, const char *wanted, const struct mask *mask,
                    struct decoded_replica *replica);

/* A VM, and the text of its `replica`. */
struct decoded_replica_vm {
    struct protected_vm vm;
    char replica[REFERENCE_REPLICA_SIZE];
};

/*
 * Decodes the VM of a replica, an entity or a reference; policy and backup server are NULL if it
 * does not say them, as references don't. `replica` is the replica's UUID; NULL: the VM says it.
 * False: it has no usable name.
 */
bool decode_replica_vm(const cJSON *entity, const char *wanted, const char *replica,
                       const struct mask *mask, struct decoded_replica_vm *decoded);

#endif
