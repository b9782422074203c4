// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/server.h"

#include <string.h>

void em_server_append(struct buf *buf, const struct em_server *server)
{
    const bool bracket = strchr(server->host, ':') != NULL; // an IPv6 address
    buf_format(buf, "%s%s%s:%u", bracket ? "[" : "", server->host, bracket ? "]" : "",
               (unsigned)server->port);
}
