// SPDX-License-Identifier: GPL-3.0-or-later
/* Why there is no verdict on a name or on the run, as the fault that people are told of. */
#ifndef REPORT_ABSENCE_H
#define REPORT_ABSENCE_H

#include <stdbool.h>

#include "base/fault.h"
#include "cdp/verdict.h"

/*
 * Puts a finding that is a fault into words. If EM has nothing of a name, what it has instead may
 * say why. False: memory is short.
 */
bool absence_fault(const struct verdict *verdict, const struct finding *finding,
                   struct fault *fault);

#endif
