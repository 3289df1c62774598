//! A connection that carries packets: `SOCK_SEQPACKET` of a unix socket.
//!
//! Nothing here waits but [`Connection::wait`], which is told how long.

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

/// What [`Connection::receive`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// A packet of this many bytes; more than the buffer has where its end was cut.
    Packet(usize),
    /// Nothing at the moment.
    Nothing,
    /// The other end has hung up.
    End,
}

/// A new socket that never makes its caller wait.
pub(crate) fn socket() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let family = AddressFamily::UNIX;
    Ok(socket_with(family, SocketType::SEQPACKET, flags, None)?)
}

impl Connection {
    /// Connects to a socket; a listener that is too busy is [`io::ErrorKind::WouldBlock`].
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let socket = socket()?;
        connect(&socket, &SocketAddrUnix::new(path)?)?;
        Ok(Self::new(socket))
    }

    /// Takes over a connected socket that does not block.
    pub(crate) fn new(socket: OwnedFd) -> Self {
        Self { socket }
    }

    /// Sends a packet; where there is no room for it, that is [`io::ErrorKind::WouldBlock`].
    pub(crate) fn send(&self, packet: &[u8]) -> io::Result<()> {
        loop {
            match send(&self.socket, packet, SendFlags::NOSIGNAL) {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Takes a packet that has come.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> io::Result<Received> {
        loop {
            // TRUNC: the length is the packet's own, also where the buffer is shorter.
            match recv(&self.socket, &mut *buffer, RecvFlags::TRUNC) {
                Ok((_, 0)) | Err(Errno::CONNRESET) => return Ok(Received::End),
                Ok((_, bytes)) => return Ok(Received::Packet(bytes)),
                Err(Errno::AGAIN) => return Ok(Received::Nothing),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// How much of what was sent the other end has not received, in bytes of the kernel; 0 is nothing.
    pub(crate) fn unreceived(&self) -> io::Result<usize> {
        unreceived(&self.socket)
    }

    /// Takes no more packets; those that have come can still be received.
    pub(crate) fn close_for_reading(&self) {
        // It fails only where the other end has hung up.
        let _ = shutdown(&self.socket, Shutdown::Read);
    }

    /// Waits at most `patience` for something to receive; `false` when nothing came.
    pub(crate) fn wait(&self, patience: Duration) -> io::Result<bool> {
        let patience = Timespec::try_from(patience).ok();
        let mut fds = [PollFd::new(&self.socket, PollFlags::IN)];
        match poll(&mut fds, patience.as_ref()) {
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
