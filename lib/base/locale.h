// SPDX-License-Identifier: GPL-3.0-or-later
/* What the C library takes for a character. A program starts with bytes. */
#ifndef BASE_LOCALE_H
#define BASE_LOCALE_H

#include <stdbool.h>

/*
 * Makes the C library read texts as UTF-8, whatever the environment says: only LC_CTYPE is set, for
 * the whole process. Numbers, dates and words stay those of C. False: the system has no locale for
 * it, and a byte stays a character.
 */
bool locale_use_utf8(void);

#endif
