// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A snapshot's file. The rest of its first byte, divided by three, says what the input is: 0, the
 * file; 1, the block of every VM, and 2, the commons, in a file whose header and checksums are
 * right: else the fuzzer would hardly come behind them. What is read is judged and reported, and is
 * the same when written and read again.
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
    int64_t full, full_tried, reach, reach_needed;
    uint64_t boot;
    uint32_t identity_length, commons_length, buckets, has_clock_offset;
    uint64_t commons_checksum, checksum;
};
struct bucket {
    uint64_t offset, length, checksum;
};

#define HASH_START UINT64_C(14695981039346656037)

static uint64_t hash(uint64_t start, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++) {
        // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the caller has set it
        start = (start ^ at[i]) * UINT64_C(1099511628211);
    }
    return start;
}

/* The sum of the commons and of blocks: of words, and then of bytes. */
static uint64_t hash_words(uint64_t sum, const uint8_t *bytes, size_t length)
{
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word = 0;
        memcpy(&word, bytes, 8);
        sum = (sum ^ word) * UINT64_C(1099511628211);
        sum ^= sum >> 32;
    }
    return hash(sum, bytes, length);
}

static int file_of(const void *bytes, size_t length)
{
    const int file = memfd_create("snapshot", MFD_CLOEXEC);
    REQUIRE(file >= 0);
    REQUIRE(write(file, bytes, length) == (ssize_t)length);
    return file;
}

/* The file of a site of which nothing is known, as it is written today: the header and all. */
static struct start {
    struct header header;
    char rest[4096]; // identity and commons
} written_start(void)
{
    const struct site nothing = {.from_snapshot = false};
    const struct snapshot_origin origin = {.asked = now, .written = now};
    struct fault fault = {.kind = FAULT_NONE};
    struct start start;
    const int file = file_of("", 0);
    REQUIRE(snapshot_write(file, &nothing, IDENTITY, &origin, &fault) == 0);
    REQUIRE(pread(file, &start, sizeof start, 0) > (ssize_t)sizeof start.header);
    REQUIRE(start.header.asked == now && start.header.identity_length == strlen(IDENTITY) &&
            start.header.buckets == BUCKETS && start.header.commons_length < sizeof start.rest / 2);
    close(file);
    return start;
}

static void append(int file, const void *bytes, size_t length)
{
    REQUIRE(write(file, bytes, length) == (ssize_t)length);
}

/* A file with those commons in which all buckets have the same block. */
static int file_of_parts(const void *commons, size_t commons_length, const void *block,
                         size_t length)
{
    struct header header = written_start().header;
    const size_t table = sizeof header + strlen(IDENTITY) + commons_length;
    struct bucket bucket = {.offset = table + BUCKETS * sizeof bucket, .length = length};
    const uint64_t of_bucket =
        hash_words(HASH_START, (const uint8_t *)&bucket, 2 * sizeof(uint64_t));
    bucket.checksum = hash_words(of_bucket, block, length);
    header.size = bucket.offset + length;
    header.commons_length = (uint32_t)commons_length;
    header.commons_checksum = hash_words(HASH_START, commons, commons_length);
    header.checksum = hash(hash(HASH_START, &header, offsetof(struct header, checksum)), IDENTITY,
                           strlen(IDENTITY));
    const int file = file_of(&header, sizeof header);
    append(file, IDENTITY, strlen(IDENTITY));
    append(file, commons, commons_length);
    for (int i = 0; i < BUCKETS; i++) {
        append(file, &bucket, sizeof bucket);
    }
    append(file, block, length);
    return file;
}

static int file_of_block(const uint8_t *block, size_t length)
{
    const struct start start = written_start();
    return file_of_parts(start.rest + strlen(IDENTITY), start.header.commons_length, block, length);
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

static int read_site(const struct snapshot *snapshot, const char *vm, struct site *site,
                     struct fault *fault)
{
    const int result = snapshot_read_commons(snapshot, site, fault);
    return result == 0 ? snapshot_read(snapshot, vm, site, fault) : result;
}

static void check_again(const struct site *site)
{
    struct snapshot snapshot;
    struct site again = {.from_snapshot = true};
    struct fault fault = {.kind = FAULT_NONE};
    const int file = file_of("", 0);
    const struct snapshot_origin origin = {.asked = now, .written = now};
    REQUIRE(snapshot_write(file, site, IDENTITY, &origin, &fault) == 0);
    REQUIRE(snapshot_open(&snapshot, file, IDENTITY, &fault) == 0);
    REQUIRE(snapshot.origin.asked == now && snapshot.origin.written == now);
    REQUIRE(read_site(&snapshot, NULL, &again, &fault) == 0);
    REQUIRE(again.sessions.count == site->sessions.count);
    REQUIRE(again.protected_vms.count == site->protected_vms.count);
    REQUIRE(again.policies.count == site->policies.count);
    REQUIRE(again.collection.count == site->collection.count);
    REQUIRE(again.unjoined.count == site->unjoined.count);
    REQUIRE(memcmp(&again.answers, &site->answers, sizeof again.answers) == 0);
    snapshot_close(&snapshot);
    site_free(&again);
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
    if (read_site(&snapshot, vm, &site, &fault) < 0) {
        REQUIRE(fault.kind == FAULT_USAGE);
    } else {
        fuzz_taken++;
        check_again(&site);
        REQUIRE(protected_vms_sort(&site.protected_vms, &fault) == 0);
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
    if (bytes[0] % 3 == 0) {
        check_file(file_of(bytes + 1, size - 1), NULL);
        check_file(file_of(bytes + 1, size - 1), "srv-db01");
    } else if (bytes[0] % 3 == 1) {
        check_file(file_of_block(bytes + 1, size - 1), "srv-db01");
    } else {
        check_file(file_of_parts(bytes + 1, size - 1, "", 0), "srv-db01");
    }
    return 0;
}
