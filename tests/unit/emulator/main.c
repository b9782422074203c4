// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/suites.h"

int main(void)
{
    Suite *const suites[] = {emulator_suite(),       intervals_suite(), policies_suite(),
                             replay_suite(),         replicas_suite(),  rotation_suite(),
                             system_sessions_suite()};
    return run_suites(suites, COUNT(suites));
}
