// SPDX-License-Identifier: GPL-3.0-or-later
/* Enterprise Manager itself in words, for --em: no VM is judged then. */
#ifndef REPORT_EM_WORDS_H
#define REPORT_EM_WORDS_H

#include "base/buf.h"
#include "base/lines.h"
#include "cdp/verdict.h"

/* How many of the site's policies are disabled. */
size_t em_words_disabled(const struct verdict *verdict);

/* "Enterprise Manager answered in 0.21s; its data is 7m old (collected …); 5 policies" */
void append_em(struct buf *buf, const struct verdict *verdict);

/* What stands below: which policies are disabled; if asked for more, when each server was
 * collected. */
void em_words_add_lines(struct lines *lines, const struct verdict *verdict, int verbosity);

#endif
