// SPDX-License-Identifier: GPL-3.0-or-later
/* Performance data as Nagios and Icinga 2 read it: labels, items. */
#ifndef MONITORING_PERFDATA_H
#define MONITORING_PERFDATA_H

#include <stddef.h>

#include "base/buf.h"
#include "monitoring/mp.h"

/*
 * Appends ` label=value[uom];warning;critical;0`, without the leading space where the buf is empty
 * or ends in '|' or a space. The label is cleaned as label_append_clean does and quoted with ''
 * where it holds anything but A-Z a-z 0-9 _ . -. `uom` and the ranges may be NULL. Appends nothing
 * where the value is not finite: Icinga 2 can't read "U".
 */
void perfdata_append(struct buf *buf, const char *label, double value, const char *uom,
                     const range *warning, const range *critical);

/*
 * Appends the text as a label may hold it: valid UTF-8 on one line, without '|', and with "_" for
 * each '=', "'" and "::" (Icinga 2 takes the last for check_multi's prefix). "unnamed" where
 * nothing is left; cut to `limit` bytes.
 */
void label_append_clean(struct buf *buf, const char *text, size_t limit);

/* The longest label that a set gives; metrics' suffixes come on top. */
enum { LABEL_LIMIT = 200 };

/*
 * Labels that are in use. VMs share one name across policies, and two names can be one after
 * cleaning; give the set the VM's part, before a suffix such as "_duration" is put to it.
 */
struct label_set {
    void *tree; // of struct label, for tsearch()
};

void label_set_init(struct label_set *set);
void label_set_free(struct label_set *set);
/*
 * Cleans `wanted` and makes it unlike every label given before: the second "a" is "a_2", the third
 * "a_3". The label is the set's. NULL: no memory.
 */
const char *label_set_add(struct label_set *set, const char *wanted);

#define cleanup_label_set __attribute__((cleanup(label_set_free)))

#endif
