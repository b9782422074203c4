// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One answer of EM about all VMs, in a file that many runs read: all of it, or what a verdict on
 * one VM needs, which costs the same however many there are.
 */
#ifndef FETCH_SNAPSHOT_FILE_H
#define FETCH_SNAPSHOT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/site.h"

/*
 * What a snapshot says of itself, by the clock of the host that wrote it: the times of its file are
 * by the clock of a file server.
 */
struct snapshot_origin {
    utc_us asked;        // when EM was asked
    utc_us written;      // when the answer was there, and the file was written
    utc_us asked_uptime; // clock_uptime at `asked`
    uint64_t boot;       // clock_boot of that host
    bool has_clock_offset;
    utc_us clock_offset; // EM's clock minus that host's
    utc_us full;         // by EM's clock, when it was asked for all of it, not just what changed
    utc_us full_tried;   // when that was tried last
    utc_us reach;        // how long before `asked` its completed sessions begin: a span
    utc_us reach_needed; // when a run last needed sessions from so long ago
};

/* An open snapshot. */
struct snapshot {
    int file; // -1: not open
    struct snapshot_origin origin;
    uint64_t size;  // bytes
    uint64_t table; // where the table of buckets begins
    uint32_t buckets;
    char *commons;
    size_t commons_length; // bytes
    uint64_t commons_checksum;
};

/*
 * Writes to `file`, which is new and empty, what a verdict needs of the site: sessions, protected
 * VMs, policies, data collection, answers and unjoined servers. `identity` is a text that says what
 * was asked of whom, without secrets. 0, or -1 with a fault of kind usage or internal.
 */
int snapshot_write(int file, const struct site *site, const char *identity,
                   const struct snapshot_origin *origin, struct fault *fault);

/*
 * Takes over the descriptor `file` of what may be a snapshot. -1: it is none, or not of this
 * identity, or damaged; then it is closed.
 */
int snapshot_open(struct snapshot *snapshot, int file, const char *identity, struct fault *fault);
void snapshot_close(struct snapshot *snapshot);

#define cleanup_snapshot __attribute__((cleanup(snapshot_close)))

/*
 * Fills in what does not depend on the VM: policies, data collection, answers, unjoined servers, of
 * which the site has none yet. 0, or -1 with a fault where the file is damaged.
 */
int snapshot_read_commons(const struct snapshot *snapshot, struct site *site, struct fault *fault);

/*
 * Appends the sessions and the protected VMs of the VMs whose name is `vm` but for the case of
 * ASCII letters, and maybe others; or all, where `vm` is NULL; not in the order of their names. 0,
 * or -1 with a fault where the file is damaged.
 */
int snapshot_read(const struct snapshot *snapshot, const char *vm, struct site *site,
                  struct fault *fault);

#endif
