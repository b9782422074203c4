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

/*
 * Parses a whole document; a byte order mark before it is skipped. `bytes` is followed by a NUL
 * that `length` does not count. The caller deletes the result. NULL: not one JSON document.
 */
cJSON *json_parse(const char *bytes, size_t length, struct fault *fault);

/* The member `key`, NULL where it is absent or null. It belongs to the object. */
const cJSON *json_member(const cJSON *object, const char *key);

/* The member's text, NULL where it is absent or no string. */
const char *json_text(const cJSON *object, const char *key);

/* Overwrites every text of the document, which may be NULL: for those that hold a secret. */
void json_wipe(cJSON *document);

static inline void cleanup_json_pointer(cJSON **document)
{
    cJSON_Delete(*document);
}

#define cleanup_json __attribute__((cleanup(cleanup_json_pointer)))

#endif
