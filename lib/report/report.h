// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A verdict in each of the formats: text for Nagios and Icinga, JSON for alert pipelines, metrics
 * for Prometheus, results for Nagios' command pipe, and lists. Sentences are written here and
 * nowhere else. Pure: appends to a buf.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "base/fault.h"
#include "cdp/verdict.h"
#include "report/formats.h"

/* Appends the verdict in that format; it ends in a line break. Without memory the buf fails. */
void report(struct buf *buf, enum format format, const struct verdict *verdict,
            const struct report_settings *settings);

/* What is left to say where there is no memory for any report. */
const char *report_last_resort(enum format format);

/* 0, or -1 with a usage fault: the text has a placeholder that there is not. */
int passive_template_check(const char *text, struct fault *fault);

#endif
