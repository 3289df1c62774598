//! System calls without a safe wrapper: the ioctls of `linux/spi/spidev.h`, that of `/dev/vcio`,
//! the ioctl that returns how much the peer of a Unix socket has not received yet, and
//! `sched_setattr`.
//!
//! This is the only module of the crate with `unsafe`. It contains no policy; every call returns
//! the error of the kernel unchanged.
#![expect(
    unsafe_code,
    reason = "ioctls are untyped; the kernel headers define their arguments"
)]

use crate::output::device::Device;
use rustix::ioctl::{Getter, Opcode, Setter, Updater, ioctl, opcode};
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

/// `SPI_IOC_MAGIC`.
const GROUP: u8 = b'k';
/// `SPI_IOC_MESSAGE(1)`: one message of one transfer.
const MESSAGE: Opcode = opcode::write::<Transfer>(GROUP, 0);
/// `SPI_IOC_RD_MODE`.
const READ_MODE: Opcode = opcode::read::<u8>(GROUP, 1);
/// `SPI_IOC_WR_MODE`.
const WRITE_MODE: Opcode = opcode::write::<u8>(GROUP, 1);
/// `SPI_IOC_WR_BITS_PER_WORD`.
const WRITE_BITS: Opcode = opcode::write::<u8>(GROUP, 3);
/// `SPI_IOC_WR_MAX_SPEED_HZ`.
const WRITE_CLOCK: Opcode = opcode::write::<u32>(GROUP, 4);

/// `IOCTL_MBOX_PROPERTY` of the Raspberry Pi's kernel, drivers/char/broadcom/vcio.c.
const MAILBOX: Opcode = opcode::read_write::<*const u8>(100, 0);

/// `SIOCOUTQ`, the same number as `TIOCOUTQ`.
const UNRECEIVED: Opcode = 0x5411;

/// Kernel memory of the packets sent over a Unix socket and not received yet, in bytes; 0 if the
/// peer has received all.
pub(crate) fn unreceived(socket: impl AsFd) -> io::Result<usize> {
    // SAFETY: UNRECEIVED writes one int through the pointer, which is what the getter holds.
    let getter = unsafe { Getter::<UNRECEIVED, i32>::new() };
    // SAFETY: the kernel writes the getter's value and keeps no pointer.
    let bytes = unsafe { ioctl(socket, getter) }?;
    Ok(usize::try_from(bytes).unwrap_or(0))
}

/// Asks the firmware of a Raspberry Pi for its revision, which it always has.
pub(super) fn firmware_revision(mailbox: impl AsFd) -> io::Result<u32> {
    // Bytes of the message, request, tag, bytes of the value, request, value, end.
    let mut message: [u32; 7] = [28, 0, 1, 4, 0, 0, 0];
    // SAFETY: MAILBOX reads and writes the message through the pointer, as many bytes as its first
    // word says, which is the size of the array.
    let updater = unsafe { Updater::<MAILBOX, [u32; 7]>::new(&mut message) };
    // SAFETY: the kernel keeps no pointer after the call.
    unsafe { ioctl(mailbox, updater) }?;
    Ok(message[5])
}

/// Asks for a shorter slice of CPU time for the calling thread, if it has the normal policy.
///
/// From Linux 6.12 on, a thread with a shorter slice that wakes up gets the CPU sooner. Older
/// kernels ignore it. The share of CPU time stays the same, so other threads lose nothing.
pub(super) fn set_slice(slice: Duration) -> io::Result<()> {
    change_scheduling(|attr| {
        if attr.sched_policy == libc::SCHED_OTHER as u32 {
            attr.sched_runtime = slice.as_nanos() as u64;
        }
    })
}

/// Gives the calling thread the policy `SCHED_FIFO` with the lowest priority.
pub(super) fn set_realtime() -> io::Result<()> {
    change_scheduling(|attr| {
        attr.sched_policy = libc::SCHED_FIFO as u32;
        attr.sched_priority = 1;
        // A process that this thread starts does not inherit it.
        attr.sched_flags |= libc::SCHED_FLAG_RESET_ON_FORK as u64;
        attr.sched_runtime = 0;
    })
}

/// Changes the scheduling of the calling thread.
fn change_scheduling(change: impl FnOnce(&mut libc::sched_attr)) -> io::Result<()> {
    let mut attr = scheduling()?;
    attr.size = size_of::<libc::sched_attr>() as u32;
    change(&mut attr);
    // SAFETY: the kernel reads `attr.size` bytes of `attr`, and keeps no pointer.
    let result = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attr, 0) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Returns the scheduling of the calling thread.
pub(super) fn scheduling() -> io::Result<libc::sched_attr> {
    // SAFETY: `sched_attr` consists of integers, for which zero is a valid value.
    let mut attr: libc::sched_attr = unsafe { std::mem::zeroed() };
    let size = size_of::<libc::sched_attr>();
    // SAFETY: the kernel writes at most `size` bytes to `attr`, and keeps no pointer.
    let result = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attr, size, 0) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(attr)
}

/// `struct spi_ioc_transfer`: 32 bytes, the same on 32 and 64 bits.
#[derive(Debug, Default)]
#[repr(C)]
struct Transfer {
    tx_buf: u64,
    rx_buf: u64,
    len: u32,
    speed_hz: u32,
    delay_usecs: u16,
    bits_per_word: u8,
    cs_change: u8,
    tx_nbits: u8,
    rx_nbits: u8,
    word_delay_usecs: u8,
    pad: u8,
}

const _: () = assert!(size_of::<Transfer>() == 32);

/// An open `/dev/spidevB.C`.
#[derive(Debug)]
pub(super) struct SpiFile {
    device: Device,
}

impl SpiFile {
    pub(super) fn new(device: Device) -> Self {
        Self { device }
    }

    /// Reads the mode, which works only on an SPI device.
    pub(super) fn mode(&self) -> io::Result<u8> {
        // SAFETY: READ_MODE writes one u8 through the pointer, which is what the getter holds.
        let getter = unsafe { Getter::<READ_MODE, u8>::new() };
        // SAFETY: the kernel writes the getter's value and keeps no pointer.
        Ok(unsafe { ioctl(self.device.file(), getter) }?)
    }

    pub(super) fn set_mode(&self, mode: u8) -> io::Result<()> {
        // SAFETY: WRITE_MODE reads one u8 through the pointer, which is what the setter holds.
        let setter = unsafe { Setter::<WRITE_MODE, u8>::new(mode) };
        // SAFETY: the kernel reads the setter's value and keeps no pointer.
        Ok(unsafe { ioctl(self.device.file(), setter) }?)
    }

    pub(super) fn set_bits(&self, bits_per_word: u8) -> io::Result<()> {
        // SAFETY: WRITE_BITS reads one u8 through the pointer, which is what the setter holds.
        let setter = unsafe { Setter::<WRITE_BITS, u8>::new(bits_per_word) };
        // SAFETY: the kernel reads the setter's value and keeps no pointer.
        Ok(unsafe { ioctl(self.device.file(), setter) }?)
    }

    pub(super) fn set_clock(&self, clock_hz: u32) -> io::Result<()> {
        // SAFETY: WRITE_CLOCK reads one u32 through the pointer, which is what the setter holds.
        let setter = unsafe { Setter::<WRITE_CLOCK, u32>::new(clock_hz) };
        // SAFETY: the kernel reads the setter's value and keeps no pointer.
        Ok(unsafe { ioctl(self.device.file(), setter) }?)
    }

    /// Sends `bytes` in one transfer, then waits for `delay_us`.
    pub(super) fn transfer(&self, bytes: &[u8], delay_us: u16) -> io::Result<()> {
        let too_long = |_| io::Error::from(io::ErrorKind::InvalidInput);
        let transfer = Transfer {
            tx_buf: bytes.as_ptr().expose_provenance() as u64,
            len: u32::try_from(bytes.len()).map_err(too_long)?,
            delay_usecs: delay_us,
            ..Transfer::default()
        };
        // SAFETY: MESSAGE reads one spi_ioc_transfer through the pointer; `Transfer` has its
        // layout.
        let setter = unsafe { Setter::<MESSAGE, Transfer>::new(transfer) };
        // SAFETY: the kernel reads `len` bytes at `tx_buf`, which `bytes` keeps alive until the
        // call returns; rx_buf is null, so it writes nothing.
        Ok(unsafe { ioctl(self.device.file(), setter) }?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_numbers_are_those_of_the_kernel_header() {
        assert_eq!(MESSAGE, 0x4020_6B00);
        assert_eq!(READ_MODE, 0x8001_6B01);
        assert_eq!(WRITE_MODE, 0x4001_6B01);
        assert_eq!(WRITE_BITS, 0x4001_6B03);
        assert_eq!(WRITE_CLOCK, 0x4004_6B04);
        // The size of a pointer is part of the number.
        let pointer = size_of::<*const u8>() as Opcode;
        assert_eq!(MAILBOX, 0xC000_6400 | pointer << 16);
    }
}
