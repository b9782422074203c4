// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/locale.h"

#include <langinfo.h>
#include <locale.h>
#include <stddef.h>
#include <string.h>

/*
 * C.UTF-8 comes with Debian's libc-bin and with glibc from 2.35 on; older systems have some of the
 * others. The environment's own is not tried: in tr_TR "I" is no capital "i", so that names of JSON
 * members would no longer be found.
 */
static const char *const names[] = {"C.UTF-8",     "C.utf8",      "en_US.UTF-8",
                                    "en_GB.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8"};

static bool is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool find_utf8(void)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (setlocale(LC_CTYPE, names[i]) != NULL && is_utf8()) {
            return true;
        }
    }
    setlocale(LC_CTYPE, "C");
    return false;
}

bool locale_use_utf8(void)
{
    return is_utf8() || find_utf8();
}
