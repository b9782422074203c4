// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/cjson.h"

#include <stddef.h>

#include "base/library.h"
#include "cdp_config.h"

struct cjson_library libcjson;

#define CJSON_ENTRY(name) {"cJSON_" #name, offsetof(struct cjson_library, name)},
static const struct library_function functions[] = {CJSON_FUNCTIONS(CJSON_ENTRY)};
#undef CJSON_ENTRY

static const struct library library = {.soname = LIBCJSON_SONAME, // that configure linked with
                                       .name = "libcjson",
                                       .package = "libcjson1",
                                       .functions = functions,
                                       .count = sizeof functions / sizeof functions[0]};

int cjson_load(struct fault *fault)
{
    struct cjson_library found;
    if (libcjson.InitHooks != NULL) {
        return 0;
    }
    if (library_load(&library, &found, fault) < 0) {
        return -1;
    }
    libcjson = found;
    return 0;
}
