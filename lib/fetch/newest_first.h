// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads task sessions of some VMs, no further back than is needed. EM keeps a VM's sessions for 13
 * weeks, some 300 of them, and its verdict needs three of the newest.
 */
#ifndef FETCH_NEWEST_FIRST_H
#define FETCH_NEWEST_FIRST_H

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/task_session.h"
#include "em/client.h"

/* What is read. All of it is borrowed. */
struct newest_first {
    struct em_client *client;
    const char *filter; // which VMs
    int page_size;
    struct task_sessions *found; // sessions are appended; targets_condense drops what none needs
    size_t *total;               // all that EM gives are counted there; NULL: nobody wants to know
    const void *reader;          // for the functions
    // Changes a session that was just appended; NULL: each stays as EM gave it.
    void (*adjust)(const void *reader, struct task_session *session);
    // Whether sessions older than those in `found` could not change the verdict; `since` is then
    // the creation of the oldest one that decides. 1, 0, or -1 with a fault.
    int (*is_enough)(const void *reader, utc_us *since, struct fault *fault);
};

/* 0, or -1 with a fault. */
int newest_first_read(const struct newest_first *wanted, struct fault *fault);

#endif
