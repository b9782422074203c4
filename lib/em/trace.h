// SPDX-License-Identifier: GPL-3.0-or-later
/* What -vv and -vvv print: the requests and their times, EM's answers. No secret is in it. */
#ifndef EM_TRACE_H
#define EM_TRACE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/mask.h"
#include "em/http.h"

/* All is borrowed. */
struct em_trace {
    struct buf *text; // a line for each request, and for each answer
    int verbosity;    // 2: requests and times; 3: answers as well
    const struct mask *mask;
};

/* `failure` is why there is no answer; NULL: `response` is the answer. */
void trace_request(const struct em_trace *trace, const struct http_request *request,
                   const struct http_response *response, int64_t took_ms, const char *failure);

/* What the cache for logons was good for, in our own words. */
void trace_cache(const struct em_trace *trace, const char *what);

#endif
