#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Sends what check_veeam_cdp_task finds to Alertmanager, once: for cron or a timer. README.md tells more.
# These lines are yours:
plugin=/usr/lib/nagios/plugins/check_veeam_cdp_task
program=/usr/share/doc/check-veeam-cdp-task/contrib/pipelines/to_alertmanager.jq
alertmanager=http://localhost:9093
em=em01
set -- -H em01.example.com -u monitor --password-file=em01.password --all

cd "$(dirname "$0")" || exit

# First, by file 3, the alerts of this EM that are active: of these jq ends what is well again, and sends again
# what is no longer seen. If Alertmanager does not report them, none ends in this run, and what is wrong is sent
# all the same.
curl -sS --fail --max-time 60 --get "$alertmanager/api/v2/alerts" \
    --data-urlencode "filter=em=\"$em\"" | {
    "$plugin" "$@" --format=json </dev/null |
        jq -Rsf "$program" --arg em "$em" --rawfile active /dev/fd/3
} 3<&0 | curl -sS --fail --max-time 60 -o /dev/null -H 'Content-Type: application/json' --data-binary @- \
    "$alertmanager/api/v2/alerts"
