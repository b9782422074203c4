// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A salted hash by which a file that outlives the run says which password it belongs to. It does
 * not protect a weak password from whoever can read the file.
 */
#ifndef BASE_PASSWORD_HASH_H
#define BASE_PASSWORD_HASH_H

#include <stdbool.h>

enum { PASSWORD_HASH_SIZE = 128 };

/*
 * Makes the hash, as crypt(3) writes it, with a salt of its own. False: crypt(3) can't do it, as
 * the password is longer than the 511 bytes that some versions take, or libcrypt is not there.
 */
bool password_hash_make(const char *password, char hash[PASSWORD_HASH_SIZE]);

/* Whether password_hash_make has made the hash of that password. */
bool password_hash_matches(const char *hash, const char *password);

#endif
