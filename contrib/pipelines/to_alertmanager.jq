# SPDX-License-Identifier: GPL-3.0-or-later
# From check_veeam_cdp_task --format=json to the body of a POST to Alertmanager's /api/v2/alerts:
#
#   jq -Rsf to_alertmanager.jq --arg em NAME [--rawfile active FILE] [--arg hold SECONDS]
#
# VeeamCdpVm is one alert for each VM that is not OK, VeeamCdpManager is of Enterprise Manager itself, such
# as data that is too old, VeeamCdpFault is that nothing could be judged, also if the input is empty or not
# JSON. NAME tells apart the Enterprise Managers that are asked. Alerts that are not sent again for SECONDS
# end by themselves.
#
# FILE is what Alertmanager answers to a GET of /api/v2/alerts?filter=em="NAME", as the label em has NAME.
# Of the alerts in it, those that were judged and are not a problem any more are ended. Those of which the
# answer has nothing are sent again: what is no longer seen is not well. If FILE is empty or not such an
# answer, none is ended, nor sent again.

def ranks: {"OK": 0, "UNKNOWN": 1, "WARNING": 2, "CRITICAL": 3};
def known: with_entries(select(.value != null and .value != ""));
# What an alert is about: its labels but the severity.
def about: [.em, .alertname, .vm, .policy, .backup_server] | tojson;
def unseen: "no longer seen";

($ARGS.named.hold // "86400" | tonumber) as $hold
| (now | floor) as $now

# Severity is a label, so that alerts can be routed by it. What is well has none, and is not sent:
# Alertmanager would keep it as an alert that has ended, and tell of it.
| def alert($judged; $labels; $annotations):
    {
      labels: ($labels + {
        severity: (if $judged == "OK" then null elif $judged == "CRITICAL" then "critical" else "warning" end),
        em: $ARGS.named.em
      } | known),
      annotations: ($annotations | known),
      startsAt: ($now | todate),
      endsAt: ($now + $hold | todate)
    };

  # VMs with the same names are sessions that were asked for by their ids, or tell no names.
  def vm_alert:
    max_by(ranks[.state])
    | alert(.state;
        {alertname: "VeeamCdpVm", vm, policy, backup_server};
        {summary: "CDP \(.state): \(.vm // .policy // "a session")",
         description: (.why | join("\n")),
         reason: ([.sessions[].reason | select(. != null and . != "")] | unique | join("\n")),
         state});

  def manager_alert:
    alert(.em.state // "OK";
        {alertname: "VeeamCdpManager"};
        {summary: "CDP \(.em.state): \(.em.why[0] // "Enterprise Manager")",
         description: (.em.why // [] | join("\n")), state: .em.state});

  # Not to know is worse than to know of a Warning.
  def fault_alert($fault):
    alert(if $fault == null then "OK" elif .state == "UNKNOWN" then "CRITICAL" else .state end;
        {alertname: "VeeamCdpFault"};
        {summary: "CDP is not watched: \($fault.kind)", description: $fault.message,
         kind: $fault.kind, state});

  # One that Alertmanager has, for longer.
  def again: {labels, annotations, startsAt, endsAt: ($now + $hold | todate)};

  # Of a VM that EM does not list: as it was, but for what it says of itself.
  def gone:
    if .annotations.state == unseen then . else
      .annotations += {
        summary: "CDP: \(.labels.vm) is \(unseen)",
        description: "It was \(.annotations.state) when Enterprise Manager listed it last: \(.annotations.description)",
        state: unseen}
    end | again;

  # An alert of another severity is another alert to Alertmanager, so the one before is ended. It ends
  # when it was last sent, by Alertmanager's own clock, for which "now" may still be to come.
  def ended: {labels, annotations, endsAt: .updatedAt};

# What is not an answer of the plugin becomes one that says so.
(try fromjson catch null
 | if type == "object" and has("vms") and has("error") then . else
       {state: "UNKNOWN", vms: [],
        error: {kind: "no answer", message: "check_veeam_cdp_task printed no JSON; has it crashed?"}}
   end)
# What EM does not have is among the VMs, if it was named.
| (if .error.kind == "not-found" and .vms != [] then null else .error end) as $fault
| [fault_alert($fault), (select($fault == null) | manager_alert),
   (.vms | group_by([.vm, .policy, .backup_server])[] | vm_alert)] as $alerts
| ($alerts | map({key: (.labels | about), value: .labels.severity}) | from_entries) as $severities
| (INDEX(.vms[]; .vm // "")) as $names
| [.vms[] | select(.vm == null and .state != "OK") | .policy // ""] as $unanswered

# What becomes of an alert that Alertmanager has.
| def followed:
    .labels.severity as $severity
    | (.labels | about) as $about
    | if $severities | has($about) then
        if $severities[$about] == $severity then empty else ended end
      elif (.labels.alertname | IN("VeeamCdpVm", "VeeamCdpManager") | not) then empty
      elif $fault != null or (.labels.policy // "" | IN($unanswered[])) then again
      # What stood for a policy, or for a name that EM did not know, is no VM.
      elif .labels.vm == null or (.labels.policy == null and $names[.labels.vm] != null) then ended
      else gone end;

  ($alerts | map(select(.labels | has("severity"))))
  # Whatever Alertmanager answered, the problems are sent.
  + (try [$ARGS.named.active | fromjson[] | followed] catch [])
