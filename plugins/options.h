// SPDX-License-Identifier: GPL-3.0-or-later
/* What a run is to do: the command line, the environment and the ini file, checked. */
#ifndef PLUGINS_OPTIONS_H
#define PLUGINS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/mask.h"
#include "cdp/ask.h"
#include "cdp/judge.h"
#include "em/client.h"

enum action { ACTION_CHECK, ACTION_HELP, ACTION_VERSION };
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_OPENMETRICS, FORMAT_PASSIVE };
enum perfdata {
    PERFDATA_OPTION_AUTO,
    PERFDATA_OPTION_VM,
    PERFDATA_OPTION_SUMMARY,
    PERFDATA_OPTION_NONE
};

struct options {
    enum action action;
    enum format format;
    struct em_settings em; // its deadline is not set here
    int64_t timeout_ms;
    const char *input;          // NULL: ask EM
    struct selector *selectors; // --all is one
    size_t selector_count;
    const char **backup_servers;
    size_t backup_server_count;
    struct vm_patterns included, excluded;
    bool matches_bytes;   // a pattern may miss what it means: no locale of the system has UTF-8
    double since_s;       // how far back completed sessions are looked for
    const char *snapshot; // a directory; NULL: none
    double snapshot_age_s;
    enum perfdata perfdata;
    bool list; // print what would be judged, judge nothing
    const char *passive_host;
    const char *passive_service;
    struct rules rules;
    const char *password_file;
    struct buf password;
    struct mask mask;       // what EM's texts and the output are masked by
    struct buf server_name; // "host:port"; "" where EM is not asked
};

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

/*
 * Gets the password: --password, --password-file, or else VEEAM_EM_PASSWORD, which is overwritten
 * in the environment. May wait for standard input. 0, or -1 with a usage fault.
 */
int options_read_password(struct options *options, struct fault *fault);

void options_free(struct options *options);

#endif
