// SPDX-License-Identifier: GPL-3.0-or-later
/* What all sentences share: how much they say, names, and lists of names. All is clean text. */
#ifndef REPORT_WORDING_H
#define REPORT_WORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/fault.h"

/* How much is said: on the first line, or in the long output and in JSON. */
enum phrase_detail { PHRASE_SHORT, PHRASE_LONG };

/* Of a name, in bytes, and of names in one sentence. */
enum { NAME_LIMIT = 120, NAMES_SHOWN = 10 };

/* A name of EM's, or what stands for one that is NULL. */
void append_name(struct buf *buf, const char *name, const char *otherwise);

/* "forbidden: its text" */
void append_fault_text(struct buf *buf, const struct fault *fault);

/* A list within a sentence: "a, b and 3 more". {0} is one that has not begun. */
struct enumeration {
    size_t count; // of all
};

/* Before each of its items: true if it is to be appended, which is after a ", " by then. */
bool enumeration_next(struct enumeration *list, struct buf *buf);

/* After the last one: counts those that were not to be appended. */
void enumeration_end(const struct enumeration *list, struct buf *buf);

#endif
