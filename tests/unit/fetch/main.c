// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/suites.h"

int main(void)
{
    Suite *const suites[] = {collection_suite(), decode_intervals_suite(), decode_suite(),
                             policy_suite(),     probing_suite(),          remember_suite(),
                             replica_suite(),    snapshot_file_suite(),    vocabulary_suite()};
    return run_suites(suites, COUNT(suites));
}
