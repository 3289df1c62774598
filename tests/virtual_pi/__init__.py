"""Checks Lumen on a virtual Raspberry Pi 3: Debian's kernel, spidev, udev and systemd in QEMU.

It has no wire and no DMA, so nothing here measures time. `docs/Contributing.md` has what it needs,
`docs/Hardware.md` what it verifies.
"""
