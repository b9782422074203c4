// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What an answer means whose status is not success, in words for an admin: by the status, by EM's
 * own words, and by what a proxy may have said in place of EM. It touches no connection.
 */
#ifndef EM_STATUS_FAULT_H
#define EM_STATUS_FAULT_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/mask.h"
#include "em/http.h"
#include "em/proxy.h"

/* Whether it says that EM has no entity of the id that was asked for. */
bool status_fault_is_not_found(const struct http_request *request,
                               const struct http_response *response);

/*
 * Sets the fault of such an answer. `go_between` is what may have answered in place of EM, or NULL;
 * `mask` is put on what is quoted. A 401 to a GET is taken for one to a fresh logon: one that costs
 * a logon is no fault. Returns -1.
 */
int status_fault_set(const struct http_request *request, const struct http_response *response,
                     const struct em_proxy *go_between, const struct mask *mask,
                     struct fault *fault);

#endif
