// SPDX-License-Identifier: GPL-3.0-or-later
/* FNV-1a: tells texts apart and finds damage by accident. It is no protection from anybody. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* Eight bytes of text, with 'a' to 'z' for 'A' to 'Z'. The top bit of a byte says what it is. */
static inline uint64_t hash_lower_case(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t ascii = bytes & ones * 0x7F;
    const uint64_t from_a = ascii + ones * (0x80 - 'A');
    const uint64_t behind_z = ascii + ones * (0x7F - 'Z');
    const uint64_t capitals = from_a & ~behind_z & ~bytes & ones * 0x80;
    return bytes | capitals >> 2;
}

/*
 * For what hash_text_nocase is, but eight bytes at a time: a check of all VMs does it for each UID
 * some times. Other machines give other numbers, so it is not for files.
 */
static inline uint64_t hash_nocase(const char *text)
{
    uint64_t hash = HASH_START;
    const size_t length = strlen(text);
    for (size_t at = 0; at < length; at += sizeof hash) {
        uint64_t bytes = 0;
        memcpy(&bytes, text + at, length - at < sizeof bytes ? length - at : sizeof bytes);
        hash = (hash ^ hash_lower_case(bytes)) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32; // sets go by the low bits, which a product has of low bits alone
    }
    return hash;
}

#endif
