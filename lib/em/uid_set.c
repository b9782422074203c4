// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/uid_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/text.h"

enum { FIRST_SLOTS = 1024, UIDS_LIMIT = 4000000, SHOWN_UID = 80 }; // EM's UIDs have 68 characters

/* A UID as its hash; 0 is a free slot. */
struct uid_slot {
    uint64_t hash;
    uint32_t reading; // the last one that had it
};

uint64_t uid_hash(const char *uid)
{
    const uint64_t hash = hash_text_nocase(uid);
    return hash != 0 ? hash : 1;
}

static struct uid_slot *find_slot(const struct uid_set *set, uint64_t hash)
{
    size_t slot = (size_t)hash & (set->slot_count - 1);
    while (set->slots[slot].hash != 0 && set->slots[slot].hash != hash) {
        slot = (slot + 1) & (set->slot_count - 1);
    }
    return &set->slots[slot];
}

static int make_room(struct uid_set *set, struct fault *fault)
{
    if (set->count < set->slot_count / 2) {
        return 0;
    }
    if (set->count >= UIDS_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d entities", UIDS_LIMIT);
    }
    struct uid_set larger = {.slot_count = set->slots != NULL ? set->slot_count * 2 : FIRST_SLOTS,
                             .count = set->count};
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; set->slots != NULL && i < set->slot_count; i++) {
        if (set->slots[i].hash != 0) {
            *find_slot(&larger, set->slots[i].hash) = set->slots[i];
        }
    }
    free(set->slots);
    *set = larger;
    return 0;
}

static int given_twice(const char *uid, const struct mask *mask, struct fault *fault)
{
    struct buf shown;
    cleanup_free char *masked = strdup(uid);
    buf_init(&shown, FAULT_TEXT_SIZE);
    if (masked != NULL) {
        mask_text(mask, masked);
        text_append_clean(&shown, masked, SHOWN_UID);
    }
    fault_set(fault, FAULT_PROTOCOL, "EM gives one UID twice: %s", buf_string(&shown));
    if (masked == NULL || shown.failure != BUF_FINE) {
        fault_no_memory(fault);
    }
    buf_free(&shown);
    return -1;
}

int uid_set_add(struct uid_set *set, const char *uid, uint32_t reading, const struct mask *mask,
                struct fault *fault)
{
    if (make_room(set, fault) < 0) {
        return -1;
    }
    const uint64_t hash = uid_hash(uid);
    struct uid_slot *slot = find_slot(set, hash);
    const bool is_new = slot->hash == 0;
    if (!is_new && slot->reading == reading) {
        return given_twice(uid, mask, fault);
    }
    *slot = (struct uid_slot){.hash = hash, .reading = reading};
    set->count += is_new ? 1 : 0;
    return is_new ? 1 : 0;
}

bool uid_set_has(const struct uid_set *set, const char *uid)
{
    return set->slots != NULL && find_slot(set, uid_hash(uid))->hash != 0;
}

void uid_set_free(struct uid_set *set)
{
    free(set->slots);
    *set = (struct uid_set){.slots = NULL};
}
