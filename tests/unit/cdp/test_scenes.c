// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What OK means: whole sites in a few words, and what comes of each. A line a scene: the options,
 * as users give them; what EM has; the verdict.
 */
#include "cdp/judge.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cdp/coverage.h"
#include "unit/command.h"
#include "unit/spec.h"
#include "unit/suites.h"

#define NOW "2025-08-14T12:00:00Z"

enum { LIMIT = 10000, MOST_FIELDS = 12 };

/*
 * What EM has, by commands with ';' between them. '-' is what EM does not say, times are hours.
 *
 * - vm NAME POLICY SERVER STATE RESULT CREATED [ENDED]: a task session; "I S" is in progress,
 * Success
 * - policy NAME SERVER on|off|- [lists] [long=HOURS] [pause=HOURS] [rpo=SECONDS] [in=FOLDER]
 * - names VM POLICY SERVER, replica VM POLICY SERVER: what there should be
 * - points LAG SPACING APP [late]: of the last replica; seconds since the newest short-term point,
 * since an hour ago, and between them, hours since the newest application-consistent one;
 * unpointed: EM did not tell them
 * - collected WHEN|- [SPACING], server NAME WHEN|- [missed]: without either it was collected now
 * - refused|failed|untold policies|collection|replicas|older: else all of them were told
 * - lacks: EM has no session of the policy that was asked for
 * - unjoined SERVER, fault
 *
 * The verdict: its state, its VMs "NAME@POLICY=STATE:findings", and behind '|' what is found of the
 * run, those with a state as "stale=W".
 */
// clang-format off
static const struct {
    const char *name, *options, *site, *verdict;
} scenes[] = {
    // The scenarios that were OK before there were signs.
    {"healthy", "--all",
     "vm a P s I S -2; vm a P s C S -10 -2; policy P s on lists long=8; names a P s;"
     "replica a P s; collected -0.1 0.25", "O a@P=O"},
    {"stopped 52 hours ago", "--all", "vm a P s C S -60 -52; collected -0.1", "W a@P=W:idle"},
    {"stopped, of one VM", "--vm=a", "vm a P s C S -60 -52; collected -0.1", "W a@P=W:idle"},
    {"stopped, of a policy", "--policy=P", "vm a P s C S -60 -52; collected -0.1", "W a@P=W:idle"},
    {"stopped, in a saved answer", "--input=-", "vm a P s C S -60 -52; untold collection",
     "W a@P=W:idle"},
    {"stopped, by its session's id", "--id=ad86fed0-4288-47ba-a7ab-0fca64d3ba5a",
     "vm a P s C S -60 -52", "O a@P=O"},
    {"runs for 60 hours", "--all",
     "vm a P s I S -60; vm a P s C S -68 -60; policy P s on lists long=8; names a P s;"
     "collected -0.1", "W a@P=W:overdue"},
    {"the policy is disabled", "--all",
     "vm a P s C S -60 -52; policy P s off lists; names a P s; collected -0.1",
     "W a@P=W:disabled"},
    {"out of its policy, with its replica left", "--all",
     "vm a P s C S -60 -52; vm b P s I S -2; policy P s on lists; names b P s; replica a P s;"
     "collected -0.1", "O a@P=O:left b@P=O"},
    {"out of its policy, and no session is left", "--all",
     "vm b P s I S -2; policy P s on lists; names b P s; replica a P s; collected -0.1",
     "O a@P=O:left b@P=O"},
    {"never began", "--all",
     "vm b P s I S -2; policy P s on lists; names a P s; names b P s; collected -0.1",
     "W a@P=W:uncovered b@P=O"},
    {"never began, of one VM", "--vm=a", "policy P s on lists; names a P s; collected -0.1",
     "W a@P=W:uncovered"},
    {"failed 5 days ago", "--all",
     "vm a P s C F -128 -120; vm b P s I S -2; policy P s on; replica a P s; collected -0.1",
     "C a@P=C:uncovered b@P=O"},
    {"fails every 8 hours, which is fine", "--all --map=Failed=ok --critical-age=1d",
     "vm a P s I S -2; vm a P s C F -10 -2; vm a P s C F -18 -10; vm a P s C S -40 -30;"
     "collected -0.1", "C a@P=C:age=C"},
    {"fails, but a point is young", "--all --map=Failed=ok --critical-age=1d",
     "vm a P s I S -2; vm a P s C F -10 -2; vm a P s C S -18 -10; collected -0.1", "O a@P=O"},
    {"EM collects no more", "--all", "vm a P s I S -5; collected -3 0.25", "W a@P=O | stale=W"},
    {"one of two servers is not collected", "--all",
     "vm a P s I S -2; vm b P t I S -5; collected -3; server s -0.1; server t - missed",
     "W a@P=O b@P=O | stale=W"},
    {"a server that does not matter is not collected", "--vm=a",
     "vm a P s I S -2; collected -3; server S -0.1; server t - missed", "O a@P=O | missed"},
    {"a user without the right", "--all",
     "vm a P s I S -2; refused policies; refused collection; refused replicas",
     "O a@P=O | refused"},
    {"moved", "--all",
     "vm a P s C S -18 -10; vm a Q s I S -9.5; policy P s on lists; policy Q s on lists;"
     "names a Q s; replica a P s; replica a Q s; collected -0.1", "O a@Q=O | moved:a@P"},

    // Signs and other rules.
    {"--map of a sign", "--all --map=idle=critical", "vm a P s C S -60 -52", "C a@P=C:idle"},
    {"--map of a sign away", "--all --map=uncovered=ok", "policy P s on; names a P s",
     "O a@P=O:uncovered"},
    {"a sign and a failure", "--all", "vm a P s C F -60 -52", "C a@P=C:idle"},
    {"--idle-after", "--all --idle-after=9h", "vm a P s C S -18 -9", "O a@P=O"},
    {"--overdue-after", "--all --overdue-after=61h", "vm a P s I S -60; vm a P s C S -68 -60",
     "O a@P=O"},
    {"no point yet", "--all", "vm a P s I S -26", "W a@P=W:overdue!"},
    {"no point is known", "--all --no-last-completed", "vm a P s I S -26", "W a@P=W:overdue"},
    {"spans up to the last collection", "--all --warning-data-age=~:",
     "vm a P s C S -9 -3.5; collected -3", "O a@P=O"},
    {"a collection that is younger than it seems", "--all --warning-data-age=~:",
     "vm a P s C S -18 -10; vm b P S I S -2; vm c P t C S -18 -10; collected -10",
     "W a@P=W:idle b@P=O c@P=O"},
    {"one server in two cases", "--all", "vm a P s C S -18 -10; vm a P S I S -10",
     "O a@P=O"},
    {"which is not known", "--all", "vm a P s C S -9 -3.5; refused collection",
     "W a@P=W:idle | refused"},
    {"which is yet to come", "--all", "vm a P s C S -9 -1; collected 2", "O a@P=O"},
    {"policies that were told in part", "--all",
     "vm a P s C S -9 -3; policy P s off lists; failed policies", "W a@P=W:idle | failed"},
    {"a session without a policy", "--all",
     "vm a - s C S -9 -3; policy P s off; names a P s", "W a@-=W:disabled"},
    {"a threshold on a VM without sessions", "--all --critical-age=1d",
     "policy P s on; names a P s", "W a@P=W:age=U,uncovered"},
    {"a threshold on what has left", "--all --critical-age=1d",
     "vm b P s I S -2; policy P s on lists; names b P s; replica a P s", "O a@P=O:left b@P=O"},
    {"a sign of what may be of several VMs", "--all",
     "vm a P s I S -2; vm a Q s I S -2; vm a - s C S -60 -52", "U a@-=U:doubt a@P=O a@Q=O"},

    // What is there, and what is not.
    {"a policy that nothing is known of", "--policy=P", "lacks", "U @P=U:no-policy"},
    {"and policies are not told", "--policy=P", "lacks; refused policies; policy P s on",
     "U @P=U:no-policy | refused"},
    {"another policy is told", "--policy=P", "lacks; policy Q s on", "U @P=U:no-policy"},
    {"a policy with VMs that never began", "--policy=P",
     "lacks; policy P s on; names a P s; names b P s", "W a@P=W:uncovered b@P=W:uncovered"},
    {"with a replica, and policies are not told", "--policy=P",
     "lacks; refused policies; replica a P s", "W a@P=W:uncovered | refused"},
    {"a policy without any VM", "--policy=P", "lacks; policy P s on in=Prod",
     "W @P=W:uncovered | unresolved"},
    {"a disabled policy without any VM", "--policy=P", "lacks; policy P s off", "W @P=W:disabled"},
    {"on one of two servers", "--policy=P", "vm a P s I S -2; policy P s on; policy P t on",
     "W @P=W:uncovered a@P=O"},
    {"on another server than is asked for", "--policy=P --backup-server=s",
     "vm a P s I S -2; policy P s on; policy P t on", "O a@P=O"},
    {"a policy whose VMs a pattern leaves out", "--policy=P --exclude-vm=a",
     "vm a P s I S -2; policy P s on", "U @P=U:not-found"},
    {"two policies", "--policy=P --policy=Q",
     "vm a P s I S -2; policy P s on; policy Q s off", "W a@P=O @Q=W:disabled"},
    {"a VM that nothing is known of", "--vm=a", "policy P s on; names b P s",
     "U a@-=U:not-found"},
    {"a VM that only a replica shows", "--vm=a", "untold policies; replica a P s; replica b P s",
     "W a@P=W:uncovered"},
    {"a VM of a disabled policy", "--vm=a", "policy P s off; names a P s", "W a@P=W:disabled"},
    {"a VM that has left", "--vm=a", "policy P s on lists; replica a P s", "O a@P=O:left"},
    {"a server leaves it out", "--vm=a --backup-server=t", "policy P s on; names a P s",
     "U a@-=U:not-found"},
    {"no VM at all", "--all", "policy P s on in=Prod; collected -0.1", "U not-found=U unresolved"},
    {"only such as never began", "--all", "policy P s on; names a P s", "W a@P=W:uncovered"},

    // Moved.
    {"moved, and the new one stopped", "--all", "vm a P s C S -18 -10; vm a Q s C S -9 -2",
     "W a@Q=W:idle | moved:a@P"},
    {"moved, and the last session failed", "--all", "vm a P s C F -18 -10; vm a Q s I S -9",
     "O a@Q=O | moved:a@P"},
    {"moved twice", "--all", "vm a P s C S -30 -20; vm a Q s C S -19 -10; vm a R s I S -9",
     "O a@R=O | moved:a@P moved:a@Q"},
    {"just moved", "--all", "vm a P s C S -18 -0.5; vm a Q s I S -0.4", "O a@P=O a@Q=O"},
    {"from a disabled policy", "--all",
     "vm a P s C S -18 -10; vm a Q s I S -9; policy P s off; policy Q s on",
     "O a@Q=O | moved:a@P"},
    {"out of a policy that names its VMs", "--all",
     "vm a P s C S -18 -10; vm a Q s I S -9; policy P s on lists; policy Q s on",
     "O a@Q=O | moved:a@P"},
    {"only a replica is left", "--all", "vm a Q s I S -9; replica a P s; untold policies",
     "O a@Q=O | moved:a@P"},
    {"and what it had is not known", "--all",
     "vm a Q s I S -9; replica a P s; untold policies; failed older",
     "W a@Q=O a@P=W:uncovered | failed"},
    {"nor told to this user", "--all",
     "vm a Q s I S -9; replica a P s; untold policies; refused older",
     "W a@Q=O a@P=W:uncovered | refused"},
    {"but the policy names it", "--all",
     "vm a Q s I S -9; policy P s on; policy Q s on; names a P s", "W a@Q=O a@P=W:uncovered"},
    {"and named though it stopped", "--all",
     "vm a P s C S -18 -10; vm a Q s I S -9; policy P s on; names a P s", "W a@P=W:idle a@Q=O"},
    {"sessions at the same time", "--all", "vm a P s C S -18 -10; vm a Q s I S -10.1",
     "W a@P=W:idle a@Q=O"},
    {"and one of them later", "--all",
     "vm a P s C S -18 -10; vm a Q s I S -2; vm a Q s C S -12 -2", "W a@P=W:idle a@Q=O"},
    {"another backup server", "--all", "vm a P s C S -18 -10; vm a Q t I S -9",
     "W a@P=W:idle a@Q=O"},
    {"of which EM does not say", "--all", "vm a P - C S -18 -10; vm a Q s I S -9",
     "W a@P=W:idle a@Q=O"},
    {"the server in another case", "--all", "vm a P S C S -18 -10; vm a Q s I S -9",
     "O a@Q=O | moved:a@P"},
    {"it runs too long there", "--all", "vm a P s I S -40; vm a P s C S -48 -40; vm a Q s I S -9",
     "W a@P=W:overdue a@Q=O"},
    {"of one VM", "--vm=a", "vm a P s C S -18 -10; vm a Q s I S -9", "O a@Q=O | moved:a@P"},
    {"of the policy that it left", "--policy=P", "vm a P s C S -18 -10; vm a Q s I S -9",
     "W a@P=W:idle"},
    {"of the policy that it left, beside others", "--policy=P",
     "vm a P s C S -18 -10; vm a Q s I S -9; vm b P s I S -2", "O b@P=O | moved:a@P"},
    {"left out by a pattern", "--all --exclude-vm=a",
     "vm a P s C S -18 -10; vm a Q s I S -9; vm b P s I S -2", "O b@P=O"},

    // How old EM's data is.
    {"at the limit", "--all", "vm a P s I S -2; collected -0.75", "O a@P=O"},
    {"beyond it", "--all", "vm a P s I S -2; collected -0.7501", "W a@P=O | stale=W"},
    {"collections an hour apart", "--all", "vm a P s I S -2; collected -3 1", "O a@P=O"},
    {"and three are missing", "--all", "vm a P s I S -5; collected -3.001 1",
     "W a@P=O | stale=W"},
    {"--warning-data-age", "--all --warning-data-age=4h", "vm a P s I S -5; collected -3 0.25",
     "O a@P=O"},
    {"--critical-data-age", "--all --critical-data-age=2h", "vm a P s I S -5; collected -3 0.25",
     "C a@P=O | stale=C"},
    {"and the default below it", "--all --critical-data-age=4h",
     "vm a P s I S -5; collected -3 0.25", "W a@P=O | stale=W"},
    {"turned off", "--all --warning-data-age=~:", "vm a P s I S -5; collected -3", "O a@P=O"},
    {"turned off, but a critical one", "--all --warning-data-age=~: --critical-data-age=2h",
     "vm a P s I S -5; collected -3", "C a@P=O | stale=C"},
    {"--sessions-only", "--all --sessions-only", "vm a P s I S -5; untold collection", "O a@P=O"},
    {"collected, but not the VM's server", "--all",
     "vm a P s I S -2; server s - missed; server t -0.1",
     "W a@P=O | uncollected=W missed"},
    {"never collected", "--all", "vm a P s I S -2; collected -", "W a@P=O | uncollected=W"},
    {"never collected, and turned off", "--all --warning-data-age=~:", "vm a P s I S -2; collected -",
     "O a@P=O"},
    {"never collected, and only critical", "--all --warning-data-age=~: --critical-data-age=1d",
     "vm a P s I S -2; collected -", "U a@P=O | uncollected=U"},
    {"a server that is not known", "--all", "vm a P - I S -5; collected -3; server s -0.1",
     "W a@P=O | stale=W"},
    {"refused, with a threshold", "--all --critical-data-age=1d",
     "vm a P s I S -2; refused collection", "U a@P=O | data-unknown=U refused"},
    {"failed", "--all", "vm a P s I S -2; failed collection", "O a@P=O | failed"},
    {"failed, with a threshold", "--all --warning-data-age=1h",
     "vm a P s I S -2; failed collection", "U a@P=O | data-unknown=U failed"},
    {"no answer, with a threshold", "--all --warning-data-age=1h",
     "vm a P s I S -2; untold collection", "U a@P=O | data-unknown=U"},
    {"a fault is no unknown age", "--vm=a --warning-data-age=1h --unreachable-result=ok",
     "fault server; untold collection", "O a@-=O:fault"},
    {"not found is told by a stale EM", "--vm=a", "collected -3", "W a@-=U:not-found | stale=W"},
    {"of EM: fresh", "--em", "policy P s on; collected -0.1", "O"},
    {"of EM: stale", "--em", "policy P s on; collected -3", "W stale=W"},
    {"of EM: a server that a policy names", "--em",
     "policy P s on; policy Q t on; server s -0.1; server t -3", "W stale=W"},
    {"of EM: a server without a policy", "--em",
     "policy P s on; server s -0.1; server t -3 missed", "O missed"},
    {"of EM: no policy", "--em", "collected -3; server s -0.1", "W stale=W"},
    {"of EM: nothing told", "--em", "refused policies; refused collection; untold replicas",
     "O refused"},
    {"of EM: nothing told, but a threshold", "--em --critical-data-age=1h",
     "refused collection", "U data-unknown=U refused"},
    {"of EM: failed", "--em", "policy P s on; failed collection", "W data-unknown=W failed"},
    {"of EM: failed, and a threshold", "--em --critical-data-age=1h",
     "policy P s on; failed collection", "U data-unknown=U failed"},
    {"of EM: failed, and turned off", "--em --warning-data-age=~:", "failed collection",
     "O failed"},
    {"of EM: no answer", "--em", "fault server; untold collection", "U fault=U"},

    // Servers.
    {"none of three runs", "--all",
     "vm a P s C S -9 -0.5; vm b P s C S -9 -0.5; vm c Q S C S -9 -2",
     "W a@P=O b@P=O c@Q=W:idle | standstill(s:3/0)"},
    {"none of two", "--all", "vm a P s C S -9 -0.5; vm b P s C S -9 -0.5", "O a@P=O b@P=O"},
    {"one of three does", "--all",
     "vm a P s C S -9 -0.5; vm b P s C S -9 -0.5; vm c Q s I S -2", "O a@P=O b@P=O c@Q=O"},
    {"before narrowing", "--all --exclude-vm=[bc]",
     "vm a P s C S -9 -0.5; vm b P s C S -9 -0.5; vm c Q s I S -2", "O a@P=O"},
    {"of a policy", "--policy=P",
     "vm a P s C S -9 -0.5; vm b P s C S -9 -0.5; vm c P s C S -9 -0.5",
     "O a@P=O b@P=O c@P=O"},
    {"of a disabled policy", "--all",
     "vm a P s C S -9 -0.5; vm b P s C S -9 -0.5; vm c Q s C S -9 -2; policy Q s off",
     "W a@P=O b@P=O c@Q=W:disabled"},
    {"what has left and what never began", "--all",
     "vm a P s C S -9 -0.5; vm b P s C S -9 -0.5; vm c Q s C S -9 -2; policy Q s on lists;"
     "names d Q s", "W a@P=O b@P=O c@Q=O:left d@Q=W:uncovered"},
    {"of another server", "--all",
     "vm a P s C S -9 -0.5; vm b P s C S -9 -0.5; vm c P s C S -9 -0.5; vm d P t I S -2",
     "O a@P=O b@P=O c@P=O d@P=O | standstill(s:3/0)"},

    // Restore points.
    {"points, not asked for", "--vm=a", "vm a P s I S -2; replica a P s", "O a@P=O"},
    {"points", "--vm=a --rpo", "vm a P s I S -2; policy P s on rpo=15; replica a P s; points 5 15 2",
     "O a@P=O:points"},
    {"points within limits", "--vm=a --critical-lag=5 --critical-gap=15 --critical-compliance=100: "
     "--critical-app-age=2h",
     "vm a P s I S -2; policy P s on rpo=15; replica a P s; points 5 15 2", "O a@P=O:points"},
    {"points beyond them", "--vm=a --critical-lag=4 --warning-gap=4 --warning-compliance=100: "
     "--critical-app-age=119m",
     "vm a P s I S -2; policy P s on rpo=15; replica a P s; points 5 16 2",
     "C a@P=C:rpo_lag=C,rpo_gap=W,rpo_compliance=W,app_age=C,points"},
    {"no short-term point", "--vm=a --rpo", "vm a P s I S -2; policy P s on rpo=15; replica a P s; points - - 2",
     "O a@P=O:points | no-points"},
    {"no short-term point, and thresholds", "--vm=a --critical-lag=5 --warning-gap=5 "
     "--warning-compliance=95:",
     "vm a P s I S -2; policy P s on rpo=15; replica a P s; points - - 2",
     "U a@P=U:rpo_lag=U,rpo_gap=U,rpo_compliance=U,points"},
    {"no application-consistent point", "--vm=a --rpo",
     "vm a P s I S -2; policy P s on rpo=15; replica a P s; points 5 15 -", "O a@P=O:points"},
    {"no application-consistent point, and a limit", "--vm=a --warning-app-age=59m",
     "vm a P s I S -2; policy P s on rpo=15; replica a P s; points 5 15 -", "W a@P=W:app_age=W,points"},
    {"and EM does not say how long ago", "--vm=a --warning-app-age=59m",
     "vm a P s I S -2; policy P s on rpo=15; replica a P s; points 5 15 - late", "U a@P=U:app_age=U,points"},
    {"a young one, whatever was before", "--vm=a --warning-app-age=59m",
     "vm a P s I S -2; policy P s on rpo=15; replica a P s; points 5 15 0 late", "O a@P=O:points"},
    {"the RPO is not known", "--vm=a --critical-compliance=95:",
     "vm a P s I S -2; policy P s on; replica a P s; points 5 15 2",
     "U a@P=U:rpo_compliance=U,points"},
    {"the policy is not known", "--vm=a --critical-compliance=95:",
     "vm a P s I S -2; refused policies; replica a P s; points 5 15 2",
     "U a@P=U:rpo_compliance=U,points | refused"},
    {"the spacing is not known", "--vm=a --critical-compliance=95:",
     "vm a P s I S -2; policy P s on rpo=15; replica a P s; points 5 - 2",
     "U a@P=U:rpo_compliance=U,points"},
    {"EM did not tell them", "--vm=a --rpo", "vm a P s I S -2; policy P s on; replica a P s; unpointed",
     "O a@P=O | no-points"},
    {"EM did not tell them, and a threshold", "--vm=a --warning-app-age=1d",
     "vm a P s I S -2; policy P s on; replica a P s; unpointed", "U a@P=U:app_age=U | no-points"},
    {"a policy that names it, and does not say its server", "--vm=a --rpo",
     "vm a P s I S -2; policy P - on; names a P -; replica a P s; points 5 15 2", "O a@P=O:points"},
    {"of two policies", "--vm=a --critical-lag=5m",
     "vm a P s I S -2; vm a Q s I S -2; policy P s on; policy Q s on; replica a P s; points 5 15 2;"
     "replica a Q s; points 301 15 2", "C a@P=O:points a@Q=C:rpo_lag=C,points"},
    {"it was not asked", "--vm=a --critical-lag=5m", "vm a P s I S -2; replica a P s",
     "U a@P=U:rpo_lag=U"},
    {"no replica", "--vm=a --critical-lag=5m", "vm a P s I S -2; policy P s on",
     "U a@P=U:rpo_lag=U"},
    {"beside a failure", "--vm=a --critical-lag=5m",
     "vm a P s I S -2; vm a P s C F -10 -2; replica a P s; unpointed",
     "C a@P=C:rpo_lag=U"},
    {"one of two", "--policy=P --critical-lag=5m",
     "vm a P s I S -2; vm b P s I S -2; policy P s on; replica a P s; points 301 15 2; replica b P s; unpointed",
     "C a@P=C:rpo_lag=C,points b@P=U:rpo_lag=U | no-points"},
    {"a VM that stands still, and lags", "--vm=a --critical-lag=5m",
     "vm a P s C S -60 -52; policy P s on; replica a P s; points 600 15 2; collected -0.1",
     "C a@P=C:rpo_lag=C,idle,points"},
    {"a VM that has left", "--vm=a --critical-lag=5m", "policy P s on lists; replica a P s",
     "O a@P=O:left"},
    {"a VM that is not there", "--vm=a --critical-lag=5m", "policy P s on", "U a@-=U:not-found"},

    // Other findings.
    {"replicas that join nothing", "--all", "vm a P s I S -2; unjoined s", "O a@P=O | unjoined"},
    {"containers of another policy", "--policy=P",
     "vm a P s I S -2; policy P s on; policy Q s on in=Prod", "O a@P=O"},
    {"containers of the VM's policy", "--vm=a",
     "vm a P s I S -2; policy P s on in=Prod; policy Q s on in=Dev", "O a@P=O | unresolved"},
    {"containers of another VM's policy", "--vm=a",
     "vm a P s I S -2; policy P s on; policy Q s on in=Dev", "O a@P=O"},
    {"all that can go wrong", "--all",
     "vm a P s C S -9 -3.5; vm b P s C S -9 -3.5; vm c P s C S -9 -3.5; vm d P s C S -20 -12;"
     "vm d Q s C S -11 -3.5; unjoined s; failed replicas; refused policies; collected -3;"
     "server t - missed; policy P s on in=Prod",
     "W a@P=O b@P=O c@P=O d@Q=O | stale=W standstill(s:4/0) missed failed unjoined refused "
     "unresolved moved:d@P"},
};
// clang-format on

struct scene {
    struct options options;
    struct command command;
    struct site site;
    struct verdict verdict;
};

/* Live options need a host and a user. */
static void read_options(struct scene *scene, const char *text)
{
    static char words[256];
    const char *all[MOST_WORDS + 1] = {NULL};
    char *place = NULL;
    int count = 0;
    struct fault fault;
    snprintf(words, sizeof words, "%s %s",
             strstr(text, "--input") == NULL ? "--hostname=em01 --username=user" : "", text);
    for (char *word = strtok_r(words, " ", &place); word != NULL;
         word = strtok_r(NULL, " ", &place)) {
        all[count++] = word;
    }
    command_make(&scene->command, all);
    ck_assert_msg(read_command(&scene->options, &scene->command, &fault) == 0, "%s: %s", text,
                  fault.text);
    ck_assert_int_eq(site_init(&scene->site, &scene->options.scope, &fault), 0);
    for (enum site_topic topic = 0; topic < SITE_TOPICS; topic++) {
        scene->site.answers[topic].knowledge = SITE_TOLD;
    }
}

/* ---- what EM has ---- */

/* The fields of a command; those that are not there, and '-', are NULL. */
struct fields {
    const char *of[MOST_FIELDS];
};

static utc_us at(const char *hours)
{
    return moment(NOW) + (utc_us)llround(strtod(hours, NULL) * 3600e6);
}

/* The time as EM writes it; NULL: none. */
static const char *write_time(char text[40], const char *hours)
{
    if (hours == NULL) {
        return NULL;
    }
    const time_t seconds = (time_t)(at(hours) / UTC_SECOND);
    struct tm parts;
    strftime(text, 40, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &parts));
    return text;
}

static const char *word_of(const char *letter)
{
    static const char *const words[] = {"Completed", "InProgress", "Pending",
                                        "Success",   "Warning",    "Failed"};
    for (int i = 0; letter != NULL && i < COUNT(words); i++) {
        if (words[i][0] == letter[0]) {
            return words[i];
        }
    }
    return letter;
}

static void add_session(struct site *site, const struct fields *fields)
{
    char created[40];
    char ended[40];
    char uid[40];
    snprintf(uid, sizeof uid, "%s",
             site->sessions.count == 0 ? "ad86fed0-4288-47ba-a7ab-0fca64d3ba5a" : "");
    add_spec(&site->sessions, &(struct spec){.uid = uid[0] != '\0' ? uid : NULL,
                                             .vm = fields->of[0],
                                             .policy = fields->of[1],
                                             .server = fields->of[2],
                                             .state = word_of(fields->of[3]),
                                             .result = word_of(fields->of[4]),
                                             .created = write_time(created, fields->of[5]),
                                             .ended = write_time(ended, fields->of[6])});
}

/* The hours behind the name and '='. */
static double hours_of(const char *field, const char *name)
{
    const size_t length = strlen(name);
    return strncmp(field, name, length) == 0 && field[length] == '='
               ? strtod(field + length + 1, NULL) * 3600
               : 0;
}

static void add_policy(struct site *site, const struct fields *fields)
{
    struct fault fault;
    struct policy policy = {.name = fields->of[0],
                            .backup_server = fields->of[1],
                            .has_enabled = fields->of[2] != NULL,
                            .enabled = fields->of[2] != NULL && strcmp(fields->of[2], "on") == 0};
    for (int i = 3; i < MOST_FIELDS && fields->of[i] != NULL; i++) {
        const char *field = fields->of[i];
        const double long_term_s = hours_of(field, "long");
        policy.lists_all = policy.lists_all || strcmp(field, "lists") == 0;
        policy.has_long_term = policy.has_long_term || long_term_s > 0;
        policy.long_term_s += long_term_s;
        policy.replication_pause_s += hours_of(field, "pause");
        policy.has_rpo = policy.has_rpo || strncmp(field, "rpo=", 4) == 0;
        policy.rpo_s += hours_of(field, "rpo") / 3600;
        policy.containers = strncmp(field, "in=", 3) == 0 ? field + 3 : policy.containers;
    }
    ck_assert_int_eq(policies_append(&site->policies, &policy, &fault), 0);
}

static void add_protected(struct site *site, const struct fields *fields, bool named)
{
    struct fault fault;
    const struct protected_vm vm = {.vm = fields->of[0],
                                    .policy = fields->of[1],
                                    .backup_server = fields->of[2],
                                    .replica = named ? NULL : "UUID/vms/UUID",
                                    .named = named,
                                    .has_replica = !named};
    ck_assert_int_eq(protected_vms_append(&site->protected_vms, &vm, &fault), 0);
}

static void add_named(struct site *site, const struct fields *fields)
{
    add_protected(site, fields, true);
}

static struct recovery *add_recovery(struct site *site)
{
    struct protected_vm *vm = &site->protected_vms.items[site->protected_vms.count - 1];
    vm->recovery = calloc(1, sizeof *vm->recovery);
    ck_assert_ptr_nonnull(vm->recovery);
    return vm->recovery;
}

static void add_points(struct site *site, const struct fields *fields)
{
    struct recovery *recovery = add_recovery(site);
    struct intervals *intervals = &recovery->intervals;
    struct fault fault;
    recovery->known = true;
    intervals->start = at("-1");
    intervals->end = at("0");
    intervals->begins_late = fields->of[3] != NULL;
    if (fields->of[0] != NULL) {
        const struct interval interval = {
            .start = intervals->start,
            .end = intervals->end - (utc_us)strtoll(fields->of[0], NULL, 10) * UTC_SECOND,
            .has_points = true,
            .has_spacing = fields->of[1] != NULL,
            .spacing_s = fields->of[1] != NULL ? strtod(fields->of[1], NULL) : 0};
        ck_assert_int_eq(intervals_append(intervals, &interval, &fault), 0);
    }
    intervals->has_app_consistent = fields->of[2] != NULL;
    if (intervals->has_app_consistent) {
        intervals->app_consistent =
            intervals->end - (utc_us)strtoll(fields->of[2], NULL, 10) * 3600 * UTC_SECOND;
    }
}

static void leave_unpointed(struct site *site, const struct fields *fields)
{
    (void)fields;
    fault_set(&add_recovery(site)->why, FAULT_SERVER, "what happened");
}

static void add_replica(struct site *site, const struct fields *fields)
{
    add_protected(site, fields, false);
}

static void add_collection(struct site *site, const struct fields *fields)
{
    site->collection.has_succeeded = fields->of[0] != NULL;
    site->collection.succeeded = fields->of[0] != NULL ? at(fields->of[0]) : 0;
    site->collection.spacing_s = fields->of[1] != NULL ? strtod(fields->of[1], NULL) * 3600 : 0;
}

static void add_server(struct site *site, const struct fields *fields)
{
    struct collected_server *server = collection_add(&site->collection, fields->of[0]);
    ck_assert_ptr_nonnull(server);
    server->collected = fields->of[1] != NULL;
    server->at = server->collected ? at(fields->of[1]) : 0;
    server->missed = fields->of[2] != NULL;
}

static void answer(struct site *site, const char *topic, enum site_knowledge knowledge)
{
    static const char *const topics[SITE_TOPICS] = {[SITE_POLICIES] = "policies",
                                                    [SITE_COLLECTION] = "collection",
                                                    [SITE_REPLICAS] = "replicas",
                                                    [SITE_OLDER] = "older"};
    size_t place = 0;
    while (strcmp(topics[place], topic) != 0) {
        place++;
    }
    site->answers[place].knowledge = knowledge;
}

static void refuse(struct site *site, const struct fields *fields)
{
    answer(site, fields->of[0], SITE_REFUSED);
}

static void fail_to_answer(struct site *site, const struct fields *fields)
{
    answer(site, fields->of[0], SITE_FAILED);
}

static void leave_untold(struct site *site, const struct fields *fields)
{
    answer(site, fields->of[0], SITE_NOT_ASKED);
}

static void lack_policy(struct site *site, const struct fields *fields)
{
    (void)fields;
    site->parts[0].lacks_policy = true;
}

static void add_unjoined(struct site *site, const struct fields *fields)
{
    lines_add(&site->unjoined, "%s", fields->of[0]);
}

static void add_fault(struct site *site, const struct fields *fields)
{
    (void)fields;
    fault_set(&site->parts[0].fault, FAULT_SERVER, "what happened");
}

static void run_command(struct site *site, char *text)
{
    static const struct {
        const char *word;
        void (*run)(struct site *, const struct fields *);
    } commands[] = {
        {"vm", add_session},      {"policy", add_policy},        {"names", add_named},
        {"replica", add_replica}, {"collected", add_collection}, {"server", add_server},
        {"refused", refuse},      {"failed", fail_to_answer},    {"untold", leave_untold},
        {"lacks", lack_policy},   {"unjoined", add_unjoined},    {"fault", add_fault},
        {"points", add_points},   {"unpointed", leave_unpointed}};
    struct fields fields = {{NULL}};
    char *place = NULL;
    const char *word = strtok_r(text, " ", &place);
    int i = 0;
    ck_assert_ptr_nonnull(word);
    for (int field = 0; field < MOST_FIELDS; field++) {
        const char *next = strtok_r(NULL, " ", &place);
        fields.of[field] = next != NULL && strcmp(next, "-") != 0 ? next : NULL;
    }
    while (strcmp(commands[i].word, word) != 0) {
        i++;
        ck_assert_msg(i < COUNT(commands), "there is no command '%s'", word);
    }
    commands[i].run(site, &fields);
}

static void make_site(struct site *site, const char *text)
{
    char commands[1024];
    char *place = NULL;
    snprintf(commands, sizeof commands, "%s", text);
    if (strstr(text, "collected") == NULL && strstr(text, "server") == NULL) {
        add_collection(site, &(struct fields){{"0"}});
    }
    for (char *command = strtok_r(commands, ";", &place); command != NULL;
         command = strtok_r(NULL, ";", &place)) {
        run_command(site, command);
    }
}

/* ---- what comes of it ---- */

static char letter_of(int state)
{
    return "OWCU"[state];
}

static void append_vm_finding(struct buf *text, const struct vm_verdict *vm,
                              const struct finding *finding)
{
    static const char *const words[] = {
        [FINDING_FAULT] = "fault",         [FINDING_NOT_FOUND] = "not-found",
        [FINDING_NO_POLICY] = "no-policy", [FINDING_DOUBT] = "doubt",
        [FINDING_LEFT] = "left",           [FINDING_POINTS] = "points"};
    if (finding->kind == FINDING_SIGN) {
        buf_text(text, sign_words[vm->standing.sign]);
        buf_text(text, vm->standing.no_point ? "!" : "");
    } else if (finding->kind == FINDING_BREACH || finding->kind == FINDING_UNMEASURED) {
        buf_format(text, "%s=%c", metrics[finding->metric].label, letter_of(finding->state));
    } else {
        ck_assert_ptr_nonnull(words[finding->kind]);
        buf_text(text, words[finding->kind]);
    }
}

static void append_vm(struct buf *text, const struct vm_verdict *vm)
{
    const char *separator = ":";
    buf_format(text, " %s@%s=%c", vm->name != NULL ? vm->name : "",
               vm->policy != NULL ? vm->policy : "-", letter_of(vm->state));
    for (size_t i = 0; i < vm->finding_count; i++) {
        if (vm->findings[i].kind != FINDING_SESSION) {
            buf_text(text, separator);
            append_vm_finding(text, vm, &vm->findings[i]);
            separator = ",";
        }
    }
}

static void append_servers(struct buf *text, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->server_count; i++) {
        const struct server_verdict *server = &verdict->servers[i];
        if (server->vms >= STANDSTILL_VMS && server->running == 0) {
            buf_format(text, "(%s:%zu/%zu)", server->name, server->vms, server->running);
        }
    }
}

static void append_run_finding(struct buf *text, const struct verdict *verdict,
                               const struct finding *finding)
{
    static const char *const words[] = {[FINDING_FAULT] = "fault",
                                        [FINDING_NOT_FOUND] = "not-found",
                                        [FINDING_STALE] = "stale",
                                        [FINDING_UNCOLLECTED] = "uncollected",
                                        [FINDING_DATA_UNKNOWN] = "data-unknown",
                                        [FINDING_STANDSTILL] = "standstill",
                                        [FINDING_MISSED] = "missed",
                                        [FINDING_FAILED] = "failed",
                                        [FINDING_UNJOINED] = "unjoined",
                                        [FINDING_REFUSED] = "refused",
                                        [FINDING_UNRESOLVED] = "unresolved",
                                        [FINDING_NO_POINTS] = "no-points"};
    if (finding->kind == FINDING_MOVED) {
        for (size_t i = 0; i < verdict->moved_count; i++) {
            buf_format(text, " moved:%s@%s", verdict->moved[i].vm, verdict->moved[i].from);
        }
        return;
    }
    ck_assert_ptr_nonnull(words[finding->kind]);
    buf_format(text, " %s", words[finding->kind]);
    if (finding->state != STATE_OK) {
        buf_format(text, "=%c", letter_of(finding->state));
    } else if (finding->kind == FINDING_STANDSTILL) {
        append_servers(text, verdict);
    }
}

static void append_verdict(struct buf *text, const struct verdict *verdict)
{
    size_t signs = 0;
    buf_format(text, "%c", letter_of(verdict->state));
    for (size_t i = 0; i < verdict->vm_count; i++) {
        append_vm(text, &verdict->vms[i]);
        signs += verdict->vms[i].standing.shows_sign ? 1 : 0;
    }
    buf_text(text, verdict->vm_count > 0 && verdict->finding_count > 0 ? " |" : "");
    for (size_t i = 0; i < verdict->finding_count; i++) {
        append_run_finding(text, verdict, &verdict->findings[i]);
    }
    for (enum sign sign = 0; sign < SIGNS; sign++) {
        signs -= verdict->signs[sign];
    }
    ck_assert_uint_eq(signs, 0);
}

static void start(struct scene *scene, const char *options, const char *site)
{
    struct fault fault;
    *scene = (struct scene){.site = {.parts = NULL}};
    clear_environment();
    read_options(scene, options);
    make_site(&scene->site, site);
    ck_assert_int_eq(judge(&scene->options.scope, &scene->options.rules, &scene->site, moment(NOW),
                           &scene->verdict, &fault),
                     0);
}

static void finish(struct scene *scene)
{
    verdict_free(&scene->verdict);
    site_free(&scene->site);
    options_free(&scene->options);
    command_free(&scene->command);
}

START_TEST(judges_scenes)
{
    struct scene scene;
    cleanup_buf struct buf text;
    buf_init(&text, LIMIT);
    start(&scene, scenes[_i].options, scenes[_i].site);
    append_verdict(&text, &scene.verdict);
    ck_assert_msg(strcmp(buf_string(&text), scenes[_i].verdict) == 0, "%s: '%s', not '%s'",
                  scenes[_i].name, buf_string(&text), scenes[_i].verdict);
    finish(&scene);
}
END_TEST

/* The limit, and how it is told. */
static const struct {
    const char *options, *site;
    double value, limit; // hours; limit N: none
    const char *text;
} ages[] = {
    {"--all", "vm a P s I S -2; collected -0.5", 0.5, 0.75, "45m"},
    {"--all", "vm a P s I S -2; collected -0.5 0.25", 0.5, 0.75, "45m"},
    {"--all", "vm a P s I S -2; collected -0.5 1", 0.5, 3, "3h"},
    {"--all", "vm a P s I S -2; collected 0.5", 0, 0.75, "45m"},
    {"--all --warning-data-age=2h", "vm a P s I S -2; collected -0.5 1", 0.5, 2, "2h"},
    {"--all --warning-data-age=~:", "vm a P s I S -2; collected -0.5 1", 0.5, NAN, NULL},
    {"--all", "vm a P s I S -2; vm b P t I S -2; collected -3; server s -0.5; server t -1", 1, 0.75,
     "45m"},
    {"--vm=a", "vm a P s I S -2; collected -3; server s -0.5; server t -1", 0.5, 0.75, "45m"},
};

START_TEST(data_age_has_a_limit)
{
    struct scene scene;
    start(&scene, ages[_i].options, ages[_i].site);
    const struct measure *measure = &scene.verdict.measures[METRIC_DATA_AGE];
    ck_assert(measure->known);
    ck_assert_double_eq(measure->value, ages[_i].value * 3600);
    ck_assert(isnan(ages[_i].limit) == (measure->warning == NULL));
    if (measure->warning != NULL) {
        ck_assert_double_eq(measure->warning->range->end, ages[_i].limit * 3600);
        ck_assert_str_eq(measure->warning->text, ages[_i].text);
    }
    finish(&scene);
}
END_TEST

/* Of all VMs the longest lag and the least compliance count, each by its own VM's thresholds. */
START_TEST(the_worst_points_are_the_runs)
{
    struct scene scene;
    start(&scene, "--policy=P --critical-lag=5m --warning-compliance=95:",
          "vm a P s I S -2; vm b P s I S -2; vm c P s I S -2; policy P s on rpo=15;"
          "replica a P s; points 5 60 2; replica b P s; points 60 15 8; replica c P s; unpointed");
    const struct measure *lag = &scene.verdict.measures[METRIC_RPO_LAG];
    const struct measure *compliance = &scene.verdict.measures[METRIC_RPO_COMPLIANCE];
    ck_assert(lag->known && compliance->known);
    ck_assert_double_eq(lag->value, 60);
    ck_assert_str_eq(lag->critical->text, "5m");
    ck_assert_double_eq(compliance->value, 0);
    ck_assert_str_eq(compliance->warning->text, "95:");
    ck_assert(!scene.verdict.measures[METRIC_RPO_GAP].known);
    ck_assert(!scene.verdict.measures[METRIC_APP_AGE].known);
    finish(&scene);
}
END_TEST

/* All that EM told of is there, whatever is judged; some of the VMs have none of it. */
START_TEST(servers_are_of_all_and_groups_have_none)
{
    static const size_t places[] = {0};
    struct scene scene;
    struct verdict group;
    start(&scene, "--vm=a",
          "vm a P s C S -20 -9; vm b P S I S -2; policy Q t on; names c Q u; collected -3;"
          "server s - missed");
    const struct verdict *verdict = &scene.verdict;
    ck_assert_uint_eq(verdict->server_count, 3);
    for (size_t i = 0; i < verdict->server_count; i++) {
        const struct server_verdict *server = &verdict->servers[i];
        const bool is_first = server->name[0] == 's';
        ck_assert_uint_eq(server->vms, is_first ? 2 : 0);
        ck_assert_uint_eq(server->running, is_first ? 1 : 0);
        ck_assert(server->judged == is_first);
        ck_assert(server->missed == is_first);
    }
    ck_assert_int_eq(verdict_of_group(verdict, places, 1, &group), 0);
    ck_assert_int_eq(group.state, STATE_WARNING);
    ck_assert_uint_eq(group.signs[SIGN_IDLE], 1);
    ck_assert_uint_eq(group.finding_count, 0);
    ck_assert(!group.measures[METRIC_DATA_AGE].known);
    ck_assert_uint_eq(group.server_count, 0);
    verdict_free_group(&group);
    finish(&scene);
}
END_TEST

Suite *scenes_suite(void)
{
    Suite *suite = suite_create("scenes");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, judges_scenes, 0, COUNT(scenes));
    tcase_add_loop_test(all, data_age_has_a_limit, 0, COUNT(ages));
    tcase_add_test(all, the_worst_points_are_the_runs);
    tcase_add_test(all, servers_are_of_all_and_groups_have_none);
    suite_add_tcase(suite, all);
    return suite;
}
