//! Output handles: the engine's view of the outputs, shared by the caller and the render thread.
//!
//! A handle passes frames to its [`FrameSink`], which never waits for a device. The caller shares
//! the handles, so that closing does not depend on the render thread.

use super::clock::ClockKind;
use super::notice::Notices;
use super::panic_guard::silence_panics;
use crate::output::OutputError;
use crate::output::frame_sink::{ClosedSink, FrameSink};
use crate::output::klipper_slot::KlipperSlot;
use crate::output::memory::MemorySink;
use crate::output::pump::{Factory, Pump};
use crate::output::timing::{refused, set_priority};
use crate::plan::driver::{MEMORY, SentBy};
use crate::plan::{OutputPlan, Priority, StripPlan};
use crate::renderer::Power;
use crate::time::Time;
use log::Level;
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where the frames go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputMode {
    /// To the outputs in the config.
    #[default]
    Configured,
    /// To memory, regardless of the config; recorded for `Engine::take_frames`.
    Recorded,
    /// To memory, regardless of the config; recorded only after the first `Engine::take_frames`.
    Discarded,
}

impl OutputMode {
    /// Returns the effective mode: a manual clock opens no device.
    pub(crate) fn effective(self, clock: ClockKind) -> Self {
        match (self, clock) {
            (Self::Configured, ClockKind::Manual) => Self::Recorded,
            _ => self,
        }
    }
}

/// What opening an output needs.
#[derive(Clone)]
pub(crate) struct OutputContext {
    pub(crate) outputs: OutputMode,
    /// Opens the devices, in the pump threads.
    pub(crate) factory: Factory,
    pub(crate) notices: Arc<Notices>,
}

impl std::fmt::Debug for OutputContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutputContext").finish_non_exhaustive()
    }
}

/// An output of the strips on one wire.
#[derive(Debug)]
pub(crate) struct OutputHandle {
    plans: Vec<StripPlan>,
    kind: &'static str,
    sink: Box<dyn FrameSink>,
    /// The last frame of each strip.
    shown: Vec<Mutex<LastFrame>>,
    submitted: AtomicU64,
}

/// The last frame of a strip.
#[derive(Clone, Debug)]
pub(crate) struct LastFrame {
    /// Red, green, blue and white of each pixel.
    pub(crate) rgbw: Vec<u8>,
    /// When it was drawn. Frames that looked the same do not count.
    pub(crate) drawn: Time,
    power: Power,
}

/// A strip's place in its output.
#[derive(Clone, Debug)]
pub(crate) struct StripOutput {
    pub(crate) output: Arc<OutputHandle>,
    pub(crate) index: usize,
}

impl StripOutput {
    pub(crate) fn plan(&self) -> &StripPlan {
        &self.output.plans[self.index]
    }

    /// Whether it is the same strip of the same output.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.output, &other.output) && self.index == other.index
    }

    /// Submits a frame that differs from the last. The next flush sends it.
    pub(crate) fn submit(&self, now: Time, bytes: &[u8], rgbw: &[[u8; 4]]) {
        let output = &*self.output;
        let mut shown = output.shown[self.index].lock();
        shown.rgbw.clear();
        shown.rgbw.extend_from_slice(rgbw.as_flattened());
        shown.drawn = now;
        drop(shown);
        output.submitted.fetch_add(1, Ordering::Relaxed);
        output.sink.submit(self.index, now, bytes, rgbw);
    }

    /// Sends what was submitted since the last flush. Only the output's first strip flushes.
    pub(crate) fn flush(&self) {
        if self.index == 0 {
            self.output.sink.flush();
        }
    }

    /// Returns the last frame as red, green, blue, white, four bytes per pixel.
    pub(crate) fn frame(&self) -> Vec<u8> {
        self.output.shown[self.index].lock().rgbw.clone()
    }

    /// Returns the last frame.
    pub(crate) fn last_frame(&self) -> LastFrame {
        self.output.shown[self.index].lock().clone()
    }

    /// Returns the power that the last frame uses.
    pub(crate) fn power(&self) -> Power {
        self.output.shown[self.index].lock().power
    }

    /// Stores the power that the strip uses.
    pub(crate) fn note_power(&self, power: Power) {
        self.output.shown[self.index].lock().power = power;
    }

    /// Takes the recorded frames and enables recording. Only memory outputs record.
    pub(crate) fn take_frames(&self) -> Vec<(Time, Vec<u8>)> {
        self.output.sink.recording().map_or_else(Vec::new, |it| {
            it.switch(true);
            it.take()
        })
    }
}

impl OutputHandle {
    /// Opens the output of strips that share a wire. Devices are opened later, in the pump thread.
    /// A fault leaves the strips dark and posts a notice.
    pub(crate) fn open(plans: &[StripPlan], context: &OutputContext, priority: Priority) -> Self {
        let sink = open_sink(plans, context, priority).unwrap_or_else(|error| {
            report_health(&context.notices, &strip_names(plans), Some(&error));
            Box::new(ClosedSink(error))
        });
        let driver = match plans.first() {
            Some(plan) if sink.recording().is_none() => plan.output.driver(),
            _ => &MEMORY,
        };
        let dark = |plan: &StripPlan| {
            Mutex::new(LastFrame {
                rgbw: vec![0; plan.strip.pixels * 4],
                drawn: Time::ZERO,
                power: Power::default(),
            })
        };
        Self {
            shown: plans.iter().map(dark).collect(),
            plans: plans.to_vec(),
            kind: driver.name,
            sink,
            submitted: AtomicU64::new(0),
        }
    }

    pub(crate) fn plans(&self) -> &[StripPlan] {
        &self.plans
    }

    /// Returns the kind of output, as named by `driver:`. Strips that share an output are of one
    /// kind.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    /// Returns what takes its frames.
    pub(crate) fn sink(&self) -> &dyn FrameSink {
        &*self.sink
    }

    /// Blanks the strips and stops accepting frames. Returns at once.
    pub(crate) fn stop(&self, now: Time) {
        self.sink.stop(now);
        for shown in &self.shown {
            let mut shown = shown.lock();
            shown.rgbw.fill(0);
            shown.power = Power::default();
        }
    }

    /// Returns how many frames were submitted, counted per strip.
    pub(crate) fn submitted(&self) -> u64 {
        self.submitted.load(Ordering::Relaxed)
    }
}

/// Opens what takes the frames of strips that share a wire.
fn open_sink(
    plans: &[StripPlan],
    context: &OutputContext,
    priority: Priority,
) -> Result<Box<dyn FrameSink>, OutputError> {
    let output = plans.first().map(|plan| &plan.output);
    let sent_by = output.map_or(SentBy::None, |output| output.driver().sent_by);
    let cannot = |what: &str, error| OutputError::new(format!("cannot {what}: {error}"), "");
    Ok(match (sent_by, context.outputs) {
        // Recording without a reader would grow for months.
        (_, OutputMode::Discarded) => Box::new(MemorySink::new(false)),
        // A slot opens no device, so it also exists with a manual clock.
        (SentBy::Klipper, _) => {
            let slot = KlipperSlot::new();
            let slot = slot.map_err(|error| cannot("create its frame slot", error))?;
            Box::new(Arc::new(slot))
        }
        (_, OutputMode::Recorded) => Box::new(MemorySink::new(true)),
        (SentBy::None, _) => Box::new(MemorySink::new(false)),
        (SentBy::Thread, OutputMode::Configured) => {
            // An unsupported driver is rejected here, without a thread.
            if matches!(output, Some(OutputPlan::Unsupported { .. })) {
                (context.factory)(plans)?;
            }
            let pump = start_pump(plans, context, priority);
            Box::new(pump.map_err(|error| cannot("start its thread", error))?)
        }
    })
}

fn start_pump(
    plans: &[StripPlan],
    context: &OutputContext,
    priority: Priority,
) -> io::Result<Pump> {
    let notices = Arc::clone(&context.notices);
    let strips = strip_names(plans);
    let observer =
        Box::new(move |dark: Option<&OutputError>| report_health(&notices, &strips, dark));
    let open = Arc::clone(&context.factory);
    let refused_notices = Arc::clone(&context.notices);
    // Runs in the pump thread, which catches the panics of its driver.
    let quiet: Factory = Arc::new(move |plans| {
        silence_panics();
        if let Err(error) = set_priority(priority) {
            refused_notices.push(Level::Warn, refused(&error));
        }
        open(plans)
    });
    Pump::start(plans, quiet, observer)
}

/// Groups the strips that share a wire, as indices into `strips`. Each strip occurs once.
pub(crate) fn wires(strips: &[StripPlan]) -> Vec<Vec<usize>> {
    let mut wires: Vec<Vec<usize>> = Vec::new();
    for (index, strip) in strips.iter().enumerate() {
        let shared = wires
            .iter_mut()
            .find(|wire| strips[wire[0]].output.shares_wire(&strip.output));
        match shared {
            Some(wire) => wire.push(index),
            None => wires.push(vec![index]),
        }
    }
    wires
}

/// Lists strips for messages: `strip 'case'`, or `strips 'case', 'gpio18' of group 'top'`.
pub(crate) fn strip_names(plans: &[StripPlan]) -> String {
    let names: Vec<String> = plans.iter().map(StripPlan::label).collect();
    let noun = if names.len() == 1 { "strip" } else { "strips" };
    format!("{noun} {}", names.join(", "))
}

fn report_health(notices: &Notices, strips: &str, dark: Option<&OutputError>) {
    let many = strips.starts_with("strips ");
    let Some(error) = dark else {
        let verb = if many { "are" } else { "is" };
        let text = format!("lumen: {strips} {verb} lit again");
        notices.push_about(strips, Level::Info, text);
        return;
    };
    let OutputError { problem, remedy } = error;
    let result = if many {
        "the strips stay dark"
    } else {
        "the strip stays dark"
    };
    let mut text = format!("lumen: {strips}: {problem}; {result}");
    if !remedy.is_empty() {
        text = format!("{text} ({remedy})");
    }
    notices.push_about(strips, Level::Warn, text);
}
