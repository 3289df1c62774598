//! The serving thread: accepts one client at a time and drives the pins.
//!
//! It reads from a client only while the wire is free, a limited number of packets at a time, and
//! keeps the latest frame. A client that sends too fast only fills its own socket. Frames are never
//! answered.

use super::frame_buffer::FrameBuffer;
use super::journal::{Journal, Origin};
use super::listener::{self, ClientIdentity};
use super::{Config, HelperError, HelperSettings, Opener, Watched, now, socket_fault};
use crate::output::packets::{Connection, Received};
use crate::output::{Output, OutputError, helper_client};
use crate::plan::StripPlan;
use crate::text::counted;
use crate::time::{Span, Time};
use crate::wire::helper::{ClientMessage, ErrorText, MAX_MESSAGE, PinStrip, ServerMessage};
use rustix::event::{PollFd, PollFlags};
use std::os::fd::{AsFd, OwnedFd};

/// Maximum number of packets read at once: more than a second of frames.
const MAX_PACKETS: usize = 256;
/// More packets than a socket can hold.
const SOCKET_PACKETS: usize = 4096;
/// Delay after an error of `accept`.
const ACCEPT_RETRY: Span = Span::from_millis(1000);

pub(super) struct Server {
    listener: OwnedFd,
    /// When clients are accepted again.
    accept_at: Time,
    config: Config,
    plans: Vec<StripPlan>,
    opener: Opener,
    /// The pins; opened for the first client and again after a fault.
    pins: Option<Box<dyn Output>>,
    client: Option<Client>,
    hello_timeout: Span,
    buffer: FrameBuffer,
    packet: Vec<u8>,
    answer: Vec<u8>,
    journal: Journal,
}

struct Client {
    connection: Connection,
    peer: ClientIdentity,
    since: Time,
    is_welcome: bool,
}

/// Why a client is disconnected.
enum DisconnectReason {
    /// The client closed the connection or sent no hello in time.
    Gone,
    /// The client is not served.
    Refusal(OutputError),
    /// The pins have a fault.
    Fault(OutputError),
}

impl Server {
    /// The function to run in the serving thread, which creates and uses the pin output.
    pub(super) fn prepare(
        config: Config,
        listener: OwnedFd,
        opener: Opener,
        settings: &HelperSettings,
    ) -> impl FnOnce(&Watched) -> Result<(), HelperError> + Send + use<> {
        let (sink, blank_after) = (settings.journal, settings.blank_after);
        let hello_timeout = settings.hello_timeout;
        move |watched| {
            let server = Self {
                listener,
                accept_at: Time::ZERO,
                plans: config.plans(),
                buffer: FrameBuffer::new(config.pin_strips(), blank_after),
                config,
                opener,
                pins: None,
                client: None,
                hello_timeout,
                packet: vec![0; MAX_MESSAGE],
                answer: Vec::new(),
                journal: Journal::new(sink, now()),
            };
            server.serve(watched)
        }
    }

    /// Serves until stopped, then turns the strips off.
    fn serve(mut self, watched: &Watched) -> Result<(), HelperError> {
        loop {
            self.show(now());
            self.journal.flush(now());
            let Some((has_new_client, has_packet)) = self.wait(watched)? else {
                break;
            };
            let now = now();
            // The current client first: it may have disconnected to connect again.
            if has_packet {
                self.read_client(now);
            }
            let hello_timeout = self.hello_timeout;
            let is_late = |it: &Client| !it.is_welcome && now.since(it.since) > hello_timeout;
            if self.client.as_ref().is_some_and(is_late) {
                self.disconnect(now, &DisconnectReason::Gone);
            }
            if has_new_client {
                self.accept(now);
            }
        }
        if let Some(mut pins) = self.pins.take()
            && let Err(error) = pins.blank(now())
        {
            let line = format!("cannot turn the strips off: {error}");
            self.journal.line(now(), Origin::Own, &line);
        }
        Ok(())
    }

    /// Waits for something to do. Returns whether a new client and whether a packet of the current
    /// client is waiting, or `None` to stop.
    fn wait(&mut self, watched: &Watched) -> Result<Option<(bool, bool)>, HelperError> {
        let now = now();
        let can_accept = self.accept_at <= now;
        let can_read = self.buffer.free_at() <= now;
        let mut fds = vec![PollFd::new(&watched.stop, PollFlags::IN)];
        if can_accept {
            fds.push(PollFd::new(&self.listener, PollFlags::IN));
        }
        if let Some(client) = self.client.as_ref().filter(|_| can_read) {
            fds.push(PollFd::from_borrowed_fd(
                client.connection.as_fd(),
                PollFlags::IN,
            ));
        }
        let hello = self.client.as_ref().filter(|it| !it.is_welcome);
        let until = [
            self.buffer.due(),
            self.journal.due(),
            hello.map(|it| it.since + self.hello_timeout),
            (!can_accept).then_some(self.accept_at),
            (!can_read && self.client.is_some()).then(|| self.buffer.free_at()),
        ];
        let until = until.into_iter().flatten().min();
        let timeout = until.map(|time| time.since(now));
        watched
            .wait(&mut fds, timeout)
            .map_err(|errno| socket_fault(&errno.into()))?;
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        if ready.next() == Some(true) {
            return Ok(None);
        }
        let has_new_client = can_accept && ready.next() == Some(true);
        let has_packet = ready.next() == Some(true);
        Ok(Some((has_new_client, has_packet)))
    }

    /// Shows the frames if they are due.
    fn show(&mut self, now: Time) {
        if !self.buffer.is_due(now) {
            return;
        }
        let Some(pins) = &mut self.pins else {
            return;
        };
        if let Err(error) = pins.write(now, self.buffer.frames()) {
            self.pins = None;
            self.disconnect(now, &DisconnectReason::Fault(error));
        }
    }

    /// Reads the waiting packets of the client.
    fn read_client(&mut self, now: Time) {
        for _ in 0..MAX_PACKETS {
            let Some(client) = &self.client else { return };
            let handled = match client.connection.receive(&mut self.packet) {
                Ok(Received::Packet(bytes)) => self.handle_packet(now, bytes),
                Ok(Received::Nothing) => return,
                Ok(Received::End) | Err(_) => Err(DisconnectReason::Gone),
            };
            if let Err(reason) = handled {
                self.disconnect(now, &reason);
            }
        }
    }

    /// Handles the packet of this length in `self.packet`.
    fn handle_packet(&mut self, now: Time, bytes: usize) -> Result<(), DisconnectReason> {
        let refuse = |problem: String| Err(refusal(&problem, helper_client::SAME_VERSION));
        let Some(packet) = self.packet.get(..bytes) else {
            return refuse(format!(
                "a packet of {} is too long",
                counted(bytes, "byte")
            ));
        };
        let is_welcome = self.client.as_ref().is_some_and(|it| it.is_welcome);
        match ClientMessage::parse(packet) {
            Ok(ClientMessage::Frames(frames)) if is_welcome => {
                if self.buffer.take(frames) {
                    return Ok(());
                }
                let bytes = counted(frames.len(), "byte");
                refuse(format!("frames of {bytes} do not match its strips"))
            }
            Ok(ClientMessage::Blank) if is_welcome => {
                self.buffer.blank();
                Ok(())
            }
            Ok(ClientMessage::Hello(strips)) if !is_welcome => self.welcome(now, &strips),
            Ok(_) => refuse("unexpected packet".to_owned()),
            Err(error) => refuse(error.to_string()),
        }
    }

    /// Accepts the hello of a client and opens the pins if needed.
    fn welcome(&mut self, now: Time, strips: &[PinStrip]) -> Result<(), DisconnectReason> {
        self.buffer
            .accept(strips)
            .map_err(|problem| refusal(&problem, helper_client::INSTALL_AGAIN))?;
        if self.pins.is_none() {
            self.pins = Some((self.opener)(&self.plans).map_err(DisconnectReason::Refusal)?);
        }
        let Some(client) = &mut self.client else {
            return Err(DisconnectReason::Gone);
        };
        client.is_welcome = true;
        ServerMessage::Welcome.put(&mut self.answer);
        let sent = client.connection.send(&self.answer);
        let peer = client.peer;
        self.log(now, peer, "connected");
        sent.map_err(|_| DisconnectReason::Gone)
    }

    /// Disconnects the client, if any, and starts the time until its strips go dark.
    fn disconnect(&mut self, now: Time, reason: &DisconnectReason) {
        let Some(client) = self.client.take() else {
            if let DisconnectReason::Fault(error) = reason {
                self.journal.line(now, Origin::Own, &error.to_string());
            }
            return;
        };
        if client.is_welcome {
            self.buffer.client_left(now);
        }
        match reason {
            DisconnectReason::Gone => self.log(now, client.peer, "disconnected"),
            DisconnectReason::Refusal(error) => {
                self.log(now, client.peer, &format!("refused: {error}"));
                ServerMessage::Refusal(error_text(error)).put(&mut self.answer);
                self.send_and_close(&client.connection);
            }
            DisconnectReason::Fault(error) => {
                self.journal.line(now, Origin::Own, &error.to_string());
                ServerMessage::Fault(error_text(error)).put(&mut self.answer);
                self.send_and_close(&client.connection);
            }
        }
    }

    /// Accepts a new client, or refuses it if its user is not allowed or another client is
    /// connected.
    fn accept(&mut self, now: Time) {
        let (connection, peer) = match listener::accept_client(&self.listener) {
            Ok(client) => client,
            Err(error) => {
                // With WouldBlock the client is already gone. Other errors are a lack of resources;
                // retrying at once would use all CPU time.
                if error.kind() != std::io::ErrorKind::WouldBlock {
                    self.accept_at = now + ACCEPT_RETRY;
                }
                return;
            }
        };
        // The current client may have just disconnected.
        self.read_client(now);
        let user = peer.user;
        let refusal = if !self.config.allows(user) {
            let problem = format!("user {user} is not allowed to drive the strips");
            Some(OutputError::new(problem, helper_client::install_for(user)))
        } else if let Some(client) = &self.client {
            let other = client.peer.process;
            let problem = format!("process {other} already drives the strips");
            Some(OutputError::new(problem, "only one Klipper can drive them"))
        } else {
            None
        };
        if let Some(error) = refusal {
            self.log(now, peer, &format!("refused: {error}"));
            ServerMessage::Refusal(error_text(&error)).put(&mut self.answer);
            self.send_and_close(&connection);
            return;
        }
        ServerMessage::Greeting.put(&mut self.answer);
        if connection.send(&self.answer).is_ok() {
            self.client = Some(Client {
                connection,
                peer,
                since: now,
                is_welcome: false,
            });
        }
    }

    /// Sends the last answer before the connection closes. Unread packets are discarded first: if a
    /// socket is closed with unread packets, the peer loses the answer.
    fn send_and_close(&mut self, connection: &Connection) {
        connection.close_for_reading();
        for _ in 0..SOCKET_PACKETS {
            if !matches!(
                connection.receive(&mut self.packet),
                Ok(Received::Packet(_))
            ) {
                break;
            }
        }
        let _ = connection.send(&self.answer);
    }

    /// Writes an event of a client to the journal.
    fn log(&mut self, now: Time, peer: ClientIdentity, event: &str) {
        let ClientIdentity { user, process } = peer;
        let line = format!("process {process} {event}");
        self.journal.line(now, Origin::User(user), &line);
    }
}

fn refusal(problem: &str, remedy: &str) -> DisconnectReason {
    DisconnectReason::Refusal(OutputError::new(problem, remedy))
}

fn error_text(error: &OutputError) -> ErrorText<'_> {
    ErrorText {
        problem: &error.problem,
        remedy: &error.remedy,
    }
}
