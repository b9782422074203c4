// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/help.h"

#include "base/version.h"

static const char help[] =
    "Usage: check_veeam_cdp_task -H HOST -u USER --password-file=FILE --vm=NAME ...\n"
    "Sessions, one kind:  -i, --id=ID  --vm=NAME  --policy=NAME  --all  --input=FILE\n"
    "  --backup-server=NAME  --include-vm=REGEX  --exclude-vm=REGEX  --since=3d\n"
    "Enterprise Manager:  -H, --hostname=HOST  -4  -6  -p, --port=9398\n"
    "  --connect-to=HOST[:PORT]  --proxy=URL|none  -t, --timeout=30[:STATE]\n"
    "  --snapshot=DIR  --snapshot-age=60s    many checks share one answer of EM\n"
    "Logon:  -u, --username=USER  --password-file=FILE  or in the environment\n"
    "  VEEAM_EM_USERNAME, VEEAM_EM_PASSWORD; --password=TEXT is for ini files:\n"
    "  --extra-opts[=[SECTION][@FILE]]   --session-cache=DIR keep EM's token there\n"
    "TLS:  --ca-file=FILE  --ca-path=DIR  --pinned-pubkey=sha256//BASE64[;...]\n"
    "  --tls-min=1.2|1.3   -k, --insecure   --no-tls\n"
    "Verdict, with RANGE as [@]start:end and units s m h d w, B kB ... TiB:\n"
    "  -w, --warning=RANGE   -c, --critical=RANGE        duration: 8h, 1h:, @0:5m\n"
    "  --warning-age=RANGE   --critical-age=RANGE        last long-term restore point\n"
    "  --warning-size=RANGE  --critical-size=RANGE       TotalSize\n"
    "  --map=WHAT=STATE[,...]   WHAT: a State, a Result, State/Result, none\n"
    "  --reason=STATE:REGEX  Reason, as shown or as sent   --no-last-completed\n"
    "  --empty-result=STATE  nothing matches    --unreachable-result=STATE  no answer\n"
    "Output:  --format=text|json|openmetrics|passive  --perfdata=vm|summary|none|auto\n"
    "  --passive-host=TEMPLATE  --passive-service=TEMPLATE  --list what is judged\n"
    "  -v each VM   -vv requests   -vvv answers   -h, --help   -V, --version\n"
    "STATE: ok, warning, critical, unknown or 0-3. Manual: man check_veeam_cdp_task\n";

void version_append(struct buf *buf)
{
    buf_format(buf, "%s %s\n", PROGRAM_NAME, program_version);
}

void help_append(struct buf *buf)
{
    buf_format(buf, "%s %s: Veeam CDP task sessions, by Enterprise Manager\n", PROGRAM_NAME,
               program_version);
    buf_text(buf, help);
}
