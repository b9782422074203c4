// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/trace.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/text.h"

enum { TARGET_START = 700, TARGET_END = 100, LINE_LIMIT = 1024, ANSWER_LIMIT = 64 * 1024 };

/* A line from `text`, which is masked in place. */
static void append_line(const struct em_trace *trace, struct buf *text, size_t limit)
{
    mask_buf(trace->mask, text);
    text_append_clean(trace->text, buf_string(text), limit);
    buf_text(trace->text, "\n");
    buf_share_failure(trace->text, text);
}

static void append_body(const struct em_trace *trace, const struct buf *body)
{
    cleanup_secret_buf struct buf copy;
    buf_init(&copy, HTTP_BODY_LIMIT);
    buf_add(&copy, buf_string(body), body->length);
    append_line(trace, &copy, ANSWER_LIMIT);
}

/* It may have 15,000 bytes, most of them a filter; what it asks for and its page stay. */
static void append_target(struct buf *line, const struct mask *mask, const char *target)
{
    cleanup_secret_buf struct buf masked; // a logoff's has the id
    buf_init(&masked, HTTP_HEAD_LIMIT);
    buf_text(&masked, target);
    mask_buf(mask, &masked);
    if (masked.length <= TARGET_START + TARGET_END) {
        buf_text(line, buf_string(&masked));
    } else {
        buf_format(line, "%.*s...%s", TARGET_START, masked.text,
                   masked.text + masked.length - TARGET_END);
    }
    buf_share_failure(line, &masked);
}

void trace_request(const struct em_trace *trace, const struct http_request *request,
                   const struct http_response *response, int64_t took_ms, const char *failure)
{
    if (trace->verbosity < 2) {
        return;
    }
    cleanup_buf struct buf line;
    buf_init(&line, LINE_LIMIT);
    buf_format(&line, "%s ", request->method);
    append_target(&line, trace->mask, request->target);
    if (failure != NULL) {
        buf_format(&line, ": %s, %" PRId64 " ms", failure, took_ms);
    } else {
        buf_format(&line, ": %ld, %zu bytes, %" PRId64 " ms", response->status,
                   response->body.length, took_ms);
    }
    append_line(trace, &line, LINE_LIMIT);
    // The logon's answer is left out: it is all about the session that must stay secret.
    if (trace->verbosity >= 3 && failure == NULL && request->username == NULL &&
        response->body.length > 0) {
        append_body(trace, &response->body);
    }
}

void trace_cache(const struct em_trace *trace, const char *what)
{
    if (trace->verbosity >= 2) {
        buf_format(trace->text, "session cache: %s\n", what);
    }
}
