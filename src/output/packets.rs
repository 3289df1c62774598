//! A packet connection over a Unix socket (`SOCK_SEQPACKET`).
//!
//! Only [`Connection::wait`] blocks, and only up to its timeout.

use crate::output::sys::unreceived;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, Shutdown, SocketAddrUnix, SocketFlags, SocketType,
    connect, recv, send, shutdown, socket_with,
};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

/// One end of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: OwnedFd,
}

/// The result of [`Connection::receive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// A packet of this many bytes; if that is more than the buffer has, the packet was truncated.
    Packet(usize),
    /// No packet is waiting.
    Nothing,
    /// The peer has disconnected.
    End,
}

/// Creates a non-blocking socket.
pub(crate) fn socket() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let family = AddressFamily::UNIX;
    Ok(socket_with(family, SocketType::SEQPACKET, flags, None)?)
}

impl Connection {
    /// Connects to a socket. A listener whose backlog is full is [`io::ErrorKind::WouldBlock`].
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let socket = socket()?;
        connect(&socket, &SocketAddrUnix::new(path)?)?;
        Ok(Self::new(socket))
    }

    /// Wraps a connected, non-blocking socket.
    pub(crate) fn new(socket: OwnedFd) -> Self {
        Self { socket }
    }

    /// Sends a packet. If the socket has no room for it, that is [`io::ErrorKind::WouldBlock`].
    pub(crate) fn send(&self, packet: &[u8]) -> io::Result<()> {
        loop {
            match send(&self.socket, packet, SendFlags::NOSIGNAL) {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Receives a packet if one is waiting.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> io::Result<Received> {
        loop {
            // TRUNC: returns the full length of the packet even if the buffer is shorter.
            match recv(&self.socket, &mut *buffer, RecvFlags::TRUNC) {
                Ok((_, 0)) | Err(Errno::CONNRESET) => return Ok(Received::End),
                Ok((_, bytes)) => return Ok(Received::Packet(bytes)),
                Err(Errno::AGAIN) => return Ok(Received::Nothing),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Kernel memory of the sent packets that the peer has not received yet, in bytes; 0 if none.
    pub(crate) fn unreceived(&self) -> io::Result<usize> {
        unreceived(&self.socket)
    }

    /// Accepts no more packets; waiting packets can still be received.
    pub(crate) fn close_for_reading(&self) {
        // An error means that the peer has disconnected; ignore it.
        let _ = shutdown(&self.socket, Shutdown::Read);
    }

    /// Waits up to `timeout` for a packet; returns `false` if none arrived.
    pub(crate) fn wait(&self, timeout: Duration) -> io::Result<bool> {
        let timeout = Timespec::try_from(timeout).ok();
        let mut fds = [PollFd::new(&self.socket, PollFlags::IN)];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
