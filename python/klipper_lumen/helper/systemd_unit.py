"""The systemd unit of the helper."""

from __future__ import annotations

from string import Template

MARK = "# Written by klipper-lumen helper install; klipper-lumen helper uninstall removes it."

# /dev/mem gives access to all memory, which is as powerful as root. Everything else is restricted.
# PrivateDevices would hide the devices that the service needs. ProcSubset=pid would hide
# /proc/device-tree, /proc/cpuinfo and /proc/asound. The service and rs_ws281x need them to find
# the model of the Pi and whether its audio output is on.
TEMPLATE = Template(
    """$mark
[Unit]
Description=Lumen helper: LED strips on PWM and PCM pins
Before=klipper.service
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart=$python -I -m klipper_lumen helper serve
User=root
Group=$gid
RuntimeDirectory=lumen
RuntimeDirectoryMode=0750
UMask=0117
WatchdogSec=15
TimeoutStopSec=10
Restart=on-failure
RestartSec=2

CapabilityBoundingSet=CAP_SYS_RAWIO
AmbientCapabilities=
NoNewPrivileges=yes
DevicePolicy=closed
DeviceAllow=/dev/mem rw
DeviceAllow=/dev/vcio rw
DeviceAllow=/dev/gpiomem rw
PrivateDevices=no
PrivateMounts=yes
PrivateNetwork=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectClock=yes
ProtectHome=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
IPAddressDeny=any
LogRateLimitIntervalSec=30
LogRateLimitBurst=100
MemoryMax=64M
TasksMax=8

[Install]
WantedBy=multi-user.target
"""
)


def text(python: str, gid: int) -> str:
    """The text of the unit; members of the group can connect to the socket."""
    return TEMPLATE.substitute(mark=MARK, python=python, gid=gid)
