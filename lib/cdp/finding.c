// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/finding.h"

#include <assert.h>

bool finding_is_fault(const struct finding *finding)
{
    return finding->kind <= FINDING_NO_POLICY;
}

enum fault_kind finding_fault_kind(const struct finding *finding)
{
    assert(finding_is_fault(finding));
    return finding->kind == FINDING_FAULT ? finding->fault->kind : FAULT_NOT_FOUND;
}
