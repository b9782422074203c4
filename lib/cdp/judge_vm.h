// SPDX-License-Identifier: GPL-3.0-or-later
/* The verdict on one VM: what is found of it, and what that comes to. Pure. */
#ifndef CDP_JUDGE_VM_H
#define CDP_JUDGE_VM_H

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/pick.h"
#include "cdp/rules.h"
#include "cdp/scope.h"
#include "cdp/survey.h"
#include "cdp/verdict.h"

/* What a VM is judged by. Borrowed, by its verdict as well. */
struct vm_case {
    const struct pick *pick;
    const struct surveyed *surveyed;
    const struct scope *scope;
    const struct rules *rules;
    utc_us now; // by EM's clock
};

/* Fills in all of the verdict but `asked`. 0, or -1 if memory is short. */
int judge_vm(const struct vm_case *of, struct vm_verdict *vm, struct fault *fault);

/* The same of a policy that EM has, but no VM of: it is disabled or uncovered as a whole. */
int judge_vm_of_policy(const struct policy *policy, const struct rules *rules,
                       struct vm_verdict *vm, struct fault *fault);

#endif
