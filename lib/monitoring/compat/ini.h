// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads one section of an ini text as command-line arguments. Pure: no files, no environment.
 *
 *     [section]        blanks around the name and around "=" don't count
 *     ; or # start a comment line; there are no comments behind a value
 *     key = value      --key=value
 *     key =            --key
 *     k = value        -k=value, as monitoring-plugins has it: short names are of use without value
 *
 * A byte order mark at the start does not count. There is no quoting and no continuation of lines.
 * Sections of one name are read as one. Sections of other names may hold anything, since many
 * plugins share one file.
 */
#ifndef MONITORING_COMPAT_INI_H
#define MONITORING_COMPAT_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

struct ini_arguments {
    char **items;
    size_t count;
    size_t capacity;
    bool has_password; // one of them is --password=…, or --proxy=…@…, in full or cut short
};

/*
 * Appends the section's options to *arguments, which starts as {0}. The text needs no NUL behind.
 * -1: *fault, of kind FAULT_USAGE, names the line, but never what stands in it: it may be a secret.
 * A section that is missing or has no options is a fault too. What was appended before a fault
 * stays; the caller releases it all with ini_arguments_free.
 */
int ini_read_section(const char *text, size_t length, const char *section,
                     struct ini_arguments *arguments, struct fault *fault);

/* Overwrites and frees the arguments; *arguments is {0} then. */
void ini_arguments_free(struct ini_arguments *arguments);

#define cleanup_ini_arguments __attribute__((cleanup(ini_arguments_free)))

#endif
