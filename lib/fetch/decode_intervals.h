// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's answer to the action intervals of a replica's VM, from its JSON. */
#ifndef FETCH_DECODE_INTERVALS_H
#define FETCH_DECODE_INTERVALS_H

#include <cjson/cJSON.h>

#include "base/fault.h"
#include "base/mask.h"
#include "cdp/intervals.h"

/*
 * Appends to `intervals`, which has the window that was asked about, and sets the window to that of
 * the answer. 0, or -1 with a protocol fault if the answer is not EM's, or is about another window;
 * the caller frees the intervals in either case. Their times have no Z in EM's documents, but are
 * UTC (post_cdpreplicavm_id_actionintervals).
 */
int decode_intervals(const cJSON *answer, const struct mask *mask, struct intervals *intervals,
                     struct fault *fault);

#endif
