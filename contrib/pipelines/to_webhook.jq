# SPDX-License-Identifier: GPL-3.0-or-later
# From check_veeam_cdp_task --format=json to a message for a webhook, or to nothing where nothing has
# changed:
#
#   jq -Rsf to_webhook.jq --arg em NAME [--rawfile previous FILE]
#
# FILE has the member "key" of the message before, or nothing. The message says what is wrong, also
# where the input is empty or no JSON, and once that all is well again. "text" is what Slack,
# Mattermost and Rocket.Chat show; the rest is for programs.

def ranks: {"OK": 0, "UNKNOWN": 1, "WARNING": 2, "CRITICAL": 3};
# Chats take <...> for links and for calls to everybody.
def chat: gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;");
def name: "\(.vm // "-") (\(.policy // "-"), \(.backup_server // "-"))";

(try fromjson catch null
 | if type == "object" and has("vms") and has("error") then . else
       {state: "UNKNOWN", vms: [],
        error: {kind: "no answer", message: "check_veeam_cdp_task printed no JSON; has it crashed?"}}
   end)
| . as $answer
# What EM does not have is among the VMs, if it was named.
| (if .state == "OK" or (.error.kind == "not-found" and .vms != []) then null else .error end) as $fault
| [.vms[] | select(.state != "OK")
   | {vm, policy, backup_server, state, why,
      reasons: [.sessions[].reason | select(. != null and . != "")] | unique}]
| sort_by(-ranks[.state], .vm, .policy, .backup_server) as $problems
| ([$fault.kind, ($problems[] | [.vm, .policy, .backup_server, .state])]
   | if . == [null] then "" else @json end) as $key
| select($key != ($ARGS.named.previous // "" | rtrimstr("\n")))
| {
    text: ("CDP on \($ARGS.named.em // $answer.server // "-"): "
           + (if $fault != null then "\($answer.state): \($fault.kind): \($fault.message)"
              elif $problems == [] then "OK: all is well again"
              else "\($answer.state): \($problems | length) of \($answer.vms | length) VMs"
                   + ([$problems[] | "\n\(.state) \(name): \(.why[0] // "")"] | .[:20] | add)
                   + (if ($problems | length) > 20 then "\nand more" else "" end)
              end) | chat),
    em: ($ARGS.named.em // $answer.server),
    state: $answer.state,
    fault: $fault,
    problems: $problems,
    checked_at: $answer.checked_at,
    key: $key
  }
