// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's answer to a logon: a line with the token, and its body. */
#include <stdlib.h>
#include <string.h>

#include "em/logon.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = fuzz_copy(bytes, size);
    const char *end = size > 0 ? memchr(text, '\n', size) : NULL;
    const size_t length = end != NULL ? (size_t)(end - text) : size;
    const char *body = end != NULL ? end + 1 : text + size;
    struct em_logon logon = {.token = ""};
    if (logon_copy_token(logon.token, text, length)) {
        REQUIRE(strlen(logon.token) <= length && strlen(logon.token) < LOGON_TOKEN_SIZE);
        for (const char *at = logon.token; *at != '\0'; at++) {
            REQUIRE(*at > ' ' && *at < 0x7F);
        }
        logon_find_id(&logon, body, size - (size_t)(body - text));
        REQUIRE(strnlen(logon.id, LOGON_ID_SIZE) < LOGON_ID_SIZE);
        REQUIRE(strspn(logon.id, "0123456789abcdefABCDEF-") == strlen(logon.id));
    } else {
        REQUIRE(logon.token[0] == '\0');
    }
    free(text);
    return 0;
}
