# SPDX-License-Identifier: GPL-3.0-or-later
# What takes long: "make check-torture". The environment is that of the acceptance tests.
torture_tests = tests/torture/system_calls.bats
EXTRA_DIST += $(torture_tests)

check-torture:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(torture_tests)'
.PHONY: check-torture
