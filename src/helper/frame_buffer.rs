//! The stage: what the strips show and when it is their turn. Pure; time is an argument.
//!
//! It holds one frame a strip, the latest. Whatever comes faster than the wire carries replaces it,
//! and nothing is queued.

use crate::time::{Span, Time};
use crate::wire::helper::PinStrip;

/// Frames a second that are never exceeded, as in a config.
const MOST_FPS: u64 = 240;
/// One pixel on the wire at 800 kHz: the driver sends four channels in any case.
const PIXEL: Span = Span::from_nanos(40_000);
/// What ends a frame: the driver's tail of 55 µs, the reset of 300 µs, and some room.
const RESET: Span = Span::from_nanos(380_000);

/// What the strips show.
#[derive(Debug)]
pub(super) struct FrameBuffer {
    strips: Vec<PinStrip>,
    /// One a strip.
    frames: Vec<Vec<u8>>,
    /// The strips of the client, in its order.
    strip_order: Vec<usize>,
    /// The frames are not shown yet.
    fresh: bool,
    /// When the wire is free.
    free_at: Time,
    interval: Span,
    /// When the strips go dark because nobody drives them.
    blank_at: Option<Time>,
    blank_after: Span,
}

impl FrameBuffer {
    pub(super) fn new(strips: Vec<PinStrip>, blank_after: Span) -> Self {
        let longest = strips.iter().map(|it| it.pixels).max().unwrap_or(0);
        let wire = PIXEL.as_nanos() * u64::from(longest) + RESET.as_nanos();
        Self {
            frames: strips.iter().map(|it| vec![0; it.frame_bytes()]).collect(),
            strips,
            strip_order: Vec::new(),
            fresh: false,
            free_at: Time::ZERO,
            interval: Span::from_nanos(wire.max(1_000_000_000 / MOST_FPS)),
            blank_at: None,
            blank_after,
        }
    }

    /// One frame a strip.
    pub(super) fn frames(&self) -> &[Vec<u8>] {
        &self.frames
    }

    /// Takes a client with its strips; words when they are not those that are configured.
    pub(super) fn accept(&mut self, hello: &[PinStrip]) -> Result<(), String> {
        let mut strip_order = Vec::with_capacity(hello.len());
        for wanted in hello {
            let seat = self.strips.iter().position(|it| it.pin == wanted.pin);
            let Some(seat) = seat else {
                return Err(format!(
                    "GPIO{} is not in the helper's configuration",
                    wanted.pin
                ));
            };
            if self.strips[seat] != *wanted {
                let allowed = self.strips[seat];
                return Err(format!(
                    "the helper is configured for {allowed}, not for {wanted}"
                ));
            }
            if strip_order.contains(&seat) {
                return Err(format!("GPIO{} is requested twice", wanted.pin));
            }
            strip_order.push(seat);
        }
        self.darken();
        self.strip_order = strip_order;
        Ok(())
    }

    /// Takes the frames of all strips of the client; `false` when their length is another.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> bool {
        let strips = self.strip_order.iter().map(|seat| self.strips[*seat]);
        if strips.map(PinStrip::frame_bytes).sum::<usize>() != bytes.len() {
            return false;
        }
        for seat in &self.strip_order {
            let frame = &mut self.frames[*seat];
            let (own, rest) = bytes.split_at(frame.len());
            frame.copy_from_slice(own);
            bytes = rest;
        }
        self.fresh = true;
        self.blank_at = None;
        true
    }

    /// The client wants darkness.
    pub(super) fn blank(&mut self) {
        self.darken();
        self.fresh = true;
        self.blank_at = None;
    }

    /// The client has gone; a frame of the next one keeps the strips lit.
    pub(super) fn client_left(&mut self, now: Time) {
        self.strip_order.clear();
        self.blank_at = Some(now + self.blank_after);
    }

    /// When the wire is free for the next frame.
    pub(super) fn free_at(&self) -> Time {
        self.free_at
    }

    /// When there is something to do.
    pub(super) fn due(&self) -> Option<Time> {
        let show = self.fresh.then_some(self.free_at);
        match (show, self.blank_at) {
            (Some(show), Some(blank)) => Some(show.min(blank)),
            (show, blank) => show.or(blank),
        }
    }

    /// Whether the frames are to be shown now.
    pub(super) fn is_due(&mut self, now: Time) -> bool {
        if self.blank_at.is_some_and(|at| at <= now) {
            self.blank();
        }
        if self.free_at > now || !std::mem::take(&mut self.fresh) {
            return false;
        }
        self.free_at = now + self.interval;
        true
    }

    fn darken(&mut self) {
        self.frames.iter_mut().for_each(|frame| frame.fill(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: PinStrip = PinStrip {
        pin: 18,
        channels: 3,
        pixels: 1,
    };
    const HEAD: PinStrip = PinStrip {
        pin: 13,
        channels: 4,
        pixels: 1,
    };
    const BLANK: Span = Span::from_millis(2000);

    fn buffer() -> FrameBuffer {
        FrameBuffer::new(vec![CASE, HEAD], BLANK)
    }

    fn at(millis: u64) -> Time {
        Time::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn frames_go_to_the_strips_of_the_hello_and_the_others_stay_dark() {
        let mut buffer = buffer();
        buffer.accept(&[HEAD, CASE]).unwrap();
        assert!(buffer.take(&[1, 2, 3, 4, 5, 6, 7]));
        assert_eq!(buffer.frames(), [vec![5, 6, 7], vec![1, 2, 3, 4]]);
        buffer.accept(&[CASE]).unwrap();
        assert!(buffer.take(&[9, 9, 9]));
        assert_eq!(buffer.frames(), [vec![9, 9, 9], vec![0; 4]]);
    }

    #[test]
    fn a_client_gets_what_is_configured_or_words() {
        let mut buffer = buffer();
        let mut refused = |hello: &[PinStrip]| buffer.accept(hello).unwrap_err();
        let other = PinStrip { pin: 21, ..CASE };
        assert_eq!(
            refused(&[CASE, other]),
            "GPIO21 is not in the helper's configuration"
        );
        let longer = PinStrip { pixels: 2, ..CASE };
        assert_eq!(
            refused(&[longer]),
            "the helper is configured for 1 pixels of 3 channels on GPIO18, not for 2 pixels of 3 \
             channels on GPIO18"
        );
        assert_eq!(refused(&[CASE, CASE]), "GPIO18 is requested twice");
    }

    #[test]
    fn frames_of_another_length_are_not_taken() {
        let mut buffer = buffer();
        assert!(buffer.take(&[]), "nobody was admitted: no strip, no byte");
        buffer.accept(&[CASE]).unwrap();
        for bytes in [&[1, 2][..], &[1, 2, 3, 4], &[]] {
            assert!(!buffer.take(bytes), "{bytes:?}");
        }
        assert_eq!(buffer.frames()[0], [0; 3]);
    }

    #[test]
    fn the_latest_frame_is_shown_when_the_wire_is_free() {
        let mut buffer = buffer();
        buffer.accept(&[CASE]).unwrap();
        buffer.take(&[1, 1, 1]);
        assert!(buffer.is_due(at(100)));
        buffer.take(&[2, 2, 2]);
        buffer.take(&[3, 3, 3]);
        assert!(!buffer.is_due(at(101)));
        assert_eq!(buffer.due(), Some(buffer.free_at()));
        assert!(buffer.is_due(buffer.free_at()));
        assert_eq!(buffer.frames()[0], [3; 3]);
        assert_eq!(buffer.due(), None);
    }

    #[test]
    fn the_wire_is_free_when_its_longest_strip_has_been_sent() {
        let long = PinStrip {
            pixels: 1000,
            ..CASE
        };
        let mut buffer = FrameBuffer::new(vec![long, HEAD], BLANK);
        buffer.accept(&[HEAD]).unwrap();
        buffer.take(&[0; 4]);
        buffer.is_due(at(0));
        assert_eq!(buffer.free_at(), Time::from_nanos(40_380_000));
    }

    #[test]
    fn strips_go_dark_when_their_client_has_been_gone_for_a_while() {
        let mut buffer = buffer();
        buffer.accept(&[CASE]).unwrap();
        buffer.take(&[1, 1, 1]);
        buffer.is_due(at(0));
        buffer.client_left(at(1000));
        assert_eq!(buffer.due(), Some(at(3000)));
        assert!(!buffer.is_due(at(2999)));
        assert!(buffer.is_due(at(3000)));
        assert_eq!(buffer.frames()[0], [0; 3]);
        assert_eq!(buffer.due(), None);
    }

    #[test]
    fn a_client_that_comes_back_in_time_keeps_its_strips_lit() {
        let mut buffer = buffer();
        buffer.client_left(at(1000));
        buffer.accept(&[CASE]).unwrap();
        assert_eq!(buffer.due(), Some(at(3000)), "a hello lights nothing");
        buffer.take(&[1, 1, 1]);
        assert!(buffer.is_due(at(2000)));
        assert!(!buffer.is_due(at(9000)));
    }

    #[test]
    fn the_last_frame_is_shown_although_its_client_has_gone() {
        let mut buffer = buffer();
        buffer.accept(&[CASE]).unwrap();
        buffer.take(&[1, 1, 1]);
        buffer.client_left(at(5));
        assert!(buffer.is_due(at(5)));
    }
}
