//! Pixels on the network, by the Distributed Display Protocol: WLED and other controllers.
//!
//! Nothing is ever waited for and nothing comes back, except what the network says of a host that
//! is not there: that is the error of a later packet. A packet that gets lost costs its pixels one
//! frame.

use crate::layout::Strip;
use crate::output::claim::{Claim, Claimed, PATIENCE};
use crate::output::device::in_use;
use crate::output::{Output, OutputError, fault};
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

/// WLED goes back to its own effects 2.5 s after the last packet (its default).
const REFRESH: Duration = Duration::from_secs(1);
/// A host that nobody answers for is given up after three questions, a second apart.
const SETTLE_TIME: Duration = Duration::from_secs(4);

/// The addresses of a host.
type Resolve = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>>;

/// Finds the controller of a strip; may take as long as the look-up of its name does.
///
/// # Errors
/// When another thread holds the controller, its name is unknown, or there is no way to it.
pub(super) fn open(strip: &Strip, host: &str, port: u16) -> Result<Box<dyn Output>, OutputError> {
    // A thread that hangs in a look-up must not write over the next one's frames.
    let claim = Claim::take(Path::new(&format!("udp://{host}:{port}")), PATIENCE)?;
    let mut output = Ddp::open(strip, host, port, &look_up)?;
    output.hold = hold(output.address, &format!("{host}:{port}"))?;
    Ok(Box::new(Claimed::new(output, claim)))
}

/// Holds a controller against other processes of this computer: a name without a file, which only
/// one socket can have and which goes with it.
fn hold(address: SocketAddr, controller: &str) -> Result<Option<UnixDatagram>, OutputError> {
    let name = UnixAddr::from_abstract_name(format!("klipper-lumen/ddp/{address}"));
    match name.and_then(|name| UnixDatagram::bind_addr(&name)) {
        Ok(socket) => Ok(Some(socket)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(in_use(controller)),
        // A system without such names must not cost the light.
        Err(_) => Ok(None),
    }
}

fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.collect())
}

/// A socket to the controller of one strip.
#[derive(Debug)]
struct Ddp {
    socket: UdpSocket,
    address: SocketAddr,
    /// Keeps other processes from the controller.
    hold: Option<UnixDatagram>,
    /// The controller, for messages.
    peer: Controller,
    packetizer: Packetizer,
    frame_bytes: usize,
    /// Packets sent.
    packets: u64,
}

impl Ddp {
    fn open(strip: &Strip, host: &str, port: u16, resolve: &Resolve) -> Result<Self, OutputError> {
        let addresses = resolve(host, port).map_err(|error| unknown_host(host, &error))?;
        // Controllers seldom speak IPv6, and their names often have addresses of both kinds.
        let address = addresses
            .iter()
            .find(|address| address.is_ipv4())
            .or(addresses.first())
            .ok_or_else(|| unknown_host(host, &Errno::ADDRNOTAVAIL.into()))?;
        let peer = Controller::new(host, *address);
        let socket = connect(*address).map_err(|error| peer.fault(&error))?;
        Ok(Self {
            socket,
            address: *address,
            hold: None,
            peer,
            packetizer: Packetizer::new(strip.order.bytes_per_pixel()),
            frame_bytes: strip.bytes(),
            packets: 0,
        })
    }

    fn show(&mut self, frame: &[u8]) -> Result<(), OutputError> {
        let mut packets = self.packetizer.packets(frame);
        while let Some(packet) = packets.next() {
            match self.socket.send(packet) {
                Ok(_) => self.packets += 1,
                Err(error) if is_loss(&error) => {}
                Err(error) => return Err(self.peer.fault(&error)),
            }
        }
        Ok(())
    }
}

/// Makes a socket that sends to one address, hears of its errors and never waits.
fn connect(address: SocketAddr) -> io::Result<UdpSocket> {
    let own: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(own)?;
    socket.connect(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Whether only this packet is lost: the queues of this host are full.
fn is_loss(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::AGAIN | Errno::NOBUFS)
    )
}

impl Output for Ddp {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        frames.first().map_or(Ok(()), |frame| self.show(frame))
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        let dark = vec![0; self.frame_bytes];
        // What the network says of an earlier packet comes instead of sending, once.
        self.show(&dark).or_else(|_| self.show(&dark))
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
    let words = fault::words(error);
    // How Rust begins what the resolver says.
    let words = words.trim_start_matches("failed to lookup address information: ");
    OutputError::new(
        format!("cannot find host '{}': {words}", shown(host)),
        "check its name and its power; an IP address needs no look-up",
    )
}

/// Who is sent to.
#[derive(Debug)]
struct Controller {
    /// Its name, with its address where that is not the same.
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
                format!("{name} takes no packets on UDP port {port}"),
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
                format!("{name} is the address of a whole network"),
                "'host' must name one controller",
            ),
            Some(Errno::PERM) => OutputError::new(
                format!("this computer's firewall lets nothing out to {name}"),
                format!("allow UDP to port {port}"),
            ),
            _ => OutputError::new(fault::cannot("send to", name, error), ""),
        }
    }
}

#[cfg(test)]
mod test;
