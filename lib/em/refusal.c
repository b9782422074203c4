// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The file is a line, "refused 1 TIME HASH SAID": when, by the clock of the run that was refused;
 * of which password; and its fault. The 1 changes with the meaning of the rest.
 *
 * Who writes it may have no lock. If two do so at once, either file is as good; what one of them
 * has not written to its end yet does not count.
 */
#include "em/refusal.h"

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
static const char start[] = "refused 1 ";

/* So there are three tries in half an hour, which is how long a directory counts them. */
static const utc_us hold = 600 * UTC_SECOND;

/* Between two processors, or two reads of a clock that is being set. */
static const utc_us tolerated_skew = 5 * UTC_SECOND;

/* Of a fault's text, what is kept for the words that are added to EM's. */
enum { WORDS_ROOM = 200 };

/* ---- its text ---- */

/* SAID and the end of the line. */
static bool parse_said(const char *text, char said[FAULT_TEXT_SIZE])
{
    const size_t length = strcspn(text, "\n");
    if (strcmp(text + length, "\n") != 0 || length == 0 || length >= FAULT_TEXT_SIZE) {
        return false;
    }
    memcpy(said, text, length);
    said[length] = '\0';
    return text_is_clean(said);
}

bool refusal_parse(const char *text, size_t length, struct refusal *refusal)
{
    char *end = NULL;
    *refusal = (struct refusal){.at = 0};
    if (strlen(text) != length || strncmp(text, start, strlen(start)) != 0) {
        return false;
    }
    refusal->at = strtoll(text + strlen(start), &end, 10);
    const size_t hash_length = *end == ' ' ? strcspn(end + 1, " \n") : 0;
    if (refusal->at <= 0 || hash_length == 0 || hash_length >= PASSWORD_HASH_SIZE ||
        end[1 + hash_length] != ' ') {
        return false;
    }
    memcpy(refusal->password_hash, end + 1, hash_length);
    return parse_said(end + 1 + hash_length + 1, refusal->said);
}

static void print(struct buf *text, const struct refusal *refusal)
{
    buf_init(text, REFUSAL_TEXT_SIZE);
    buf_format(text, "%s%" PRId64 " %s ", start, refusal->at, refusal->password_hash);
    text_append_clean(text, refusal->said, FAULT_TEXT_SIZE - 1);
    buf_text(text, "\n");
}

/* ---- its file ---- */

static int open_files(const struct refusal_key *key, struct cache_dir *files, struct fault *fault)
{
    struct buf name;
    buf_init(&name, CACHE_DIR_NAME_LIMIT);
    em_server_append_key(&name, key->server, key->username);
    return cache_dir_open(files, key->directory, &name, fault);
}

/* False: there is none, or it does not count. */
static bool read_note(const struct cache_dir *files, struct refusal *refusal)
{
    char text[REFUSAL_TEXT_SIZE];
    struct stat status;
    struct fault ignored;
    ssize_t length = -1;
    cleanup_close const int file = cache_dir_open_file(files, suffix, O_RDONLY);
    if (file >= 0 && cache_dir_check_file(file, &status, &ignored) == 0) {
        length = io_read(file, text, sizeof text - 1, IO_NEXT);
    }
    text[length > 0 ? length : 0] = '\0';
    if (length <= 0 || !refusal_parse(text, (size_t)length, refusal)) {
        return false;
    }
    const utc_us age = clock_utc() - refusal->at;
    return age >= -tolerated_skew && age < hold;
}

/* What EM said first, and why the password is not sent now. */
static void set_fault(const struct refusal *refusal, struct fault *fault)
{
    const utc_us age = clock_utc() - refusal->at;
    const size_t shown =
        text_boundary(refusal->said, strnlen(refusal->said, FAULT_TEXT_SIZE - WORDS_ROOM));
    cleanup_buf struct buf words;
    buf_init(&words, WORDS_ROOM);
    buf_text(&words, "that was ");
    utc_append_span(&words, age);
    buf_text(&words, " ago; so that the account is not locked, this password is not tried again "
                     "for another ");
    utc_append_span(&words, hold - age);
    buf_text(&words, "; a different one is tried at once");
    fault_set(fault, FAULT_LOGON, "%.*s; %s", (int)shown, refusal->said, buf_string(&words));
    if (words.failure != BUF_FINE) {
        fault_no_memory(fault);
    }
}

bool refusal_holds(const struct refusal_key *key, struct fault *fault)
{
    struct cache_dir files;
    struct refusal refusal;
    struct fault ignored;
    if (key->directory == NULL) {
        return false;
    }
    const bool holds = open_files(key, &files, &ignored) == 0 && read_note(&files, &refusal) &&
                       password_hash_matches(refusal.password_hash, key->password);
    cache_dir_close(&files);
    if (holds) {
        set_fault(&refusal, fault);
    }
    return holds;
}

static int write_note(const struct cache_dir *files, const struct refusal *refusal,
                      struct fault *fault)
{
    cleanup_buf struct buf text;
    print(&text, refusal);
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
        open_files(key, &files, fault) < 0 ? -1 : write_note(&files, &refusal, fault);
    cache_dir_close(&files);
    return result;
}

void refusal_lift(const struct refusal_key *key)
{
    struct cache_dir files;
    struct refusal refusal;
    struct fault ignored;
    if (key->directory == NULL) {
        return;
    }
    if (open_files(key, &files, &ignored) == 0 &&
        (!read_note(&files, &refusal) ||
         password_hash_matches(refusal.password_hash, key->password))) {
        cache_dir_remove(&files, suffix);
    }
    cache_dir_close(&files);
}
