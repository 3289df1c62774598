//! The output for strips on PWM and PCM pins that the helper drives: one packet per tick.
//!
//! The helper runs as root and klippy does not; see `docs/Outputs.md`. Only the two answers while
//! connecting are waited for, each with a timeout. A helper that receives nothing for two seconds
//! of system time is a fault, even if the picture does not change. The pump then reconnects until
//! it succeeds and shows the latest frame again.

use crate::output::claim::{CLAIM_TIMEOUT, Claim};
use crate::output::packets::{Connection, Received};
use crate::output::pump::instant;
use crate::output::{Output, OutputError, os_error};
use crate::plan::{OutputPlan, StripPlan};
use crate::time::Time;
use crate::wire::helper::{
    ClientMessage, ErrorText, MAX_MESSAGE, Malformed, PinStrip, ServerMessage, VERSION,
    frames_message_bytes, put_frames,
};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// Where the helper listens.
pub const SOCKET: &str = "/run/lumen/ws281x.sock";

/// Written by `klipper-lumen helper install`. It exists even while the helper restarts, when the
/// socket does not.
const INSTALLED: &str = "/etc/lumen/helper.json";

/// Timeout of each of the two answers of the helper, which opens its pins before the second.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// How often an unchanged frame is sent again. A restarted helper has dark strips, and a frozen
/// helper is detected only when a frame is sent.
const REFRESH: Duration = Duration::from_secs(1);
/// The helper reports a fault of its pins only after the first frame.
const SETTLE_TIME: Duration = Duration::from_millis(500);
/// After this time without receiving, a helper counts as frozen. It receives whenever its wire is
/// free: every 0.4 s with the longest strips.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(2);
/// Longer than any answer.
const ANSWER_BYTES: usize = 2048;

/// The command that applies a changed config. It runs the helper's copy of Lumen, owned by root.
pub const INSTALL_AGAIN: &str = "sudo /opt/lumen/bin/klipper-lumen helper install";
/// The remedy if Lumen and the helper have different versions.
pub const SAME_VERSION: &str = "install the helper of this version of Lumen, see Outputs.md";

const INSTALL: &str = "install it, see 'Pins by the helper' in Outputs.md";
const RESTARTING: &str =
    "systemd restarts it; 'systemctl status lumen-helper' shows why it stopped";
const RESTART: &str = "sudo systemctl restart lumen-helper";

/// The command that allows a user to drive the strips.
pub fn install_for(user: u32) -> String {
    format!("{INSTALL_AGAIN} --user {user}")
}

/// Whether a helper is installed or running.
pub fn is_installed() -> bool {
    [SOCKET, INSTALLED].iter().any(|it| Path::new(it).exists())
}

/// Connects to the helper for strips on pins.
///
/// # Errors
/// When no helper is running, or it does not serve these strips.
pub fn open(plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    open_at(Path::new(SOCKET), plans)
}

/// Connects to a helper that listens at another path.
///
/// # Errors
/// As for [`open`].
pub fn open_at(path: &Path, plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    let strips = plans.iter().map(strip).collect::<Result<Vec<_>, _>>()?;
    if frames_message_bytes(&strips) > MAX_MESSAGE {
        let problem = "the strips are too long for the helper: their frames exceed 64 KiB";
        return Err(OutputError::new(problem, "drive some of them by SPI"));
    }
    let claim = Claim::take(path, CLAIM_TIMEOUT)?;
    let connection = Connection::open(path).map_err(|error| unreachable(path, &error))?;
    let mut client = HelperClient {
        connection,
        message: Vec::new(),
        answer: vec![0; ANSWER_BYTES],
        messages: 0,
        unreceived: 0,
        received_at: instant(),
        _claim: claim,
    };
    client.handshake(strips)?;
    Ok(Box::new(client))
}

/// A connection to the helper.
struct HelperClient {
    // Fields drop in order: the connection closes before the claim is released.
    connection: Connection,
    message: Vec<u8>,
    answer: Vec<u8>,
    messages: u64,
    /// Bytes that the helper had not received when the last frame was sent.
    unreceived: usize,
    /// When the helper was last known to receive.
    received_at: Instant,
    _claim: Claim,
}

impl HelperClient {
    /// Waits for the greeting, sends the strips, and waits for the welcome.
    fn handshake(&mut self, strips: Vec<PinStrip>) -> Result<(), OutputError> {
        self.expect(ServerMessage::Greeting)?;
        ClientMessage::Hello(strips).put(&mut self.message);
        self.must_send()?;
        self.expect(ServerMessage::Welcome)
    }

    /// Waits for an answer; any other than `expected` is an error.
    fn expect(&mut self, expected: ServerMessage<'_>) -> Result<(), OutputError> {
        self.connection
            .wait(ANSWER_TIMEOUT)
            .map_err(|error| lost(&error))?;
        let bytes = match self.connection.receive(&mut self.answer) {
            Ok(Received::Packet(bytes)) => bytes.min(self.answer.len()),
            Ok(Received::Nothing) => {
                return Err(OutputError::new("the helper does not answer", RESTART));
            }
            Ok(Received::End) => return Err(ended()),
            Err(error) => return Err(lost(&error)),
        };
        match ServerMessage::parse(&self.answer[..bytes]) {
            Ok(answer) if answer == expected => Ok(()),
            Ok(ServerMessage::Refusal(text) | ServerMessage::Fault(text)) => Err(reported(text)),
            Ok(_) => Err(OutputError::new(
                "unexpected message from the helper",
                RESTART,
            )),
            Err(Malformed::Version(version)) => Err(OutputError::new(
                format!("the helper uses version {version} of the protocol, not {VERSION}"),
                SAME_VERSION,
            )),
            Err(error) => Err(OutputError::new(
                format!("the helper sent {error}"),
                RESTART,
            )),
        }
    }

    /// Sends the message; returns `false` if the socket has no room for it.
    fn send(&mut self) -> Result<bool, OutputError> {
        match self.connection.send(&self.message) {
            Ok(()) => {
                self.messages += 1;
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(self.pending_error().unwrap_or_else(|| lost(&error))),
        }
    }

    /// Sends the frames at `now`.
    fn send_frames(&mut self, now: Instant, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        let unreceived = self.connection.unreceived().map_err(|error| lost(&error))?;
        if unreceived == 0 || unreceived < self.unreceived {
            self.received_at = now;
        } else if now.saturating_duration_since(self.received_at) >= RECEIVE_TIMEOUT {
            return Err(self.pending_error().unwrap_or_else(full));
        }
        put_frames(frames, &mut self.message);
        // A frame without room is dropped; the next one is newer.
        self.send()?;
        self.unreceived = self.connection.unreceived().map_err(|error| lost(&error))?;
        Ok(())
    }

    fn must_send(&mut self) -> Result<(), OutputError> {
        if self.send()? { Ok(()) } else { Err(full()) }
    }

    /// The error that the helper sent before it disconnected, if any.
    fn pending_error(&mut self) -> Option<OutputError> {
        let Ok(Received::Packet(bytes)) = self.connection.receive(&mut self.answer) else {
            return None;
        };
        match ServerMessage::parse(self.answer.get(..bytes)?) {
            Ok(ServerMessage::Refusal(text) | ServerMessage::Fault(text)) => Some(reported(text)),
            _ => None,
        }
    }
}

impl Output for HelperClient {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.send_frames(instant(), frames)
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        ClientMessage::Blank.put(&mut self.message);
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

/// The description of a strip for the helper.
fn strip(plan: &StripPlan) -> Result<PinStrip, OutputError> {
    let OutputPlan::Pin(spec) = &plan.output else {
        let driver = plan.output.driver().name;
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

fn reported(text: ErrorText<'_>) -> OutputError {
    OutputError::new(format!("the helper reports: {}", text.problem), text.remedy)
}

fn full() -> OutputError {
    OutputError::new("the helper does not accept frames", RESTART)
}

fn ended() -> OutputError {
    OutputError::new("the helper has stopped", RESTARTING)
}

fn lost(error: &io::Error) -> OutputError {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => ended(),
        _ => {
            let problem = format!("the helper cannot be reached: {}", os_error::message(error));
            OutputError::new(problem, RESTARTING)
        }
    }
}

/// The error for a helper that cannot be connected to.
fn unreachable(path: &Path, error: &io::Error) -> OutputError {
    let is_restarting = path == Path::new(SOCKET) && Path::new(INSTALLED).exists();
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound if is_restarting => ended(),
        io::ErrorKind::NotFound => OutputError::new(
            format!("the helper is not running: {path} does not exist"),
            INSTALL,
        ),
        io::ErrorKind::ConnectionRefused => ended(),
        io::ErrorKind::PermissionDenied => OutputError::new(
            format!("cannot open {path}: Permission denied"),
            install_for(rustix::process::geteuid().as_raw()),
        ),
        io::ErrorKind::WouldBlock => OutputError::new("the helper does not answer", RESTART),
        _ => lost(error),
    }
}

#[cfg(test)]
mod test;
