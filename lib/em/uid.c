// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/uid.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/text.h"

enum { UIDS_LIMIT = 4000000, SHOWN_UID = 80 }; // EM's UIDs have 68 characters

uint64_t uid_hash(const char *uid)
{
    const uint64_t hash = hash_nocase(uid);
    return hash != 0 ? hash : 1;
}

static int given_twice(const char *uid, const struct mask *mask, struct fault *fault)
{
    cleanup_free char *masked = strdup(uid);
    cleanup_buf struct buf shown;
    buf_init(&shown, FAULT_TEXT_SIZE);
    if (masked == NULL) {
        return fault_no_memory(fault);
    }
    mask_text(mask, masked);
    text_append_clean(&shown, masked, SHOWN_UID);
    return shown.failure == BUF_FINE
               ? fault_set(fault, FAULT_PROTOCOL, "EM gives one UID twice: %s", buf_string(&shown))
               : fault_no_memory(fault);
}

int uid_add(struct set *set, const char *uid, uint32_t reading, const struct mask *mask,
            struct fault *fault)
{
    uint32_t *last_reading = set_add(set, uid_hash(uid));
    if (last_reading == NULL) {
        return fault_no_memory(fault);
    }
    if (*last_reading == reading) {
        return given_twice(uid, mask, fault);
    }
    if (set->count > UIDS_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d entities", UIDS_LIMIT);
    }
    const bool is_new = *last_reading == 0;
    *last_reading = reading;
    return is_new ? 1 : 0;
}
