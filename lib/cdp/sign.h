// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Signs that the replication of a VM stands still, whatever its sessions say of themselves. Pure:
 * what is known of a VM goes in, signs come out.
 */
#ifndef CDP_SIGN_H
#define CDP_SIGN_H

#include <stdbool.h>

#include "base/utc.h"
#include "cdp/group.h"
#include "cdp/policy.h"

enum sign {
    SIGN_IDLE,      // nothing runs, and the newest session ended a while ago
    SIGN_OVERDUE,   // the newest session runs for too long
    SIGN_DISABLED,  // nothing runs, as the policy is disabled
    SIGN_UNCOVERED, // a policy or a replica has the VM, but it has no session
    SIGNS
};

/* Their words, as --map, JSON and performance data have them. */
extern const char *const sign_words[SIGNS];

/* From when on a VM shows signs. */
struct sign_limits {
    double idle_s;    // --idle-after
    double overdue_s; // --overdue-after; 0: the policy's interval and an hour, else 25 hours
};

/* All that signs follow from. Borrowed. */
struct sign_view {
    const struct target *target;
    const struct policy *policy; // NULL: not known
    struct sign_limits limits;
    utc_us collected; // when EM heard from its backup server last; if that is not known, now
    utc_us since;     // how far back sessions were asked for
};

/* What was seen. A VM shows one sign at most, or has left its policy. */
struct standing {
    bool shows_sign;
    enum sign sign;
    bool has_moment;
    utc_us moment; // when its newest session began, if that runs, else when that ended
    utc_us lasts;  // from then until `collected`, in microseconds
    utc_us limit;  // of idle and overdue
    bool no_point; // overdue, and no session has ever completed
    bool left;     // it would show one, but its policy does not name it any more
};

/* Whether its replication is to make restore points, as far as is known. */
static inline bool standing_wants_points(const struct standing *standing)
{
    return !standing->left && !(standing->shows_sign && standing->sign == SIGN_DISABLED);
}

struct standing sign_find(const struct sign_view *view);

#endif
