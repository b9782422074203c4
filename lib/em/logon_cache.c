// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The file is a JSON object: {"format":1,"password":HASH,"token":TOKEN,"session":ID}. The format's
 * number changes with the meaning of the rest, so that no other version takes it for its own. When
 * the session was used last is its file's time of modification.
 */
#include "em/logon_cache.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache_dir.h"
#include "base/io.h"
#include "em/cjson.h"
#include "em/json.h"

static const double format_number = 1;

enum { LONGEST_USE_S = 14 * 60, TOLERATED_SKEW_S = 30 };

static const char session_suffix[] = ".session";
static const char lock_suffix[] = ".lock";
static const char new_suffix[] = ".new";

/* ---- its text ---- */

static bool copy_text(char *to, size_t size, const char *text)
{
    const size_t length = text != NULL ? strlen(text) : size;
    if (length >= size) {
        return false;
    }
    memcpy(to, text, length + 1);
    return true;
}

static bool read_members(const cJSON *document, struct logon_cache_entry *entry)
{
    const cJSON *format = json_member(document, "format");
    const char *token = json_text(document, "token");
    const char *id = json_text(document, "session");
    return json_is(format, cJSON_Number) && format->valuedouble == format_number && token != NULL &&
           logon_copy_token(entry->logon.token, token, strlen(token)) &&
           strcmp(entry->logon.token, token) == 0 && token[0] != '\0' &&
           copy_text(entry->logon.id, sizeof entry->logon.id, id) &&
           (id[0] == '\0' || logon_is_id(id)) &&
           copy_text(entry->password_hash, sizeof entry->password_hash,
                     json_text(document, "password"));
}

int logon_cache_parse(const char *text, size_t length, struct logon_cache_entry *entry,
                      struct fault *fault)
{
    struct fault ignored = {.kind = FAULT_NONE};
    *entry = (struct logon_cache_entry){0};
    struct json_document document = {.root = NULL};
    json_parse(text, length, &document, &ignored);
    const bool fine = read_members(document.root, entry);
    json_wipe(&document);
    if (!fine) {
        logon_cache_forget_entry(entry);
        return fault_set(fault, FAULT_PROTOCOL, "it is not a logon that this version keeps");
    }
    return 0;
}

bool logon_cache_print(const struct logon_cache_entry *entry, char text[LOGON_CACHE_TEXT_SIZE])
{
    struct fault ignored = {.kind = FAULT_NONE};
    cJSON *document = cjson_load(&ignored) == 0 ? libcjson.CreateObject() : NULL;
    // References: no second copy of a secret is made.
    const bool fine =
        document != NULL && libcjson.AddNumberToObject(document, "format", format_number) != NULL &&
        libcjson.AddItemToObjectCS(document, "password",
                                   libcjson.CreateStringReference(entry->password_hash)) &&
        libcjson.AddItemToObjectCS(document, "token",
                                   libcjson.CreateStringReference(entry->logon.token)) &&
        libcjson.AddItemToObjectCS(document, "session",
                                   libcjson.CreateStringReference(entry->logon.id)) &&
        libcjson.PrintPreallocated(document, text, LOGON_CACHE_TEXT_SIZE, false);
    if (document != NULL) {
        libcjson.Delete(document);
    }
    return fine;
}

void logon_cache_forget_entry(struct logon_cache_entry *entry)
{
    explicit_bzero(entry, sizeof *entry);
}

/* ---- its file ---- */

struct logon_cache {
    struct cache_dir files;
    int session; // what was read or written last; -1: nothing yet
    int lock;    // -1: not held
};

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
}

struct logon_cache *logon_cache_open(const char *directory, const struct em_server *server,
                                     const char *username, struct fault *fault)
{
    struct logon_cache *cache = malloc(sizeof *cache);
    struct buf name;
    if (cache == NULL) {
        fault_no_memory(fault);
        return NULL;
    }
    *cache = (struct logon_cache){.session = -1, .lock = -1};
    buf_init(&name, CACHE_DIR_NAME_LIMIT);
    em_server_append_key(&name, server, username);
    if (cache_dir_open(&cache->files, directory, &name, fault) < 0) {
        logon_cache_close(cache);
        return NULL;
    }
    return cache;
}

void logon_cache_close(struct logon_cache *cache)
{
    if (cache != NULL) {
        close_descriptor(&cache->session);
        close_descriptor(&cache->lock);
        cache_dir_close(&cache->files);
        free(cache);
    }
}

/*
 * Another run may have used it since `now` was asked for, and a file server's clock may be a little
 * ahead. A time that is further ahead is that of a clock that was set back: how old the logon is,
 * is not known then.
 */
static bool is_fresh(const struct stat *status, utc_us now)
{
    const utc_us used =
        (utc_us)status->st_mtim.tv_sec * UTC_SECOND + status->st_mtim.tv_nsec / 1000;
    return used - now <= TOLERATED_SKEW_S * UTC_SECOND && now - used < LONGEST_USE_S * UTC_SECOND;
}

static int read_session(int file, const char *password, utc_us now, struct em_logon *logon,
                        struct fault *fault)
{
    struct stat status;
    cleanup_secret_buf struct buf text;
    cleanup_logon_cache_entry struct logon_cache_entry entry = {.logon = {.token = ""}};
    buf_init(&text, LOGON_CACHE_TEXT_SIZE - 1);
    if (cache_dir_check_file(file, &status, fault) < 0) {
        return -1;
    }
    if (!is_fresh(&status, now)) {
        return 0;
    }
    if (io_append(file, &text, IO_WHOLE) < 0) {
        return cache_dir_fault(fault, "the file can't be read");
    }
    if (text.failure == BUF_TOO_BIG) {
        return fault_set(fault, FAULT_USAGE, "the file is too large");
    }
    if (text.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    if (logon_cache_parse(buf_string(&text), text.length, &entry, fault) < 0) {
        return -1;
    }
    if (!password_hash_matches(entry.password_hash, password)) {
        return 0;
    }
    *logon = entry.logon;
    return 1;
}

int logon_cache_read(struct logon_cache *cache, const char *password, utc_us now,
                     struct em_logon *logon, struct fault *fault)
{
    int file = cache_dir_open_file(&cache->files, session_suffix, O_RDONLY);
    if (file < 0) {
        return errno == ENOENT ? 0 : cache_dir_fault(fault, "the file can't be opened");
    }
    const int found = read_session(file, password, now, logon, fault);
    if (found == 1) {
        close_descriptor(&cache->session);
        cache->session = file;
    } else {
        close_descriptor(&file);
    }
    return found;
}

int logon_cache_lock(struct logon_cache *cache, int64_t deadline_ms, int stop_descriptor,
                     struct fault *fault)
{
    assert(cache->lock < 0); // else this run would wait for itself
    cache->lock = cache_dir_lock(&cache->files, lock_suffix, deadline_ms, stop_descriptor, fault);
    return cache->lock < 0 ? -1 : 0;
}

void logon_cache_unlock(struct logon_cache *cache)
{
    close_descriptor(&cache->lock);
}

static int write_session(int file, const char *password, const struct em_logon *logon,
                         struct fault *fault)
{
    char text[LOGON_CACHE_TEXT_SIZE];
    cleanup_logon_cache_entry struct logon_cache_entry entry = {.logon = *logon};
    int result = 0;
    if (!password_hash_make(password, entry.password_hash)) {
        result = fault_set(
            fault, FAULT_USAGE,
            "the password can't be hashed: libcrypt is missing, or takes 511 bytes at most");
    } else if (!logon_cache_print(&entry, text)) {
        result = fault_no_memory(fault);
    } else if (io_write(file, text, strlen(text), IO_NEXT) < 0) {
        result = cache_dir_fault(fault, "it can't be written");
    }
    explicit_bzero(text, sizeof text);
    return result;
}

int logon_cache_write(struct logon_cache *cache, const char *password, const struct em_logon *logon,
                      struct fault *fault)
{
    assert(cache->lock >= 0);
    int file = cache_dir_create(&cache->files, new_suffix, fault);
    if (file < 0) {
        return -1;
    }
    if (write_session(file, password, logon, fault) < 0 ||
        cache_dir_replace(&cache->files, new_suffix, session_suffix, fault) < 0) {
        close_descriptor(&file);
        cache_dir_remove(&cache->files, new_suffix);
        return -1;
    }
    close_descriptor(&cache->session);
    cache->session = file;
    return 0;
}

int logon_cache_touch(struct logon_cache *cache, utc_us used, struct fault *fault)
{
    assert(cache->session >= 0);
    const struct timespec moment = {.tv_sec = (time_t)(used / UTC_SECOND),
                                    .tv_nsec = (long)(used % UTC_SECOND) * 1000};
    const struct timespec times[] = {moment, moment};
    return futimens(cache->session, times) < 0
               ? cache_dir_fault(fault, "its time of use can't be noted")
               : 0;
}
