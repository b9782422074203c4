// SPDX-License-Identifier: GPL-3.0-or-later
/* What a monitor may send to EM: nothing that could change anything there. */
#ifndef EM_PERMITTED_H
#define EM_PERMITTED_H

#include <stdbool.h>

#include "em/http_message.h"

/* ?v=latest: EM 12 and older also take the bare path, EM 13 is said to need the version. */
#define LOGON_TARGET "/api/sessionMngr/?v=latest"

/*
 * Whether it is a GET, the logon, a logoff, or a POST below /api/cdpReplicas/ whose query is
 * exactly "action=intervals" and whose path has nothing but letters, digits, '-' and single
 * slashes. EM's links of a replica's VM have the action failover beside that of intervals.
 */
bool request_is_permitted(const struct http_request *request);

#endif
