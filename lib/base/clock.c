// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"

#include <fcntl.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/io.h"

static utc_us microseconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (utc_us)now.tv_sec * UTC_SECOND + now.tv_nsec / 1000;
}

utc_us clock_utc(void)
{
    return microseconds_of(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
    return microseconds_of(CLOCK_MONOTONIC) / 1000;
}

utc_us clock_uptime(void)
{
    return microseconds_of(CLOCK_BOOTTIME);
}

uint64_t clock_boot(void)
{
    char id[64]; // Linux' has 36 characters
    cleanup_close const int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    const ssize_t length = file >= 0 ? io_read(file, id, sizeof id, IO_NEXT) : -1;
    return length > 0 ? hash_bytes(HASH_START, id, (size_t)length) : 0;
}
