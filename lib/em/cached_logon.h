// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The text in which a logon session is kept between runs, and which password it was made with. It
 * knows no file.
 */
#ifndef EM_CACHED_LOGON_H
#define EM_CACHED_LOGON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/password_hash.h"
#include "em/logon.h"

enum { CACHED_LOGON_LIMIT = 4096 };

struct cached_logon {
    struct em_logon logon;
    char password_hash[PASSWORD_HASH_SIZE];
};

/*
 * Reads the text, which is followed by a NUL that `length` does not count. 0, or -1 with a fault
 * where it is not what cached_logon_write makes; it quotes nothing of the text.
 */
int cached_logon_read(const char *text, size_t length, struct cached_logon *cached,
                      struct fault *fault);

/* Writes it as text. False: there is no memory, or it can't be read again. */
bool cached_logon_write(const struct cached_logon *cached, char text[CACHED_LOGON_LIMIT]);

/* Overwrites it. */
void cached_logon_forget(struct cached_logon *cached);

#define cleanup_cached_logon __attribute__((cleanup(cached_logon_forget)))

#endif
