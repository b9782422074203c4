// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/suites.h"

int main(void)
{
    Suite *const suites[] = {extra_opts_suite(), perfdata_suite(), range_suite(), state_suite()};
    return run_suites(suites, COUNT(suites));
}
