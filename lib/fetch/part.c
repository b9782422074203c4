// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/part.h"

bool part_fault_is_final(enum fault_kind kind)
{
    return kind == FAULT_UNREACHABLE || kind == FAULT_TLS || kind == FAULT_TIMEOUT ||
           kind == FAULT_LOGON || kind == FAULT_INTERNAL || kind == FAULT_TERMINATED;
}
