//! The strips on PWM and PCM pins, driven by the helper: one packet a tick over its socket.
//!
//! The helper runs as root and klippy does not; see `docs/Outputs.md`. Nothing here
//! waits for it but the two answers when the connection is made, and those not long. A helper that
//! receives nothing for two seconds, by the machine's clock and also in a still scene, is a fault: the
//! pump connects again, for ever, and shows the latest frame again.

use crate::output::claim::Claim;
use crate::output::packets::{Connection, Received};
use crate::output::pump::instant;
use crate::output::{Output, OutputError, fault};
use crate::plan::{OutputPlan, StripPlan};
use crate::time::Time;
use crate::wire::helper::{
    ClientMessage, ErrorText, LONGEST, Malformed, PinStrip, ServerMessage, VERSION,
    frames_message_bytes, put_frames,
};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// Where the helper listens.
pub const SOCKET: &str = "/run/lumen/ws281x.sock";

/// What `klipper-lumen helper install` writes; the socket is gone while the helper is restarted.
const INSTALLED: &str = "/etc/lumen/helper.json";

/// How long each of the helper's two answers may take. It opens its pins before the second.
const PATIENCE: Duration = Duration::from_secs(2);
/// A thread that ends well has let the socket go by then.
const CLAIM_PATIENCE: Duration = Duration::from_millis(250);
/// How often a still frame is sent again: a helper that was restarted has dark strips, and one that
/// is frozen is noticed when the next frame is sent.
const REFRESH: Duration = Duration::from_secs(1);
/// The helper tells a fault of its pins after the first frame was sent.
const SETTLE_TIME: Duration = Duration::from_millis(500);
/// How long a helper may receive nothing of what was sent. It receives whenever its wire is free:
/// every 0.4 s with the longest strips.
const BEHIND: Duration = Duration::from_secs(2);
/// Answers are short.
const ANSWER_BYTES: usize = 2048;

/// What takes a changed config over: the helper's own copy of Lumen runs it, which is root's.
pub const INSTALL_AGAIN: &str = "sudo /opt/lumen/bin/klipper-lumen helper install";
/// What helps where Lumen and the helper do not understand each other.
pub const SAME_VERSION: &str = "install the helper of this version of Lumen, see Outputs.md";

const INSTALL: &str = "install it, see 'Pins by the helper' in Outputs.md";
const RESTARTS: &str =
    "it is restarted by itself; 'systemctl status lumen-helper' says why it ended";
const FROZEN: &str = "sudo systemctl restart lumen-helper";

/// What lets a user drive the strips.
pub fn install_for(user: u32) -> String {
    format!("{INSTALL_AGAIN} --user {user}")
}

/// Whether a helper is installed, or was started in another way.
pub fn is_there() -> bool {
    [SOCKET, INSTALLED].iter().any(|it| Path::new(it).exists())
}

/// Connects to the helper for strips on pins.
///
/// # Errors
/// When there is no helper, or it does not serve these strips; in words for the user.
pub fn open(plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    open_at(Path::new(SOCKET), plans)
}

/// Connects to a helper that listens elsewhere.
///
/// # Errors
/// As for [`open`].
pub fn open_at(path: &Path, plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    let strips = plans.iter().map(strip).collect::<Result<Vec<_>, _>>()?;
    if frames_message_bytes(&strips) > LONGEST {
        let problem = "the strips are too long for the helper: their frames exceed 64 KiB";
        return Err(OutputError::new(problem, "drive some of them by SPI"));
    }
    let claim = Claim::take(path, CLAIM_PATIENCE)?;
    let connection = Connection::open(path).map_err(|error| unreachable(path, &error))?;
    let mut remote = Remote {
        connection,
        message: Vec::new(),
        answer: vec![0; ANSWER_BYTES],
        messages: 0,
        unreceived: 0,
        received_at: instant(),
        _claim: claim,
    };
    remote.introduce(strips)?;
    Ok(Box::new(remote))
}

/// A connection to the helper.
struct Remote {
    // Fields drop in order: the connection ends before the next may be made.
    connection: Connection,
    message: Vec<u8>,
    answer: Vec<u8>,
    messages: u64,
    /// What the helper had not received after the last frame was sent.
    unreceived: usize,
    /// When it was last found that the helper receives.
    received_at: Instant,
    _claim: Claim,
}

impl Remote {
    /// Hears the greeting, says which strips there are, and hears whether they are welcome.
    fn introduce(&mut self, strips: Vec<PinStrip>) -> Result<(), OutputError> {
        self.expect(ServerMessage::Greeting)?;
        ClientMessage::Hello(strips).put(&mut self.message);
        self.must_send()?;
        self.expect(ServerMessage::Welcome)
    }

    /// Waits for an answer, which must be this one.
    fn expect(&mut self, wanted: ServerMessage<'_>) -> Result<(), OutputError> {
        self.connection
            .wait(PATIENCE)
            .map_err(|error| lost(&error))?;
        let bytes = match self.connection.receive(&mut self.answer) {
            Ok(Received::Packet(bytes)) => bytes.min(self.answer.len()),
            Ok(Received::Nothing) => {
                return Err(OutputError::new("the helper does not answer", FROZEN));
            }
            Ok(Received::End) => return Err(ended()),
            Err(error) => return Err(lost(&error)),
        };
        match ServerMessage::parse(&self.answer[..bytes]) {
            Ok(answer) if answer == wanted => Ok(()),
            Ok(ServerMessage::Refusal(words) | ServerMessage::Fault(words)) => Err(said(words)),
            Ok(_) => Err(OutputError::new("the helper speaks out of turn", FROZEN)),
            Err(Malformed::Version(version)) => Err(OutputError::new(
                format!("the helper speaks version {version} of the protocol, not {VERSION}"),
                SAME_VERSION,
            )),
            Err(error) => Err(OutputError::new(format!("the helper sent {error}"), FROZEN)),
        }
    }

    /// Sends the message; whether the socket had room for it.
    fn send(&mut self) -> Result<bool, OutputError> {
        match self.connection.send(&self.message) {
            Ok(()) => {
                self.messages += 1;
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(self.last_words().unwrap_or_else(|| lost(&error))),
        }
    }

    /// Sends the frames at `now`.
    fn send_frames(&mut self, now: Instant, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        let left = self.connection.unreceived().map_err(|error| lost(&error))?;
        if left == 0 || left < self.unreceived {
            self.received_at = now;
        } else if now.saturating_duration_since(self.received_at) >= BEHIND {
            return Err(self.last_words().unwrap_or_else(full));
        }
        put_frames(frames, &mut self.message);
        // Frames that do not fit are left out; the next ones are newer.
        self.send()?;
        self.unreceived = self.connection.unreceived().map_err(|error| lost(&error))?;
        Ok(())
    }

    fn must_send(&mut self) -> Result<(), OutputError> {
        if self.send()? { Ok(()) } else { Err(full()) }
    }

    /// Why the helper hung up, if it said so.
    fn last_words(&mut self) -> Option<OutputError> {
        let Ok(Received::Packet(bytes)) = self.connection.receive(&mut self.answer) else {
            return None;
        };
        match ServerMessage::parse(self.answer.get(..bytes)?) {
            Ok(ServerMessage::Refusal(words) | ServerMessage::Fault(words)) => Some(said(words)),
            _ => None,
        }
    }
}

impl Output for Remote {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.send_frames(instant(), frames)
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        ClientMessage::Rest.put(&mut self.message);
        self.must_send()
    }

    fn refresh(&self) -> Option<Duration> {
        Some(REFRESH)
    }

    fn messages(&self) -> u64 {
        self.messages
    }

    fn settle_time(&self) -> Duration {
        SETTLE_TIME
    }
}

/// What the helper has to know of a strip.
fn strip(plan: &StripPlan) -> Result<PinStrip, OutputError> {
    let OutputPlan::Pin(spec) = &plan.output else {
        let driver = plan.output.driver();
        let problem = format!("the helper does not drive strips of 'driver: {driver}'");
        return Err(OutputError::new(problem, ""));
    };
    let pixels = u16::try_from(plan.strip.pixels).map_err(|_| {
        let problem = format!("{} pixels are too many for one pin", plan.strip.pixels);
        OutputError::new(problem, "")
    })?;
    Ok(PinStrip {
        pin: spec.pin,
        channels: plan.strip.order.bytes_per_pixel() as u8,
        pixels,
    })
}

fn said(words: ErrorText<'_>) -> OutputError {
    OutputError::new(format!("the helper says: {}", words.problem), words.remedy)
}

fn full() -> OutputError {
    OutputError::new("the helper takes no frames", FROZEN)
}

fn ended() -> OutputError {
    OutputError::new("the helper has ended", RESTARTS)
}

fn lost(error: &io::Error) -> OutputError {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => ended(),
        _ => {
            let problem = format!("the helper cannot be reached: {}", fault::words(error));
            OutputError::new(problem, RESTARTS)
        }
    }
}

/// A helper that there is no connection to.
fn unreachable(path: &Path, error: &io::Error) -> OutputError {
    let restarts = path == Path::new(SOCKET) && Path::new(INSTALLED).exists();
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound if restarts => ended(),
        io::ErrorKind::NotFound => OutputError::new(
            format!("there is no helper: {path} does not exist"),
            INSTALL,
        ),
        io::ErrorKind::ConnectionRefused => ended(),
        io::ErrorKind::PermissionDenied => OutputError::new(
            format!("cannot open {path}: Permission denied"),
            install_for(rustix::process::geteuid().as_raw()),
        ),
        io::ErrorKind::WouldBlock => OutputError::new("the helper does not answer", FROZEN),
        _ => lost(error),
    }
}

#[cfg(test)]
mod test;
