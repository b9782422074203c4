// SPDX-License-Identifier: GPL-3.0-or-later
/* Moments and spans of time. A moment is microseconds since 1970-01-01T00:00:00Z. */
#ifndef BASE_UTC_H
#define BASE_UTC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

typedef int64_t utc_us;

#define UTC_SECOND INT64_C(1000000)

/*
 * Reads EM's DateTime: "2025-08-14T12:31:30.389954Z", with any number of fraction digits (those
 * beyond a microsecond are dropped) or none. An offset such as "+02:00" is taken off; a text
 * without "Z" or offset is UTC, as all of EM's members named …UTC are. False: not such a text.
 */
bool utc_parse(const char *text, utc_us *moment);

/* Appends ISO 8601 with "Z"; a fraction only where it is not zero, without trailing zeros. */
void utc_append_iso(struct buf *buf, utc_us moment);

/* Appends "2025-08-14 12:31 UTC", for people. */
void utc_append_minute(struct buf *buf, utc_us moment);

/* Appends the span's two largest units, for people: "45s", "2h 13m", "3d 4h". Below 0 is "0s". */
void utc_append_span(struct buf *buf, utc_us span);

#endif
