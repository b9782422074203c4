// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which proxy stands before Enterprise Manager, and who named it. libcurl would choose one from the
 * environment by itself, but would not say which.
 */
#ifndef EM_PROXY_H
#define EM_PROXY_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/mask.h"
#include "em/server.h"

enum { PROXY_SHOWN = 160 };

struct em_proxy {
    const char *url;         // NULL: there is none; borrowed from the server or the environment
    char shown[PROXY_SHOWN]; // "the proxy HOST:PORT (https_proxy)", without user and password
    bool speaks_http;        // what it says may be taken for EM's words; SOCKS does not
    bool has_password;
};

/*
 * Chooses the proxy: --proxy, which alone counts then, "none" for none; or the environment's, as
 * libcurl reads it. Its password is added to `mask`. libcurl must be initialised. 0, or -1 with a
 * fault where it can be no proxy, or may not be used for what travels in clear.
 */
int proxy_choose(const struct em_server *server, struct mask *mask, struct em_proxy *proxy,
                 struct fault *fault);

/* What helps if the proxy itself answers that status, with "; " before it; "": not known. */
const char *proxy_advice(const struct em_proxy *proxy, long status);

/*
 * Whether a list such as NO_PROXY's has the host: its name, a domain above it, its address or a
 * network; separated by commas or blanks. "*" has all.
 */
bool proxy_list_has(const char *list, const char *host);

#endif
