// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_UTF8_H
#define TESTS_UNIT_UTF8_H

#include <stdbool.h>

/* Whether iconv, which shares no code with us, takes the text for UTF-8. */
bool is_utf8(const char *text);

#endif
