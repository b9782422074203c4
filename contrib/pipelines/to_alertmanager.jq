# SPDX-License-Identifier: GPL-3.0-or-later
# From check_veeam_cdp_task --format=json to the body of a POST to Alertmanager's /api/v2/alerts:
#
#   jq -Rsf to_alertmanager.jq --arg em NAME [--arg hold SECONDS]
#
# VeeamCdpVm is one alert for each VM, VeeamCdpFault is that nothing could be judged: also where the
# input is empty or no JSON. NAME tells apart the Enterprise Managers that are asked. What is well is
# sent as resolved; alerts that are not sent again for SECONDS end by themselves.

def ranks: {"OK": 0, "UNKNOWN": 1, "WARNING": 2, "CRITICAL": 3};
def known: with_entries(select(.value != null and .value != ""));

($ARGS.named.hold // "3600" | tonumber) as $hold
| (now | floor) as $now

# Severity is a label, so that alerts can be routed by it. An alert of another severity is another
# alert to Alertmanager, so that one is resolved.
| def alerts($judged; $labels; $annotations):
    (if $judged == "OK" then "none" elif $judged == "CRITICAL" then "critical" else "warning" end) as $due
    | ("critical", "warning")
    | {
        labels: ($labels + {severity: ., em: $ARGS.named.em} | known),
        annotations: ($annotations | known),
        startsAt: ($now | todate),
        endsAt: ($now + (if . == $due then $hold else 0 end) | todate)
      };

  # VMs with the same names are sessions that were asked for by their ids, or tell no names.
  def vm_alerts:
    max_by(ranks[.state])
    | alerts(.state;
        {alertname: "VeeamCdpVm", vm, policy, backup_server};
        {summary: "CDP \(.state): \(.vm // .policy // "a session")",
         description: (.why | join("\n")),
         reason: ([.sessions[].reason | select(. != null and . != "")] | unique | join("\n")),
         state});

  # Not to know is worse than to know of a Warning. What EM does not have is among the VMs, if named.
  def fault_alerts:
    (if .error.kind == "not-found" and .vms != [] then null else .error end) as $error
    | alerts(if $error == null then "OK" elif .state == "UNKNOWN" then "CRITICAL" else .state end;
        {alertname: "VeeamCdpFault"};
        if $error == null then {summary: "CDP is watched again"} else
            {summary: "CDP is not watched: \($error.kind)", description: $error.message,
             kind: $error.kind}
        end + {state});

# What is no answer of the plugin becomes one that says so.
(try fromjson catch null
 | if type == "object" and has("vms") and has("error") then . else
       {state: "UNKNOWN", vms: [],
        error: {kind: "no answer", message: "check_veeam_cdp_task printed no JSON; has it crashed?"}}
   end)
| [fault_alerts, (.vms | group_by([.vm, .policy, .backup_server])[] | vm_alerts)]
