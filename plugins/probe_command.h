// SPDX-License-Identifier: GPL-3.0-or-later
/* The command lines that a probe ends with: what of its own options the next ones need, too. */
#ifndef PLUGINS_PROBE_COMMAND_H
#define PLUGINS_PROBE_COMMAND_H

#include "base/lines.h"
#include "plugins/options.h"

/* Words, none of which is a secret. */
struct probe_command {
    struct lines asks;   // the program, and which EM it asks as whom
    struct lines trust;  // why to trust it
    struct lines limits; // of what VMs show
};

/* Fills in a command that is {0}. */
void probe_command_make(struct probe_command *command, const struct options *options);
void probe_command_free(struct probe_command *command);

#endif
