// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/interval_spec.h"

#include <string.h>
#include <strings.h>
#include <cJSON.h>

static const char white_space[] = " \t\r\n";

/* The documents want UTC, so a time without Z is no answer to what they ask for. */
static bool read_time(const char *text, moment *when)
{
    const size_t length = strlen(text);
    return length > 0 && text[length - 1] == 'Z' && moment_parse(text, when);
}

/* ---- XML, whose elements have an order ---- */

static void skip_space(const char **at)
{
    *at += strspn(*at, white_space);
}

/* Moves past the text if it is there, and past white space in front of it. */
static bool take(const char **at, const char *text)
{
    skip_space(at);
    const size_t length = strlen(text);
    if (strncmp(*at, text, length) != 0) {
        return false;
    }
    *at += length;
    return true;
}

/* Moves past what is in front of the root element: a byte order mark, the declaration. */
static bool take_declaration(const char **at)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (strncmp(*at, mark, sizeof mark - 1) == 0) {
        *at += sizeof mark - 1;
    }
    if (!take(at, "<?xml ")) {
        return true;
    }
    const char *end = strstr(*at, "?>");
    *at = end != NULL ? end + 2 : *at;
    return end != NULL;
}

static bool has_attribute(const char *attributes, const char *attribute)
{
    const char *at = strstr(attributes, attribute);
    return at != NULL && at > attributes && strchr(white_space, at[-1]) != NULL;
}

/* Moves past the root's start tag. It has to be in EM's namespace. */
static bool take_root(struct arena *arena, const char **at)
{
    if (!take(at, "<CdpIntervalsSpec") || strchr(white_space, **at) == NULL) {
        return false;
    }
    const char *attributes = arena_copy_part(arena, *at, strcspn(*at, "<>"));
    *at += strlen(attributes);
    return attributes[0] != '\0' && attributes[strlen(attributes) - 1] != '/' &&
           (has_attribute(attributes, "xmlns=\"http://www.veeam.com/ent/v1.0\"") ||
            has_attribute(attributes, "xmlns='http://www.veeam.com/ent/v1.0'")) &&
           take(at, ">");
}

static bool take_time(struct arena *arena, const char **at, const char *name, moment *when)
{
    if (!take(at, arena_format(arena, "<%s>", name))) {
        return false;
    }
    skip_space(at);
    const char *text = arena_copy_part(arena, *at, strcspn(*at, " \t\r\n<"));
    *at += strlen(text);
    return read_time(text, when) && take(at, arena_format(arena, "</%s>", name));
}

static bool read_xml(const struct request *request, struct interval_spec *spec)
{
    const char *at = request->body;
    const bool fine = take_declaration(&at) && take_root(request->arena, &at) &&
                      take_time(request->arena, &at, "StartDate", &spec->start) &&
                      take_time(request->arena, &at, "EndDate", &spec->end) &&
                      take(&at, "</CdpIntervalsSpec>");
    skip_space(&at);
    return fine && *at == '\0';
}

/* ---- JSON ---- */

static bool read_member(const cJSON *json, const char *name, moment *when)
{
    const cJSON *value = cJSON_GetObjectItem(json, name); // in any case of letters
    return cJSON_IsString(value) && read_time(value->valuestring, when);
}

static bool read_json(const struct request *request, struct interval_spec *spec)
{
    cJSON *json = cJSON_ParseWithOpts(request->body, NULL, true);
    const bool fine = cJSON_IsObject(json) && read_member(json, "StartDate", &spec->start) &&
                      read_member(json, "EndDate", &spec->end);
    cJSON_Delete(json);
    return fine;
}

/* ---- either ---- */

static bool is_type(const struct request *request, const char *type)
{
    const char *text = request->content_type != NULL ? request->content_type : "";
    text += strspn(text, white_space);
    const size_t length = strcspn(text, "; \t");
    return length == strlen(type) && strncasecmp(text, type, length) == 0;
}

bool interval_spec_read(const struct wording *wording, const struct request *request,
                        struct answer *answer, struct interval_spec *spec)
{
    const bool is_xml = wording->takes_xml_spec && is_type(request, "application/xml");
    const bool is_json = wording->takes_json_spec && is_type(request, "application/json");
    if (!is_xml && !is_json) {
        answer_error(request->arena, answer, (unsigned int)wording->refused_spec_status,
                     "The media type of the body is not supported.");
        return false;
    }
    const bool is_text = strlen(request->body) == request->body_length;
    if (!is_text || !(is_xml ? read_xml : read_json)(request, spec) || spec->start >= spec->end) {
        answer_error(request->arena, answer, 400, "The body is not a valid CdpIntervalsSpec.");
        return false;
    }
    return true;
}
