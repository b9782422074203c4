// SPDX-License-Identifier: GPL-3.0-or-later
/* The words in which all reports speak of VMs and sessions. All of them are clean text. */
#ifndef REPORT_PHRASE_H
#define REPORT_PHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "cdp/judge.h"

/* How much is told: on the first line, or in the long output and in JSON. */
enum phrase_detail { PHRASE_SHORT, PHRASE_LONG };

/* Of a Reason, in bytes. */
enum { SHORT_REASON_LIMIT = 120, LONG_REASON_LIMIT = 1000, NAME_LIMIT = 120 };

/* A verdict, which is borrowed, and for each of its VMs a name that no other of them has. */
struct named_verdict {
    const struct verdict *verdict;
    char **names;
};

/*
 * Gives each VM its name: "srv01", or if two share that "srv01 (policy)", and so on with backup
 * server and session. False: no memory. Free the names in either case.
 */
bool phrase_name(struct named_verdict *named, const struct verdict *verdict);
void named_verdict_free(struct named_verdict *named);

#define cleanup_named_verdict __attribute__((cleanup(named_verdict_free)))

/* "Completed, Failed, ended 2h 13m ago: Reason"; the long form has the moment as well. */
void phrase_session(struct buf *buf, const struct judged_session *judged, utc_us now,
                    enum phrase_detail detail);

/* Which of the VM's sessions it is: "newest session: ", or "" where it is the only one. */
const char *phrase_role(const struct vm_verdict *vm, size_t session);

/* Everything about one VM but its name, what made its state first. */
void phrase_vm(struct buf *buf, const struct vm_verdict *vm, utc_us now, enum phrase_detail detail);

/* The VM's own name, and where EM told them its policy and backup server. */
void phrase_vm_at_length(struct buf *buf, const struct vm_verdict *vm);

/* "3 VMs: 1 critical, 2 ok" */
void phrase_counts(struct buf *buf, const struct verdict *verdict);

/* What happened on the whole: one VM in words, or several counted and the worst in words. */
void phrase_summary(struct buf *buf, const struct named_verdict *named);

/* "snapshot: EM's answer is 42s old", a line; nothing where EM was asked for this run. */
void phrase_snapshot(struct buf *buf, const struct verdict *verdict);

/* "not-found: EM has no …" */
void phrase_fault(struct buf *buf, const struct fault *fault);

#endif
