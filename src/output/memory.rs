//! The memory output: records frames with their times and drives no hardware.
//!
//! Used by tests, benchmarks, the demo and the preview. The recording is a ring buffer of the last
//! [`LIMIT`] frames, or fewer if frames are long. It costs nothing while it is off.

use crate::output::frame_sink::FrameSink;
use crate::output::health::Health;
use crate::output::{Output, OutputError};
use crate::time::Time;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Maximum number of frames in a recording; the oldest are dropped first.
pub(crate) const LIMIT: usize = 65_536;

/// Maximum number of bytes in a recording, which always keeps at least two frames.
pub(crate) const LIMIT_BYTES: usize = 64 << 20;

/// Frames written to a memory output, shared between the output and its reader.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    shared: Arc<RecordingState>,
}

#[derive(Debug, Default)]
struct RecordingState {
    on: AtomicBool,
    ring: Mutex<FrameRing>,
}

/// Frames of equal length in two queues, so that recording allocates only while the ring grows.
#[derive(Debug, Default)]
struct FrameRing {
    times: VecDeque<Time>,
    bytes: VecDeque<u8>,
    frame_bytes: usize,
}

impl Recording {
    /// Starts or stops recording; recorded frames are kept.
    pub fn switch(&self, on: bool) {
        self.shared.on.store(on, Ordering::Relaxed);
    }

    /// Whether frames are recorded.
    pub fn is_on(&self) -> bool {
        self.shared.on.load(Ordering::Relaxed)
    }

    /// Takes all recorded frames, oldest first.
    pub fn take(&self) -> Vec<(Time, Vec<u8>)> {
        self.shared.ring.lock().take()
    }

    fn record(&self, time: Time, frame: &[u8]) {
        if self.is_on() {
            self.shared.ring.lock().push(time, frame);
        }
    }
}

impl FrameRing {
    fn push(&mut self, time: Time, frame: &[u8]) {
        if frame.len() != self.frame_bytes {
            self.times.clear();
            self.bytes.clear();
            self.frame_bytes = frame.len();
        }
        let capacity = (LIMIT_BYTES / frame.len().max(1)).clamp(2, LIMIT);
        if self.times.len() == capacity {
            self.times.pop_front();
            self.bytes.drain(..self.frame_bytes);
        }
        self.times.push_back(time);
        self.bytes.extend(frame);
    }

    fn take(&mut self) -> Vec<(Time, Vec<u8>)> {
        let (bytes, frame_bytes) = (&mut self.bytes, self.frame_bytes);
        self.times
            .drain(..)
            .map(|time| (time, bytes.drain(..frame_bytes).collect()))
            .collect()
    }
}

/// An output that records frames.
#[derive(Debug)]
pub struct Memory {
    recording: Recording,
    last: Vec<u8>,
}

impl Memory {
    /// Creates an output that records into `recording`.
    pub fn new(recording: Recording) -> Self {
        Self {
            recording,
            last: Vec::new(),
        }
    }
}

impl Memory {
    /// Records a frame.
    pub fn record(&mut self, time: Time, frame: &[u8]) {
        self.last.clear();
        self.last.extend_from_slice(frame);
        self.recording.record(time, frame);
    }

    /// Records a dark frame, unless the last frame was dark.
    pub fn darken(&mut self, time: Time) {
        if self.last.iter().any(|byte| *byte != 0) {
            self.last.fill(0);
            self.recording.record(time, &self.last);
        }
    }
}

impl Output for Memory {
    fn write(&mut self, time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        for frame in frames {
            self.record(time, frame);
        }
        Ok(())
    }

    fn blank(&mut self, time: Time) -> Result<(), OutputError> {
        self.darken(time);
        Ok(())
    }
}

/// The sink of strips whose frames stay in memory.
#[derive(Debug)]
pub(crate) struct MemorySink {
    memory: Mutex<Memory>,
    recording: Recording,
    frames: AtomicU64,
}

impl MemorySink {
    /// Creates a sink that records its frames, or can do so later.
    pub(crate) fn new(is_recording: bool) -> Self {
        let recording = Recording::default();
        recording.switch(is_recording);
        Self {
            memory: Mutex::new(Memory::new(recording.clone())),
            recording,
            frames: AtomicU64::new(0),
        }
    }
}

impl FrameSink for MemorySink {
    fn submit(&self, _: usize, time: Time, bytes: &[u8], _: &[[u8; 4]]) {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.memory.lock().record(time, bytes);
    }

    fn stop(&self, now: Time) {
        self.memory.lock().darken(now);
    }

    fn health(&self) -> Health {
        Health {
            frames: self.frames.load(Ordering::Relaxed),
            ..Health::default()
        }
    }

    fn recording(&self) -> Option<&Recording> {
        Some(&self.recording)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(on: bool) -> (Memory, Recording) {
        let recording = Recording::default();
        recording.switch(on);
        (Memory::new(recording.clone()), recording)
    }

    #[test]
    fn frames_come_back_with_their_times_and_only_once() {
        let (mut output, recording) = recorded(true);
        output.record(Time::from_secs(1.0), &[1, 2, 3]);
        output.record(Time::from_secs(2.0), &[4, 5, 6]);
        let frames = recording.take();
        assert_eq!(frames[0], (Time::from_secs(1.0), vec![1, 2, 3]));
        assert_eq!(frames[1], (Time::from_secs(2.0), vec![4, 5, 6]));
        assert!(recording.take().is_empty());
    }

    #[test]
    fn a_full_recording_drops_its_oldest_frame() {
        let (mut output, recording) = recorded(true);
        for nanos in 0..=LIMIT as u64 {
            output.record(Time::from_nanos(nanos), &[7]);
        }
        let frames = recording.take();
        assert_eq!(frames.len(), LIMIT);
        assert_eq!(frames[0].0, Time::from_nanos(1));
    }

    #[test]
    fn long_frames_fill_a_recording_sooner() {
        let (mut output, recording) = recorded(true);
        let frame = vec![7; LIMIT_BYTES / 4];
        for second in 0..6 {
            output.record(Time::from_secs(f64::from(second)), &frame);
        }
        let frames = recording.take();
        assert_eq!(frames.len(), 4);
        assert_eq!(frames[0].0, Time::from_secs(2.0));
    }

    #[test]
    fn nothing_is_recorded_while_off() {
        let (mut output, recording) = recorded(false);
        output.record(Time::ZERO, &[1]);
        assert!(recording.take().is_empty());
    }

    #[test]
    fn darken_records_one_dark_frame() {
        let (mut output, recording) = recorded(true);
        output.record(Time::ZERO, &[9, 9]);
        output.darken(Time::from_secs(1.0));
        output.darken(Time::from_secs(2.0));
        assert_eq!(recording.take()[1..], [(Time::from_secs(1.0), vec![0, 0])]);
    }

    #[test]
    fn frames_of_another_length_start_a_new_recording() {
        let (mut output, recording) = recorded(true);
        output.record(Time::ZERO, &[1, 2]);
        output.record(Time::ZERO, &[3]);
        assert_eq!(recording.take(), [(Time::ZERO, vec![3])]);
    }
}
