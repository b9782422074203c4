// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/help.h"

#include <stdio.h>

#include "base/version.h"
#include "plugins/options.h"

enum { HELP_COLUMN = 26, SHOWN_SIZE = 80 };

static const char start[] =
    "Usage: check_veeam_cdp_task -H HOST -u USER --password-file=FILE\n"
    "         --id=ID|--vm=NAME|--policy=NAME|--all|--em|--probe [OPTION...]\n";

static const char end[] =
    "\nRANGE: [@]start:end with units s m h d w, B kB MB GB TB KiB MiB GiB TiB.\n"
    "STATE: ok, warning, critical, unknown or 0-3. Manual: man check_veeam_cdp_task\n";

void start_append(struct buf *buf)
{
    static const struct {
        const char *selector, *means;
    } rows[] = {{"--probe", "what checks need of EM, what is odd, what to run next"},
                {"--vm=NAME", "one VM; --em: Enterprise Manager itself"},
                {"--all", "every VM that EM knows by CDP"}};
    buf_text(buf, "CDP TASK UNKNOWN: usage: no option is given; begin with one of these\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_format(buf, "  %s -H HOST -u USER --password-file=FILE %s\n      %s\n", PROGRAM_NAME,
                   rows[i].selector, rows[i].means);
    }
    buf_text(buf, "All options: --help. Manual: man check_veeam_cdp_task\n");
}

void version_append(struct buf *buf)
{
    buf_format(buf, "%s %s\n", PROGRAM_NAME, program_version);
}

static void append_option(struct buf *buf, const struct option_row *row)
{
    const char *argument = row->argument != NULL ? row->argument : "";
    const bool needs_value = argument[0] != '\0' && argument[0] != '[';
    const char letter[] = {'-', row->letter, ',', '\0'};
    char shown[SHOWN_SIZE];
    snprintf(shown, sizeof shown, "%s%s%s", row->name, needs_value ? "=" : "", argument);
    buf_format(buf, "  %3s --%-*s  %s\n", row->letter != 0 ? letter : "", HELP_COLUMN, shown,
               row->help);
}

void help_append(struct buf *buf)
{
    const char *section = NULL;
    buf_format(buf, "%s %s: Veeam CDP task sessions, by Enterprise Manager\n", PROGRAM_NAME,
               program_version);
    buf_text(buf, start);
    for (const struct option_row *row = options_table; row->name != NULL; row++) {
        if (row->section != section) {
            buf_format(buf, "\n%s:\n", row->section);
            section = row->section;
        }
        append_option(buf, row);
    }
    buf_text(buf, end);
}
