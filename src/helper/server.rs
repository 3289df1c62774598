//! The server: one client after the other, and the pins.
//!
//! It reads a client only when the wire is free, a bounded number of packets at a time, and keeps
//! the last: whoever floods it fills his own socket and costs no more than a frame each time. Only
//! hello, refusals and faults are answered.

use super::door::{self, Peer};
use super::stage::Stage;
use super::{Config, HelperError, Opener, Settings, Watched, now, socket_fault};
use crate::output::packets::{Connection, Received};
use crate::output::{Output, OutputError};
use crate::plan::StripPlan;
use crate::time::{Span, Time};
use crate::wire::helper::{Answer, LONGEST, PinStrip, Request, Words};
use rustix::event::{PollFd, PollFlags};
use std::os::fd::{AsFd, OwnedFd};

/// Packets that are read at once: more than a second of frames.
const MOST_PACKETS: usize = 256;
/// How long a client may take to say hello, so that it keeps nobody out.
const HELLO: Span = Span::from_millis(2000);
/// How long the door stays shut after it could not be opened.
const SHUT: Span = Span::from_millis(1000);

pub(super) struct Server {
    door: OwnedFd,
    /// When the door is next looked at.
    door_at: Time,
    config: Config,
    plans: Vec<StripPlan>,
    opener: Opener,
    /// The pins; opened for the first client, and anew after a fault.
    board: Option<Box<dyn Output>>,
    client: Option<Client>,
    stage: Stage,
    packet: Vec<u8>,
    answer: Vec<u8>,
    journal: fn(&str),
    /// What was last said of a client, so that one who knocks for ever is told of once.
    said: String,
}

struct Client {
    connection: Connection,
    peer: Peer,
    since: Time,
    welcome: bool,
}

/// Why a client is sent away.
enum Farewell {
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
        door: OwnedFd,
        opener: Opener,
        settings: &Settings,
    ) -> impl FnOnce(&Watched) -> Result<(), HelperError> + Send + use<> {
        let (journal, blank_after) = (settings.journal, settings.blank_after);
        move |watched| {
            let server = Self {
                door,
                door_at: Time::ZERO,
                plans: config.plans(),
                stage: Stage::new(config.pin_strips(), blank_after),
                config,
                opener,
                board: None,
                client: None,
                packet: vec![0; LONGEST],
                answer: Vec::new(),
                journal,
                said: String::new(),
            };
            server.serve(watched)
        }
    }

    /// Serves until it is told to stop; then the strips are dark.
    fn serve(mut self, watched: &Watched) -> Result<(), HelperError> {
        loop {
            self.show(now());
            let Some((knocks, speaks)) = self.wait(watched)? else {
                break;
            };
            let now = now();
            // First who is there: it may be leaving, to come in again.
            if speaks {
                self.hear(now);
            }
            let late = |it: &Client| !it.welcome && now.since(it.since) > HELLO;
            if self.client.as_ref().is_some_and(late) {
                self.part(now, &Farewell::Gone);
            }
            if knocks {
                self.open_door(now);
            }
        }
        if let Some(mut board) = self.board.take()
            && let Err(error) = board.rest(now())
        {
            (self.journal)(&format!("strips may stay lit: {error}"));
        }
        Ok(())
    }

    /// Waits for something to do: does somebody knock, does the client say something? `None` is the
    /// end.
    fn wait(&mut self, watched: &Watched) -> Result<Option<(bool, bool)>, HelperError> {
        let now = now();
        let opens = self.door_at <= now;
        let hears = self.stage.free_at() <= now;
        let mut fds = vec![PollFd::new(&watched.stop, PollFlags::IN)];
        if opens {
            fds.push(PollFd::new(&self.door, PollFlags::IN));
        }
        if let Some(client) = self.client.as_ref().filter(|_| hears) {
            fds.push(PollFd::from_borrowed_fd(
                client.connection.as_fd(),
                PollFlags::IN,
            ));
        }
        let hello = self.client.as_ref().filter(|it| !it.welcome);
        let until = [
            self.stage.due(),
            hello.map(|it| it.since + HELLO),
            (!opens).then_some(self.door_at),
            (!hears && self.client.is_some()).then(|| self.stage.free_at()),
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
        if !self.stage.is_due(now) {
            return;
        }
        let Some(board) = &mut self.board else {
            return;
        };
        if let Err(error) = board.write(now, self.stage.frames()) {
            self.board = None;
            self.part(now, &Farewell::Fault(error));
        }
    }

    /// Hears what the client has said until now.
    fn hear(&mut self, now: Time) {
        for _ in 0..MOST_PACKETS {
            let Some(client) = &self.client else { return };
            let farewell = match client.connection.receive(&mut self.packet) {
                Ok(Received::Packet(bytes)) => self.obey(bytes),
                Ok(Received::Nothing) => return,
                Ok(Received::End) | Err(_) => Err(Farewell::Gone),
            };
            if let Err(farewell) = farewell {
                self.part(now, &farewell);
            }
        }
    }

    /// Does what a packet of this length wants.
    fn obey(&mut self, bytes: usize) -> Result<(), Farewell> {
        let refuse = |problem: String| Err(refusal(&problem, "sudo klipper-lumen helper install"));
        let Some(packet) = self.packet.get(..bytes) else {
            return refuse(format!("a packet of {bytes} bytes is too long"));
        };
        let welcome = self.client.as_ref().is_some_and(|it| it.welcome);
        match Request::parse(packet) {
            Ok(Request::Frames(frames)) if welcome => {
                if self.stage.take(frames) {
                    return Ok(());
                }
                let bytes = frames.len();
                refuse(format!(
                    "frames of {bytes} bytes are not those of its strips"
                ))
            }
            Ok(Request::Rest) if welcome => {
                self.stage.rest();
                Ok(())
            }
            Ok(Request::Hello(strips)) if !welcome => self.welcome(&strips),
            Ok(_) => refuse("a packet came out of turn".to_owned()),
            Err(error) => refuse(error.to_string()),
        }
    }

    /// Lets a client drive its strips.
    fn welcome(&mut self, strips: &[PinStrip]) -> Result<(), Farewell> {
        self.stage
            .admit(strips)
            .map_err(|problem| refusal(&problem, "sudo klipper-lumen helper install"))?;
        if self.board.is_none() {
            self.board = Some((self.opener)(&self.plans).map_err(Farewell::Refusal)?);
        }
        let Some(client) = &mut self.client else {
            return Err(Farewell::Gone);
        };
        client.welcome = true;
        Answer::Welcome.put(&mut self.answer);
        let sent = client.connection.send(&self.answer);
        let peer = client.peer;
        self.tell(&format!("process {} drives the strips", peer.process));
        sent.map_err(|_| Farewell::Gone)
    }

    /// Parts with the client, if there is one; its strips go dark in a while.
    fn part(&mut self, now: Time, farewell: &Farewell) {
        let Some(client) = self.client.take() else {
            if let Farewell::Fault(error) = farewell {
                self.tell(&error.to_string());
            }
            return;
        };
        if client.welcome {
            self.stage.leave(now);
        }
        match farewell {
            Farewell::Gone => {
                let process = client.peer.process;
                self.tell(&format!("process {process} is gone"));
            }
            Farewell::Refusal(error) => {
                self.tell(&format!("process {}: {error}", client.peer.process));
                Answer::Refusal(words(error)).put(&mut self.answer);
                self.send_away(&client.connection);
            }
            Farewell::Fault(error) => {
                self.tell(&error.to_string());
                Answer::Fault(words(error)).put(&mut self.answer);
                self.send_away(&client.connection);
            }
        }
    }

    /// Lets in who has knocked, unless there is somebody already or it is nobody we serve.
    fn open_door(&mut self, now: Time) {
        let (connection, peer) = match door::enter(&self.door) {
            Ok(who) => who,
            Err(error) => {
                // It may be gone by now. Else something is scarce, and to look again at once would
                // take all of the processor.
                if error.kind() != std::io::ErrorKind::WouldBlock {
                    self.door_at = now + SHUT;
                }
                return;
            }
        };
        // Whoever is there may have died a moment ago.
        self.hear(now);
        let Peer { user, process } = peer;
        let refusal = if !self.config.allows(user) {
            let remedy = "sudo klipper-lumen helper install --user NAME";
            Some(OutputError::new(
                format!("user {user} may not drive the strips"),
                remedy,
            ))
        } else if let Some(client) = &self.client {
            let other = client.peer.process;
            let problem = format!("process {other} drives the strips already");
            Some(OutputError::new(problem, "only one Klipper can drive them"))
        } else {
            None
        };
        if let Some(error) = refusal {
            self.tell(&format!("process {process}: {error}"));
            Answer::Refusal(words(&error)).put(&mut self.answer);
            let _ = connection.send(&self.answer);
            return;
        }
        Answer::Greeting.put(&mut self.answer);
        if connection.send(&self.answer).is_ok() {
            self.client = Some(Client {
                connection,
                peer,
                since: now,
                welcome: false,
            });
        }
    }

    /// Sends the last words. What was not read goes first: a socket that is closed with something
    /// left to read takes its last words along.
    fn send_away(&mut self, connection: &Connection) {
        for _ in 0..MOST_PACKETS {
            if !matches!(
                connection.receive(&mut self.packet),
                Ok(Received::Packet(_))
            ) {
                break;
            }
        }
        let _ = connection.send(&self.answer);
    }

    /// Tells the journal, once for the same again and again.
    fn tell(&mut self, text: &str) {
        if self.said != text {
            (self.journal)(text);
            text.clone_into(&mut self.said);
        }
    }
}

fn refusal(problem: &str, remedy: &str) -> Farewell {
    Farewell::Refusal(OutputError::new(problem, remedy))
}

fn words(error: &OutputError) -> Words<'_> {
    Words {
        problem: &error.problem,
        remedy: &error.remedy,
    }
}
