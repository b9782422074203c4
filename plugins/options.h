// SPDX-License-Identifier: GPL-3.0-or-later
/* What a run is to do: the command line, the environment and the ini file, checked. */
#ifndef PLUGINS_OPTIONS_H
#define PLUGINS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/mask.h"
#include "cdp/rules.h"
#include "cdp/scope.h"
#include "em/client.h"
#include "plugins/option_values.h"
#include "plugins/probe_command.h"
#include "report/report.h"

enum action { ACTION_CHECK, ACTION_START, ACTION_HELP, ACTION_VERSION };

struct options {
    enum action action;
    enum format format;    // none of the lists
    struct em_settings em; // its deadline is not set here
    struct option_deadline timeout;
    const char *input;    // NULL: ask EM
    const char *save;     // a file for EM's answers to a probe; NULL: none
    struct scope scope;   // its since_s reaches beyond the limits on what grows
    const char *snapshot; // a directory; NULL: none
    double snapshot_age_s;
    double rpo_window_s;           // 0: not given; the scope's window_s follows from it
    enum report_perfdata perfdata; // PERFDATA_VM: that, or the summary if no VM was named
    bool probe;                    // look at what checks rely on, judge nothing
    bool list;                     // print what would be judged, judge nothing
    const char *passive_host;
    const char *passive_service;
    struct rules rules;
    struct option_password password;
    struct probe_command command; // what the next commands take over from this one
    struct mask mask;             // what EM's texts and the output are masked by
    struct buf server_name;       // "host:port"; "" where EM is not asked
};

/* A row of the table of options. */
struct option_row {
    const char *aim; // what one wants to do with it: a line of --help
    char letter;     // 0: none
    const char *name;
    const char *argument; // as --help shows it; NULL: it takes none
    option_reader *read;  // NULL: something else reads it
    unsigned member;      // what the reader sets: an offset in struct options
    int choice;           // what the reader makes of it
};

/* All options, in the order of --help; the last row has no name. */
extern const struct option_row options_table[];

/* The defaults. Free the options when done. */
void options_init(struct options *options);

/*
 * Reads from argv only what the report of a run that ends early needs, such as --timeout and
 * --format: before an ini file is read, which may keep the run waiting. What is wrong is left to
 * options_read.
 */
void options_read_early(struct options *options, int argc, char **argv);

/*
 * Reads argv, after the ini file that --extra-opts names; a password in argv is overwritten. Texts
 * are borrowed from argv. May wait for the ini file. 0, or -1 with a usage fault that names the
 * option; then too `options` holds what could be read, such as the format to report the fault in.
 */
int options_read(struct options *options, int argc, char **argv, struct fault *fault);

void options_free(struct options *options);

#endif
