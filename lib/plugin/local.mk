# SPDX-License-Identifier: GPL-3.0-or-later
# MP_CPPFLAGS and MP_LIBS are empty without --with-monitoring-plugins.
noinst_LIBRARIES += lib/libplugin.a

lib_libplugin_a_CPPFLAGS = $(AM_CPPFLAGS) $(MP_CPPFLAGS)
lib_libplugin_a_SOURCES = \
	lib/plugin/mp.h \
	lib/plugin/perfdata.c lib/plugin/perfdata.h \
	lib/plugin/range.c lib/plugin/range.h

mp_compat_sources = \
	lib/plugin/compat/compat.h \
	lib/plugin/compat/extra_opts.c \
	lib/plugin/compat/ini.c lib/plugin/compat/ini.h \
	lib/plugin/compat/ranges.c \
	lib/plugin/compat/states.c

mp_upstream_sources = \
	lib/plugin/mp_upstream.c lib/plugin/mp_upstream.h \
	lib/plugin/mp_upstream_utils.h

if WITH_MONITORING_PLUGINS
lib_libplugin_a_SOURCES += $(mp_upstream_sources)
else
lib_libplugin_a_SOURCES += $(mp_compat_sources)
endif
EXTRA_DIST += $(mp_upstream_sources) $(mp_compat_sources)
