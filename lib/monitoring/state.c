// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitoring/state.h"

#include <string.h>

#include "base/text.h"
#include "monitoring/mp.h"

bool state_read(const char *text, int *state)
{
    for (int known = STATE_OK; known <= STATE_UNKNOWN; known++) {
        const char digit[] = {(char)('0' + known), '\0'};
        if (text_same(text, state_text(known)) || strcmp(text, digit) == 0) {
            *state = known;
            return true;
        }
    }
    return false;
}
