// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The file: a header, the identity, the commons, a table of buckets, and a block of records for
 * each bucket. A VM's bucket follows from the hash of its name, so that all that its verdict needs
 * is found by three small reads. Numbers are in the byte order of the machine, as no other reads
 * them. Header, commons and blocks have checksums: a file that was cut, written over or damaged
 * must not be taken for an EM that has no such VM. They are no defence against who can write the
 * file, who is this user.
 *
 * pread rather than mmap: a file that is cut while it is read must not be a signal.
 */
#include "fetch/snapshot_file.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/io.h"
#include "fetch/snapshot_records.h"

enum {
    FORMAT_VERSION = 6,
    BYTE_ORDER_MARK = 0x01020304,
    LEAST_BUCKETS = 16,
    MOST_BUCKETS = 1 << 21,
    BLOCK_LIMIT = 256 * 1024 * 1024,
    START = 16 * 1024 // bytes that are read at once: with the commons of some 100 policies
};

static const char magic[8] = "CDPTASK";

struct header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint64_t size; // of the file, in bytes
    int64_t asked, written;
    int64_t asked_uptime;
    int64_t clock_offset;
    int64_t full, full_tried;
    int64_t reach, reach_needed;
    uint64_t boot;
    uint32_t identity_length, commons_length; // in bytes
    uint32_t buckets;                         // a power of two
    uint32_t has_clock_offset;
    uint64_t commons_checksum;
    uint64_t checksum; // of the bytes before it, and of the identity
};
static_assert(offsetof(struct header, size) == 16 && offsetof(struct header, boot) == 88 &&
                  offsetof(struct header, checksum) == 120 && sizeof(struct header) == 128,
              "another layout is another FORMAT_VERSION; there is no padding");

struct bucket {
    uint64_t offset; // of its block
    uint64_t length; // in bytes; 0: there is none
    uint64_t checksum;
};
static_assert(sizeof(struct bucket) == 24,
              "another layout is another FORMAT_VERSION; there is no padding");

/*
 * Of a VM's name, whatever the case of its ASCII letters. What its last letters change in FNV-1a's
 * hash are the lowest bits and those from the 40th on, and names often differ in nothing else; so
 * it is multiplied once more (Fibonacci hashing), and the upper bits are taken, to which all others
 * then carry.
 */
static uint32_t bucket_of(const char *vm, uint32_t buckets)
{
    static const uint64_t golden = UINT64_C(0x9E3779B97F4A7C15); // 2^64 by the golden ratio
    enum { SHIFT = 43 };                                         // leaves MOST_BUCKETS
    const uint64_t hash = hash_text_nocase(vm != NULL ? vm : "");
    return (uint32_t)((hash * golden) >> SHIFT) & (buckets - 1);
}

static uint64_t sum_of_header(const struct header *header, const char *identity)
{
    const uint64_t hash = hash_bytes(HASH_START, header, offsetof(struct header, checksum));
    return hash_bytes(hash, identity, header->identity_length);
}

static uint64_t table_offset(const struct header *header)
{
    return sizeof *header + header->identity_length + header->commons_length;
}

/* Goes on from `hash`, eight bytes at a time: each check makes it of what it reads. */
static uint64_t sum_of(uint64_t hash, const char *bytes, size_t length)
{
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= length; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, bytes + at, sizeof word);
        hash = (hash ^ word) * UINT64_C(1099511628211);
        hash ^= hash >> 32; // else the highest bits of two words in a row cancel each other out
    }
    return hash_bytes(hash, bytes + at, length - at);
}

static uint64_t sum_of_commons(const char *commons, size_t length)
{
    return sum_of(HASH_START, commons, length);
}

/* A bucket's own place and length count, too: an empty one must not come about by damage. */
static uint64_t sum_of_block(const struct bucket *bucket, const char *block)
{
    const uint64_t hash =
        sum_of(HASH_START, (const char *)bucket, offsetof(struct bucket, checksum));
    return sum_of(hash, block, (size_t)bucket->length);
}

/* ---- writing ---- */

static size_t session_count(const struct site *site)
{
    return site->sessions.count;
}

static const char *session_vm(const struct site *site, size_t place)
{
    return site->sessions.items[place].vm;
}

static void add_session(struct buf *block, const struct site *site, size_t place)
{
    snapshot_records_add_session(block, &site->sessions.items[place]);
}

static size_t protected_vm_count(const struct site *site)
{
    return site->protected_vms.count;
}

static const char *protected_vm_name(const struct site *site, size_t place)
{
    return site->protected_vms.items[place].vm;
}

static void add_protected_vm(struct buf *block, const struct site *site, size_t place)
{
    snapshot_records_add_protected_vm(block, &site->protected_vms.items[place]);
}

/* What has its place by the name of its VM. */
static const struct kind {
    size_t (*count)(const struct site *site);
    const char *(*vm_at)(const struct site *site, size_t place);
    void (*add)(struct buf *block, const struct site *site, size_t place);
} kinds[] = {
    {session_count, session_vm, add_session},
    {protected_vm_count, protected_vm_name, add_protected_vm},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Which items of a kind a bucket has: `order` from first[bucket] up to first[bucket + 1]. */
struct sorting {
    uint32_t *first;
    uint32_t *order;
};

static void sortings_free(struct sorting (*sortings)[KINDS])
{
    for (size_t i = 0; i < KINDS; i++) {
        free((*sortings)[i].first);
        free((*sortings)[i].order);
    }
}

#define cleanup_sortings __attribute__((cleanup(sortings_free)))

/* By counting, in the order in which they are. */
static int sort(const struct kind *kind, const struct site *site, uint32_t buckets,
                struct sorting *sorting, struct fault *fault)
{
    const size_t count = kind->count(site);
    sorting->first = calloc((size_t)buckets + 2, sizeof *sorting->first);
    sorting->order = calloc(count + 1, sizeof *sorting->order);
    if (sorting->first == NULL || sorting->order == NULL) {
        return fault_no_memory(fault);
    }
    assert((buckets & (buckets - 1)) == 0 && buckets <= MOST_BUCKETS);
    uint32_t *next = sorting->first + 1; // shifted by one, so that it ends up as first
    for (size_t i = 0; i < count; i++) {
        next[bucket_of(kind->vm_at(site, i), buckets) + 1]++;
    }
    for (uint32_t i = 0; i < buckets; i++) {
        next[i + 1] += next[i];
    }
    for (size_t i = 0; i < count; i++) {
        sorting->order[next[bucket_of(kind->vm_at(site, i), buckets)]++] = (uint32_t)i;
    }
    assert(sorting->first[buckets] == count);
    return 0;
}

static int write_at(int file, const void *bytes, size_t length, uint64_t offset,
                    struct fault *fault)
{
    return io_write(file, bytes, length, (off_t)offset) < 0
               ? fault_set(fault, FAULT_USAGE, "it can't be written: %s", strerror(errno))
               : 0;
}

/* Collects blocks until they are worth a system call. */
struct output {
    int file;
    struct buf pending;
    uint64_t offset; // where that begins
};

static int flush_when(struct output *output, size_t length, struct fault *fault)
{
    if (output->pending.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    if (output->pending.length < length) {
        return 0;
    }
    const int result =
        write_at(output->file, output->pending.text, output->pending.length, output->offset, fault);
    output->offset += output->pending.length;
    buf_clear(&output->pending);
    return result;
}

static void add_block(struct buf *block, const struct site *site,
                      const struct sorting sortings[KINDS], uint32_t bucket)
{
    for (size_t i = 0; i < KINDS; i++) {
        for (uint32_t j = sortings[i].first[bucket]; j < sortings[i].first[bucket + 1]; j++) {
            kinds[i].add(block, site, sortings[i].order[j]);
        }
    }
}

static int write_blocks(struct output *output, const struct site *site,
                        const struct sorting sortings[KINDS], struct bucket *table,
                        uint32_t buckets, struct fault *fault)
{
    enum { WORTH_A_WRITE = 256 * 1024 };
    for (uint32_t i = 0; i < buckets; i++) {
        const size_t start = output->pending.length;
        add_block(&output->pending, site, sortings, i);
        table[i].offset = output->offset + start;
        table[i].length = output->pending.length - start;
        table[i].checksum = sum_of_block(&table[i], buf_string(&output->pending) + start);
        if (flush_when(output, WORTH_A_WRITE, fault) < 0) {
            return -1;
        }
    }
    return flush_when(output, 1, fault);
}

/* The last part that is written: without it, the file is none. */
static int write_header(int file, struct header *header, const char *identity,
                        const struct buf *commons, struct fault *fault)
{
    cleanup_buf struct buf start;
    buf_init(&start, table_offset(header));
    memcpy(header->magic, magic, sizeof header->magic);
    header->checksum = sum_of_header(header, identity);
    buf_add(&start, (const char *)header, sizeof *header);
    buf_text(&start, identity);
    buf_add(&start, buf_string(commons), commons->length);
    return start.failure == BUF_FINE ? write_at(file, start.text, start.length, 0, fault)
                                     : fault_no_memory(fault);
}

/* Writes the table and the blocks. */
static int write_body(struct output *output, const struct site *site, uint32_t buckets,
                      struct fault *fault)
{
    cleanup_sortings struct sorting sortings[KINDS] = {{.first = NULL}};
    const uint64_t table_start = output->offset;
    const size_t table_size = buckets * sizeof(struct bucket);
    cleanup_free struct bucket *table = calloc(buckets, sizeof *table);
    if (table == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < KINDS; i++) {
        if (sort(&kinds[i], site, buckets, &sortings[i], fault) < 0) {
            return -1;
        }
    }
    output->offset += table_size;
    if (write_blocks(output, site, sortings, table, buckets, fault) < 0) {
        return -1;
    }
    return write_at(output->file, table, table_size, table_start, fault);
}

/* As many as there are VMs, or a few times as many. */
static uint32_t count_buckets(const struct site *site)
{
    uint32_t buckets = LEAST_BUCKETS;
    for (size_t i = 0; i < KINDS; i++) {
        while (buckets < kinds[i].count(site) && buckets < MOST_BUCKETS) {
            buckets *= 2;
        }
    }
    return buckets;
}

int snapshot_write(int file, const struct site *site, const char *identity,
                   const struct snapshot_origin *origin, struct fault *fault)
{
    struct header header = {.version = FORMAT_VERSION,
                            .byte_order = BYTE_ORDER_MARK,
                            .asked = origin->asked,
                            .written = origin->written,
                            .asked_uptime = origin->asked_uptime,
                            .clock_offset = origin->clock_offset,
                            .full = origin->full,
                            .full_tried = origin->full_tried,
                            .reach = origin->reach,
                            .reach_needed = origin->reach_needed,
                            .boot = origin->boot,
                            .has_clock_offset = origin->has_clock_offset,
                            .identity_length = (uint32_t)strlen(identity),
                            .buckets = count_buckets(site)};
    cleanup_buf struct buf commons;
    assert(file >= 0 && strlen(identity) <= UINT32_MAX);
    static_assert(TASK_SESSIONS_LIMIT <= UINT32_MAX && PROTECTED_VMS_LIMIT <= UINT32_MAX, "");
    buf_init(&commons, BLOCK_LIMIT);
    snapshot_records_add_commons(&commons, site);
    if (commons.failure != BUF_FINE || site->unjoined.no_memory) {
        return fault_no_memory(fault);
    }
    header.commons_length = (uint32_t)commons.length;
    header.commons_checksum = sum_of_commons(commons.text, commons.length);
    struct output output = {.file = file, .offset = table_offset(&header)};
    buf_init(&output.pending, BLOCK_LIMIT);
    const int result = write_body(&output, site, header.buckets, fault);
    buf_free(&output.pending);
    header.size = output.offset;
    return result < 0 ? -1 : write_header(file, &header, identity, &commons, fault);
}

/* ---- reading ---- */

static int cannot_be_read(struct fault *fault)
{
    return fault_set(fault, FAULT_USAGE, "it can't be read: %s", strerror(errno));
}

static int read_at(int file, void *bytes, size_t length, uint64_t offset, struct fault *fault)
{
    const ssize_t got = io_read(file, bytes, length, (off_t)offset);
    if (got < 0) {
        return cannot_be_read(fault);
    }
    return (size_t)got < length ? snapshot_records_damaged(fault) : 0;
}

/* `identity` is what the file has for it. */
static bool header_is_sound(const struct header *header, const char *identity)
{
    return header->checksum == sum_of_header(header, identity) &&
           header->commons_length <= BLOCK_LIMIT && header->buckets >= LEAST_BUCKETS &&
           header->buckets <= MOST_BUCKETS && (header->buckets & (header->buckets - 1)) == 0 &&
           snapshot_records_is_time(header->asked) && snapshot_records_is_time(header->written) &&
           snapshot_records_is_time(header->asked_uptime) &&
           snapshot_records_is_time(header->clock_offset) &&
           snapshot_records_is_time(header->full) && snapshot_records_is_time(header->full_tried) &&
           snapshot_records_is_time(header->reach) &&
           snapshot_records_is_time(header->reach_needed);
}

/* Takes the header from the `got` bytes of the file's start, and compares the identity. */
static int check_start(const char *start, size_t got, const char *identity, struct header *header,
                       struct fault *fault)
{
    const size_t length = strlen(identity);
    if (got < sizeof *header) {
        return snapshot_records_damaged(fault);
    }
    memcpy(header, start, sizeof *header);
    if (memcmp(header->magic, magic, sizeof magic) != 0 || header->version != FORMAT_VERSION ||
        header->byte_order != BYTE_ORDER_MARK) {
        return fault_set(fault, FAULT_USAGE, "it is not a snapshot of this version");
    }
    const bool is_as_long = header->identity_length == length;
    if (is_as_long &&
        (got < sizeof *header + length || !header_is_sound(header, start + sizeof *header))) {
        return snapshot_records_damaged(fault);
    }
    if (!is_as_long || memcmp(start + sizeof *header, identity, length) != 0) {
        return fault_set(fault, FAULT_USAGE, "it is a snapshot of something else");
    }
    return 0;
}

/* Takes the commons from the `got` bytes of the file's start, and reads what is behind them. */
static int take_commons(struct snapshot *snapshot, const struct header *header, const char *start,
                        size_t got, struct fault *fault)
{
    const size_t place = sizeof *header + header->identity_length;
    const size_t length = header->commons_length;
    assert(got >= place); // check_start has seen to that
    const size_t had = got - place < length ? got - place : length;
    if (length > header->size - place) {
        return snapshot_records_damaged(fault);
    }
    snapshot->commons = malloc(length + 1);
    if (snapshot->commons == NULL) {
        return fault_no_memory(fault);
    }
    memcpy(snapshot->commons, start + place, had);
    return had == length
               ? 0
               : read_at(snapshot->file, snapshot->commons + had, length - had, place + had, fault);
}

/* Reads header, identity and commons, at once if they are not too long. */
static int read_start(struct snapshot *snapshot, const char *identity, struct header *header,
                      struct fault *fault)
{
    char usual[START]; // large memory of malloc is dear, as the program overwrites what it frees
    const off_t size = lseek(snapshot->file, 0, SEEK_END);
    const size_t least = sizeof *header + strlen(identity);
    cleanup_free char *large = least > sizeof usual ? malloc(least) : NULL;
    char *start = large != NULL ? large : usual;
    if (least > sizeof usual && large == NULL) {
        return fault_no_memory(fault);
    }
    const ssize_t got = io_read(snapshot->file, start, large != NULL ? least : sizeof usual, 0);
    if (got < 0) {
        return cannot_be_read(fault);
    }
    if (check_start(start, (size_t)got, identity, header, fault) < 0) {
        return -1;
    }
    if (size < 0 || header->size != (uint64_t)size) {
        return snapshot_records_damaged(fault);
    }
    return take_commons(snapshot, header, start, (size_t)got, fault);
}

int snapshot_open(struct snapshot *snapshot, int file, const char *identity, struct fault *fault)
{
    struct header header = {.size = 0};
    assert(file >= 0);
    *snapshot = (struct snapshot){.file = file};
    if (read_start(snapshot, identity, &header, fault) < 0) {
        snapshot_close(snapshot);
        return -1;
    }
    snapshot->origin = (struct snapshot_origin){.asked = header.asked,
                                                .written = header.written,
                                                .asked_uptime = header.asked_uptime,
                                                .boot = header.boot,
                                                .has_clock_offset = header.has_clock_offset != 0,
                                                .clock_offset = header.clock_offset,
                                                .full = header.full,
                                                .full_tried = header.full_tried,
                                                .reach = header.reach,
                                                .reach_needed = header.reach_needed};
    snapshot->size = header.size;
    snapshot->table = table_offset(&header);
    snapshot->buckets = header.buckets;
    snapshot->commons_length = header.commons_length;
    snapshot->commons_checksum = header.commons_checksum;
    return 0;
}

void snapshot_close(struct snapshot *snapshot)
{
    if (snapshot->file >= 0) {
        close(snapshot->file);
        snapshot->file = -1;
    }
    free(snapshot->commons);
    snapshot->commons = NULL;
}

int snapshot_read_commons(const struct snapshot *snapshot, struct site *site, struct fault *fault)
{
    assert(snapshot->commons != NULL);
    if (sum_of_commons(snapshot->commons, snapshot->commons_length) != snapshot->commons_checksum) {
        return snapshot_records_damaged(fault);
    }
    return snapshot_records_take_commons(snapshot->commons, snapshot->commons_length, site, fault);
}

static int read_block(const struct snapshot *snapshot, const struct bucket *bucket,
                      struct site *site, struct fault *fault)
{
    if (bucket->offset > snapshot->size || bucket->length > snapshot->size - bucket->offset ||
        bucket->length > BLOCK_LIMIT) {
        return snapshot_records_damaged(fault);
    }
    cleanup_free char *block = malloc((size_t)bucket->length + 1);
    if (block == NULL) {
        return fault_no_memory(fault);
    }
    if (read_at(snapshot->file, block, (size_t)bucket->length, bucket->offset, fault) < 0) {
        return -1;
    }
    if (bucket->checksum != sum_of_block(bucket, block)) {
        return snapshot_records_damaged(fault);
    }
    return snapshot_records_take_block(block, (size_t)bucket->length, site, fault);
}

static int read_all(const struct snapshot *snapshot, struct site *site, struct fault *fault)
{
    const size_t size = snapshot->buckets * sizeof(struct bucket);
    cleanup_free struct bucket *table = malloc(size);
    if (table == NULL) {
        return fault_no_memory(fault);
    }
    if (read_at(snapshot->file, table, size, snapshot->table, fault) < 0) {
        return -1;
    }
    for (uint32_t i = 0; i < snapshot->buckets; i++) {
        if (read_block(snapshot, &table[i], site, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

int snapshot_read(const struct snapshot *snapshot, const char *vm, struct site *site,
                  struct fault *fault)
{
    struct bucket bucket;
    assert(snapshot->file >= 0 && snapshot->table >= sizeof(struct header));
    assert(snapshot->buckets >= LEAST_BUCKETS && snapshot->buckets <= MOST_BUCKETS);
    if (vm == NULL) {
        return read_all(snapshot, site, fault);
    }
    const uint64_t place = bucket_of(vm, snapshot->buckets);
    if (read_at(snapshot->file, &bucket, sizeof bucket, snapshot->table + place * sizeof bucket,
                fault) < 0) {
        return -1;
    }
    return read_block(snapshot, &bucket, site, fault);
}
