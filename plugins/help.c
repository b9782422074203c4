// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/help.h"

#include "base/version.h"
#include "plugins/options.h"

enum { HELP_COLUMN = 26, SHOWN_LIMIT = 80 };

static const char start[] = "Usage: check_veeam_cdp_task -H HOST -u USER --password-file=FILE\n"
                            "         --id=ID|--vm=NAME|--policy=NAME|--all [OPTION...]\n";

static const char end[] =
    "\nRANGE: [@]start:end with units s m h d w, B kB MB GB TB KiB MiB GiB TiB.\n"
    "STATE: ok, warning, critical, unknown or 0-3. Manual: man check_veeam_cdp_task\n";

void version_append(struct buf *buf)
{
    buf_format(buf, "%s %s\n", PROGRAM_NAME, program_version);
}

static void append_option(struct buf *buf, const struct option_row *row)
{
    struct buf shown;
    buf_init(&shown, SHOWN_LIMIT);
    buf_text(&shown, row->name);
    if (row->argument != NULL) {
        buf_format(&shown, "%s%s", row->argument[0] == '[' ? "" : "=", row->argument);
    }
    const char letter[] = {'-', row->letter, ',', '\0'};
    buf_format(buf, "  %3s --%-*s  %s\n", row->letter != 0 ? letter : "", HELP_COLUMN,
               buf_string(&shown), row->help);
    buf_share_failure(buf, &shown);
    buf_free(&shown);
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
