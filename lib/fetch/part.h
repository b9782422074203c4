// SPDX-License-Identifier: GPL-3.0-or-later
/* One part of a scope, as EM is asked for it within one logon session. */
#ifndef FETCH_PART_H
#define FETCH_PART_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "em/client.h"

/* All of it is borrowed. */
struct part {
    struct em_client *client;
    const struct scope *scope;
    const char *name; // NULL: all VMs
    utc_us since;     // the scope's since_s as a moment of this host's clock
    struct site_part *answer;
};

/* Whether asking EM for more would be in vain after a fault of this kind. */
static inline bool part_fault_is_final(enum fault_kind kind)
{
    return kind == FAULT_UNREACHABLE || kind == FAULT_TLS || kind == FAULT_TIMEOUT ||
           kind == FAULT_LOGON || kind == FAULT_INTERNAL || kind == FAULT_TERMINATED;
}

#endif
