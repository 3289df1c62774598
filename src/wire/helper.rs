//! The protocol between Lumen and its helper: one message per packet of the helper's socket.
//!
//! Each message starts with a header of four bytes: `L`, `u`, version, kind. Numbers are
//! little-endian. The helper sends the first message, so a refusal never crosses a request:
//!
//! | from | message | bytes after the header |
//! |---|---|---|
//! | helper | greeting | none |
//! | client | hello | for each strip: pin, channels, pixels (two bytes) |
//! | helper | welcome | none |
//! | client | frames | the frames of all strips, in the order of the hello |
//! | client | blank | none |
//! | helper | refusal, fault | problem, line feed, remedy; then the helper disconnects |
//!
//! Frames are never answered. A message has exactly one encoding. The header, the refusal and the
//! fault are the same in every version. The parser never allocates memory by a length field.

use crate::text::counted;
use std::fmt;

/// Version of everything but the header, the refusal and the fault.
pub const VERSION: u8 = 1;

/// Maximum length of a message in bytes. The longest strips that `rs_ws281x` can drive need two
/// thirds of it.
pub const MAX_MESSAGE: usize = 65_536;

/// Maximum number of strips of one client; a Raspberry Pi drives three.
pub const MAX_STRIPS: usize = 8;

/// Maximum length of an error text in bytes; longer texts are truncated.
const MAX_TEXT: usize = 1024;

const MAGIC: [u8; 2] = *b"Lu";
const HEADER: usize = 4;
/// Bytes of one strip in a hello.
const STRIP: usize = 4;

const HELLO: u8 = 1;
const FRAMES: u8 = 2;
const BLANK: u8 = 3;
const GREETING: u8 = 0x80;
const WELCOME: u8 = 0x81;
const REFUSAL: u8 = 0x82;
const FAULT: u8 = 0x83;

/// The description of a strip, which must be the same in client and helper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinStrip {
    /// GPIO of the data line.
    pub pin: u8,
    /// Bytes per pixel: 3 or 4.
    pub channels: u8,
    /// Number of pixels, 1-65535.
    pub pixels: u16,
}

impl PinStrip {
    /// The length of a frame in bytes.
    pub fn frame_bytes(self) -> usize {
        usize::from(self.pixels) * usize::from(self.channels)
    }
}

impl fmt::Display for PinStrip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pin,
            channels,
            pixels,
        } = self;
        let pixels = counted(*pixels, "pixel");
        let channels = counted(*channels, "channel");
        write!(f, "{pixels} of {channels} on GPIO{pin}")
    }
}

/// A message from a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMessage<'a> {
    /// The strips that the client sends frames for, in this order.
    Hello(Vec<PinStrip>),
    /// The frames of all strips of the hello, concatenated.
    Frames(&'a [u8]),
    /// Turns all strips off.
    Blank,
}

/// A message from the helper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerMessage<'a> {
    /// The helper is ready for a hello.
    Greeting,
    /// The helper accepts frames from now on.
    Welcome,
    /// The helper does not serve this client.
    Refusal(ErrorText<'a>),
    /// The pins have a fault.
    Fault(ErrorText<'a>),
}

/// An error for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorText<'a> {
    /// What is wrong.
    pub problem: &'a str,
    /// What the user can do; empty if unknown.
    pub remedy: &'a str,
}

/// Why a message cannot be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// The message does not start with a header.
    Foreign,
    /// The message has another version.
    Version(u8),
    /// The kind does not exist in this version.
    Kind(u8),
    /// The length in bytes is wrong for the kind.
    Length(usize),
    /// A hello has no strips, too many strips, or an invalid strip.
    Strips,
    /// An error text is not UTF-8 or has no line feed.
    Text,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("a message that is not from Lumen"),
            Self::Version(version) => {
                write!(f, "a message of protocol version {version}, not {VERSION}")
            }
            Self::Kind(kind) => write!(f, "a message of unknown kind {kind}"),
            Self::Length(bytes) => {
                write!(f, "a message of wrong length: {}", counted(*bytes, "byte"))
            }
            Self::Strips => f.write_str("a hello with invalid strips"),
            Self::Text => f.write_str("an answer without an error text"),
        }
    }
}

impl std::error::Error for Malformed {}

impl<'a> ClientMessage<'a> {
    /// Parses a message.
    ///
    /// # Errors
    /// When it is not a client message of this version.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let (version, kind, content) = header(message)?;
        match (version, kind) {
            (VERSION, HELLO) => strips(content).map(Self::Hello),
            (VERSION, FRAMES) => Ok(Self::Frames(content)),
            (VERSION, BLANK) => expect_empty(content).map(|()| Self::Blank),
            (VERSION, _) => Err(Malformed::Kind(kind)),
            _ => Err(Malformed::Version(version)),
        }
    }

    /// Replaces `message` with this one.
    pub fn put(&self, message: &mut Vec<u8>) {
        match self {
            Self::Hello(strips) => {
                begin(message, HELLO);
                for strip in strips {
                    let [low, high] = strip.pixels.to_le_bytes();
                    message.extend([strip.pin, strip.channels, low, high]);
                }
            }
            Self::Frames(bytes) => {
                begin(message, FRAMES);
                message.extend_from_slice(bytes);
            }
            Self::Blank => begin(message, BLANK),
        }
    }
}

/// Replaces `message` with the frames of all strips; allocates only while it grows.
pub fn put_frames(frames: &[Vec<u8>], message: &mut Vec<u8>) {
    begin(message, FRAMES);
    for frame in frames {
        message.extend_from_slice(frame);
    }
}

/// The length in bytes of the message with the frames of all strips.
pub fn frames_message_bytes(strips: &[PinStrip]) -> usize {
    HEADER + strips.iter().map(|it| it.frame_bytes()).sum::<usize>()
}

impl<'a> ServerMessage<'a> {
    /// Parses a message; refusals and faults may have any version.
    ///
    /// # Errors
    /// When it is not a helper message of this version.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let (version, kind, content) = header(message)?;
        match (version, kind) {
            (_, REFUSAL) => error_text(content).map(Self::Refusal),
            (_, FAULT) => error_text(content).map(Self::Fault),
            (VERSION, GREETING) => expect_empty(content).map(|()| Self::Greeting),
            (VERSION, WELCOME) => expect_empty(content).map(|()| Self::Welcome),
            (VERSION, _) => Err(Malformed::Kind(kind)),
            _ => Err(Malformed::Version(version)),
        }
    }

    /// Replaces `message` with this one.
    pub fn put(&self, message: &mut Vec<u8>) {
        match self {
            Self::Greeting => begin(message, GREETING),
            Self::Welcome => begin(message, WELCOME),
            Self::Refusal(text) => text.put(REFUSAL, message),
            Self::Fault(text) => text.put(FAULT, message),
        }
    }
}

impl ErrorText<'_> {
    fn put(self, kind: u8, message: &mut Vec<u8>) {
        begin(message, kind);
        message.extend_from_slice(truncated(self.problem).as_bytes());
        message.push(b'\n');
        message.extend_from_slice(truncated(self.remedy).as_bytes());
    }
}

/// The first line of a text, truncated to half of [`MAX_TEXT`].
fn truncated(text: &str) -> &str {
    let line = text.split('\n').next().unwrap_or_default();
    &line[..line.floor_char_boundary(MAX_TEXT / 2)]
}

fn begin(message: &mut Vec<u8>, kind: u8) {
    message.clear();
    message.extend([MAGIC[0], MAGIC[1], VERSION, kind]);
}

/// Splits a message into version, kind and content.
fn header(message: &[u8]) -> Result<(u8, u8, &[u8]), Malformed> {
    if message.len() > MAX_MESSAGE {
        return Err(Malformed::Length(message.len()));
    }
    match message.split_first_chunk::<HEADER>() {
        Some((&[first, second, version, kind], content)) if [first, second] == MAGIC => {
            Ok((version, kind, content))
        }
        _ => Err(Malformed::Foreign),
    }
}

fn expect_empty(content: &[u8]) -> Result<(), Malformed> {
    if content.is_empty() {
        Ok(())
    } else {
        Err(Malformed::Length(HEADER + content.len()))
    }
}

fn strips(content: &[u8]) -> Result<Vec<PinStrip>, Malformed> {
    let (strips, remainder) = content.as_chunks::<STRIP>();
    if !remainder.is_empty() {
        return Err(Malformed::Length(HEADER + content.len()));
    }
    if strips.is_empty() || strips.len() > MAX_STRIPS {
        return Err(Malformed::Strips);
    }
    let strips: Vec<PinStrip> = strips.iter().map(|it| strip(*it)).collect();
    let is_valid = |it: &PinStrip| it.pixels > 0 && matches!(it.channels, 3 | 4);
    if strips.iter().all(is_valid) && frames_message_bytes(&strips) <= MAX_MESSAGE {
        Ok(strips)
    } else {
        Err(Malformed::Strips)
    }
}

fn strip([pin, channels, low, high]: [u8; STRIP]) -> PinStrip {
    PinStrip {
        pin,
        channels,
        pixels: u16::from_le_bytes([low, high]),
    }
}

fn error_text(content: &[u8]) -> Result<ErrorText<'_>, Malformed> {
    if content.len() > MAX_TEXT + 1 {
        return Err(Malformed::Length(HEADER + content.len()));
    }
    let text = std::str::from_utf8(content).map_err(|_| Malformed::Text)?;
    let (problem, remedy) = text.split_once('\n').ok_or(Malformed::Text)?;
    Ok(ErrorText { problem, remedy })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIP: PinStrip = PinStrip {
        pin: 18,
        channels: 3,
        pixels: 300,
    };

    fn request(request: &ClientMessage<'_>) -> Vec<u8> {
        let mut message = vec![9; 3];
        request.put(&mut message);
        message
    }

    fn answer(answer: &ServerMessage<'_>) -> Vec<u8> {
        let mut message = vec![9; 3];
        answer.put(&mut message);
        message
    }

    #[test]
    fn client_messages_have_the_bytes_of_version_1() {
        assert_eq!(
            request(&ClientMessage::Hello(vec![STRIP])),
            [b'L', b'u', 1, 1, 18, 3, 44, 1]
        );
        assert_eq!(request(&ClientMessage::Blank), [b'L', b'u', 1, 3]);
        let mut message = Vec::new();
        put_frames(&[vec![1, 2, 3], vec![4]], &mut message);
        assert_eq!(message, [b'L', b'u', 1, 2, 1, 2, 3, 4]);
        assert_eq!(request(&ClientMessage::Frames(&[1, 2, 3, 4])), message);
    }

    #[test]
    fn helper_messages_have_the_bytes_of_version_1() {
        assert_eq!(answer(&ServerMessage::Greeting), [b'L', b'u', 1, 0x80]);
        assert_eq!(answer(&ServerMessage::Welcome), [b'L', b'u', 1, 0x81]);
        let text = ErrorText {
            problem: "a",
            remedy: "b",
        };
        assert_eq!(answer(&ServerMessage::Refusal(text)), b"Lu\x01\x82a\nb");
        assert_eq!(answer(&ServerMessage::Fault(text)), b"Lu\x01\x83a\nb");
    }

    #[test]
    fn a_malformed_message_has_a_reason() {
        let error = |message: &[u8]| ClientMessage::parse(message).unwrap_err().to_string();
        assert_eq!(error(b""), "a message that is not from Lumen");
        assert_eq!(error(b"GET / HTTP/1.0"), "a message that is not from Lumen");
        assert_eq!(
            error(b"Lu\x02\x01"),
            "a message of protocol version 2, not 1"
        );
        assert_eq!(error(b"Lu\x01\x09"), "a message of unknown kind 9");
        assert_eq!(
            error(b"Lu\x01\x03."),
            "a message of wrong length: 5 bytes",
            "blank has no content"
        );
        assert_eq!(
            error(b"Lu\x01\x01\x12\x03\x00"),
            "a message of wrong length: 7 bytes",
            "half a strip"
        );
        let mut long = b"Lu\x01\x02".to_vec();
        long.resize(MAX_MESSAGE + 4, 0);
        assert_eq!(error(&long), "a message of wrong length: 65540 bytes");
    }

    #[test]
    fn a_hello_with_invalid_strips_is_malformed() {
        let none: &[u8] = b"Lu\x01\x01";
        let no_pixels = b"Lu\x01\x01\x12\x03\x00\x00";
        let two_channels = b"Lu\x01\x01\x12\x02\x01\x00";
        let too_long = b"Lu\x01\x01\x12\x04\xff\xff";
        for hello in [none, no_pixels, two_channels, too_long] {
            assert_eq!(
                ClientMessage::parse(hello),
                Err(Malformed::Strips),
                "{hello:?}"
            );
        }
        let many = request(&ClientMessage::Hello(vec![STRIP; MAX_STRIPS + 1]));
        assert_eq!(ClientMessage::parse(&many), Err(Malformed::Strips));
    }

    #[test]
    fn a_refusal_of_any_version_is_parsed() {
        let mut message = answer(&ServerMessage::Refusal(ErrorText {
            problem: "no",
            remedy: "",
        }));
        message[2] = 7;
        let text = ErrorText {
            problem: "no",
            remedy: "",
        };
        assert_eq!(
            ServerMessage::parse(&message),
            Ok(ServerMessage::Refusal(text))
        );
        assert_eq!(
            ServerMessage::parse(b"Lu\x07\x80"),
            Err(Malformed::Version(7)),
            "a greeting of another version is an error"
        );
    }

    #[test]
    fn long_error_texts_are_truncated_between_characters() {
        let problem = "ä".repeat(MAX_TEXT);
        let message = answer(&ServerMessage::Fault(ErrorText {
            problem: &problem,
            remedy: "x\ny",
        }));
        let Ok(ServerMessage::Fault(text)) = ServerMessage::parse(&message) else {
            panic!("{message:?}");
        };
        assert_eq!(text.problem.len(), MAX_TEXT / 2);
        assert_eq!(text.remedy, "x");
    }

    #[test]
    fn the_longest_strips_of_a_raspberry_pi_fit_one_message() {
        let strip = |pin, pixels| PinStrip {
            pin,
            channels: 4,
            pixels,
        };
        let all = [strip(18, 2700), strip(13, 2700), strip(21, 5400)];
        assert!(frames_message_bytes(&all) <= MAX_MESSAGE);
    }
}
