// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/curl.h"

#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"
#include "cdp_config.h"

struct curl_library libcurl;

#define CURL_ENTRY(name) {"curl_" #name, offsetof(struct curl_library, name)},
static const struct library_function functions[] = {CURL_FUNCTIONS(CURL_ENTRY)};
#undef CURL_ENTRY

static const struct library library = {.soname = LIBCURL_SONAME, // that configure linked with
                                       .name = "libcurl",
                                       .package = "libcurl4",
                                       .functions = functions,
                                       .count = sizeof functions / sizeof functions[0]};

int curl_load(struct fault *fault)
{
    struct curl_library found;
    if (libcurl.easy_init != NULL) {
        return 0;
    }
    if (library_load(&library, &found, fault) < 0) {
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
