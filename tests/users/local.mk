# SPDX-License-Identifier: GPL-3.0-or-later
# What is in contrib/, on the real programs that it is for: minutes, and many packages.
users_tests =
users_tests += tests/users/completion.bats
users_tests += tests/users/deb.bats
users_tests += tests/users/director.bats
users_tests += tests/users/grafana.bats
users_tests += tests/users/nagios.bats
users_tests += tests/users/picture.bats
users_tests += tests/users/pipelines.bats
users_tests += tests/users/prometheus.bats
users_tests += tests/users/rpm.bats
users_tests += tests/users/systemd.bats
users_tests += tests/users/walk.bats
EXTRA_DIST += $(users_tests)
EXTRA_DIST += tests/users/clean_root.sh
EXTRA_DIST += tests/users/completion.py
EXTRA_DIST += tests/users/director.py
EXTRA_DIST += tests/users/grafana.py
EXTRA_DIST += tests/users/icinga2_walk.sh
EXTRA_DIST += tests/users/monitoring.py
EXTRA_DIST += tests/users/nagios.py
EXTRA_DIST += tests/users/packages.bash
EXTRA_DIST += tests/users/picture.py
EXTRA_DIST += tests/users/pipelines.py
EXTRA_DIST += tests/users/prometheus.py
EXTRA_DIST += tests/users/systemd_walk.sh

check-users:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(users_tests)"

# What a package's build runs: seconds.
check-package:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(core_tests) $(monitoring_tests) tests/unit/test_client tests/acceptance/verdict.bats"

.PHONY: check-users check-package
