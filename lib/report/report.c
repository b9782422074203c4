// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/report.h"

static const struct {
    write_report *write;
    const char *last_resort;
} formats[FORMATS] = {
    [FORMAT_TEXT] = {report_text, "CDP TASK UNKNOWN: internal: out of memory\n"},
    [FORMAT_JSON] = {report_json, "CDP TASK UNKNOWN: internal: out of memory\n"},
    [FORMAT_OPENMETRICS] = {report_openmetrics,
                            "# TYPE veeam_cdp_up gauge\nveeam_cdp_up 0\n# EOF\n"},
    [FORMAT_PASSIVE] = {report_passive, ""}, // the exit code must do
    [FORMAT_LIST] = {report_list, "CDP TASK UNKNOWN: internal: out of memory\n"},
    [FORMAT_LIST_JSON] = {report_list_json, "CDP TASK UNKNOWN: internal: out of memory\n"},
};

void report(struct buf *buf, enum format format, const struct verdict *verdict,
            const struct report_settings *settings)
{
    formats[format].write(buf, verdict, settings);
}

const char *report_last_resort(enum format format)
{
    return formats[format].last_resort;
}
