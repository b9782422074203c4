// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/set.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 16 };

struct set_slot {
    uint64_t hash; // 0: free
    uint32_t number;
};

/* The slot that has the hash, or the free one where it belongs. At least half of them are free. */
static struct set_slot *find_slot(const struct set *set, uint64_t hash)
{
    assert(set->count <= set->slot_count / 2);
    size_t slot = (size_t)hash & (set->slot_count - 1);
    while (set->slots[slot].hash != 0 && set->slots[slot].hash != hash) {
        slot = (slot + 1) & (set->slot_count - 1);
    }
    return &set->slots[slot];
}

static uint64_t never_0(uint64_t hash)
{
    return hash != 0 ? hash : 1;
}

static bool make_room(struct set *set)
{
    if (set->count < set->slot_count / 2) {
        return true;
    }
    struct set larger = {.slot_count = set->slot_count > 0 ? set->slot_count * 2 : FIRST_SLOTS,
                         .count = set->count};
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < set->slot_count; i++) {
        if (set->slots[i].hash != 0) {
            *find_slot(&larger, set->slots[i].hash) = set->slots[i];
        }
    }
    free(set->slots);
    *set = larger;
    return true;
}

bool set_expect(struct set *set, size_t count)
{
    assert(set->slots == NULL);
    size_t slots = FIRST_SLOTS;
    while (slots / 2 < count) {
        slots *= 2;
    }
    set->slots = calloc(slots, sizeof *set->slots);
    set->slot_count = set->slots != NULL ? slots : 0;
    return set->slots != NULL;
}

uint32_t *set_add(struct set *set, uint64_t hash)
{
    assert((set->slots == NULL) == (set->slot_count == 0));
    if (!make_room(set)) {
        return NULL;
    }
    struct set_slot *slot = find_slot(set, never_0(hash));
    set->count += slot->hash == 0 ? 1 : 0;
    slot->hash = never_0(hash);
    return &slot->number;
}

uint32_t *set_find(const struct set *set, uint64_t hash)
{
    assert((set->slots == NULL) == (set->slot_count == 0));
    if (set->count == 0) {
        return NULL;
    }
    struct set_slot *slot = find_slot(set, never_0(hash));
    return slot->hash != 0 ? &slot->number : NULL;
}

void set_free(struct set *set)
{
    free(set->slots);
    *set = (struct set){.slots = NULL};
}
