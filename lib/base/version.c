// SPDX-License-Identifier: GPL-3.0-or-later
/* As few files as can be see configure's header: monitoring-plugins' has macros of the same names.
 */
#include "base/version.h"

#include "cdp_config.h"

const char program_version[] = PACKAGE_VERSION;
