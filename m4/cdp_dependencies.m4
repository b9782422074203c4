# SPDX-License-Identifier: GPL-3.0-or-later
# Libraries, by pkg-config; a missing one is named together with the Debian package that has it.

# CDP_NEED(PREFIX, MODULE, DEBIAN-PACKAGE)
AC_DEFUN([CDP_NEED], [
  PKG_CHECK_MODULES([$1], [$2], [], [AC_MSG_ERROR([$2 is needed: apt-get install $3])])
])

# CDP_WANT(PREFIX, MODULE, DEBIAN-PACKAGE): one that only the tests need.
AC_DEFUN([CDP_WANT], [
  PKG_CHECK_MODULES([$1], [$2], [],
    [cdp_tests="no: $2 is missing (apt-get install $3)"
     AC_MSG_WARN([no tests will be built: $2 is missing (apt-get install $3)])])
])

# CDP_SONAME(VARIABLE, LIBRARY, CFLAGS, LIBS, HEADER, CALL): sets the variable to the name by which the
# dynamic linker finds the library that LIBS link with. The program loads it by that name, and is not
# linked with it: lib/base/library.h.
AC_DEFUN([CDP_SONAME], [
  AC_ARG_VAR([$1], [which $2 to load, such as $2.so.1, where readelf can't tell])
  AC_MSG_CHECKING([for the soname of $2])
  AS_IF([test -z "$$1"], [
    cdp_saved_CFLAGS=$CFLAGS
    cdp_saved_LIBS=$LIBS
    CFLAGS="$CFLAGS $3"
    LIBS="$4 $LIBS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <$5>]], [[return $6 == 0;]])],
      [$1=`$READELF -d conftest$EXEEXT 2>/dev/null | tr -d '@<:@@:>@' |
        sed -n 's/.*(NEEDED).* \($2.*\)/\1/p'`])
    CFLAGS=$cdp_saved_CFLAGS
    LIBS=$cdp_saved_LIBS
  ])
  AC_MSG_RESULT([${$1:-not found}])
  AS_IF([test -z "$$1"],
    [AC_MSG_ERROR([what shared library $2 is can't be found out; name it: $1=$2.so.1])])
  AC_DEFINE_UNQUOTED([$1], ["$$1"], [The $2 that is loaded.])
])

AC_DEFUN([CDP_DEPENDENCIES], [
  m4_ifndef([PKG_PROG_PKG_CONFIG], [m4_fatal([pkg.m4 is missing: apt-get install pkg-config])])
  PKG_PROG_PKG_CONFIG([0.29])
  AS_IF([test -z "$PKG_CONFIG"], [AC_MSG_ERROR([pkg-config is needed: apt-get install pkg-config])])
  AC_CHECK_TOOL([READELF], [readelf], [:])
  AC_SEARCH_LIBS([dlopen], [dl], [], [AC_MSG_ERROR([dlopen is needed])])
  CDP_NEED([CURL], [libcurl >= 7.61], [libcurl4-openssl-dev])
  CDP_SONAME([LIBCURL_SONAME], [libcurl], [$CURL_CFLAGS], [$CURL_LIBS], [curl/curl.h], [curl_easy_init()])
  CDP_NEED([CJSON], [libcjson], [libcjson-dev])
  CDP_SONAME([LIBCJSON_SONAME], [libcjson], [$CJSON_CFLAGS], [$CJSON_LIBS], [cjson/cJSON.h], [cJSON_CreateObject()])
  AC_CHECK_HEADER([crypt.h], [], [AC_MSG_ERROR([crypt.h is needed: apt-get install libcrypt-dev])])
  CDP_SONAME([LIBCRYPT_SONAME], [libcrypt], [], [-lcrypt], [crypt.h], [crypt_r("", "", 0)])
  cdp_tests=yes
  CDP_WANT([CHECK], [check >= 0.15], [check])
  CDP_WANT([MHD], [libmicrohttpd >= 0.9.70], [libmicrohttpd-dev])
  CDP_WANT([GNUTLS], [gnutls >= 3.6], [libgnutls28-dev])
  AM_CONDITIONAL([WITH_TESTS], [test "x$cdp_tests" = xyes])
])
