// SPDX-License-Identifier: GPL-3.0-or-later
/* Where tests put their files: below TMPDIR, so that who runs them sees what is left behind. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>

enum { SCRATCH_SIZE = 512 };

/* A template for mkstemp and mkdtemp. */
static inline void scratch_template(char path[SCRATCH_SIZE], const char *name)
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, SCRATCH_SIZE, "%s/%s.XXXXXX", folder != NULL ? folder : "/tmp", name);
}

#endif
