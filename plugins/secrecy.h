// SPDX-License-Identifier: GPL-3.0-or-later
/* What keeps the run's secrets from others on this host, whatever comes after it. */
#ifndef PLUGINS_SECRECY_H
#define PLUGINS_SECRECY_H

#include "base/buf.h"

/*
 * To be called before anything else. A password in argv is moved to memory that no list of
 * processes shows; no core file is written; other processes of this user can't look into this one;
 * freed memory is overwritten.
 */
void secrecy_start(int argc, char **argv);

/*
 * Puts *** in the place of the password in what the run is about to print, as it is and as JSON
 * writes it, wherever EM has put it. A password below six characters stays: it may be a word of the
 * report itself.
 */
void secrecy_mask(struct buf *output, const char *password);

#endif
