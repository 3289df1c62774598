//! Exits: the strips' ways out as the engine sees them, shared by the caller and the render thread.
//!
//! An exit takes frames and never waits for a device: what can wait has a pump, what klippy drives
//! has a slot. It belongs to the caller's side too, so that closing needs no word from the render
//! thread.

use super::clock::ClockKind;
use super::fault::silence_panics;
use super::notice::Notices;
use crate::output::OutputError;
use crate::output::health::Health;
use crate::output::klipper_slot::KlipperSlot;
use crate::output::memory::{Memory, Recording};
use crate::output::pump::{Factory, Pump, Writes};
use crate::plan::{OutputPlan, StripPlan};
use crate::renderer::Power;
use crate::time::{Span, Time};
use log::Level;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Where the strips' frames go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputMode {
    /// Where the config says.
    #[default]
    Configured,
    /// Into memory, whatever the config says; recorded for `Engine::take_frames`.
    Recorded,
    /// Into memory, whatever the config says; recorded once somebody takes frames.
    Discarded,
}

impl OutputMode {
    /// What is meant under a clock: a manual one opens no device.
    pub(crate) fn by(self, clock: ClockKind) -> Self {
        match (self, clock) {
            (Self::Configured, ClockKind::Manual) => Self::Recorded,
            _ => self,
        }
    }
}

/// What an exit is made with.
#[derive(Clone)]
pub(crate) struct OutputContext {
    pub(crate) outputs: OutputMode,
    /// Opens the devices, in the pumps' threads.
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
    /// There is none, and why.
    Closed(OutputError),
}

/// One way out, for the strips that share its wire.
#[derive(Debug)]
pub(crate) struct OutputHandle {
    plans: Vec<StripPlan>,
    backend: Backend,
    /// For each strip what it shows.
    shown: Vec<Mutex<LastFrame>>,
    /// Frames handed over.
    sent: AtomicU64,
}

/// What a strip shows.
#[derive(Debug)]
struct LastFrame {
    /// Red, green, blue and white of each pixel.
    rgbw: Vec<u8>,
    power: Power,
}

/// One strip's place in its exit.
#[derive(Clone, Debug)]
pub(crate) struct StripOutput {
    pub(crate) output: Arc<OutputHandle>,
    pub(crate) index: usize,
}

impl StripOutput {
    pub(crate) fn plan(&self) -> &StripPlan {
        &self.output.plans[self.index]
    }

    /// Whether it is the same strip on the same way out.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.output, &other.output) && self.index == other.index
    }

    /// Takes a frame that differs from the last; it goes out with the next flush.
    pub(crate) fn write(&self, now: Time, bytes: &[u8], rgbw: &[[u8; 4]]) {
        self.output.write(self.index, now, bytes, rgbw);
    }

    /// Sends on what the exit was given since its last flush; its first strip speaks for all.
    pub(crate) fn flush(&self) {
        if self.index == 0 {
            self.output.flush();
        }
    }

    /// The last frame as red, green, blue, white, four bytes a pixel.
    pub(crate) fn frame(&self) -> Vec<u8> {
        self.output.shown[self.index].lock().rgbw.clone()
    }

    /// What the strip draws by its last frame.
    pub(crate) fn power(&self) -> Power {
        self.output.shown[self.index].lock().power
    }

    /// Notes what the strip draws.
    pub(crate) fn note_power(&self, power: Power) {
        self.output.shown[self.index].lock().power = power;
    }

    /// Takes what was recorded, and records from now on; nothing but a memory output does.
    pub(crate) fn take_frames(&self) -> Vec<(Time, Vec<u8>)> {
        match &self.output.backend {
            Backend::Memory(_, recording) => {
                recording.switch(true);
                recording.take()
            }
            Backend::Pump(_) | Backend::Host(_) | Backend::Closed(_) => Vec::new(),
        }
    }

    /// The kind of output, as `driver:` names it.
    pub(crate) fn kind(&self) -> &str {
        self.output.kind()
    }
}

impl OutputHandle {
    /// Makes the exit of strips that share a wire. Opens nothing here; a fault is dark strips and
    /// a notice.
    pub(crate) fn open(plans: &[StripPlan], context: &OutputContext) -> Self {
        let output = plans.first().map(|plan| &plan.output);
        let backend = match (output, context.outputs) {
            // Nobody may ever take what is recorded, and an engine runs for months.
            (_, OutputMode::Discarded) => memory(false),
            // A slot opens no device, so that it is there under a manual clock too.
            (Some(OutputPlan::Leds { .. } | OutputPlan::Lamp(_)), _) => host(plans, context),
            (_, OutputMode::Recorded) => memory(true),
            (None | Some(OutputPlan::Memory), _) => memory(false),
            // It needs no thread to be refused in.
            (Some(OutputPlan::Unsupported { .. }), _) => match (context.factory)(plans) {
                Err(error) => closed(plans, context, error),
                Ok(_) => pump(plans, context),
            },
            (Some(_), OutputMode::Configured) => pump(plans, context),
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

    /// The kind of output, as `driver:` names it; strips that share a way are of one kind.
    pub(crate) fn kind(&self) -> &str {
        match (&self.backend, self.plans.first()) {
            (Backend::Memory(..), _) | (_, None) => "memory",
            (_, Some(plan)) => plan.output.driver(),
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

    /// Darkens the strips and ends; takes no frame after that. Returns at once.
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

    /// Waits for the end of the exit's thread; false when it still runs after `patience`.
    pub(crate) fn join(&self, patience: Duration) -> bool {
        match &self.backend {
            Backend::Pump(pump) => pump.join(patience),
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

    /// The slot from which klippy takes the frames, where it does.
    pub(crate) fn host(&self) -> Option<&KlipperSlot> {
        match &self.backend {
            Backend::Host(slot) => Some(slot),
            _ => None,
        }
    }

    /// How many frames of single strips it was given.
    pub(crate) fn given(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Measures for a while what frames cost, where the exit has a thread of its own.
    pub(crate) fn measure(&self, span: Span) {
        if let Backend::Pump(pump) = &self.backend {
            pump.measure(Duration::from_nanos(span.as_nanos()));
        }
    }

    /// What was measured last; nothing where no thread is.
    pub(crate) fn writes(&self) -> Option<Writes> {
        match &self.backend {
            Backend::Pump(pump) => Some(pump.writes()),
            _ => None,
        }
    }

    /// Processor time of the exit's thread.
    pub(crate) fn cpu(&self) -> Span {
        match &self.backend {
            Backend::Pump(pump) => pump.cpu(),
            _ => Span::ZERO,
        }
    }

    /// How many messages the exit has sent to other processes and hosts.
    pub(crate) fn messages(&self) -> u64 {
        match &self.backend {
            Backend::Pump(pump) => pump.messages(),
            _ => 0,
        }
    }

    /// How often the exit's thread woke.
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
            let problem = format!("cannot make its slot: {error}");
            closed(plans, context, OutputError::new(problem, ""))
        }
    }
}

fn pump(plans: &[StripPlan], context: &OutputContext) -> Backend {
    let notices = Arc::clone(&context.notices);
    let strips = strip_names(plans);
    let observer =
        Box::new(move |dark: Option<&OutputError>| report_health(&notices, &strips, dark));
    let open = Arc::clone(&context.factory);
    // In the thread of the pump, which catches the panics of its driver.
    let quiet: Factory = Arc::new(move |plans| {
        silence_panics();
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

/// Which strips share a wire, by their places in the list; each strip once.
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

/// The strips of an exit, for messages: `strip 'case'`, or `strips 'case', 'gpio18' of group 'top'`.
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
