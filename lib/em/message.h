// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's own words in the answer to a request that it refuses. */
#ifndef EM_MESSAGE_H
#define EM_MESSAGE_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Appends the text of EM's Error, as it is: JSON or, whatever was asked for, XML; nothing where it
 * has none. `body` is followed by a NUL that `length` does not count.
 */
void message_append(struct buf *message, const char *body, size_t length);

#endif
