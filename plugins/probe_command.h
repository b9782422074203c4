// SPDX-License-Identifier: GPL-3.0-or-later
/* The command lines that a probe ends with: what of its own words the next ones need, too. */
#ifndef PLUGINS_PROBE_COMMAND_H
#define PLUGINS_PROBE_COMMAND_H

#include "base/lines.h"

/* Words, none of which is a secret. {0} is ready for use. */
struct probe_command {
    struct lines asks;   // the program, and which EM it asks as whom
    struct lines trust;  // why to trust it
    struct lines limits; // of what VMs show
};

/* Adds the program, as it was called, and the words of --extra-opts. */
void probe_command_start(struct probe_command *command, const char *program,
                         const struct lines *ini);

/*
 * Adds an option of the command line, if the next commands need it; one of the ini file they have
 * anyway. `letter` may be 0, `value` NULL.
 */
void probe_command_add(struct probe_command *command, const char *name, char letter,
                       const char *value);

void probe_command_free(struct probe_command *command);

#endif
