// SPDX-License-Identifier: GPL-3.0-or-later
/* The words in which all reports speak of VMs and sessions. All of them are clean text. */
#ifndef REPORT_PHRASE_H
#define REPORT_PHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "cdp/verdict.h"
#include "report/wording.h"

/* Of a Reason, in bytes. */
enum { SHORT_REASON_LIMIT = 120, LONG_REASON_LIMIT = 1000 };

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

/* Whether a VM's finding says why its state is what it is, or why there is none. */
bool phrase_explains(const struct finding *finding);

/*
 * One finding, of a VM or, if `vm` is NULL, of the run: "newest session: Completed, Failed, ended
 * 2h 13m ago: Reason"; the long form of a session has the moment as well.
 */
void append_finding(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm,
                    const struct finding *finding, enum phrase_detail detail);

/* A finding that is a fault: "not-found: EM has no …" */
void append_fault(struct buf *buf, const struct verdict *verdict, const struct finding *finding);

/* Everything about one VM but its name, what made its state first. */
void append_vm(struct buf *buf, const struct verdict *verdict, const struct vm_verdict *vm,
               enum phrase_detail detail);

/* The VM's own name, and its policy and backup server if EM named them. */
void append_full_name(struct buf *buf, const struct vm_verdict *vm);

/* "3 VMs: 1 critical, 2 ok" */
void append_counts(struct buf *buf, const struct verdict *verdict);

/*
 * What happened on the whole: one VM in words, or several counted and the worst in words. What
 * makes the run's own state comes before a VM that weighs no more, else behind it.
 */
void append_summary(struct buf *buf, const struct named_verdict *named);

/* "snapshot: EM's answer is 42s old", a line; nothing where EM was asked for this run. */
void append_snapshot_age(struct buf *buf, const struct verdict *verdict);

#endif
