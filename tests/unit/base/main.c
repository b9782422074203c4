// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/suites.h"

int main(void)
{
    Suite *const suites[] = {buf_suite(),     fault_suite(), file_suite(),   io_suite(),
                             lines_suite(),   mask_suite(),  number_suite(), password_hash_suite(),
                             pattern_suite(), set_suite(),   text_suite(),   utc_suite(),
                             vec_suite()};
    return run_suites(suites, COUNT(suites));
}
