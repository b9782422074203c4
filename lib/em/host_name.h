// SPDX-License-Identifier: GPL-3.0-or-later
/* International names of hosts, of EM and of a proxy. libcurl puts them into ASCII, if it can. */
#ifndef EM_HOST_NAME_H
#define EM_HOST_NAME_H

#include "base/fault.h"

/*
 * Prepares libcurl, which is loaded, for a name; NULL: there is none. 0, or -1 with a fault of kind
 * usage if the name must be written in ASCII; `source` says where it was given.
 */
int host_name_prepare(const char *source, const char *name, struct fault *fault);

/*
 * The name in ASCII (xn--...), or as it is if libcurl can't do that; to be freed. NULL: no memory.
 */
char *host_name_ascii(const char *name);

#endif
