// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/suites.h"

int main(void)
{
    Suite *const suites[] = {coverage_suite(),     group_suite(),       judge_suite(),
                             matrix_suite(),       metric_suite(),      pick_suite(),
                             probe_suite(),        scenes_suite(),      sign_suite(),
                             task_session_suite(), vm_intervals_suite()};
    return run_suites(suites, COUNT(suites));
}
