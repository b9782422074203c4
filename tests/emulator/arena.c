// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

static void *checked(void *memory)
{
    if (memory == NULL) {
        fputs("em-emulator: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *memory_take(size_t size)
{
    return checked(calloc(1, size > 0 ? size : 1));
}

char *memory_copy(const char *text)
{
    return checked(strdup(text));
}

void *memory_grow(void *elements, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0) {
        return elements;
    }
    return checked(reallocarray(elements, count > 0 ? count * 2 : 1, size));
}

void *arena_take(struct arena *arena, size_t size)
{
    const size_t step = alignof(max_align_t);
    size_t rounded = (size + step - 1) / step * step;
    struct arena_block *block = arena->newest;
    if (block == NULL || block->size - block->used < rounded) {
        size_t room = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;
        block = memory_take(sizeof *block + room);
        block->size = room;
        block->older = arena->newest;
        arena->newest = block;
    }
    void *memory = block->bytes + block->used;
    block->used += rounded;
    return memory;
}

char *arena_copy_part(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_take(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_copy(struct arena *arena, const char *text)
{
    return arena_copy_part(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t size = length < 0 ? 1 : (size_t)length + 1;
    char *text = arena_take(arena, size);
    vsnprintf(text, size, format, again);
    va_end(again);
    return text;
}

void arena_free(struct arena *arena)
{
    while (arena->newest != NULL) {
        struct arena_block *block = arena->newest;
        arena->newest = block->older;
        free(block);
    }
}
