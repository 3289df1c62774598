//! The listening socket of the helper, and the identity of its clients.

use super::HelperError;
use crate::output::packets::{Connection, socket};
use rustix::net::sockopt::socket_peercred;
use rustix::net::{SocketAddrUnix, SocketFlags, accept_with, bind, listen};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Maximum number of clients that wait to be accepted.
const BACKLOG: i32 = 8;

/// User and process of a client, from the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClientIdentity {
    pub(super) user: u32,
    pub(super) process: i32,
}

/// Listens at a path; replaces the socket of a helper that was killed. The mode of the socket comes
/// from the umask.
pub(super) fn open(path: &Path) -> Result<OwnedFd, HelperError> {
    if let Ok(existing) = path.symlink_metadata() {
        let problem = if !existing.file_type().is_socket() {
            Some("it exists and is not a socket")
        } else if Connection::open(path).is_ok() {
            Some("another helper is already listening")
        } else {
            None
        };
        if let Some(problem) = problem {
            let message = format!("cannot listen at {}: {problem}", path.display());
            return Err(HelperError::Socket(message));
        }
    }
    listen_at(path).map_err(|error| {
        HelperError::Socket(format!("cannot listen at {}: {error}", path.display()))
    })
}

/// Creates the socket under another name and renames it once it listens, so that a client never
/// finds a socket it cannot connect to.
fn listen_at(path: &Path) -> io::Result<OwnedFd> {
    let new_path = path.with_extension("new");
    match std::fs::remove_file(&new_path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = socket()?;
    bind(&listener, &SocketAddrUnix::new(&new_path)?)?;
    listen(&listener, BACKLOG)?;
    std::fs::rename(&new_path, path)?;
    Ok(listener)
}

/// Accepts the next client.
pub(super) fn accept_client(listener: &OwnedFd) -> io::Result<(Connection, ClientIdentity)> {
    let socket = accept_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
    let peer = socket_peercred(&socket)?;
    let peer = ClientIdentity {
        user: peer.uid.as_raw(),
        process: peer.pid.as_raw_nonzero().get(),
    };
    Ok((Connection::new(socket), peer))
}
