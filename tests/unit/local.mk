# SPDX-License-Identifier: GPL-3.0-or-later
# A program a room: its main.c, and a file for each module that it tests. make check-ROOM runs one.
unit_tests = \
	tests/unit/test_base \
	tests/unit/test_cdp \
	tests/unit/test_em \
	tests/unit/test_emulator \
	tests/unit/test_fetch \
	tests/unit/test_monitoring \
	tests/unit/test_mp_agreement \
	tests/unit/test_plugins \
	tests/unit/test_report
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

unit_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir) $(EMULATOR_CPPFLAGS) $(MP_CPPFLAGS) $(CHECK_CFLAGS) \
	$(CURL_CFLAGS) $(CJSON_CFLAGS)
unit_support = tests/unit/libsupport.a
unit_ldadd = $(unit_support) plugins/liboptions.a $(CDP_LIBS) $(CJSON_LIBS) $(CHECK_LIBS)

# What tests share, a header a subject; each says what it is for.
check_LIBRARIES += tests/unit/libsupport.a
tests_unit_libsupport_a_CPPFLAGS = $(unit_cppflags)
tests_unit_libsupport_a_SOURCES = \
	tests/unit/command.c tests/unit/command.h \
	tests/unit/scratch.h \
	tests/unit/shown.h \
	tests/unit/spec.c tests/unit/spec.h \
	tests/unit/suites.c tests/unit/suites.h \
	tests/unit/utf8.c tests/unit/utf8.h

# It looks at the blocks that are freed, interrupts reads and writes, is a system without locales.
tests_unit_test_base_CPPFLAGS = $(unit_cppflags)
tests_unit_test_base_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free -Wl,--wrap=read -Wl,--wrap=write \
	-Wl,--wrap=setlocale
tests_unit_test_base_LDADD = $(unit_support) lib/libbase.a $(CHECK_LIBS)
tests_unit_test_base_SOURCES = \
	tests/unit/base/main.c \
	tests/unit/base/test_buf.c \
	tests/unit/base/test_fault.c \
	tests/unit/base/test_file.c \
	tests/unit/base/test_io.c \
	tests/unit/base/test_lines.c \
	tests/unit/base/test_mask.c \
	tests/unit/base/test_number.c \
	tests/unit/base/test_password_hash.c \
	tests/unit/base/test_pattern.c \
	tests/unit/base/test_set.c \
	tests/unit/base/test_text.c \
	tests/unit/base/test_utc.c \
	tests/unit/base/test_vec.c

tests_unit_test_cdp_CPPFLAGS = $(unit_cppflags)
tests_unit_test_cdp_LDADD = $(unit_ldadd)
tests_unit_test_cdp_SOURCES = \
	tests/unit/cdp/main.c \
	tests/unit/cdp/test_coverage.c \
	tests/unit/cdp/test_group.c \
	tests/unit/cdp/test_intervals.c \
	tests/unit/cdp/test_judge.c \
	tests/unit/cdp/test_matrix.c \
	tests/unit/cdp/test_metric.c \
	tests/unit/cdp/test_pick.c \
	tests/unit/cdp/test_probe.c \
	tests/unit/cdp/test_scenes.c \
	tests/unit/cdp/test_sign.c \
	tests/unit/cdp/test_task_session.c

# It plays EM.
tests_unit_test_em_CPPFLAGS = $(unit_cppflags)
tests_unit_test_em_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=em_client_get -Wl,--wrap=em_client_mask
tests_unit_test_em_LDADD = $(unit_ldadd) $(EMULATOR_LIBS) $(CURL_LIBS)
tests_unit_test_em_SOURCES = \
	tests/unit/em/main.c \
	tests/unit/em/test_anonymous.c \
	tests/unit/em/test_client.c \
	tests/unit/em/test_entity.c \
	tests/unit/em/test_host_name.c \
	tests/unit/em/test_json.c \
	tests/unit/em/test_logon_cache.c \
	tests/unit/em/test_pages.c \
	tests/unit/em/test_peer.c \
	tests/unit/em/test_permitted.c \
	tests/unit/em/test_proxy.c \
	tests/unit/em/test_record.c \
	tests/unit/em/test_refusal.c

# It shares no code with the plugin.
tests_unit_test_emulator_CPPFLAGS = $(unit_cppflags) \
	-DSCENARIOS='"$(abs_top_srcdir)/tests/emulator/scenarios"'
tests_unit_test_emulator_LDADD = $(unit_support) $(EMULATOR_LIBS) $(CHECK_LIBS) $(CURL_LIBS)
tests_unit_test_emulator_SOURCES = \
	tests/unit/emulator/client.c tests/unit/emulator/client.h \
	tests/unit/emulator/main.c \
	tests/unit/emulator/test_emulator.c \
	tests/unit/emulator/test_intervals.c \
	tests/unit/emulator/test_policies.c \
	tests/unit/emulator/test_replay.c \
	tests/unit/emulator/test_replicas.c \
	tests/unit/emulator/test_rotation.c \
	tests/unit/emulator/test_system_sessions.c

# It counts the reads of files, and looks at the names of members that are read.
tests_unit_test_fetch_CPPFLAGS = $(unit_cppflags)
tests_unit_test_fetch_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pread -Wl,--wrap=json_member \
	-Wl,--wrap=json_text -Wl,--wrap=json_has -Wl,--wrap=entity_read
tests_unit_test_fetch_LDADD = $(unit_ldadd) $(EMULATOR_LIBS) $(CURL_LIBS)
tests_unit_test_fetch_SOURCES = \
	tests/unit/fetch/bench.c tests/unit/fetch/bench.h \
	tests/unit/fetch/main.c \
	tests/unit/fetch/test_collection.c \
	tests/unit/fetch/test_decode.c \
	tests/unit/fetch/test_intervals.c \
	tests/unit/fetch/test_policy.c \
	tests/unit/fetch/test_probe.c \
	tests/unit/fetch/test_remember.c \
	tests/unit/fetch/test_replica.c \
	tests/unit/fetch/test_snapshot_file.c \
	tests/unit/fetch/test_vocabulary.c

# It lets threads and close fail.
tests_unit_test_plugins_CPPFLAGS = $(unit_cppflags)
tests_unit_test_plugins_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create -Wl,--wrap=close
tests_unit_test_plugins_LDADD = $(unit_ldadd)
tests_unit_test_plugins_SOURCES = \
	tests/unit/plugins/main.c \
	tests/unit/plugins/test_ending.c \
	tests/unit/plugins/test_options.c \
	tests/unit/plugins/test_password.c

tests_unit_test_report_CPPFLAGS = $(unit_cppflags)
tests_unit_test_report_LDADD = $(unit_ldadd)
tests_unit_test_report_SOURCES = \
	tests/unit/report/main.c \
	tests/unit/report/test_em_words.c \
	tests/unit/report/test_formats.c \
	tests/unit/report/test_json_write.c \
	tests/unit/report/test_phrase.c \
	tests/unit/report/test_points_words.c \
	tests/unit/report/test_probe_words.c \
	tests/unit/report/test_report.c \
	tests/unit/report/test_run_words.c \
	tests/unit/report/test_sign_words.c \
	tests/unit/report/test_standing.c

tests_unit_test_monitoring_CPPFLAGS = $(unit_cppflags)
tests_unit_test_monitoring_LDADD = $(unit_support) lib/libmonitoring.a lib/libbase.a $(MP_LIBS) $(CHECK_LIBS)
tests_unit_test_monitoring_SOURCES = \
	tests/unit/monitoring/main.c \
	tests/unit/monitoring/test_perfdata.c \
	tests/unit/monitoring/test_range.c \
	tests/unit/monitoring/test_state.c

# Our own subset and the library of monitoring-plugins in one program, which skips without the latter.
tests_unit_test_mp_agreement_CPPFLAGS = $(unit_cppflags) -DMP_SIDE=upstream_side
tests_unit_test_mp_agreement_LDADD = $(tests_unit_test_monitoring_LDADD)
tests_unit_test_mp_agreement_SOURCES = tests/unit/monitoring/test_mp_agreement.c
EXTRA_DIST += tests/unit/monitoring/mp_side.c tests/unit/monitoring/mp_side.h

# The subset is tested whatever the plugin is linked with: beside the library, under other names.
if WITH_MONITORING_PLUGINS
check_LIBRARIES += tests/unit/libcompat.a
tests_unit_libcompat_a_SOURCES = tests/unit/monitoring/test_extra_opts.c \
	tests/unit/monitoring/mp_side.c tests/unit/monitoring/mp_side.h $(mp_compat_sources)
tests_unit_libcompat_a_CPPFLAGS = $(AM_CPPFLAGS) $(EMULATOR_CPPFLAGS) $(CHECK_CFLAGS) -DMP_SIDE=compat_side \
	-Dcheck_range=compat_check_range \
	-Dmax_state_alt=compat_max_state_alt \
	-Dmp_extra_opts_error=compat_mp_extra_opts_error \
	-Dnp_extra_opts=compat_np_extra_opts \
	-Dstate_text=compat_state_text
tests_unit_test_monitoring_LDADD += tests/unit/libcompat.a $(unit_support) lib/libbase.a
tests_unit_test_mp_agreement_SOURCES += tests/unit/monitoring/mp_side.c tests/unit/monitoring/mp_side.h
else
tests_unit_test_monitoring_SOURCES += tests/unit/monitoring/test_extra_opts.c
endif

# Check's own limit for a case, 4 s, is too short for a busy machine.
AM_TESTS_ENVIRONMENT += CK_DEFAULT_TIMEOUT=$${CK_DEFAULT_TIMEOUT-60}; export CK_DEFAULT_TIMEOUT;

# Who uses whom.
TESTS += tests/unit/rooms.bats
EXTRA_DIST += tests/unit/rooms.bats
AM_TESTS_ENVIRONMENT += \
	LIST_INCLUDES='$(CC) -M -D_GNU_SOURCE -I$(abs_top_srcdir)/lib -I$(abs_top_srcdir) \
		-I$(abs_top_builddir) $(MP_CPPFLAGS) $(CURL_CFLAGS) $(CJSON_CFLAGS) $(CPPFLAGS)'; \
	LINK_ROOM='$(CC) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS)'; \
	LINK_MONITORING='$(MP_LIBS)'; LINK_SYSTEM='$(LIBS)'; \
	export LIST_INCLUDES LINK_ROOM LINK_MONITORING LINK_SYSTEM;

# One make builds, however many rooms are asked for; each then has a log of its own.
room_checks = check-base check-cdp check-em check-emulator check-fetch check-monitoring \
	check-plugins check-report
$(room_checks): check-%: tests/unit/test_%
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=tests/unit/test_$* \
		TEST_SUITE_LOG=tests/unit/$@.log check_LIBRARIES= check_PROGRAMS= check_DATA=
.PHONY: $(room_checks)
CLEANFILES += tests/unit/check-*.log
