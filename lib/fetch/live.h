// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Asks EM within one logon session: for the task sessions of each part of a scope in turn, then for
 * what else there is, then for older sessions by their VMs' names, then for restore points.
 */
#ifndef FETCH_LIVE_H
#define FETCH_LIVE_H

#include "base/buf.h"
#include "base/fault.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "em/client.h"
#include "fetch/part.h"

/* As fetch does, for a site that was initialised for a scope of at least as many parts. */
int live_fetch(const struct em_settings *settings, const struct scope *scope, struct site *site,
               struct buf *trace, struct fault *fault);

/* Work within a logon session, and what it works on. */
typedef int live_work(struct em_client *client, void *context, struct fault *fault);

/*
 * Logs on, does the work and logs off, whatever came of it. EM's clock and notices go to the site.
 * 0, or -1 with a fault.
 */
int live_session(const struct em_settings *settings, struct site *site, struct buf *trace,
                 live_work *work, void *context, struct fault *fault);

/* What is asked in one go. */
typedef int live_stages(struct asking *asking, void *context, struct fault *fault);

/* The first stage: the task sessions of each part. 0, or -1 with a fault that ends the run. */
int live_fetch_parts(struct asking *asking, struct fault *fault);

/* Has the site filled by these stages. 0, or -1 with a fault that ends the run. */
int live_ask(struct em_client *client, const struct scope *scope, struct site *site,
             live_stages *stages, void *context, struct fault *fault);

/* All that a scope needs; there is no context. */
live_stages live_all_stages;

#endif
