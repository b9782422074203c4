// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/vec.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool vec_grow(void *items, size_t count, size_t *capacity, size_t more, size_t item_size)
{
    void *first = NULL;
    memcpy(&first, items, sizeof first); // it may be of any type
    assert(item_size > 0);
    assert(count <= *capacity);
    assert((first == NULL) == (*capacity == 0));
    if (more <= *capacity - count) {
        return true;
    }
    const size_t half = count / 2 + 1;
    const size_t added = more > half ? more : half;
    if (added > PTRDIFF_MAX / item_size - count) { // AddressSanitizer ends who asks for it
        return false;
    }
    void *grown = reallocarray(first, count + added, item_size);
    if (grown == NULL) {
        return false;
    }
    memcpy(items, &grown, sizeof grown);
    *capacity = count + added;
    // cppcheck-suppress memleak // the list has it
    return true;
}

void vec_sort(void *items, size_t count, size_t item_size,
              int (*compare)(const void *left, const void *right))
{
    const char *item = items;
    size_t sorted = count > 0 ? 1 : 0;
    while (sorted < count && compare(item, item + item_size) <= 0) {
        item += item_size;
        sorted++;
    }
    if (sorted < count) {
        qsort(items, count, item_size, compare);
    }
}
