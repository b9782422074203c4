// SPDX-License-Identifier: GPL-3.0-or-later
/* The body of a request for a VM's intervals: which part of time it asks about. */
#ifndef EMULATOR_INTERVAL_SPEC_H
#define EMULATOR_INTERVAL_SPEC_H

#include "emulator/request.h"
#include "emulator/store.h"

struct interval_spec {
    moment start;
    moment end;
};

/* False: the answer says what is wrong with it. */
bool interval_spec_read(const struct wording *wording, const struct request *request,
                        struct answer *answer, struct interval_spec *spec);

#endif
