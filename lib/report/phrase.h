// SPDX-License-Identifier: GPL-3.0-or-later
/* The words in which all reports speak of VMs and sessions. All of them are clean text. */
#ifndef REPORT_PHRASE_H
#define REPORT_PHRASE_H

#include <stddef.h>

#include "base/buf.h"
#include "cdp/judge.h"

/* How much is told: on the first line, or in the long output and in JSON. */
enum phrase_detail { PHRASE_SHORT, PHRASE_LONG };

/* Of a Reason, in bytes. */
enum { SHORT_REASON_LIMIT = 120, LONG_REASON_LIMIT = 1000, NAME_LIMIT = 120 };

/*
 * A name for each VM of the verdict that no other has: "srv01", where two share it "srv01
 * (policy)", and so on with backup server and session. The caller frees the names and the array.
 * NULL: no memory.
 */
char **phrase_names(const struct verdict *verdict);
void phrase_names_free(char **names, size_t count);

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
void phrase_summary(struct buf *buf, const struct verdict *verdict, char *const *names);

/* "snapshot: EM's answer is 42s old", a line; nothing where EM was asked for this run. */
void phrase_snapshot(struct buf *buf, const struct verdict *verdict);

/* "not-found: EM has no …" */
void phrase_fault(struct buf *buf, const struct fault *fault);

#endif
