// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the password comes from, and whether it is masked in what EM sends. */
#ifndef PLUGINS_PASSWORD_H
#define PLUGINS_PASSWORD_H

#include "plugins/options.h"

/*
 * Gets the password: --password, --password-file, or else VEEAM_EM_PASSWORD, which is overwritten
 * in the environment. Sets em.password and em.mask, which stay the options'. May wait for standard
 * input. A saved answer needs none. 0, or -1 with a usage fault.
 */
int password_read(struct options *options, struct fault *fault);

#endif
