# SPDX-License-Identifier: GPL-3.0-or-later
# An EM to test against, as a library for fixtures and as a program for scripts.
check_LIBRARIES += tests/emulator/libemulator.a
tests_emulator_libemulator_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_emulator_libemulator_a_CFLAGS = $(AM_CFLAGS) -pthread $(MHD_CFLAGS) $(CJSON_CFLAGS) $(GNUTLS_CFLAGS)
tests_emulator_libemulator_a_SOURCES = \
	tests/emulator/arena.c tests/emulator/arena.h \
	tests/emulator/certificate.c tests/emulator/certificate.h \
	tests/emulator/collections.c tests/emulator/collections.h \
	tests/emulator/control.c \
	tests/emulator/criteria.c tests/emulator/criteria.h \
	tests/emulator/emulator.c tests/emulator/emulator.h \
	tests/emulator/exchange.c \
	tests/emulator/fields.c tests/emulator/fields.h \
	tests/emulator/fleet.c tests/emulator/fleet.h \
	tests/emulator/interval_spec.c tests/emulator/interval_spec.h \
	tests/emulator/intervals.c tests/emulator/intervals.h \
	tests/emulator/loader.c tests/emulator/loader.h \
	tests/emulator/logons.c tests/emulator/logons.h \
	tests/emulator/moment.c tests/emulator/moment.h \
	tests/emulator/node.c tests/emulator/node.h \
	tests/emulator/node_json.c \
	tests/emulator/node_xml.c \
	tests/emulator/policy_kinds.c \
	tests/emulator/replica_kinds.c \
	tests/emulator/replay.c tests/emulator/replay.h \
	tests/emulator/representation.c tests/emulator/representation.h \
	tests/emulator/request.c tests/emulator/request.h \
	tests/emulator/resources.c tests/emulator/resources.h \
	tests/emulator/rotation.c tests/emulator/rotation.h \
	tests/emulator/route.c tests/emulator/route.h \
	tests/emulator/scenario.c tests/emulator/scenario.h \
	tests/emulator/scenario_collections.c \
	tests/emulator/scenario_intervals.c \
	tests/emulator/scenario_parts.h \
	tests/emulator/scenario_policies.c \
	tests/emulator/scenario_replies.c \
	tests/emulator/scenario_wording.c \
	tests/emulator/search.c tests/emulator/search.h \
	tests/emulator/server.h \
	tests/emulator/session_kinds.c \
	tests/emulator/shapes.c tests/emulator/shapes.h \
	tests/emulator/store.c tests/emulator/store.h \
	tests/emulator/system_session_kind.c \
	tests/emulator/system_sessions.c tests/emulator/system_sessions.h

# What a program needs that is linked with it. Its sources include "emulator/emulator.h".
EMULATOR_CPPFLAGS = -I$(top_srcdir)/tests
EMULATOR_LIBS = tests/emulator/libemulator.a $(MHD_LIBS) $(CJSON_LIBS) $(GNUTLS_LIBS) -lpthread

check_PROGRAMS += tests/emulator/em-emulator
tests_emulator_em_emulator_SOURCES = tests/emulator/em-emulator.c
tests_emulator_em_emulator_CPPFLAGS = $(AM_CPPFLAGS) $(EMULATOR_CPPFLAGS)
tests_emulator_em_emulator_LDADD = $(EMULATOR_LIBS)

EXTRA_DIST += \
	tests/emulator/README.md \
	tests/emulator/scenarios/demo.json \
	tests/emulator/scenarios/fleet.json \
	tests/emulator/scenarios/intervals.json \
	tests/emulator/scenarios/odd-names.json
