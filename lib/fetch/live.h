// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Asks EM within one logon session: for the task sessions of each part of a scope in turn, then for
 * what else there is, then for older sessions by their VMs' names.
 */
#ifndef FETCH_LIVE_H
#define FETCH_LIVE_H

#include "base/buf.h"
#include "base/fault.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "em/client.h"

/* As fetch does, for a site that was initialised for a scope of at least as many parts. */
int live_fetch(const struct em_settings *settings, const struct scope *scope, struct site *site,
               struct buf *trace, struct fault *fault);

#endif
