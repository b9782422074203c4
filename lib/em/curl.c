// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/curl.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cdp_config.h"

static const char soname[] = LIBCURL_SONAME; // that of the libcurl configure linked with

struct curl_library libcurl;

#define CURL_ENTRY(name) {"curl_" #name, offsetof(struct curl_library, name)},
static const struct {
    const char *name;
    size_t offset;
} functions[] = {CURL_FUNCTIONS(CURL_ENTRY)};
#undef CURL_ENTRY

/* ISO C knows no way from a data pointer to a function's, hence the copy. */
static int look_up(void *library, struct curl_library *found, struct fault *fault)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        void *function = dlsym(library, functions[i].name);
        if (function == NULL) {
            return fault_set(fault, FAULT_INTERNAL,
                             "%s has no %s: it is older than the one this program was built with",
                             soname, functions[i].name);
        }
        memcpy((char *)found + functions[i].offset, &function, sizeof function);
    }
    return 0;
}

int curl_load(struct fault *fault)
{
    struct curl_library found;
    if (libcurl.easy_init != NULL) {
        return 0;
    }
    // RTLD_LAZY, as if it were linked: to look up all that its libraries might call takes some 6 %
    // of the instructions of a check.
    void *library = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) {
        const char *reason = dlerror();
        return fault_set(fault, FAULT_INTERNAL,
                         "libcurl can't be loaded (%s); is it installed (Debian: libcurl4)?",
                         reason != NULL ? reason : "no reason given");
    }
    // Never unloaded: its libraries leave handlers that run when the program ends.
    if (look_up(library, &found, fault) < 0) {
        return -1;
    }
    libcurl = found;
    return 0;
}

/* libcurl's memory holds the password and the token, so it is overwritten before it is given back.
 */
static void free_wiped(void *memory)
{
    if (memory != NULL) {
        explicit_bzero(memory, malloc_usable_size(memory));
    }
    free(memory);
}

static void *realloc_wiped(void *memory, size_t size)
{
    if (memory == NULL) {
        return malloc(size);
    }
    const size_t present = malloc_usable_size(memory);
    if (size <= present) {
        return memory;
    }
    void *moved = malloc(size);
    if (moved != NULL) {
        memcpy(moved, memory, present);
        free_wiped(memory);
    }
    return moved;
}

bool curl_init(void)
{
    return libcurl.global_init_mem(CURL_GLOBAL_DEFAULT, malloc, free_wiped, realloc_wiped, strdup,
                                   calloc) == CURLE_OK;
}
