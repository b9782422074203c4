// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From task sessions to plugin states. Pure: what was fetched, rules and the time go in, a verdict
 * comes out.
 */
#ifndef CDP_JUDGE_H
#define CDP_JUDGE_H

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/rules.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "cdp/verdict.h"

/*
 * Judges what the scope means of the site, which moves to the verdict; how far it was trusted stays
 * as well. `now` is this host's time. The verdict borrows from scope and rules, which must outlive
 * it; free it when done. -1: memory is short, there is no verdict, and the site is as it was.
 */
int judge(const struct scope *scope, const struct rules *rules, struct site *site, utc_us now,
          struct verdict *verdict, struct fault *fault);

/*
 * The verdict of a run that a fault ended, for which no memory is needed. What it knew of the site
 * by then moves to the verdict; NULL: nothing, and it was not even known whom to ask.
 */
void verdict_of_fault(const struct fault *fault, const struct scope *scope,
                      const struct rules *rules, struct site *site, utc_us now,
                      struct verdict *verdict);

#endif
