"""The parts of the virtual Pi, each built once and kept in target/virtual-pi until it changes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "target" / "virtual-pi"
FILES = Path(__file__).parent / "files"
USER, UID = "pi", 1000

PACKAGES = (
    "systemd-sysv,udev,dbus,kmod,iproute2,procps,sudo,zstd,linux-image-arm64,initramfs-tools,"
    "python3,python3-venv,python3-cffi,python3-greenlet,python3-jinja2,python3-serial,python3-can"
)
# Only for the wheel of 32 bits.
PACKAGES_32 = "python3,python3-venv"
WITHOUT_UPDATES = 'sed -i /security/d "$1/etc/apt/sources.list"'
# What the initial RAM disk needs to mount the SD card.
MODULES = "ext4 mmc_block bcm2835 sdhci-iproc sdhci"
# A card's size is a power of two for QEMU.
DISK = "2G"
DEVICE_TREE = "usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb"
SPI = "/soc/spi@7e204000"
GPIO = "/soc/gpio@7e200000"

# Python environment of klippy, with Debian's packages instead of Klipper's requirements.
ENVIRONMENT = "klippy-env"
PRINTERS = "printers"


class BuildError(Exception):
    """Why a part of the virtual Pi could not be built."""


def run(command: list[str], log: Path) -> None:
    """Runs a command with its output in a log; the error has the last line."""
    with log.open("ab") as out:
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False
        ).returncode
    if code:
        lines = log.read_text(errors="replace").strip().splitlines() or ["no output"]
        raise BuildError("%s: %s; see %s" % (command[0], lines[-1], log))


def step(name: str, key: str, do: Callable[[Path], None]) -> None:
    """Runs a step unless it has run with the same key."""
    BUILD.mkdir(parents=True, exist_ok=True)
    stamp = BUILD / ("%s.done" % name)
    digest = hashlib.sha256(key.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    stamp.unlink(missing_ok=True)
    log = BUILD / ("%s.log" % name)
    log.unlink(missing_ok=True)
    do(log)
    stamp.write_text(digest)


def root(bits: int = 64) -> Path:
    """Returns the root file system, which has no part of Lumen."""
    folder = BUILD / ("root" if bits == 64 else "root32")
    architecture, packages = ("arm64", PACKAGES) if bits == 64 else ("armhf", PACKAGES_32)

    def bootstrap(log: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        command = ["mmdebstrap", "--mode=root", "--architectures=%s" % architecture]
        command += ["--variant=minbase", "--include=%s" % packages]
        # No security updates: their mirrors are often incomplete for armhf.
        command += ["--setup-hook=%s" % WITHOUT_UPDATES, "bookworm", str(folder)]
        # Without a RAM disk, which would be built twice.
        run(["env", "INITRD=No", *command], log)

    step(folder.name, architecture + packages, bootstrap)
    if bits == 64:
        setup = (FILES / "setup.sh").read_text()
        step("setup", setup + MODULES + architecture + packages, lambda log: _set_up(folder, log))
    return folder


def _set_up(folder: Path, log: Path) -> None:
    """Adds users, rules, klippy's environment and the initial RAM disk."""
    script = folder / "tmp" / "setup.sh"
    shutil.copy(FILES / "setup.sh", script)
    try:
        run(["chroot", str(folder), "sh", "-eux", "/tmp/setup.sh", USER, str(UID), MODULES], log)
    finally:
        script.unlink()


def device_tree(folder: Path) -> Path:
    """Returns the tree of a Raspberry Pi 3 with /dev/spidev0.0."""
    out = BUILD / "pi3.dtb"
    source = next(iter(sorted(folder.glob(DEVICE_TREE))), None)
    if source is None:
        raise BuildError("no %s in the kernel's package" % DEVICE_TREE)
    gpio = subprocess.run(
        ["fdtget", "-t", "x", str(source), GPIO, "phandle"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()
    changes = [
        ["-t", "s", str(out), SPI, "status", "okay"],
        ["-c", "-p", str(out), SPI + "/spidev@0"],
        # A name that the driver spidev accepts.
        ["-t", "s", str(out), SPI + "/spidev@0", "compatible", "rohm,dh2228fv"],
        ["-t", "x", str(out), SPI + "/spidev@0", "reg", "0"],
        ["-t", "i", str(out), SPI + "/spidev@0", "spi-max-frequency", "125000000"],
        # Chip selects on GPIO8 and 7, active low, as in the device tree of Raspberry Pi OS.
        ["-t", "x", str(out), SPI, "cs-gpios", gpio, "8", "1", gpio, "7", "1"],
        # The emulated SPI has no DMA: a transfer would hang.
        ["-d", str(out), SPI, "dmas", "dma-names"],
        # Bluetooth leaves the serial port to the console.
        ["-r", str(out), "/soc/serial@7e201000/bluetooth"],
    ]

    def change(log: Path) -> None:
        shutil.copy(source, out)
        for arguments in changes:
            run(["fdtput", *arguments], log)

    step("device-tree", repr(changes) + source.as_posix(), change)
    return out


def disk(folder: Path) -> Path:
    """Returns a new SD card of the root file system."""
    out, log = BUILD / "disk.img", BUILD / "disk.log"
    out.unlink(missing_ok=True)
    run(["mke2fs", "-q", "-t", "ext4", "-L", "pi", "-d", str(folder), str(out), DISK], log)
    return out


def wheel(wheels: Path, machine: str) -> Path:
    """Returns the wheel of a processor."""
    found = sorted(wheels.glob("klipper_lumen-*_%s.whl" % machine))
    if not found:
        raise BuildError("no wheel for %s in %s; run 'make wheels'" % (machine, wheels))
    return found[-1]


def add_user_files(folder: Path, wheels: Path) -> None:
    """Copies the wheel folder and the files of the checks into the home of the user."""
    home = folder / "home" / USER
    for name in (PRINTERS, "printer_data", "klipper", "klipper.elf", "tools"):
        shutil.rmtree(home / name, ignore_errors=True)
    (home / "klipper.elf").unlink(missing_ok=True)
    printers = home / PRINTERS
    printers.mkdir(parents=True)
    for path in (wheel(wheels, "aarch64"), ROOT / "install.sh"):
        shutil.copy(path, printers)
    shutil.copytree(FILES / "home", home, dirs_exist_ok=True)
    for name in ("gcodes", "logs", "comms"):
        (home / "printer_data" / name).mkdir()
    klipper = Klipper.find()
    if klipper is not None:
        klipper.copy_to(home)
    for path in (home, *home.rglob("*")):
        os.chown(path, UID, UID, follow_symlinks=False)


class Klipper:
    """A Klipper tree, and its programs built for aarch64."""

    VARIABLES = ("KLIPPER_DIR", "KLIPPER_AARCH64_MCU_ELF", "KLIPPER_AARCH64_CHELPER")

    def __init__(self, tree: Path, program: Path, helper: Path) -> None:
        self.tree, self.program, self.helper = tree, program, helper

    @classmethod
    def find(cls) -> Klipper | None:
        """Returns what the environment names, or None."""
        if cls.missing():
            return None
        return cls(*(Path(os.environ[name]) for name in cls.VARIABLES))

    @classmethod
    def missing(cls) -> str:
        """Returns the variables that are not set."""
        return ", ".join(name for name in cls.VARIABLES if not os.environ.get(name))

    def copy_to(self, home: Path) -> None:
        """Copies what klippy needs. The C code is not compiled again, because it is older."""
        target = home / "klipper"
        ignore = shutil.ignore_patterns("*.so", "__pycache__")
        shutil.copytree(self.tree / "klippy", target / "klippy", symlinks=True, ignore=ignore)
        (target / ".git" / "info").mkdir(parents=True)
        (target / ".git" / "info" / "exclude").touch()
        helper = target / "klippy" / "chelper" / "c_helper.so"
        shutil.copyfile(self.helper, helper)
        shutil.copy(self.program, home / "klipper.elf")


def kernel(folder: Path) -> list[str]:
    """Returns the options of QEMU for the kernel, its RAM disk and the device tree."""
    image = next(iter(sorted(folder.glob("boot/vmlinuz-*"))), None)
    ram_disk = next(iter(sorted(folder.glob("boot/initrd.img-*"))), None)
    if image is None or ram_disk is None:
        raise BuildError("no kernel in %s" % folder)
    tree = device_tree(folder)
    return ["-kernel", str(image), "-initrd", str(ram_disk), "-dtb", str(tree)]


def kernel_version(folder: Path) -> str:
    """Returns the version of the kernel for the table."""
    names = [re.sub("^vmlinuz-", "", path.name) for path in folder.glob("boot/vmlinuz-*")]
    return max(names, default="?")
