# SPDX-License-Identifier: GPL-3.0-or-later
# For users: each folder has a README.md.
EXTRA_DIST += \
	contrib/check_veeam_cdp_task.schema.json \
	contrib/check_veeam_cdp_task_list.schema.json \
	contrib/demo.sh \
	contrib/icinga2/README.md \
	contrib/icinga2/veeam_cdp_services.conf \
	contrib/icinga2/veeam_cdp_task.conf
