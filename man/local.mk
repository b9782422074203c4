# SPDX-License-Identifier: GPL-3.0-or-later
dist_man1_MANS += man/check_veeam_cdp_task.1
