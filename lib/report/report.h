// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A verdict in each of the formats: text for Nagios and Icinga, JSON for alert pipelines, metrics
 * for Prometheus, results for Nagios' command pipe. Pure: appends to a buf.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "cdp/judge.h"

enum report_perfdata {
    PERFDATA_VM,       // each VM's, as many as have room
    PERFDATA_VM_WHOLE, // each VM's, whatever room it takes
    PERFDATA_SUMMARY,
    PERFDATA_NONE
};

struct report_settings {
    enum report_perfdata perfdata;
    int verbosity;             // 1: each VM's line also when it is OK
    const char *server;        // "host:port"; NULL where a saved answer was judged
    const struct rules *rules; // for the thresholds in the performance data
    enum scope_kind asked_by;
    const char *host;         // EM's; NULL where it is not known. For passive results
    const char *passive_host; // templates; NULL: the default
    const char *passive_service;
};

/* The report proper, up to this many bytes; PERFDATA_VM_WHOLE and a trace come on top. */
enum { REPORT_TEXT_LIMIT = 3999 };

/* First line, performance data and long output; ends in a line break. */
void report_text(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings);

/* One JSON document on one line; ends in a line break. False: no memory. */
bool report_json(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings);

/* What would be judged, as lines of words with tabs between them, and as JSON. */
void report_list(struct buf *buf, const struct verdict *verdict,
                 const struct report_settings *settings);
bool report_list_json(struct buf *buf, const struct verdict *verdict,
                      const struct report_settings *settings);

/* The state of a run that only lists: of its faults, OK where it had none. */
int report_list_state(const struct verdict *verdict);

/* Gauges for Prometheus, in the words that OpenMetrics and the older text format share. */
void report_openmetrics(struct buf *buf, const struct verdict *verdict,
                        const struct report_settings *settings);

/* A line PROCESS_SERVICE_CHECK_RESULT for each service. */
void report_passive(struct buf *buf, const struct verdict *verdict,
                    const struct report_settings *settings);

/* 0, or -1 with a usage fault: the text has a placeholder that there is not. */
int passive_template_check(const char *text, struct fault *fault);

#endif
