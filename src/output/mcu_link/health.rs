//! The health and the rates of strips that Klipper drives, from what happened to their objects.

use super::{KlipperLights, Part, PartSource};
use crate::output::OutputError;
use crate::output::health::{Health, HealthState};

/// How long a strip is degraded after a fault.
const DEGRADED_S: f64 = 60.0;
/// Rates are averages over this time.
const WINDOW_S: f64 = 4.0;

/// The recent update rate of a strip.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// Updates per second.
    pub rate_hz: f64,
    /// Bytes per second on the connection.
    pub bytes_per_s: f64,
}

/// A change of the health of a strip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The strip's name in messages.
    pub label: String,
    /// What becomes of the warning about the strip; `None` for nothing.
    pub warning: Option<Warning>,
}

/// What becomes of the warning about a strip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The text to show.
    Show(String),
    /// The strip has recovered.
    Clear,
}

/// What was reported about a strip, and its rates.
#[derive(Debug, Default)]
pub(super) struct StripHealth {
    reported: Option<(Verdict, u64)>,
    rate: Rate,
    /// Start of the window, with the counts of frames and bytes.
    window: Option<(f64, u64, f64)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Verdict {
    state: HealthState,
    error: Option<OutputError>,
    /// The problem as a warning shows it, which does not change with each fault.
    warned: Option<String>,
}

impl Verdict {
    fn new(state: HealthState, problem: impl Into<String>, remedy: &str) -> Self {
        Self {
            state,
            error: Some(OutputError::new(problem, remedy)),
            warned: None,
        }
    }
}

impl KlipperLights {
    /// Updates the health of all strips; returns what has changed. `busy` says of each part whether
    /// its last update is still in progress. Must be called regularly.
    pub fn poll(&mut self, now: f64, busy: &[bool]) -> Vec<Change> {
        let mut changes = Vec::new();
        for strip in 0..self.strips.len() {
            let verdict = self.verdict(strip, now, busy);
            let (frames, bytes) = self.counts(strip);
            let strip = &mut self.strips[strip];
            strip.health.roll(now, frames, bytes);
            let before = strip.health.reported.replace((verdict.clone(), frames));
            if before
                .as_ref()
                .is_some_and(|it| it.0 == verdict && it.1 == frames)
            {
                continue;
            }
            strip.slot.report(Health {
                state: verdict.state,
                error: verdict.error.clone(),
                frames,
                ..Health::default()
            });
            if before.as_ref().is_some_and(|it| it.0 == verdict) {
                continue;
            }
            let has_reason = self.is_shut_down || strip.unsupported.is_some();
            let warning = match &verdict.error {
                Some(error) if !has_reason => {
                    let problem = verdict.warned.as_ref().unwrap_or(&error.problem);
                    let text = format!("lumen: {}: {problem} ({})", strip.label, error.remedy);
                    Some(Warning::Show(text))
                }
                None if before.is_some() => Some(Warning::Clear),
                _ => None,
            };
            let label = strip.label.clone();
            changes.push(Change { label, warning });
        }
        changes
    }

    /// Returns the recent update rate of each strip, by its name.
    pub fn rates(&self) -> Vec<(String, Rate)> {
        let strips = self.strips.iter();
        strips.map(|it| (it.name.clone(), it.health.rate)).collect()
    }

    /// Updates of the slowest part of a strip, and bytes of all parts.
    fn counts(&self, strip: usize) -> (u64, f64) {
        let frames = self.parts_of(strip).map(|(_, part)| part.frames).min();
        let bytes = self.parts_of(strip).map(|(_, part)| part.wire_bytes).sum();
        (frames.unwrap_or(0), bytes)
    }

    pub(super) fn parts_of(&self, strip: usize) -> impl Iterator<Item = (usize, &Part)> {
        let is_of = move |part: &Part| matches!(part.source, PartSource::Strip { strip: it, .. } if it == strip);
        self.parts
            .iter()
            .enumerate()
            .filter(move |(_, part)| is_of(part))
    }

    fn verdict(&self, strip: usize, now: f64, busy: &[bool]) -> Verdict {
        use HealthState::Dark;
        if let Some(problem) = &self.strips[strip].unsupported {
            let remedy = "update Klipper or klipper-lumen; other strips are not affected";
            return Verdict::new(Dark, problem, remedy);
        }
        if self.is_shut_down {
            let problem =
                "Klipper is shut down and sends nothing to its MCUs; the LEDs keep their colors";
            return Verdict::new(Dark, problem, "fix the cause, then run FIRMWARE_RESTART");
        }
        let gone = self.parts_of(strip).map(|(_, part)| &self.mcus[part.mcu]);
        if let Some(mcu) = gone.into_iter().find(|it| it.is_gone) {
            let problem = format!("MCU '{}' is not connected", mcu.name);
            return Verdict::new(Dark, problem, "the strip resumes when it reconnects");
        }
        let is_busy = |number: usize| busy.get(number).copied().unwrap_or(false);
        let mut parts = self.parts_of(strip);
        if let Some((_, part)) = parts.find(|&(number, it)| it.is_stuck(now, is_busy(number))) {
            let name = part.name();
            let problem = format!("[{name}] has not finished an update for more than 2 seconds");
            return Verdict::new(Dark, problem, "check its MCU in klippy.log");
        }
        self.fault(strip, now)
    }

    /// The worst fault: one part that is dark makes the strip dark.
    fn fault(&self, strip: usize, now: f64) -> Verdict {
        let fault = |part: &Part| {
            let (text, persists) = part.fault_since(now - DEGRADED_S)?;
            let name = part.name();
            let state = [HealthState::Degraded, HealthState::Dark][usize::from(persists)];
            let remedy = "Lumen keeps retrying; see klippy.log";
            Some((
                persists,
                Verdict {
                    warned: Some(format!("[{name}] refuses updates")),
                    ..Verdict::new(state, format!("[{name}]: {text}"), remedy)
                },
            ))
        };
        let mut worst = None;
        for (persists, verdict) in self.parts_of(strip).filter_map(|(_, part)| fault(part)) {
            if worst.is_none() || (persists && worst.as_ref().is_some_and(|it: &(bool, _)| !it.0)) {
                worst = Some((persists, verdict));
            }
        }
        worst.map_or_else(Verdict::default, |it| it.1)
    }
}

impl StripHealth {
    /// Ends a window of the rates when its time is over.
    fn roll(&mut self, now: f64, frames: u64, bytes: f64) {
        if let Some((start, frames_then, bytes_then)) = self.window {
            let span = now - start;
            if span < WINDOW_S {
                return;
            }
            self.rate = Rate {
                rate_hz: frames.saturating_sub(frames_then) as f64 / span,
                bytes_per_s: (bytes - bytes_then).max(0.0) / span,
            };
        }
        self.window = Some((now, frames, bytes));
    }
}
