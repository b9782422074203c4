// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * libcjson's functions, loaded when there is JSON to be read or written: a check that a snapshot
 * answers has none, and loading it takes a tenth of its time. What items say needs no function of
 * it: em/json.h.
 */
#ifndef EM_CJSON_H
#define EM_CJSON_H

#include <cjson/cJSON.h>

#include "base/fault.h"

/* What is used of it, each without its "cJSON_". */
#define CJSON_FUNCTIONS(FUNCTION)                                                                  \
    FUNCTION(AddItemToObjectCS)                                                                    \
    FUNCTION(AddNumberToObject)                                                                    \
    FUNCTION(CreateObject)                                                                         \
    FUNCTION(CreateStringReference)                                                                \
    FUNCTION(Delete)                                                                               \
    FUNCTION(InitHooks)                                                                            \
    FUNCTION(ParseWithLengthOpts)                                                                  \
    FUNCTION(PrintPreallocated)

#define CJSON_MEMBER(name) __typeof__(&cJSON_##name) name;
struct cjson_library {
    CJSON_FUNCTIONS(CJSON_MEMBER)
};
#undef CJSON_MEMBER

/* Each is NULL until cjson_load has returned 0. */
extern struct cjson_library libcjson;

/* Loads it where it is not loaded yet; it stays until the program ends. 0, or -1 with a fault. */
int cjson_load(struct fault *fault);

#endif
