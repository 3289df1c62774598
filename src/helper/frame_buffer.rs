//! The frame buffer: the frames of the strips and when to show them. Pure; time is an argument.
//!
//! It holds the latest frame of each strip. A frame that arrives before the wire is free replaces
//! the one before; nothing is queued.

use crate::time::{Span, Time};
use crate::wire::helper::PinStrip;

/// Maximum frame rate, as in a config.
const MAX_FPS: u64 = 240;
/// Time of one pixel on the wire at 800 kHz; the driver always sends four channels.
const PIXEL: Span = Span::from_nanos(40_000);
/// Time between two frames: the driver's tail of 55 µs, the reset of 300 µs, and a margin.
const RESET: Span = Span::from_nanos(380_000);

/// The frames of all strips.
#[derive(Debug)]
pub(super) struct FrameBuffer {
    strips: Vec<PinStrip>,
    /// One per strip.
    frames: Vec<Vec<u8>>,
    /// Indices of the client's strips, in the order of its hello.
    strip_order: Vec<usize>,
    /// Whether the frames are not shown yet.
    is_new: bool,
    /// When the wire is free.
    free_at: Time,
    interval: Span,
    /// When the strips go dark because no client drives them.
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
            is_new: false,
            free_at: Time::ZERO,
            interval: Span::from_nanos(wire.max(1_000_000_000 / MAX_FPS)),
            blank_at: None,
            blank_after,
        }
    }

    /// One frame per strip.
    pub(super) fn frames(&self) -> &[Vec<u8>] {
        &self.frames
    }

    /// Accepts the strips of a client; an error if they differ from the config.
    pub(super) fn accept(&mut self, hello: &[PinStrip]) -> Result<(), String> {
        let mut strip_order = Vec::with_capacity(hello.len());
        for requested in hello {
            let index = self.strips.iter().position(|it| it.pin == requested.pin);
            let Some(index) = index else {
                return Err(format!(
                    "GPIO{} is not in the helper's configuration",
                    requested.pin
                ));
            };
            if self.strips[index] != *requested {
                let allowed = self.strips[index];
                return Err(format!(
                    "the helper is configured for {allowed}, not for {requested}"
                ));
            }
            if strip_order.contains(&index) {
                return Err(format!("GPIO{} is requested twice", requested.pin));
            }
            strip_order.push(index);
        }
        self.darken();
        self.strip_order = strip_order;
        Ok(())
    }

    /// Stores the frames of all strips of the client; returns `false` if the length is wrong.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> bool {
        let strips = self.strip_order.iter().map(|index| self.strips[*index]);
        if strips.map(PinStrip::frame_bytes).sum::<usize>() != bytes.len() {
            return false;
        }
        for index in &self.strip_order {
            let frame = &mut self.frames[*index];
            let (head, tail) = bytes.split_at(frame.len());
            frame.copy_from_slice(head);
            bytes = tail;
        }
        self.is_new = true;
        self.blank_at = None;
        true
    }

    /// Turns all strips off.
    pub(super) fn blank(&mut self) {
        self.darken();
        self.is_new = true;
        self.blank_at = None;
    }

    /// Starts the time until the strips go dark; a frame of the next client stops it.
    pub(super) fn client_left(&mut self, now: Time) {
        self.strip_order.clear();
        self.blank_at = Some(now + self.blank_after);
    }

    /// When the wire is free for the next frame.
    pub(super) fn free_at(&self) -> Time {
        self.free_at
    }

    /// When [`FrameBuffer::is_due`] must be called next.
    pub(super) fn due(&self) -> Option<Time> {
        let show = self.is_new.then_some(self.free_at);
        match (show, self.blank_at) {
            (Some(show), Some(blank)) => Some(show.min(blank)),
            (show, blank) => show.or(blank),
        }
    }

    /// Whether the frames must be shown now.
    pub(super) fn is_due(&mut self, now: Time) -> bool {
        if self.blank_at.is_some_and(|at| at <= now) {
            self.blank();
        }
        if self.free_at > now || !std::mem::take(&mut self.is_new) {
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
    fn frames_go_to_the_strips_of_the_hello_and_other_strips_stay_dark() {
        let mut buffer = buffer();
        buffer.accept(&[HEAD, CASE]).unwrap();
        assert!(buffer.take(&[1, 2, 3, 4, 5, 6, 7]));
        assert_eq!(buffer.frames(), [vec![5, 6, 7], vec![1, 2, 3, 4]]);
        buffer.accept(&[CASE]).unwrap();
        assert!(buffer.take(&[9, 9, 9]));
        assert_eq!(buffer.frames(), [vec![9, 9, 9], vec![0; 4]]);
    }

    #[test]
    fn strips_that_differ_from_the_config_are_refused() {
        let mut buffer = buffer();
        let mut accept_error = |hello: &[PinStrip]| buffer.accept(hello).unwrap_err();
        let other = PinStrip { pin: 21, ..CASE };
        assert_eq!(
            accept_error(&[CASE, other]),
            "GPIO21 is not in the helper's configuration"
        );
        let longer = PinStrip { pixels: 2, ..CASE };
        assert_eq!(
            accept_error(&[longer]),
            "the helper is configured for 1 pixel of 3 channels on GPIO18, not for 2 pixels of 3 \
             channels on GPIO18"
        );
        assert_eq!(accept_error(&[CASE, CASE]), "GPIO18 is requested twice");
    }

    #[test]
    fn frames_of_another_length_are_refused() {
        let mut buffer = buffer();
        assert!(buffer.take(&[]), "no client: no strips, no bytes");
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
    fn the_wire_is_busy_for_the_time_of_the_longest_strip() {
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
    fn strips_go_dark_some_time_after_their_client_left() {
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
    fn a_client_that_reconnects_in_time_keeps_its_strips_lit() {
        let mut buffer = buffer();
        buffer.client_left(at(1000));
        buffer.accept(&[CASE]).unwrap();
        assert_eq!(buffer.due(), Some(at(3000)), "a hello is not a frame");
        buffer.take(&[1, 1, 1]);
        assert!(buffer.is_due(at(2000)));
        assert!(!buffer.is_due(at(9000)));
    }

    #[test]
    fn the_last_frame_is_shown_after_its_client_left() {
        let mut buffer = buffer();
        buffer.accept(&[CASE]).unwrap();
        buffer.take(&[1, 1, 1]);
        buffer.client_left(at(5));
        assert!(buffer.is_due(at(5)));
    }
}
