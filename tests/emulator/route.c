// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/route.h"

#include <string.h>
#include <strings.h>

bool route_is(const struct store *store, const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return false;
    }
    return store->wording.any_path_case ? strcasecmp(a, b) == 0 : strcmp(a, b) == 0;
}

struct route route_of(const struct request *request)
{
    struct route route = {.count = 0};
    const char *at = request->path + strlen("/api");
    while (*at == '/' && at[1] != '\0') {
        size_t length = strcspn(++at, "/");
        if (route.count < MOST_SEGMENTS) {
            route.segments[route.count] = arena_copy_part(request->arena, at, length);
        }
        route.count++;
        at += length;
    }
    return route;
}

void route_not_found(const struct request *request, struct answer *answer)
{
    answer_error(request->arena, answer, 404,
                 arena_format(request->arena, "Cannot find resource [%s].", request->path));
}

bool route_needs_method(const struct request *request, struct answer *answer, const char *method)
{
    if (strcmp(request->method, method) == 0) {
        return true;
    }
    answer_error(request->arena, answer, 405, "Method is not allowed.");
    answer->allow = method;
    return false;
}

void route_invalid_id(const struct request *request, struct answer *answer, const char *id,
                      const char *type)
{
    answer_error(request->arena, answer, 400,
                 arena_format(request->arena, " ID %s is invalid. Type: %s", id, type));
}

void route_unknown_id(const struct request *request, struct answer *answer, const char *id,
                      const char *type)
{
    answer_error(request->arena, answer, 404,
                 arena_format(request->arena, "Cannot find %s [%s]", type, id));
}

bool route_refused(const struct store *store, const struct request *request, enum feature feature,
                   struct answer *answer)
{
    return route_fails(request, store->refuses[feature], answer);
}

bool route_fails(const struct request *request, int status, struct answer *answer)
{
    if (status == 404) {
        route_not_found(request, answer);
    } else if (status != 0) {
        const char *message = status == 403 ? "Access is denied."
                              : status == 400
                                  ? "The request is not supported."
                                  : "Object reference not set to an instance of an object.";
        answer_error(request->arena, answer, (unsigned int)status, message);
    }
    return status != 0;
}
