# SPDX-License-Identifier: GPL-3.0-or-later
# sed -f external.sed veeam_cdp_agent2.yaml >veeam_cdp_external.yaml
# UUIDs differ in their first digit only; that of the group is Zabbix' own.
s/Veeam CDP by Zabbix agent 2/Veeam CDP by external check/g
s/type: ZABBIX_PASSIVE$/type: EXTERNAL/
s/\(key: '\)veeam\.cdp\[/\1veeam_cdp[/
s/^\( *uuid: \)c\([0-9a-f]*\)$/\1e\2/
