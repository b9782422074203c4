// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The file has a line for each password, "refused 1 TIME HASH SAID": when, by the clock of the run
 * that was refused; of which password; and its fault. The 1 changes with the meaning of the rest.
 *
 * Who writes it has a lock of its own, not that of the session cache, which the same run may have.
 * It is not held while a password is sent: runs with a right one would log on one after the other.
 */
#include "em/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cache_dir.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"

static const char suffix[] = ".refused";
static const char new_suffix[] = ".refused-new";
static const char lock_suffix[] = ".refused-lock";
static const char start[] = "refused 1 ";

static const utc_us hold = 600 * UTC_SECOND;

/* Between two processors, or two reads of a clock that is being set. */
static const utc_us tolerated_skew = 5 * UTC_SECOND;

/*
 * Of a fault's text: what the words that are added to EM's take at most, the file's name among
 * them; and what is left for the age of a snapshot.
 */
enum { WORDS_ROOM = 400, PATH_ROOM = 200, AGE_ROOM = 64 };

/* How long the lock is waited for. */
enum { LOCK_MS = 1000 };

/* ---- its text ---- */

/* Reads "SAID" and the end of the line, of which it returns the length; 0: it is not that. */
static size_t parse_said(const char *text, char said[FAULT_TEXT_SIZE])
{
    const size_t length = strcspn(text, "\n");
    if (text[length] != '\n' || length == 0 || length >= FAULT_TEXT_SIZE) {
        return 0;
    }
    memcpy(said, text, length);
    said[length] = '\0';
    return text_is_clean(said) ? length + 1 : 0;
}

/* Returns what follows the line; NULL: it is not one. */
static const char *parse_line(const char *text, struct refusal *refusal)
{
    char *end = NULL;
    if (strncmp(text, start, strlen(start)) != 0) {
        return NULL;
    }
    refusal->at = strtoll(text + strlen(start), &end, 10);
    const size_t hash_length = *end == ' ' ? strcspn(end + 1, " \n") : 0;
    if (refusal->at <= 0 || hash_length == 0 || hash_length >= PASSWORD_HASH_SIZE ||
        end[1 + hash_length] != ' ') {
        return NULL;
    }
    memcpy(refusal->password_hash, end + 1, hash_length);
    refusal->password_hash[hash_length] = '\0';
    const char *said = end + 1 + hash_length + 1;
    const size_t said_length = parse_said(said, refusal->said);
    return said_length > 0 ? said + said_length : NULL;
}

bool refusal_parse(const char *text, size_t length, struct refusals *refusals)
{
    const char *at = text;
    refusals->count = 0;
    while (at != NULL && at != text + length && refusals->count < REFUSALS) {
        at = parse_line(at, &refusals->items[refusals->count++]);
    }
    if (at != text + length) { // NULL, or what this version does not write
        refusals->count = 0;
    }
    return refusals->count > 0;
}

static void print(struct buf *text, const struct refusals *refusals)
{
    buf_init(text, REFUSALS_TEXT_SIZE);
    for (size_t i = 0; i < refusals->count; i++) {
        const struct refusal *refusal = &refusals->items[i];
        buf_format(text, "%s%" PRId64 " %s ", start, refusal->at, refusal->password_hash);
        text_append_clean(text, refusal->said, FAULT_TEXT_SIZE - 1);
        buf_text(text, "\n");
    }
}

/* ---- which of them count ---- */

static void drop(struct refusals *refusals, size_t at)
{
    refusals->count--;
    memmove(&refusals->items[at], &refusals->items[at + 1],
            (refusals->count - at) * sizeof refusals->items[0]);
}

static void drop_old(struct refusals *refusals)
{
    const utc_us now = clock_utc();
    for (size_t i = refusals->count; i > 0; i--) {
        const utc_us age = now - refusals->items[i - 1].at;
        if (age < -tolerated_skew || age >= hold) {
            drop(refusals, i - 1);
        }
    }
}

/* Which of them is of that password; their count: none. */
static size_t find(const struct refusals *refusals, const char *password)
{
    size_t i = 0;
    while (i < refusals->count &&
           !password_hash_matches(refusals->items[i].password_hash, password)) {
        i++;
    }
    return i;
}

/* ---- its file ---- */

static int open_files(const struct refusal_key *key, struct cache_dir *files, struct fault *fault)
{
    struct buf name;
    buf_init(&name, CACHE_DIR_NAME_LIMIT);
    em_server_append_key(&name, key->server, key->username);
    return cache_dir_open(files, key->directory, &name, fault);
}

/* It is only ever held while the file is written. Whoever can't have it writes nothing. */
static int lock_notes(const struct refusal_key *key, const struct cache_dir *files,
                      struct fault *fault)
{
    const int64_t enough_ms = clock_monotonic_ms() + LOCK_MS;
    return cache_dir_lock(files, lock_suffix,
                          enough_ms < key->deadline_ms ? enough_ms : key->deadline_ms,
                          key->stop_descriptor, fault);
}

/* Those that count; none of a file that is not to be trusted. */
static void read_notes(const struct cache_dir *files, struct refusals *refusals)
{
    char text[REFUSALS_TEXT_SIZE];
    struct stat status;
    struct fault ignored;
    ssize_t length = -1;
    cleanup_close const int file = cache_dir_open_file(files, suffix, O_RDONLY);
    if (file >= 0 && cache_dir_check_file(file, &status, &ignored) == 0) {
        length = io_read(file, text, sizeof text - 1, IO_NEXT);
    }
    text[length > 0 ? length : 0] = '\0';
    refusal_parse(text, length > 0 ? (size_t)length : 0, refusals);
    drop_old(refusals);
}

/* A long name is left out. */
static void append_file(struct buf *words, const struct refusal_key *key,
                        const struct cache_dir *files)
{
    cleanup_buf struct buf path;
    buf_init(&path, PATH_ROOM);
    buf_format(&path, "%s/%s%s", key->directory, buf_string(&files->name), suffix);
    buf_text(words, path.failure == BUF_TOO_BIG ? "its note" : buf_string(&path));
    buf_share_failure(words, &path);
}

/* What EM said first, and why the password is not sent now. */
static void set_fault(const struct refusal_key *key, const struct cache_dir *files,
                      const struct refusal *refusal, struct fault *fault)
{
    const utc_us since = clock_utc() - refusal->at;
    const utc_us age = since > 0 ? since : 0; // within the skew
    cleanup_buf struct buf words;
    buf_init(&words, WORDS_ROOM);
    buf_text(&words, "that was ");
    utc_append_span(&words, age);
    buf_text(&words, " ago; so that the account is not locked, this password is not tried again "
                     "for another ");
    utc_append_span(&words, hold - age);
    buf_text(&words, ", or until ");
    append_file(&words, key, files);
    buf_text(&words, " is removed; a different one is tried at once");
    const size_t room = FAULT_TEXT_SIZE - AGE_ROOM - words.length;
    const size_t shown = text_boundary(refusal->said, strnlen(refusal->said, room));
    fault_set(fault, FAULT_LOGON, "%.*s; %s", (int)shown, refusal->said, buf_string(&words));
    if (words.failure != BUF_FINE) {
        fault_no_memory(fault);
    }
}

bool refusal_holds(const struct refusal_key *key, struct fault *fault)
{
    struct cache_dir files;
    struct refusals refusals = {.count = 0};
    struct fault ignored;
    if (key->directory == NULL) {
        return false;
    }
    if (open_files(key, &files, &ignored) == 0) {
        read_notes(&files, &refusals);
    }
    const size_t found = find(&refusals, key->password);
    const bool holds = found < refusals.count;
    if (holds) {
        set_fault(key, &files, &refusals.items[found], fault);
    }
    cache_dir_close(&files);
    return holds;
}

static int write_notes(const struct cache_dir *files, const struct refusals *refusals,
                       struct fault *fault)
{
    cleanup_buf struct buf text;
    print(&text, refusals);
    if (text.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    cleanup_close const int file = cache_dir_create(files, new_suffix, fault);
    if (file < 0) {
        return -1;
    }
    const int result = io_write(file, buf_string(&text), text.length, IO_NEXT) < 0
                           ? cache_dir_fault(fault, "it can't be written")
                           : cache_dir_replace(files, new_suffix, suffix, fault);
    if (result < 0) {
        cache_dir_remove(files, new_suffix);
    }
    return result;
}

static int add_note(const struct refusal_key *key, const struct cache_dir *files,
                    const struct refusal *refusal, struct fault *fault)
{
    struct refusals refusals;
    cleanup_close const int lock = lock_notes(key, files, fault);
    if (lock < 0) {
        return -1;
    }
    read_notes(files, &refusals);
    const size_t found = find(&refusals, key->password);
    if (found < refusals.count) { // another run has sent it at the same moment
        drop(&refusals, found);
    } else if (refusals.count == REFUSALS) {
        drop(&refusals, 0);
    }
    refusals.items[refusals.count++] = *refusal;
    return write_notes(files, &refusals, fault);
}

int refusal_note(const struct refusal_key *key, const char *said, struct fault *fault)
{
    struct cache_dir files;
    struct refusal refusal = {.at = clock_utc()};
    if (key->directory == NULL) {
        return 0;
    }
    snprintf(refusal.said, sizeof refusal.said, "%s", said);
    if (!password_hash_make(key->password, refusal.password_hash)) {
        return fault_set(
            fault, FAULT_USAGE,
            "the password can't be hashed: libcrypt is missing, or takes 511 bytes at most");
    }
    const int result =
        open_files(key, &files, fault) < 0 ? -1 : add_note(key, &files, &refusal, fault);
    cache_dir_close(&files);
    return result;
}

static bool has_notes(const struct cache_dir *files)
{
    cleanup_close const int file = cache_dir_open_file(files, suffix, O_RDONLY);
    return file >= 0 || errno != ENOENT;
}

/* Leaves those of other passwords that count. */
static void remove_note(const struct refusal_key *key, const struct cache_dir *files)
{
    struct refusals refusals;
    struct fault ignored;
    if (!has_notes(files)) { // so nearly all runs
        return;
    }
    cleanup_close const int lock = lock_notes(key, files, &ignored);
    if (lock < 0) {
        return;
    }
    read_notes(files, &refusals);
    const size_t found = find(&refusals, key->password);
    const bool is_noted = found < refusals.count;
    if (is_noted) {
        drop(&refusals, found);
    }
    if (refusals.count == 0) {
        cache_dir_remove(files, suffix);
    } else if (is_noted) {
        (void)write_notes(files, &refusals, &ignored);
    }
}

void refusal_lift(const struct refusal_key *key)
{
    struct cache_dir files;
    struct fault ignored;
    if (key->directory == NULL) {
        return;
    }
    if (open_files(key, &files, &ignored) == 0) {
        remove_note(key, &files);
    }
    cache_dir_close(&files);
}
