// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a snapshot's file holds, as bytes: records of task sessions and of protected VMs, which
 * stand in the block of their VM, and the commons, which every check needs. Numbers are in the byte
 * order of the machine. What is read is what fetch could have made, or the file is damaged.
 */
#ifndef FETCH_SNAPSHOT_RECORDS_H
#define FETCH_SNAPSHOT_RECORDS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/utc.h"
#include "cdp/site.h"

void snapshot_records_add_session(struct buf *block, const struct task_session *session);
void snapshot_records_add_protected_vm(struct buf *block, const struct protected_vm *vm);

/* The policies, the data collection, what EM told and did not tell, and the unjoined servers. */
void snapshot_records_add_commons(struct buf *commons, const struct site *site);

/* Appends the block's sessions and protected VMs to the site's. 0, or -1 with a fault. */
int snapshot_records_take_block(const char *block, size_t length, struct site *site,
                                struct fault *fault);

/* Fills in the site's commons, of which it has none yet. 0, or -1 with a fault. */
int snapshot_records_take_commons(const char *commons, size_t length, struct site *site,
                                  struct fault *fault);

/* Whether it is of a year that has four digits, as EM's times are; or a span from one to another.
 */
bool snapshot_records_is_time(utc_us moment);

/* Sets the fault of a file that is not as it was written. Returns -1. */
int snapshot_records_damaged(struct fault *fault);

#endif
