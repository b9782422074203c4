// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * EM collects data from all backup servers at once. A collection that completed successfully has
 * all of it; of one that did not, its log says which servers it has. So in a healthy site one
 * request is enough: for the newest collections, of the query service. If a server was missed, one
 * more is enough for those that were not: for the newest log. That the query service has system
 * sessions is in no document, so what it answers is believed only if it looks like what was asked
 * for; else the list of all of them is read, which has some 3,000 of 30 days, in no order.
 */
#include "fetch/collection.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "em/entity.h"
#include "em/json.h"
#include "em/pages.h"
#include "fetch/collection_log.h"
#include "fetch/decode_collection.h"
#include "fetch/reference.h"

/* If the newest ten say too little, so many large pages are read at most. */
enum { NEWEST = 10, MOST_LARGE_PAGES = 3 };

/* More than every five minutes in 60 days. */
enum { COLLECTIONS_LIMIT = 20000 };

/* The spacing is that of the last ones that succeeded, of so many at least. */
enum { MOST_SPACED = 10, LEAST_SPACED = 3 };

/* References don't say how a collection ended: so many are looked up, or until enough succeeded. */
enum { MOST_LOOKED_UP = 10 };

/* So far ahead of now a collection may have begun. */
static const utc_us tolerated_skew = 300 * UTC_SECOND;

static const char list_path[] = "/api/systemSessions";

struct reading {
    struct em_client *client;
    struct site *site;
    struct data_collection *items;
    size_t count;
    size_t capacity;
    bool is_complete;              // EM has no others
    struct json_document document; // of the last answer
    struct collection_logs logs;
};

static void forget(struct reading *reading)
{
    free(reading->items);
    json_free(&reading->document);
    collection_logs_close(&reading->logs);
}

#define cleanup_reading __attribute__((cleanup(forget)))

static int add(struct reading *reading, const struct data_collection *collection,
               struct fault *fault)
{
    if (reading->count == COLLECTIONS_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d data collections",
                         COLLECTIONS_LIMIT);
    }
    if (!vec_reserve(reading->items, reading->count, reading->capacity, 1)) {
        return fault_no_memory(fault);
    }
    reading->items[reading->count++] = *collection;
    return 0;
}

static size_t successes(const struct reading *reading)
{
    size_t found = 0;
    for (size_t i = 0; i < reading->count; i++) {
        const struct data_collection *item = &reading->items[i];
        found += item->state == DATA_COLLECTION_SUCCEEDED && item->has_ended ? 1 : 0;
    }
    return found;
}

/* ---- the query ---- */

/* 1: the page is what was asked for. 0: it is something else. -1: a fault. */
static int take_page(struct reading *reading, const cJSON *entities, struct fault *fault)
{
    const cJSON *entity = NULL;
    cJSON_ArrayForEach(entity, entities)
    {
        struct data_collection found;
        const utc_us last =
            reading->count > 0 ? reading->items[reading->count - 1].created : INT64_MAX;
        if (!decode_data_collection(entity, &found) || found.state == DATA_COLLECTION_UNKNOWN ||
            found.created > last) {
            return 0;
        }
        if (add(reading, &found, fault) < 0) {
            return -1;
        }
    }
    return 1;
}

/*
 * Asks for the newest ones, until enough that succeeded are among them. -1: a fault, also if EM
 * answers something else.
 */
static int read_newest(struct reading *reading, int page_size, int most_pages, struct fault *fault)
{
    const struct em_query query = {.type = "SystemSession",
                                   .container = "SystemSessions",
                                   .filter = "SessionType==\"CollectJob\"",
                                   .sort_descending = "CreationTimeUTC",
                                   .page_size = page_size};
    cleanup_em_pages struct em_pages pages;
    const cJSON *entities = NULL;
    int got = 1;
    reading->count = 0;
    reading->site->answers[SITE_COLLECTION].way = SITE_WAY_QUERY;
    em_pages_open(&pages, reading->client, &query);
    for (int i = 0; i < most_pages && got > 0 && successes(reading) < LEAST_SPACED; i++) {
        got = em_pages_next(&pages, &entities, fault);
        const int taken = got > 0 ? take_page(reading, entities, fault) : got;
        if (taken == 0 && got > 0) {
            return fault_set(fault, FAULT_PROTOCOL,
                             "EM answers other things than its newest data collections");
        }
        got = taken < 0 ? -1 : got;
    }
    reading->is_complete = got == 0 || (got > 0 && em_pages_are_read(&pages));
    return got < 0 ? -1 : 0;
}

/* Whether there may be another way to what the query did not give. */
static bool has_other_way(const struct em_client *client, const struct fault *fault)
{
    return (em_client_refused(client) && fault->kind != FAULT_FORBIDDEN) ||
           fault->kind == FAULT_SERVER || fault->kind == FAULT_PROTOCOL;
}

/* ---- the list ---- */

/* The newest first. */
static int compare_created(const void *left, const void *right)
{
    const utc_us a = ((const struct data_collection *)left)->created;
    const utc_us b = ((const struct data_collection *)right)->created;
    return (a < b) - (a > b);
}

static void sort(struct reading *reading)
{
    if (reading->count > 1) {
        qsort(reading->items, reading->count, sizeof *reading->items, compare_created);
    }
}

static int get_list(struct reading *reading, struct fault *fault)
{
    static const char *const names[] = {"SystemSessions", "Sessions", "Refs", NULL};
    char target[64];
    const cJSON *list = NULL;
    const cJSON *item = NULL;
    snprintf(target, sizeof target, "%s?format=Entity", list_path);
    reading->count = 0;
    reading->is_complete = true;
    reading->site->answers[SITE_COLLECTION].way = SITE_WAY_LIST;
    if (em_client_get(reading->client, target, &reading->document, fault) < 0) {
        return -1;
    }
    if (reference_list(reading->document.root, names, &list) < 0) {
        return fault_set(fault, FAULT_PROTOCOL, "EM's answer to %s is not a list of them",
                         list_path);
    }
    cJSON_ArrayForEach(item, list)
    {
        struct data_collection found;
        if (decode_data_collection(item, &found) && add(reading, &found, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Looks up one that only was referred to. What EM does not have any more stays unknown. */
static int look_up(struct reading *reading, struct data_collection *item, struct fault *fault)
{
    char target[64 + UUID_SIZE];
    struct data_collection found;
    struct fault why = {.kind = FAULT_NONE};
    snprintf(target, sizeof target, "%s/%s?format=Entity", list_path, item->uuid);
    if (em_client_get(reading->client, target, &reading->document, &why) == 0) {
        *item = decode_data_collection(reading->document.root, &found) ? found : *item;
        return 0;
    }
    if (why.kind == FAULT_NOT_FOUND) {
        return 0;
    }
    *fault = why;
    return -1;
}

static int read_list(struct reading *reading, struct fault *fault)
{
    size_t looked_up = 0;
    size_t succeeded = 0;
    if (get_list(reading, fault) < 0) {
        return -1;
    }
    sort(reading);
    for (size_t i = 0; i < reading->count && looked_up < MOST_LOOKED_UP; i++) {
        struct data_collection *item = &reading->items[i];
        if (item->state == DATA_COLLECTION_UNKNOWN && item->uuid[0] != '\0') {
            if (succeeded >= LEAST_SPACED) {
                break;
            }
            looked_up++;
            if (look_up(reading, item, fault) < 0) {
                return -1;
            }
        }
        succeeded += item->state == DATA_COLLECTION_SUCCEEDED ? 1 : 0;
    }
    return 0;
}

/* ---- what they say of all servers ---- */

/* By EM's clock; if EM did not say its time, this host's counts, as everywhere. */
static utc_us now_of(const struct reading *reading)
{
    utc_us offset = 0;
    const bool has_clock = em_client_clock_offset(reading->client, &offset);
    return clock_utc() + (has_clock ? offset : 0);
}

/* What began in the future is of a clock that was wrong: for long it would be the newest. */
static void drop_future(struct reading *reading)
{
    size_t kept = 0;
    const utc_us latest = now_of(reading) + tolerated_skew;
    for (size_t i = 0; i < reading->count; i++) {
        const struct data_collection item = reading->items[i];
        if (item.created <= latest && item.ended <= latest) {
            reading->items[kept++] = item;
        }
    }
    reading->count = kept;
}

static int compare_times(const void *left, const void *right)
{
    const utc_us a = *(const utc_us *)left;
    const utc_us b = *(const utc_us *)right;
    return (a < b) - (a > b);
}

static int compare_spans(const void *left, const void *right)
{
    return compare_times(right, left);
}

/* The median spacing of times that are sorted, the newest first, in seconds. */
static double median_spacing(utc_us *times, size_t count)
{
    const size_t spacings = count - 1;
    for (size_t i = 0; i < spacings; i++) {
        times[i] -= times[i + 1];
    }
    qsort(times, spacings, sizeof *times, compare_spans);
    const utc_us low = times[(spacings - 1) / 2];
    const utc_us high = times[spacings / 2];
    return ((double)low + (double)high) / 2 / (double)UTC_SECOND;
}

/* Takes when those ended that succeeded. */
static int take_successes(const struct reading *reading, struct fault *fault)
{
    struct collection *collection = &reading->site->collection;
    utc_us *ends = malloc((reading->count + 1) * sizeof *ends);
    size_t count = 0;
    if (ends == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < reading->count; i++) {
        const struct data_collection *item = &reading->items[i];
        if (item->state == DATA_COLLECTION_SUCCEEDED && item->has_ended) {
            ends[count++] = item->ended;
        }
    }
    qsort(ends, count, sizeof *ends, compare_times);
    size_t different = count > 0 ? 1 : 0; // what shifted to a later page was read twice
    for (size_t i = 1; i < count; i++) {
        if (ends[i] != ends[different - 1]) {
            ends[different++] = ends[i];
        }
    }
    collection->has_succeeded = count > 0;
    collection->succeeded = count > 0 ? ends[0] : 0;
    const size_t spaced = different < MOST_SPACED ? different : MOST_SPACED;
    collection->spacing_s = spaced >= LEAST_SPACED ? median_spacing(ends, spaced) : 0;
    free(ends);
    return 0;
}

/* ---- all of it ---- */

/* Asks for the newest ones in one way or the other, and takes what they say. */
static int read_pages(struct reading *reading, int page_size, int most_pages, struct fault *fault)
{
    struct fault why = {.kind = FAULT_NONE};
    const int queried = read_newest(reading, page_size, most_pages, &why);
    if (queried < 0 && !has_other_way(reading->client, &why)) {
        *fault = why;
        return -1;
    }
    // That the query service knows of none is odd enough to look elsewhere.
    const bool none = queried == 0 && reading->count == 0;
    if ((queried < 0 || none) && read_list(reading, fault) < 0) {
        const bool has_answer = none && em_client_refused(reading->client);
        if (!has_answer) {
            return -1;
        }
        fault->kind = FAULT_NONE;
        reading->count = 0;
    }
    drop_future(reading);
    return take_successes(reading, fault) < 0
               ? -1
               : collection_logs_read(&reading->logs, reading->items, reading->count, fault);
}

static int read_all(struct reading *reading, struct fault *fault)
{
    if (read_pages(reading, NEWEST, 1, fault) < 0) {
        return -1;
    }
    const bool needs_older =
        !reading->is_complete && collection_logs_need_older(&reading->logs, now_of(reading));
    if (needs_older && read_pages(reading, QUERY_PAGE_SIZE, MOST_LARGE_PAGES, fault) < 0) {
        return -1;
    }
    return collection_logs_settle(&reading->logs, fault);
}

int collection_fetch(struct em_client *client, struct site *site, struct fault *fault)
{
    cleanup_reading struct reading reading = {.client = client, .site = site};
    collection_free(&site->collection);
    collection_logs_open(&reading.logs, client, site);
    if (read_all(&reading, fault) < 0) {
        collection_free(&site->collection);
        return -1;
    }
    return 0;
}
