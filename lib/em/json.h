// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reading EM's JSON with cJSON. Enterprise Manager 12 and older writes its keys in PascalCase,
 * 13 in camelCase, so keys are compared without case.
 */
#ifndef EM_JSON_H
#define EM_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/fault.h"
#include "base/text.h"

/* A document, all of whose items stand in the same memory: cJSON_Delete must not see them. */
struct json_document {
    cJSON *root; // NULL: none
    struct json_memory *memory;
};

/*
 * U+FFFF, which is no character and in no text. It stands for what a text's escapes say that is
 * none either: NUL, at which the text would end, and half of a surrogate pair.
 */
extern const char json_no_character[];

/*
 * Parses a whole document; a byte order mark before it is skipped. `bytes` is followed by a NUL
 * that `length` does not count. `document` is {0}, or one that is no longer needed, whose memory is
 * used again. 0, or -1 with a fault where it is not one JSON document; either way the caller frees
 * `document`.
 */
int json_parse(const char *bytes, size_t length, struct json_document *document,
               struct fault *fault);

void json_free(struct json_document *document);

/* Overwrites the document and frees it: for those that hold a secret. */
void json_wipe(struct json_document *document);

/* What an item is, as cJSON's functions say, without a call for each. NULL is nothing of it. */
static inline bool json_is(const cJSON *item, int type)
{
    return item != NULL && (item->type & 0xFF) == type;
}

/* The item's text, NULL where it is no string. */
static inline char *json_string(const cJSON *item)
{
    return json_is(item, cJSON_String) ? item->valuestring : NULL;
}

/* How many items an array has; NULL has none. */
int json_length(const cJSON *array);

/* Whether the item is a member of that name. */
static inline bool json_is_named(const cJSON *item, const char *name)
{
    // Most names differ in the first letter; those that are the same differ in this bit at most.
    const char *key = item->string;
    return key != NULL && ((*key ^ *name) & ~0x20) == 0 && text_equal_nocase(key, name);
}

/* The member `key`, NULL where it is absent or null. It belongs to the object. */
const cJSON *json_member(const cJSON *object, const char *key);

/* Whether there is a member `key`, be it null. */
bool json_has(const cJSON *object, const char *key);

/* The member's text, NULL where it is absent or no string. */
const char *json_text(const cJSON *object, const char *key);

#define cleanup_json __attribute__((cleanup(json_free)))

#endif
