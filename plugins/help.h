// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef PLUGINS_HELP_H
#define PLUGINS_HELP_H

#include "base/buf.h"

/* Appends what --help prints: the table of options, a line for each, in 80 columns. */
void help_append(struct buf *buf);

/* Appends what one begins with, for those who gave no option at all. */
void start_append(struct buf *buf);

/* Appends what --version prints. */
void version_append(struct buf *buf);

#endif
