// SPDX-License-Identifier: GPL-3.0-or-later
/* The rules of --map: what is taken over is a plugin state, and twice is the same as once. */
#include <stdlib.h>
#include <string.h>

#include "cdp/matrix.h"
#include "fuzz/fuzz.h"

static void check_matrix(const struct matrix *matrix)
{
    for (int state = 0; state < SESSION_STATES; state++) {
        for (int result = 0; result < RESULTS; result++) {
            const int pair = matrix->pair[state][result];
            const int found =
                matrix_lookup(matrix, (enum session_state)state, (enum session_result)result);
            REQUIRE(pair >= MATRIX_UNSET && pair <= 3);
            REQUIRE(found >= 0 && found <= 3);
            REQUIRE(pair == MATRIX_UNSET || found == pair);
            REQUIRE(matrix->result[result] >= MATRIX_UNSET && matrix->result[result] <= 3);
        }
        REQUIRE(matrix->state[state] >= MATRIX_UNSET && matrix->state[state] <= 3);
    }
    for (int sign = 0; sign < SIGNS; sign++) {
        REQUIRE(matrix->sign[sign] >= 0 && matrix->sign[sign] <= 3);
    }
}

static void check_twice(const struct matrix *once, const char *rules)
{
    struct matrix twice = *once;
    struct fault fault;
    REQUIRE(matrix_map(&twice, rules, &fault) == 0);
    REQUIRE(memcmp(once, &twice, sizeof twice) == 0);
}

static void check_fault(const struct fault *fault, const char *rules)
{
    REQUIRE(fault->kind == FAULT_USAGE);
    REQUIRE(fault->text[0] != '\0' && strnlen(fault->text, FAULT_TEXT_SIZE) < FAULT_TEXT_SIZE);
    REQUIRE(fuzz_is_utf8(fault->text, strlen(fault->text)) || !fuzz_is_utf8(rules, strlen(rules)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *rules = fuzz_text(bytes, size);
    struct matrix matrix;
    struct fault fault = {.kind = FAULT_NONE};
    matrix_init(&matrix);
    if (matrix_map(&matrix, rules, &fault) == 0) {
        REQUIRE(fault.kind == FAULT_NONE);
        check_twice(&matrix, rules);
    } else {
        check_fault(&fault, rules);
    }
    check_matrix(&matrix);
    free(rules);
    return 0;
}
