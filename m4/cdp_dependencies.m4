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

# Sets LIBCURL_SONAME: by which name the dynamic linker finds the libcurl that CURL_LIBS link with.
# The program loads it by that name, and is not linked with it: lib/em/curl.h.
AC_DEFUN([CDP_LIBCURL_SONAME], [
  AC_ARG_VAR([LIBCURL_SONAME], [which libcurl to load, such as libcurl.so.4, where readelf can't tell])
  AC_CHECK_TOOL([READELF], [readelf], [:])
  AC_MSG_CHECKING([for the soname of libcurl])
  AS_IF([test -z "$LIBCURL_SONAME"], [
    cdp_saved_CFLAGS=$CFLAGS
    cdp_saved_LIBS=$LIBS
    CFLAGS="$CFLAGS $CURL_CFLAGS"
    LIBS="$CURL_LIBS $LIBS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <curl/curl.h>]], [[return curl_easy_init() == NULL;]])],
      [LIBCURL_SONAME=`$READELF -d conftest$EXEEXT 2>/dev/null | tr -d '@<:@@:>@' |
        sed -n 's/.*(NEEDED).* \(libcurl.*\)/\1/p'`])
    CFLAGS=$cdp_saved_CFLAGS
    LIBS=$cdp_saved_LIBS
  ])
  AC_MSG_RESULT([${LIBCURL_SONAME:-not found}])
  AS_IF([test -z "$LIBCURL_SONAME"],
    [AC_MSG_ERROR([what shared library libcurl is can't be found out; name it: LIBCURL_SONAME=libcurl.so.4])])
  AC_DEFINE_UNQUOTED([LIBCURL_SONAME], ["$LIBCURL_SONAME"], [The libcurl that is loaded to ask EM.])
  AC_SEARCH_LIBS([dlopen], [dl], [], [AC_MSG_ERROR([dlopen is needed])])
])

AC_DEFUN([CDP_DEPENDENCIES], [
  m4_ifndef([PKG_PROG_PKG_CONFIG], [m4_fatal([pkg.m4 is missing: apt-get install pkg-config])])
  PKG_PROG_PKG_CONFIG([0.29])
  AS_IF([test -z "$PKG_CONFIG"], [AC_MSG_ERROR([pkg-config is needed: apt-get install pkg-config])])
  CDP_NEED([CURL], [libcurl >= 7.61], [libcurl4-openssl-dev])
  CDP_LIBCURL_SONAME
  CDP_NEED([CJSON], [libcjson], [libcjson-dev])
  CRYPT_LIBS=
  AC_CHECK_HEADER([crypt.h], [], [AC_MSG_ERROR([crypt.h is needed: apt-get install libcrypt-dev])])
  AC_CHECK_LIB([crypt], [crypt_r], [CRYPT_LIBS=-lcrypt],
    [AC_CHECK_FUNC([crypt_r], [], [AC_MSG_ERROR([crypt_r is needed: apt-get install libcrypt-dev])])])
  AC_SUBST([CRYPT_LIBS])
  cdp_tests=yes
  CDP_WANT([CHECK], [check >= 0.15], [check])
  CDP_WANT([MHD], [libmicrohttpd >= 0.9.70], [libmicrohttpd-dev])
  CDP_WANT([GNUTLS], [gnutls >= 3.6], [libgnutls28-dev])
  AM_CONDITIONAL([WITH_TESTS], [test "x$cdp_tests" = xyes])
])
