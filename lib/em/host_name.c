// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/host_name.h"

#include <stddef.h>
#include <string.h>

#include "base/locale.h"
#include "base/text.h"
#include "em/curl.h"

/* Why libcurl can't take names that are not ASCII; NULL: it can. */
static const char *find_obstacle(void)
{
    if ((libcurl.version_info(CURLVERSION_NOW)->features & CURL_VERSION_IDN) == 0) {
        return "this libcurl knows no international names";
    }
    // libidn2 takes a name in the encoding of the locale, and in C there is nothing but ASCII.
    return locale_use_utf8() ? NULL : "this system has no UTF-8 locale";
}

int host_name_prepare(const char *source, const char *name, struct fault *fault)
{
    const char *obstacle = name == NULL || text_is_ascii(name) ? NULL : find_obstacle();
    return obstacle == NULL
               ? 0
               : fault_set(fault, FAULT_USAGE, "%s=%s: %s; write it in ASCII, as xn--...", source,
                           name, obstacle);
}

char *host_name_ascii(const char *name)
{
    char *copy = NULL;
#if LIBCURL_VERSION_NUM >= 0x075800 // what is older can't be asked
    if (!text_is_ascii(name) && find_obstacle() == NULL) {
        CURLU *url = libcurl.url();
        char *ascii = NULL;
        if (libcurl.url_set(url, CURLUPART_HOST, name, 0) == CURLUE_OK &&
            libcurl.url_get(url, CURLUPART_HOST, &ascii, CURLU_PUNYCODE) == CURLUE_OK) {
            copy = strdup(ascii);
        }
        libcurl.free(ascii);
        libcurl.url_cleanup(url);
    }
#endif
    return copy != NULL ? copy : strdup(name);
}
