// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A growing text with a largest size that is set at birth. Appending to a buf that has failed does
 * nothing, so a writer appends freely and asks once, at the end, whether all of it got in.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

enum buf_failure { BUF_FINE, BUF_TOO_BIG, BUF_NO_MEMORY };

struct buf {
    char *text; // NUL-terminated once anything was appended, else NULL
    size_t length;
    size_t capacity;
    size_t limit; // largest length, in bytes
    enum buf_failure failure;
};

void buf_init(struct buf *buf, size_t limit);
/* Frees the text; the buf is empty and may be used again. */
void buf_free(struct buf *buf);
/* Empties the text, whose memory the next one takes. A failure stays. */
void buf_clear(struct buf *buf);
/* Like buf_free, and overwrites the text first: for passwords and tokens. */
void buf_wipe(struct buf *buf);

/*
 * Makes room for so many bytes more, where the limit allows, so that adding them need not copy what
 * was there. It is only a hint: without memory nothing is noted.
 */
void buf_expect(struct buf *buf, size_t more);

/* Each appends, or leaves the text as it is and notes the failure. */
void buf_add(struct buf *buf, const char *bytes, size_t length);
void buf_text(struct buf *buf, const char *text);
void buf_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What is written apart fails apart; without memory for `part`, `buf` is not whole either. */
void buf_share_failure(struct buf *buf, const struct buf *part);

/* The text, "" where nothing was appended. It stays the buf's. */
const char *buf_string(const struct buf *buf);
/* Hands the text over: the caller frees it. NULL after a failure. The buf is empty then. */
char *buf_take(struct buf *buf);

#define cleanup_buf __attribute__((cleanup(buf_free)))
#define cleanup_secret_buf __attribute__((cleanup(buf_wipe)))

#endif
