// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/help.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/version.h"
#include "plugins/options.h"

enum { WIDTH = 79, MARGIN = 11 };

static const char start[] =
    "Usage: check_veeam_cdp_task -H HOST -u USER --password-file=FILE WHAT [MORE]\n"
    "WHAT is an option of the first two lines. Begin with --probe.\n\n";

static const char end[] =
    "\nRANGE: [@]start:end with units s m h d w, B kB MB GB TB KiB MiB GiB TiB.\n"
    "STATE: ok, warning, critical, unknown or 0-3. REGEX: POSIX extended.\n"
    "What each option means, and its default: man check_veeam_cdp_task\n";

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

/* Appends an option as one types it, on the next line if this one has no room. */
static void append_option(struct buf *buf, const struct option_row *row, int *column)
{
    const char *argument = row->argument != NULL ? row->argument : "";
    const bool needs_value = argument[0] != '\0' && argument[0] != '[';
    const char letter[] = {'-', row->letter, ',', ' ', '\0'};
    char shown[WIDTH];
    const int length = snprintf(shown, sizeof shown, "  %s--%s%s%s", row->letter != 0 ? letter : "",
                                row->name, needs_value ? "=" : "", argument);
    if (*column + length > WIDTH) {
        buf_format(buf, "\n%*s", MARGIN, "");
        *column = MARGIN;
    }
    buf_text(buf, shown);
    *column += length;
}

void help_append(struct buf *buf)
{
    const char *aim = NULL;
    int column = 0;
    buf_format(buf, "%s %s: Veeam CDP replication by Enterprise Manager (EM)\n", PROGRAM_NAME,
               program_version);
    buf_text(buf, start);
    for (const struct option_row *row = options_table; row->name != NULL; row++) {
        if (row->aim != aim) {
            buf_format(buf, "%s%-*s", aim != NULL ? "\n" : "", MARGIN, row->aim);
            aim = row->aim;
            column = MARGIN;
        }
        append_option(buf, row, &column);
    }
    buf_text(buf, "\n");
    buf_text(buf, end);
}
