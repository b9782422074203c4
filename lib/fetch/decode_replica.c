// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/decode_replica.h"

#include <string.h>

#include "em/entity.h"
#include "fetch/reference.h"

/* The same in both (cdpreplicas_id, cdpreplicas_id_vms_id). */
enum replica_member {
    REPLICA_NAME,
    REPLICA_POLICY,
    REPLICA_SERVER,
    REPLICA_LINKS,
    REPLICA_MEMBERS
};
static const struct entity_member replica_members[REPLICA_MEMBERS] = {
    [REPLICA_NAME] = {"Name", ENTITY_RAW},
    [REPLICA_POLICY] = {"PolicyName", ENTITY_RAW},
    [REPLICA_SERVER] = {"BackupServer", ENTITY_TEXT},
    [REPLICA_LINKS] = {"Links", ENTITY_LIST},
};

static const char *server_of(const struct entity_value values[REPLICA_MEMBERS],
                             const struct mask *mask)
{
    return reference_is_name(values[REPLICA_SERVER].text)
               ? values[REPLICA_SERVER].text
               : reference_name(values[REPLICA_LINKS].list, "BackupServerReference", mask);
}

static const char *policy_of(const struct entity_value values[REPLICA_MEMBERS], const char *wanted,
                             const struct mask *mask)
{
    char *name = values[REPLICA_POLICY].text;
    if (reference_is_name(name)) {
        return reference_policy(name, wanted, mask);
    }
    const char *linked = reference_name(values[REPLICA_LINKS].list, "CdpPolicyReference", mask);
    return linked != NULL && wanted != NULL && strcmp(linked, wanted) == 0 ? wanted : linked;
}

void decode_replica(const cJSON *entity, const char *wanted, const struct mask *mask,
                    struct decoded_replica *replica)
{
    struct entity_value values[REPLICA_MEMBERS];
    *replica = (struct decoded_replica){.policy = NULL};
    entity_read(entity, replica_members, REPLICA_MEMBERS, mask, values);
    replica->policy = policy_of(values, wanted, mask);
    if (replica->policy == NULL && reference_is_name(values[REPLICA_NAME].text)) {
        replica->policy = reference_policy(values[REPLICA_NAME].text, wanted, mask);
    }
    replica->backup_server = server_of(values, mask);
    if (!reference_uuid(entity, "cdpReplicas", replica->uuid)) {
        replica->uuid[0] = '\0';
    }
}

bool decode_replica_vm(const cJSON *entity, const char *wanted, const char *replica,
                       const struct mask *mask, struct decoded_replica_vm *decoded)
{
    struct protected_vm *vm = &decoded->vm;
    struct entity_value values[REPLICA_MEMBERS];
    entity_read(entity, replica_members, REPLICA_MEMBERS, mask, values);
    char *name = values[REPLICA_NAME].text;
    *vm = (struct protected_vm){.has_replica = true};
    if (!reference_is_name(name)) {
        return false;
    }
    mask_text(mask, name);
    vm->vm = name;
    vm->policy = policy_of(values, wanted, mask);
    vm->backup_server = server_of(values, mask);
    vm->replica = reference_replica(entity, replica, decoded->replica) ? decoded->replica : NULL;
    return true;
}
