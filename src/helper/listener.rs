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
pub(super) struct ClientIdentity {
    pub(super) user: u32,
    pub(super) process: i32,
}

/// Listens at a path; what a helper left there that was killed makes way. The mode of the socket is
/// what the umask leaves.
pub(super) fn open(path: &Path) -> Result<OwnedFd, HelperError> {
    if let Ok(there) = path.symlink_metadata() {
        let words = if !there.file_type().is_socket() {
            Some("it exists and is not a socket")
        } else if Connection::open(path).is_ok() {
            Some("another helper is already listening")
        } else {
            None
        };
        if let Some(words) = words {
            let words = format!("cannot listen at {}: {words}", path.display());
            return Err(HelperError::Socket(words));
        }
    }
    listen_at(path).map_err(|error| {
        HelperError::Socket(format!("cannot listen at {}: {error}", path.display()))
    })
}

/// Under another name until it listens: whoever sees the socket can connect.
fn listen_at(path: &Path) -> io::Result<OwnedFd> {
    let fresh = path.with_extension("new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = socket()?;
    bind(&listener, &SocketAddrUnix::new(&fresh)?)?;
    listen(&listener, BACKLOG)?;
    std::fs::rename(&fresh, path)?;
    Ok(listener)
}

/// Lets in who has knocked.
pub(super) fn accept_client(listener: &OwnedFd) -> io::Result<(Connection, ClientIdentity)> {
    let socket = accept_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
    let peer = socket_peercred(&socket)?;
    let peer = ClientIdentity {
        user: peer.uid.as_raw(),
        process: peer.pid.as_raw_nonzero().get(),
    };
    Ok((Connection::new(socket), peer))
}
