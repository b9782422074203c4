// SPDX-License-Identifier: GPL-3.0-or-later
/* The words of each finding that is a fault: why there is no verdict on a name or on the run. */
#ifndef REPORT_FAULT_WORDS_H
#define REPORT_FAULT_WORDS_H

#include <stdbool.h>

#include "base/fault.h"
#include "cdp/verdict.h"

/*
 * Writes a finding that is a fault as the fault that people read. If EM has nothing of a name, what
 * it has instead may say why. False: memory is short.
 */
bool fault_words_write(const struct verdict *verdict, const struct finding *finding,
                       struct fault *fault);

#endif
