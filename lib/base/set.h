// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A set of texts, each with a number. It keeps their hashes (base/hash.h) only: of four million
 * texts, two share one of 64 bits with a probability of one in two million. Whoever must not
 * confuse two texts even then compares them.
 */
#ifndef BASE_SET_H
#define BASE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {0} is the empty set. */
struct set {
    struct set_slot *slots;
    size_t slot_count; // a power of two, or 0
    size_t count;      // texts
};

/*
 * The number of the text with that hash, which is added with the number 0 if it is not there. Valid
 * until the next one is added. NULL: no memory; the set is as it was.
 */
uint32_t *set_add(struct set *set, uint64_t hash);

/* Makes an empty set ready for so many texts, so that adding them moves none. False: no memory. */
bool set_expect(struct set *set, size_t count);

/* The number of the text with that hash; NULL: it is not there. */
uint32_t *set_find(const struct set *set, uint64_t hash);

/* Frees the numbers; the set is empty then. */
void set_free(struct set *set);

#define cleanup_set __attribute__((cleanup(set_free)))

#endif
