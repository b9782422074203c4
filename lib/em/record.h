// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What EM was asked in a run and what it answered, for a file that may be given away: anonymous.h
 * says what is kept of it. Of credentials and tokens nothing is, and of headers only Content-Type,
 * Server and Date.
 */
#ifndef EM_RECORD_H
#define EM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/utc.h"
#include "em/http_message.h"

struct em_record;

/* No more than `limit` bytes are kept. NULL: a fault. */
struct em_record *record_open(size_t limit, struct fault *fault);
void record_close(struct em_record *record);

/*
 * Adds a request, which was sent at `asked` by this host's clock, and its answer. `failure` is why
 * there is none; NULL: `response` is the answer. A NULL record does nothing.
 */
void record_add(struct em_record *record, const struct http_request *request,
                const struct http_response *response, utc_us asked, int64_t took_ms,
                const char *failure);

/* Whether nothing was added so far; whether an answer was. */
bool record_is_empty(const struct em_record *record);
bool record_has_answer(const struct em_record *record);

/* The document, a line for each exchange; nothing is added any more. NULL: a fault. */
const struct buf *record_finish(struct em_record *record, struct fault *fault);

#endif
