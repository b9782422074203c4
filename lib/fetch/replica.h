// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM for the VMs that it has CDP replicas of. */
#ifndef FETCH_REPLICA_H
#define FETCH_REPLICA_H

#include "base/fault.h"
#include "cdp/site.h"
#include "em/client.h"
#include "em/query.h"

/*
 * Appends to site->protected_vms the VMs that EM has a replica of, or, unless `policy` is NULL, a
 * replica under that policy. 0, or -1 with a fault; then the site has none of them, or, if the
 * fault came on the way, some of them, and it is not known which VMs have no replica.
 */
int replica_fetch(struct em_client *client, const char *policy, struct site *site,
                  struct fault *fault);

/* What EM is asked for replicas; `filter` is borrowed, NULL: none. */
struct em_query replica_query(const char *filter, int page_size);

#endif
