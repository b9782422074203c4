// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/request.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static int hexadecimal(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = digit != '\0' ? strchr(digits, tolower((unsigned char)digit)) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

char *request_decode(struct arena *arena, const char *text, size_t length, bool plus)
{
    char *decoded = arena_take(arena, length + 1);
    size_t out = 0;
    for (size_t i = 0; i < length; i++) {
        decoded[out] = plus && text[i] == '+' ? ' ' : text[i];
        if (text[i] == '%') {
            int high = length - i > 2 ? hexadecimal(text[i + 1]) : -1;
            int low = high >= 0 ? hexadecimal(text[i + 2]) : -1;
            if (low < 0 || (high == 0 && low == 0)) {
                return NULL;
            }
            decoded[out] = (char)(high * 16 + low);
            i += 2;
        }
        out++;
    }
    return decoded;
}

static bool add_parameter(struct request *request, const char *text, size_t length)
{
    if (length == 0) {
        return true;
    }
    if (request->parameter_count == MOST_PARAMETERS) {
        return false;
    }
    struct parameter *parameter = &request->parameters[request->parameter_count++];
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals != NULL ? (size_t)(equals - text) : length;
    const char *value = equals != NULL ? equals + 1 : text + length;
    size_t value_length = (size_t)(text + length - value);
    parameter->name = request_decode(request->arena, text, name_length, true);
    parameter->value = request_decode(request->arena, value, value_length, true);
    parameter->raw = arena_copy_part(request->arena, value, value_length);
    return parameter->name != NULL && parameter->value != NULL;
}

bool request_read_target(struct request *request, const char *target)
{
    request->target = target;
    request->parameter_count = 0;
    size_t path_length = strcspn(target, "?");
    request->path = request_decode(request->arena, target, path_length, false);
    const char *at = target + path_length;
    bool fine = request->path != NULL;
    while (fine && *at != '\0') {
        size_t length = strcspn(++at, "&");
        fine = add_parameter(request, at, length);
        at += length;
    }
    if (request->path == NULL) {
        request->path = "";
    }
    return fine;
}

const char *request_parameter(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->parameter_count; i++) {
        if (strcasecmp(request->parameters[i].name, name) == 0) {
            return request->parameters[i].value;
        }
    }
    return NULL;
}

bool request_has_query(const struct request *request, const char *query)
{
    const char *question = strchr(request->target, '?');
    return question != NULL && strcmp(question + 1, query) == 0;
}

bool request_wants_json(const struct request *request)
{
    return request->accept != NULL && strcasestr(request->accept, "application/json") != NULL;
}

void answer_error(struct arena *arena, struct answer *answer, unsigned int status,
                  const char *message)
{
    struct node *error = node_object(arena, NULL, "Error");
    node_null(arena, error, "FirstChanceExceptionMessage");
    node_text(arena, error, "Message", message, NODE_ATTRIBUTE);
    node_null(arena, error, "StackTrace");
    node_null(arena, error, "Status");
    node_number(arena, error, "StatusCode", status, NODE_ATTRIBUTE);
    answer->status = status;
    answer->root = error;
}
