# SPDX-License-Identifier: GPL-3.0-or-later
# --with-monitoring-plugins=DIR: link with the library of a built monitoring-plugins source tree.
# No distribution ships those headers and archives, so there is nothing to find without DIR.

# CDP_MP_ERROR(REASON): what is wrong with DIR, and what to run there.
AC_DEFUN([CDP_MP_ERROR], [
  AC_MSG_ERROR([--with-monitoring-plugins=$with_monitoring_plugins: $1.
A configured and built source tree of monitoring-plugins 2.3 or 2.4 is needed; in such a tree, run
  ./configure --enable-extra-opts --without-openssl &&
  make -C gl && make -C lib libmonitoringplug.a && make -C plugins libnpcommon.a])
])

# CDP_MP_PROGRAM: uses a function of each archive; it is what our own objects need of them.
m4_define([CDP_MP_PROGRAM], [AC_LANG_SOURCE([[
#include <stdbool.h>
#include "common.h"
#include "utils_base.h"
#include "extra_opts.h"
int max_state_alt(int, int);
const char *progname = "conftest";
void print_usage(void);
void print_usage(void) {}
int main(int argc, char **argv)
{
    range checked = {0};
    argv = np_extra_opts(&argc, argv, progname);
    return max_state_alt(STATE_OK, check_range(1.0, &checked)) + (argv == NULL);
}
]])])

# Whether the tree is there, is of a version that fits, and was configured and built.
AC_DEFUN([CDP_MP_CHECK_TREE], [
  AS_CASE([$with_monitoring_plugins],
    [yes|''], [AC_MSG_ERROR([--with-monitoring-plugins needs a value: the folder of a built source tree])],
    [*[[!-A-Za-z0-9_./+,@%:=~]]*], [AC_MSG_ERROR([--with-monitoring-plugins: no blanks or shell characters in the name, please])])
  cdp_mp_dir=`cd "$with_monitoring_plugins" 2>/dev/null && pwd`
  AS_IF([test -z "$cdp_mp_dir"], [CDP_MP_ERROR([there is no such folder])])
  AS_IF([test ! -f "$cdp_mp_dir/lib/utils_base.h" || test ! -f "$cdp_mp_dir/plugins/common.h"],
    [CDP_MP_ERROR([this is no source tree of monitoring-plugins])])
  AS_IF([test -f "$cdp_mp_dir/lib/states.h"],
    [CDP_MP_ERROR([this is monitoring-plugins 3, which has other functions])])
  AS_IF([test ! -f "$cdp_mp_dir/config.h"], [CDP_MP_ERROR([it is not configured])])
  cdp_mp_version=`sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$cdp_mp_dir/config.h"`
  AS_CASE([$cdp_mp_version], [2.3|2.3.*|2.3git*|2.4|2.4.*|2.4git*], [],
    [CDP_MP_ERROR([its version is '$cdp_mp_version'])])
  for cdp_mp_archive in plugins/libnpcommon.a lib/libmonitoringplug.a gl/libgnu.a; do
    AS_IF([test ! -f "$cdp_mp_dir/$cdp_mp_archive"],
      [CDP_MP_ERROR([it is not built, $cdp_mp_archive is missing])])
  done
])

# Sets MP_CPPFLAGS and MP_LIBS.
# -iquote, not -I: gl/ has a stdio.h and others, which must not stand in for the system's.
# -u: libnpcommon needs progname of our libmonitoring, which the linker has left behind by then.
AC_DEFUN([CDP_MP_CHECK_LINK], [
  MP_CPPFLAGS="-DWITH_MONITORING_PLUGINS -iquote $cdp_mp_dir -iquote $cdp_mp_dir/plugins"
  MP_CPPFLAGS="$MP_CPPFLAGS -iquote $cdp_mp_dir/lib -iquote $cdp_mp_dir/gl"
  MP_LIBS="$cdp_mp_dir/plugins/libnpcommon.a $cdp_mp_dir/lib/libmonitoringplug.a"
  MP_LIBS="$MP_LIBS $cdp_mp_dir/gl/libgnu.a"
  cdp_saved_CPPFLAGS=$CPPFLAGS
  cdp_saved_LIBS=$LIBS
  CPPFLAGS="$CPPFLAGS -D_GNU_SOURCE $MP_CPPFLAGS"
  cdp_mp_links=no
  AC_MSG_CHECKING([how to link with monitoring-plugins $cdp_mp_version])
  # Their state files are hashed by OpenSSL where their configure found it, else by gnulib.
  for cdp_mp_more in '' ' -lcrypto'; do
    LIBS="$MP_LIBS$cdp_mp_more $cdp_saved_LIBS"
    AC_LINK_IFELSE([CDP_MP_PROGRAM], [cdp_mp_links=yes; MP_LIBS=$MP_LIBS$cdp_mp_more; break])
  done
  AS_IF([test "x$cdp_mp_links" = xno], [
    AC_MSG_RESULT([no])
    CDP_MP_ERROR([a program with np_extra_opts can't be linked with it (config.log says why); it may have been configured without --enable-extra-opts])
  ])
  AC_MSG_RESULT([with its archives$cdp_mp_more])
  CPPFLAGS=$cdp_saved_CPPFLAGS
  LIBS=$cdp_saved_LIBS
  MP_LIBS="-Wl,-u,progname $MP_LIBS"
])

AC_DEFUN([CDP_MONITORING_PLUGINS], [
  AC_ARG_WITH([monitoring-plugins],
    [AS_HELP_STRING([--with-monitoring-plugins=DIR],
      [link with monitoring-plugins 2.3 or 2.4, configured and built in DIR])],
    [], [with_monitoring_plugins=no])
  cdp_monitoring_plugins="no (own subset)"
  MP_CPPFLAGS=
  MP_LIBS=
  AS_IF([test "x$with_monitoring_plugins" != xno], [
    CDP_MP_CHECK_TREE
    CDP_MP_CHECK_LINK
    cdp_monitoring_plugins="$cdp_mp_version in $cdp_mp_dir"
  ])
  AC_SUBST([MP_CPPFLAGS])
  AC_SUBST([MP_LIBS])
  AM_CONDITIONAL([WITH_MONITORING_PLUGINS], [test "x$with_monitoring_plugins" != xno])
])
