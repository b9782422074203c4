// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/password_hash.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/library.h"
#include "cdp_config.h"

enum { SALT_LENGTH = 16 };

/*
 * SHA-512 in the fewest rounds that crypt(3) has, under a millisecond: it is computed in each run,
 * and whoever can read the file has the logon session that it keeps, too. As many rounds of SHA-256
 * take half as long again here, and less of who guesses.
 */
static const char method[] = "$6$rounds=1000$";

struct crypt_library {
    __typeof__(&crypt_r) crypt_r;
};

/* Few runs need it, and to load it takes as long as a good part of the others. */
static bool load(struct crypt_library *libcrypt)
{
    static const struct library_function function = {"crypt_r", 0};
    static const struct library library = {.soname = LIBCRYPT_SONAME, // that configure linked with
                                           .name = "libcrypt",
                                           .package = "libcrypt1",
                                           .functions = &function,
                                           .count = 1};
    struct fault ignored = {.kind = FAULT_NONE};
    return library_load(&library, libcrypt, &ignored) == 0;
}

static bool hash_with(const char *password, const char *setting, char hash[PASSWORD_HASH_SIZE])
{
    struct crypt_library libcrypt;
    struct crypt_data *data = load(&libcrypt) ? calloc(1, sizeof *data) : NULL;
    if (data == NULL) {
        return false;
    }
    const char *made = libcrypt.crypt_r(password, setting, data);
    const bool fine = made != NULL && made[0] != '*' && strlen(made) < PASSWORD_HASH_SIZE;
    if (fine) {
        memcpy(hash, made, strlen(made) + 1);
    }
    explicit_bzero(data, sizeof *data);
    free(data);
    return fine;
}

bool password_hash_make(const char *password, char hash[PASSWORD_HASH_SIZE])
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char random[SALT_LENGTH];
    char setting[sizeof method + SALT_LENGTH + 1];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return false;
    }
    memcpy(setting, method, sizeof method - 1);
    char *salt = setting + sizeof method - 1;
    for (size_t i = 0; i < SALT_LENGTH; i++) {
        salt[i] = digits[random[i] % (sizeof digits - 1)];
    }
    memcpy(salt + SALT_LENGTH, "$", sizeof "$");
    return hash_with(password, setting, hash);
}

bool password_hash_matches(const char *hash, const char *password)
{
    char again[PASSWORD_HASH_SIZE];
    const bool same = strncmp(hash, method, strlen(method)) == 0 &&
                      hash_with(password, hash, again) && strcmp(again, hash) == 0;
    explicit_bzero(again, sizeof again);
    return same;
}
