// SPDX-License-Identifier: GPL-3.0-or-later
/* The parts of a scenario that have files of their own; scenario.c puts them together. */
#ifndef EMULATOR_SCENARIO_PARTS_H
#define EMULATOR_SCENARIO_PARTS_H

#include "emulator/loader.h"

/* scenario_wording.c: "role", "may", "refuses" and "wording". Of these, and of the lists below,
 * NULL is the default.
 */
void scenario_load_permissions(struct loader *loader, const cJSON *object);
/* The whole document's "role"; refusals come after it. */
void scenario_load_role(struct loader *loader, const cJSON *document);
void scenario_load_refusals(struct loader *loader, const cJSON *object);
void scenario_load_wording(struct loader *loader, const cJSON *object);

/* scenario_policies.c: "backup_servers" and "policies". */
void scenario_load_servers(struct loader *loader, const cJSON *list);
bool scenario_has_server(struct store *store, const char *name);
void scenario_load_policies(struct loader *loader, const cJSON *list);
/* Has the policy name the object, unless the scenario says itself what the policy includes. */
void scenario_include(struct store *store, struct policy *policy, const char *type,
                      const char *name);
/* Adds the VM to what the policy has made, by a replica of the VM's name with default points. */
struct replica_vm *scenario_replicate(struct store *store, struct policy *policy, const char *vm);
/* The policy that an object names by "policy" and "backup_server"; NULL: none, which is wrong. */
struct policy *scenario_policy_of(struct loader *loader, const cJSON *object, const char *where);

/* scenario_collections.c: "collections", and an item of "system_sessions". */
void scenario_load_collections(struct loader *loader, const cJSON *object);
void scenario_load_system_session(struct loader *loader, const cJSON *object);

/* scenario_intervals.c: "intervals" of a VM or of a fleet's VMs. NULL is the default. */
const struct journal *scenario_load_journal(struct loader *loader, const cJSON *object);
/* Once all VMs are there: has links that are to lead to another VM do so. */
void scenario_link_intervals(struct loader *loader);

/* scenario_replies.c: an item of "replies". */
void scenario_load_reply(struct loader *loader, const cJSON *object);

#endif
