// SPDX-License-Identifier: GPL-3.0-or-later
/* A file of the session cache: what is read is a logon that can be sent, and is the same again. */
#include <stdlib.h>
#include <string.h>

#include "em/cached_logon.h"
#include "fuzz/fuzz.h"

static void check_logon(const struct cached_logon *cached)
{
    const char *token = cached->logon.token;
    const size_t length = strnlen(token, LOGON_TOKEN_SIZE);
    REQUIRE(length > 0 && length < LOGON_TOKEN_SIZE);
    for (size_t i = 0; i < length; i++) {
        REQUIRE(token[i] > ' ' && token[i] < 0x7F);
    }
    REQUIRE(strnlen(cached->logon.id, LOGON_ID_SIZE) < LOGON_ID_SIZE);
    REQUIRE(strspn(cached->logon.id, "0123456789abcdefABCDEF-") == strlen(cached->logon.id));
    REQUIRE(strnlen(cached->password_hash, PASSWORD_HASH_SIZE) < PASSWORD_HASH_SIZE);
}

static void check_again(const struct cached_logon *cached)
{
    char text[CACHED_LOGON_LIMIT];
    struct cached_logon again;
    struct fault fault = {.kind = FAULT_NONE};
    REQUIRE(cached_logon_write(cached, text));
    REQUIRE(cached_logon_read(text, strlen(text), &again, &fault) == 0);
    REQUIRE(strcmp(again.logon.token, cached->logon.token) == 0);
    REQUIRE(strcmp(again.logon.id, cached->logon.id) == 0);
    REQUIRE(strcmp(again.password_hash, cached->password_hash) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cached_logon cached;
    struct fault fault = {.kind = FAULT_NONE};
    char *text = fuzz_copy(bytes, size);
    if (cached_logon_read(text, size, &cached, &fault) == 0) {
        check_logon(&cached);
        check_again(&cached);
    } else {
        REQUIRE(fault.kind == FAULT_PROTOCOL);
        REQUIRE(cached.logon.token[0] == '\0' && cached.password_hash[0] == '\0');
        REQUIRE(strcmp(fault.text, "it is not a logon that this version keeps") == 0);
    }
    free(text);
    return 0;
}
