// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/fault_words.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cdp/pick.h"

/* What is not there, by kind of scope, up to the name if the scope has one. */
static const char *const absences[] = {[SCOPE_WHOLE] = "the answer holds no CDP task session",
                                       [SCOPE_ID] = "EM has no CDP task session ",
                                       [SCOPE_VM] = "EM has no CDP task session of a VM named ",
                                       [SCOPE_POLICY] =
                                           "EM has no CDP task session of a policy named ",
                                       [SCOPE_ALL] = "EM has no CDP task session",
                                       [SCOPE_EM] = "EM has no CDP task session"};

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

/* Starts a buf with the name as reports show it. */
static void write_shown(struct buf *buf, const char *name)
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
    write_shown(&shown_asked, asked);
    buf_share_failure(text, &shown_asked);
    for (size_t i = 0; !found && i < sessions->count; i++) {
        const char *name = name_of(&sessions->items[i], kind);
        if (name == NULL || (text_is_clean(name) && text_is_clean(asked))) {
            continue; // they are shown as they are, and differ
        }
        cleanup_buf struct buf shown;
        write_shown(&shown, name);
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
    write_shown(&shown_vm, vm);
    write_shown(&shown_server, server);
    buf_share_failure(text, &shown_vm);
    buf_share_failure(text, &shown_server);
    return scope_leaves_in(scope, buf_string(&shown_vm), &no_memory) &&
           (scope->backup_servers.count == 0 || scope_has_server(scope, buf_string(&shown_server)));
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

/* `similar` is a name that EM has, and of which no more than `limit` bytes are shown; or NULL. */
static void append_names(struct buf *text, const char *similar, size_t limit)
{
    if (similar == NULL) {
        buf_text(text, "; --all --list --format=json shows the names that it has");
        return;
    }
    buf_text(text, "; it has ");
    text_append_clean(text, similar, limit);
    buf_text(text, ": case counts");
}

/*
 * A name that differs in case alone is most likely what was meant: EM's filter takes it as equal.
 * One that was copied from a report may have been cleaned there; EM does not find it then.
 */
static void append_hint(const struct scope *scope, const char *name,
                        const struct task_sessions *others, struct buf *text)
{
    static const char looks_alike[] = "; it has one that only looks like that: --all --list "
                                      "--format=json shows its characters";
    const bool is_named = scope->kind == SCOPE_VM || scope->kind == SCOPE_POLICY;
    assert(!is_named || name != NULL);
    if (!is_named || find_name(others, scope->kind, name, is_same) != NULL) {
        // What is there was narrowed out.
        buf_text(text, any_fits_as_shown(others, scope, name, text) ? looks_alike : "");
        return;
    }
    const char *similar = find_name(others, scope->kind, name, text_equal_name_nocase);
    if (similar == NULL && has_shown_alike(others, scope->kind, name, text)) {
        buf_text(text, looks_alike);
    } else {
        append_names(text, similar, FAULT_TEXT_SIZE / 2);
    }
}

static void append_absence(struct buf *text, const struct verdict *verdict,
                           const struct finding *finding)
{
    const struct scope *scope = verdict->scope;
    const char *name = finding->asked;
    buf_text(text, absences[scope->kind]);
    text_append_clean(text, name != NULL ? name : "", FAULT_TEXT_SIZE / 2);
    buf_text(text, narrowing_of(scope));
    if (finding->vms > 0) {
        buf_format(text, "; it names no policy or backup server for %zu VM%s", finding->vms,
                   finding->vms > 1 ? "s" : "");
    }
    append_hint(scope, name, &verdict->site.sessions, text);
}

static void append_no_policy(struct buf *text, const struct finding *finding)
{
    buf_text(text, "EM has no session of a CDP policy named ");
    text_append_clean(text, finding->asked, FAULT_TEXT_SIZE / 3);
    append_names(text, finding->other_case, FAULT_TEXT_SIZE / 3);
}

bool fault_words_write(const struct verdict *verdict, const struct finding *finding,
                       struct fault *fault)
{
    if (finding->fault != NULL) {
        *fault = *finding->fault;
        return true;
    }
    cleanup_buf struct buf text;
    buf_init(&text, FAULT_TEXT_SIZE);
    if (finding->kind == FINDING_NO_POLICY) {
        append_no_policy(&text, finding);
    } else {
        append_absence(&text, verdict, finding);
    }
    fault_set(fault, FAULT_NOT_FOUND, "%s", buf_string(&text));
    return text.failure != BUF_NO_MEMORY;
}
