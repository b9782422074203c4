// SPDX-License-Identifier: GPL-3.0-or-later
/* Points in time, in microseconds since 1970 UTC: as scenarios, filters and answers write them. */
#ifndef EMULATOR_MOMENT_H
#define EMULATOR_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/arena.h"

typedef int64_t moment;

#define MOMENT_SECOND INT64_C(1000000)
#define MOMENT_MINUTE (60 * MOMENT_SECOND)
#define MOMENT_DAY (86400 * MOMENT_SECOND)

enum { MOMENT_NAME_SIZE = sizeof "2025-08-14 12:31:30" };

/* The forms that filters take: a date, a date and time, each with or without a fraction and Z. */
bool moment_parse(const char *text, moment *when);

/* A scenario's time: one of the forms above, or a distance from `now`: "-8h", "-2h 13m", "+90s". */
bool moment_parse_scenario(const char *text, moment now, moment *when);

/* "2025-08-14T12:31:30.389Z": at most `digits` digits of fraction, trailing zeros left out. */
char *moment_text(struct arena *arena, moment when, int digits);

/* "2025-08-14T12:31:30", rounded down. */
char *moment_bare_text(struct arena *arena, moment when);

/* "Thu, 14 Aug 2025 12:31:30 GMT", as HTTP's header Date has it. */
char *moment_http(struct arena *arena, moment when);

/* "2025-08-14 12:31:30", as EM puts it into the names of sessions. */
char *moment_name(struct arena *arena, moment when);
void moment_write_name(char name[MOMENT_NAME_SIZE], moment when);

#endif
