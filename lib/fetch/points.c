// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/points.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "em/json.h"
#include "fetch/decode_intervals.h"

enum { BODY_LIMIT = 1024, TARGET_LIMIT = 160 };

/* Of all VMs together: some 64 MiB. */
enum { INTERVALS_OF_ALL_LIMIT = 16 * INTERVALS_LIMIT };

/* In the order of the documents (post_cdpreplicavm_id_actionintervals). */
static bool write_body(const struct points_query *query, struct buf *body)
{
    const bool json = query->as_json;
    buf_text(body, json ? "{\"StartDate\":\""
                        : "<?xml version=\"1.0\" encoding=\"utf-8\"?><CdpIntervalsSpec "
                          "xmlns=\"http://www.veeam.com/ent/v1.0\"><StartDate>");
    utc_append_iso(body, query->start);
    buf_text(body, json ? "\",\"EndDate\":\"" : "</StartDate><EndDate>");
    utc_append_iso(body, query->end);
    buf_text(body, json ? "\"}" : "</EndDate></CdpIntervalsSpec>");
    return body->failure == BUF_FINE;
}

static int post(const struct points_query *query, const char *target, int64_t limit_ms,
                struct json_document *answer, struct fault *fault)
{
    cleanup_buf struct buf body;
    buf_init(&body, BODY_LIMIT);
    if (!write_body(query, &body)) {
        return fault_no_memory(fault);
    }
    const struct em_body sent = {.text = buf_string(&body),
                                 .type = query->as_json ? "application/json" : "application/xml",
                                 .limit_ms = limit_ms};
    return em_client_post(query->client, target, &sent, answer, fault);
}

/* By XML, as the documents have it; if EM dislikes that and has answered nothing yet, by JSON. */
static int post_either(struct points_query *query, const char *target, int64_t limit_ms,
                       struct json_document *answer, struct fault *fault)
{
    struct fault why = {.kind = FAULT_NONE};
    if (post(query, target, limit_ms, answer, fault) == 0) {
        return 0;
    }
    if (query->as_json || query->answered || !em_client_disliked_body(query->client)) {
        return -1;
    }
    query->as_json = true;
    if (post(query, target, limit_ms, answer, &why) == 0) {
        fault->kind = FAULT_NONE;
        return 0;
    }
    // What EM dislikes in both forms is not the form.
    query->as_json = !em_client_disliked_body(query->client);
    if (query->as_json) {
        *fault = why;
    }
    return -1;
}

static int read_one(struct points_query *query, const char *path, size_t length, int64_t limit_ms,
                    struct intervals *intervals, struct fault *fault)
{
    char target[TARGET_LIMIT];
    cleanup_json struct json_document answer = {.root = NULL};
    *intervals = (struct intervals){.start = query->start, .end = query->end};
    snprintf(target, sizeof target, "/api/cdpReplicas/%.*s?action=intervals", (int)length, path);
    if (post_either(query, target, limit_ms, &answer, fault) < 0 ||
        decode_intervals(answer.root, em_client_mask(query->client), intervals, fault) < 0) {
        return -1;
    }
    query->answered = true;
    query->kept += intervals->count;
    intervals->from = intervals->end - query->window;
    return query->kept <= INTERVALS_OF_ALL_LIMIT
               ? 0
               : fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d intervals for all VMs",
                           INTERVALS_OF_ALL_LIMIT);
}

/* Whether the first of two replicas of one name counts more than the second. */
static bool counts_more(const struct intervals *one, const struct intervals *other)
{
    double of_one = 0;
    double of_other = 0;
    const bool has_one = intervals_lag(one, &of_one);
    return has_one && (!intervals_lag(other, &of_other) || of_one > of_other);
}

int points_read(struct points_query *query, const char *replica, int64_t limit_ms,
                struct intervals *intervals, struct fault *fault)
{
    struct fault gone = {.kind = FAULT_NONE};
    bool found = false;
    *intervals = (struct intervals){.start = query->start, .end = query->end};
    for (size_t length = 0; *replica != '\0'; replica += length) {
        struct intervals other;
        replica += *replica == ' ' ? 1 : 0;
        length = strcspn(replica, " ");
        if (read_one(query, replica, length, limit_ms, &other, fault) < 0) {
            intervals_free(&other);
            if (fault->kind != FAULT_NOT_FOUND) {
                return -1;
            }
            gone = *fault;
            continue;
        }
        const bool counts = !found || counts_more(&other, intervals);
        intervals_free(counts ? intervals : &other);
        *intervals = counts ? other : *intervals;
        found = true;
    }
    if (!found) {
        *fault = gone;
        return -1;
    }
    fault->kind = FAULT_NONE;
    return 0;
}
