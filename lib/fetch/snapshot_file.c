// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The file: a header, the identity, a table of buckets, and a block of sessions for each bucket. A
 * VM's bucket follows from the hash of its name, so that it is found by three small reads. Numbers
 * are in the byte order of the machine, as no other reads them. Header and blocks have checksums: a
 * file that was cut, written over or damaged must not be taken for an EM that has no such VM. They
 * are no defence against who can write the file, who is this user.
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
#include "base/text.h"

enum {
    FORMAT_VERSION = 3,
    BYTE_ORDER_MARK = 0x01020304,
    LEAST_BUCKETS = 16,
    MOST_BUCKETS = 1 << 21,
    BLOCK_LIMIT = 256 * 1024 * 1024,
    ABSENT = UINT32_MAX // in the place of a text's length
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
    uint64_t boot;
    uint32_t identity_length; // in bytes
    uint32_t buckets;         // a power of two
    uint32_t sessions;
    uint32_t has_clock_offset;
    uint64_t checksum; // of the bytes before it, and of the identity
};
static_assert(offsetof(struct header, size) == 16 && offsetof(struct header, boot) == 56 &&
                  offsetof(struct header, checksum) == 80 && sizeof(struct header) == 88,
              "another layout is another FORMAT_VERSION; there is no padding");

struct bucket {
    uint64_t offset; // of its block
    uint64_t length; // in bytes; 0: there is none
    uint64_t checksum;
};
static_assert(sizeof(struct bucket) == 24,
              "another layout is another FORMAT_VERSION; there is no padding");

/* The members of a session that are no texts. */
struct numbers {
    int64_t created, ended;
    double total_size;
    uint8_t state, result;
    uint8_t has_created, has_ended, has_total_size;
    uint8_t padding;
    uint16_t odd;
};
static_assert(offsetof(struct numbers, state) == 24 && sizeof(struct numbers) == 32 &&
                  sizeof(double) == sizeof(uint64_t),
              "another layout is another FORMAT_VERSION; no padding but the member of this name");
static_assert(SESSION_STATES <= UINT8_MAX && RESULTS <= UINT8_MAX &&
                  sizeof((struct task_session){0}.odd) == sizeof((struct numbers){0}.odd),
              "its members take all values");

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

static uint64_t table_offset(size_t identity_length)
{
    return sizeof(struct header) + identity_length;
}

/* A bucket's own place and length count, too: an empty one must not come about by damage. */
static uint64_t sum_of_block(const struct bucket *bucket, const void *block)
{
    uint64_t hash = hash_bytes(HASH_START, &bucket->offset, sizeof bucket->offset);
    hash = hash_bytes(hash, &bucket->length, sizeof bucket->length);
    return hash_bytes(hash, block, (size_t)bucket->length);
}

/* ---- writing ---- */

static void add_text(struct buf *block, const char *text)
{
    const uint32_t length = text != NULL ? (uint32_t)strlen(text) : ABSENT;
    buf_add(block, (const char *)&length, sizeof length);
    buf_text(block, text != NULL ? text : "");
}

static void add_session(struct buf *block, const struct task_session *session)
{
    const struct numbers numbers = {
        .created = session->created,
        .ended = session->ended,
        .total_size = session->total_size,
        .state = (uint8_t)session->state,
        .result = (uint8_t)session->result,
        .has_created = session->has_created,
        .has_ended = session->has_ended,
        .has_total_size = session->has_total_size,
        .odd = session->odd,
    };
    buf_add(block, (const char *)&numbers, sizeof numbers);
    for (size_t i = 0; i < TEXT_DEFECT; i++) {
        add_text(block, task_session_text(session, (enum session_text)i));
    }
    add_text(block, session->defect != NULL ? session->defect : "");
}

/* Which sessions a bucket has: `order` from first[bucket] up to first[bucket + 1]. */
struct sorting {
    uint32_t *first;
    uint32_t *order;
};

static void sorting_free(struct sorting *sorting)
{
    free(sorting->first);
    free(sorting->order);
}

#define cleanup_sorting __attribute__((cleanup(sorting_free)))

/* By counting, in the order in which they are. */
static int sort(const struct task_sessions *sessions, uint32_t buckets, struct sorting *sorting,
                struct fault *fault)
{
    sorting->first = calloc((size_t)buckets + 2, sizeof *sorting->first);
    sorting->order = calloc(sessions->count + 1, sizeof *sorting->order);
    if (sorting->first == NULL || sorting->order == NULL) {
        return fault_no_memory(fault);
    }
    assert((buckets & (buckets - 1)) == 0 && buckets <= MOST_BUCKETS);
    uint32_t *next = sorting->first + 1; // shifted by one, so that it ends up as first
    for (size_t i = 0; i < sessions->count; i++) {
        next[bucket_of(sessions->items[i].vm, buckets) + 1]++;
    }
    for (uint32_t i = 0; i < buckets; i++) {
        next[i + 1] += next[i];
    }
    for (size_t i = 0; i < sessions->count; i++) {
        sorting->order[next[bucket_of(sessions->items[i].vm, buckets)]++] = (uint32_t)i;
    }
    assert(sorting->first[buckets] == sessions->count);
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
    buf_free(&output->pending);
    return result;
}

static int write_blocks(struct output *output, const struct task_sessions *sessions,
                        const struct sorting *sorting, struct bucket *table, uint32_t buckets,
                        struct fault *fault)
{
    enum { WORTH_A_WRITE = 256 * 1024 };
    for (uint32_t i = 0; i < buckets; i++) {
        const size_t start = output->pending.length;
        for (uint32_t j = sorting->first[i]; j < sorting->first[i + 1]; j++) {
            add_session(&output->pending, &sessions->items[sorting->order[j]]);
        }
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
static int write_header(int file, struct header *header, const char *identity, struct fault *fault)
{
    cleanup_buf struct buf start;
    buf_init(&start, sizeof *header + header->identity_length);
    memcpy(header->magic, magic, sizeof header->magic);
    header->checksum = sum_of_header(header, identity);
    buf_add(&start, (const char *)header, sizeof *header);
    buf_text(&start, identity);
    return start.failure == BUF_FINE ? write_at(file, start.text, start.length, 0, fault)
                                     : fault_no_memory(fault);
}

/* Writes all but the header, which says how large the file is. */
static int write_body(struct output *output, const struct task_sessions *sessions, uint32_t buckets,
                      struct fault *fault)
{
    cleanup_sorting struct sorting sorting = {.first = NULL};
    const uint64_t table_start = output->offset;
    const size_t table_size = buckets * sizeof(struct bucket);
    cleanup_free struct bucket *table = calloc(buckets, sizeof *table);
    if (table == NULL) {
        return fault_no_memory(fault);
    }
    output->offset += table_size;
    if (sort(sessions, buckets, &sorting, fault) < 0 ||
        write_blocks(output, sessions, &sorting, table, buckets, fault) < 0) {
        return -1;
    }
    return write_at(output->file, table, table_size, table_start, fault);
}

int snapshot_write(int file, const struct task_sessions *sessions, const char *identity,
                   const struct snapshot_origin *origin, struct fault *fault)
{
    struct header header = {.version = FORMAT_VERSION,
                            .byte_order = BYTE_ORDER_MARK,
                            .asked = origin->asked,
                            .written = origin->written,
                            .asked_uptime = origin->asked_uptime,
                            .clock_offset = origin->clock_offset,
                            .boot = origin->boot,
                            .has_clock_offset = origin->has_clock_offset,
                            .identity_length = (uint32_t)strlen(identity),
                            .buckets = LEAST_BUCKETS,
                            .sessions = (uint32_t)sessions->count};
    struct output output = {.file = file, .offset = table_offset(header.identity_length)};
    assert(file >= 0);
    assert(strlen(identity) <= UINT32_MAX && sessions->count <= UINT32_MAX);
    while (header.buckets < sessions->count && header.buckets < MOST_BUCKETS) {
        header.buckets *= 2;
    }
    buf_init(&output.pending, BLOCK_LIMIT);
    const int result = write_body(&output, sessions, header.buckets, fault);
    buf_free(&output.pending);
    header.size = output.offset;
    return result < 0 ? -1 : write_header(file, &header, identity, fault);
}

/* ---- reading ---- */

static int damaged(struct fault *fault)
{
    return fault_set(fault, FAULT_USAGE, "the snapshot is damaged");
}

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
    return (size_t)got < length ? damaged(fault) : 0;
}

/* A time of a year that has four digits, as EM's have; or a span that leads from one to another. */
static bool is_time(utc_us moment)
{
    static const utc_us farthest = INT64_C(300000000000) * UTC_SECOND;
    return moment > -farthest && moment < farthest;
}

/* `identity` is what the file has for it. */
static bool header_is_sound(const struct header *header, const char *identity)
{
    return header->checksum == sum_of_header(header, identity) &&
           header->buckets >= LEAST_BUCKETS && header->buckets <= MOST_BUCKETS &&
           (header->buckets & (header->buckets - 1)) == 0 && is_time(header->asked) &&
           is_time(header->written) && is_time(header->asked_uptime) &&
           is_time(header->clock_offset);
}

/* Reads the header and what should be the identity, at once. */
static int read_header(int file, const char *identity, struct header *header, struct fault *fault)
{
    const size_t length = strlen(identity);
    cleanup_free char *start = malloc(sizeof *header + length);
    if (start == NULL) {
        return fault_no_memory(fault);
    }
    const ssize_t got = io_read(file, start, sizeof *header + length, 0);
    if (got < 0) {
        return cannot_be_read(fault);
    }
    if ((size_t)got < sizeof *header) {
        return damaged(fault);
    }
    memcpy(header, start, sizeof *header);
    if (memcmp(header->magic, magic, sizeof magic) != 0 || header->version != FORMAT_VERSION ||
        header->byte_order != BYTE_ORDER_MARK) {
        return fault_set(fault, FAULT_USAGE, "it is not a snapshot of this version");
    }
    const bool is_as_long = header->identity_length == length;
    if (is_as_long && ((size_t)got < sizeof *header + length ||
                       !header_is_sound(header, start + sizeof *header))) {
        return damaged(fault);
    }
    if (!is_as_long || memcmp(start + sizeof *header, identity, length) != 0) {
        return fault_set(fault, FAULT_USAGE, "it is a snapshot of something else");
    }
    return 0;
}

int snapshot_open(struct snapshot *snapshot, int file, const char *identity, struct fault *fault)
{
    struct header header = {.size = 0};
    assert(file >= 0);
    *snapshot = (struct snapshot){.file = file};
    const off_t size = lseek(file, 0, SEEK_END);
    if (read_header(file, identity, &header, fault) < 0) {
        snapshot_close(snapshot);
        return -1;
    }
    if (size < 0 || header.size != (uint64_t)size) {
        snapshot_close(snapshot);
        return damaged(fault);
    }
    snapshot->origin = (struct snapshot_origin){.asked = header.asked,
                                                .written = header.written,
                                                .asked_uptime = header.asked_uptime,
                                                .boot = header.boot,
                                                .has_clock_offset = header.has_clock_offset != 0,
                                                .clock_offset = header.clock_offset};
    snapshot->size = header.size;
    snapshot->table = table_offset(header.identity_length);
    snapshot->buckets = header.buckets;
    return 0;
}

void snapshot_close(struct snapshot *snapshot)
{
    if (snapshot->file >= 0) {
        close(snapshot->file);
        snapshot->file = -1;
    }
}

/* What is left of a block. */
struct reader {
    const char *at;
    size_t left;
    bool damaged;
};

static void take(struct reader *reader, void *bytes, size_t length)
{
    if (reader->damaged || length > reader->left) {
        reader->damaged = true;
        memset(bytes, 0, length);
        return;
    }
    memcpy(bytes, reader->at, length);
    reader->at += length;
    reader->left -= length;
}

/* None where the text is absent, or can't be had. It stays the block's. */
static struct session_text_of take_text(struct reader *reader)
{
    uint32_t length = ABSENT;
    take(reader, &length, sizeof length);
    if (reader->damaged || length == ABSENT) {
        return (struct session_text_of){NULL, 0};
    }
    if (length > reader->left || memchr(reader->at, '\0', length) != NULL) {
        reader->damaged = true;
        return (struct session_text_of){NULL, 0};
    }
    const struct session_text_of text = {reader->at, length};
    reader->at += length;
    reader->left -= length;
    return text;
}

/* Whether it is what decode_task_session could have made: others rely on that. */
static bool is_sound(const struct task_session *session)
{
    const bool defect = session->defect != NULL;
    const bool state = session->state_text != NULL
                           ? session->state == task_session_state(session->state_text)
                           : session->state == SESSION_OTHER && defect;
    const bool result =
        session->result_text != NULL
            ? session->result == task_session_result(session->result_text) &&
                  session->result != RESULT_NONE
            : session->result == RESULT_NONE || (session->result == RESULT_OTHER && defect);
    return state && result && is_time(session->created) && is_time(session->ended) &&
           task_session_is_size(session->total_size) &&
           (!defect || text_is_clean(session->defect)); // it is our own text
}

static void take_numbers(struct reader *reader, struct task_session *session)
{
    struct numbers numbers;
    take(reader, &numbers, sizeof numbers);
    if (numbers.state >= SESSION_STATES || numbers.result >= RESULTS) {
        reader->damaged = true;
        return;
    }
    session->state = (enum session_state)numbers.state;
    session->result = (enum session_result)numbers.result;
    session->has_created = numbers.has_created != 0;
    session->has_ended = numbers.has_ended != 0;
    session->has_total_size = numbers.has_total_size != 0;
    session->created = numbers.created;
    session->ended = numbers.ended;
    session->total_size = numbers.total_size;
    session->odd = numbers.odd;
}

static int take_session(struct reader *reader, struct task_sessions *sessions, struct fault *fault)
{
    struct task_session session = {.uid = NULL};
    struct session_text_of texts[SESSION_TEXTS];
    take_numbers(reader, &session);
    for (size_t i = 0; i < SESSION_TEXTS; i++) {
        texts[i] = take_text(reader);
    }
    if (texts[TEXT_DEFECT].length == 0) {
        texts[TEXT_DEFECT].text = NULL; // add_session writes none as ""
    }
    if (reader->damaged) {
        return damaged(fault);
    }
    const struct task_session *added = task_sessions_append(sessions, &session, texts, fault);
    if (added == NULL) {
        return -1;
    }
    return is_sound(added) ? 0 : damaged(fault);
}

static int read_block(const struct snapshot *snapshot, const struct bucket *bucket,
                      struct task_sessions *sessions, struct fault *fault)
{
    if (bucket->offset > snapshot->size || bucket->length > snapshot->size - bucket->offset ||
        bucket->length > BLOCK_LIMIT) {
        return damaged(fault);
    }
    cleanup_free char *block = malloc((size_t)bucket->length + 1);
    if (block == NULL) {
        return fault_no_memory(fault);
    }
    if (read_at(snapshot->file, block, (size_t)bucket->length, bucket->offset, fault) < 0) {
        return -1;
    }
    if (bucket->checksum != sum_of_block(bucket, block)) {
        return damaged(fault);
    }
    struct reader reader = {.at = block, .left = (size_t)bucket->length};
    while (reader.left > 0) {
        if (take_session(&reader, sessions, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

static int read_all(const struct snapshot *snapshot, struct task_sessions *sessions,
                    struct fault *fault)
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
        if (read_block(snapshot, &table[i], sessions, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

int snapshot_read(const struct snapshot *snapshot, const char *vm, struct task_sessions *sessions,
                  struct fault *fault)
{
    struct bucket bucket;
    assert(snapshot->file >= 0 && snapshot->table >= sizeof(struct header));
    assert(snapshot->buckets >= LEAST_BUCKETS && snapshot->buckets <= MOST_BUCKETS);
    if (vm == NULL) {
        return read_all(snapshot, sessions, fault);
    }
    const uint64_t place = bucket_of(vm, snapshot->buckets);
    if (read_at(snapshot->file, &bucket, sizeof bucket, snapshot->table + place * sizeof bucket,
                fault) < 0) {
        return -1;
    }
    return read_block(snapshot, &bucket, sessions, fault);
}
