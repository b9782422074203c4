# SPDX-License-Identifier: GPL-3.0-or-later
# For users: each folder has a README.md.
EXTRA_DIST += \
	contrib/README.md \
	contrib/check_veeam_cdp_task.schema.json \
	contrib/check_veeam_cdp_task_list.schema.json \
	contrib/check_veeam_cdp_task_probe.schema.json \
	contrib/demo.sh \
	contrib/director/README.md \
	contrib/director/veeam_cdp.json \
	contrib/director/veeam_cdp_password.conf \
	contrib/grafana/README.md \
	contrib/grafana/veeam_cdp.dashboard.json \
	contrib/icinga2/README.md \
	contrib/icinga2/em01.conf \
	contrib/icinga2/services.png \
	contrib/nagios/README.md \
	contrib/nagios/veeam.ini \
	contrib/nagios/veeam_cdp.cfg \
	contrib/nagios/veeam_cdp_active.cfg \
	contrib/nagios/veeam_cdp_passive.cfg \
	contrib/pipelines/README.md \
	contrib/pipelines/to_alertmanager.jq \
	contrib/pipelines/to_alertmanager.sh \
	contrib/pipelines/to_webhook.jq \
	contrib/pipelines/to_webhook.sh \
	contrib/prometheus/README.md \
	contrib/prometheus/alertmanager.example.yml \
	contrib/prometheus/em01.env \
	contrib/prometheus/veeam-cdp-textfile \
	contrib/prometheus/veeam-cdp-textfile@.service \
	contrib/prometheus/veeam-cdp-textfile@.timer \
	contrib/prometheus/veeam_cdp.rules.test.yml \
	contrib/prometheus/veeam_cdp.rules.yml \
	contrib/snmp/README.md \
	contrib/snmp/snmptrapd.conf \
	contrib/snmp/veeam-cdp-trap \
	contrib/snmp/veeam_cdp_rpo.cfg \
	contrib/snmp/veeam_cdp_rpo.conf \
	contrib/zabbix/README.md \
	contrib/zabbix/external.sed \
	contrib/zabbix/veeam_cdp \
	contrib/zabbix/veeam_cdp.conf \
	contrib/zabbix/veeam_cdp.ini \
	contrib/zabbix/veeam_cdp_agent2.yaml \
	contrib/zabbix/veeam_cdp_external.yaml

# What contrib/icinga2/em01.conf includes
icinga2dir = $(pkgdatadir)/icinga2
dist_icinga2_DATA = \
	contrib/icinga2/veeam_cdp_services.conf \
	contrib/icinga2/veeam_cdp_task.conf

EXTRA_DIST += contrib/completion/README.md
EXTRA_DIST += contrib/completion/check_veeam_cdp_task
if WITH_BASH_COMPLETION
bashcompletion_DATA = contrib/completion/check_veeam_cdp_task
endif

EXTRA_DIST += contrib/packaging/README.md
EXTRA_DIST += contrib/packaging/build.sh
EXTRA_DIST += contrib/packaging/check_veeam_cdp_task.rpmlintrc
EXTRA_DIST += contrib/packaging/check_veeam_cdp_task.spec
EXTRA_DIST += contrib/packaging/debian/changelog
EXTRA_DIST += contrib/packaging/debian/control
EXTRA_DIST += contrib/packaging/debian/copyright
EXTRA_DIST += contrib/packaging/debian/dirs
EXTRA_DIST += contrib/packaging/debian/docs
EXTRA_DIST += contrib/packaging/debian/links
EXTRA_DIST += contrib/packaging/debian/lintian-overrides
EXTRA_DIST += contrib/packaging/debian/postinst
EXTRA_DIST += contrib/packaging/debian/postrm
EXTRA_DIST += contrib/packaging/debian/rules
EXTRA_DIST += contrib/packaging/debian/source/format

# In folders deb and rpm of the build. They need no .PHONY, as dist is one.
deb rpm: dist
	$(srcdir)/contrib/packaging/build.sh $@ $(distdir).tar.xz
