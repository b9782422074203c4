// SPDX-License-Identifier: GPL-3.0-or-later
/* What is asked within one logon session, part by part of a scope and stage by stage. */
#ifndef FETCH_PART_H
#define FETCH_PART_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/utc.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "em/client.h"
#include "fetch/policy_sessions.h"
#include "fetch/searched.h"

/* All of it is borrowed. */
struct part {
    struct em_client *client;
    const struct scope *scope;
    const char *name; // NULL: all VMs
    utc_us since;     // the scope's since_s as a moment of this host's clock
    struct site_part *answer;
    const struct searched *searched;         // see searched.h; NULL: none
    struct policy_sessions *policy_sessions; // to be filled, with SCOPE_POLICY; else of any policy
};

/* What each stage gets from the one before. All of it is borrowed. */
struct asking {
    struct em_client *client;
    const struct scope *scope;
    struct site *site;
    struct part *parts; // scope_parts of the scope
    size_t part_count;
    struct fault lost; // why it would be in vain to ask EM for more, if so
};

/* Whether asking EM for more would be in vain after a fault of this kind. */
static inline bool part_fault_is_final(enum fault_kind kind)
{
    return kind == FAULT_UNREACHABLE || kind == FAULT_TLS || kind == FAULT_TIMEOUT ||
           kind == FAULT_LOGON || kind == FAULT_INTERNAL || kind == FAULT_TERMINATED;
}

/* The time by EM's clock, as far as it is known. */
static inline utc_us part_now(const struct asking *asking)
{
    utc_us offset = 0;
    if (!em_client_clock_offset(asking->client, &offset)) {
        offset = asking->site->clock_offset; // a snapshot's
    }
    return clock_utc() + offset;
}

#endif
