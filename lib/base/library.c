// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

/* ISO C knows no way from a data pointer to a function's, hence the copy. */
static int look_up(void *handle, const struct library *library, char *found, struct fault *fault)
{
    for (size_t i = 0; i < library->count; i++) {
        void *function = dlsym(handle, library->functions[i].name);
        if (function == NULL) {
            return fault_set(fault, FAULT_INTERNAL,
                             "%s has no %s: it is older than the one this program was built with",
                             library->soname, library->functions[i].name);
        }
        memcpy(found + library->functions[i].offset, &function, sizeof function);
    }
    return 0;
}

int library_load(const struct library *library, void *found, struct fault *fault)
{
    // RTLD_LAZY, as if it were linked: to look up all that its libraries might call takes some 6 %
    // of the instructions of a check that asks EM.
    void *handle = dlopen(library->soname, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL) {
        const char *reason = dlerror();
        return fault_set(fault, FAULT_INTERNAL,
                         "%s can't be loaded (%s); is it installed (Debian: %s)?", library->name,
                         reason != NULL ? reason : "no reason given", library->package);
    }
    // Never unloaded: its libraries leave handlers that run when the program ends.
    return look_up(handle, library, found, fault);
}
