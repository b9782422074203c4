// SPDX-License-Identifier: GPL-3.0-or-later
/* What a probe has seen, as text and as JSON, and the command lines for the next steps. Pure. */
#ifndef REPORT_PROBE_REPORT_H
#define REPORT_PROBE_REPORT_H

#include "base/buf.h"
#include "base/lines.h"
#include "cdp/probe.h"

struct probe_report_settings {
    const char *server;          // "host:port"; NULL: it is not known whom to ask
    int state;                   // the exit code
    const struct lines *command; // the words of a command line that asks this EM, without a secret
    const struct lines *trust;   // those that say why to trust it
    const struct lines *limits;  // those that were given for what VMs show
    bool anchored;               // it is said whom to trust, on the command line or elsewhere
    const char *save;            // the file for EM's answers that was asked for; NULL: none was
    const char *saved;           // the same, if it has them; NULL: it has not
};

/* Each appends a report that ends in a line break. Without memory the buf fails. */
void probe_report_text(struct buf *buf, const struct probe *probe,
                       const struct probe_report_settings *settings);
void probe_report_json(struct buf *buf, const struct probe *probe,
                       const struct probe_report_settings *settings);

/* "probe of em01:9398: 20 ok, 1 no, 2 odd", or why it ended. */
void probe_report_summary(struct buf *buf, const struct probe *probe,
                          const struct probe_report_settings *settings);

/* The command lines, one each, that come next. */
void probe_report_add_steps(struct lines *steps, const struct probe *probe,
                            const struct probe_report_settings *settings);

#endif
