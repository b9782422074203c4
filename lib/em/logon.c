// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/logon.h"

#include <stdio.h>
#include <string.h>

#include "em/json.h"

bool logon_copy_token(char token[LOGON_TOKEN_SIZE], const char *text, size_t length)
{
    while (length > 0 && strchr(" \t", *text) != NULL) {
        text++;
        length--;
    }
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL) {
        length--;
    }
    if (length >= LOGON_TOKEN_SIZE) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    memcpy(token, text, length);
    token[length] = '\0';
    return true;
}

bool logon_is_id(const char *text)
{
    const size_t length = strspn(text, "0123456789abcdefABCDEF-");
    return length > 0 && length < LOGON_ID_SIZE && text[length] == '\0';
}

/* Decodes base64 text of printable ASCII, as the token of a logon session is. "" if it is not. */
static void decode_token(const char *token, char id[LOGON_ID_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    int bit_count = 0;
    size_t length = 0;
    id[0] = '\0';
    for (; *token != '\0' && *token != '='; token++) {
        const char *digit = strchr(digits, *token);
        if (digit == NULL || length + 1 >= LOGON_ID_SIZE) {
            id[0] = '\0';
            return;
        }
        bits = (bits << 6 | (unsigned)(digit - digits)) & 0xFFFFu;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            id[length++] = (char)(bits >> bit_count & 0xFFu);
            id[length] = '\0';
        }
    }
}

void logon_find_id(struct em_logon *logon, const char *body, size_t length)
{
    struct fault ignored = {0};
    struct json_document answer = {.root = NULL};
    json_parse(body, length, &answer, &ignored);
    const char *id = json_text(answer.root, "SessionId");
    if (id != NULL && logon_is_id(id)) {
        snprintf(logon->id, sizeof logon->id, "%s", id);
    } else {
        decode_token(logon->token, logon->id);
    }
    if (!logon_is_id(logon->id)) {
        logon->id[0] = '\0';
    }
    json_wipe(&answer);
}

void logon_forget(struct em_logon *logon)
{
    explicit_bzero(logon, sizeof *logon);
}
