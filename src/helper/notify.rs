//! Notifications to systemd: `sd_notify` without its library.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Sends notifications to systemd; does nothing without one.
#[derive(Debug)]
pub(super) struct Notifier {
    target: Option<(UnixDatagram, SocketAddr)>,
}

impl Notifier {
    /// Creates a notifier; `socket` is the value of `NOTIFY_SOCKET`.
    pub(super) fn new(socket: Option<OsString>) -> Self {
        Self {
            target: socket.and_then(|socket| open(&socket).ok()),
        }
    }

    /// Sends a notification; errors are ignored.
    pub(super) fn send(&self, message: &str) {
        if let Some((socket, address)) = &self.target {
            let _ = socket.send_to_addr(message.as_bytes(), address);
        }
    }
}

fn open(socket: &OsStr) -> io::Result<(UnixDatagram, SocketAddr)> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok((socket, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 64];
        let bytes = socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..bytes]).into_owned()
    }

    #[test]
    fn notifications_go_to_a_path_or_an_abstract_name() {
        let path = std::env::temp_dir().join(format!("lumen-notify-{}", std::process::id()));
        let socket = UnixDatagram::bind(&path).unwrap();
        Notifier::new(Some(path.clone().into())).send("READY=1");
        assert_eq!(receive(&socket), "READY=1");
        std::fs::remove_file(path).unwrap();

        let name = format!("lumen-notify-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let socket = UnixDatagram::bind_addr(&address).unwrap();
        Notifier::new(Some(format!("@{name}").into())).send("WATCHDOG=1");
        assert_eq!(receive(&socket), "WATCHDOG=1");
    }

    #[test]
    fn without_systemd_notifications_are_ignored() {
        Notifier::new(None).send("READY=1");
        Notifier::new(Some("/nowhere/at/all".into())).send("READY=1");
    }
}
