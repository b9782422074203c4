// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Gets the task sessions that a run is about, from EM or from a saved answer of EM, and makes VMs
 * of them, of which each selector picks its own.
 */
#ifndef CDP_ASK_H
#define CDP_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/lines.h"
#include "base/pattern.h"
#include "cdp/select.h"
#include "cdp/task_session.h"
#include "em/client.h"

enum selector_kind { SELECT_ID, SELECT_VM, SELECT_POLICY, SELECT_ALL };

struct selector {
    enum selector_kind kind;
    const char *text; // a UUID in lower case; a VM's display name; a policy's name; of all: ""
};

/* Regular expressions on the display names of VMs. */
struct vm_patterns {
    struct pattern *items;
    size_t count;
};

/* What is asked. All of it is borrowed. */
struct question {
    const struct selector *selectors;
    size_t selector_count; // 0: every session of a saved answer
    const char *const *backup_servers;
    size_t backup_server_count;  // 0: any
    struct vm_patterns included; // none: any
    struct vm_patterns excluded;
    // Policies and all: sessions that ended before count only where they are needed. By this host's
    // clock; EM is asked by its own.
    utc_us since;
    bool newest_alone; // a VM's last completed session is not needed
    bool none_is_fine; // all: that there are no sessions is an answer, too
};

/* A target that is asked for. */
struct pick {
    const struct target *target;
    const char *doubt; // why it is not known whether it is; NULL: it is
};

struct picks {
    struct pick *items;
    size_t count;
    size_t capacity;
    size_t
        assumed; // of them, those of which EM does not tell the policy or backup server asked for
    bool has_policy; // a target has the policy that was asked for, or any would do
    bool has_server; // the same for a backup server
};

struct answer {
    const struct selector *selector; // NULL: none was given
    struct picks picks;
    struct fault fault; // of kind FAULT_NONE where there are picks
};

struct answers {
    struct task_sessions sessions; // all that EM gave
    struct targets targets;        // all VMs that these are of
    struct answer *items;          // one for each selector, at least one
    size_t count;
    bool has_fetched;      // they are of a snapshot
    utc_us fetched;        // when EM was asked for it, by this host's clock
    bool has_clock_offset; // EM told the time
    utc_us clock_offset;   // EM's clock minus this host's
    struct lines notices;  // what concerns the run
};

/* One answer for each selector, with no sessions yet. 0, or -1 where memory is short. */
int answers_init(struct answers *answers, const struct question *question, struct fault *fault);

/*
 * Groups the sessions into VMs, and gives each answer that has no fault those that it is about: the
 * selector, the backup servers and the patterns see whole VMs. One that has none is a fault of its
 * own. 0, or -1 where memory is short.
 */
int answers_group(struct answers *answers, const struct question *question, struct fault *fault);

/* Whether asking EM for more would be in vain after a fault of this kind. */
bool ask_ends_the_run(enum fault_kind kind);

/*
 * Asks EM for each selector in turn, within one logon session. A fault that concerns one selector
 * is kept with its answer; one that concerns the whole run (no connection, no logon) is returned:
 * -1. The requests are traced to `trace`. Free the answers in either case.
 */
int ask_em(const struct em_settings *settings, const struct question *question,
           struct answers *answers, struct buf *trace, struct fault *fault);

/*
 * The same from a saved answer of EM: one entity, the result of a query, or a list. 0, or -1 with a
 * protocol fault.
 */
int ask_saved(const char *bytes, size_t length, const struct question *question,
              struct answers *answers, struct fault *fault);

void answers_free(struct answers *answers);

#endif
