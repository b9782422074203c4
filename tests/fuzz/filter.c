// SPDX-License-Identifier: GPL-3.0-or-later
/* A VM's name in a filter, in a URL, and read back as EM would: it must be the same. */
#include <stdlib.h>
#include <string.h>

#include "em/query.h"
#include "fuzz/fuzz.h"

enum { LONGEST_NAME = 4096, FILTER_LIMIT = QUERY_TARGET_LIMIT };

static const char before[] = "/api/query?type=CdpReplicaTaskSession&format=Entities&filter=";
static const char behind[] = "&sortDesc=CreationTimeUTC&pageSize=100&page=7";

static unsigned int hex_digit(char digit)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    REQUIRE(found != NULL);
    return found != NULL ? (unsigned int)(found - digits) : 0;
}

/* Takes off the percent-encoding, in place. */
static void decode(char *text)
{
    char *to = text;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '%') {
            *to++ = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
            at += 2;
        } else {
            REQUIRE(*at > ' ' && *at < 0x7F && strchr("\"#<>[]\\^`{|}&+=?;", *at) == NULL);
            *to++ = *at;
        }
    }
    *to = '\0';
}

/* Requires `VmDisplayName=="…"` and takes the name out, in place, each doubled quote as one. */
static char *read_name(char *filter)
{
    static const char field[] = "VmDisplayName==\"";
    REQUIRE(strncmp(filter, field, strlen(field)) == 0);
    char *name = filter + strlen(field);
    char *to = name;
    const char *at = name;
    for (; at[0] != '\0' && (at[0] != '"' || at[1] == '"'); at++) {
        at += at[0] == '"' ? 1 : 0;
        *to++ = *at;
    }
    REQUIRE(at[0] == '"' && at[1] == '\0');
    *to = '\0';
    return name;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fault fault = {.kind = FAULT_NONE};
    char *name = fuzz_text(bytes, size < LONGEST_NAME ? size : LONGEST_NAME);
    struct buf filter;
    buf_init(&filter, FILTER_LIMIT);
    query_append_comparison(&filter, "VmDisplayName", "==", name);
    REQUIRE(filter.failure == BUF_FINE);
    const struct em_query query = {.type = "CdpReplicaTaskSession",
                                   .filter = buf_string(&filter),
                                   .sort_descending = "CreationTimeUTC",
                                   .page_size = QUERY_PAGE_SIZE};
    char *target = query_target(&query, 7, &fault);
    if (target == NULL) {
        REQUIRE(filter.length * 3 > FILTER_LIMIT - sizeof before - sizeof behind);
    } else {
        const size_t length = strlen(target);
        REQUIRE(length > strlen(before) + strlen(behind));
        REQUIRE(strncmp(target, before, strlen(before)) == 0);
        REQUIRE(strcmp(target + length - strlen(behind), behind) == 0);
        target[length - strlen(behind)] = '\0';
        decode(target + strlen(before));
        REQUIRE(strcmp(read_name(target + strlen(before)), name) == 0);
    }
    free(target);
    buf_free(&filter);
    free(name);
    return 0;
}
