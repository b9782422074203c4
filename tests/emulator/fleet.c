// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/fleet.h"

/* Rounded down, also if it is below 0. */
static int64_t quotient(int64_t number, int64_t divisor)
{
    return number / divisor - (number % divisor < 0 ? 1 : 0);
}

static int64_t remainder_of(int64_t number, int64_t divisor)
{
    return number - quotient(number, divisor) * divisor;
}

int fleet_result(const struct fleet *fleet, int64_t number)
{
    if (fleet->failed_every > 0 && number % fleet->failed_every == 0) {
        return RESULT_FAILED;
    }
    if (fleet->warning_every > 0 && number % fleet->warning_every == 0) {
        return RESULT_WARNING;
    }
    return RESULT_SUCCESS;
}

const char *fleet_reason(int result)
{
    static const char *const reasons[RESULTS] = {
        [RESULT_WARNING] = "RPO of 15 minutes was exceeded",
        [RESULT_FAILED] = "Failed to write to the target disk",
    };
    return reasons[result] != NULL ? reasons[result] : "";
}

moment fleet_turn_begins(const struct fleet *fleet, int64_t vm, int64_t turn)
{
    return fleet->first_turn + turn * fleet->length + vm * fleet->length / fleet->vms;
}

int64_t fleet_first_not_begun(const struct fleet *fleet, moment now)
{
    const int64_t since = now - fleet->first_turn;
    const int64_t within = remainder_of(since, fleet->length);
    // the VMs of which vm * length / vms is not beyond `within`
    const int64_t vms = ((within + 1) * fleet->vms + fleet->length - 1) / fleet->length;
    return quotient(since, fleet->length) * fleet->vms + (vms < fleet->vms ? vms : fleet->vms);
}

int64_t fleet_vm_at(const struct fleet *fleet, int64_t position)
{
    return remainder_of(position, fleet->vms);
}

int64_t fleet_turn_at(const struct fleet *fleet, int64_t position)
{
    return quotient(position, fleet->vms);
}
