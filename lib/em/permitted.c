// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/permitted.h"

#include <ctype.h>
#include <string.h>

static bool is_plain(const char *path, size_t length)
{
    char last = '/';
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)path[i];
        const bool is_slash = byte == '/' && last != '/';
        if (byte >= 0x80 || !(isalnum(byte) || byte == '-' || is_slash)) {
            return false;
        }
        last = path[i];
    }
    return length > 0 && last != '/';
}

/* Whether the target is the path, something plain behind it, and then exactly that query. */
static bool is_below(const char *target, const char *path, const char *query)
{
    const size_t length = strlen(path);
    const size_t end = strcspn(target, "?");
    return strncmp(target, path, length) == 0 && is_plain(target + length, end - length) &&
           strcmp(target + end, query) == 0;
}

bool request_is_permitted(const struct http_request *request)
{
    if (strcmp(request->method, "GET") == 0) {
        return request->body == NULL;
    }
    if (strcmp(request->method, "DELETE") == 0) {
        return is_below(request->target, "/api/logonSessions/", "");
    }
    return strcmp(request->method, "POST") == 0 &&
           (strcmp(request->target, LOGON_TARGET) == 0 ||
            is_below(request->target, "/api/cdpReplicas/", "?action=intervals"));
}
