// SPDX-License-Identifier: GPL-3.0-or-later
/* What report() chooses from: a function for each format, in a file of its own. */
#ifndef REPORT_FORMATS_H
#define REPORT_FORMATS_H

#include "base/buf.h"
#include "cdp/verdict.h"
#include "report/settings.h"

typedef void write_report(struct buf *buf, const struct verdict *verdict,
                          const struct report_settings *settings);

write_report report_text;
write_report report_json;
write_report report_openmetrics;
write_report report_passive;
write_report report_list;
write_report report_list_json;

#endif
