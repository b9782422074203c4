// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/suites.h"

int main(void)
{
    Suite *const suites[] = {decode_suite(), remember_suite(), snapshot_file_suite()};
    return run_suites(suites, COUNT(suites));
}
