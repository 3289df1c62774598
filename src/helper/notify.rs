//! What systemd is told, over the socket that it names: `sd_notify` without its library.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The way to systemd; silent without one.
#[derive(Debug)]
pub(super) struct Notifier {
    way: Option<(UnixDatagram, SocketAddr)>,
}

impl Notifier {
    /// `place` is what the variable `NOTIFY_SOCKET` has.
    pub(super) fn new(place: Option<OsString>) -> Self {
        Self {
            way: place.and_then(|place| way(&place).ok()),
        }
    }

    /// Tells systemd; nothing comes of it where it does not listen.
    pub(super) fn tell(&self, words: &str) {
        if let Some((socket, address)) = &self.way {
            let _ = socket.send_to_addr(words.as_bytes(), address);
        }
    }
}

fn way(place: &OsStr) -> io::Result<(UnixDatagram, SocketAddr)> {
    let address = match place.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(place)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok((socket, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 64];
        let bytes = socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..bytes]).into_owned()
    }

    #[test]
    fn systemd_hears_at_a_path_and_at_an_abstract_name() {
        let path = std::env::temp_dir().join(format!("lumen-notify-{}", std::process::id()));
        let socket = UnixDatagram::bind(&path).unwrap();
        Notifier::new(Some(path.clone().into())).tell("READY=1");
        assert_eq!(heard(&socket), "READY=1");
        std::fs::remove_file(path).unwrap();

        let name = format!("lumen-notify-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let socket = UnixDatagram::bind_addr(&address).unwrap();
        Notifier::new(Some(format!("@{name}").into())).tell("WATCHDOG=1");
        assert_eq!(heard(&socket), "WATCHDOG=1");
    }

    #[test]
    fn without_systemd_nothing_is_told() {
        Notifier::new(None).tell("READY=1");
        Notifier::new(Some("/nowhere/at/all".into())).tell("READY=1");
    }
}
