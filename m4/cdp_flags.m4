# SPDX-License-Identifier: GPL-3.0-or-later
# Warnings, hardening and sanitizers: what every object of the project is compiled and linked with.

# CDP_TRY_FLAGS(VARIABLE, FLAGS...): append each flag that compiler and linker both take.
AC_DEFUN([CDP_TRY_FLAGS], [
  for cdp_flag in $2; do
    AS_VAR_PUSHDEF([cdp_taken], [cdp_cv_flag_$cdp_flag])
    AC_CACHE_CHECK([whether $CC takes $cdp_flag], [cdp_taken], [
      cdp_saved_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS -Werror $cdp_flag"
      AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[return (int)strlen("");]])],
        [AS_VAR_SET([cdp_taken], [yes])], [AS_VAR_SET([cdp_taken], [no])])
      CFLAGS=$cdp_saved_CFLAGS
    ])
    AS_VAR_IF([cdp_taken], [yes], [$1="$$1 $cdp_flag"])
    AS_VAR_POPDEF([cdp_taken])
  done
])

AC_DEFUN([CDP_FLAGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat warnings as errors])], [], [enable_werror=no])
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers], [build with AddressSanitizer and UBSan])],
    [], [enable_sanitizers=no])
  AC_ARG_ENABLE([hardening],
    [AS_HELP_STRING([--disable-hardening], [no PIE, RELRO, stack protector, _FORTIFY_SOURCE])],
    [], [enable_hardening=yes])

  CDP_CFLAGS=
  CDP_LDFLAGS=
  CDP_TRY_FLAGS([CDP_CFLAGS], [-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wformat=2 \
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-qual \
    -Wwrite-strings -Wundef -Wvla -Wswitch-enum -Wnull-dereference -Wduplicated-cond \
    -Wlogical-op -Wjump-misses-init])
  AS_IF([test "x$enable_werror" = xyes], [CDP_CFLAGS="$CDP_CFLAGS -Werror"])

  cdp_hardening=no
  AS_IF([test "x$enable_sanitizers" = xyes], [
    cdp_hardening="no (sanitizers)"
    CDP_CFLAGS="$CDP_CFLAGS -fsanitize=address,undefined -fno-sanitize-recover=all"
    CDP_CFLAGS="$CDP_CFLAGS -fno-omit-frame-pointer"
    CDP_LDFLAGS="-fsanitize=address,undefined"
  ], [test "x$enable_hardening" = xyes], [
    cdp_hardening=yes
    CDP_TRY_FLAGS([CDP_CFLAGS], [-fPIE -fstack-protector-strong -fstack-clash-protection \
      -fcf-protection])
    # _FORTIFY_SOURCE does nothing, or warns, without optimisation; some compilers preset it.
    AS_CASE([" $CFLAGS "], [*" -O0 "*], [],
      [*" -O"*], [CDP_CFLAGS="$CDP_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
    CDP_TRY_FLAGS([CDP_LDFLAGS], [-pie -Wl,-z,relro -Wl,-z,now])
  ])
  AC_SUBST([CDP_CFLAGS])
  AC_SUBST([CDP_LDFLAGS])
])
