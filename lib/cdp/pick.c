// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/vec.h"

bool pick_is_named(const struct task_session *session, const struct scope *scope, const char *name)
{
    char uuid[UUID_SIZE];
    switch (scope->kind) {
    case SCOPE_ID:
        return session->uid != NULL && task_session_uuid(session->uid, uuid) &&
               strcmp(uuid, name) == 0;
    case SCOPE_VM:
        return session->vm != NULL && strcmp(session->vm, name) == 0;
    case SCOPE_WHOLE:
    case SCOPE_POLICY:
    case SCOPE_ALL:
        break;
    }
    return true;
}

static bool matches_any(const struct vm_patterns *patterns, const char *vm, bool *no_memory)
{
    for (size_t i = 0; i < patterns->count; i++) {
        const int outcome = pattern_matches(&patterns->items[i], vm);
        if (outcome > 0) {
            return true;
        }
        *no_memory = *no_memory || outcome < 0;
    }
    return false;
}

/* Whether the patterns leave the VM's name in; NULL: it has none. */
static bool is_left_in(const char *vm, const struct scope *scope, bool *no_memory)
{
    const char *name = vm != NULL ? vm : "";
    return (scope->included.count == 0 || matches_any(&scope->included, name, no_memory)) &&
           !matches_any(&scope->excluded, name, no_memory);
}

static bool is_asked_server(const char *backup_server, const struct scope *scope)
{
    bool found = false;
    for (size_t i = 0; i < scope->backup_servers.count && !found; i++) {
        // Host names have no case.
        found = text_equal_name_nocase(backup_server, scope->backup_servers.items[i]);
    }
    return found;
}

/* What is known of a target and a scope. */
enum fit { FIT_NOT, FIT_UNKNOWN, FIT_WELL };

static enum fit fit_server(const struct target *target, const struct scope *scope)
{
    if (scope->backup_servers.count == 0) {
        return FIT_WELL;
    }
    if (target->backup_server == NULL) {
        return FIT_UNKNOWN;
    }
    return is_asked_server(target->backup_server, scope) ? FIT_WELL : FIT_NOT;
}

static enum fit fit_policy(const struct target *target, const struct scope *scope, const char *name)
{
    if (scope->kind != SCOPE_POLICY) {
        return FIT_WELL;
    }
    if (target->policy == NULL) {
        return FIT_UNKNOWN;
    }
    return strcmp(target->policy, name) == 0 ? FIT_WELL : FIT_NOT;
}

/* The targets of one VM's name, and what is asked. */
struct namesakes {
    const struct target *targets;
    size_t count;
    const struct scope *scope;
    const char *name; // of the scope
};

static bool may_be_meant(const struct namesakes *names, const struct target *target)
{
    return fit_server(target, names->scope) != FIT_NOT &&
           fit_policy(target, names->scope, names->name) != FIT_NOT;
}

/* Whether one of the VMs that an unplaced target may be is meant. */
static bool may_be_meant_by_another(const struct namesakes *names, const struct target *unplaced)
{
    bool found = false;
    for (size_t i = 0; i < names->count && !found; i++) {
        found = !names->targets[i].unplaced && target_may_be(unplaced, &names->targets[i]) &&
                may_be_meant(names, &names->targets[i]);
    }
    return found;
}

/* Whether the target is meant, maybe in doubt, for which there are these reasons. */
static bool is_meant(const struct namesakes *names, const struct target *target, const char **doubt)
{
    static const char which[] = "EM does not say which of the VMs of this name its session is of";
    static const char whose_policy[] =
        "EM does not say its policy, and has several VMs of this name";
    static const char whose_server[] =
        "EM does not say its backup server, and has several VMs of this name";
    *doubt = NULL;
    if (target->unplaced) {
        *doubt = which;
        return may_be_meant(names, target) && may_be_meant_by_another(names, target);
    }
    // With ids the targets are sessions, of one VM perhaps.
    const bool several = names->count > 1 && names->scope->kind != SCOPE_ID;
    if (several && fit_policy(target, names->scope, names->name) == FIT_UNKNOWN) {
        *doubt = whose_policy;
    } else if (several && fit_server(target, names->scope) == FIT_UNKNOWN) {
        *doubt = whose_server;
    }
    return may_be_meant(names, target);
}

static bool is_assumed(const struct namesakes *names, const struct target *target)
{
    return fit_policy(target, names->scope, names->name) == FIT_UNKNOWN ||
           fit_server(target, names->scope) == FIT_UNKNOWN;
}

static int add_pick(struct picks *picks, const struct target *target, const char *doubt)
{
    if (!vec_reserve(picks->items, picks->count, picks->capacity, 1)) {
        return -1;
    }
    picks->items[picks->count++] = (struct pick){.target = target, .doubt = doubt};
    return 0;
}

/* Picks among the targets of one name. False: memory is short. */
static bool pick_of_name(const struct namesakes *names, struct picks *picks)
{
    bool no_memory = false;
    for (size_t i = 0; i < names->count; i++) {
        const struct target *target = &names->targets[i];
        const char *doubt = NULL;
        picks->has_policy =
            picks->has_policy || fit_policy(target, names->scope, names->name) == FIT_WELL;
        picks->has_server = picks->has_server || fit_server(target, names->scope) == FIT_WELL;
        if (pick_is_named(target->sessions[0], names->scope, names->name) &&
            is_left_in(target->sessions[0]->vm, names->scope, &no_memory) &&
            is_meant(names, target, &doubt)) {
            no_memory = add_pick(picks, target, doubt) < 0 || no_memory;
            picks->assumed += doubt == NULL && is_assumed(names, target) ? 1 : 0;
        }
    }
    return !no_memory;
}

int pick_targets(const struct targets *targets, const struct scope *scope, const char *name,
                 struct picks *picks, struct fault *fault)
{
    const bool one_name = scope->kind == SCOPE_VM;
    size_t first = one_name ? targets_first_of_name(targets, name) : 0;
    bool ok = true;
    *picks = (struct picks){.items = NULL};
    while (first < targets->count) {
        const size_t end = targets_end_of_name(targets, first);
        const struct namesakes names = {
            .targets = &targets->items[first], .count = end - first, .scope = scope, .name = name};
        ok = pick_of_name(&names, picks) && ok;
        first = one_name ? targets->count : end;
    }
    return ok ? 0 : fault_no_memory(fault);
}

void picks_free(struct picks *picks)
{
    free(picks->items);
    *picks = (struct picks){.items = NULL};
}

bool picks_are_found(const struct picks *picks)
{
    return picks->count > picks->assumed ||
           (picks->count > 0 && picks->has_policy && picks->has_server);
}

const char pick_names_hint[] = "; --all --list --format=json shows the names that it has";

/* The scopes of names, in words. */
static const char *const name_kinds[] = {
    [SCOPE_VM] = "of a VM named ", [SCOPE_POLICY] = "of a policy named ", [SCOPE_ALL] = NULL};

/* The name that a scope of this kind is about. */
static const char *name_of(const struct task_session *session, enum scope_kind kind)
{
    return kind == SCOPE_VM ? session->vm : kind == SCOPE_POLICY ? session->policy : NULL;
}

static const char *find_name(const struct task_sessions *sessions, enum scope_kind kind,
                             const char *asked,
                             bool (*is_like)(const char *name, const char *asked))
{
    for (size_t i = 0; i < sessions->count; i++) {
        const char *name = name_of(&sessions->items[i], kind);
        if (name != NULL && is_like(name, asked)) {
            return name;
        }
    }
    return NULL;
}

static bool is_same(const char *name, const char *asked)
{
    return strcmp(name, asked) == 0;
}

static void append_shown(struct buf *buf, const char *name)
{
    static const size_t longest_replacement = 3; // U+FFFD for a byte
    buf_init(buf, strlen(name) * longest_replacement);
    text_append_clean(buf, name, buf->limit);
}

/* Whether reports show a name as they show the one that was asked for. */
static bool has_shown_alike(const struct task_sessions *sessions, enum scope_kind kind,
                            const char *asked, struct buf *text)
{
    cleanup_buf struct buf shown_asked;
    bool found = false;
    append_shown(&shown_asked, asked);
    buf_share_failure(text, &shown_asked);
    for (size_t i = 0; !found && i < sessions->count; i++) {
        const char *name = name_of(&sessions->items[i], kind);
        if (name == NULL || (text_is_clean(name) && text_is_clean(asked))) {
            continue; // they are shown as they are, and differ
        }
        cleanup_buf struct buf shown;
        append_shown(&shown, name);
        buf_share_failure(text, &shown);
        found = strcmp(buf_string(&shown), buf_string(&shown_asked)) == 0;
    }
    return found;
}

/* Whether the session is what is narrowed: that of the name, or any. */
static bool is_of_name(const struct task_session *session, const struct scope *scope,
                       const char *asked)
{
    const char *name = name_of(session, scope->kind);
    return scope->kind == SCOPE_POLICY ? name != NULL && is_same(name, asked)
                                       : pick_is_named(session, scope, asked);
}

/* Whether a session would not have been narrowed out if its names were what reports show. */
static bool fits_as_shown(const struct task_session *session, const struct scope *scope,
                          struct buf *text)
{
    const char *vm = session->vm != NULL ? session->vm : "";
    const char *server = session->backup_server != NULL ? session->backup_server : "";
    if (text_is_clean(vm) && text_is_clean(server)) {
        return false; // they are shown as they are, and do not fit
    }
    cleanup_buf struct buf shown_vm;
    cleanup_buf struct buf shown_server;
    bool no_memory = false;
    append_shown(&shown_vm, vm);
    append_shown(&shown_server, server);
    buf_share_failure(text, &shown_vm);
    buf_share_failure(text, &shown_server);
    return is_left_in(buf_string(&shown_vm), scope, &no_memory) &&
           (scope->backup_servers.count == 0 || is_asked_server(buf_string(&shown_server), scope));
}

static bool any_fits_as_shown(const struct task_sessions *sessions, const struct scope *scope,
                              const char *name, struct buf *text)
{
    bool found = false;
    for (size_t i = 0; !found && i < sessions->count; i++) {
        found = is_of_name(&sessions->items[i], scope, name) &&
                fits_as_shown(&sessions->items[i], scope, text);
    }
    return found;
}

static const char *narrowing_of(const struct scope *scope)
{
    const bool patterns = scope->included.count + scope->excluded.count > 0;
    if (scope->backup_servers.count > 0) {
        return patterns ? " on that backup server that passes --include-vm and --exclude-vm"
                        : " on that backup server";
    }
    return patterns ? " that passes --include-vm and --exclude-vm" : "";
}

/*
 * A name that differs in case alone is most likely what was meant: EM's filter takes it as equal.
 * One that was copied from a report may have been cleaned there; EM does not find it then.
 */
static void add_hint(const struct scope *scope, const char *name,
                     const struct task_sessions *others, struct buf *text)
{
    static const char looks_alike[] = "; it has one that only looks like that: --all --list "
                                      "--format=json shows its characters";
    if (name_kinds[scope->kind] == NULL || find_name(others, scope->kind, name, is_same) != NULL) {
        // What is there was narrowed out.
        buf_text(text, any_fits_as_shown(others, scope, name, text) ? looks_alike : "");
        return;
    }
    const char *similar = find_name(others, scope->kind, name, text_equal_name_nocase);
    if (similar != NULL) {
        buf_text(text, "; it has ");
        text_append_clean(text, similar, FAULT_TEXT_SIZE / 2);
        buf_text(text, ": case counts");
    } else if (has_shown_alike(others, scope->kind, name, text)) {
        buf_text(text, looks_alike);
    } else {
        buf_text(text, pick_names_hint);
    }
}

int pick_none(const struct scope *scope, const char *name, const struct task_sessions *others,
              size_t untold, struct fault *fault)
{
    struct buf text;
    if (name != NULL && strlen(name) > SESSION_TEXT_LIMIT) {
        return fault_set(fault, FAULT_USAGE, "a name that is asked for has at most %d bytes",
                         SESSION_TEXT_LIMIT);
    }
    buf_init(&text, FAULT_TEXT_SIZE);
    if (scope->kind == SCOPE_WHOLE) {
        buf_text(&text, "the answer holds no CDP task session");
    } else {
        const char *kind = name_kinds[scope->kind];
        buf_format(&text, "EM has no CDP task session%s%s", name == NULL ? "" : " ",
                   kind != NULL ? kind : "");
        text_append_clean(&text, name != NULL ? name : "", FAULT_TEXT_SIZE / 2);
    }
    buf_text(&text, narrowing_of(scope));
    if (untold > 0) {
        buf_format(&text, "; it names no policy or backup server for %zu VM%s", untold,
                   untold > 1 ? "s" : "");
    }
    add_hint(scope, name, others, &text);
    fault_set(fault, FAULT_NOT_FOUND, "%s", buf_string(&text));
    if (text.failure == BUF_NO_MEMORY) {
        fault_no_memory(fault);
    }
    buf_free(&text);
    return -1;
}
