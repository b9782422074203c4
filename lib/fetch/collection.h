// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks EM how fresh its data is. */
#ifndef FETCH_COLLECTION_H
#define FETCH_COLLECTION_H

#include "base/fault.h"
#include "cdp/site.h"
#include "em/client.h"

/*
 * Fills site->collection by EM's data collections of the last time. Call it when the site has its
 * sessions and policies: it looks for when each of their backup servers was collected, if that is
 * not known of all at once. 0, or -1 with a fault; then nothing is known.
 */
int collection_fetch(struct em_client *client, struct site *site, struct fault *fault);

#endif
