// SPDX-License-Identifier: GPL-3.0-or-later
/* What is known of a site's CDP: what EM, a saved answer or a snapshot said, and what they did not
 * say. */
#ifndef CDP_SITE_H
#define CDP_SITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/lines.h"
#include "base/utc.h"
#include "cdp/collection.h"
#include "cdp/policy.h"
#include "cdp/protected_vm.h"
#include "cdp/scope.h"
#include "cdp/task_session.h"

/* How far what EM said can be trusted. */
enum site_trust {
    SITE_TRUSTED,    // its certificate was verified, or it was not asked
    SITE_UNVERIFIED, // --insecure
    SITE_UNENCRYPTED // --no-tls
};

/* Why there is no answer to a part of the scope, if so. */
struct site_part {
    struct fault fault;
    size_t read;       // task sessions that EM gave
    long page_size;    // that EM granted; 0: no page was read, or it does not matter
    bool lacks_policy; // EM has no session of a policy of that name;
    char *other_case;  // but of this one, which differs from it in case only; NULL: nor that
};

/* What EM was asked for besides the task sessions of late. */
enum site_topic {
    SITE_POLICIES,
    SITE_COLLECTION,
    SITE_REPLICAS,
    SITE_OLDER, // task sessions of VMs that those of late say too little of
    SITE_TOPICS
};

enum site_knowledge {
    SITE_NOT_ASKED,
    SITE_TOLD,
    SITE_REFUSED, // to this user, or by this EM: 400, 403, 404
    SITE_FAILED   // EM, the network or the deadline failed
};

/* Which of two ways EM has answered. */
enum site_way {
    SITE_WAY_QUERY, // its query service
    SITE_WAY_LIST   // a list of all that there is
};

struct site_answer {
    enum site_knowledge knowledge;
    struct fault fault; // why it was refused or failed
    enum site_way way;  // if it was told
};

/* What a run that renewed the snapshot asked EM for, and if for everything, why. */
enum site_renewed {
    RENEWED_NOT,     // nothing, or there is no snapshot
    RENEWED_CHANGES, // what runs and what changed
    RENEWED_FIRST,   // everything: there was no snapshot that could be used;
    RENEWED_HOURLY,  // the last time is an hour ago;
    RENEWED_LATE,    // the snapshot is so old that changes may not be all that happened;
    RENEWED_REACH,   // --since reaches further back;
    RENEWED_CLOCK,   // EM's clock went back, or is not known;
    RENEWED_UNNAMED, // there are sessions without a UID, or one that is gone has no VM's name;
    RENEWED_MANY,    // too many sessions are gone for asking by their VMs' names;
    RENEWED_UNTOLD,  // EM does not answer what became of those;
    RENEWED_GONE,    // a VM that ran has no session left;
    RENEWED_SERVER,  // a backup server is collected again, after a while;
    RENEWED_UNJOINED // by what is known, VMs that joined sessions no longer do
};

struct site_renewal {
    enum site_renewed what;
    size_t sessions;  // that EM gave
    utc_us since;     // by EM's clock: what changed was asked for from then on
    utc_us full;      // when everything was asked for last, by this host's clock
    bool overdue;     // that failed when it was tried again
    struct fault why; // if this run tried
};

/* Owns its texts. */
struct site {
    enum site_trust trust;
    bool from_snapshot;
    utc_us asked_at; // when EM was asked for the snapshot, by this host's clock
    struct site_renewal renewal;
    bool has_clock_offset; // EM said the time
    utc_us clock_offset;   // EM's clock minus this host's
    struct task_sessions sessions;
    struct site_answer answers[SITE_TOPICS];
    struct policies policies;
    struct protected_vms protected_vms; // that policies name or replicas are of, by their names
    struct collection collection;
    struct lines unjoined;   // backup servers and "policy NAME": EM names no VM with sessions there
    double answered_s;       // how long EM took, for SCOPE_EM
    struct site_part *parts; // of the scope
    size_t part_count;
    struct lines notices;
};

/* A site of which nothing is known yet, of the best trust. 0, or -1 if memory is short. Free it in
 * either case. */
int site_init(struct site *site, const struct scope *scope, struct fault *fault);

/* Exchanges what EM told two sites: sessions, policies and the like, and what it did not tell. */
void site_swap_told(struct site *site, struct site *other);

void site_free(struct site *site);

#define cleanup_site __attribute__((cleanup(site_free)))

#endif
