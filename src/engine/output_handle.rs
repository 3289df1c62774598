//! Output handles: the engine's view of the outputs, shared by the caller and the render thread.
//!
//! A handle accepts frames and never waits for a device. Outputs that can block run in a pump;
//! frames for Klipper's LEDs go to a slot. The caller shares the handles, so that closing does not
//! depend on the render thread.

use super::clock::ClockKind;
use super::notice::Notices;
use super::panic_guard::silence_panics;
use crate::output::OutputError;
use crate::output::health::Health;
use crate::output::klipper_slot::KlipperSlot;
use crate::output::memory::{Memory, Recording};
use crate::output::pump::{Factory, Pump, Writes};
use crate::output::timing::{refused, set_priority};
use crate::plan::driver::SentBy;
use crate::plan::{OutputPlan, Priority, StripPlan};
use crate::renderer::Power;
use crate::time::{Span, Time};
use log::Level;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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

#[derive(Debug)]
enum Backend {
    Memory(Mutex<Memory>, Recording),
    Pump(Pump),
    Host(KlipperSlot),
    /// The output could not be opened, and why.
    Closed(OutputError),
}

/// An output of the strips on one wire.
#[derive(Debug)]
pub(crate) struct OutputHandle {
    plans: Vec<StripPlan>,
    backend: Backend,
    /// The last frame of each strip.
    shown: Vec<Mutex<LastFrame>>,
    /// Number of frames accepted.
    sent: AtomicU64,
}

/// The last frame of a strip.
#[derive(Debug)]
struct LastFrame {
    /// Red, green, blue and white of each pixel.
    rgbw: Vec<u8>,
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

    /// Writes a frame that differs from the last. The next flush sends it.
    pub(crate) fn write(&self, now: Time, bytes: &[u8], rgbw: &[[u8; 4]]) {
        self.output.write(self.index, now, bytes, rgbw);
    }

    /// Sends what was written since the last flush. Only the output's first strip flushes.
    pub(crate) fn flush(&self) {
        if self.index == 0 {
            self.output.flush();
        }
    }

    /// Returns the last frame as red, green, blue, white, four bytes per pixel.
    pub(crate) fn frame(&self) -> Vec<u8> {
        self.output.shown[self.index].lock().rgbw.clone()
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
        match &self.output.backend {
            Backend::Memory(_, recording) => {
                recording.switch(true);
                recording.take()
            }
            Backend::Pump(_) | Backend::Host(_) | Backend::Closed(_) => Vec::new(),
        }
    }

    /// Returns the kind of output, as named by `driver:`.
    pub(crate) fn kind(&self) -> &str {
        self.output.kind()
    }
}

impl OutputHandle {
    /// Opens the output of strips that share a wire. Devices are opened later, in the pump thread.
    /// A fault leaves the strips dark and posts a notice.
    pub(crate) fn open(plans: &[StripPlan], context: &OutputContext, priority: Priority) -> Self {
        let output = plans.first().map(|plan| &plan.output);
        let sent_by = output.map_or(SentBy::None, |output| output.driver().sent_by);
        let backend = match (sent_by, context.outputs) {
            // Recording without a reader would grow for months.
            (_, OutputMode::Discarded) => memory(false),
            // A slot opens no device, so it also exists with a manual clock.
            (SentBy::Klipper, _) => host(plans, context),
            (_, OutputMode::Recorded) => memory(true),
            (SentBy::None, _) => memory(false),
            // An unsupported driver is rejected here, without a thread.
            (SentBy::Thread, _) if matches!(output, Some(OutputPlan::Unsupported { .. })) => {
                match (context.factory)(plans) {
                    Err(error) => closed(plans, context, error),
                    Ok(_) => pump(plans, context, priority),
                }
            }
            (SentBy::Thread, OutputMode::Configured) => pump(plans, context, priority),
        };
        let dark = |plan: &StripPlan| {
            Mutex::new(LastFrame {
                rgbw: vec![0; plan.strip.pixels * 4],
                power: Power::default(),
            })
        };
        Self {
            shown: plans.iter().map(dark).collect(),
            plans: plans.to_vec(),
            backend,
            sent: AtomicU64::new(0),
        }
    }

    pub(crate) fn plans(&self) -> &[StripPlan] {
        &self.plans
    }

    /// Returns the kind of output, as named by `driver:`. Strips that share an output are of one
    /// kind.
    pub(crate) fn kind(&self) -> &str {
        match (&self.backend, self.plans.first()) {
            (Backend::Memory(..), _) | (_, None) => "memory",
            (_, Some(plan)) => plan.output.driver().name,
        }
    }

    fn write(&self, index: usize, now: Time, bytes: &[u8], rgbw: &[[u8; 4]]) {
        let mut kept = self.shown[index].lock();
        kept.rgbw.clear();
        kept.rgbw.extend_from_slice(rgbw.as_flattened());
        drop(kept);
        self.sent.fetch_add(1, Ordering::Relaxed);
        match &self.backend {
            Backend::Memory(memory, _) => memory.lock().record(now, bytes),
            Backend::Pump(pump) => pump.send(index, now, bytes),
            Backend::Host(slot) => slot.put(rgbw),
            Backend::Closed(_) => {}
        }
    }

    fn flush(&self) {
        if let Backend::Pump(pump) = &self.backend {
            pump.flush();
        }
    }

    /// Blanks the strips and stops accepting frames. Returns at once.
    pub(crate) fn stop(&self, now: Time) {
        match &self.backend {
            Backend::Memory(memory, _) => memory.lock().darken(now),
            Backend::Pump(pump) => pump.stop(),
            Backend::Host(slot) => slot.darken(),
            Backend::Closed(_) => {}
        }
        for shown in &self.shown {
            let mut shown = shown.lock();
            shown.rgbw.fill(0);
            shown.power = Power::default();
        }
    }

    /// Waits for the output's thread to end. Returns false if it still runs after `timeout`.
    pub(crate) fn join(&self, timeout: Duration) -> bool {
        match &self.backend {
            Backend::Pump(pump) => pump.join(timeout),
            Backend::Memory(..) | Backend::Host(_) | Backend::Closed(_) => true,
        }
    }

    pub(crate) fn health(&self) -> Health {
        match &self.backend {
            Backend::Memory(..) => Health {
                frames: self.sent.load(Ordering::Relaxed),
                ..Health::default()
            },
            Backend::Pump(pump) => pump.health(),
            Backend::Host(slot) => slot.health(),
            Backend::Closed(error) => Health::never(error.clone()),
        }
    }

    /// Returns the slot if Klipper drives these strips.
    pub(crate) fn host(&self) -> Option<&KlipperSlot> {
        match &self.backend {
            Backend::Host(slot) => Some(slot),
            _ => None,
        }
    }

    /// Returns how many frames it accepted, counted per strip.
    pub(crate) fn given(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Measures the cost of frames for `span`, if the output has a thread.
    pub(crate) fn measure(&self, span: Span) {
        if let Backend::Pump(pump) = &self.backend {
            pump.measure(Duration::from_nanos(span.as_nanos()));
        }
    }

    /// Returns the last measurement; `None` if the output has no thread.
    pub(crate) fn writes(&self) -> Option<Writes> {
        match &self.backend {
            Backend::Pump(pump) => Some(pump.writes()),
            _ => None,
        }
    }

    /// Returns the processor time of the output's thread.
    pub(crate) fn cpu(&self) -> Span {
        match &self.backend {
            Backend::Pump(pump) => pump.cpu(),
            _ => Span::ZERO,
        }
    }

    /// Returns how many messages the output has sent to other processes and hosts.
    pub(crate) fn messages(&self) -> u64 {
        match &self.backend {
            Backend::Pump(pump) => pump.messages(),
            _ => 0,
        }
    }

    /// Returns how often the output's thread woke up.
    pub(crate) fn wakeups(&self) -> u64 {
        match &self.backend {
            Backend::Pump(pump) => pump.wakeups(),
            _ => 0,
        }
    }
}

fn memory(record: bool) -> Backend {
    let recording = Recording::default();
    recording.switch(record);
    Backend::Memory(Mutex::new(Memory::new(recording.clone())), recording)
}

fn host(plans: &[StripPlan], context: &OutputContext) -> Backend {
    match KlipperSlot::new() {
        Ok(slot) => Backend::Host(slot),
        Err(error) => {
            let problem = format!("cannot create its frame slot: {error}");
            closed(plans, context, OutputError::new(problem, ""))
        }
    }
}

fn pump(plans: &[StripPlan], context: &OutputContext, priority: Priority) -> Backend {
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
    match Pump::start(plans, quiet, observer) {
        Ok(pump) => Backend::Pump(pump),
        Err(error) => {
            let problem = format!("cannot start its thread: {error}");
            closed(plans, context, OutputError::new(problem, ""))
        }
    }
}

fn closed(plans: &[StripPlan], context: &OutputContext, error: OutputError) -> Backend {
    report_health(&context.notices, &strip_names(plans), Some(&error));
    Backend::Closed(error)
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
