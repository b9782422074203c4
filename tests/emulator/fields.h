// SPDX-License-Identifier: GPL-3.0-or-later
/* The fields that filters and orders of the query service may name, for each type that has some. */
#ifndef EMULATOR_FIELDS_H
#define EMULATOR_FIELDS_H

#include "emulator/criteria.h"

extern const struct field fields_of_tasks[];
extern const struct field fields_of_policy_sessions[];
extern const struct field fields_of_policies[];
extern const struct field fields_of_replicas[];
extern const struct field fields_of_system_sessions[];

#endif
