// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A snapshot's file. After an even first byte the input is the file; after an odd one it is the
 * block of every VM, in a file whose header and checksums are right: else the fuzzer would hardly
 * come behind them. What is read is judged and reported, and is the same when written and read
 * again.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cdp/judge.h"
#include "fetch/snapshot_file.h"
#include "fuzz/fuzz.h"
#include "report/report.h"

#define IDENTITY "monitor@em01_9398"

enum { BUCKETS = 16, OUTPUT_LIMIT = 16 * 1024 * 1024 };

static const utc_us now = INT64_C(1755180000) * UTC_SECOND; // 2025-08-14T14:00:00Z

/* The file's layout but for its version, written down a second time. */
struct header {
    char magic[8];
    uint32_t version, byte_order;
    uint64_t size;
    int64_t asked, written, asked_uptime, clock_offset;
    uint64_t boot;
    uint32_t identity_length, buckets, sessions, has_clock_offset;
    uint64_t checksum;
};
struct bucket {
    uint64_t offset, length, checksum;
};

static uint64_t hash(uint64_t start, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++) {
        start = (start ^ at[i]) * UINT64_C(1099511628211);
    }
    return start;
}

static int file_of(const void *bytes, size_t length)
{
    const int file = memfd_create("snapshot", MFD_CLOEXEC);
    REQUIRE(file >= 0);
    REQUIRE(write(file, bytes, length) == (ssize_t)length);
    return file;
}

/* The header of a file without sessions, as it is written today. */
static struct header written_header(void)
{
    const struct task_sessions none = {0};
    const struct snapshot_origin origin = {.asked = now, .written = now};
    struct fault fault = {.kind = FAULT_NONE};
    struct header header;
    const int file = file_of("", 0);
    REQUIRE(snapshot_write(file, &none, IDENTITY, &origin, &fault) == 0);
    REQUIRE(pread(file, &header, sizeof header, 0) == (ssize_t)sizeof header);
    REQUIRE(header.asked == now && header.identity_length == strlen(IDENTITY) &&
            header.buckets == BUCKETS);
    close(file);
    return header;
}

/* A file in which all buckets have the same block. */
static int file_of_block(const uint8_t *block, size_t length)
{
    static const uint64_t start = UINT64_C(14695981039346656037);
    struct header header = written_header();
    header.size += length;
    header.checksum =
        hash(hash(start, &header, offsetof(struct header, checksum)), IDENTITY, strlen(IDENTITY));
    struct bucket bucket = {.offset = header.size - length, .length = length};
    bucket.checksum = hash(hash(start, &bucket, 2 * sizeof(uint64_t)), block, length);
    const int file = file_of(&header, sizeof header);
    REQUIRE(write(file, IDENTITY, strlen(IDENTITY)) == (ssize_t)strlen(IDENTITY));
    for (int i = 0; i < BUCKETS; i++) {
        REQUIRE(write(file, &bucket, sizeof bucket) == (ssize_t)sizeof bucket);
    }
    REQUIRE(write(file, block, length) == (ssize_t)length);
    return file;
}

static void check_reports(struct site *site)
{
    static const struct scope scope = {.kind = SCOPE_WHOLE};
    struct rules rules = {.reasons = NULL};
    const struct report_settings settings = {.perfdata = PERFDATA_VM, .verbosity = 1};
    struct verdict verdict = {0};
    struct fault fault = {.kind = FAULT_NONE};
    struct buf text;
    matrix_init(&rules.matrix);
    REQUIRE(judge(&scope, &rules, site, now, &verdict, &fault) == 0);
    buf_init(&text, OUTPUT_LIMIT);
    report(&text, FORMAT_TEXT, &verdict, &settings);
    REQUIRE(text.failure == BUF_FINE && text.length <= REPORT_TEXT_LIMIT);
    buf_free(&text);
    report(&text, FORMAT_JSON, &verdict, &settings);
    REQUIRE(text.failure == BUF_FINE && fuzz_is_utf8(text.text, text.length));
    buf_free(&text);
    verdict_free(&verdict);
}

static void check_again(const struct task_sessions *sessions)
{
    struct snapshot snapshot;
    struct task_sessions again = {0};
    struct fault fault = {.kind = FAULT_NONE};
    const int file = file_of("", 0);
    const struct snapshot_origin origin = {.asked = now, .written = now};
    REQUIRE(snapshot_write(file, sessions, IDENTITY, &origin, &fault) == 0);
    REQUIRE(snapshot_open(&snapshot, file, IDENTITY, &fault) == 0);
    REQUIRE(snapshot.origin.asked == now && snapshot.origin.written == now);
    REQUIRE(snapshot_read(&snapshot, NULL, &again, &fault) == 0);
    REQUIRE(again.count == sessions->count);
    snapshot_close(&snapshot);
    task_sessions_free(&again);
}

static void check_file(int file, const char *vm)
{
    struct snapshot snapshot;
    struct fault fault = {.kind = FAULT_NONE};
    if (snapshot_open(&snapshot, file, IDENTITY, &fault) < 0) {
        REQUIRE(fault.kind == FAULT_USAGE && snapshot.file == -1);
        return;
    }
    static const struct scope scope = {.kind = SCOPE_WHOLE};
    struct site site;
    REQUIRE(site_init(&site, &scope, &fault) == 0);
    site.from_snapshot = true;
    site.asked_at = snapshot.origin.asked;
    site.has_clock_offset = snapshot.origin.has_clock_offset;
    site.clock_offset = snapshot.origin.clock_offset;
    if (snapshot_read(&snapshot, vm, &site.sessions, &fault) < 0) {
        REQUIRE(fault.kind == FAULT_USAGE);
    } else if (site.sessions.count > 0) {
        fuzz_taken++;
        check_again(&site.sessions);
        check_reports(&site);
    }
    snapshot_close(&snapshot);
    site_free(&site);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0) {
        return 0;
    }
    if (bytes[0] % 2 == 0) {
        check_file(file_of(bytes + 1, size - 1), NULL);
        check_file(file_of(bytes + 1, size - 1), "srv-db01");
    } else {
        check_file(file_of_block(bytes + 1, size - 1), "srv-db01");
    }
    return 0;
}
