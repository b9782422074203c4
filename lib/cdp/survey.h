// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What there is to know of VMs beside what their sessions say of themselves: their policies, signs
 * that they stand still, and which of them are another policy's now. Of all VMs that EM gave, since
 * one says something of another. Pure.
 */
#ifndef CDP_SURVEY_H
#define CDP_SURVEY_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/group.h"
#include "cdp/policy.h"
#include "cdp/scope.h"
#include "cdp/sign.h"
#include "cdp/site.h"

/* Of one target. */
struct surveyed {
    const struct policy *policy; // NULL: not known
    struct standing standing;
    bool moved; // it would show a sign, but a VM of its name is another policy's since it stopped
};

/* Of targets, in their order. */
struct survey {
    const struct targets *targets; // borrowed
    struct surveyed *items;
};

/*
 * Looks at all targets. Task sessions that were asked for by ids show no signs. `now` is EM's time.
 * 0, or -1 if memory is short. Free the survey in either case; it borrows from targets and site.
 */
int survey_make(const struct scope *scope, const struct site *site, const struct targets *targets,
                utc_us now, struct survey *survey, struct fault *fault);

/* What was seen of a target of the survey. */
const struct surveyed *survey_of(const struct survey *survey, const struct target *target);

void survey_free(struct survey *survey);

#define cleanup_survey __attribute__((cleanup(survey_free)))

#endif
