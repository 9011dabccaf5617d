"""What InSpec reports of hosts, judged without a look at the rules.

A host's control is told by its id in the profile alone; what it means, its title says (here in the name) and the
tags of its profile: how bad it is, and which controls it bears on. Controls of the dev-sec baselines cite none.
"""

# ruff: noqa: E501  (one drift, one line)
# fmt: off

from judged_blind_form import Blind, judged

NIST = "nist-800-53-r5:"


def host(name: str, control: str, reported: str | None, verdict: str, controls: str = "", *cited: str) -> Blind:
    return judged(
        name, ("host_control", f"control.{control}"), ("passed", "failed"), f"weakened|unknown {verdict}", controls,
        layer="inspec", provider="host", kind="noncompliant",
        reported_severity=reported, reported_controls=tuple(NIST + each for each in cited),
    )


SSH = [
    host("root may log in by SSH", "sshd-06", "critical", "review high..critical", "AC-6/AC-17/IA-2/AC-2"),
    host("SSH server takes empty passwords", "sshd-28", "critical", "review high..critical", "IA-5/AC-17/IA-2"),
    host("SSH server takes passwords", "sshd-27", "critical", "review medium..critical", "IA-5/AC-17/IA-2"),
    host("SSH server's weak ciphers", "sshd-01", "critical", "review medium..critical", "SC-8/SC-13/AC-17"),
    host("SSH server's weak exchange", "sshd-02", "critical", "review medium..critical", "SC-8/SC-13/AC-17"),
    host("SSH server's file may be read", "sshd-05", "critical", "review medium..critical", "AC-3/AC-6/CM-6/CM-5"),
    host("SSH server logs little", "sshd-13", "critical", "review low..critical", "AU-12/AU-2/AU-3/CM-6"),
    host("SSH server tells X11 on", "sshd-44", "critical", "review low..critical"),
    host("SSH client's agent is passed on", "ssh-11", "medium", "review low..high"),
    host("SSH client by an unknown family", "ssh-1", "low", "review|record info..medium"),
]

LINUX = [
    host("shadow's owner and permissions", "os-02", "critical", "review high..critical", "AC-3/AC-6/IA-5"),
    host("a dot in PATH", "os-04", "critical", "review medium..critical"),
    host("no limit on passwords' age", "os-05", "high", "review medium..critical", "IA-5"),
    host("unwanted SUID files", "os-06", "critical", "review medium..critical", "AC-6/AC-3/CM-7"),
    host("the kernel forwards packets", "sysctl-01", "critical", "review low..critical", "SC-7/CM-7/CM-6/AC-4"),
    host("the kernel takes redirects", "sysctl-08", "critical", "review low..critical", "SC-7/CM-7/CM-6/SC-5"),
    host("packages without signature checks", "package-01", "critical", "review medium..critical"),
    host("inetd is installed", "package-02", "critical", "review medium..critical", "CM-7"),
    host("auditd is not as it should be", "package-08", "critical", "review medium..critical", "AU-12/AU-2/AU-9/AU-3"),
    host("a rule of CIS by its XCCDF name: noexec on /tmp", "xccdf_org.cisecurity.benchmarks_rule_1.1.4_Set_noexec_option_for_tmp_Partition", "medium", "review low..high", "CM-6/CM-7"),
    host("a rule of CIS by its XCCDF name: telnet is there", "xccdf_org.cisecurity.benchmarks_rule_2.1.1_Remove_telnet-server", "critical", "review medium..critical", "CM-7"),
]

STIG = [
    host("RHEL 8: not the validated cryptography", "SV-230223", "high", "review medium..critical", "AC-17", "AC-17(2)"),
    host("RHEL 8: disks in clear", "SV-230224", "medium", "review medium..critical", "SC-28", "SC-28"),
    host("RHEL 8: packages not updated", "SV-230222", "medium", "review medium..high", "SI-2/CM-6", "CM-6"),
    host("RHEL 8: no longer supported", "SV-230221", "high", "review high..critical", "CM-6/SI-2/SA-22", "CM-6"),
    host("RHEL 8: no banner", "SV-230225", "medium", "review|record low..medium", "AC-8", "AC-8"),
    host("RHEL 8: blank passwords", "SV-230380", "high", "review high..critical", "CM-6/IA-5", "CM-6"),
    host("RHEL 8: chcon is not audited", "SV-230419", "medium", "review low..high", "AU-12", "AU-12"),
    host("RHEL 8: old packages stay", "SV-230281", "low", "review|record info..medium", "SI-2", "SI-2(6)"),
    host("RHEL 8: a package that is not needed", "SV-230559", "medium", "review low..medium", "CM-7", "CM-7"),
    host("Windows 10: no virus protection", "V-63351", "high", "review high..critical", "SI-3/CM-6", "CM-6"),
    host("Windows 10: the built-in administrator is on", "V-63601", "medium", "review medium..high", "IA-2", "IA-2"),
    host("Windows 10: SMB unsigned", "V-63719", "medium", "review medium..high", "SC-8", "SC-8", "SC-8(1)"),
    host("Windows 10: no host firewall", "V-63399", "medium", "review medium..high", "CM-6/SC-7", "CM-6"),
    host("Docker: privileged containers", "M-5.4", "medium", "review medium..high", "AC-6", "AC-6(9)"),
    host("Docker: daemon without TLS", "M-2.6", "medium", "review medium..high", "CM-7/SC-8", "CM-7(1)"),
    host("a profile of the house that grades nothing", "acme-motd", None, "review info..medium"),
    host("a profile of the house that grades it high", "acme-keys-on-disk", "high", "review medium..critical"),
    host("a profile of the house that grades it for information", "acme-hostname", "info", "review|record info..low"),
    host("AWS by InSpec: root without hardware MFA", "cis-aws-foundations-1.14", "high", "review high..critical", "IA-2", "IA-2(1)"),
    host("AWS by InSpec: a public bucket", "s3-buckets-no-public-access", "high", "review high..critical", "AC-6/AC-3", "AC-6"),
    host("nginx: workers run as root", "nginx-01", "critical", "review medium..critical", "AC-6"),
    host("Apache: not running", "apache-01", "critical", "review low..critical"),
]

HOSTS = [*SSH, *LINUX, *STIG]
