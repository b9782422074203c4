# SPDX-License-Identifier: GPL-3.0-or-later
libexec_PROGRAMS += plugins/check_veeam_cdp_task
noinst_LIBRARIES += plugins/liboptions.a

# What main is made of, apart: the tests link it.
plugins_liboptions_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) $(MP_CPPFLAGS) $(CJSON_CFLAGS)
plugins_liboptions_a_SOURCES = \
	plugins/ending.c plugins/ending.h \
	plugins/help.c plugins/help.h \
	plugins/option_values.c plugins/option_values.h \
	plugins/options.c plugins/options.h \
	plugins/password.c plugins/password.h \
	plugins/probe_command.c plugins/probe_command.h \
	plugins/secrecy.c plugins/secrecy.h

# From the upper rooms to the lower ones. Not CURL_LIBS, CJSON_LIBS and CRYPT_LIBS: lib/base/library.c
# loads them.
CDP_LIBS = lib/libreport.a lib/libfetch.a lib/libcdp.a lib/libem.a lib/libmonitoring.a lib/libbase.a \
	$(MP_LIBS)

plugins_check_veeam_cdp_task_CPPFLAGS = $(plugins_liboptions_a_CPPFLAGS)
plugins_check_veeam_cdp_task_SOURCES = plugins/check_veeam_cdp_task.c
plugins_check_veeam_cdp_task_LDADD = plugins/liboptions.a $(CDP_LIBS)
