// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/host_name.h"

#include <stddef.h>

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

int host_name_prepare(const struct em_server *server, struct fault *fault)
{
    const struct {
        const char *option, *name;
    } names[] = {{"--hostname", server->host}, {"--connect-to", server->connect_to}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].name == NULL || text_is_ascii(names[i].name)) {
            continue;
        }
        const char *obstacle = find_obstacle();
        if (obstacle != NULL) {
            return fault_set(fault, FAULT_USAGE, "%s=%s: %s; write it in ASCII, as xn--...",
                             names[i].option, names[i].name, obstacle);
        }
    }
    return 0;
}
