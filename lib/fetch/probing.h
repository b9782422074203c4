// SPDX-License-Identifier: GPL-3.0-or-later
/* What the steps of a probe share. */
#ifndef FETCH_PROBING_H
#define FETCH_PROBING_H

#include <stdint.h>

#include "base/clock.h"
#include "base/fault.h"
#include "cdp/probe.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "em/client.h"
#include "em/json.h"
#include "fetch/part.h"

struct probing {
    const struct em_settings *settings; // borrowed, and so are the next ones
    const struct scope *scope;
    struct probe *probe;
    struct em_client *client;
    struct site site;
    bool has_total;
    double total;                // task sessions that EM has
    struct json_document answer; // the last one
    struct json_document newest; // a page of the newest task sessions
    const cJSON *entities;       // of that page
    struct task_sessions sample; // the same sessions
};

/* From when on a line's time counts. */
static inline int64_t probing_begin(void)
{
    return clock_monotonic_ms();
}

/* Ends it. */
static inline void probing_end(struct probe_line *line, int64_t begun_ms)
{
    line->took_ms = clock_monotonic_ms() - begun_ms;
}

/* Keeps why a line is not known. 0, or -1 with `fault` if it would be in vain to go on. */
static inline int probing_take_fault(const struct probing *probing, struct probe_line *line,
                                     const struct fault *trouble, struct fault *fault)
{
    line->fault = *trouble;
    line->refused = em_client_refused(probing->client);
    if (!part_fault_is_final(trouble->kind)) {
        return 0;
    }
    *fault = *trouble;
    return -1;
}

#endif
