//! Network pixels over the Distributed Display Protocol (DDP), for WLED and other controllers.
//!
//! Sending never waits, and the controller never answers. If the network reports that the host is
//! unreachable, the error appears when a later packet is sent. A lost packet costs its pixels one
//! frame.

use crate::layout::Strip;
use crate::output::claim::{CLAIM_TIMEOUT, Claim, Claimed};
use crate::output::device::in_use;
use crate::output::{Output, OutputError, os_error};
use crate::text::shown;
use crate::time::Time;
use crate::wire::ddp::Packetizer;
use rustix::io::Errno;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixDatagram};
use std::path::Path;
use std::time::Duration;

/// WLED returns to its own effects 2.5 s after the last packet (its default).
const REFRESH: Duration = Duration::from_secs(1);
/// The kernel reports a host as unreachable after three ARP requests, one second apart.
const SETTLE_TIME: Duration = Duration::from_secs(4);

/// Looks up the addresses of a host.
type Resolve = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>>;

/// Connects to the controller of a strip; may take as long as the name lookup does.
///
/// # Errors
/// When another thread or process uses the controller, its name is unknown, or there is no route
/// to it.
pub(super) fn open(strip: &Strip, host: &str, port: u16) -> Result<Box<dyn Output>, OutputError> {
    // A thread that hangs in a name lookup must not overwrite the frames of the next one.
    let claim = Claim::take(Path::new(&format!("udp://{host}:{port}")), CLAIM_TIMEOUT)?;
    let mut output = Ddp::open(strip, host, port, &look_up)?;
    output.lock = lock(output.address, &format!("{host}:{port}"))?;
    Ok(Box::new(Claimed::new(output, claim)))
}

/// Locks a controller against other processes of this computer. The lock is an abstract socket
/// address: only one socket can have it, and it is freed when that socket closes.
fn lock(address: SocketAddr, controller: &str) -> Result<Option<UnixDatagram>, OutputError> {
    let name = UnixAddr::from_abstract_name(format!("klipper-lumen/ddp/{address}"));
    match name.and_then(|name| UnixDatagram::bind_addr(&name)) {
        Ok(socket) => Ok(Some(socket)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(in_use(controller)),
        // The strip must work on a system without abstract socket addresses too.
        Err(_) => Ok(None),
    }
}

fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.collect())
}

/// Looks up a controller. Returns its name, with the address in parentheses. May take as long as
/// the name lookup does.
///
/// # Errors
/// When the name is unknown.
pub(crate) fn find_controller(host: &str, port: u16) -> Result<String, OutputError> {
    let address = address_of(host, port, &look_up)?;
    Ok(Controller::new(host, address).name)
}

/// Returns the address that a strip uses.
fn address_of(host: &str, port: u16, resolve: &Resolve) -> Result<SocketAddr, OutputError> {
    let addresses = resolve(host, port).map_err(|error| unknown_host(host, &error))?;
    // Few controllers support IPv6, although their names often have addresses of both kinds.
    let address = addresses.iter().find(|address| address.is_ipv4());
    let address = address.or(addresses.first()).copied();
    address.ok_or_else(|| unknown_host(host, &Errno::ADDRNOTAVAIL.into()))
}

/// A socket to the controller of one strip.
#[derive(Debug)]
struct Ddp {
    socket: UdpSocket,
    address: SocketAddr,
    /// Keeps other processes from driving the controller.
    lock: Option<UnixDatagram>,
    /// The controller, for messages.
    peer: Controller,
    packetizer: Packetizer,
    frame_bytes: usize,
    /// Packets sent.
    packets: u64,
}

impl Ddp {
    fn open(strip: &Strip, host: &str, port: u16, resolve: &Resolve) -> Result<Self, OutputError> {
        let address = address_of(host, port, resolve)?;
        let peer = Controller::new(host, address);
        let socket = connect(address).map_err(|error| peer.fault(&error))?;
        Ok(Self {
            socket,
            address,
            lock: None,
            peer,
            packetizer: Packetizer::new(strip.order.bytes_per_pixel()),
            frame_bytes: strip.bytes(),
            packets: 0,
        })
    }

    fn send(&mut self, frame: &[u8]) -> Result<(), OutputError> {
        let mut packets = self.packetizer.packets(frame);
        while let Some(packet) = packets.next() {
            match self.socket.send(packet) {
                Ok(_) => self.packets += 1,
                Err(error) if is_packet_loss(&error) => {}
                Err(error) => return Err(self.peer.fault(&error)),
            }
        }
        Ok(())
    }
}

/// Creates a non-blocking socket that sends to one address and reports its errors.
fn connect(address: SocketAddr) -> io::Result<UdpSocket> {
    let local: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(local)?;
    socket.connect(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Whether only this packet is lost because the send queues of this computer are full.
fn is_packet_loss(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::AGAIN | Errno::NOBUFS)
    )
}

impl Output for Ddp {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        frames.first().map_or(Ok(()), |frame| self.send(frame))
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        let dark = vec![0; self.frame_bytes];
        // A pending error of an earlier packet makes the first send fail.
        self.send(&dark).or_else(|_| self.send(&dark))
    }

    fn refresh(&self) -> Option<Duration> {
        Some(REFRESH)
    }

    fn messages(&self) -> u64 {
        self.packets
    }

    fn settle_time(&self) -> Duration {
        SETTLE_TIME
    }
}

fn unknown_host(host: &str, error: &io::Error) -> OutputError {
    let message = os_error::message(error);
    // Rust puts this prefix before the message of the resolver.
    let message = message.trim_start_matches("failed to lookup address information: ");
    OutputError::new(
        format!("cannot find host '{}': {message}", shown(host)),
        "check its name and its power; an IP address works without a name server",
    )
}

/// The controller as named in messages.
#[derive(Debug)]
struct Controller {
    /// Host name with the address in parentheses, or the address alone.
    name: String,
    port: u16,
}

impl Controller {
    fn new(host: &str, address: SocketAddr) -> Self {
        let ip = address.ip().to_string();
        let name = if ip == host {
            ip
        } else {
            format!("{host} ({ip})")
        };
        let port = address.port();
        Self { name, port }
    }

    fn fault(&self, error: &io::Error) -> OutputError {
        let Self { name, port } = self;
        match Errno::from_io_error(error) {
            Some(Errno::CONNREFUSED) => OutputError::new(
                format!("{name} does not accept packets on UDP port {port}"),
                "check 'host' and 'port'; WLED listens on port 4048 as soon as it has started",
            ),
            Some(Errno::HOSTUNREACH | Errno::HOSTDOWN) => OutputError::new(
                format!("{name} does not answer"),
                "check the controller's power and network",
            ),
            Some(Errno::NETUNREACH | Errno::NETDOWN | Errno::ADDRNOTAVAIL) => OutputError::new(
                format!("no route to {name}"),
                "check this computer's network",
            ),
            Some(Errno::ACCESS) => OutputError::new(
                format!("{name} is a broadcast address"),
                "'host' must be the address of one controller",
            ),
            Some(Errno::PERM) => OutputError::new(
                format!("this computer's firewall blocks packets to {name}"),
                format!("allow UDP to port {port}"),
            ),
            _ => OutputError::new(os_error::cannot("send to", name, error), ""),
        }
    }
}

#[cfg(test)]
mod test;
