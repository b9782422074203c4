// SPDX-License-Identifier: GPL-3.0-or-later
/* What one line of a probe says, and what to do about it. All is clean text. */
#ifndef REPORT_PROBE_WORDS_H
#define REPORT_PROBE_WORDS_H

#include "base/buf.h"
#include "cdp/probe.h"

/* "TLS version", "States", …: what the line is about. */
const char *probe_words_subject(const struct probe_line *line);

/* What was seen, or why it was not. */
void probe_words_append_seen(struct buf *buf, const struct probe_line *line);

/* What it means and what to do; nothing where all is well. */
void probe_words_append_advice(struct buf *buf, const struct probe_line *line);

/* "9h", "1d", as options take it. */
void probe_words_append_hours(struct buf *buf, double seconds);

#endif
