# SPDX-License-Identifier: GPL-3.0-or-later
# Tests that run the built plugin as an admin would.
quick_acceptance_tests = \
	tests/acceptance/documents.bats \
	tests/acceptance/host_names.bats \
	tests/acceptance/input.bats \
	tests/acceptance/option_lists.bats \
	tests/acceptance/options.bats \
	tests/acceptance/output.bats \
	tests/acceptance/patterns.bats \
	tests/acceptance/proxy.bats \
	tests/acceptance/secrets.bats \
	tests/acceptance/start.bats \
	tests/acceptance/trap.bats \
	tests/acceptance/trust.bats \
	tests/acceptance/verdict.bats \
	tests/acceptance/writes.bats
# They have many runs, or wait for deadlines.
slow_acceptance_tests = \
	tests/acceptance/clocks.bats \
	tests/acceptance/em.bats \
	tests/acceptance/faults.bats \
	tests/acceptance/fleet.bats \
	tests/acceptance/formats.bats \
	tests/acceptance/names.bats \
	tests/acceptance/probe.bats \
	tests/acceptance/probe_save.bats \
	tests/acceptance/refresh.bats \
	tests/acceptance/refusal.bats \
	tests/acceptance/rpo.bats \
	tests/acceptance/session_cache.bats \
	tests/acceptance/signals.bats \
	tests/acceptance/signs.bats \
	tests/acceptance/snapshot.bats \
	tests/acceptance/standstill.bats \
	tests/acceptance/topics.bats
acceptance_tests = $(slow_acceptance_tests) $(quick_acceptance_tests)
TESTS += $(acceptance_tests)

# For the change at hand; tests/README.md says more.
check-quick:
	$(MAKE) $(AM_MAKEFLAGS) check \
		TESTS="$(unit_tests) tests/unit/rooms.bats $(fuzz_tests) $(quick_acceptance_tests)"
.PHONY: check-quick

BATS_LOG_COMPILER = $(top_srcdir)/tests/acceptance/bats.sh
AM_TESTS_ENVIRONMENT += \
	CHECK_VEEAM_CDP_TASK='$(abs_top_builddir)/plugins/check_veeam_cdp_task'; \
	EM_EMULATOR='$(abs_top_builddir)/tests/emulator/em-emulator'; \
	SRCDIR='$(abs_top_srcdir)'; \
	CHECK_WRAPPER='$(CHECK_WRAPPER)'; \
	export CHECK_VEEAM_CDP_TASK EM_EMULATOR SRCDIR CHECK_WRAPPER;

# Who reads ini files: the plugin's own subset, or the library of monitoring-plugins.
if WITH_MONITORING_PLUGINS
AM_TESTS_ENVIRONMENT += INI_READER=library; export INI_READER;
else
AM_TESTS_ENVIRONMENT += INI_READER=own; export INI_READER;
endif

# A system that has no locale but C.
check_DATA += tests/acceptance/no_locale.so
CLEANFILES += tests/acceptance/no_locale.so
tests/acceptance/no_locale.so: $(srcdir)/tests/acceptance/no_locale.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) \
		-fno-sanitize=all -fPIC -shared -o $@ $(srcdir)/tests/acceptance/no_locale.c

AM_TESTS_ENVIRONMENT += NO_LOCALE='$(abs_top_builddir)/tests/acceptance/no_locale.so'; export NO_LOCALE;

EXTRA_DIST += $(acceptance_tests) \
	tests/acceptance/bats.sh \
	tests/acceptance/demo_em.bash \
	tests/acceptance/no_locale.c \
	tests/acceptance/session_cache.bash \
	tests/acceptance/snapshot_file.bash \
	tests/acceptance/support.bash \
	tests/acceptance/standstill.json \
	tests/acceptance/trap.py \
	tests/acceptance/verdict.json \
	tests/fixtures/README.md \
	tests/fixtures/v12/empty.json tests/fixtures/v13/empty.json \
	tests/fixtures/v12/entity.json tests/fixtures/v13/entity.json \
	tests/fixtures/v12/error.json tests/fixtures/v13/error.json \
	tests/fixtures/v12/list.json tests/fixtures/v13/list.json \
	tests/fixtures/v12/query.json tests/fixtures/v13/query.json \
	tests/fixtures/v13/page.json
