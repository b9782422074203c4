// SPDX-License-Identifier: GPL-3.0-or-later
/* Command lines, and the options that are read from them. */
#ifndef TESTS_UNIT_COMMAND_H
#define TESTS_UNIT_COMMAND_H

#include "base/fault.h"
#include "plugins/options.h"

/* argv, in memory that may be written to. */
struct command {
    char *argv[24];
    char *owned[24]; // getopt changes argv's order
    int argc;
};

enum { MOST_WORDS = 20 };

/* Without what in the environment options are read from. */
void clear_environment(void);

/* The program's name and the words up to the first NULL. */
void command_make(struct command *command, const char *const words[]);
void command_free(struct command *command);

/* What options_read gives after options_read_early, from the defaults on and without a fault. */
int read_command(struct options *options, struct command *command, struct fault *fault);

/* Reads words that are good; "--input=-" is put before them, so that nothing else is needed. */
void read_words(struct options *options, struct command *command, const char *const words[]);

#endif
