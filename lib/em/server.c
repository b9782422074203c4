// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/server.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

void em_server_append(struct buf *buf, const struct em_server *server)
{
    const bool bracket = strchr(server->host, ':') != NULL; // an IPv6 address
    buf_format(buf, "%s%s%s:%u", bracket ? "[" : "", server->host, bracket ? "]" : "",
               (unsigned)server->port);
}

void em_server_append_key(struct buf *name, const struct em_server *server, const char *username)
{
    text_append_encoded(name, username);
    buf_text(name, "@");
    for (const char *at = server->host; *at != '\0'; at++) {
        const char letter[] = {(char)tolower((unsigned char)*at), '\0'};
        text_append_encoded(name, letter);
    }
    buf_format(name, "_%u%s", (unsigned)server->port, server->plain ? "_plain" : "");
    if (server->connect_to != NULL) {
        buf_text(name, "@");
        text_append_encoded(name, server->connect_to);
    }
}
