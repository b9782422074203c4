// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Memory that lives and dies together: a scenario's, or one answer's. The emulator is a tool for
 * tests: where there is no memory it says so and aborts, so no caller checks for NULL.
 */
#ifndef EMULATOR_ARENA_H
#define EMULATOR_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *newest;
};

/* Zeroed memory for any type; it goes with the arena. An arena of zeros is empty and usable. */
void *arena_take(struct arena *arena, size_t size);
char *arena_copy(struct arena *arena, const char *text);
char *arena_copy_part(struct arena *arena, const char *text, size_t length);
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *arena);

/* The same for memory of its own, released by free(). */
void *memory_take(size_t size);
char *memory_copy(const char *text);
/* Room for one more element: grows `elements` at powers of two, where `count` are in use. */
void *memory_grow(void *elements, size_t count, size_t size);

#endif
