# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of lib/monitoring.
monitoring_tests = \
	tests/unit/test_extra_opts \
	tests/unit/test_mp_agreement \
	tests/unit/test_perfdata \
	tests/unit/test_range \
	tests/unit/test_state
check_PROGRAMS += $(monitoring_tests)
TESTS += $(monitoring_tests)

monitoring_test_cppflags = $(AM_CPPFLAGS) $(MP_CPPFLAGS) $(CHECK_CFLAGS)
monitoring_test_ldadd = lib/libmonitoring.a lib/libbase.a $(MP_LIBS) $(CHECK_LIBS)

tests_unit_test_perfdata_SOURCES = tests/unit/test_perfdata.c
tests_unit_test_perfdata_CPPFLAGS = $(monitoring_test_cppflags)
tests_unit_test_perfdata_LDADD = $(monitoring_test_ldadd)

tests_unit_test_range_SOURCES = tests/unit/test_range.c
tests_unit_test_range_CPPFLAGS = $(monitoring_test_cppflags)
tests_unit_test_range_LDADD = $(monitoring_test_ldadd)

tests_unit_test_state_SOURCES = tests/unit/test_state.c
tests_unit_test_state_CPPFLAGS = $(monitoring_test_cppflags)
tests_unit_test_state_LDADD = $(monitoring_test_ldadd)

# Our own subset, whatever the plugin itself is linked with: hence no MP_CPPFLAGS.
tests_unit_test_extra_opts_SOURCES = tests/unit/test_extra_opts.c $(mp_compat_sources)
tests_unit_test_extra_opts_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_extra_opts_LDADD = lib/libbase.a $(CHECK_LIBS)

tests_unit_test_mp_agreement_SOURCES = tests/unit/test_mp_agreement.c
tests_unit_test_mp_agreement_CPPFLAGS = $(monitoring_test_cppflags) -DMP_SIDE=upstream_side
tests_unit_test_mp_agreement_LDADD = $(monitoring_test_ldadd)
EXTRA_DIST += tests/unit/mp_side.c tests/unit/mp_side.h

if WITH_MONITORING_PLUGINS
# Our own subset once more, under names that leave the library's alone.
check_LIBRARIES += tests/unit/libcompat.a
tests_unit_libcompat_a_SOURCES = tests/unit/mp_side.c tests/unit/mp_side.h $(mp_compat_sources)
tests_unit_libcompat_a_CPPFLAGS = $(AM_CPPFLAGS) -DMP_SIDE=compat_side \
	-Dcheck_range=compat_check_range \
	-Dmax_state_alt=compat_max_state_alt \
	-Dmp_extra_opts_error=compat_mp_extra_opts_error \
	-Dnp_extra_opts=compat_np_extra_opts \
	-Dstate_text=compat_state_text
tests_unit_test_mp_agreement_SOURCES += tests/unit/mp_side.c tests/unit/mp_side.h
tests_unit_test_mp_agreement_LDADD += tests/unit/libcompat.a lib/libbase.a
endif
