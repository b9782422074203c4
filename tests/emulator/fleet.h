// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fleets of VMs that a scenario generates, and when the sessions of one that rotates begin: turn
 * after turn, each as long as the others, the VMs' turns spread evenly over that length.
 */
#ifndef EMULATOR_FLEET_H
#define EMULATOR_FLEET_H

#include "emulator/store.h"

struct fleet {
    const char *prefix;
    const char *folder;
    struct policy *policy;
    int64_t vms;
    int64_t completed;
    moment length; // of a session
    int64_t warning_every;
    int64_t failed_every;
    int64_t total_size;
    bool running;
    bool rotates;
    moment first_turn; // when turn 0 of the first VM begins
    const struct journal *journal;
};

/* The result of a completed session, whose number counts the VMs, or VMs and turns, from 1. */
int fleet_result(const struct fleet *fleet, int64_t number);
/* EM's words for it: "" if there is nothing to say. */
const char *fleet_reason(int result);

/* When that turn of a VM begins, and the one before it ends. `vm` counts from 0, turns may be below
 * 0.
 */
moment fleet_turn_begins(const struct fleet *fleet, int64_t vm, int64_t turn);

/*
 * All turns of all VMs in the order in which they begin, counted from the first VM's turn 0: which
 * one is the first that has not begun; whose it is; which of that VM's.
 */
int64_t fleet_first_not_begun(const struct fleet *fleet, moment now);
int64_t fleet_vm_at(const struct fleet *fleet, int64_t position);
int64_t fleet_turn_at(const struct fleet *fleet, int64_t position);

#endif
