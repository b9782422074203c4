// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Answers a question from a snapshot that many runs share. The one that finds it too old asks EM
 * for all VMs and puts a new one in its place; the others wait for that.
 */
#ifndef CDP_ASK_SNAPSHOT_H
#define CDP_ASK_SNAPSHOT_H

#include "base/buf.h"
#include "base/fault.h"
#include "base/utc.h"
#include "cdp/ask.h"
#include "em/client.h"

struct snapshot_settings {
    const char *directory;
    double age_s;   // how old a snapshot may be
    double since_s; // what question->since was made of: the runs that have it in common share
};

/*
 * As ask_em, but for selectors of kind id. `answers->fetched` tells how old the answers are. Where
 * the snapshot can't be used, EM is asked as without it, and a notice says why.
 */
int ask_snapshot(const struct em_settings *em, const struct snapshot_settings *settings,
                 const struct question *question, struct answers *answers, struct buf *trace,
                 struct fault *fault);

#endif
