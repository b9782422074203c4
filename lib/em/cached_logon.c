// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A JSON object: {"format":1,"password":HASH,"token":TOKEN,"session":ID}. The format's number
 * changes with the meaning of the rest, so that no other version takes it for its own.
 */
#include "em/cached_logon.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cjson/cJSON.h>

#include "em/json.h"

enum { SALT_LENGTH = 16 };

static const double format_number = 1;

/*
 * SHA-256 in the fewest rounds that crypt(3) has, under a millisecond: it is computed in each run,
 * and who can read the file has the token, too.
 */
static const char hash_method[] = "$5$rounds=1000$";

static bool copy_text(char *to, size_t size, const char *text)
{
    const size_t length = text != NULL ? strlen(text) : size;
    if (length >= size) {
        return false;
    }
    memcpy(to, text, length + 1);
    return true;
}

static bool read_members(const cJSON *document, struct cached_logon *cached)
{
    const cJSON *format = json_member(document, "format");
    const char *token = json_text(document, "token");
    const char *id = json_text(document, "session");
    return cJSON_IsNumber(format) && format->valuedouble == format_number && token != NULL &&
           logon_copy_token(cached->logon.token, token, strlen(token)) &&
           strcmp(cached->logon.token, token) == 0 && token[0] != '\0' &&
           copy_text(cached->logon.id, sizeof cached->logon.id, id) &&
           (id[0] == '\0' || logon_is_id(id)) &&
           copy_text(cached->password_hash, sizeof cached->password_hash,
                     json_text(document, "password"));
}

int cached_logon_read(const char *text, size_t length, struct cached_logon *cached,
                      struct fault *fault)
{
    struct fault ignored = {.kind = FAULT_NONE};
    *cached = (struct cached_logon){0};
    struct json_document document = {.root = NULL};
    json_parse(text, length, &document, &ignored);
    const bool fine = read_members(document.root, cached);
    json_wipe(&document);
    if (!fine) {
        cached_logon_forget(cached);
        return fault_set(fault, FAULT_PROTOCOL, "it is not a logon that this version keeps");
    }
    return 0;
}

bool cached_logon_write(const struct cached_logon *cached, char text[CACHED_LOGON_LIMIT])
{
    cJSON *document = cJSON_CreateObject();
    // References: no second copy of a secret is made.
    const bool fine = cJSON_AddNumberToObject(document, "format", format_number) != NULL &&
                      cJSON_AddItemToObjectCS(document, "password",
                                              cJSON_CreateStringReference(cached->password_hash)) &&
                      cJSON_AddItemToObjectCS(document, "token",
                                              cJSON_CreateStringReference(cached->logon.token)) &&
                      cJSON_AddItemToObjectCS(document, "session",
                                              cJSON_CreateStringReference(cached->logon.id)) &&
                      cJSON_PrintPreallocated(document, text, CACHED_LOGON_LIMIT, false);
    cJSON_Delete(document);
    return fine;
}

static bool hash_with(const char *password, const char *setting, char hash[PASSWORD_HASH_SIZE])
{
    struct crypt_data *data = calloc(1, sizeof *data);
    if (data == NULL) {
        return false;
    }
    const char *made = crypt_r(password, setting, data);
    const bool fine = made != NULL && made[0] != '*' && copy_text(hash, PASSWORD_HASH_SIZE, made);
    explicit_bzero(data, sizeof *data);
    free(data);
    return fine;
}

bool password_hash(const char *password, char hash[PASSWORD_HASH_SIZE])
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char random[SALT_LENGTH];
    char setting[sizeof hash_method + SALT_LENGTH + 1];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return false;
    }
    memcpy(setting, hash_method, sizeof hash_method - 1);
    char *salt = setting + sizeof hash_method - 1;
    for (size_t i = 0; i < SALT_LENGTH; i++) {
        salt[i] = digits[random[i] % (sizeof digits - 1)];
    }
    memcpy(salt + SALT_LENGTH, "$", sizeof "$");
    return hash_with(password, setting, hash);
}

bool password_matches(const char *password, const char *hash)
{
    char again[PASSWORD_HASH_SIZE];
    const bool same = strncmp(hash, hash_method, strlen(hash_method)) == 0 &&
                      hash_with(password, hash, again) && strcmp(again, hash) == 0;
    explicit_bzero(again, sizeof again);
    return same;
}

void cached_logon_forget(struct cached_logon *cached)
{
    explicit_bzero(cached, sizeof *cached);
}
