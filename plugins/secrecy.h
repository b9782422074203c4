// SPDX-License-Identifier: GPL-3.0-or-later
/* What keeps the run's secrets from others on this host, whatever comes after it. */
#ifndef PLUGINS_SECRECY_H
#define PLUGINS_SECRECY_H

/*
 * To be called before anything else. A password in argv is moved to memory that no list of
 * processes shows; no core file is written; nothing in the environment makes a library write a file
 * of keys or traces; other processes of this user can't look into this one; freed memory is
 * overwritten.
 */
void secrecy_start(int argc, char **argv);

#endif
