# SPDX-License-Identifier: GPL-3.0-or-later
# Unit tests, by room.
include tests/unit/core.mk
include tests/unit/monitoring.mk
EXTRA_DIST += tests/unit/scratch.h tests/unit/shown.h

check_PROGRAMS += tests/unit/test_client
TESTS += tests/unit/test_client
tests_unit_test_client_SOURCES = tests/unit/test_client.c
tests_unit_test_client_CPPFLAGS = $(AM_CPPFLAGS) $(EMULATOR_CPPFLAGS) $(CJSON_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_client_LDADD = lib/libfetch.a lib/libcdp.a lib/libem.a lib/libmonitoring.a lib/libbase.a \
	$(MP_LIBS) $(EMULATOR_LIBS) $(CRYPT_LIBS) $(CHECK_LIBS)
