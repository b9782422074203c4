# SPDX-License-Identifier: GPL-3.0-or-later
# MP_CPPFLAGS and MP_LIBS are empty without --with-monitoring-plugins.
noinst_LIBRARIES += lib/libmonitoring.a

lib_libmonitoring_a_CPPFLAGS = $(AM_CPPFLAGS) $(MP_CPPFLAGS)
lib_libmonitoring_a_SOURCES = \
	lib/monitoring/mp.h \
	lib/monitoring/perfdata.c lib/monitoring/perfdata.h \
	lib/monitoring/range.c lib/monitoring/range.h \
	lib/monitoring/state.c lib/monitoring/state.h

mp_compat_sources = \
	lib/monitoring/compat/compat.c lib/monitoring/compat/compat.h \
	lib/monitoring/compat/extra_opts.c \
	lib/monitoring/compat/ini.c lib/monitoring/compat/ini.h

mp_upstream_sources = \
	lib/monitoring/mp_upstream.c lib/monitoring/mp_upstream.h \
	lib/monitoring/mp_upstream_utils.h

if WITH_MONITORING_PLUGINS
lib_libmonitoring_a_SOURCES += $(mp_upstream_sources)
else
lib_libmonitoring_a_SOURCES += $(mp_compat_sources)
endif
EXTRA_DIST += $(mp_upstream_sources) $(mp_compat_sources)
