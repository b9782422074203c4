// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/record.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#include "base/text.h"
#include "base/version.h"
#include "em/anonymous.h"
#include "em/json.h"

enum { FORMAT_VERSION = 1 };

/* How far back times are moved, in weeks: a year at least, ten years at most. */
enum { FEWEST_WEEKS = 52, MORE_WEEKS = 470 };

struct em_record {
    struct anonymous anonymous;
    struct buf text;
    size_t count; // of exchanges
    size_t answers;
};

struct em_record *record_open(size_t limit, struct fault *fault)
{
    uint32_t chance = 0;
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance) {
        fault_set(fault, FAULT_INTERNAL, "the system gives no random number");
        return NULL;
    }
    struct em_record *record = calloc(1, sizeof *record);
    if (record == NULL ||
        !anonymous_init(&record->anonymous, -(int)(FEWEST_WEEKS + chance % MORE_WEEKS))) {
        fault_no_memory(fault);
        record_close(record);
        return NULL;
    }
    buf_init(&record->text, limit);
    buf_format(&record->text, "{\"plugin\":\"%s\",\"version\":\"%s\",\"format\":%d,\"exchanges\":[",
               PROGRAM_NAME, program_version, FORMAT_VERSION);
    return record;
}

void record_close(struct em_record *record)
{
    if (record != NULL) {
        anonymous_free(&record->anonymous);
        buf_free(&record->text);
        free(record);
    }
}

/* ---- headers ---- */

/* One of those that EM and what stands in front of it send, with one of their encodings. */
static void append_content_type(struct buf *buf, const char *type)
{
    static const char *const types[] = {"application/json", "application/xml", "text/xml",
                                        "text/html", "text/plain"};
    static const char *const encodings[] = {"utf-8", "utf-16", "iso-8859-1", "us-ascii"};
    static const char charset[] = "charset=";
    const char *known_type = "other";
    const size_t length = strcspn(type, "; ");
    const char *encoding = strcasestr(type + length, charset);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strlen(types[i]) == length && strncasecmp(type, types[i], length) == 0) {
            known_type = types[i];
        }
    }
    buf_format(buf, "\"Content-Type\":\"%s", known_type);
    for (size_t i = 0; encoding != NULL && i < sizeof encodings / sizeof encodings[0]; i++) {
        const size_t size = strlen(encodings[i]);
        const char *value = encoding + strlen(charset);
        value += *value == '"' ? 1 : 0;
        if (strncasecmp(value, encodings[i], size) == 0 && strchr("\"; ", value[size]) != NULL) {
            buf_format(buf, "; charset=%s", encodings[i]);
        }
    }
    buf_text(buf, "\"");
}

/* "Thu, 14 Aug 2025 12:31:30 GMT", in whatever locale. */
static void append_date(struct buf *buf, utc_us moment)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t seconds = (time_t)(moment / UTC_SECOND);
    struct tm fields = {0};
    gmtime_r(&seconds, &fields);
    buf_format(buf, "\"Date\":\"%s, %02d %s %04d %02d:%02d:%02d GMT\"", days[fields.tm_wday],
               fields.tm_mday, months[fields.tm_mon], fields.tm_year + 1900, fields.tm_hour,
               fields.tm_min, fields.tm_sec);
}

/* What EM's hosts call themselves, as far as everybody's do. */
static void append_server(struct buf *buf, const char *server)
{
    static const char *const servers[] = {"Microsoft-HTTPAPI/2.0", "Microsoft-IIS/10.0", "Kestrel",
                                          "nginx"};
    const char *known = "other";
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        known = strcasecmp(server, servers[i]) == 0 ? servers[i] : known;
    }
    buf_format(buf, "\"Server\":\"%s\"", known);
}

static void append_headers(struct em_record *record, const struct http_response *response)
{
    struct buf *text = &record->text;
    const char *comma = "";
    buf_text(text, ",\"headers\":{");
    if (response->content_type[0] != '\0') {
        append_content_type(text, response->content_type);
        comma = ",";
    }
    if (response->server[0] != '\0') {
        buf_text(text, comma);
        append_server(text, response->server);
        comma = ",";
    }
    if (response->date != 0) {
        buf_text(text, comma);
        append_date(text, anonymous_moment(&record->anonymous, response->date));
    }
    buf_text(text, "}");
}

/* ---- bodies ---- */

static const char *kind_of(const char *body)
{
    const char *start = body + strspn(body, " \t\r\n");
    return *start != '<' ? "text" : strcasestr(start, "<html") != NULL ? "html" : "xml";
}

/* A body that is JSON as it is; of another one its kind and length; of none nothing. */
static void append_body(struct em_record *record, const struct buf *body)
{
    struct buf *text = &record->text;
    const char *bytes = buf_string(body);
    const size_t mark = text_mark_length(bytes, body->length);
    struct json_document document = {.root = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    buf_format(text, ",\"byte_order_mark\":%s", mark > 0 ? "true" : "false");
    if (body->length == 0) {
        return;
    }
    if (json_parse(bytes, body->length, &document, &fault) == 0) {
        buf_text(text, ",\"answer\":");
        anonymous_append_json(&record->anonymous, document.root, text);
    } else if (fault.kind == FAULT_INTERNAL) {
        text->failure = BUF_NO_MEMORY;
    } else {
        buf_format(text, ",\"not_json\":{\"kind\":\"%s\",\"length\":%zu}", kind_of(bytes + mark),
                   body->length);
    }
    json_wipe(&document); // a logon's has the session's id
}

void record_add(struct em_record *record, const struct http_request *request,
                const struct http_response *response, utc_us asked, int64_t took_ms,
                const char *failure)
{
    if (record == NULL || record->text.failure != BUF_FINE) {
        return;
    }
    struct buf *text = &record->text;
    buf_format(text, "%s\n{\"request\":{\"method\":\"%s\",\"path\":\"",
               record->count++ > 0 ? "," : "", request->method);
    anonymous_append_target(&record->anonymous, request->target, text);
    buf_text(text, "\"},\"sent\":\"");
    utc_append_iso(text, anonymous_moment(&record->anonymous, asked));
    buf_format(text, "\",\"milliseconds\":%" PRId64, took_ms);
    if (failure != NULL) {
        buf_format(text, ",\"failure\":\"%s\"}", failure);
        return;
    }
    record->answers++;
    buf_format(text, ",\"status\":%ld", response->status);
    append_headers(record, response);
    append_body(record, &response->body);
    buf_text(text, "}");
}

bool record_is_empty(const struct em_record *record)
{
    return record->count == 0;
}

bool record_has_answer(const struct em_record *record)
{
    return record->answers > 0;
}

const struct buf *record_finish(struct em_record *record, struct fault *fault)
{
    buf_text(&record->text, "\n]}\n");
    if (record->text.failure == BUF_TOO_BIG) {
        fault_set(fault, FAULT_INTERNAL, "what EM answered takes more than %zu bytes",
                  record->text.limit);
        return NULL;
    }
    if (record->text.failure != BUF_FINE) {
        fault_no_memory(fault);
        return NULL;
    }
    return &record->text;
}
