// SPDX-License-Identifier: GPL-3.0-or-later
/* International names of hosts. libcurl puts them into ASCII, if it can. */
#ifndef EM_HOST_NAME_H
#define EM_HOST_NAME_H

#include "base/fault.h"
#include "em/server.h"

/*
 * Prepares libcurl, which is loaded, for the names that `server` has. 0, or -1 with a fault of kind
 * usage where one of them must be written in ASCII.
 */
int host_name_prepare(const struct em_server *server, struct fault *fault);

#endif
