// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/matrix.h"

#include <string.h>

#include "base/text.h"
#include "monitoring/mp.h"
#include "monitoring/state.h"

enum { O = STATE_OK, W = STATE_WARNING, C = STATE_CRITICAL, U = STATE_UNKNOWN };

/* A running session has no Result of its own yet, so none is fine there and nowhere else. */
static const int table[SESSION_STATES][RESULTS] = {
    // Success, Warning, Failed, None, other
    [SESSION_COMPLETED] = {O, W, C, U, U},
    [SESSION_IN_PROGRESS] = {O, W, C, O, U},
    [SESSION_PENDING] = {O, W, C, O, U},
    [SESSION_OTHER] = {U, U, U, U, U},
};

/* A Result as --map has it: "" is none of them. */
static enum session_result read_result(const char *word)
{
    return word[0] != '\0' ? task_session_result(word) : RESULT_OTHER;
}

static enum sign read_sign(const char *word)
{
    enum sign sign = 0;
    while (sign < SIGNS && !text_equal_nocase(word, sign_words[sign])) {
        sign++;
    }
    return sign;
}

void matrix_init(struct matrix *matrix)
{
    for (int state = 0; state < SESSION_STATES; state++) {
        matrix->state[state] = MATRIX_UNSET;
        for (int result = 0; result < RESULTS; result++) {
            matrix->pair[state][result] = MATRIX_UNSET;
            matrix->result[result] = MATRIX_UNSET;
        }
    }
    for (int sign = 0; sign < SIGNS; sign++) {
        matrix->sign[sign] = STATE_WARNING;
    }
}

static int unknown_word(const char *word, struct fault *fault)
{
    return fault_set(fault, FAULT_USAGE,
                     "'%s' is not a State (Completed, InProgress, Pending), a Result (Success, "
                     "Warning, Failed, none), State/Result, or a sign (idle, overdue, disabled, "
                     "uncovered)",
                     word);
}

/* One rule, cut into words at '=' and '/' in place. */
static int map_rule(struct matrix *matrix, char *rule, struct fault *fault)
{
    char *verdict = strchr(rule, '=');
    int plugin_state = STATE_UNKNOWN;
    if (verdict == NULL) {
        return fault_set(fault, FAULT_USAGE, "'%s' is not WHAT=STATE", rule);
    }
    *verdict++ = '\0';
    if (!state_read(verdict, &plugin_state)) {
        return fault_set(fault, FAULT_USAGE, "'%s' is not ok, warning, critical, unknown or 0-3",
                         verdict);
    }
    const char *second = strchr(rule, '/');
    if (second == NULL) {
        const enum session_state state = task_session_state(rule);
        const enum session_result result = read_result(rule);
        const enum sign sign = read_sign(rule);
        if (state < SESSION_OTHER) {
            matrix->state[state] = plugin_state;
        } else if (result < RESULT_OTHER) {
            matrix->result[result] = plugin_state;
        } else if (sign < SIGNS) {
            matrix->sign[sign] = plugin_state;
        } else {
            return unknown_word(rule, fault);
        }
        return 0;
    }
    const enum session_result result = read_result(second + 1);
    if (result == RESULT_OTHER) {
        return unknown_word(rule, fault);
    }
    rule[strcspn(rule, "/")] = '\0';
    const enum session_state state = task_session_state(rule);
    if (state == SESSION_OTHER) {
        return unknown_word(rule, fault);
    }
    matrix->pair[state][result] = plugin_state;
    return 0;
}

int matrix_map(struct matrix *matrix, const char *rules, struct fault *fault)
{
    for (;;) {
        char rule[64];
        const size_t length = strcspn(rules, ",");
        if (length == 0 || length >= sizeof rule) {
            return fault_set(fault, FAULT_USAGE, "'%.*s' is not WHAT=STATE", (int)length, rules);
        }
        memcpy(rule, rules, length);
        rule[length] = '\0';
        if (map_rule(matrix, rule, fault) < 0) {
            return -1;
        }
        if (rules[length] == '\0') {
            return 0;
        }
        rules += length + 1;
    }
}

int matrix_lookup(const struct matrix *matrix, enum session_state state, enum session_result result)
{
    const int by_state = matrix->state[state];
    const int by_result = matrix->result[result];
    if (matrix->pair[state][result] != MATRIX_UNSET) {
        return matrix->pair[state][result];
    }
    if (by_state != MATRIX_UNSET && by_result != MATRIX_UNSET) {
        return max_state_alt(by_state, by_result);
    }
    if (by_state != MATRIX_UNSET || by_result != MATRIX_UNSET) {
        return by_state != MATRIX_UNSET ? by_state : by_result;
    }
    return table[state][result];
}
