# SPDX-License-Identifier: GPL-3.0-or-later
# Servers that misbehave, one row each. The environment is that of the acceptance tests.
TESTS += tests/hostile/hostile.bats
EXTRA_DIST += \
	tests/hostile/README.md \
	tests/hostile/hostile.bats \
	tests/hostile/peer.py \
	tests/hostile/resolver.py \
	tests/hostile/table.py
