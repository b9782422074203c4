// SPDX-License-Identifier: GPL-3.0-or-later
/* What the C library takes for a character. A program starts with bytes. */
#ifndef BASE_LOCALE_H
#define BASE_LOCALE_H

#include <stdbool.h>

/*
 * Makes the C library read texts as UTF-8, whatever the environment says: LC_CTYPE alone is set,
 * for the whole process, and the first call alone does it. Numbers, dates and words stay those of
 * C. False: the system has no locale for it, and a byte stays a character.
 */
bool locale_use_utf8(void);

#endif
