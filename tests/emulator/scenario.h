// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads a scenario, the JSON text that says what EM is to be played (README.md has the format).
 * It is strict: what it does not know is an error that names it.
 */
#ifndef EMULATOR_SCENARIO_H
#define EMULATOR_SCENARIO_H

#include "emulator/store.h"

/*
 * `source` is the JSON text if it starts with '{', else the path of a file. Relative times count
 * from `now`. The caller frees the store; NULL: `error` (of `size` bytes) says what is wrong.
 */
struct store *scenario_load(const char *source, moment now, char *error, size_t size);

#endif
