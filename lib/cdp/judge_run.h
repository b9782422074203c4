// SPDX-License-Identifier: GPL-3.0-or-later
/* What is found of the run, beside its VMs: trust, how old EM's data is, backup servers. Pure. */
#ifndef CDP_JUDGE_RUN_H
#define CDP_JUDGE_RUN_H

#include "base/fault.h"
#include "cdp/rules.h"
#include "cdp/survey.h"
#include "cdp/verdict.h"

void judge_run_add(struct verdict *verdict, const struct finding *finding);

/*
 * Sets the verdict's backup servers, when its VMs are known, by all that EM gave. 0, or -1 if
 * memory is short.
 */
int judge_run_servers(struct verdict *verdict, const struct survey *survey, struct fault *fault);

/*
 * Adds what is found of the run, in the order of the kinds, when VMs, servers and the fault are
 * known; `assumed` are VMs of which EM says too little to know whether they are meant. 0, or -1 if
 * memory is short.
 */
int judge_run(struct verdict *verdict, const struct rules *rules, size_t assumed,
              struct fault *fault);

/* The same of a run that a fault ended; `asked`: it was known whom to ask. */
void judge_run_of_fault(struct verdict *verdict, const struct rules *rules, bool asked);

#endif
