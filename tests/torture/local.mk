# SPDX-License-Identifier: GPL-3.0-or-later
# The plugin with one memory allocation after the other failing, and one system call after the other.
check_DATA += tests/torture/fail_allocation.so
CLEANFILES += tests/torture/fail_allocation.so
TESTS += tests/torture/torture.bats

# A library to preload, which must not bring a sanitizer along.
tests/torture/fail_allocation.so: $(srcdir)/tests/torture/fail_allocation.c
	$(AM_V_CCLD)$(MKDIR_P) tests/torture && $(CC) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) \
		-fno-sanitize=all -fno-builtin -fPIC -shared -o $@ $(srcdir)/tests/torture/fail_allocation.c -ldl

EXTRA_DIST += \
	tests/torture/README.md \
	tests/torture/fail_allocation.c \
	tests/torture/torture.bats \
	tests/torture/system_calls.bats \
	tests/torture/torture.py

# What takes longer than the rest.
check-long:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=tests/torture/system_calls.bats
.PHONY: check-long
