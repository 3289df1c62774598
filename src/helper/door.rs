//! The door: the socket where clients knock, and who they are.

use super::HelperError;
use crate::output::packets::{Connection, socket};
use rustix::net::sockopt::socket_peercred;
use rustix::net::{SocketAddrUnix, SocketFlags, accept_with, bind, listen};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Clients that may wait at the door.
const BACKLOG: i32 = 8;

/// Who knocks, as the kernel says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    pub(super) user: u32,
    pub(super) process: i32,
}

/// Listens at a path; what a helper left there that was killed makes way. The mode of the socket is
/// what the umask leaves.
pub(super) fn open(path: &Path) -> Result<OwnedFd, HelperError> {
    let fault = |error: io::Error| {
        HelperError::Socket(format!("cannot listen at {}: {error}", path.display()))
    };
    if path
        .symlink_metadata()
        .is_ok_and(|it| it.file_type().is_socket())
    {
        if Connection::open(path).is_ok() {
            let words = format!("another helper listens at {}", path.display());
            return Err(HelperError::Socket(words));
        }
        std::fs::remove_file(path).map_err(fault)?;
    }
    let listener = socket().map_err(fault)?;
    let address = SocketAddrUnix::new(path).map_err(|errno| fault(errno.into()))?;
    bind(&listener, &address)
        .and_then(|()| listen(&listener, BACKLOG))
        .map_err(|errno| fault(errno.into()))?;
    Ok(listener)
}

/// Lets in who has knocked.
pub(super) fn enter(door: &OwnedFd) -> io::Result<(Connection, Peer)> {
    let socket = accept_with(door, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
    let peer = socket_peercred(&socket)?;
    let peer = Peer {
        user: peer.uid.as_raw(),
        process: peer.pid.as_raw_nonzero().get(),
    };
    Ok((Connection::new(socket), peer))
}
