// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/message.h"

#include <string.h>

#include "em/json.h"

static const char xml_start[] = "<Error Message=\"";

void message_append(struct buf *message, const char *body, size_t length)
{
    struct fault ignored = {.kind = FAULT_NONE};
    cleanup_json struct json_document error = {.root = NULL};
    json_parse(body, length, &error, &ignored);
    const char *text = json_text(error.root, "Message");
    const char *found = text == NULL ? strstr(body, xml_start) : NULL;
    if (text != NULL) {
        buf_text(message, text);
    } else if (found != NULL) {
        found += strlen(xml_start);
        buf_add(message, found, strcspn(found, "\""));
    }
}
