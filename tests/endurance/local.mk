# SPDX-License-Identifier: GPL-3.0-or-later
# Check after check against one EM, some of them killed.
TESTS += tests/endurance/endurance.bats
EXTRA_DIST += \
	tests/endurance/README.md \
	tests/endurance/endurance.bats \
	tests/endurance/endurance.py
