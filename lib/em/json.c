// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/json.h"

#include <stdlib.h>
#include <string.h>

static const char byte_order_mark[] = "\xEF\xBB\xBF";

/* cJSON's texts would end at an escaped NUL, and be taken for what stands before it. */
static bool has_escaped_nul(const char *text)
{
    for (const char *found = strstr(text, "\\u0000"); found != NULL;
         found = strstr(found + 1, "\\u0000")) {
        size_t backslashes = 0;
        while (found - backslashes > text && *(found - backslashes - 1) == '\\') {
            backslashes++;
        }
        if (backslashes % 2 == 0) {
            return true;
        }
    }
    return false;
}

static bool no_memory;

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    no_memory = no_memory || memory == NULL;
    return memory;
}

cJSON *json_parse(const char *bytes, size_t length, struct fault *fault)
{
    const size_t mark = strlen(byte_order_mark);
    if (length >= mark && memcmp(bytes, byte_order_mark, mark) == 0) {
        bytes += mark;
        length -= mark;
    }
    if (strspn(bytes, " \t\r\n") == length) {
        fault_set(fault, FAULT_PROTOCOL, "the answer is empty");
        return NULL;
    }
    if (memchr(bytes, '\0', length) != NULL || has_escaped_nul(bytes)) {
        fault_set(fault, FAULT_PROTOCOL, "the answer is not JSON: it has NUL characters");
        return NULL;
    }
    cJSON_Hooks hooks = {.malloc_fn = allocate, .free_fn = free}; // cJSON can't tell why it failed
    cJSON_InitHooks(&hooks);
    no_memory = false;
    cJSON *document = cJSON_ParseWithLengthOpts(bytes, length + 1, NULL, true);
    if (document == NULL && no_memory) {
        fault_no_memory(fault);
    } else if (document == NULL) {
        const bool markup = bytes[strspn(bytes, " \t\r\n")] == '<';
        fault_set(fault, FAULT_PROTOCOL,
                  markup ? "the answer is XML or HTML, not JSON"
                         : "the answer is not JSON, or is cut short or nested too deep");
    }
    return document;
}

const cJSON *json_member(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItem(object, key);
    return cJSON_IsNull(member) ? NULL : member;
}

const char *json_text(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(json_member(object, key));
}

void json_wipe(cJSON *document)
{
    for (cJSON *item = document; item != NULL; item = item->next) {
        if (cJSON_IsString(item) && item->valuestring != NULL) {
            explicit_bzero(item->valuestring, strlen(item->valuestring));
        }
        json_wipe(item->child);
    }
}
