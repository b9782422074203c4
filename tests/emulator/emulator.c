// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/emulator.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "emulator/rotation.h"
#include "emulator/scenario.h"
#include "emulator/server.h"

enum { IDLE_TIMEOUT = 900, BACKLOG = 128, BIND_ATTEMPTS = 20 };

static const char small_scenario[] =
    "{\"vms\":[{\"name\":\"srv-db01\",\"sessions\":["
    "{\"state\":\"InProgress\",\"created\":\"-2h\",\"total_size\":1048576},"
    "{\"state\":\"Completed\",\"created\":\"-10h\",\"ended\":\"-2h\",\"total_size\":2097152}]}]}";

/* ---- time and scenario ---- */

moment emulator_now(const struct emulator *emulator)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * MOMENT_SECOND + now.tv_nsec / 1000 + emulator->advanced +
           emulator->settings.clock_offset_seconds * MOMENT_SECOND;
}

static moment now_of(struct emulator *emulator)
{
    pthread_mutex_lock(&emulator->mutex);
    const moment now = emulator_now(emulator);
    pthread_mutex_unlock(&emulator->mutex);
    return now;
}

const struct store *emulator_read_world(struct emulator *emulator, struct world *world, moment *now)
{
    // asked for under the lock, so that nobody else has the store rotate beyond it
    pthread_rwlock_rdlock(&world->turning);
    *now = now_of(emulator);
    while (rotation_is_due(world->store, *now)) {
        pthread_rwlock_unlock(&world->turning);
        pthread_rwlock_wrlock(&world->turning);
        rotation_apply(world->store, now_of(emulator));
        pthread_rwlock_unlock(&world->turning);
        pthread_rwlock_rdlock(&world->turning);
        *now = now_of(emulator);
    }
    return world->store;
}

void emulator_let_go(struct world *world)
{
    pthread_rwlock_unlock(&world->turning);
}

/* Whoever waits to have it rotate comes before those who begin to read it later. */
static void init_turning(struct world *world)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&world->turning, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

struct world *emulator_take_world(struct emulator *emulator)
{
    emulator->world->references++;
    return emulator->world;
}

static void release(struct world *world)
{
    if (world != NULL && --world->references == 0) {
        pthread_rwlock_destroy(&world->turning);
        store_free(world->store);
        free(world->occurrences);
        free(world);
    }
}

void emulator_give_world(struct emulator *emulator, struct world *world)
{
    pthread_mutex_lock(&emulator->mutex);
    release(world);
    pthread_mutex_unlock(&emulator->mutex);
}

static void apply_settings(const struct emulator *emulator, struct store *store)
{
    struct wording *wording = &store->wording;
    if (emulator->settings.casing != EMULATOR_CASING_OF_SCENARIO) {
        wording->node.camel = emulator->settings.casing == EMULATOR_CAMEL;
    }
    wording->bom |= emulator->settings.bom;
    if (emulator->user != NULL) {
        store->user = arena_copy(&store->arena, emulator->user);
    }
    if (emulator->password != NULL) {
        store->password = arena_copy(&store->arena, emulator->password);
    }
}

int emulator_play(struct emulator *emulator, const char *scenario, char *error, size_t size)
{
    struct store *store = scenario_load(scenario, now_of(emulator), error, size);
    if (store == NULL) {
        return -1;
    }
    apply_settings(emulator, store);
    struct world *world = memory_take(sizeof *world);
    world->store = store;
    world->occurrences = memory_take(store->reply_count * sizeof(int));
    world->references = 1;
    init_turning(world);
    pthread_mutex_lock(&emulator->mutex);
    release(emulator->world);
    emulator->world = world;
    pthread_mutex_unlock(&emulator->mutex);
    return 0;
}

/* ---- sockets ---- */

static int listen_on(const struct sockaddr *address, socklen_t length)
{
    const int on = 1;
    int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return -1;
    }
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->sa_family == AF_INET6) {
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (bind(descriptor, address, length) != 0 || listen(descriptor, BACKLOG) != 0) {
        int reason = errno;
        close(descriptor);
        errno = reason;
        return -1;
    }
    return descriptor;
}

static int listen_four(uint16_t *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int descriptor = listen_on((const struct sockaddr *)&address, length);
    if (descriptor >= 0 && getsockname(descriptor, (struct sockaddr *)&address, &length) == 0) {
        *port = ntohs(address.sin_port);
    }
    return descriptor;
}

static int listen_six(uint16_t port)
{
    const struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    return listen_on((const struct sockaddr *)&address, sizeof address);
}

/*
 * The same port on both loopback addresses. One that is free on 127.0.0.1 may be taken on ::1:
 * then it tries another, unless the port was given. A machine without ::1 does without.
 */
static int open_sockets(struct emulator *emulator, int sockets[DAEMONS])
{
    for (int attempt = 0; attempt < BIND_ATTEMPTS; attempt++) {
        emulator->port = emulator->settings.port;
        sockets[0] = listen_four(&emulator->port);
        if (sockets[0] < 0) {
            return -1;
        }
        sockets[1] = listen_six(emulator->port);
        if (sockets[1] >= 0 || errno != EADDRINUSE || emulator->settings.port != 0) {
            return 0;
        }
        close(sockets[0]);
    }
    errno = EADDRINUSE;
    return -1;
}

static struct MHD_Daemon *start_daemon(struct emulator *emulator, int descriptor)
{
    static char either[] = "NORMAL";
    static char twelve[] = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
    static char thirteen[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
    const int version = emulator->settings.tls_version;
    char *const newest = version == 13 ? thirteen : either;
    char *const priority = version == 12 ? twelve : newest;
    const bool tls = !emulator->settings.plain_http;
    struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, emulator->certificate.key_pem},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, emulator->certificate.certificate_pem},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, priority},
        {MHD_OPTION_END, 0, NULL}};
    const unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
                               MHD_USE_POLL | MHD_USE_SUPPRESS_DATE_NO_CLOCK |
                               (tls ? MHD_USE_TLS : 0U);
    return MHD_start_daemon(flags, 0, NULL, NULL, exchange_handle, emulator,
                            MHD_OPTION_LISTEN_SOCKET, descriptor, MHD_OPTION_URI_LOG_CALLBACK,
                            exchange_begin, emulator, MHD_OPTION_NOTIFY_COMPLETED, exchange_end,
                            emulator, MHD_OPTION_NOTIFY_CONNECTION, exchange_connection, emulator,
                            MHD_OPTION_ARRAY, tls ? secure : secure + 3, MHD_OPTION_END);
}

static int start_daemons(struct emulator *emulator, char *error, size_t size)
{
    int sockets[DAEMONS] = {-1, -1};
    if (open_sockets(emulator, sockets) != 0) {
        snprintf(error, size, "port %u: %s", (unsigned int)emulator->settings.port,
                 strerror(errno));
        return -1;
    }
    for (int i = 0; i < DAEMONS; i++) {
        if (sockets[i] < 0) {
            continue;
        }
        emulator->daemons[i] = start_daemon(emulator, sockets[i]);
        if (emulator->daemons[i] == NULL) {
            snprintf(error, size, "libmicrohttpd does not start");
            return -1;
        }
    }
    return 0;
}

/* ---- start and stop ---- */

static int make_certificate(struct emulator *emulator, char *error, size_t size)
{
    enum { DAY = 86400, YEAR = 365 * DAY };
    const struct emulator_settings *settings = &emulator->settings;
    bool usual = settings->certificate_not_before_seconds == 0 &&
                 settings->certificate_not_after_seconds == 0;
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    const time_t now = time(NULL);
    const struct certificate_wish wish = {
        .host = settings->certificate_host != NULL ? settings->certificate_host : host,
        .host_alone = settings->certificate_host_alone,
        .not_before = now + (usual ? -DAY : (time_t)settings->certificate_not_before_seconds),
        .not_after = now + (usual ? YEAR : (time_t)settings->certificate_not_after_seconds)};
    return certificate_make(&emulator->certificate, &wish, error, size);
}

static void init_locks(struct emulator *emulator)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&emulator->stop, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&emulator->mutex, NULL);
}

static char *copy_setting(const char *text)
{
    return text != NULL ? memory_copy(text) : NULL;
}

struct emulator *emulator_start(const struct emulator_settings *settings, char *error, size_t size)
{
    struct emulator *emulator = memory_take(sizeof *emulator);
    const int idle = settings->idle_timeout_seconds;
    emulator->settings = *settings;
    emulator->user = copy_setting(settings->user);
    emulator->password = copy_setting(settings->password);
    emulator->logons.idle_timeout = (idle > 0 ? idle : IDLE_TIMEOUT) * MOMENT_SECOND;
    init_locks(emulator);
    const char *scenario = settings->scenario != NULL ? settings->scenario : small_scenario;
    if (settings->replay != NULL) {
        emulator->replay = replay_load(settings->replay, error, size);
    }
    if ((settings->replay != NULL && emulator->replay == NULL) ||
        emulator_play(emulator, scenario, error, size) != 0 ||
        (!settings->plain_http && make_certificate(emulator, error, size) != 0) ||
        start_daemons(emulator, error, size) != 0) {
        emulator_stop(emulator);
        return NULL;
    }
    return emulator;
}

void emulator_stop(struct emulator *emulator)
{
    if (emulator == NULL) {
        return;
    }
    pthread_mutex_lock(&emulator->mutex);
    emulator->stopping = true;
    pthread_cond_broadcast(&emulator->stop);
    pthread_mutex_unlock(&emulator->mutex);
    for (int i = 0; i < DAEMONS; i++) {
        if (emulator->daemons[i] != NULL) {
            MHD_stop_daemon(emulator->daemons[i]);
        }
    }
    emulator_reset(emulator);
    release(emulator->world);
    replay_free(emulator->replay);
    logons_clear(&emulator->logons);
    certificate_free(&emulator->certificate);
    pthread_cond_destroy(&emulator->stop);
    pthread_mutex_destroy(&emulator->mutex);
    free(emulator->user);
    free(emulator->password);
    free(emulator);
}

/* ---- what a test asks and does ---- */

uint16_t emulator_port(const struct emulator *emulator)
{
    return emulator->port;
}

const char *emulator_certificate_pem(const struct emulator *emulator)
{
    const char *pem = emulator->certificate.certificate_pem;
    return pem != NULL ? pem : "";
}

const char *emulator_pin(const struct emulator *emulator)
{
    const char *pin = emulator->certificate.pin;
    return pin != NULL ? pin : "";
}

struct emulator_counts emulator_counts(struct emulator *emulator)
{
    pthread_mutex_lock(&emulator->mutex);
    logons_expire(&emulator->logons, emulator_now(emulator));
    struct emulator_counts counts = emulator->counts;
    counts.open_sessions = emulator->logons.count;
    pthread_mutex_unlock(&emulator->mutex);
    return counts;
}

char *emulator_log(struct emulator *emulator)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&emulator->mutex);
    size_t oldest = emulator->logged > LOG_SIZE ? emulator->logged - LOG_SIZE : 0;
    for (size_t i = oldest; i < emulator->logged; i++) {
        fprintf(out, "%s\n", emulator->log[i % LOG_SIZE]);
    }
    pthread_mutex_unlock(&emulator->mutex);
    fclose(out);
    return text;
}

void emulator_reset(struct emulator *emulator)
{
    pthread_mutex_lock(&emulator->mutex);
    emulator->counts = (struct emulator_counts){.writes = emulator->counts.writes};
    emulator->logged = 0;
    emulator->forgotten = emulator->used;
    for (size_t i = 0; i < LOG_SIZE; i++) {
        free(emulator->log[i]);
        emulator->log[i] = NULL;
    }
    pthread_mutex_unlock(&emulator->mutex);
}

void emulator_expire(struct emulator *emulator)
{
    pthread_mutex_lock(&emulator->mutex);
    logons_clear(&emulator->logons);
    pthread_mutex_unlock(&emulator->mutex);
}

void emulator_advance(struct emulator *emulator, int64_t seconds)
{
    pthread_mutex_lock(&emulator->mutex);
    emulator->advanced += seconds * MOMENT_SECOND;
    pthread_mutex_unlock(&emulator->mutex);
}
