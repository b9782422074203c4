// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The VMs that should be replicated: those that a policy names, and those that EM has a replica of.
 * They join task sessions by VM, policy and backup server.
 */
#ifndef CDP_PROTECTED_VM_H
#define CDP_PROTECTED_VM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "cdp/intervals.h"

/* More than any site has VMs, and bytes of their texts. */
enum { PROTECTED_VMS_LIMIT = 1000000, PROTECTED_VMS_SIZE_LIMIT = 128 * 1024 * 1024 };

struct protected_vm {
    const char *vm;
    const char *policy;        // NULL: not known
    const char *backup_server; // NULL: not known
    const char *replica; // where EM has its replica: "UUID/vms/UUID", or several, with a space
                         // between them, if there are some of its name; NULL: not known
    bool named;          // its policy includes it by name
    bool has_replica;
    struct recovery *recovery; // its own; NULL: EM was not asked
    char *texts;               // where those above stand
};

/* {0} is an empty list. */
struct protected_vms {
    struct protected_vm *items;
    size_t count;
    size_t capacity;
    size_t size; // bytes of the texts that were ever appended
};

/*
 * Appends a VM that is like `vm`, of whose texts the list has copies. 0, or -1 with a fault if the
 * list is full or memory is short.
 */
int protected_vms_append(struct protected_vms *vms, const struct protected_vm *vm,
                         struct fault *fault);

/* How many paths `replica` may have. */
enum { PROTECTED_VM_REPLICAS = 4 };

/* Moves all VMs to the end of `to`. 0, or -1 with a fault as above; then nothing was moved. */
int protected_vms_move(struct protected_vms *to, struct protected_vms *from, struct fault *fault);

/*
 * Sorts the list by the VMs' names, without case of host names, and makes one of those that are the
 * same VM: named, or with a replica, if one of them is; with the paths of all of their replicas. 0,
 * or -1 if memory is short.
 */
int protected_vms_sort(struct protected_vms *vms, struct fault *fault);

/* Frees what one has. */
void protected_vm_free(struct protected_vm *vm);

/* Drops all but the first `count`. */
void protected_vms_truncate(struct protected_vms *vms, size_t count);

void protected_vms_free(struct protected_vms *vms);

#define cleanup_protected_vms __attribute__((cleanup(protected_vms_free)))

#endif
