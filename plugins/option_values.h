// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The readers of options' values: one for each kind of value, whatever option it belongs to. They
 * know neither the command line nor the other options.
 */
#ifndef PLUGINS_OPTION_VALUES_H
#define PLUGINS_OPTION_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"

enum { HOST_LIMIT = 255 };

struct option_deadline {
    int64_t ms;
    int state; // of a run that it ended
};

/* The one that was given last counts; the other is empty then. */
struct option_password {
    const char *file;
    struct buf text; // wiped by its owner
    bool from_environment;
};

/* What a reader sets, and what it needs of the option's row in the table. */
struct option_target {
    void *member;         // of the type that the reader has below; an enumeration is an int
    int choice;           // 0 if the reader needs none
    const char *argument; // as --help shows it
};

/*
 * Reads `value`, NULL if the option takes none, into the target's member. Texts are borrowed from
 * the value. A reader may write in it, but what options_read_early reads must be readable again.
 * 0, or -1 with a usage fault that says what is wrong, but not with which option.
 */
typedef int option_reader(const struct option_target *target, char *value, struct fault *fault);

/* Without a value. */
option_reader option_value_flag;      // bool: true
option_reader option_value_choice;    // an enumeration: the choice
option_reader option_value_verbosity; // int: one more, up to 3
option_reader option_value_kind;      // struct scope: the choice

/* One value; the last one counts. */
option_reader option_value_text;          // const char *
option_reader option_value_word;          // an enumeration in the order of the argument, "a|b|c"
option_reader option_value_host;          // const char *; an address without brackets
option_reader option_value_host_and_port; // const char *
option_reader option_value_port;          // uint16_t; 0 if it is wrong
option_reader option_value_username;      // const char *
option_reader option_value_password;      // struct option_password; the value is overwritten
option_reader option_value_password_file; // struct option_password
option_reader option_value_pin;           // const char *: sha256//BASE64[;…]
option_reader option_value_deadline;      // struct option_deadline: SECONDS[:STATE]
option_reader option_value_fault_state;   // int[], by kind of fault; the choice is a set of bits
option_reader option_value_duration;      // double: seconds
option_reader option_value_period;        // double: a second at least; the unit is needed
option_reader option_value_times;         // struct threshold: a range of durations
option_reader option_value_sizes;         // struct threshold: a range of sizes
option_reader option_value_percents;      // struct threshold: a range of percentages

/* One value of several; the caller frees what was collected. */
option_reader option_value_id;        // struct scope: each once
option_reader option_value_scope;     // struct scope: each once; the choice is the kind
option_reader option_value_name;      // struct name_list
option_reader option_value_pattern;   // struct vm_patterns
option_reader option_value_state_map; // struct matrix
option_reader option_value_reason;    // struct rules: STATE:REGEX

#endif
