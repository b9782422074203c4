# SPDX-License-Identifier: GPL-3.0-or-later
# Monitoring daemons as Debian has them, with directories of their own. The environment is that of
# the acceptance tests.
TESTS += tests/daemons/nagios4.bats
TESTS += tests/daemons/icinga2.bats
EXTRA_DIST += tests/daemons/common.py
EXTRA_DIST += tests/daemons/nagios4.bats
EXTRA_DIST += tests/daemons/nagios4.py
EXTRA_DIST += tests/daemons/icinga2.bats
EXTRA_DIST += tests/daemons/icinga2.py
