// SPDX-License-Identifier: GPL-3.0-or-later
/* What may be sent to EM, and what must not, whatever EM's links say. */
#include "em/permitted.h"

#include <check.h>

#include "unit/suites.h"

#define REPLICA "7665222c-2e99-4a3f-b892-1827ba8d1eee"
#define VM "e809a086-2562-4a0f-a9a8-9c115ff8f0ba"
#define REPLICAS "/api/cdpReplicas/"
#define REPLICA_VM REPLICAS REPLICA "/vms/" VM
#define LOGON_ID "dec0de5e-0000-4000-8000-000000000001"

static const struct {
    bool permitted;
    const char *method, *target;
    const char *body; // NULL: none
} cases[] = {
    {true, "GET", "/api/", NULL},
    {true, "GET", "/api/query?type=CdpReplicaTaskSession&format=Entities", NULL},
    {true, "GET", REPLICA_VM "?format=Entity", NULL},
    {false, "GET", "/api/", ""},
    {false, "GET", REPLICA_VM "?action=intervals", "<CdpIntervalsSpec/>"},

    {true, "POST", "/api/sessionMngr/?v=latest", NULL},
    {false, "POST", "/api/sessionMngr/?v=latest&action=failover", NULL},
    {false, "POST", "/api/sessionMngr/?v=v1_7", NULL},
    {false, "POST", "/api/sessionMngr/", NULL},
    {false, "POST", "/api/sessionmngr/?v=latest", NULL},

    {true, "POST", REPLICA_VM "?action=intervals", "<CdpIntervalsSpec/>"},
    {true, "POST", REPLICAS "7665222C/VMS/e809?action=intervals", "{}"},
    // another action, or another beside it
    {false, "POST", REPLICA_VM "?action=failover", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals&action=failover", "{}"},
    {false, "POST", REPLICA_VM "?action=failover&action=intervals", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals;action=failover", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals&", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals&format=Entity", "{}"},
    {false, "POST", REPLICA_VM "?&action=intervals", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals?action=failover", "{}"},
    {false, "POST", REPLICA_VM "?action=failover?action=intervals", "{}"},
    {false, "POST", REPLICA_VM "??action=intervals", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals#", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals#?action=failover", "{}"},
    {false, "POST", REPLICA_VM "#?action=intervals", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals ", "{}"},
    {false, "POST", REPLICA_VM " ?action=intervals", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals\r\nX: y", "{}"},
    {false, "POST", REPLICA_VM "\r\n?action=intervals", "{}"},
    // not the same letters
    {false, "POST", REPLICA_VM "?Action=Intervals", "{}"},
    {false, "POST", REPLICA_VM "?action=Intervals", "{}"},
    {false, "POST", REPLICA_VM "?ACTION=INTERVALS", "{}"},
    {false, "POST", REPLICA_VM "?action=interval", "{}"},
    {false, "POST", REPLICA_VM "?action=intervals2", "{}"},
    {false, "POST", REPLICA_VM "?action=", "{}"},
    {false, "POST", REPLICA_VM "?action", "{}"},
    {false, "POST", REPLICA_VM "?", "{}"},
    {false, "POST", REPLICA_VM, "{}"},
    // encoded
    {false, "POST", REPLICA_VM "?action%3Dintervals", "{}"},
    {false, "POST", REPLICA_VM "?action=%69ntervals", "{}"},
    {false, "POST", REPLICA_VM "%3Faction=failover?action=intervals", "{}"},
    {false, "POST", REPLICAS "%2e%2e/backupServers?action=intervals", "{}"},
    {false, "POST", REPLICAS REPLICA "%2fvms%2f" VM "?action=intervals", "{}"},
    // a path that a server may take for another one
    {false, "POST", REPLICAS "../backupServers/" VM "?action=intervals", "{}"},
    {false, "POST", REPLICAS "./" REPLICA "?action=intervals", "{}"},
    {false, "POST", REPLICAS REPLICA "/../" VM "?action=intervals", "{}"},
    {false, "POST", REPLICAS REPLICA "/vms/..?action=intervals", "{}"},
    {false, "POST", REPLICAS REPLICA "//vms/" VM "?action=intervals", "{}"},
    {false, "POST", REPLICAS "/" REPLICA "/vms/" VM "?action=intervals", "{}"},
    {false, "POST", "/" REPLICA_VM "?action=intervals", "{}"},
    {false, "POST", REPLICAS REPLICA "/vms/?action=intervals", "{}"},
    {false, "POST", REPLICAS "?action=intervals", "{}"},
    {false, "POST", REPLICAS REPLICA ";x/vms/" VM "?action=intervals", "{}"},
    {false, "POST", REPLICAS REPLICA "\\vms\\" VM "?action=intervals", "{}"},
    {false, "POST", REPLICAS "\xC3\xA4?action=intervals", "{}"},
    {false, "POST", REPLICAS "@" VM "?action=intervals", "{}"},
    {false, "POST", REPLICAS REPLICA "/vms/_?action=intervals", "{}"},
    // elsewhere
    {false, "POST", "/api/cdpReplicas?action=intervals", "{}"},
    {false, "POST", "/api/cdpreplicas/" REPLICA "/vms/" VM "?action=intervals", "{}"},
    {false, "POST", "/api/cdpReplicasX/" REPLICA "?action=intervals", "{}"},
    {false, "POST", "/api/replicas/" REPLICA "?action=intervals", "{}"},
    {false, "POST", "/api/backupServers/" VM "?action=collect", "{}"},
    {false, "POST", "/api/backupServers/" VM "?action=intervals", "{}"},
    {false, "POST", "/api/query?action=intervals", "{}"},
    {false, "POST", "api/cdpReplicas/" REPLICA "/vms/" VM "?action=intervals", "{}"},
    {false, "POST", "https://em02" REPLICA_VM "?action=intervals", "{}"},
    {false, "POST", "//em02" REPLICA_VM "?action=intervals", "{}"},
    {false, "POST", "", "{}"},

    {true, "DELETE", "/api/logonSessions/" LOGON_ID, NULL},
    {false, "DELETE", "/api/logonSessions/", NULL},
    {false, "DELETE", "/api/logonSessions/..", NULL},
    {false, "DELETE", "/api/logonSessions/" LOGON_ID "?x=y", NULL},
    {false, "DELETE", "/api/logonSessions/%2e%2e/cdpReplicas", NULL},
    {false, "DELETE", REPLICA_VM, NULL},
    {false, "DELETE", REPLICA_VM "?action=intervals", NULL},

    {false, "PUT", "/api/cdpPolicies/" VM, "{}"},
    {false, "PUT", REPLICA_VM "?action=intervals", "{}"},
    {false, "post", REPLICA_VM "?action=intervals", "{}"},
    {false, "get", "/api/", NULL},
    {false, "PATCH", "/api/", NULL},
    {false, "HEAD", "/api/", NULL},
    {false, "", "/api/", NULL},
};

START_TEST(is_permitted_or_not)
{
    const struct http_request request = {.method = cases[_i].method,
                                         .target = cases[_i].target,
                                         .body = cases[_i].body,
                                         .content_type = "application/xml"};
    ck_assert_msg(request_is_permitted(&request) == cases[_i].permitted, "%s %s: it is%s permitted",
                  cases[_i].method, cases[_i].target, cases[_i].permitted ? " not" : "");
}
END_TEST

Suite *permitted_suite(void)
{
    Suite *suite = suite_create("permitted");
    TCase *all = tcase_create("permitted");
    tcase_add_loop_test(all, is_permitted_or_not, 0, COUNT(cases));
    suite_add_tcase(suite, all);
    return suite;
}
