# SPDX-License-Identifier: GPL-3.0-or-later
# Servers that misbehave, a row each; many checks, some of them killed; one memory allocation, one
# system call after the other failing; sites over simulated time; what a run leaves of its secrets.
# The environment is that of the acceptance tests.
stress_tests = \
	tests/stress/churn.bats \
	tests/stress/endurance.bats \
	tests/stress/histories.bats \
	tests/stress/hostile.bats \
	tests/stress/load.bats \
	tests/stress/secrets_in_memory.bats \
	tests/stress/secrets_in_process.bats \
	tests/stress/torture.bats \
	tests/stress/weeks.bats
TESTS += $(stress_tests)

# What takes longer than the rest.
check-long:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=tests/stress/system_calls.bats
.PHONY: check-long

# The services of a site's VMs, in one process.
check_PROGRAMS += tests/stress/weeks_services
tests_stress_weeks_services_SOURCES = tests/stress/weeks_services.c
tests_stress_weeks_services_CPPFLAGS = $(unit_cppflags)
tests_stress_weeks_services_LDADD = plugins/liboptions.a $(CDP_LIBS)

# What a check takes of memory.
check_PROGRAMS += tests/stress/measure
tests_stress_measure_SOURCES = tests/bench/measure.c

# All that snapshots hold.
check_PROGRAMS += tests/stress/site_dump
tests_stress_site_dump_SOURCES = tests/stress/site_dump.c
tests_stress_site_dump_CPPFLAGS = $(unit_cppflags)
tests_stress_site_dump_LDADD = plugins/liboptions.a $(CDP_LIBS)

# Libraries to preload, which must not bring a sanitizer along.
preloaded = tests/stress/fail_allocation.so tests/stress/dump_memory.so tests/stress/move_clock.so
check_DATA += $(preloaded)
CLEANFILES += $(preloaded)
tests/stress/fail_allocation.so: $(srcdir)/tests/stress/fail_allocation.c
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(CC) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) \
		-fno-sanitize=all -fno-builtin -fPIC -shared -o $@ $(srcdir)/tests/stress/fail_allocation.c -ldl

# -z now: resolving a name late would save the vector registers on the stack that is to be looked at.
tests/stress/dump_memory.so: $(srcdir)/tests/stress/dump_memory.c
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(CC) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) \
		-fno-sanitize=all -fPIC -shared -Wl,-z,now -o $@ $(srcdir)/tests/stress/dump_memory.c

tests/stress/move_clock.so: $(srcdir)/tests/stress/move_clock.c
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(CC) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) \
		-fno-sanitize=all -fPIC -shared -o $@ $(srcdir)/tests/stress/move_clock.c -ldl

AM_TESTS_ENVIRONMENT += \
	DUMP_MEMORY='$(abs_top_builddir)/tests/stress/dump_memory.so'; \
	MEASURE='$(abs_top_builddir)/tests/stress/measure'; \
	WEEKS_SERVICES='$(abs_top_builddir)/tests/stress/weeks_services'; \
	export DUMP_MEMORY MEASURE WEEKS_SERVICES;

EXTRA_DIST += $(stress_tests) \
	tests/stress/README.md \
	tests/stress/churn.py \
	tests/stress/dump_memory.c \
	tests/stress/endurance.py \
	tests/stress/fail_allocation.c \
	tests/stress/find_secrets.py \
	tests/stress/histories.py \
	tests/stress/histories_world.py \
	tests/stress/hostile.py \
	tests/stress/hostile_peer.py \
	tests/stress/hostile_resolver.py \
	tests/stress/load.py \
	tests/stress/move_clock.c \
	tests/stress/system_calls.bats \
	tests/stress/torture.py \
	tests/stress/weeks.py \
	tests/stress/weeks_world.py
