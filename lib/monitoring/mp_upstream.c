// SPDX-License-Identifier: GPL-3.0-or-later
/* What monitoring-plugins' library asks of the program that is linked with it. */
#include "monitoring/mp.h"

#include <stdio.h>
#include "monitoring/mp_upstream_utils.h"

/* Its usage functions, none of which is called here, use these two. */
extern const char *progname;
const char *progname = "check_veeam_cdp_task";

void print_usage(void)
{
    printf("Usage: see %s --help\n", progname);
}

const char *mp_extra_opts_error(void)
{
    return NULL;
}
