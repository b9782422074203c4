// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/suites.h"

int main(void)
{
    Suite *const suites[] = {em_words_suite(), formats_suite(),      json_write_suite(),
                             phrase_suite(),   points_words_suite(), probe_words_suite(),
                             report_suite(),   run_words_suite(),    sign_words_suite(),
                             standing_suite()};
    return run_suites(suites, COUNT(suites));
}
