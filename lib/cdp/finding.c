// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/finding.h"

bool finding_is_fault(const struct finding *finding)
{
    return finding->kind <= FINDING_NAME_TOO_LONG;
}

enum fault_kind finding_fault_kind(const struct finding *finding)
{
    if (!finding_is_fault(finding)) {
        return FAULT_NONE;
    }
    if (finding->kind == FINDING_FAULT) {
        return finding->fault->kind;
    }
    return finding->kind == FINDING_NOT_FOUND ? FAULT_NOT_FOUND : FAULT_USAGE;
}
