# SPDX-License-Identifier: GPL-3.0-or-later
# Check after check against one EM, some of them killed; fleets that change while they are read.
TESTS += tests/endurance/churn.bats tests/endurance/endurance.bats
EXTRA_DIST += \
	tests/endurance/README.md \
	tests/endurance/churn.bats \
	tests/endurance/churn.py \
	tests/endurance/endurance.bats \
	tests/endurance/endurance.py
