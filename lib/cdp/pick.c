// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/pick.h"

#include <string.h>

#include "base/text.h"

/* What is picked, for a function that gets one session at a time. */
struct pick {
    const struct selector *selector;
    const struct question *question;
    bool *no_memory; // a search failed, so that nothing may be concluded
};

static bool is_on_wanted_server(const struct task_session *session, const struct question *question)
{
    bool wanted = question->backup_server_count == 0;
    for (size_t i = 0; i < question->backup_server_count; i++) {
        // Host names have no case.
        wanted = wanted || (session->backup_server != NULL &&
                            text_same(session->backup_server, question->backup_servers[i]));
    }
    return wanted;
}

bool pick_is_selected(const struct task_session *session, const struct selector *selector)
{
    const enum selector_kind kind = selector != NULL ? selector->kind : SELECT_ALL;
    char uuid[UUID_SIZE];
    switch (kind) {
    case SELECT_ID:
        return session->uid != NULL && task_session_uuid(session->uid, uuid) &&
               strcmp(uuid, selector->text) == 0;
    case SELECT_VM:
        return session->vm != NULL && strcmp(session->vm, selector->text) == 0;
    case SELECT_POLICY:
        return session->policy != NULL && strcmp(session->policy, selector->text) == 0;
    case SELECT_ALL:
        break;
    }
    return true;
}

static bool matches_any(const struct vm_patterns *patterns, const struct task_session *session,
                        bool *no_memory)
{
    const char *vm = session->vm != NULL ? session->vm : "";
    for (size_t i = 0; i < patterns->count; i++) {
        const int outcome = pattern_matches(&patterns->items[i], vm);
        if (outcome > 0) {
            return true;
        }
        *no_memory = *no_memory || outcome < 0;
    }
    return false;
}

static bool is_picked(const struct task_session *session, const void *user)
{
    const struct pick *pick = user;
    const struct question *question = pick->question;
    return pick_is_selected(session, pick->selector) && is_on_wanted_server(session, question) &&
           (question->included.count == 0 ||
            matches_any(&question->included, session, pick->no_memory)) &&
           !matches_any(&question->excluded, session, pick->no_memory);
}

int pick_move(struct task_sessions *to, struct task_sessions *from, const struct selector *selector,
              const struct question *question, struct fault *fault)
{
    bool no_memory = false;
    const struct pick pick = {.selector = selector, .question = question, .no_memory = &no_memory};
    if (task_sessions_move(to, from, is_picked, &pick, fault) < 0) {
        return -1;
    }
    return no_memory ? fault_no_memory(fault) : 0;
}

/* What the selector names as it would be written with another case of letters. */
static const char *find_other_case(const struct task_sessions *sessions,
                                   const struct selector *selector)
{
    for (size_t i = 0; i < sessions->count; i++) {
        const struct task_session *session = &sessions->items[i];
        const char *name = selector->kind == SELECT_VM       ? session->vm
                           : selector->kind == SELECT_POLICY ? session->policy
                                                             : NULL;
        if (name != NULL && text_same(name, selector->text) && strcmp(name, selector->text) != 0) {
            return name;
        }
    }
    return NULL;
}

static const char *scope_of(const struct question *question)
{
    const bool patterns = question->included.count + question->excluded.count > 0;
    if (question->backup_server_count > 0) {
        return patterns ? " on that backup server that --include-vm and --exclude-vm leave"
                        : " on that backup server";
    }
    return patterns ? " that --include-vm and --exclude-vm leave" : "";
}

/* A name that differs in case alone is most likely what was meant: EM's filter takes it as equal.
 */
static void add_hint(const struct selector *selector, const struct task_sessions *others,
                     struct buf *text)
{
    const char *similar = find_other_case(others, selector);
    if (similar != NULL) {
        buf_text(text, "; it has ");
        text_append_clean(text, similar, FAULT_TEXT_SIZE / 2);
        buf_text(text, ": case counts");
    }
}

int pick_none(const struct selector *selector, const struct question *question,
              const struct task_sessions *others, struct fault *fault)
{
    static const char *const kinds[] = {[SELECT_ID] = "",
                                        [SELECT_VM] = "of a VM named ",
                                        [SELECT_POLICY] = "of a policy named ",
                                        [SELECT_ALL] = ""};
    struct buf text;
    buf_init(&text, FAULT_TEXT_SIZE);
    if (selector == NULL) {
        buf_text(&text, "the answer holds no CDP task session");
    } else {
        buf_format(&text, "EM has no CDP task session%s%s", selector->kind == SELECT_ALL ? "" : " ",
                   kinds[selector->kind]);
        text_append_clean(&text, selector->text, FAULT_TEXT_SIZE / 2);
    }
    buf_text(&text, scope_of(question));
    if (selector != NULL) {
        add_hint(selector, others, &text);
    }
    fault_set(fault, FAULT_NOT_FOUND, "%s", buf_string(&text));
    if (text.failure == BUF_NO_MEMORY) {
        fault_no_memory(fault);
    }
    buf_free(&text);
    return -1;
}
