// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What EM was asked and what it answered, without what belongs to a site. It keeps what
 * vocabulary.h lists, nulls, booleans, empty texts, the order and number of everything, how texts
 * are built (Hrefs, UIDs, filters, "NAME@TIME") and the forms of times. All other texts and numbers
 * are replaced by what invention.h says, times by times that are some weeks away, so ages and days
 * of the week stay. It is pure: neither network nor clock nor chance.
 */
#ifndef EM_ANONYMOUS_H
#define EM_ANONYMOUS_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/utc.h"
#include "em/invention.h"
#include "em/vocabulary.h"

struct anonymous {
    struct vocabulary vocabulary;
    struct inventions inventions;
    utc_us shift; // of times: whole weeks
};

/* Times are moved by so many weeks. False: no memory. Free it in either case. */
bool anonymous_init(struct anonymous *anonymous, int weeks);
void anonymous_free(struct anonymous *anonymous);

/* Appends the value as JSON, in ASCII and umlauts. Without memory the buf has failed. */
void anonymous_append_json(struct anonymous *anonymous, const cJSON *value, struct buf *buf);

/*
 * Appends an Href, or a path and query, percent-encoded. The parts of a query stay in their order,
 * blanks between a filter's parts stay too.
 */
void anonymous_append_target(struct anonymous *anonymous, const char *target, struct buf *buf);

/* The moment that stands for another one; of years that no site has data of it is the same. */
utc_us anonymous_moment(const struct anonymous *anonymous, utc_us moment);

#endif
