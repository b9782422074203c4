// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/fetch.h"

#include "fetch/live.h"
#include "fetch/saved.h"
#include "fetch/shared.h"

bool fetch_is_over(enum fault_kind kind)
{
    return kind == FAULT_UNREACHABLE || kind == FAULT_TLS || kind == FAULT_TIMEOUT ||
           kind == FAULT_LOGON || kind == FAULT_INTERNAL || kind == FAULT_TERMINATED;
}

int fetch(const struct fetch_settings *settings, const struct scope *scope, struct site *site,
          struct buf *trace, struct fault *fault)
{
    if (site_init(site, scope, fault) < 0) {
        return -1;
    }
    if (settings->input != NULL) {
        return fetch_saved(settings->input, site, fault);
    }
    return settings->snapshot != NULL ? fetch_shared(settings, scope, site, trace, fault)
                                      : fetch_live(&settings->em, scope, site, trace, fault);
}
