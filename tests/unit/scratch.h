// SPDX-License-Identifier: GPL-3.0-or-later
/* Where tests put their files: below TMPDIR, so that who runs them sees what is left behind. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>

#include <check.h>

enum { SCRATCH_SIZE = 512 };

/* A template for mkstemp and mkdtemp. */
static inline void scratch_template(char path[SCRATCH_SIZE], const char *name)
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, SCRATCH_SIZE, "%s/%s.XXXXXX", folder != NULL ? folder : "/tmp", name);
}

static inline void scratch_make_folder(char path[SCRATCH_SIZE], const char *name)
{
    scratch_template(path, name);
    ck_assert_ptr_nonnull(mkdtemp(path));
}

/* With all that is in it. */
static inline void scratch_remove_folder(const char *path)
{
    char command[SCRATCH_SIZE + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c)
}

#endif
