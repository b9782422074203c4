// SPDX-License-Identifier: GPL-3.0-or-later
/* Performance data as Nagios and Icinga 2 read it: labels, items. */
#ifndef MONITORING_PERFDATA_H
#define MONITORING_PERFDATA_H

#include "base/buf.h"
#include "base/set.h"
#include "monitoring/mp.h"

/*
 * Appends ` label=value[uom];warning;critical;0`, without the leading space where the buf is empty
 * or ends in '|' or a space. The label is cleaned and quoted with ''
 * where it holds anything but A-Z a-z 0-9 _ . -. `uom` and the ranges may be NULL. Appends nothing
 * where the value is not finite: Icinga 2 can't read "U".
 */
void perfdata_append(struct buf *buf, const char *label, double value, const char *uom,
                     const range *warning, const range *critical);

/* The longest text of a label that is given; a number and a metric's suffix come on top. */
enum { LABEL_LIMIT = 200 };

/*
 * Appends a label that is like `wanted`, cleaned, and unlike every one that was given for the same
 * set before: the second "a" is "a_2", the third "a_3". VMs share one name across policies, and two
 * names can be one after cleaning; give it the VM's part, before a suffix such as "_duration" is
 * put to it.
 */
void perfdata_append_label(struct buf *buf, struct set *labels, const char *wanted);

#endif
