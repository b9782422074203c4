// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/suites.h"

#include <stdlib.h>

int run_suites(Suite *const suites[], int count)
{
    SRunner *runner = srunner_create(NULL);
    for (int i = 0; i < count; i++) {
        srunner_add_suite(runner, suites[i]);
    }
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
