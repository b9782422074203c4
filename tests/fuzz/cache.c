// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A file of the session cache: what is read is a logon that can be sent, and is the same again; or
 * it is the note of a refused one, which can be shown.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "em/logon_cache.h"
#include "em/refusal.h"
#include "fuzz/fuzz.h"

static void check_logon(const struct logon_cache_entry *entry)
{
    const char *token = entry->logon.token;
    const size_t length = strnlen(token, LOGON_TOKEN_SIZE);
    REQUIRE(length > 0 && length < LOGON_TOKEN_SIZE);
    for (size_t i = 0; i < length; i++) {
        REQUIRE(token[i] > ' ' && token[i] < 0x7F);
    }
    REQUIRE(strnlen(entry->logon.id, LOGON_ID_SIZE) < LOGON_ID_SIZE);
    REQUIRE(strspn(entry->logon.id, "0123456789abcdefABCDEF-") == strlen(entry->logon.id));
    REQUIRE(strnlen(entry->password_hash, PASSWORD_HASH_SIZE) < PASSWORD_HASH_SIZE);
}

static void check_again(const struct logon_cache_entry *entry)
{
    char text[LOGON_CACHE_TEXT_SIZE];
    struct logon_cache_entry again;
    struct fault fault = {.kind = FAULT_NONE};
    REQUIRE(logon_cache_print(entry, text));
    REQUIRE(logon_cache_parse(text, strlen(text), &again, &fault) == 0);
    REQUIRE(strcmp(again.logon.token, entry->logon.token) == 0);
    REQUIRE(strcmp(again.logon.id, entry->logon.id) == 0);
    REQUIRE(strcmp(again.password_hash, entry->password_hash) == 0);
}

static void check_refusals(const char *text, size_t size)
{
    char again[REFUSALS_TEXT_SIZE];
    size_t length = 0;
    struct refusals refusals;
    if (!refusal_parse(text, size, &refusals)) {
        REQUIRE(refusals.count == 0);
        return;
    }
    REQUIRE(refusals.count >= 1 && refusals.count <= REFUSALS);
    for (size_t i = 0; i < refusals.count; i++) {
        const struct refusal *refusal = &refusals.items[i];
        REQUIRE(refusal->at > 0);
        REQUIRE(strnlen(refusal->password_hash, PASSWORD_HASH_SIZE) < PASSWORD_HASH_SIZE);
        REQUIRE(refusal->said[0] != '\0' && text_is_clean(refusal->said));
        length +=
            (size_t)snprintf(again + length, sizeof again - length, "refused 1 %" PRId64 " %s %s\n",
                             refusal->at, refusal->password_hash, refusal->said);
        REQUIRE(length < sizeof again);
    }
    struct refusals second;
    REQUIRE(refusal_parse(again, length, &second) && second.count == refusals.count);
    for (size_t i = 0; i < refusals.count; i++) {
        REQUIRE(second.items[i].at == refusals.items[i].at);
        REQUIRE(strcmp(second.items[i].password_hash, refusals.items[i].password_hash) == 0);
        REQUIRE(strcmp(second.items[i].said, refusals.items[i].said) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct logon_cache_entry entry;
    struct fault fault = {.kind = FAULT_NONE};
    char *text = fuzz_copy(bytes, size);
    if (logon_cache_parse(text, size, &entry, &fault) == 0) {
        check_logon(&entry);
        check_again(&entry);
    } else {
        REQUIRE(fault.kind == FAULT_PROTOCOL);
        REQUIRE(entry.logon.token[0] == '\0' && entry.password_hash[0] == '\0');
        REQUIRE(strcmp(fault.text, "it is not a logon that this version keeps") == 0);
    }
    check_refusals(text, size);
    free(text);
    return 0;
}
