// SPDX-License-Identifier: GPL-3.0-or-later
/* Numbers as people and monitoring read them. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/buf.h"

/*
 * Appends a finite number: whole ones whole, others with at most 3 decimals and without trailing
 * zeros; no exponent, never "-0", a point whatever the locale. Appends nothing for one that is not
 * finite.
 */
void number_append(struct buf *buf, double value);

#endif
