// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/suites.h"

int main(void)
{
    Suite *const suites[] = {anonymous_suite(), client_suite(), entity_suite(),
                             host_name_suite(), json_suite(),   logon_cache_suite(),
                             pages_suite(),     peer_suite(),   permitted_suite(),
                             proxy_suite(),     record_suite(), refusal_suite()};
    return run_suites(suites, COUNT(suites));
}
