// SPDX-License-Identifier: GPL-3.0-or-later
/* That the replication of a VM stands still, in words. */
#ifndef REPORT_SIGN_WORDS_H
#define REPORT_SIGN_WORDS_H

#include "base/buf.h"
#include "cdp/verdict.h"
#include "report/wording.h"

/*
 * The sign that the VM's standing shows, why, and since when: "idle for 2d 4h: no task session
 * runs". The long form has the moment as well, and what to check.
 */
void append_sign(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm,
                 enum phrase_detail detail);

#endif
