// SPDX-License-Identifier: GPL-3.0-or-later
/* Texts that tell the VMs of a verdict apart, each with no more detail than that takes. */
#ifndef REPORT_DISTINCT_H
#define REPORT_DISTINCT_H

#include <stddef.h>

#include "cdp/verdict.h"

/*
 * Writes the text of a VM, at a detail from 0 on. `number` is its place, from 1 on, among the VMs
 * that have the same text at the detail before. The caller frees it. NULL: no memory.
 */
typedef char *distinct_writer(const struct verdict *verdict, const struct vm_verdict *vm,
                              unsigned detail, size_t number);

/*
 * The text of each VM, in the order of the VMs, with a NULL behind them: at detail 0, and while
 * several VMs share it at the next one, of which there are `details`. NULL: no memory.
 */
char **distinct_texts(const struct verdict *verdict, distinct_writer *write, unsigned details);

void distinct_free(char ***texts);

#define cleanup_distinct __attribute__((cleanup(distinct_free)))

#endif
