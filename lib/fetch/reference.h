// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How EM's entities refer to others, by links, Hrefs and names. EM writes a host into its Hrefs
 * that need not be known here, so only their paths count.
 */
#ifndef FETCH_REFERENCE_H
#define FETCH_REFERENCE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/mask.h"
#include "cdp/task_session.h"

/* Whether it can tell a VM, policy or server from others: it is whole, and not empty. NULL is not.
 */
bool reference_is_name(const char *name);

/* The name of the first link of that Type that has one, masked in place. NULL: there is none. */
const char *reference_name(const cJSON *links, const char *type, const struct mask *mask);

/*
 * A policy's name as it is kept: `wanted`, which may be NULL, if EM has written that very name,
 * else masked in place. NULL stays NULL.
 */
const char *reference_policy(char *name, const char *wanted, const struct mask *mask);

/*
 * Finds the UUID of the entity: by its own UID, else by what its links and its Href have behind the
 * last "/api/COLLECTION/". False: none of them has one.
 */
bool reference_uuid(const cJSON *entity, const char *collection, char uuid[UUID_SIZE]);

/* "UUID/vms/UUID", of a replica and of its VM. */
enum { REFERENCE_REPLICA_SIZE = 2 * UUID_SIZE + sizeof "/vms/" };

/*
 * Finds where EM has the VM of a replica, below /api/cdpReplicas/: by their UIDs, else by the VM's
 * Href. `replica` is the UUID of the replica; NULL: the VM says it. False: it can't be found, and
 * the path is "". Links are of no use: one of them leads to a failover.
 */
bool reference_replica(const cJSON *vm, const char *replica, char path[REFERENCE_REPLICA_SIZE]);

/* Whether the text is such paths, with a space between them. */
bool reference_are_replicas(const char *paths);

/*
 * Finds the list that is EM's answer to the path of a collection: a member of one of the names, up
 * to NULL, or else the only array. Sets `list` to NULL if it is empty. -1: there is no such list.
 */
int reference_list(const cJSON *answer, const char *const names[], const cJSON **list);

#endif
