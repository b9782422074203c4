// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define PROGRAM_NAME "check_veeam_cdp_task"

extern const char program_version[];

#endif
