//! Jobs that a host streams line by line, so that Klipper knows of no job: `OctoPrint`, a screen.
//!
//! They differ from manual moves by what they do: the tool head moves in x and y while filament
//! is fed, for long or with the progress that a slicer writes into its files.

use crate::input::Sample;
use crate::time::{Span, Time};

/// Printing for so long is a job. A purge line takes less, and a load moves no axis.
const JOB_AFTER: Span = Span::from_millis(10_000);

/// What was printed before a break this long was something else.
const BREAK: Span = Span::from_millis(10_000);

/// Rest for so long ends a job.
const REST: Span = Span::from_millis(30_000);

/// Samples come so often at least; a longer gap counts as this.
const LONGEST_GAP: Span = Span::from_millis(500);

/// A job that got so far is complete.
const COMPLETE: f32 = 0.99;

/// How a streamed job has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamEnd {
    /// It got to its end.
    Complete,
    /// It stopped somewhere.
    Stopped,
}

/// How far a streamed job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum StreamPhase {
    /// There is none, as far as is known.
    #[default]
    None,
    Printing,
    /// Nothing moves any longer, but an extruder is kept hot.
    Resting,
}

/// What else is known of the printer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    /// A command that shows as a state runs.
    pub(super) in_operation: bool,
    /// The printer works, whether something moves or not.
    pub(super) is_working: bool,
    /// Klipper itself runs a job.
    pub(super) has_own_job: bool,
}

/// Follows a streamed job from sample to sample.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stream {
    phase: StreamPhase,
    sampled: Time,
    /// When it was last seen to print, and for how long it has without a break.
    printed: Option<Time>,
    printed_for: Span,
    /// When the printer was last at work, and whether it is now.
    worked: Time,
    works: bool,
    /// The highest progress from M73: Klipper forgets it when nothing moves for 5 s.
    progress: Option<f32>,
}

impl Stream {
    /// Takes a sample.
    pub(super) fn sample(
        &mut self,
        now: Time,
        (before, sample): (&Sample, &Sample),
        printer: Surroundings,
    ) {
        let gap = now.since(self.sampled).min(LONGEST_GAP);
        self.sampled = now;
        if printer.has_own_job {
            self.stop();
            return;
        }
        if sample.is_moving || sample.is_feeding || printer.is_working {
            self.worked = now;
        }
        let is_over = self.printed.is_none_or(|at| now > at + BREAK);
        if self.phase == StreamPhase::None && is_over {
            self.printed_for = Span::ZERO;
            self.progress = None;
        }
        self.progress = [self.progress, sample.slicer_progress()]
            .into_iter()
            .flatten()
            .reduce(f32::max);
        if sample.is_feeding && sample.has_moved_xy(before) && !printer.in_operation {
            self.printed = Some(now);
            self.printed_for = self.printed_for + gap;
            let is_job = self.is_active() || self.progress.is_some();
            if is_job || self.printed_for >= JOB_AFTER {
                self.phase = StreamPhase::Printing;
            }
        }
    }

    /// Lets time pass; the end of the job, when this is the moment.
    pub(super) fn step(
        &mut self,
        now: Time,
        is_working: bool,
        extruder_is_hot: bool,
    ) -> Option<StreamEnd> {
        self.works = is_working;
        if is_working {
            self.worked = now;
        }
        let is_over = match self.phase {
            StreamPhase::None => false,
            StreamPhase::Printing => now >= self.worked + REST,
            StreamPhase::Resting => !extruder_is_hot,
        };
        if !is_over {
            return None;
        }
        if self.progress.is_some_and(|progress| progress >= COMPLETE) {
            self.stop();
            return Some(StreamEnd::Complete);
        }
        if extruder_is_hot {
            self.phase = StreamPhase::Resting;
            return None;
        }
        self.stop();
        Some(StreamEnd::Stopped)
    }

    /// Ends the job.
    pub(super) fn stop(&mut self) {
        self.phase = StreamPhase::None;
        self.printed = None;
        self.printed_for = Span::ZERO;
        self.progress = None;
    }

    /// Whether a job is under way, moving or resting.
    pub(super) fn is_active(&self) -> bool {
        self.phase != StreamPhase::None
    }

    /// Whether the job rests with a hot extruder.
    pub(super) fn is_resting(&self) -> bool {
        self.phase == StreamPhase::Resting
    }

    /// Progress of the job, 0.0-1.0.
    pub(super) fn progress(&self) -> Option<f32> {
        self.progress.filter(|_| self.is_active())
    }

    /// When the job ends, unless the printer works until then.
    pub(super) fn next(&self) -> Option<Time> {
        (self.phase == StreamPhase::Printing && !self.works).then(|| self.worked + REST)
    }
}
