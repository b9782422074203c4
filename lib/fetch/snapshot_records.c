// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/snapshot_records.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "fetch/reference.h"

/* A text is its length, its bytes and a NUL; of one that is absent, this is all there is. */
enum { ABSENT = UINT32_MAX };

/* A block's records begin with a byte that says what they are. */
enum record { RECORD_SESSION = 1, RECORD_PROTECTED_VM = 2 };

/* The members of a session that are no texts. */
struct session_numbers {
    int64_t created, ended, oldest;
    double total_size;
    uint8_t state, result;
    uint8_t has_created, has_ended, has_total_size, has_oldest;
    uint16_t odd;
};
static_assert(offsetof(struct session_numbers, state) == 32 &&
                  sizeof(struct session_numbers) == 40 && sizeof(double) == sizeof(uint64_t),
              "another layout is another FORMAT_VERSION; there is no padding");
static_assert(SESSION_STATES <= UINT8_MAX && RESULTS <= UINT8_MAX &&
                  sizeof((struct task_session){0}.odd) == sizeof((struct session_numbers){0}.odd),
              "its members take all values");

struct protected_vm_flags {
    uint8_t named, has_replica;
};
static_assert(sizeof(struct protected_vm_flags) == 2,
              "another layout is another FORMAT_VERSION; there is no padding");

/* What the commons begin with. */
struct commons_numbers {
    int64_t succeeded;
    double spacing_s;
    uint64_t unjoined_left_out;
    uint32_t policies, servers, unjoined; // how many there are
    uint8_t has_succeeded, padding[3];
};
static_assert(offsetof(struct commons_numbers, policies) == 24 &&
                  sizeof(struct commons_numbers) == 40,
              "another layout is another FORMAT_VERSION; no padding but the member of this name");

struct answer_numbers {
    uint32_t knowledge, fault_kind;
};
static_assert(sizeof(struct answer_numbers) == 8 && SITE_TOPICS == 4,
              "another layout or number is another FORMAT_VERSION; there is no padding");

struct policy_numbers {
    double rpo_s, long_term_s, replication_pause_s, long_term_pause_s;
    uint8_t has_enabled, has_rpo, has_long_term, enabled, lists_all, padding[3];
};
static_assert(offsetof(struct policy_numbers, has_enabled) == 32 &&
                  sizeof(struct policy_numbers) == 40,
              "another layout is another FORMAT_VERSION; no padding but the member of this name");

struct server_numbers {
    int64_t at;
    uint8_t collected, missed, padding[6];
};
static_assert(sizeof(struct server_numbers) == 16,
              "another layout is another FORMAT_VERSION; no padding but the member of this name");

int snapshot_records_damaged(struct fault *fault)
{
    return fault_set(fault, FAULT_USAGE, "the snapshot is damaged");
}

bool snapshot_records_is_time(utc_us moment)
{
    static const utc_us farthest = INT64_C(300000000000) * UTC_SECOND;
    return moment > -farthest && moment < farthest;
}

/* ---- writing ---- */

static void add_numbers(struct buf *bytes, const void *numbers, size_t size)
{
    buf_add(bytes, numbers, size);
}

static void add_text(struct buf *bytes, const char *text)
{
    const uint32_t length = text != NULL ? (uint32_t)strlen(text) : ABSENT;
    add_numbers(bytes, &length, sizeof length);
    if (text != NULL) {
        buf_add(bytes, text, length + 1);
    }
}

static void add_kind(struct buf *block, enum record kind)
{
    const uint8_t byte = (uint8_t)kind;
    add_numbers(block, &byte, sizeof byte);
}

void snapshot_records_add_session(struct buf *block, const struct task_session *session)
{
    const struct session_numbers numbers = {
        .created = session->created,
        .ended = session->ended,
        .oldest = session->oldest,
        .total_size = session->total_size,
        .state = (uint8_t)session->state,
        .result = (uint8_t)session->result,
        .has_created = session->has_created,
        .has_ended = session->has_ended,
        .has_total_size = session->has_total_size,
        .has_oldest = session->has_oldest,
        .odd = session->odd,
    };
    add_kind(block, RECORD_SESSION);
    add_numbers(block, &numbers, sizeof numbers);
    for (size_t i = 0; i < TEXT_DEFECT; i++) {
        add_text(block, task_session_text(session, (enum session_text)i));
    }
    add_text(block, session->defect != NULL ? session->defect : "");
}

void snapshot_records_add_protected_vm(struct buf *block, const struct protected_vm *vm)
{
    const struct protected_vm_flags flags = {.named = vm->named, .has_replica = vm->has_replica};
    add_kind(block, RECORD_PROTECTED_VM);
    add_numbers(block, &flags, sizeof flags);
    add_text(block, vm->vm);
    add_text(block, vm->policy);
    add_text(block, vm->backup_server);
    add_text(block, vm->replica);
}

static void add_answer(struct buf *commons, const struct site_answer *answer)
{
    const struct answer_numbers numbers = {.knowledge = (uint32_t)answer->knowledge,
                                           .fault_kind = (uint32_t)answer->fault.kind};
    add_numbers(commons, &numbers, sizeof numbers);
    add_text(commons, answer->fault.kind != FAULT_NONE ? answer->fault.text : "");
}

static void add_policy(struct buf *commons, const struct policy *policy)
{
    const struct policy_numbers numbers = {
        .rpo_s = policy->rpo_s,
        .long_term_s = policy->long_term_s,
        .replication_pause_s = policy->replication_pause_s,
        .long_term_pause_s = policy->long_term_pause_s,
        .has_enabled = policy->has_enabled,
        .has_rpo = policy->has_rpo,
        .has_long_term = policy->has_long_term,
        .enabled = policy->enabled,
        .lists_all = policy->lists_all,
    };
    add_numbers(commons, &numbers, sizeof numbers);
    add_text(commons, policy->name);
    add_text(commons, policy->backup_server);
    add_text(commons, policy->containers);
}

static void add_server(struct buf *commons, const struct collected_server *server)
{
    const struct server_numbers numbers = {
        .at = server->at, .collected = server->collected, .missed = server->missed};
    add_numbers(commons, &numbers, sizeof numbers);
    add_text(commons, server->name);
}

void snapshot_records_add_commons(struct buf *commons, const struct site *site)
{
    const struct commons_numbers numbers = {
        .succeeded = site->collection.succeeded,
        .spacing_s = site->collection.spacing_s,
        .unjoined_left_out = site->unjoined.left_out,
        .policies = (uint32_t)site->policies.count,
        .servers = (uint32_t)site->collection.count,
        .unjoined = (uint32_t)site->unjoined.count,
        .has_succeeded = site->collection.has_succeeded,
    };
    add_numbers(commons, &numbers, sizeof numbers);
    for (size_t i = 0; i < SITE_TOPICS; i++) {
        add_answer(commons, &site->answers[i]);
    }
    for (size_t i = 0; i < site->policies.count; i++) {
        add_policy(commons, &site->policies.items[i]);
    }
    for (size_t i = 0; i < site->collection.count; i++) {
        add_server(commons, &site->collection.servers[i]);
    }
    for (size_t i = 0; i < site->unjoined.count; i++) {
        add_text(commons, site->unjoined.text[i]);
    }
}

/* ---- reading ---- */

/* What is left of a block, or of the commons. */
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
    if (length >= reader->left ||
        memchr(reader->at, '\0', (size_t)length + 1) != reader->at + length) {
        reader->damaged = true;
        return (struct session_text_of){NULL, 0};
    }
    const struct session_text_of text = {reader->at, length};
    reader->at += (size_t)length + 1;
    reader->left -= (size_t)length + 1;
    return text;
}

/* A text that must be there; "" for one that is not, and then the block is damaged. */
static const char *take_name(struct reader *reader)
{
    const char *text = take_text(reader).text;
    reader->damaged = reader->damaged || text == NULL;
    return text != NULL ? text : "";
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
    return state && result && snapshot_records_is_time(session->created) &&
           snapshot_records_is_time(session->ended) && snapshot_records_is_time(session->oldest) &&
           task_session_is_size(session->total_size) &&
           (!defect || text_is_clean(session->defect)); // it is our own text
}

static void take_session_numbers(struct reader *reader, struct task_session *session)
{
    struct session_numbers numbers;
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
    session->has_oldest = numbers.has_oldest != 0;
    session->created = numbers.created;
    session->ended = numbers.ended;
    session->oldest = numbers.oldest;
    session->total_size = numbers.total_size;
    session->odd = numbers.odd;
}

static int take_session(struct reader *reader, struct site *site, struct fault *fault)
{
    struct task_session session = {.uid = NULL};
    struct session_text_of texts[SESSION_TEXTS];
    take_session_numbers(reader, &session);
    for (size_t i = 0; i < SESSION_TEXTS; i++) {
        texts[i] = take_text(reader);
    }
    if (texts[TEXT_DEFECT].length == 0) {
        texts[TEXT_DEFECT].text = NULL; // it is written as "" where there is none
    }
    if (reader->damaged) {
        return snapshot_records_damaged(fault);
    }
    const struct task_session *added =
        task_sessions_append(&site->sessions, &session, texts, fault);
    if (added == NULL) {
        return -1;
    }
    return is_sound(added) ? 0 : snapshot_records_damaged(fault);
}

static int take_protected_vm(struct reader *reader, struct site *site, struct fault *fault)
{
    struct protected_vm_flags flags;
    take(reader, &flags, sizeof flags);
    struct protected_vm vm = {.named = flags.named != 0, .has_replica = flags.has_replica != 0};
    vm.vm = take_name(reader);
    vm.policy = take_text(reader).text;
    vm.backup_server = take_text(reader).text;
    vm.replica = take_text(reader).text;
    reader->damaged =
        reader->damaged || (vm.replica != NULL && !reference_are_replicas(vm.replica));
    return reader->damaged ? snapshot_records_damaged(fault)
                           : protected_vms_append(&site->protected_vms, &vm, fault);
}

int snapshot_records_take_block(const char *block, size_t length, struct site *site,
                                struct fault *fault)
{
    struct reader reader = {.at = block, .left = length};
    int result = 0;
    while (result == 0 && reader.left > 0) {
        uint8_t kind = 0;
        take(&reader, &kind, sizeof kind);
        result = kind == RECORD_SESSION        ? take_session(&reader, site, fault)
                 : kind == RECORD_PROTECTED_VM ? take_protected_vm(&reader, site, fault)
                                               : snapshot_records_damaged(fault);
    }
    return result;
}

static void take_answer(struct reader *reader, struct site_answer *answer)
{
    struct answer_numbers numbers;
    take(reader, &numbers, sizeof numbers);
    const struct session_text_of text = take_text(reader);
    if (text.text == NULL || text.length >= sizeof answer->fault.text ||
        numbers.knowledge > SITE_FAILED || numbers.fault_kind > FAULT_INTERNAL ||
        (numbers.fault_kind == FAULT_NONE && text.length > 0)) {
        reader->damaged = true;
        return;
    }
    answer->knowledge = (enum site_knowledge)numbers.knowledge;
    answer->fault.kind = (enum fault_kind)numbers.fault_kind;
    memcpy(answer->fault.text, text.text, text.length + 1);
}

/* As many as ENTITY_COUNT_LIMIT hours have, and not too many for a utc_us. */
static bool is_span(double seconds)
{
    static const double farthest = 4e12;
    return seconds >= 0 && seconds <= farthest; // NaN is none
}

static int take_policy(struct reader *reader, struct site *site, struct fault *fault)
{
    struct policy_numbers numbers;
    take(reader, &numbers, sizeof numbers);
    struct policy policy = {.rpo_s = numbers.rpo_s,
                            .long_term_s = numbers.long_term_s,
                            .replication_pause_s = numbers.replication_pause_s,
                            .long_term_pause_s = numbers.long_term_pause_s,
                            .has_enabled = numbers.has_enabled != 0,
                            .has_rpo = numbers.has_rpo != 0,
                            .has_long_term = numbers.has_long_term != 0,
                            .enabled = numbers.enabled != 0,
                            .lists_all = numbers.lists_all != 0};
    policy.name = take_name(reader);
    policy.backup_server = take_text(reader).text;
    policy.containers = take_text(reader).text;
    if (reader->damaged || !is_span(policy.rpo_s) || !is_span(policy.long_term_s) ||
        !is_span(policy.replication_pause_s) || !is_span(policy.long_term_pause_s)) {
        return snapshot_records_damaged(fault);
    }
    return policies_append(&site->policies, &policy, fault);
}

static int take_policies(struct reader *reader, uint32_t count, struct site *site,
                         struct fault *fault)
{
    if (count > reader->left / sizeof(struct policy_numbers)) {
        return snapshot_records_damaged(fault);
    }
    if (!vec_reserve(site->policies.items, site->policies.count, site->policies.capacity, count)) {
        return fault_no_memory(fault);
    }
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = take_policy(reader, site, fault);
    }
    return result;
}

static int take_server(struct reader *reader, struct site *site, struct fault *fault)
{
    struct server_numbers numbers;
    take(reader, &numbers, sizeof numbers);
    const char *name = take_name(reader);
    if (reader->damaged || !snapshot_records_is_time(numbers.at)) {
        return snapshot_records_damaged(fault);
    }
    struct collected_server *server = collection_add(&site->collection, name);
    if (server == NULL) {
        return fault_no_memory(fault);
    }
    server->at = numbers.at;
    server->collected = numbers.collected != 0;
    server->missed = numbers.missed != 0;
    return 0;
}

static int take_servers(struct reader *reader, uint32_t count, struct site *site,
                        struct fault *fault)
{
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = take_server(reader, site, fault);
    }
    return result;
}

static int take_unjoined(struct reader *reader, const struct commons_numbers *numbers,
                         struct lines *unjoined, struct fault *fault)
{
    if (numbers->unjoined > LINES_LIMIT ||
        (numbers->unjoined_left_out > 0 && numbers->unjoined < LINES_LIMIT)) {
        return snapshot_records_damaged(fault);
    }
    for (uint32_t i = 0; i < numbers->unjoined; i++) {
        lines_add(unjoined, "%s", take_name(reader));
    }
    if (unjoined->no_memory) {
        return fault_no_memory(fault);
    }
    unjoined->left_out = (size_t)numbers->unjoined_left_out;
    return 0;
}

int snapshot_records_take_commons(const char *commons, size_t length, struct site *site,
                                  struct fault *fault)
{
    struct reader reader = {.at = commons, .left = length};
    struct commons_numbers numbers;
    take(&reader, &numbers, sizeof numbers);
    for (size_t i = 0; i < SITE_TOPICS; i++) {
        take_answer(&reader, &site->answers[i]);
    }
    if (reader.damaged || !snapshot_records_is_time(numbers.succeeded) ||
        !is_span(numbers.spacing_s)) {
        return snapshot_records_damaged(fault);
    }
    site->collection.has_succeeded = numbers.has_succeeded != 0;
    site->collection.succeeded = numbers.succeeded;
    site->collection.spacing_s = numbers.spacing_s;
    if (take_policies(&reader, numbers.policies, site, fault) < 0 ||
        take_servers(&reader, numbers.servers, site, fault) < 0 ||
        take_unjoined(&reader, &numbers, &site->unjoined, fault) < 0) {
        return -1;
    }
    return reader.damaged || reader.left > 0 ? snapshot_records_damaged(fault) : 0;
}
