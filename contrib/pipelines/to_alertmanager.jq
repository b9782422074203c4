# SPDX-License-Identifier: GPL-3.0-or-later
# From check_veeam_cdp_task --format=json to the body of a POST to Alertmanager's /api/v2/alerts:
#
#   jq -Rsf to_alertmanager.jq --arg em NAME [--rawfile active FILE] [--arg hold SECONDS]
#
# VeeamCdpVm is one alert for each VM that is not OK, VeeamCdpFault is that nothing could be judged: also
# where the input is empty or no JSON. NAME tells apart the Enterprise Managers that are asked. FILE is
# what a GET of the same address answers: of those alerts, the ones that hold no more are ended. Alerts
# that are not sent again for SECONDS end by themselves.

def ranks: {"OK": 0, "UNKNOWN": 1, "WARNING": 2, "CRITICAL": 3};
def known: with_entries(select(.value != null and .value != ""));

($ARGS.named.hold // "3600" | tonumber) as $hold
| (now | floor) as $now

# What is judged: `due` is the severity of its alert, or null where there is none to be.
| def judged($state; $labels; $annotations):
    {due: (if $state == "OK" then null elif $state == "CRITICAL" then "critical" else "warning" end),
     labels: ($labels + {em: $ARGS.named.em} | known),
     annotations: ($annotations | known)};

  # VMs with the same names are sessions that were asked for by their ids, or tell no names.
  def judged_vm:
    max_by(ranks[.state])
    | judged(.state;
        {alertname: "VeeamCdpVm", vm, policy, backup_server};
        {summary: "CDP \(.state): \(.vm // .policy // "a session")",
         description: (.why | join("\n")),
         reason: ([.sessions[].reason | select(. != null and . != "")] | unique | join("\n")),
         state});

  # Not to know is worse than to know of a Warning. What EM does not have is among the VMs, if named.
  def judged_run:
    (if .error.kind == "not-found" and .vms != [] then null else .error end) as $error
    | judged(if $error == null then "OK" elif .state == "UNKNOWN" then "CRITICAL" else .state end;
        {alertname: "VeeamCdpFault"};
        {summary: "CDP is not watched: \($error.kind)", description: $error.message,
         kind: $error.kind, state});

  # Severity is a label, so that alerts can be routed by it. One of another severity is another alert to
  # Alertmanager.
  def identity: del(.severity) | to_entries | sort_by(.key) | tojson;

# What is no answer of the plugin becomes one that says so.
(try fromjson catch null
 | if type == "object" and has("vms") and has("error") then . else
       {state: "UNKNOWN", vms: [],
        error: {kind: "no answer", message: "check_veeam_cdp_task printed no JSON; has it crashed?"}}
   end)
| [judged_run, (.vms | group_by([.vm, .policy, .backup_server])[] | judged_vm)] as $judged
| ([$judged[] | {key: (.labels | identity), value: .due}] | from_entries) as $due
| ($ARGS.named.active // "[]" | try fromjson catch [] | if type == "array" then . else [] end) as $active
| [$judged[] | select(.due != null)
   | {labels: (.labels + {severity: .due}), annotations,
      startsAt: ($now | todate), endsAt: ($now + $hold | todate)}]
  + [$active[] | (.labels | identity) as $identity
     | select(($due | has($identity)) and .labels.severity != $due[$identity])
     | {labels, annotations, startsAt, endsAt: ($now | todate)}]
