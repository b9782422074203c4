// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A JSON object: {"format":1,"password":HASH,"token":TOKEN,"session":ID}. The format's number
 * changes with the meaning of the rest, so that no other version takes it for its own.
 */
#include "em/cached_logon.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "em/json.h"

static const double format_number = 1;

static bool copy_text(char *to, size_t size, const char *text)
{
    const size_t length = text != NULL ? strlen(text) : size;
    if (length >= size) {
        return false;
    }
    memcpy(to, text, length + 1);
    return true;
}

static bool read_members(const cJSON *document, struct cached_logon *cached)
{
    const cJSON *format = json_member(document, "format");
    const char *token = json_text(document, "token");
    const char *id = json_text(document, "session");
    return cJSON_IsNumber(format) && format->valuedouble == format_number && token != NULL &&
           logon_copy_token(cached->logon.token, token, strlen(token)) &&
           strcmp(cached->logon.token, token) == 0 && token[0] != '\0' &&
           copy_text(cached->logon.id, sizeof cached->logon.id, id) &&
           (id[0] == '\0' || logon_is_id(id)) &&
           copy_text(cached->password_hash, sizeof cached->password_hash,
                     json_text(document, "password"));
}

int cached_logon_read(const char *text, size_t length, struct cached_logon *cached,
                      struct fault *fault)
{
    struct fault ignored = {.kind = FAULT_NONE};
    *cached = (struct cached_logon){0};
    struct json_document document = {.root = NULL};
    json_parse(text, length, &document, &ignored);
    const bool fine = read_members(document.root, cached);
    json_wipe(&document);
    if (!fine) {
        cached_logon_forget(cached);
        return fault_set(fault, FAULT_PROTOCOL, "it is not a logon that this version keeps");
    }
    return 0;
}

bool cached_logon_write(const struct cached_logon *cached, char text[CACHED_LOGON_LIMIT])
{
    cJSON *document = cJSON_CreateObject();
    // References: no second copy of a secret is made.
    const bool fine = cJSON_AddNumberToObject(document, "format", format_number) != NULL &&
                      cJSON_AddItemToObjectCS(document, "password",
                                              cJSON_CreateStringReference(cached->password_hash)) &&
                      cJSON_AddItemToObjectCS(document, "token",
                                              cJSON_CreateStringReference(cached->logon.token)) &&
                      cJSON_AddItemToObjectCS(document, "session",
                                              cJSON_CreateStringReference(cached->logon.id)) &&
                      cJSON_PrintPreallocated(document, text, CACHED_LOGON_LIMIT, false);
    cJSON_Delete(document);
    return fine;
}

void cached_logon_forget(struct cached_logon *cached)
{
    explicit_bzero(cached, sizeof *cached);
}
