// SPDX-License-Identifier: GPL-3.0-or-later
/* The restore points of a VM as a scenario has them, and the link by which they are asked for. */
#include "emulator/scenario_parts.h"

#include <string.h>

#include "emulator/intervals.h"

/* By times, or, with "ago_seconds", by how long before each question it begins. */
static struct span load_span(struct loader *loader, const cJSON *object)
{
    struct span span = {.since = INT64_MIN,
                        .until = INT64_MAX,
                        .moves = loader_member(object, "ago_seconds") != NULL,
                        .ago = loader_seconds(loader, object, "ago_seconds", 0)};
    span.length = loader_seconds(loader, object, "length_seconds", span.ago / MOMENT_SECOND);
    const bool has_since = loader_time(loader, object, "since", &span.since);
    const bool has_until = loader_time(loader, object, "until", &span.until);
    if (span.moves ? has_since || has_until : loader_member(object, "length_seconds") != NULL) {
        loader_fail(loader, "intervals: either \"since\" and \"until\", or \"ago_seconds\" and "
                            "\"length_seconds\"");
    }
    return span;
}

static struct stretch load_stretch(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {{"since", KIND_TEXT},        {"until", KIND_TEXT},
                                      {"ago_seconds", KIND_WHOLE}, {"length_seconds", KIND_WHOLE},
                                      {"none", KIND_TRUTH},        {"rpo_seconds", KIND_WHOLE},
                                      {"type", KIND_TEXT},         {NULL, KIND_ANY}};
    loader_check_keys(loader, object, keys, "stretches");
    return (struct stretch){.span = load_span(loader, object),
                            .none = loader_truth(object, "none", false),
                            .rpo_seconds = loader_whole(object, "rpo_seconds", 0),
                            .type = loader_text(object, "type", NULL)};
}

static void load_stretches(struct loader *loader, const cJSON *list, struct journal *journal)
{
    const int count = cJSON_GetArraySize(list);
    journal->stretches =
        arena_take(&loader->store->arena, ((size_t)count + 1) * sizeof *journal->stretches);
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, list)
    {
        journal->stretches[journal->stretch_count++] = load_stretch(loader, object);
    }
}

static struct span load_window(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {{"since", KIND_TEXT},
                                      {"until", KIND_TEXT},
                                      {"ago_seconds", KIND_WHOLE},
                                      {"length_seconds", KIND_WHOLE},
                                      {NULL, KIND_ANY}};
    if (object != NULL) {
        loader_check_keys(loader, object, keys, "window");
    }
    return load_span(loader, object);
}

/* Lists have objects; all else is played as it is. */
static const cJSON *load_answer(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {
        {"StartDate", KIND_ANY},     {"EndDate", KIND_ANY},
        {"Intervals", KIND_ANY},     {"HasApplicationConsistentState", KIND_ANY},
        {"RestorePoints", KIND_ANY}, {NULL, KIND_ANY}};
    if (object == NULL) {
        return NULL;
    }
    loader_check_keys(loader, object, keys, "answer");
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, object)
    {
        const cJSON *item = cJSON_IsArray(member) ? member->child : NULL;
        for (; item != NULL; item = item->next) {
            if (!cJSON_IsObject(item)) {
                loader_fail(loader, "answer: \"%s\" has what is not an object", member->string);
            }
        }
    }
    return object;
}

static int load_status(struct loader *loader, const cJSON *object)
{
    const int64_t status = loader_whole(object, "status", 0);
    if (status != 0 && (status < 400 || status > 599)) {
        loader_fail(loader, "intervals: \"status\" is not that of an error");
    }
    return (int)status;
}

const struct journal *scenario_load_journal(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {
        {"lag_seconds", KIND_WHOLE}, {"none", KIND_TRUTH},
        {"rpo_seconds", KIND_WHOLE}, {"type", KIND_TEXT},
        {"stretches", KIND_ARRAY},   {"long_term", KIND_TRUTH},
        {"consistent", KIND_TRUTH},  {"consistent_age_seconds", KIND_WHOLE},
        {"window", KIND_OBJECT},     {"answer", KIND_OBJECT},
        {"status", KIND_WHOLE},      {"link", KIND_TEXT},
        {"link_href", KIND_TEXT},    {NULL, KIND_ANY}};
    static const char *const links[] = {"proper",   "missing", "slash", "other_host",
                                        "other_vm", "swapped", NULL};
    if (object == NULL) {
        return &usual_journal;
    }
    loader_check_keys(loader, object, keys, "intervals");
    struct journal *journal = arena_take(&loader->store->arena, sizeof *journal);
    *journal = (struct journal){
        .status = load_status(loader, object),
        .lag = loader_seconds(loader, object, "lag_seconds", usual_journal.lag / MOMENT_SECOND),
        .none = loader_truth(object, "none", false),
        .rpo_seconds = loader_whole(object, "rpo_seconds", 0),
        .type = loader_text(object, "type", usual_journal.type),
        .long_term = loader_truth(object, "long_term", true),
        .consistent = loader_truth(object, "consistent", true),
        .consistent_age = loader_seconds(loader, object, "consistent_age_seconds", -1),
        .window = load_window(loader, loader_member(object, "window")),
        .answer = load_answer(loader, loader_member(object, "answer")),
        .link =
            (enum interval_link)loader_choice(loader, object, "link", links, INTERVAL_LINK_PROPER),
        .href = loader_text(object, "link_href", NULL)};
    load_stretches(loader, loader_member(object, "stretches"), journal);
    return journal;
}

void scenario_link_intervals(struct loader *loader)
{
    const struct store *store = loader->store;
    for (size_t i = 0; i < store->replica_vm_count; i++) {
        struct replica_vm *vm = store->replica_vms[i];
        if (vm->journal->link != INTERVAL_LINK_OTHER_VM) {
            continue;
        }
        if (store->replica_vm_count == 1) {
            loader_fail(loader, "intervals: there is no other VM for the link of \"%s\"", vm->vm);
        }
        vm->other = store->replica_vms[(i + 1) % store->replica_vm_count];
    }
}
