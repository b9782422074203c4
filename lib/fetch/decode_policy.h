// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's CDP policies, from its JSON. */
#ifndef FETCH_DECODE_POLICY_H
#define FETCH_DECODE_POLICY_H

#include <cjson/cJSON.h>

#include "base/mask.h"
#include "base/set.h"
#include "cdp/policy.h"

enum { CONTAINERS_SHOWN = 500 };

struct decoded_policy {
    struct policy policy;  // the texts are the entity's, or stand below
    const char *uid;       // the entity's, and not masked; NULL: it has none
    const cJSON *includes; // for decode_included_vm; NULL: none
    char containers[CONTAINERS_SHOWN + sizeof "..."];
};

/*
 * Decodes a policy; secrets in its texts are masked, in the entity as well, but not in a name that
 * is `wanted`, which may be NULL. A member of a wrong type, or a schedule that is not one, is as
 * good as absent. 1: it is decoded. 0: it has no usable name. -1: memory is short.
 */
int decode_policy(const cJSON *entity, const char *wanted, const struct mask *mask,
                  struct decoded_policy *decoded, struct fault *fault);

/*
 * The name of the VM that an item of `includes` is; NULL: it is none, or has no usable name. Of its
 * two names, `known` decides, which has the hashes of the names of VMs that are known; NULL: none.
 */
const char *decode_included_vm(const cJSON *include, const struct mask *mask,
                               const struct set *known);

#endif
