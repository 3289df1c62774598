//! The server: one client after the other, and the pins.
//!
//! It reads a client only when the wire is free, a bounded number of packets at a time, and keeps
//! the last: whoever floods it fills his own socket and costs no more than a frame each time. Only
//! hello, refusals and faults are answered.

use super::frame_buffer::FrameBuffer;
use super::journal::{Journal, Origin};
use super::listener::{self, ClientIdentity};
use super::{Config, HelperError, HelperSettings, Opener, Watched, now, socket_fault};
use crate::output::packets::{Connection, Received};
use crate::output::{Output, OutputError, remote};
use crate::plan::StripPlan;
use crate::time::{Span, Time};
use crate::wire::helper::{ClientMessage, ErrorText, LONGEST, PinStrip, ServerMessage};
use rustix::event::{PollFd, PollFlags};
use std::os::fd::{AsFd, OwnedFd};

/// Packets that are read at once: more than a second of frames.
const MOST_PACKETS: usize = 256;
/// More packets than a socket holds.
const SOCKET_PACKETS: usize = 4096;
/// How long the door stays shut after it could not be opened.
const ACCEPT_RETRY: Span = Span::from_millis(1000);

pub(super) struct Server {
    listener: OwnedFd,
    /// When the door is next looked at.
    accept_at: Time,
    config: Config,
    plans: Vec<StripPlan>,
    opener: Opener,
    /// The pins; opened for the first client, and anew after a fault.
    pins: Option<Box<dyn Output>>,
    client: Option<Client>,
    hello_within: Span,
    buffer: FrameBuffer,
    packet: Vec<u8>,
    answer: Vec<u8>,
    journal: Journal,
}

struct Client {
    connection: Connection,
    peer: ClientIdentity,
    since: Time,
    welcome: bool,
}

/// Why a client is sent away.
enum DisconnectReason {
    /// It hung up.
    Gone,
    /// It is not served.
    Refusal(OutputError),
    /// The pins have a fault.
    Fault(OutputError),
}

impl Server {
    /// What the thread is to do that serves: the pins' board never leaves it.
    pub(super) fn plan(
        config: Config,
        listener: OwnedFd,
        opener: Opener,
        settings: &HelperSettings,
    ) -> impl FnOnce(&Watched) -> Result<(), HelperError> + Send + use<> {
        let (sink, blank_after) = (settings.journal, settings.blank_after);
        let hello_within = settings.hello_within;
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
                hello_within,
                packet: vec![0; LONGEST],
                answer: Vec::new(),
                journal: Journal::new(sink, now()),
            };
            server.serve(watched)
        }
    }

    /// Serves until it is told to stop; then the strips are dark.
    fn serve(mut self, watched: &Watched) -> Result<(), HelperError> {
        loop {
            self.show(now());
            self.journal.flush(now());
            let Some((knocks, speaks)) = self.wait(watched)? else {
                break;
            };
            let now = now();
            // First who is there: it may be leaving, to come in again.
            if speaks {
                self.read_client(now);
            }
            let hello_within = self.hello_within;
            let late = |it: &Client| !it.welcome && now.since(it.since) > hello_within;
            if self.client.as_ref().is_some_and(late) {
                self.disconnect(now, &DisconnectReason::Gone);
            }
            if knocks {
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

    /// Waits for something to do: does somebody knock, does the client say something? `None` is the
    /// end.
    fn wait(&mut self, watched: &Watched) -> Result<Option<(bool, bool)>, HelperError> {
        let now = now();
        let opens = self.accept_at <= now;
        let hears = self.buffer.free_at() <= now;
        let mut fds = vec![PollFd::new(&watched.stop, PollFlags::IN)];
        if opens {
            fds.push(PollFd::new(&self.listener, PollFlags::IN));
        }
        if let Some(client) = self.client.as_ref().filter(|_| hears) {
            fds.push(PollFd::from_borrowed_fd(
                client.connection.as_fd(),
                PollFlags::IN,
            ));
        }
        let hello = self.client.as_ref().filter(|it| !it.welcome);
        let until = [
            self.buffer.due(),
            self.journal.due(),
            hello.map(|it| it.since + self.hello_within),
            (!opens).then_some(self.accept_at),
            (!hears && self.client.is_some()).then(|| self.buffer.free_at()),
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
        let knocks = opens && ready.next() == Some(true);
        let speaks = ready.next() == Some(true);
        Ok(Some((knocks, speaks)))
    }

    /// Shows the frames, if it is time.
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

    /// Hears what the client has said until now.
    fn read_client(&mut self, now: Time) {
        for _ in 0..MOST_PACKETS {
            let Some(client) = &self.client else { return };
            let farewell = match client.connection.receive(&mut self.packet) {
                Ok(Received::Packet(bytes)) => self.handle_packet(now, bytes),
                Ok(Received::Nothing) => return,
                Ok(Received::End) | Err(_) => Err(DisconnectReason::Gone),
            };
            if let Err(farewell) = farewell {
                self.disconnect(now, &farewell);
            }
        }
    }

    /// Does what a packet of this length wants.
    fn handle_packet(&mut self, now: Time, bytes: usize) -> Result<(), DisconnectReason> {
        let refuse = |problem: String| Err(refusal(&problem, remote::SAME_VERSION));
        let Some(packet) = self.packet.get(..bytes) else {
            return refuse(format!("a packet of {bytes} bytes is too long"));
        };
        let welcome = self.client.as_ref().is_some_and(|it| it.welcome);
        match ClientMessage::parse(packet) {
            Ok(ClientMessage::Frames(frames)) if welcome => {
                if self.buffer.take(frames) {
                    return Ok(());
                }
                let bytes = frames.len();
                refuse(format!("frames of {bytes} bytes do not match its strips"))
            }
            Ok(ClientMessage::Rest) if welcome => {
                self.buffer.blank();
                Ok(())
            }
            Ok(ClientMessage::Hello(strips)) if !welcome => self.welcome(now, &strips),
            Ok(_) => refuse("unexpected packet".to_owned()),
            Err(error) => refuse(error.to_string()),
        }
    }

    /// Lets a client drive its strips.
    fn welcome(&mut self, now: Time, strips: &[PinStrip]) -> Result<(), DisconnectReason> {
        self.buffer
            .accept(strips)
            .map_err(|problem| refusal(&problem, remote::INSTALL_AGAIN))?;
        if self.pins.is_none() {
            self.pins = Some((self.opener)(&self.plans).map_err(DisconnectReason::Refusal)?);
        }
        let Some(client) = &mut self.client else {
            return Err(DisconnectReason::Gone);
        };
        client.welcome = true;
        ServerMessage::Welcome.put(&mut self.answer);
        let sent = client.connection.send(&self.answer);
        let peer = client.peer;
        self.log(now, peer, "drives the strips");
        sent.map_err(|_| DisconnectReason::Gone)
    }

    /// Parts with the client, if there is one; its strips go dark in a while.
    fn disconnect(&mut self, now: Time, farewell: &DisconnectReason) {
        let Some(client) = self.client.take() else {
            if let DisconnectReason::Fault(error) = farewell {
                self.journal.line(now, Origin::Own, &error.to_string());
            }
            return;
        };
        if client.welcome {
            self.buffer.client_left(now);
        }
        match farewell {
            DisconnectReason::Gone => self.log(now, client.peer, "is gone"),
            DisconnectReason::Refusal(error) => {
                self.log(now, client.peer, &format!("is refused: {error}"));
                ServerMessage::Refusal(words(error)).put(&mut self.answer);
                self.send_away(&client.connection);
            }
            DisconnectReason::Fault(error) => {
                self.journal.line(now, Origin::Own, &error.to_string());
                ServerMessage::Fault(words(error)).put(&mut self.answer);
                self.send_away(&client.connection);
            }
        }
    }

    /// Lets in who has knocked, unless there is somebody already or it is nobody we serve.
    fn accept(&mut self, now: Time) {
        let (connection, peer) = match listener::accept_client(&self.listener) {
            Ok(who) => who,
            Err(error) => {
                // It may be gone by now. Else something is scarce, and to look again at once would
                // take all of the processor.
                if error.kind() != std::io::ErrorKind::WouldBlock {
                    self.accept_at = now + ACCEPT_RETRY;
                }
                return;
            }
        };
        // Whoever is there may have died a moment ago.
        self.read_client(now);
        let user = peer.user;
        let refusal = if !self.config.allows(user) {
            let problem = format!("user {user} is not allowed to drive the strips");
            Some(OutputError::new(problem, remote::install_for(user)))
        } else if let Some(client) = &self.client {
            let other = client.peer.process;
            let problem = format!("process {other} already drives the strips");
            Some(OutputError::new(problem, "only one Klipper can drive them"))
        } else {
            None
        };
        if let Some(error) = refusal {
            self.log(now, peer, &format!("is refused: {error}"));
            ServerMessage::Refusal(words(&error)).put(&mut self.answer);
            self.send_away(&connection);
            return;
        }
        ServerMessage::Greeting.put(&mut self.answer);
        if connection.send(&self.answer).is_ok() {
            self.client = Some(Client {
                connection,
                peer,
                since: now,
                welcome: false,
            });
        }
    }

    /// Sends the last answer. What was not read goes first, and nothing more may come: a socket that
    /// is closed with something left to read loses its last answer.
    fn send_away(&mut self, connection: &Connection) {
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

    /// Writes to the journal what a client did.
    fn log(&mut self, now: Time, peer: ClientIdentity, what: &str) {
        let ClientIdentity { user, process } = peer;
        let line = format!("process {process} {what}");
        self.journal.line(now, Origin::User(user), &line);
    }
}

fn refusal(problem: &str, remedy: &str) -> DisconnectReason {
    DisconnectReason::Refusal(OutputError::new(problem, remedy))
}

fn words(error: &OutputError) -> ErrorText<'_> {
    ErrorText {
        problem: &error.problem,
        remedy: &error.remedy,
    }
}
