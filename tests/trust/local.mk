# SPDX-License-Identifier: GPL-3.0-or-later
# What a run leaves of its secrets: in its memory, in lists of processes, in core files.
TESTS += tests/trust/memory.bats tests/trust/process.bats

# -z now: resolving a name late would save the vector registers on the stack that is to be looked at.
check_DATA += tests/trust/dump_memory.so
CLEANFILES += tests/trust/dump_memory.so
tests/trust/dump_memory.so: $(srcdir)/tests/trust/dump_memory.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) \
		-fno-sanitize=all -fPIC -shared -Wl,-z,now -o $@ $(srcdir)/tests/trust/dump_memory.c

AM_TESTS_ENVIRONMENT += \
	DUMP_MEMORY='$(abs_top_builddir)/tests/trust/dump_memory.so'; \
	export DUMP_MEMORY;

EXTRA_DIST += \
	tests/trust/README.md \
	tests/trust/dump_memory.c \
	tests/trust/find_secrets.py \
	tests/trust/memory.bats \
	tests/trust/process.bats
