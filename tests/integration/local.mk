# SPDX-License-Identifier: GPL-3.0-or-later
# What the plugin prints, and what is in contrib/, on the real programs that they are for. The
# environment is that of the acceptance tests.

# Of all checks: what takes seconds, with folders of its own.
short_integration_tests =
short_integration_tests += tests/integration/completion.bats
short_integration_tests += tests/integration/icinga2.bats
short_integration_tests += tests/integration/passive_format.bats
TESTS += $(short_integration_tests)

# What takes minutes, and many packages.
integration_tests = $(short_integration_tests)
integration_tests += tests/integration/deb.bats
integration_tests += tests/integration/director.bats
integration_tests += tests/integration/grafana.bats
integration_tests += tests/integration/nagios.bats
integration_tests += tests/integration/picture.bats
integration_tests += tests/integration/pipelines.bats
integration_tests += tests/integration/prometheus.bats
integration_tests += tests/integration/rpm.bats
integration_tests += tests/integration/snmp.bats
integration_tests += tests/integration/systemd.bats
integration_tests += tests/integration/walk.bats
integration_tests += tests/integration/zabbix.bats

EXTRA_DIST += $(integration_tests)
EXTRA_DIST += tests/integration/clean_root.sh
EXTRA_DIST += tests/integration/completion.py
EXTRA_DIST += tests/integration/director.py
EXTRA_DIST += tests/integration/grafana.py
EXTRA_DIST += tests/integration/icinga2.py
EXTRA_DIST += tests/integration/icinga2_walk.sh
EXTRA_DIST += tests/integration/monitoring.py
EXTRA_DIST += tests/integration/nagios.py
EXTRA_DIST += tests/integration/nagios_daemon.py
EXTRA_DIST += tests/integration/packages.bash
EXTRA_DIST += tests/integration/picture.py
EXTRA_DIST += tests/integration/pipelines.py
EXTRA_DIST += tests/integration/prometheus.py
EXTRA_DIST += tests/integration/snmp.py
EXTRA_DIST += tests/integration/systemd_walk.sh
EXTRA_DIST += tests/integration/walk.bash
EXTRA_DIST += tests/integration/zabbix.py
EXTRA_DIST += tests/integration/zabbix_walk.sh

check-integration:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(integration_tests)"

# What a package's build runs: seconds.
check-package:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(unit_tests) tests/acceptance/verdict.bats"

.PHONY: check-integration check-package
