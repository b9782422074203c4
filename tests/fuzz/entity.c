// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One of EM's entities: a policy, a replica, a VM of one, its intervals, a data collection, an
 * event of its log, or a list. Whatever it is, each of their readers takes it, with keys in the
 * case that they have and in lower case.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "em/json.h"
#include "fetch/decode_collection.h"
#include "fetch/decode_intervals.h"
#include "fetch/decode_policy.h"
#include "fetch/decode_replica.h"
#include "fetch/reference.h"
#include "fuzz/fuzz.h"

enum { SHOWN_LIMIT = 1024 * 1024 };

/* None of the passwords of tests/secrets.sh: libFuzzer prints words that it finds in the seeds. */
static const char secret[] = "sw0rdf1sh";

/* A text that is kept: one of EM's names, without secrets. */
static void check_name(struct buf *shown, const char *name)
{
    if (name != NULL) {
        REQUIRE(reference_is_name(name) && strlen(name) <= SESSION_TEXT_LIMIT);
        REQUIRE(strstr(name, secret) == NULL);
    }
    buf_format(shown, "[%s]", name != NULL ? name : "-");
}

static void check_span(struct buf *shown, double seconds, double longest)
{
    REQUIRE(isfinite(seconds) && seconds >= 0 && seconds <= longest);
    buf_format(shown, " %.17g", seconds);
}

static void check_policy(const cJSON *entity, const struct mask *mask, struct buf *shown)
{
    static const double week_s = 7 * 24 * 3600;
    static const double longest_s = 1e13;
    struct decoded_policy decoded;
    struct fault fault = {.kind = FAULT_NONE};
    const struct policy *policy = &decoded.policy;
    const cJSON *include = NULL;
    if (decode_policy(entity, NULL, mask, &decoded, &fault) != 1) {
        return;
    }
    REQUIRE(policy->name != NULL);
    check_name(shown, policy->name);
    check_name(shown, policy->backup_server);
    check_span(shown, policy->rpo_s, longest_s);
    check_span(shown, policy->long_term_s, longest_s);
    check_span(shown, policy->replication_pause_s, week_s);
    check_span(shown, policy->long_term_pause_s, week_s);
    REQUIRE(policy->has_rpo == (policy->rpo_s > 0));
    REQUIRE(policy->has_long_term == (policy->long_term_s > 0));
    REQUIRE(policy->has_enabled || !policy->enabled);
    REQUIRE(!policy->lists_all || cJSON_GetArraySize(decoded.includes) > 0);
    REQUIRE(!policy->lists_all || policy->containers == NULL);
    if (policy->containers != NULL) {
        REQUIRE(strlen(policy->containers) <= CONTAINERS_SHOWN + strlen("..."));
        REQUIRE(strstr(policy->containers, secret) == NULL);
        buf_text(shown, policy->containers);
    }
    cJSON_ArrayForEach(include, decoded.includes)
    {
        const char *vm = decode_included_vm(include, mask, NULL);
        REQUIRE(vm != NULL || !policy->lists_all);
        check_name(shown, vm);
    }
}

static void check_uuid(struct buf *shown, const char uuid[UUID_SIZE])
{
    const size_t length = strnlen(uuid, UUID_SIZE);
    REQUIRE(length == 0 || length == UUID_SIZE - 1);
    REQUIRE(strspn(uuid, "0123456789abcdefABCDEF-") == length);
    buf_format(shown, " %s", uuid);
}

static void check_replica(const cJSON *entity, const struct mask *mask, struct buf *shown)
{
    struct decoded_replica replica;
    struct decoded_replica_vm decoded;
    decode_replica(entity, NULL, mask, &replica);
    check_name(shown, replica.policy);
    check_name(shown, replica.backup_server);
    check_uuid(shown, replica.uuid);
    if (decode_replica_vm(entity, NULL, NULL, mask, &decoded)) {
        const struct protected_vm *vm = &decoded.vm;
        REQUIRE(vm->vm != NULL && vm->has_replica && !vm->named && vm->texts == NULL);
        REQUIRE(vm->replica == NULL || reference_are_replicas(vm->replica));
        check_name(shown, vm->vm);
        check_name(shown, vm->policy);
        check_name(shown, vm->backup_server);
        buf_format(shown, " %s", vm->replica != NULL ? vm->replica : "-");
    }
}

/* Asked about the day that the documents' example ends with. */
static void check_intervals(const cJSON *entity, const struct mask *mask, struct buf *shown)
{
    static const utc_us day = INT64_C(86400) * UTC_SECOND;
    static const utc_us end = INT64_C(1739811592) * UTC_SECOND; // 2025-02-17T16:59:52Z
    struct intervals intervals = {.start = end - day, .end = end};
    struct fault fault = {.kind = FAULT_NONE};
    double value = 0;
    if (decode_intervals(entity, mask, &intervals, &fault) == 0) {
        const double window_s = intervals_window(&intervals);
        check_span(shown, window_s, 1e15);
        if (intervals_lag(&intervals, &value)) {
            check_span(shown, value, 1e15);
        }
        if (intervals_gap(&intervals, &value)) {
            check_span(shown, value, 1e15);
        }
        if (intervals_compliance(&intervals, 15, &value)) {
            check_span(shown, value, 100);
        }
        if (intervals_app_age(&intervals, &value)) {
            check_span(shown, value, 1e15);
        }
        REQUIRE(intervals.odd_type == NULL || strstr(intervals.odd_type, secret) == NULL);
    }
    intervals_free(&intervals);
}

static void check_collection(const cJSON *entity, const struct mask *mask, struct buf *shown)
{
    struct data_collection collection;
    char server[SESSION_TEXT_LIMIT + 1] = "";
    if (decode_data_collection(entity, &collection)) {
        REQUIRE(collection.state <= DATA_COLLECTION_TROUBLED);
        REQUIRE(!collection.has_ended || collection.ended >= collection.created);
        REQUIRE(collection.has_ended || collection.ended == 0);
        check_uuid(shown, collection.uuid);
        buf_format(shown, " %d %lld %lld", (int)collection.state, (long long)collection.created,
                   (long long)collection.ended);
    }
    const enum data_collection_event event = decode_event(entity, mask, server);
    buf_format(shown, " %d", (int)event);
    if (event != EVENT_OF_NO_SERVER) {
        check_name(shown, server);
    }
}

static void check(const cJSON *entity, const struct mask *mask, struct buf *shown)
{
    static const char *const names[] = {"Refs", "Events", "SystemSessions", NULL};
    const cJSON *list = NULL;
    if (reference_list(entity, names, &list) == 0) {
        REQUIRE(list == NULL || cJSON_IsArray(list));
        buf_format(shown, "%d items", cJSON_GetArraySize(list));
    }
    check_policy(entity, mask, shown);
    check_replica(entity, mask, shown);
    check_collection(entity, mask, shown);
    check_intervals(entity, mask, shown);
    REQUIRE(shown->failure == BUF_FINE);
}

/* As EM 13 writes keys, and further. */
// NOLINTNEXTLINE(misc-no-recursion): cJSON nests no deeper than it parses
static void lower_keys(cJSON *item)
{
    for (cJSON *child = item->child; child != NULL; child = child->next) {
        for (char *at = child->string; at != NULL && *at != '\0'; at++) {
            *at = (char)(*at >= 'A' && *at <= 'Z' ? tolower((unsigned char)*at) : *at);
        }
        lower_keys(child);
    }
}

static void run(const char *text, size_t length, bool lower, struct buf *shown)
{
    struct json_document document = {.root = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    struct mask mask = {.secrets = NULL};
    REQUIRE(mask_add(&mask, secret));
    if (json_parse(text, length, &document, &fault) == 0) {
        if (lower) {
            lower_keys(document.root);
        }
        check(document.root, &mask, shown);
        fuzz_taken++;
    }
    json_free(&document);
    mask_free(&mask);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = fuzz_copy(bytes, size);
    struct buf as_it_is;
    struct buf lower;
    buf_init(&as_it_is, SHOWN_LIMIT);
    buf_init(&lower, SHOWN_LIMIT);
    run(text, size, false, &as_it_is);
    run(text, size, true, &lower);
    REQUIRE(strcmp(buf_string(&as_it_is), buf_string(&lower)) == 0);
    buf_free(&as_it_is);
    buf_free(&lower);
    free(text);
    return 0;
}
