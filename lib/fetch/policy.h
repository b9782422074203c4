// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM for its CDP policies. */
#ifndef FETCH_POLICY_H
#define FETCH_POLICY_H

#include "base/fault.h"
#include "cdp/site.h"
#include "em/client.h"
#include "em/query.h"

/*
 * Appends EM's policies to site->policies, or, unless `name` is NULL, those of that very name; and
 * the VMs that they include by name to site->protected_vms. A policy that the site has already is
 * replaced. 0, or -1 with a fault; then the site has none of them, unless memory is short.
 * em_client_refused says whether EM refused.
 */
int policy_fetch(struct em_client *client, const char *name, struct site *site,
                 struct fault *fault);

/* What EM is asked for policies; `filter` is borrowed, NULL: none. */
struct em_query policy_query(const char *filter, int page_size);

#endif
