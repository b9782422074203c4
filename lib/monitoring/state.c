// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitoring/state.h"

#include <string.h>

#include "base/text.h"

const char *const state_words[STATES] = {[STATE_OK] = "ok",
                                         [STATE_WARNING] = "warning",
                                         [STATE_CRITICAL] = "critical",
                                         [STATE_UNKNOWN] = "unknown"};

const int states_by_weight[STATES] = {STATE_CRITICAL, STATE_WARNING, STATE_UNKNOWN, STATE_OK};

bool state_read(const char *text, int *state)
{
    for (int known = STATE_OK; known < STATES; known++) {
        const char digit[] = {(char)('0' + known), '\0'};
        if (text_equal_nocase(text, state_words[known]) || strcmp(text, digit) == 0) {
            *state = known;
            return true;
        }
    }
    return false;
}
