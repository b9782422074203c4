# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of lib/base, lib/em, lib/cdp, lib/report and of the options.
core_tests = \
	tests/unit/test_base \
	tests/unit/test_cdp_judge \
	tests/unit/test_cdp_matrix \
	tests/unit/test_cdp_pick \
	tests/unit/test_cdp_group \
	tests/unit/test_cdp_session \
	tests/unit/test_fetch_decode \
	tests/unit/test_snapshot_file \
	tests/unit/test_logon_cache \
	tests/unit/test_em_json \
	tests/unit/test_em_pages \
	tests/unit/test_ending \
	tests/unit/test_mask \
	tests/unit/test_host_name \
	tests/unit/test_io \
	tests/unit/test_number \
	tests/unit/test_options \
	tests/unit/test_password \
	tests/unit/test_pattern \
	tests/unit/test_proxy \
	tests/unit/test_report \
	tests/unit/test_report_formats \
	tests/unit/test_text \
	tests/unit/test_utc
check_PROGRAMS += $(core_tests)
TESTS += $(core_tests)

check_LIBRARIES += tests/unit/libsupport.a
core_test_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir) $(MP_CPPFLAGS) $(CHECK_CFLAGS) $(CURL_CFLAGS) \
	$(CJSON_CFLAGS)
core_test_ldadd = tests/unit/libsupport.a plugins/liboptions.a $(CDP_LIBS) $(CHECK_LIBS)

tests_unit_libsupport_a_SOURCES = tests/unit/support.c tests/unit/support.h
tests_unit_libsupport_a_CPPFLAGS = $(core_test_cppflags)

# It looks at the blocks that are freed.
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_base_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free
tests_unit_test_base_LDADD = $(core_test_ldadd)

tests_unit_test_cdp_judge_SOURCES = tests/unit/test_cdp_judge.c
tests_unit_test_cdp_judge_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_cdp_judge_LDADD = $(core_test_ldadd)

tests_unit_test_cdp_matrix_SOURCES = tests/unit/test_cdp_matrix.c
tests_unit_test_cdp_matrix_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_cdp_matrix_LDADD = $(core_test_ldadd)

tests_unit_test_cdp_pick_SOURCES = tests/unit/test_cdp_pick.c
tests_unit_test_cdp_pick_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_cdp_pick_LDADD = $(core_test_ldadd)

tests_unit_test_cdp_group_SOURCES = tests/unit/test_cdp_group.c
tests_unit_test_cdp_group_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_cdp_group_LDADD = $(core_test_ldadd)

tests_unit_test_cdp_session_SOURCES = tests/unit/test_cdp_session.c
tests_unit_test_cdp_session_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_cdp_session_LDADD = $(core_test_ldadd)

tests_unit_test_fetch_decode_SOURCES = tests/unit/test_fetch_decode.c
tests_unit_test_fetch_decode_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_fetch_decode_LDADD = $(core_test_ldadd)

# It counts the reads.
tests_unit_test_snapshot_file_SOURCES = tests/unit/test_snapshot_file.c
tests_unit_test_snapshot_file_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_snapshot_file_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pread
tests_unit_test_snapshot_file_LDADD = $(core_test_ldadd)

tests_unit_test_logon_cache_SOURCES = tests/unit/test_logon_cache.c
tests_unit_test_logon_cache_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_logon_cache_LDADD = $(core_test_ldadd)

tests_unit_test_mask_SOURCES = tests/unit/test_mask.c
tests_unit_test_mask_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_mask_LDADD = $(core_test_ldadd)

tests_unit_test_proxy_SOURCES = tests/unit/test_proxy.c
tests_unit_test_proxy_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_proxy_LDADD = $(core_test_ldadd)

tests_unit_test_em_json_SOURCES = tests/unit/test_em_json.c
tests_unit_test_em_json_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_em_json_LDADD = $(core_test_ldadd) $(CURL_LIBS)

tests_unit_test_host_name_SOURCES = tests/unit/test_host_name.c
tests_unit_test_host_name_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_host_name_LDADD = $(core_test_ldadd)

# It lets threads and close fail.
tests_unit_test_ending_SOURCES = tests/unit/test_ending.c
tests_unit_test_ending_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_ending_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create -Wl,--wrap=close
tests_unit_test_ending_LDADD = $(core_test_ldadd)

# It interrupts reads and writes.
tests_unit_test_io_SOURCES = tests/unit/test_io.c
tests_unit_test_io_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_io_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=read -Wl,--wrap=write
tests_unit_test_io_LDADD = $(core_test_ldadd)

# It plays EM.
tests_unit_test_em_pages_SOURCES = tests/unit/test_em_pages.c
tests_unit_test_em_pages_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_em_pages_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=em_client_get -Wl,--wrap=em_client_mask
tests_unit_test_em_pages_LDADD = $(core_test_ldadd) $(CURL_LIBS)

tests_unit_test_number_SOURCES = tests/unit/test_number.c
tests_unit_test_number_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_number_LDADD = $(core_test_ldadd)

tests_unit_test_options_SOURCES = tests/unit/test_options.c
tests_unit_test_options_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_options_LDADD = $(core_test_ldadd)

tests_unit_test_password_SOURCES = tests/unit/test_password.c
tests_unit_test_password_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_password_LDADD = $(core_test_ldadd)

# It is a system without locales.
tests_unit_test_pattern_SOURCES = tests/unit/test_pattern.c
tests_unit_test_pattern_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_pattern_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=setlocale
tests_unit_test_pattern_LDADD = $(core_test_ldadd)

tests_unit_test_report_SOURCES = tests/unit/test_report.c
tests_unit_test_report_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_report_LDADD = $(core_test_ldadd)

tests_unit_test_report_formats_SOURCES = tests/unit/test_report_formats.c
tests_unit_test_report_formats_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_report_formats_LDADD = $(core_test_ldadd)

tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_text_LDADD = $(core_test_ldadd)

tests_unit_test_utc_SOURCES = tests/unit/test_utc.c
tests_unit_test_utc_CPPFLAGS = $(core_test_cppflags)
tests_unit_test_utc_LDADD = $(core_test_ldadd)
