// SPDX-License-Identifier: GPL-3.0-or-later
/* What was found of a run as a whole, in words: how fresh EM's data is, what EM did not tell. */
#ifndef REPORT_RUN_WORDS_H
#define REPORT_RUN_WORDS_H

#include "base/buf.h"
#include "cdp/verdict.h"
#include "report/wording.h"

/* One sentence; only those with a state have a short form. */
void append_run_finding(struct buf *buf, const struct verdict *verdict,
                        const struct finding *finding, enum phrase_detail detail);

/* That VMs have left their policies; true: there are such. */
bool append_left_vms(struct buf *buf, const struct verdict *verdict);

#endif
