// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A CDP replica task session: what EM reports of one VM's replication from one long-term restore
 * point to the next. fetch/decode.c makes it of EM's JSON, snapshot_file.c of a snapshot.
 */
#ifndef CDP_TASK_SESSION_H
#define CDP_TASK_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/utc.h"

/* A site has tens of thousands of VMs; what has more sessions than this at a time is no EM. */
enum { UUID_SIZE = 37, TASK_SESSIONS_LIMIT = 1000000 };

/* The bytes that a run keeps of all sessions at a time. */
enum { TASK_SESSIONS_SIZE_LIMIT = 256 * 1024 * 1024 };

/* What is kept of a session's texts, in bytes: four times what any report shows of a Reason. */
enum { REASON_LIMIT = 4 * 1024, SESSION_TEXT_LIMIT = 1024 };

/* What messages show of a UID, in bytes; EM's have 68. */
enum { SESSION_UID_SHOWN = 80 };

/* EM's entities; *_OTHER is a value that EM's documentation does not know. */
enum session_state {
    SESSION_COMPLETED,
    SESSION_IN_PROGRESS,
    SESSION_PENDING,
    SESSION_OTHER,
    SESSION_STATES
};
enum session_result {
    RESULT_SUCCESS,
    RESULT_WARNING,
    RESULT_FAILED,
    RESULT_NONE, // "None", null or absent
    RESULT_OTHER,
    RESULTS
};

/* EM's members of a task session. */
enum session_member {
    MEMBER_UID,
    MEMBER_NAME,
    MEMBER_VM,
    MEMBER_LINKS,
    MEMBER_POLICY_SESSION_UID,
    MEMBER_REASON,
    MEMBER_STATE,
    MEMBER_RESULT,
    MEMBER_CREATED,
    MEMBER_ENDED,
    MEMBER_TOTAL_SIZE,
    SESSION_MEMBERS
};

/* Their names, as version 12 writes them, and what they are, for messages. */
extern const struct session_member_of_em {
    char name[20];
    const char *kind;
} task_session_members[SESSION_MEMBERS];

enum {
    // It ran when EM gave it last, and EM does not give it any more.
    SESSION_GONE = 1 << 14,
    // EM has several VMs that the session may be of, not all of which are known any more.
    SESSION_UNPLACED = 1 << 15
};

struct task_session {
    // But for the Reason, at most SESSION_TEXT_LIMIT bytes.
    const char *uid;    // as EM writes it; NULL where it has none
    const char *name;   // NULL where EM has none, and so for the others
    const char *vm;     // VmDisplayName, or else the name less its "@date time"
    const char *policy; // the policy session's name less its "@date time"
    const char *backup_server;
    const char *policy_session_uid;
    const char *state_text;  // as EM writes it; NULL where it is missing or no text
    const char *result_text; // NULL for RESULT_NONE
    const char *reason;      // NULL where there is none; at most REASON_LIMIT bytes
    const char *defect;      // why the session can't be judged; NULL where it can
    enum session_state state;
    enum session_result result;
    bool has_created, has_ended, has_total_size, has_oldest;
    bool leads; // it is the first of its VM in that order
    utc_us created, ended;
    utc_us oldest;     // when the oldest of its VM's sessions began that targets_condense has seen
    double total_size; // bytes
    uint16_t odd;      // a bit for each member that was not what it should be, and those above
    uint32_t rank;     // its place in the order of targets_group
    char *texts;       // where those above stand, one after the other
    size_t texts_size; // bytes
};

/* The texts of a session while they are somebody else's, and need not end with a NUL. */
enum session_text {
    TEXT_UID,
    TEXT_NAME,
    TEXT_VM,
    TEXT_POLICY,
    TEXT_BACKUP_SERVER,
    TEXT_POLICY_SESSION_UID,
    TEXT_STATE,
    TEXT_RESULT,
    TEXT_REASON,
    TEXT_DEFECT,
    SESSION_TEXTS
};
struct session_text_of {
    const char *text; // NULL: there is none
    size_t length;
};

struct task_sessions {
    struct task_session *items;
    size_t count;
    size_t capacity;
    size_t size; // of all its sessions, in bytes
    size_t
        beside; // what the run keeps in other lists at that time: it counts for the limit as well
    size_t ranked; // if this is `count`, targets_condense has set `rank` and `leads`, and no
                   // session is there twice
};

/*
 * Appends a session that is like `session` but has copies of `texts`. It belongs to `sessions`, and
 * stays in its place until the next one is added. NULL: a fault as above.
 */
struct task_session *task_sessions_append(struct task_sessions *sessions,
                                          const struct task_session *session,
                                          const struct session_text_of texts[SESSION_TEXTS],
                                          struct fault *fault);

/* Appends a copy of the session. 0, or -1 with a fault as above. */
int task_sessions_copy(struct task_sessions *sessions, const struct task_session *session,
                       struct fault *fault);

/*
 * Moves all sessions to the end of `to`. 0, or -1 with a fault where `to` is full or memory is
 * short; then nothing was moved.
 */
int task_sessions_move(struct task_sessions *to, struct task_sessions *from, struct fault *fault);

/* Frees the sessions that `keep` has no true for; the others stay in their order. */
void task_sessions_keep(struct task_sessions *sessions, const bool *keep);

/* Whether each has a UID, by which it is known again. */
bool task_sessions_have_uids(const struct task_sessions *sessions);

void task_sessions_free(struct task_sessions *sessions);

#define cleanup_task_sessions __attribute__((cleanup(task_sessions_free)))

/*
 * Reads "ad86fed0-…" or "urn:veeam:CdpReplicaTaskSession:ad86fed0-…", in any case, as the UUID in
 * lower case. False: it is neither.
 */
bool task_session_uuid(const char *text, char uuid[UUID_SIZE]);

/* Whether the UID says that it is of something else, such as a BackupTaskSession. */
bool task_session_uid_is_foreign(const char *uid);

/* EM's words, in any case, as values; *_OTHER for what is not known. */
enum session_state task_session_state(const char *text);
enum session_result task_session_result(const char *text);

/* The documented spelling of a known word, else the text itself. */
const char *task_session_state_text(const char *text);
const char *task_session_result_text(const char *text);

/* Whether the session has not completed: its State is any other than Completed. */
bool task_session_runs(const struct task_session *session);

/* Whether it completed and did not fail, so that it left a restore point. */
bool task_session_is_good(const struct task_session *session);

/* Whether a session can have that many bytes: they are a Long, EM says. NaN is none. */
bool task_session_is_size(double bytes);

/* That text of the session, as the member of `struct task_session` has it. */
const char *task_session_text(const struct task_session *session, enum session_text text);

/* How far the latest of its times is ahead of `now`; 0: none is. A running session has no end. */
utc_us task_session_ahead(const struct task_session *session, utc_us now);

#endif
