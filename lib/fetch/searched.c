// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/searched.h"

#include "base/hash.h"

/* Of VM, policy and backup server, whose name has no case. */
static uint64_t key_of(const char *vm, const char *policy, const char *backup_server)
{
    static const uint64_t prime = UINT64_C(1099511628211); // as in FNV-1a
    uint64_t key = vm != NULL ? hash_text(vm) : 0;
    key = key * prime ^ (policy != NULL ? hash_text(policy) : 0);
    return key * prime ^ (backup_server != NULL ? hash_nocase(backup_server) : 0);
}

/* False: memory is short. */
static bool add(struct set *vms, const char *vm, const char *policy, const char *backup_server)
{
    return set_add(vms, key_of(vm, policy, backup_server)) != NULL;
}

int searched_add(struct set *vms, const struct site *site, struct fault *fault)
{
    bool added = true;
    for (size_t i = 0; i < site->sessions.count && added; i++) {
        const struct task_session *of = &site->sessions.items[i];
        added = add(vms, of->vm, of->policy, of->backup_server);
    }
    for (size_t i = 0; i < site->protected_vms.count && added; i++) {
        const struct protected_vm *of = &site->protected_vms.items[i];
        added = add(vms, of->vm, of->policy, of->backup_server);
    }
    return added ? 0 : fault_no_memory(fault);
}

bool searched_has(const struct searched *searched, const struct target *target)
{
    return searched != NULL &&
           set_find(searched->vms, key_of(target->vm, target->policy, target->backup_server)) !=
               NULL &&
           (target->vm == NULL || set_find(searched->without, hash_text(target->vm)) == NULL);
}

bool searched_has_vm_of(const struct set *vms, const struct task_session *session)
{
    return set_find(vms, key_of(session->vm, session->policy, session->backup_server)) != NULL;
}
