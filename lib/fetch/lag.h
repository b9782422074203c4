// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Asks EM for the restore points of the scope's VMs, one request each: the VMs that look worst
 * first, while there is time.
 */
#ifndef FETCH_LAG_H
#define FETCH_LAG_H

#include "base/fault.h"
#include "fetch/part.h"

/*
 * Sets `recovery` of those of the site's protected VMs that the scope is about and that EM has a
 * replica of, if the scope needs restore points. The site has all else by then, sorted. 0, or -1
 * with a fault that ends the run.
 */
int lag_fetch(struct asking *asking, struct fault *fault);

/*
 * The same for one of the site's protected VMs, which has a replica, whatever the scope needs, for
 * the last `window`. `as_json` says whether EM takes what it is sent as JSON only.
 */
int lag_fetch_one(struct asking *asking, size_t place, utc_us window, bool *as_json,
                  struct fault *fault);

/* The same if EM can't be asked: `why` is what became of it. `now` is EM's time. */
int lag_forgo(const struct scope *scope, struct site *site, utc_us now, const struct fault *why,
              struct fault *fault);

#endif
