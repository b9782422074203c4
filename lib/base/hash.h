// SPDX-License-Identifier: GPL-3.0-or-later
/* FNV-1a: tells texts apart and finds damage by accident. It is no protection from anybody. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(14695981039346656037)

/* Goes on from `hash`, which is HASH_START or what bytes before these gave. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

static inline uint64_t hash_text(const char *text)
{
    uint64_t hash = HASH_START;
    for (; *text != '\0'; text++) {
        hash = hash_bytes(hash, text, 1);
    }
    return hash;
}

/* The same for texts that differ in the case of ASCII letters only. */
static inline uint64_t hash_text_nocase(const char *text)
{
    uint64_t hash = HASH_START;
    for (; *text != '\0'; text++) {
        const char letter = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
        hash = hash_bytes(hash, &letter, 1);
    }
    return hash;
}

#endif
