// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading an answer page by page: what is asked, what is given, and what is no whole answer. */
#include "em/pages.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "em/json.h"
#include "em/uid.h"
#include "unit/suites.h"

enum { MOST_REPLIES = 24, LIMIT = 4096 };

/*
 * One answer of EM. `paging` is the rest of PagingInfo, and what comes besides it. UIDs are apart
 * by blanks, '-' stands for an entity without one; NULL: null in place of the list.
 */
struct reply {
    long number; // PageNum; 0: none
    const char *count;
    const char *uids;
    const char *links; // JSON; NULL: there are none
    enum fault_kind fault;
    int size; // PageSize; 0: none
};

#define NEXT                                                                                       \
    "[{\"Rel\":\"First\",\"Href\":\"x\"},{\"Rel\":\"Next\",\"Href\":\"https://else.where/\"}]"
#define NO_NEXT "[{\"Rel\":\"First\",\"Href\":\"x\"},{\"Rel\":\"Last\",\"Href\":\"x\"}]"

static const struct {
    const char *name;
    struct reply replies[MOST_REPLIES];
    const char *asked; // the pages
    const char *given; // the UIDs of each page, pages apart by '/'
    const char *fault; // a part of its text; NULL: none
} cases[] = {
    {"one page", {{1, "1", "a b", NULL, 0, 0}}, "1", "a b", NULL},
    {"nothing at all", {{1, "1", "", NULL, 0, 0}}, "1", "", NULL},
    {"nothing at all, no list", {{1, "1", NULL, NULL, 0, 0}}, "1", "", NULL},
    {"nothing at all, and no page", {{1, "0", "", NULL, 0, 0}}, "1", "", NULL},
    {"no page, and entities", {{1, "0", "a", NULL, 0, 0}}, "1", "", "PagesCount is 0, but"},
    {"half a page", {{1, "0.5", "a", NULL, 0, 0}}, "1", "", "not a page count"},
    {"a page and a half", {{1, "1.5", "a", NULL, 0, 0}}, "1", "", "not a page count"},
    {"less than no page", {{1, "-1", "", NULL, 0, 0}}, "1", "", "not a page count"},
    {"two pages",
     {{1, "2", "a b", NO_NEXT, 0, 0}, {2, "2", "c", NO_NEXT, 0, 0}},
     "1 2",
     "a b/c",
     NULL},
    {"EM does not say which page it is",
     {{0, "2", "a b", NULL, 0, 0}, {0, "2", "c", NULL, 0, 0}},
     "1 2",
     "a b/c",
     NULL},
    {"another page",
     {{1, "2", "a b", NULL, 0, 0}, {1, "2", "c d", NULL, 0, 0}},
     "1 2",
     "a b",
     "page 1 instead of 2"},
    {"another first page", {{2, "2", "a b", NULL, 0, 0}}, "1", "", "page 2 instead of 1"},
    {"an empty page is read again",
     {{1, "3", "a b", NULL, 0, 0},
      {2, "3", "", NULL, 0, 0},
      {2, "3", "c d", NULL, 0, 0},
      {3, "3", "e", NULL, 0, 0}},
     "1 2 2 3",
     "a b/c d/e",
     NULL},
    {"the last page stays empty",
     {{1, "2", "a b", NULL, 0, 0}, {2, "2", "", NULL, 0, 0}, {2, "2", "", NULL, 0, 0}},
     "1 2 2",
     "a b",
     "page 2 of EM's 2 is empty"},
    {"the last page has no list, then an empty one",
     {{1, "2", "a b", NULL, 0, 0}, {2, "2", NULL, NULL, 0, 0}, {2, "2", "", NULL, 0, 0}},
     "1 2 2",
     "a b",
     "page 2 of EM's 2 is empty"},
    {"the first page is empty, and more are announced",
     {{1, "3", "", NULL, 0, 0}, {1, "3", "", NULL, 0, 0}},
     "1 1",
     "",
     "page 1 of EM's 3 is empty"},
    {"a next link counts, whatever PagesCount says",
     {{1, "1", "a b", NEXT, 0, 0}, {2, "1", "c d", NEXT, 0, 0}, {3, "1", "e", NO_NEXT, 0, 0}},
     "1 2 3",
     "a b/c d/e",
     NULL},
    {"a next link in EM 13's words",
     {{1, "1", "a b", "[{\"rel\":\"next\",\"href\":\"x\"}]", 0, 0}, {2, "2", "c", NULL, 0, 0}},
     "1 2",
     "a b/c",
     NULL},
    {"a next link within an object",
     {{1, "1", "a b", "{\"Links\":" NEXT "}", 0, 0}, {2, "2", "c", NULL, 0, 0}},
     "1 2",
     "a b/c",
     NULL},
    {"a next link to nowhere is none",
     {{1, "1", "a", "[{\"Rel\":\"Next\",\"Href\":null}]", 0, 0}},
     "1",
     "a",
     NULL},
    {"links that are no list", {{1, "1", "a", "\"Next\"", 0, 0}}, "1", "a", NULL},
    {"nothing behind the next link, and PagesCount knows of nothing",
     {{1, "1", "a b", NEXT, 0, 0}, {2, "1", "", NULL, 0, 0}},
     "1 2",
     "a b/",
     NULL},
    {"nothing on the page that has a next link",
     {{1, "1", "", NEXT, 0, 0}, {1, "1", "", NEXT, 0, 0}},
     "1 1",
     "",
     "page 1 of EM's 1 is empty"},
    {"the last page again behind the next link",
     {{1, "1", "a b", NEXT, 0, 0}, {1, "1", "a b", NEXT, 0, 0}},
     "1 2",
     "a b",
     "page 1 instead of 2"},
    {"a next link on the last page as well, and on the one behind it",
     {{1, "2", "a b", NEXT, 0, 2}, {2, "2", "c", NEXT, 0, 2}, {3, "2", "", NEXT, 0, 2}},
     "1 2 3",
     "a b/c/",
     NULL},
    {"a next link on the only page",
     {{1, "1", "a", NEXT, 0, 100}, {2, "1", "", NEXT, 0, 100}},
     "1 2",
     "a/",
     NULL},
    {"behind a next link there is more, so the page before lacked some",
     {{1, "1", "a", NEXT, 0, 2},
      {2, "1", "c", NULL, 0, 2},
      {1, "1", "a b", NEXT, 0, 2},
      {2, "1", "c", NULL, 0, 2}},
     "1 2 1 2",
     "a/c/a b/c",
     NULL},
    {"behind the last page, which is full, there is nothing",
     {{1, "2", "a b", NULL, 0, 2}, {2, "2", "c d", NULL, 0, 2}, {3, "2", "", NULL, 0, 2}},
     "1 2 3",
     "a b/c d/",
     NULL},
    {"behind the last page, which is full, EM has none of all",
     {{1, "1", "a b", NULL, 0, 2}, {2, "0", "", NULL, 0, 2}},
     "1 2",
     "a b/",
     NULL},
    {"behind the last page, which is full, EM gives that again",
     {{1, "2", "a b", NULL, 0, 2}, {2, "2", "c d", NULL, 0, 2}, {2, "2", "C d", NULL, 0, 2}},
     "1 2 3",
     "a b/c d/",
     NULL},
    {"the same, and does not say that it is that",
     {{0, "1", "a b", NULL, 0, 2}, {0, "1", "a b", NULL, 0, 2}},
     "1 2",
     "a b/",
     NULL},
    {"behind the last page, which is full, EM refuses the question",
     {{1, "1", "a b", NULL, 0, 2}, {.fault = FAULT_PROTOCOL}},
     "1 2",
     "a b/",
     NULL},
    {"behind the last page, which is full, EM forbids the question",
     {{1, "1", "a b", NULL, 0, 2}, {.fault = FAULT_FORBIDDEN}},
     "1 2",
     "a b/",
     NULL},
    {"behind the last page, which is full, is an empty one that counts",
     {{1, "1", "a b", NULL, 0, 2}, {2, "2", "", NULL, 0, 2}},
     "1 2",
     "a b/",
     NULL},
    {"behind the last page, which is full, is that again, which counts",
     {{1, "1", "a b", NULL, 0, 2}, {2, "2", "a B", NULL, 0, 2}},
     "1 2",
     "a b/",
     NULL},
    {"behind the last page, which is full, one has shifted there",
     {{1, "1", "a b", NULL, 0, 2},
      {2, "2", "b", NULL, 0, 2},
      {1, "2", "x a", NULL, 0, 2},
      {2, "2", "b", NULL, 0, 2}},
     "1 2 1 2",
     "a b/b/x a/b",
     NULL},
    {"behind the last page, which is full, EM fails",
     {{1, "1", "a b", NULL, 0, 2}, {.fault = FAULT_SERVER}},
     "1 2",
     "a b/",
     NULL},
    {"behind the last page, which is full, EM's answer has no PagingInfo",
     {{1, "1", "a b", NULL, 0, 2}, {.count = NULL, .uids = ""}},
     "1 2",
     "a b/",
     NULL},
    {"behind the last page, which is full, the connection breaks",
     {{1, "1", "a b", NULL, 0, 2}, {.fault = FAULT_UNREACHABLE}},
     "1 2",
     "a b",
     "made up"},
    {"behind the last page, which is full, the time is up",
     {{1, "1", "a b", NULL, 0, 2}, {.fault = FAULT_TIMEOUT}},
     "1 2",
     "a b",
     "made up"},
    {"PagesCount is wrong: one page of three",
     {{1, "1", "a b", NULL, 0, 2}, {2, "1", "c d", NULL, 0, 2}, {3, "1", "e", NULL, 0, 2}},
     "1 2 3",
     "a b/c d/e",
     NULL},
    {"the last page was full, then one came up",
     {{1, "1", "b c", NULL, 0, 2},
      {2, "2", "c", NULL, 0, 2},
      {1, "2", "a b", NULL, 0, 2},
      {2, "2", "c", NULL, 0, 2}},
     "1 2 1 2",
     "b c/c/a b/c",
     NULL},
    {"more than one page without UIDs",
     {{1, "2", "a -", NULL, 0, 0}, {2, "2", "b -", NULL, 0, 0}},
     "1 2",
     "a -",
     "without a UID on pages 1 and 2"},
    {"behind the last page, which is full, are some without UIDs",
     {{1, "1", "- -", NULL, 0, 2}, {2, "1", "- -", NULL, 0, 2}},
     "1 2",
     "- -",
     "without a UID on pages 1 and 2"},
    {"one page without UIDs, read twice",
     {{1, "2", "b -", NULL, 0, 0},
      {2, "2", "b c", NULL, 0, 0},
      {1, "2", "a -", NULL, 0, 0},
      {2, "2", "b c", NULL, 0, 0}},
     "1 2 1 2",
     "b -/b c/a -/b c",
     NULL},
    {"another order each time: read on as long as it helps",
     {{1, "3", "a b", NULL, 0, 2},
      {2, "3", "a b", NULL, 0, 2},
      {3, "3", "a", NULL, 0, 2},
      {1, "3", "a b", NULL, 0, 2},
      {2, "3", "a b", NULL, 0, 2},
      {3, "3", "a", NULL, 0, 2},
      {1, "3", "a b", NULL, 0, 2},
      {2, "3", "a b", NULL, 0, 2},
      {3, "3", "a", NULL, 0, 2},
      {1, "3", "a b", NULL, 0, 2},
      {2, "3", "a c", NULL, 0, 2},
      {3, "3", "a", NULL, 0, 2},
      {1, "3", "a b", NULL, 0, 2},
      {2, "3", "a b", NULL, 0, 2},
      {3, "3", "a", NULL, 0, 2},
      {1, "3", "a b", NULL, 0, 2},
      {2, "3", "d e", NULL, 0, 2},
      {3, "3", "a", NULL, 0, 2}},
     "1 2 3 1 2 3 1 2 3 1 2 3 1 2 3 1 2 3",
     "a b/a b/a/a b/a b/a/a b/a b/a/a b/a c/a/a b/a b/a/a b/d e/a",
     NULL},
    {"a fault behind the next link",
     {{1, "1", "a b", NEXT, 0, 0}, {.fault = FAULT_SERVER}},
     "1 2",
     "a b",
     "made up"},
    {"one UID twice on a page",
     {{1, "1", "a b a", NULL, 0, 0}},
     "1",
     "",
     "EM gives one UID twice: a"},
    {"one UID twice but for its case",
     {{1, "2", "a b", NULL, 0, 0}, {2, "2", "ab-1 c AB-1", NULL, 0, 0}},
     "1 2",
     "a b",
     "EM gives one UID twice: AB-1"},
    {"without a UID, twice is nothing odd", {{1, "1", "- a -", NULL, 0, 0}}, "1", "- a -", NULL},
    {"the second page is the first, in capitals: read until it changes",
     {{1, "2", "a b", NULL, 0, 0},
      {2, "2", "A B", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0},
      {2, "2", "c d", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0}},
     "1 2 1 2 1",
     "a b/A B/a b/c d/a b",
     NULL},
    {"it never changes",
     {{1, "2", "a b", NULL, 0, 0},
      {2, "2", "A B", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0},
      {2, "2", "A B", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0},
      {2, "2", "A B", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0},
      {2, "2", "A B", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0},
      {2, "2", "A B", NULL, 0, 0}},
     "1 2 1 2 1 2 1 2 1 2",
     "a b/A B/a b/A B/a b/A B/a b/A B/a b/A B",
     "change faster"},
    {"one came up while it was read: it is found by going back",
     {{1, "2", "b c", NULL, 0, 0},
      {2, "2", "c d", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0},
      {2, "2", "c d", NULL, 0, 0}},
     "1 2 1 2",
     "b c/c d/a b/c d",
     NULL},
    {"the last page went away",
     {{1, "3", "a b", NULL, 0, 0},
      {2, "3", "c d", NULL, 0, 0},
      {3, "2", "", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0},
      {2, "2", "c d", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0}},
     "1 2 3 1 2 1",
     "a b/c d//a b/c d/a b",
     NULL},
    {"the last page went away, and EM gives the new last one instead",
     {{1, "3", "a b", NULL, 0, 0},
      {2, "3", "c d", NULL, 0, 0},
      {2, "2", "c d", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0},
      {2, "2", "c d", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0}},
     "1 2 3 1 2 1",
     "a b/c d/c d/a b/c d/a b",
     NULL},
    {"a page in the middle has less: some are missing",
     {{1, "3", "a b", NULL, 0, 0},
      {2, "3", "c", NULL, 0, 0},
      {3, "3", "d", NULL, 0, 0},
      {1, "3", "a b", NULL, 0, 0},
      {2, "3", "c e", NULL, 0, 0},
      {3, "3", "d", NULL, 0, 0}},
     "1 2 3 1 2 3",
     "a b/c/d/a b/c e/d",
     NULL},
    {"full pages by PageSize",
     {{1, "2", "a b", NULL, 0, 2}, {2, "2", "c", NULL, 0, 2}},
     "1 2",
     "a b/c",
     NULL},
    {"one page that is not full", {{1, "1", "a", NULL, 0, 1000}}, "1", "a", NULL},
    {"a page that lacks some is read again",
     {{1, "2", "a", NULL, 0, 2}, {1, "2", "a b", NULL, 0, 2}, {2, "2", "c", NULL, 0, 2}},
     "1 1 2",
     "a b/c",
     NULL},
    {"the first page lacks some, whatever the size",
     {{1, "2", "a", NULL, 0, 2},
      {1, "2", "a", NULL, 0, 2},
      {1, "2", "a", NULL, 0, 2},
      {1, "2", "a", NULL, 0, 2}},
     "1 1 1 1",
     "",
     "page 1 of EM's 2 lacks entities: 1 of 2"},
    {"a page in the middle lacks some by PageSize",
     {{1, "3", "a b", NULL, 0, 2}, {2, "3", "c", NULL, 0, 2}, {2, "3", "d", NULL, 0, 2}},
     "1 2 2",
     "a b",
     "page 2 of EM's 3 lacks entities: 1 of 2"},
    {"a page with a next link lacks some, and a page behind it counts",
     {{1, "1", "a b", NEXT, 0, 2},
      {2, "2", "c d", NEXT, 0, 2},
      {3, "4", "e", NEXT, 0, 2},
      {3, "4", "e", NEXT, 0, 2}},
     "1 2 3 3",
     "a b/c d",
     "lacks entities: 1 of 2"},
    {"more than a page has",
     {{1, "2", "a b c", NULL, 0, 2}, {2, "2", "d", NULL, 0, 2}},
     "1 2",
     "a b c/d",
     NULL},
    {"PageSize is nothing",
     {{1, "2", "a", NULL, 0, -5}, {2, "2", "b", NULL, 0, -5}},
     "1 2",
     "a/b",
     NULL},
    {"the first page lacks some, which the last one shows",
     {{1, "2", "a", NULL, 0, 0},
      {2, "2", "c d", NULL, 0, 0},
      {1, "2", "a b", NULL, 0, 0},
      {2, "2", "c d", NULL, 0, 0}},
     "1 2 1 2",
     "a/c d/a b/c d",
     NULL},
    {"no PagingInfo", {{.count = NULL, .uids = "a"}}, "1", "", "no PagingInfo"},
};

/* What em_client_get plays, none if other tests use the real one; and what it was asked for. */
static struct {
    const struct reply *replies;
    size_t next;
    struct buf asked;
    struct buf asked_sizes; // each once
    int size;               // the last of them
    struct buf body;
} em;

static void write_entities(struct buf *body, const char *uids)
{
    for (const char *at = uids; *at != '\0';) {
        const int length = (int)strcspn(at, " ");
        buf_text(body, at > uids ? "," : "");
        if (length == 1 && *at == '-') {
            buf_text(body, "{}");
        } else {
            buf_format(body, "{\"UID\":\"%.*s\"}", length, at);
        }
        at += length + (at[length] == ' ' ? 1 : 0);
    }
}

static void write_reply(struct buf *body, const struct reply *reply)
{
    buf_text(body, "{\"Entities\":{\"CdpReplicaTaskSessions\":");
    if (reply->uids == NULL) {
        buf_text(body, "null");
    } else {
        buf_text(body, "{\"Any\":[");
        write_entities(body, reply->uids);
        buf_text(body, "]}");
    }
    buf_text(body, "}");
    if (reply->count != NULL) {
        buf_format(body, ",\"PagingInfo\":{\"PagesCount\":%s", reply->count);
        if (reply->number != 0) {
            buf_format(body, ",\"PageNum\":%ld", reply->number);
        }
        if (reply->size != 0) {
            buf_format(body, ",\"PageSize\":%d", reply->size);
        }
        if (reply->links != NULL) {
            buf_format(body, ",\"Links\":%s", reply->links);
        }
        buf_text(body, "}");
    }
    buf_text(body, "}");
}

// NOLINTBEGIN(bugprone-reserved-identifier)
int __real_em_client_get(struct em_client *client, const char *target, struct json_document *answer,
                         struct fault *fault);
int __wrap_em_client_get(struct em_client *client, const char *target, struct json_document *answer,
                         struct fault *fault);
const struct mask *__real_em_client_mask(const struct em_client *client);
const struct mask *__wrap_em_client_mask(const struct em_client *client);
// NOLINTEND(bugprone-reserved-identifier)

int __wrap_em_client_get(struct em_client *client, const char *target, struct json_document *answer,
                         struct fault *fault)
{
    if (em.replies == NULL) {
        return __real_em_client_get(client, target, answer, fault);
    }
    const struct reply *reply = &em.replies[em.next++];
    const char *page = strstr(target, "&page=");
    ck_assert_ptr_null(client);
    ck_assert_ptr_nonnull(page);
    ck_assert_uint_le(em.next, MOST_REPLIES);
    const int size = (int)strtol(strstr(target, "&pageSize=") + strlen("&pageSize="), NULL, 10);
    if (size != em.size) {
        buf_format(&em.asked_sizes, "%s%d", em.size > 0 ? " " : "", size);
        em.size = size;
    }
    buf_format(&em.asked, "%s%s", em.asked.length > 0 ? " " : "", page + strlen("&page="));
    if (reply->fault != FAULT_NONE) {
        return fault_set(fault, reply->fault, "made up");
    }
    buf_free(&em.body);
    write_reply(&em.body, reply);
    return json_parse(buf_string(&em.body), em.body.length, answer, fault);
}

const struct mask *__wrap_em_client_mask(const struct em_client *client)
{
    if (em.replies == NULL) {
        return __real_em_client_mask(client);
    }
    ck_assert_ptr_null(client);
    return NULL;
}

static void start(const struct reply *replies)
{
    em.replies = replies;
    em.next = 0;
    em.size = 0;
    buf_init(&em.asked, LIMIT);
    buf_init(&em.asked_sizes, LIMIT);
    buf_init(&em.body, LIMIT);
}

static void stop(void)
{
    em.replies = NULL;
    buf_free(&em.asked);
    buf_free(&em.asked_sizes);
    buf_free(&em.body);
}

static void add_page(struct buf *given, const cJSON *entities)
{
    const cJSON *entity = NULL;
    const char *between = "";
    cJSON_ArrayForEach(entity, entities)
    {
        const char *uid = json_text(entity, "UID");
        buf_format(given, "%s%s", between, uid != NULL ? uid : "-");
        between = " ";
    }
}

static int read_all(int page_size, struct buf *given, struct fault *fault)
{
    const struct em_query query = {.type = "CdpReplicaTaskSession",
                                   .container = "CdpReplicaTaskSessions",
                                   .filter = "State==Completed",
                                   .sort_descending = "CreationTimeUTC",
                                   .page_size = page_size};
    cleanup_em_pages struct em_pages pages;
    const cJSON *entities = NULL;
    int got = 0;
    em_pages_open(&pages, NULL, &query);
    for (int count = 0; (got = em_pages_next(&pages, &entities, fault)) > 0; count++) {
        buf_text(given, count > 0 ? "/" : "");
        add_page(given, entities);
    }
    ck_assert_int_eq(em_pages_are_read(&pages), got == 0);
    return got;
}

START_TEST(reads_a_whole_answer)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_buf struct buf given;
    buf_init(&given, LIMIT);
    start(cases[_i].replies);
    const int result = read_all(QUERY_PAGE_SIZE, &given, &fault);
    ck_assert_msg(strcmp(buf_string(&em.asked), cases[_i].asked) == 0, "%s: asked %s, not %s",
                  cases[_i].name, buf_string(&em.asked), cases[_i].asked);
    ck_assert_msg(strcmp(buf_string(&given), cases[_i].given) == 0, "%s: given %s, not %s",
                  cases[_i].name, buf_string(&given), cases[_i].given);
    ck_assert_msg((result < 0) == (cases[_i].fault != NULL), "%s: %d, %s", cases[_i].name, result,
                  fault.text);
    if (cases[_i].fault != NULL) {
        ck_assert_msg(strstr(fault.text, cases[_i].fault) != NULL, "%s: %s", cases[_i].name,
                      fault.text);
    }
    stop();
}
END_TEST

/*
 * An EM that refuses the size of the page is asked for its usual one, one that has a limit below
 * what it says, for that; what else is wrong stays.
 */
static const struct {
    struct reply replies[8];
    const char *asked;
    const char *asked_sizes;
    const char *given;
    enum fault_kind fault;
} sizes[] = {
    {{{.fault = FAULT_PROTOCOL}, {1, "1", "a b", NULL, 0, 0}},
     "1 1",
     "1000 100",
     "a b",
     FAULT_NONE},
    {{{1, "1", "a b A", NULL, 0, 0}, {1, "1", "a b", NULL, 0, 0}},
     "1 1",
     "1000 100",
     "a b",
     FAULT_NONE},
    {{{1, "1", "a b A", NULL, 0, 0}, {1, "1", "a A", NULL, 0, 0}},
     "1 1",
     "1000 100",
     "",
     FAULT_PROTOCOL},
    {{{.fault = FAULT_SERVER}}, "1", "1000", "", FAULT_SERVER},
    {{{1, "2", "a", NULL, 0, 0}, {.fault = FAULT_PROTOCOL}}, "1 2", "1000", "a", FAULT_PROTOCOL},
    // Two on a page, whatever it says.
    {{{1, "2", "a b", NULL, 0, 1000},
      {1, "2", "a b", NULL, 0, 1000},
      {1, "2", "a b", NULL, 0, 2},
      {2, "2", "c", NULL, 0, 2}},
     "1 1 1 2",
     "1000 2",
     "a b/c",
     FAULT_NONE},
    {{{.fault = FAULT_PROTOCOL},
      {1, "2", "a b", NULL, 0, 100},
      {1, "2", "a b", NULL, 0, 100},
      {1, "2", "a b", NULL, 0, 2},
      {2, "2", "c", NULL, 0, 2}},
     "1 1 1 1 2",
     "1000 100 2",
     "a b/c",
     FAULT_NONE},
    // Cut, and cut still.
    {{{1, "2", "a b", NULL, 0, 1000},
      {1, "2", "a b", NULL, 0, 1000},
      {1, "2", "a", NULL, 0, 2},
      {1, "2", "a", NULL, 0, 2},
      {1, "3", "a", NULL, 0, 3},
      {1, "3", "a", NULL, 0, 3}},
     "1 1 1 1 1 1",
     "1000 2 1",
     "",
     FAULT_PROTOCOL},
    // Not within the answer.
    {{{1, "3", "a b", NULL, 0, 2}, {2, "3", "c", NULL, 0, 2}, {2, "3", "c", NULL, 0, 2}},
     "1 2 2",
     "1000",
     "a b",
     FAULT_PROTOCOL},
};

START_TEST(a_large_page_may_be_refused)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_buf struct buf given;
    buf_init(&given, LIMIT);
    start(sizes[_i].replies);
    ck_assert_int_eq(read_all(QUERY_LARGE_PAGE_SIZE, &given, &fault),
                     sizes[_i].fault == FAULT_NONE ? 0 : -1);
    ck_assert_int_eq(fault.kind, sizes[_i].fault);
    ck_assert_str_eq(buf_string(&em.asked), sizes[_i].asked);
    ck_assert_str_eq(buf_string(&em.asked_sizes), sizes[_i].asked_sizes);
    ck_assert_str_eq(buf_string(&given), sizes[_i].given);
    stop();
}
END_TEST

/* Enough for the table to grow several times. */
START_TEST(many_uids_are_told_apart)
{
    enum { MANY = 20000 };
    struct set set = {.slots = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    char uid[64];
    for (int i = 0; i < MANY; i++) {
        snprintf(uid, sizeof uid, "urn:veeam:CdpReplicaTaskSession:%08x-abcd", i);
        ck_assert_int_eq(uid_add(&set, uid, 1, NULL, &fault), 1);
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(uid, sizeof uid, "URN:Veeam:CdpReplicaTaskSession:%08X-ABCD", i);
        ck_assert_int_eq(uid_add(&set, uid, 2, NULL, &fault), 0);
        ck_assert_int_eq(uid_add(&set, uid, 2, NULL, &fault), -1);
        ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
    }
    ck_assert_uint_eq(set.count, MANY);
    set_free(&set);
}
END_TEST

Suite *pages_suite(void)
{
    Suite *suite = suite_create("pages");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, reads_a_whole_answer, 0, COUNT(cases));
    tcase_add_loop_test(all, a_large_page_may_be_refused, 0, COUNT(sizes));
    tcase_add_test(all, many_uids_are_told_apart);
    suite_add_tcase(suite, all);
    return suite;
}
