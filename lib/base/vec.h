// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Growing lists of any type: a struct that owns one has its items, how many there are, and how many
 * there is room for, all 0 at first. The owner frees the items.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes room for `more` items behind the `count` that the list has; all but `more` are its members.
 * False: no memory, or none has room for so many; the list is as it was.
 */
#define vec_reserve(items, count, capacity, more)                                                  \
    vec_grow(&(items), (count), &(capacity), (more), sizeof *(items))

/*
 * What vec_reserve calls; `items` is a pointer to the pointer to the first item. Grows by half at
 * least, so that many additions cost few copies, but for many at once to their number.
 */
bool vec_grow(void *items, size_t count, size_t *capacity, size_t more, size_t item_size);

/* As qsort, but what is in order already is compared once, and stays as it is. */
void vec_sort(void *items, size_t count, size_t item_size,
              int (*compare)(const void *left, const void *right));

#endif
