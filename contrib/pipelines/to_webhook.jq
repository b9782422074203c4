# SPDX-License-Identifier: GPL-3.0-or-later
# From check_veeam_cdp_task --format=json to a message for a webhook, or to nothing where nothing has
# changed:
#
#   jq -Rsf to_webhook.jq --arg em NAME [--rawfile previous FILE]
#
# FILE has the member "key" of the message before, or nothing. The message says what is wrong, also
# where the input is empty or no JSON, once that a VM with a problem is no longer seen, and once that all
# is well. "text" is what Slack, Mattermost and Rocket.Chat show; the rest is for programs.

def ranks: {"OK": 0, "UNKNOWN": 1, "WARNING": 2, "CRITICAL": 3};
# Chats take <...> for links and for calls to everybody.
def chat: gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;");
def name: "\(.vm // "-") (\(.policy // "-"), \(.backup_server // "-"))";
def lines: "\n" + (.[:20] | join("\n")) + (if length > 20 then "\nand more" else "" end);

# What a message was about. Older versions wrote an array: the kind of fault, and the problems.
def known:
    (try fromjson catch null)
    | if type == "array" then {fault: .[0], run: null, problems: .[1:]}
      elif type == "object" then {fault, run, problems}
      else {fault: null, run: null, problems: []} end
    | .problems |= sort;

(try fromjson catch null
 | if type == "object" and has("vms") and has("error") then . else
       {state: "UNKNOWN", vms: [],
        error: {kind: "no answer", message: "check_veeam_cdp_task printed no JSON; has it crashed?"}}
   end)
| . as $answer
| ($ARGS.named.previous // "" | known) as $before
# What EM does not have is among the VMs, if it was named.
| (if .state == "OK" or (.error.kind == "not-found" and .vms != []) then null else .error end) as $fault
# Of EM itself, such as data that is too old.
| (if $fault != null or .em.state == null or .em.state == "OK" then null else .em | {state, why} end) as $run
| [.vms[] | select(.state != "OK")
   | {vm, policy, backup_server, state, why,
      reasons: [.sessions[].reason | select(. != null and . != "")] | unique}]
| sort_by(-ranks[.state], .vm, .policy, .backup_server) as $problems
# Problems of which the answer has nothing: that is not to be well. What stood for a policy, or for a name that EM did
# not know, is no VM.
| (INDEX($answer.vms[]; [.vm, .policy, .backup_server] | tojson)) as $seen
| (INDEX($answer.vms[]; .vm // "")) as $names
| [$before.problems[]
   | select($seen[.[:3] | tojson] == null)
   | select($fault != null or (.[0] != null and (.[1] != null or $names[.[0]] == null)))] as $unseen
# Where EM did not answer for all or for their policy, they stay what they were.
| [$answer.vms[] | select(.vm == null and .state != "OK") | .policy] as $unanswered
| [$unseen[] | select($fault != null or (.[1] | IN($unanswered[])))] as $kept
| [($unseen - $kept)[] | {vm: .[0], policy: .[1], backup_server: .[2], state: .[3]}] as $gone
| {fault: $fault.kind, run: (if $fault != null then $before.run else $run.state end),
   problems: ([$problems[] | [.vm, .policy, .backup_server, .state]] + $kept | sort)} as $now
| select($now != $before)
| (if $answer.state == "OK" and $gone != [] then "UNKNOWN" else $answer.state end) as $state
| {
    text: ("CDP on \($ARGS.named.em // $answer.server // "-"): "
           + (if $fault != null then "\($state): \($fault.kind): \($fault.message)"
              elif $problems == [] and $run == null and $gone == [] then
                "OK: \($answer.vms | length) VMs, none has a problem"
              else "\($state): \($problems | length) of \($answer.vms | length) VMs"
                   + (if $run == null then "" else "\n\($run.state): \($run.why[0] // "Enterprise Manager")" end)
                   + (if $problems == [] then "" else
                        [$problems[] | "\(.state) \(name): \(.why[0] // "")"] | lines end)
                   + (if $gone == [] then "" else
                        [$gone[] | "no longer seen, was \(.state): \(name)"] | lines end)
              end) | chat),
    em: ($ARGS.named.em // $answer.server),
    state: $state,
    fault: $fault,
    run: $run,
    problems: $problems,
    gone: $gone,
    checked_at: $answer.checked_at,
    key: (if $now == {fault: null, run: null, problems: []} then "" else $now | tojson end)
  }
