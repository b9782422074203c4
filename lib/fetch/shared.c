// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A run that finds the snapshot young enough takes no lock. One that has waited for the lock looks
 * again: what came since it began, a snapshot or the failure to get one, is an answer to it as
 * well. So a thousand runs at once ask EM once, and when EM is down, they do not all
 * wait for it one after the other.
 */
#include "fetch/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/cache_dir.h"
#include "base/text.h"
#include "fetch/fleet.h"
#include "fetch/live.h"
#include "fetch/remember.h"
#include "fetch/renew.h"
#include "fetch/snapshot_file.h"

/* How far a snapshot may be ahead of this clock, which may have been set back, and still be new. */
static const utc_us tolerated_skew = 5 * UTC_SECOND;

enum { IDENTITY_LIMIT = 64 * 1024, LEAST_ROOM = 4096, FAILURE_LIMIT = FAULT_TEXT_SIZE + 64 };

static const char snapshot_suffix[] = ".snapshot";
static const char failure_suffix[] = ".failure";
static const char new_suffix[] = ".new";
static const char lock_suffix[] = ".lock";

struct sharing {
    const struct shared_settings *settings;
    const struct scope *scope;
    struct cache_dir files;
    struct buf identity;
    bool has_last; // a snapshot, however old
    struct snapshot_origin last;
    off_t last_size;
    // What was there before this run waited for the lock.
    bool had_before;
    struct snapshot_origin before;
    char failure_before[FAILURE_LIMIT];
};

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* Without its user and password: of what this goes into, a file's name is seen by others. */
static const char *proxy_host(const char *proxy)
{
    const char *at = strrchr(or_empty(proxy), '@');
    return at != NULL ? at + 1 : or_empty(proxy);
}

/*
 * Whom what was asked, and how far the answer is trusted: a run that verifies the certificate must
 * not use what one without has fetched.
 */
static void append_identity(struct buf *identity, const struct sharing *sharing)
{
    const struct em_server *server = &sharing->settings->em->server;
    em_server_append_key(identity, server, sharing->settings->em->username);
    buf_format(identity, "\n%d\n%d %d %d\n%s\n%s\n%s\n%s", sharing->scope->sessions_only,
               server->insecure, (int)server->tls_min, (int)server->family,
               or_empty(server->ca_file), or_empty(server->ca_path),
               or_empty(server->pinned_pubkey), proxy_host(server->proxy));
}

/* USER@HOST_PORT+TRUST, or USER@HOST_PORT+sessions+TRUST. */
static void append_name(struct buf *name, const struct sharing *sharing)
{
    uint32_t trust = UINT32_C(2166136261); // FNV-1a
    for (const char *at = buf_string(&sharing->identity); *at != '\0'; at++) {
        trust = (trust ^ (unsigned char)*at) * UINT32_C(16777619);
    }
    em_server_append_key(name, &sharing->settings->em->server, sharing->settings->em->username);
    buf_format(name, "%s+%08" PRIx32, sharing->scope->sessions_only ? "+sessions" : "", trust);
}

static int open_files(struct sharing *sharing, struct fault *fault)
{
    struct buf name;
    buf_init(&sharing->identity, IDENTITY_LIMIT);
    buf_init(&name, CACHE_DIR_NAME_LIMIT);
    append_identity(&sharing->identity, sharing);
    append_name(&name, sharing);
    if (sharing->identity.failure != BUF_FINE) {
        name.failure = sharing->identity.failure;
    }
    return cache_dir_open(&sharing->files, sharing->settings->directory, &name, fault);
}

/* ---- the snapshot ---- */

/* Whether this run has its answer. */
enum outcome { FAILED = -1, UNANSWERED, ANSWERED };

/* 1: it is open. 0: there is none. -1: it is refused, with a fault. */
static int open_snapshot(struct sharing *sharing, struct snapshot *snapshot, struct fault *fault)
{
    struct stat status;
    const int file = cache_dir_open_file(&sharing->files, snapshot_suffix, O_RDONLY);
    if (file < 0) {
        return errno == ENOENT ? 0 : cache_dir_fault(fault, "the snapshot can't be opened");
    }
    if (cache_dir_check_file(file, &status, fault) < 0) {
        close(file);
        return -1;
    }
    if (snapshot_open(snapshot, file, buf_string(&sharing->identity), fault) < 0) {
        return -1;
    }
    sharing->has_last = true;
    sharing->last = snapshot->origin;
    sharing->last_size = status.st_size;
    return 1;
}

/* Whether it has come since before the lock was waited for. No clock is asked: it may be set back.
 */
static bool is_new(const struct sharing *sharing, const struct snapshot_origin *origin)
{
    return !sharing->had_before || origin->asked != sharing->before.asked ||
           origin->written != sharing->before.written;
}

/*
 * How old it is. If this host's clock was set back meanwhile, it shows too little; the time that
 * the host has been up since then does not, unless it was started again or is another one.
 */
static utc_us age_of(const struct snapshot_origin *origin, utc_us now)
{
    const utc_us age = now - origin->asked;
    if (origin->boot == 0 || origin->boot != clock_boot()) {
        return age;
    }
    const utc_us uptime = clock_uptime() - origin->asked_uptime;
    return uptime > age ? uptime : age;
}

static bool is_young(const struct sharing *sharing, const struct snapshot_origin *origin,
                     bool waited)
{
    const utc_us now = clock_utc();
    const utc_us longest = (utc_us)(sharing->settings->age_s * (double)UTC_SECOND);
    const bool clock_was_set_back =
        origin->asked - now > tolerated_skew || origin->written - now > tolerated_skew;
    return !clock_was_set_back &&
           (age_of(origin, now) <= longest || (waited && is_new(sharing, origin)));
}

/* Forgets what was read before damage was found. */
static void forget(struct site *site)
{
    cleanup_site struct site damaged = {.parts = NULL};
    site_swap_told(site, &damaged);
}

/* Whether its sessions begin as long ago as the scope needs. */
static bool reaches(const struct sharing *sharing, const struct snapshot_origin *origin)
{
    return origin->reach >= scope_reach(sharing->scope);
}

/* Drops what the scope, which needs less than there is, would not have been told. */
static int narrow(const struct sharing *sharing, const struct snapshot_origin *origin,
                  struct site *site, struct fault *fault)
{
    const utc_us reach = scope_reach(sharing->scope);
    const utc_us now = clock_utc();
    const utc_us offset = origin->clock_offset;
    return origin->reach == reach
               ? 0
               : remember_narrow(site, fleet_since_by(now - reach, offset), now + offset, fault);
}

/* What the scope may need. */
static int read_site(const struct sharing *sharing, const struct snapshot *snapshot,
                     struct site *site, struct fault *fault)
{
    const struct scope *scope = sharing->scope;
    const size_t count = scope->kind == SCOPE_VM ? scope->names.count : 1;
    int result = snapshot_read_commons(snapshot, site, fault);
    for (size_t i = 0; i < count && result == 0; i++) {
        const char *vm = scope->kind == SCOPE_VM ? scope->names.items[i] : NULL;
        result = snapshot_read(snapshot, vm, site, fault);
    }
    result = result == 0 ? protected_vms_sort(&site->protected_vms, fault) : -1;
    return result == 0 ? narrow(sharing, &snapshot->origin, site, fault) : -1;
}

static void tell_origin(struct site *site, const struct snapshot_origin *origin)
{
    site->from_snapshot = true;
    site->asked_at = origin->asked;
    site->renewal.full = origin->full;
    site->renewal.overdue = origin->full_tried > origin->full;
}

/* Reads the snapshot, if there is one that is young and sound. It fails without memory only. */
static enum outcome try_snapshot(struct sharing *sharing, struct site *site, bool waited,
                                 struct fault *fault)
{
    cleanup_snapshot struct snapshot snapshot = {.file = -1};
    struct fault odd = {.kind = FAULT_NONE};
    const int opened = open_snapshot(sharing, &snapshot, &odd);
    if (opened == 0 || (opened > 0 && (!is_young(sharing, &snapshot.origin, waited) ||
                                       !reaches(sharing, &snapshot.origin)))) {
        return UNANSWERED;
    }
    if (opened > 0 && read_site(sharing, &snapshot, site, &odd) == 0) {
        site->has_clock_offset = snapshot.origin.has_clock_offset;
        site->clock_offset = snapshot.origin.clock_offset;
        tell_origin(site, &snapshot.origin);
        return ANSWERED;
    }
    if (odd.kind == FAULT_INTERNAL) {
        *fault = odd;
        return FAILED;
    }
    forget(site);
    return UNANSWERED; // it is replaced
}

/* Whether the file can get so large. If the file system does not say, writing it will show. */
static bool has_room(int file, off_t size)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && (rlim_t)size > limit.rlim_cur) {
        errno = EFBIG;
        return false;
    }
    return fallocate(file, FALLOC_FL_KEEP_SIZE, 0, size) == 0 ||
           (errno != ENOSPC && errno != EDQUOT);
}

/*
 * Makes the file that is to be the next snapshot, with room for as much as the last one had. Where
 * there is none, on a full disk, it is of no use to ask EM for all VMs: the next run would have to
 * do so again, while the others wait. The descriptor, or -1.
 */
static int make_new(const struct sharing *sharing, struct fault *fault)
{
    const int file = cache_dir_create(&sharing->files, new_suffix, fault);
    const off_t size = sharing->last_size > LEAST_ROOM ? sharing->last_size : LEAST_ROOM;
    if (file < 0) {
        return -1;
    }
    if (!has_room(file, size)) {
        cache_dir_fault(fault, "there is no room for it");
        close(file);
        cache_dir_remove(&sharing->files, new_suffix);
        return -1;
    }
    return file;
}

/* `file` is new; -1: it is to be made. It is closed. */
static int write_snapshot(const struct sharing *sharing, int *file, const struct site *site,
                          const struct snapshot_origin *origin, struct fault *fault)
{
    cleanup_close const int written = *file >= 0 ? *file : make_new(sharing, fault);
    *file = -1;
    if (written < 0) {
        return -1;
    }
    if (snapshot_write(written, site, buf_string(&sharing->identity), origin, fault) < 0 ||
        cache_dir_replace(&sharing->files, new_suffix, snapshot_suffix, fault) < 0) {
        cache_dir_remove(&sharing->files, new_suffix);
        return -1;
    }
    return 0;
}

/* ---- the failure to get one ---- */

static int64_t milliseconds_left(const struct sharing *sharing)
{
    return sharing->settings->em->deadline_ms - clock_monotonic_ms();
}

/*
 * "KIND TIME HAD REACH TEXT". TIME is when it was written, by the writer's clock, and differs
 * from one failure to the next. HAD is how many milliseconds the run had: one that has more of them
 * left than that is not late, if EM but takes its time, and asks by itself. REACH is how far back,
 * in microseconds, it asked: one that needs less asks by itself if that may have been too much.
 */
static void write_failure(const struct sharing *sharing, const struct fault *failure,
                          int64_t had_ms, utc_us reach)
{
    struct fault ignored;
    char text[FAILURE_LIMIT];
    const int length = snprintf(text, sizeof text, "%d %" PRId64 " %" PRId64 " %" PRId64 " %s",
                                (int)failure->kind, clock_utc(), had_ms, reach, failure->text);
    const int file = cache_dir_create(&sharing->files, new_suffix, &ignored);
    if (file < 0) {
        return;
    }
    const bool written = io_write(file, text, (size_t)length, IO_NEXT) == 0;
    close(file);
    if (!written || cache_dir_replace(&sharing->files, new_suffix, failure_suffix, &ignored) < 0) {
        cache_dir_remove(&sharing->files, new_suffix);
    }
}

/* Whether the text is of a failure that concerns this run. */
static bool parse_failure(const struct sharing *sharing, const char *text, struct fault *failure)
{
    char *end = NULL;
    const long kind = strtol(text, &end, 10);
    (void)strtoll(end, &end, 10); // TIME
    const int64_t had_ms = strtoll(end, &end, 10);
    const utc_us reach = strtoll(end, &end, 10);
    if (kind <= FAULT_NONE || kind >= FAULT_TERMINATED || *end != ' ') {
        return false;
    }
    fault_set(failure, (enum fault_kind)kind, "%s", end + 1);
    const bool was_too_much =
        kind == FAULT_TIMEOUT || kind == FAULT_PROTOCOL || kind == FAULT_SERVER;
    return !(kind == FAULT_TIMEOUT && milliseconds_left(sharing) > had_ms) &&
           !(was_too_much && reach > scope_reach(sharing->scope));
}

/* The text of the last failure; "" where there is none. */
static void read_failure(const struct sharing *sharing, char text[FAILURE_LIMIT])
{
    struct stat status;
    struct fault ignored;
    ssize_t length = -1;
    cleanup_close const int file = cache_dir_open_file(&sharing->files, failure_suffix, O_RDONLY);
    if (file >= 0 && cache_dir_check_file(file, &status, &ignored) == 0) {
        length = io_read(file, text, FAILURE_LIMIT - 1, IO_NEXT);
    }
    text[length > 0 ? length : 0] = '\0';
}

/* Whether another run has tried since before the lock was waited for, and how it failed. */
static bool has_failed(const struct sharing *sharing, struct fault *failure)
{
    struct fault found;
    char text[FAILURE_LIMIT];
    read_failure(sharing, text);
    if (strcmp(text, sharing->failure_before) == 0 || !parse_failure(sharing, text, &found)) {
        return false;
    }
    *failure = found;
    return true;
}

/* Whether all that ask fail like that. A logon does for who has the same password: em/refusal.h. */
static bool concerns_all(const struct fault *failure)
{
    return failure->kind < FAULT_TERMINATED && failure->kind != FAULT_LOGON;
}

/* ---- asking ---- */

static void add_age(const struct sharing *sharing, struct fault *fault)
{
    if (!sharing->has_last) {
        return;
    }
    cleanup_buf struct buf age;
    buf_init(&age, 64);
    utc_append_span(&age, clock_utc() - sharing->last.asked);
    struct fault cause = *fault;
    const size_t shown = text_boundary(cause.text, strnlen(cause.text, FAULT_TEXT_SIZE - 50));
    fault_set(fault, cause.kind, "%.*s; the last answer is %s old", (int)shown, cause.text,
              buf_string(&age));
    if (age.failure != BUF_FINE) {
        fault_no_memory(fault);
    }
}

/* Reads the last snapshot, if there is one. It fails without memory only. */
static int read_earlier(struct sharing *sharing, struct earlier *earlier, struct fault *fault)
{
    cleanup_snapshot struct snapshot snapshot = {.file = -1};
    struct fault odd = {.kind = FAULT_NONE};
    const int opened = open_snapshot(sharing, &snapshot, &odd);
    if (opened > 0 && snapshot_read_commons(&snapshot, &earlier->site, &odd) == 0 &&
        snapshot_read(&snapshot, NULL, &earlier->site, &odd) == 0) {
        earlier->known = true;
        earlier->origin = snapshot.origin;
        return 0;
    }
    if (odd.kind == FAULT_INTERNAL) {
        *fault = odd;
        return -1;
    }
    forget(&earlier->site);
    earlier->trouble = opened > 0 ? odd : earlier->trouble;
    return 0;
}

/* A reach that nobody has needed for so long is not kept. */
static const utc_us reach_period = INT64_C(86400) * UTC_SECOND;

/*
 * Scopes that share must find in a snapshot what each of them needs: neither whom they are about
 * nor what they leave out is part of what is asked.
 */
static struct scope shared_scope(const struct scope *scope, const struct earlier *earlier,
                                 utc_us now)
{
    const double reach_s = (double)earlier->origin.reach / (double)UTC_SECOND;
    const bool is_needed = earlier->known && reach_s > scope->since_s &&
                           now - earlier->origin.reach_needed < reach_period;
    return (struct scope){.kind = SCOPE_ALL,
                          .since_s = is_needed ? reach_s : scope->since_s,
                          .sessions_only = scope->sessions_only,
                          .data_age = !scope->sessions_only};
}

/* A snapshot that is being renewed, with the lock held. */
struct new_snapshot {
    const struct sharing *sharing;
    const struct earlier *earlier;
    struct scope all; // what is asked for, whatever this run's own scope is
    struct snapshot_origin origin;
    int *file;            // for the next one; -1: it is to be made
    struct fault trouble; // why it was not kept, if so
};

/* What it is to say of itself. */
static void finish_origin(struct new_snapshot *snapshot, const struct site *site)
{
    const struct snapshot_origin *earlier = &snapshot->earlier->origin;
    struct snapshot_origin *origin = &snapshot->origin;
    const bool tried = site->renewal.what != RENEWED_CHANGES;
    const utc_us asked_by_em = origin->asked + site->clock_offset;
    origin->written = clock_utc();
    origin->has_clock_offset = site->has_clock_offset;
    origin->clock_offset = site->clock_offset;
    origin->full_tried = tried ? asked_by_em : earlier->full_tried;
    origin->full = tried && !site->renewal.overdue ? asked_by_em : earlier->full;
    origin->reach = scope_reach(&snapshot->all);
    origin->reach_needed = scope_reach(snapshot->sharing->scope) >= origin->reach
                               ? origin->asked
                               : earlier->reach_needed;
}

static void keep(void *context, const struct site *site)
{
    struct new_snapshot *snapshot = context;
    finish_origin(snapshot, site);
    snapshot->trouble.kind = FAULT_NONE;
    (void)write_snapshot(snapshot->sharing, snapshot->file, site, &snapshot->origin,
                         &snapshot->trouble);
}

static void note_troubles(const struct new_snapshot *snapshot, struct site *site)
{
    const char *directory = snapshot->sharing->settings->directory;
    const struct fault *forgotten = &snapshot->earlier->trouble;
    if (snapshot->trouble.kind != FAULT_NONE) {
        lines_add(&site->notices, "--snapshot=%s: not kept: %s", directory, snapshot->trouble.text);
    }
    if (forgotten->kind != FAULT_NONE && remember_applies(site)) {
        lines_add(&site->notices, "--snapshot=%s: the VMs that it remembered are forgotten: %s",
                  directory, forgotten->text);
    }
}

static int renew_snapshot(const struct sharing *sharing, struct earlier *earlier, int *file,
                          struct site *site, struct buf *trace, struct fault *fault)
{
    const utc_us now = clock_utc();
    struct new_snapshot snapshot = {
        .sharing = sharing,
        .earlier = earlier,
        .all = shared_scope(sharing->scope, earlier, now),
        .origin = {.asked = now, .asked_uptime = clock_uptime(), .boot = clock_boot()},
        .file = file,
    };
    const struct renewal renewal = {sharing->settings->em, &snapshot.all, earlier, keep, &snapshot};
    const int64_t had_ms = milliseconds_left(sharing);
    if (renew_fetch(&renewal, site, trace, fault) < 0) {
        cache_dir_remove(&sharing->files, new_suffix);
        if (concerns_all(fault)) {
            write_failure(sharing, fault, had_ms, scope_reach(&snapshot.all));
        }
        if (fault->kind < FAULT_TERMINATED) {
            add_age(sharing, fault);
        }
        return -1;
    }
    keep(&snapshot, site);
    note_troubles(&snapshot, site);
    tell_origin(site, &snapshot.origin);
    return narrow(sharing, &snapshot.origin, site, fault);
}

/* From what there was before. */
static int renew_earlier(struct sharing *sharing, int *file, struct site *site, struct buf *trace,
                         struct fault *fault)
{
    struct earlier earlier = {.known = false};
    const int result = read_earlier(sharing, &earlier, fault) < 0
                           ? -1
                           : renew_snapshot(sharing, &earlier, file, site, trace, fault);
    site_free(&earlier.site);
    return result;
}

/* With the lock held. Unanswered: a new snapshot could not be kept, and `trouble` says why. */
static enum outcome fetch_locked(struct sharing *sharing, struct site *site, struct buf *trace,
                                 struct fault *trouble, struct fault *fault)
{
    const enum outcome found = try_snapshot(sharing, site, true, fault);
    if (found != UNANSWERED) {
        return found;
    }
    if (has_failed(sharing, fault) || em_client_is_held(sharing->settings->em, fault)) {
        add_age(sharing, fault);
        return FAILED;
    }
    cleanup_close int file = make_new(sharing, trouble);
    if (file < 0) {
        return UNANSWERED;
    }
    return renew_earlier(sharing, &file, site, trace, fault) < 0 ? FAILED : ANSWERED;
}

/* Unanswered: the snapshot is of no use, and `trouble` says why. */
static enum outcome share(struct sharing *sharing, struct site *site, struct buf *trace,
                          struct fault *trouble, struct fault *fault)
{
    if (open_files(sharing, trouble) < 0) {
        return UNANSWERED;
    }
    const enum outcome found = try_snapshot(sharing, site, false, fault);
    if (found != UNANSWERED) {
        return found;
    }
    if (em_client_is_held(sharing->settings->em, fault)) { // without waiting for the lock
        add_age(sharing, fault);
        return FAILED;
    }
    sharing->had_before = sharing->has_last;
    sharing->before = sharing->last;
    read_failure(sharing, sharing->failure_before);
    cleanup_close const int lock =
        cache_dir_lock(&sharing->files, lock_suffix,
                       sharing->settings->em->deadline_ms - sharing->settings->em->reserve_ms,
                       sharing->settings->em->stop_descriptor, trouble);
    if (lock < 0 && trouble->kind == FAULT_USAGE) {
        return UNANSWERED;
    }
    if (lock < 0) {
        *fault = *trouble;
        fault_wrap(fault, "--snapshot");
        add_age(sharing, fault);
        return FAILED;
    }
    return fetch_locked(sharing, site, trace, trouble, fault);
}

int shared_fetch(const struct shared_settings *settings, const struct scope *scope,
                 struct site *site, struct buf *trace, struct fault *fault)
{
    struct sharing sharing = {.settings = settings, .scope = scope, .files = {.directory = -1}};
    struct fault trouble = {.kind = FAULT_NONE};
    const enum outcome outcome = share(&sharing, site, trace, &trouble, fault);
    cache_dir_close(&sharing.files);
    buf_free(&sharing.identity);
    if (outcome != UNANSWERED) {
        return outcome == FAILED ? -1 : 0;
    }
    const int result = live_fetch(settings->em, scope, site, trace, fault);
    lines_add(&site->notices, "--snapshot=%s: not used: %s", settings->directory, trouble.text);
    return result;
}
