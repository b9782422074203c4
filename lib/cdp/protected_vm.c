// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/protected_vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/vec.h"

static size_t size_of(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

/* Makes room for so many more VMs with so many bytes of texts. */
static int reserve(struct protected_vms *vms, size_t count, size_t size, struct fault *fault)
{
    if (count > PROTECTED_VMS_LIMIT - vms->count || size > PROTECTED_VMS_SIZE_LIMIT - vms->size) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "EM gives more than %d VMs of policies and replicas, or %d MiB of names",
                         PROTECTED_VMS_LIMIT, PROTECTED_VMS_SIZE_LIMIT / 1024 / 1024);
    }
    return vec_reserve(vms->items, vms->count, vms->capacity, count) ? 0 : fault_no_memory(fault);
}

int protected_vms_append(struct protected_vms *vms, const struct protected_vm *vm,
                         struct fault *fault)
{
    const size_t size =
        size_of(vm->vm) + size_of(vm->policy) + size_of(vm->backup_server) + size_of(vm->replica);
    if (reserve(vms, 1, size, fault) < 0) {
        return -1;
    }
    struct protected_vm *added = &vms->items[vms->count];
    *added = *vm;
    added->recovery = NULL;
    const char **const texts[] = {&added->vm, &added->policy, &added->backup_server,
                                  &added->replica};
    added->texts = text_copy_all(texts, sizeof texts / sizeof texts[0]);
    vms->count += added->texts != NULL ? 1 : 0;
    vms->size += added->texts != NULL ? size : 0;
    return added->texts != NULL ? 0 : fault_no_memory(fault);
}

int protected_vms_move(struct protected_vms *to, struct protected_vms *from, struct fault *fault)
{
    if (reserve(to, from->count, from->size, fault) < 0) {
        return -1;
    }
    if (from->count > 0) {
        memcpy(&to->items[to->count], from->items, from->count * sizeof *from->items);
    }
    to->count += from->count;
    to->size += from->size;
    free(from->items);
    *from = (struct protected_vms){.items = NULL};
    return 0;
}

/* Absent texts come first. */
static int compare_texts(const char *a, const char *b, int (*compare)(const char *, const char *))
{
    return a == NULL || b == NULL ? (a != NULL) - (b != NULL) : compare(a, b);
}

static int compare(const void *left, const void *right)
{
    const struct protected_vm *a = left;
    const struct protected_vm *b = right;
    int order = compare_texts(a->vm, b->vm, strcmp);
    order = order != 0 ? order : compare_texts(a->policy, b->policy, strcmp);
    return order != 0 ? order : compare_texts(a->backup_server, b->backup_server, strcasecmp);
}

void protected_vm_free(struct protected_vm *vm)
{
    recovery_free(vm->recovery);
    free(vm->texts);
}

static size_t count_paths(const char *replica)
{
    size_t count = 1;
    for (const char *at = strchr(replica, ' '); at != NULL; at = strchr(at + 1, ' ')) {
        count++;
    }
    return count;
}

/* Both have paths, which are not the same. */
static int join_paths(struct protected_vm *to, const struct protected_vm *from, struct fault *fault)
{
    cleanup_free char *both = NULL;
    if (strstr(to->replica, from->replica) != NULL ||
        count_paths(to->replica) + count_paths(from->replica) > PROTECTED_VM_REPLICAS) {
        return 0;
    }
    if (asprintf(&both, "%s %s", to->replica, from->replica) < 0) {
        both = NULL;
        return fault_no_memory(fault);
    }
    struct protected_vm joined = *to;
    joined.replica = both;
    const char **const texts[] = {&joined.vm, &joined.policy, &joined.backup_server,
                                  &joined.replica};
    joined.texts = text_copy_all(texts, sizeof texts / sizeof texts[0]);
    if (joined.texts == NULL) {
        return fault_no_memory(fault);
    }
    free(to->texts);
    *to = joined;
    return 0;
}

/* The texts of a replica are those of the VM that has it. */
static int merge(struct protected_vm *to, struct protected_vm *from, struct fault *fault)
{
    const bool named = to->named || from->named;
    const bool has_replica = to->has_replica || from->has_replica;
    if (to->replica == NULL && from->replica != NULL) {
        const struct protected_vm other = *to;
        *to = *from;
        *from = other;
    }
    to->named = named;
    to->has_replica = has_replica;
    return to->replica != NULL && from->replica != NULL ? join_paths(to, from, fault) : 0;
}

int protected_vms_sort(struct protected_vms *vms, struct fault *fault)
{
    size_t kept = 0;
    int result = 0;
    vec_sort(vms->items, vms->count, sizeof *vms->items, compare);
    for (size_t i = 0; i < vms->count; i++) {
        struct protected_vm *last = kept > 0 ? &vms->items[kept - 1] : NULL;
        if (last != NULL && compare(last, &vms->items[i]) == 0) {
            result = merge(last, &vms->items[i], fault) < 0 ? -1 : result;
            protected_vm_free(&vms->items[i]);
        } else {
            vms->items[kept++] = vms->items[i];
        }
    }
    vms->count = kept;
    return result;
}

void protected_vms_truncate(struct protected_vms *vms, size_t count)
{
    while (vms->count > count) {
        protected_vm_free(&vms->items[--vms->count]);
    }
}

void protected_vms_free(struct protected_vms *vms)
{
    protected_vms_truncate(vms, 0);
    free(vms->items);
    *vms = (struct protected_vms){.items = NULL};
}
