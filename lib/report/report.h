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

enum format {
    FORMAT_TEXT,        // first line, performance data and long output
    FORMAT_JSON,        // one document on one line
    FORMAT_OPENMETRICS, // gauges, in the words that OpenMetrics and the older text format share
    FORMAT_PASSIVE,     // a line PROCESS_SERVICE_CHECK_RESULT for each service
    FORMAT_LIST,        // what would be judged, as lines of words with tabs between them
    FORMAT_LIST_JSON,
    FORMATS
};

/* In the order of --perfdata's words, the first of which is auto. */
enum report_perfdata {
    PERFDATA_VM,       // each VM's, as many as have room
    PERFDATA_VM_WHOLE, // each VM's, whatever room it takes
    PERFDATA_SUMMARY,
    PERFDATA_NONE
};

struct report_settings {
    enum report_perfdata perfdata;
    int verbosity;            // 1: each VM's line also when it is OK
    const char *server;       // "host:port"; NULL where a saved answer was judged
    const char *host;         // EM's; NULL where it is not known. For passive results
    const char *passive_host; // templates; NULL: the default
    const char *passive_service;
};

/* The text proper, up to this many bytes; PERFDATA_VM_WHOLE and a trace come on top. */
enum { REPORT_TEXT_LIMIT = 3999 };

/* Appends the verdict in that format; it ends in a line break. Without memory the buf fails. */
void report(struct buf *buf, enum format format, const struct verdict *verdict,
            const struct report_settings *settings);

/* What is left to say where there is no memory for any report. */
const char *report_last_resort(enum format format);

/* What report chooses from, a file each. */
typedef void write_report(struct buf *buf, const struct verdict *verdict,
                          const struct report_settings *settings);

write_report report_text;
write_report report_json;
write_report report_openmetrics;
write_report report_passive;
write_report report_list;
write_report report_list_json;

/* 0, or -1 with a usage fault: the text has a placeholder that there is not. */
int passive_template_check(const char *text, struct fault *fault);

#endif
