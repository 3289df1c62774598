//! Detects jobs that a host (`OctoPrint`, a screen) streams line by line; Klipper reports no job
//! then.
//!
//! A streamed job is distinguished from manual moves by its motion: the toolhead moves in x and y
//! while filament is fed, either for a long time or with the progress commands of a slicer.

use crate::input::Sample;
use crate::time::{Span, Time};

/// Printing for this long counts as a job. A purge line is shorter; loading filament moves no axis.
const JOB_AFTER: Span = Span::from_millis(10_000);

/// A break of this length resets the printing time.
const BREAK: Span = Span::from_millis(10_000);

/// A job ends after this time without work.
const REST: Span = Span::from_millis(30_000);

/// The maximum time that one sample adds to the printing time.
const MAX_GAP: Span = Span::from_millis(500);

/// A job that ends with at least this progress is complete.
const COMPLETE: f32 = 0.99;

/// The end of a streamed job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamEnd {
    /// The job is complete.
    Complete,
    /// The job stopped before its end.
    Stopped,
}

/// The phase of a streamed job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum StreamPhase {
    /// No job is known.
    #[default]
    None,
    Printing,
    /// Nothing moves, but an extruder is still hot.
    Resting,
}

/// Other activity of the printer.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrinterActivity {
    /// A command that shows as a state is running.
    pub(super) in_operation: bool,
    /// The printer is working, even if nothing moves.
    pub(super) is_working: bool,
    /// Klipper runs its own job.
    pub(super) has_own_job: bool,
}

/// Tracks a streamed job.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StreamWatch {
    phase: StreamPhase,
    sampled_at: Time,
    /// Time of the last printing sample.
    printed_at: Option<Time>,
    /// Printing time without a break.
    printed_for: Span,
    /// When the printer last worked.
    worked_at: Time,
    is_working: bool,
    /// The highest progress from M73. Klipper resets the progress when nothing moves for 5 s.
    progress: Option<f32>,
}

impl StreamWatch {
    /// Processes a sample.
    pub(super) fn sample(
        &mut self,
        now: Time,
        (before, sample): (&Sample, &Sample),
        activity: PrinterActivity,
    ) {
        let gap = now.since(self.sampled_at).min(MAX_GAP);
        self.sampled_at = now;
        if activity.has_own_job {
            self.stop();
            return;
        }
        if sample.is_moving || sample.is_feeding || activity.is_working {
            self.worked_at = now;
        }
        let is_over = self.printed_at.is_none_or(|at| now > at + BREAK);
        if self.phase == StreamPhase::None && is_over {
            self.printed_for = Span::ZERO;
            self.progress = None;
        }
        self.progress = [self.progress, sample.slicer_progress()]
            .into_iter()
            .flatten()
            .reduce(f32::max);
        if sample.is_feeding && sample.has_moved_xy(before) && !activity.in_operation {
            self.printed_at = Some(now);
            self.printed_for = self.printed_for + gap;
            let is_job = self.is_active() || self.progress.is_some();
            if is_job || self.printed_for >= JOB_AFTER {
                self.phase = StreamPhase::Printing;
            }
        }
    }

    /// Advances to `now`; returns the end of the job if it ends now.
    pub(super) fn step(
        &mut self,
        now: Time,
        is_working: bool,
        extruder_is_hot: bool,
    ) -> Option<StreamEnd> {
        self.is_working = is_working;
        if is_working {
            self.worked_at = now;
        }
        let is_over = match self.phase {
            StreamPhase::None => false,
            StreamPhase::Printing => now >= self.worked_at + REST,
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

    /// Ends the job without a result.
    pub(super) fn stop(&mut self) {
        self.phase = StreamPhase::None;
        self.printed_at = None;
        self.printed_for = Span::ZERO;
        self.progress = None;
    }

    /// Returns whether a job is active, printing or resting.
    pub(super) fn is_active(&self) -> bool {
        self.phase != StreamPhase::None
    }

    /// Returns whether the job is resting with a hot extruder.
    pub(super) fn is_resting(&self) -> bool {
        self.phase == StreamPhase::Resting
    }

    /// Returns the progress of the job, 0.0-1.0.
    pub(super) fn progress(&self) -> Option<f32> {
        self.progress.filter(|_| self.is_active())
    }

    /// Returns when the job ends if the printer does not work until then.
    pub(super) fn next(&self) -> Option<Time> {
        (self.phase == StreamPhase::Printing && !self.is_working).then(|| self.worked_at + REST)
    }
}
