// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What EM is asked for besides task sessions: policies, data collection, replicas. If it does not
 * say, the verdict on the sessions stands, so why not is kept with the site's answers.
 */
#ifndef FETCH_TOPICS_H
#define FETCH_TOPICS_H

#include "base/fault.h"
#include "fetch/part.h"

/*
 * Asks for what the scope needs, and sets asking->site->answers. The site has its sessions; of a
 * VM that shows a sign that it stands still by these, its policy is asked for as well, and of a VM
 * without any, whether a policy or a replica has it. If the time is over or the connection lost,
 * asking->lost says so, and the rest is not asked for. 0, or -1 with a fault that ends the run.
 */
int topics_fetch(struct asking *asking, struct fault *fault);

/* Asks for one topic, of all policies, servers and VMs. As topics_fetch does. */
int topics_ask(struct asking *asking, enum site_topic topic, struct fault *fault);

/*
 * Asks for policies and replicas again, if the last answer, in asking->site->answers, is that it
 * failed. 0, or -1 as above.
 */
int topics_renew(struct asking *asking, struct fault *fault);

/*
 * Keeps why the topic is not known. If it is for the time or the connection, asking->lost says so.
 * 0, or -1 if it ends the run, with `fault`.
 */
int topics_take_fault(struct asking *asking, enum site_topic topic, const struct fault *trouble,
                      struct fault *fault);

#endif
