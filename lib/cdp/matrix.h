// SPDX-License-Identifier: GPL-3.0-or-later
/* State x Result, and signs: the plugin state that each stands for. */
#ifndef CDP_MATRIX_H
#define CDP_MATRIX_H

#include "base/fault.h"
#include "cdp/sign.h"
#include "cdp/task_session.h"

/* Plugin states by State and Result, and the overrides of --map. */
struct matrix {
    int pair[SESSION_STATES][RESULTS]; // each MATRIX_UNSET or a plugin state
    int state[SESSION_STATES];
    int result[RESULTS];
    int sign[SIGNS]; // a plugin state
};

enum { MATRIX_UNSET = -1 };

/* No override is set, and each sign is a warning. */
void matrix_init(struct matrix *matrix);

/*
 * Takes over the rules of one --map: "WHAT=STATE[,…]", where WHAT is a State, a Result,
 * State/Result or a sign. 0, or -1 with a usage fault that names the rule.
 */
int matrix_map(struct matrix *matrix, const char *rules, struct fault *fault);

/* The plugin state: a State/Result override, else the worst of the single ones, else the table. */
int matrix_lookup(const struct matrix *matrix, enum session_state state,
                  enum session_result result);

#endif
