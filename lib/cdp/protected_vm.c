// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/protected_vm.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

static void free_vm(struct protected_vm *vm)
{
    recovery_free(vm->recovery);
    free(vm->texts);
}

/* The texts of a replica are those of the VM that has it. */
static void merge_replica(struct protected_vm *to, struct protected_vm *from)
{
    const bool named = to->named || from->named;
    if (to->replica == NULL && from->replica != NULL) {
        const struct protected_vm other = *to;
        *to = *from;
        *from = other;
    }
    to->named = named;
    to->has_replica = to->has_replica || from->has_replica;
}

void protected_vms_sort(struct protected_vms *vms)
{
    size_t kept = 0;
    if (vms->count > 1) {
        qsort(vms->items, vms->count, sizeof *vms->items, compare);
    }
    for (size_t i = 0; i < vms->count; i++) {
        struct protected_vm *last = kept > 0 ? &vms->items[kept - 1] : NULL;
        if (last != NULL && compare(last, &vms->items[i]) == 0) {
            merge_replica(last, &vms->items[i]);
            free_vm(&vms->items[i]);
        } else {
            vms->items[kept++] = vms->items[i];
        }
    }
    vms->count = kept;
}

void protected_vms_truncate(struct protected_vms *vms, size_t count)
{
    while (vms->count > count) {
        free_vm(&vms->items[--vms->count]);
    }
}

void protected_vms_free(struct protected_vms *vms)
{
    protected_vms_truncate(vms, 0);
    free(vms->items);
    *vms = (struct protected_vms){.items = NULL};
}
