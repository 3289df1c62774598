//! The words between Lumen and its helper: what goes over the helper's socket, one message a packet.
//!
//! Each message begins with a header of four bytes: `L`, `u`, the version, the kind. Numbers are
//! little-endian. The helper speaks first, so that a refusal never crosses a request:
//!
//! | from | message | bytes after the header |
//! |---|---|---|
//! | helper | greeting | none |
//! | client | hello | for each strip: pin, channels, pixels (two bytes) |
//! | helper | welcome | none |
//! | client | frames | the frames of all strips, in the order of the hello |
//! | client | rest | none |
//! | helper | refusal, fault | problem, line feed, remedy; then the helper hangs up |
//!
//! Frames are never answered. A message has one form only: what parses is, written again, the same
//! bytes. The header, the refusal and the fault stay as they are in every version. Nothing here
//! allocates by what a message says of itself.

use std::fmt;

/// Version of everything but the header, the refusal and the fault.
pub const VERSION: u8 = 1;

/// Longest message of either side, in bytes: what `rs_ws281x` can drive needs two thirds.
pub const LONGEST: usize = 65_536;

/// Most strips of one client; a Raspberry Pi drives three.
pub const MOST_STRIPS: usize = 8;

/// Longest words, in bytes; what is longer is cut.
const LONGEST_WORDS: usize = 1024;

const MAGIC: [u8; 2] = *b"Lu";
const HEADER: usize = 4;
/// Bytes of one strip in a hello.
const STRIP: usize = 4;

const HELLO: u8 = 1;
const FRAMES: u8 = 2;
const REST: u8 = 3;
const GREETING: u8 = 0x80;
const WELCOME: u8 = 0x81;
const REFUSAL: u8 = 0x82;
const FAULT: u8 = 0x83;

/// What client and helper have to agree on for one strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinStrip {
    /// GPIO of the data line.
    pub pin: u8,
    /// Bytes a pixel: 3 or 4.
    pub channels: u8,
    /// Its length, 1-65535.
    pub pixels: u16,
}

impl PinStrip {
    /// Length of its frames in bytes.
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
        write!(f, "{pixels} pixels of {channels} channels on GPIO{pin}")
    }
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMessage<'a> {
    /// Which strips it will send frames for, in this order.
    Hello(Vec<PinStrip>),
    /// The frames of all strips of the hello, one after the other.
    Frames(&'a [u8]),
    /// All strips go dark.
    Rest,
}

/// What the helper says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerMessage<'a> {
    /// It is ready to hear a hello.
    Greeting,
    /// It takes frames from now on.
    Welcome,
    /// It does not serve this client.
    Refusal(ErrorText<'a>),
    /// It cannot go on.
    Fault(ErrorText<'a>),
}

/// Two sentences for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorText<'a> {
    /// What is wrong.
    pub problem: &'a str,
    /// What the user can do; empty where nothing is known.
    pub remedy: &'a str,
}

/// Why a message is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// It does not begin as all messages do.
    Foreign,
    /// It is of another version.
    Version(u8),
    /// No message of this version has this kind.
    Kind(u8),
    /// It is longer or shorter than its kind allows; its length in bytes.
    Length(usize),
    /// A hello names no strip, too many, or one that cannot be.
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
            Self::Length(bytes) => write!(f, "a message of wrong length: {bytes} bytes"),
            Self::Strips => f.write_str("a hello with invalid strips"),
            Self::Text => f.write_str("an answer without an error text"),
        }
    }
}

impl std::error::Error for Malformed {}

impl<'a> ClientMessage<'a> {
    /// Reads a message.
    ///
    /// # Errors
    /// When it is not exactly one request of this version.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let (version, kind, rest) = header(message)?;
        match (version, kind) {
            (VERSION, HELLO) => strips(rest).map(Self::Hello),
            (VERSION, FRAMES) => Ok(Self::Frames(rest)),
            (VERSION, REST) => bare(rest).map(|()| Self::Rest),
            (VERSION, _) => Err(Malformed::Kind(kind)),
            _ => Err(Malformed::Version(version)),
        }
    }

    /// Replaces `message` by this request.
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
            Self::Rest => begin(message, REST),
        }
    }
}

/// Replaces `message` by the frames of all strips; allocates only while it grows.
pub fn put_frames(frames: &[Vec<u8>], message: &mut Vec<u8>) {
    begin(message, FRAMES);
    for frame in frames {
        message.extend_from_slice(frame);
    }
}

/// Length of the message with the frames of all strips.
pub fn frames_message_bytes(strips: &[PinStrip]) -> usize {
    HEADER + strips.iter().map(|it| it.frame_bytes()).sum::<usize>()
}

impl<'a> ServerMessage<'a> {
    /// Reads a message; refusals and faults of every version.
    ///
    /// # Errors
    /// When it is not exactly one answer of this version.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let (version, kind, rest) = header(message)?;
        match (version, kind) {
            (_, REFUSAL) => words(rest).map(Self::Refusal),
            (_, FAULT) => words(rest).map(Self::Fault),
            (VERSION, GREETING) => bare(rest).map(|()| Self::Greeting),
            (VERSION, WELCOME) => bare(rest).map(|()| Self::Welcome),
            (VERSION, _) => Err(Malformed::Kind(kind)),
            _ => Err(Malformed::Version(version)),
        }
    }

    /// Replaces `message` by this answer.
    pub fn put(&self, message: &mut Vec<u8>) {
        match self {
            Self::Greeting => begin(message, GREETING),
            Self::Welcome => begin(message, WELCOME),
            Self::Refusal(words) => words.put(REFUSAL, message),
            Self::Fault(words) => words.put(FAULT, message),
        }
    }
}

impl ErrorText<'_> {
    fn put(self, kind: u8, message: &mut Vec<u8>) {
        begin(message, kind);
        message.extend_from_slice(cut(self.problem).as_bytes());
        message.push(b'\n');
        message.extend_from_slice(cut(self.remedy).as_bytes());
    }
}

/// As many of the words as fit into half a message, on one line.
fn cut(words: &str) -> &str {
    let words = words.split('\n').next().unwrap_or_default();
    &words[..words.floor_char_boundary(LONGEST_WORDS / 2)]
}

fn begin(message: &mut Vec<u8>, kind: u8) {
    message.clear();
    message.extend([MAGIC[0], MAGIC[1], VERSION, kind]);
}

/// Version, kind, and what follows the header.
fn header(message: &[u8]) -> Result<(u8, u8, &[u8]), Malformed> {
    if message.len() > LONGEST {
        return Err(Malformed::Length(message.len()));
    }
    match message.split_first_chunk::<HEADER>() {
        Some((&[first, second, version, kind], rest)) if [first, second] == MAGIC => {
            Ok((version, kind, rest))
        }
        _ => Err(Malformed::Foreign),
    }
}

fn bare(rest: &[u8]) -> Result<(), Malformed> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Malformed::Length(HEADER + rest.len()))
    }
}

fn strips(rest: &[u8]) -> Result<Vec<PinStrip>, Malformed> {
    let (strips, odd) = rest.as_chunks::<STRIP>();
    if !odd.is_empty() {
        return Err(Malformed::Length(HEADER + rest.len()));
    }
    if strips.is_empty() || strips.len() > MOST_STRIPS {
        return Err(Malformed::Strips);
    }
    let strips: Vec<PinStrip> = strips.iter().map(|it| strip(*it)).collect();
    let can_be = |it: &PinStrip| it.pixels > 0 && matches!(it.channels, 3 | 4);
    if strips.iter().all(can_be) && frames_message_bytes(&strips) <= LONGEST {
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

fn words(rest: &[u8]) -> Result<ErrorText<'_>, Malformed> {
    if rest.len() > LONGEST_WORDS + 1 {
        return Err(Malformed::Length(HEADER + rest.len()));
    }
    let text = std::str::from_utf8(rest).map_err(|_| Malformed::Text)?;
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
    fn requests_are_the_bytes_that_every_version_1_sends() {
        assert_eq!(
            request(&ClientMessage::Hello(vec![STRIP])),
            [b'L', b'u', 1, 1, 18, 3, 44, 1]
        );
        assert_eq!(request(&ClientMessage::Rest), [b'L', b'u', 1, 3]);
        let mut message = Vec::new();
        put_frames(&[vec![1, 2, 3], vec![4]], &mut message);
        assert_eq!(message, [b'L', b'u', 1, 2, 1, 2, 3, 4]);
        assert_eq!(request(&ClientMessage::Frames(&[1, 2, 3, 4])), message);
    }

    #[test]
    fn answers_are_the_bytes_that_every_version_1_sends() {
        assert_eq!(answer(&ServerMessage::Greeting), [b'L', b'u', 1, 0x80]);
        assert_eq!(answer(&ServerMessage::Welcome), [b'L', b'u', 1, 0x81]);
        let words = ErrorText {
            problem: "a",
            remedy: "b",
        };
        assert_eq!(answer(&ServerMessage::Refusal(words)), b"Lu\x01\x82a\nb");
        assert_eq!(answer(&ServerMessage::Fault(words)), b"Lu\x01\x83a\nb");
    }

    #[test]
    fn a_message_that_is_none_says_why() {
        let said = |message: &[u8]| ClientMessage::parse(message).unwrap_err().to_string();
        assert_eq!(said(b""), "a message that is not from Lumen");
        assert_eq!(said(b"GET / HTTP/1.0"), "a message that is not from Lumen");
        assert_eq!(
            said(b"Lu\x02\x01"),
            "a message of protocol version 2, not 1"
        );
        assert_eq!(said(b"Lu\x01\x09"), "a message of unknown kind 9");
        assert_eq!(
            said(b"Lu\x01\x03."),
            "a message of wrong length: 5 bytes",
            "rest has no content"
        );
        assert_eq!(
            said(b"Lu\x01\x01\x12\x03\x00"),
            "a message of wrong length: 7 bytes",
            "half a strip"
        );
        let mut long = b"Lu\x01\x02".to_vec();
        long.resize(LONGEST + 4, 0);
        assert_eq!(said(&long), "a message of wrong length: 65540 bytes");
    }

    #[test]
    fn a_hello_with_impossible_strips_is_none() {
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
        let many = request(&ClientMessage::Hello(vec![STRIP; MOST_STRIPS + 1]));
        assert_eq!(ClientMessage::parse(&many), Err(Malformed::Strips));
    }

    #[test]
    fn a_refusal_is_understood_from_every_version() {
        let mut message = answer(&ServerMessage::Refusal(ErrorText {
            problem: "no",
            remedy: "",
        }));
        message[2] = 7;
        let words = ErrorText {
            problem: "no",
            remedy: "",
        };
        assert_eq!(
            ServerMessage::parse(&message),
            Ok(ServerMessage::Refusal(words))
        );
        assert_eq!(
            ServerMessage::parse(b"Lu\x07\x80"),
            Err(Malformed::Version(7)),
            "a greeting says that the versions differ"
        );
    }

    #[test]
    fn words_that_are_too_long_are_cut_between_letters() {
        let problem = "ä".repeat(LONGEST_WORDS);
        let message = answer(&ServerMessage::Fault(ErrorText {
            problem: &problem,
            remedy: "x\ny",
        }));
        let Ok(ServerMessage::Fault(words)) = ServerMessage::parse(&message) else {
            panic!("{message:?}");
        };
        assert_eq!(words.problem.len(), LONGEST_WORDS / 2);
        assert_eq!(words.remedy, "x");
    }

    #[test]
    fn the_longest_strips_of_a_raspberry_pi_fit_one_message() {
        let strip = |pin, pixels| PinStrip {
            pin,
            channels: 4,
            pixels,
        };
        let all = [strip(18, 2700), strip(13, 2700), strip(21, 5400)];
        assert!(frames_message_bytes(&all) <= LONGEST);
    }
}
