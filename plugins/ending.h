// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How a run ends from outside: by its deadline or by a signal. Wherever it hangs, be it a resolver,
 * a disk or standard input, it ends with a report; and while it holds a logon session of EM, a
 * signal lets it log off first.
 */
#ifndef PLUGINS_ENDING_H
#define PLUGINS_ENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* What standard output gets then, and the exit code. Of the report up to 4,000 bytes are kept. */
struct last_words {
    const struct buf *report;
    int state;
};

/*
 * From now on SIGTERM, SIGINT and SIGHUP end the run with `terminated`, and an alarm ends it in
 * `after_ms` with `timeout`; a signal that is ignored stays so. The words are copied. May be called
 * again, with other words.
 */
void ending_arm(int64_t after_ms, struct last_words timeout, struct last_words terminated);

/*
 * With `defer`, a signal does not end the run: it makes the descriptor readable that is returned,
 * -1 where there is none. The alarm stays.
 */
int ending_defer(bool defer);

/*
 * From here on the run prints its own report. A signal leaves it a second for that, and should it
 * hang, the alarm ends it without a word, with exit code 3.
 */
void ending_silence(void);

/* The report is out: neither alarm nor signals change the exit code that goes with it any more. */
void ending_disarm(void);

#endif
