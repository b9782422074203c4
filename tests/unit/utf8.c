// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/utf8.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

bool is_utf8(const char *text)
{
    char out[4096];
    iconv_t converter = iconv_open("UTF-32LE", "UTF-8");
    ck_assert(converter != (iconv_t)-1);
    char *copy = strdup(text);
    char *in = copy;
    size_t left = strlen(text);
    bool valid = true;
    while (left > 0 && valid) {
        char *to = out;
        size_t room = sizeof out;
        const size_t before = left;
        iconv(converter, &in, &left, &to, &room);
        valid = left < before;
    }
    free(copy);
    iconv_close(converter);
    return valid;
}
