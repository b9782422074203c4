// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the unit tests share: fixed moments, task sessions in a few words, command lines, an
 * independent check of UTF-8. It judges nothing itself.
 */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <check.h>

#include "base/utc.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "cdp/task_session.h"
#include "plugins/options.h"

/* "2025-08-14T12:00:00Z" as a moment; ends the test where it is none. */
utc_us moment(const char *text);

/* Whether iconv, which shares no code with us, takes the text for UTF-8. */
bool is_utf8(const char *text);

/* A task session in words; NULL leaves the member out. `size` is a JSON value. */
struct spec {
    const char *uid, *vm, *policy, *server;
    const char *state, *result, *reason;
    const char *created, *ended;
    const char *size;
};

/* Decodes the session that `spec` describes, as EM 12 would write it, and appends it. */
void add_spec(struct task_sessions *sessions, const struct spec *spec);

/*
 * Sets the kind and names of the scope, up to the first NULL, and makes room for the faults of its
 * parts in the site. NULL: there are no names.
 */
void name_parts(struct scope *scope, struct site *site, enum scope_kind kind,
                const char *const names[]);

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
