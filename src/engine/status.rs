//! The methods of [`Engine`] that only read: the status (what is shown and why, and the health of
//! the outputs), the metrics, the notices, the frames and the names.

use super::Engine;
use super::metrics::{Counters, Meter, Window};
use super::notice::Notice;
use super::output_handle::StripOutput;
use super::{EngineError, Inner, Wants};
use crate::color::Color;
use crate::layer::StackRun;
use crate::layout::{Place, Segment};
use crate::output::OutputError;
use crate::output::health::{Health, HealthState};
use crate::plan::Plan;
use crate::renderer::{Power, Source};
use crate::spec::Offer;
use crate::text::{counted, rounded, serialize_rounded};
use crate::time::{Span, Time};
use serde::{Serialize, Serializer};
use std::os::fd::RawFd;

/// Lengths of the reported windows, in seconds.
const WINDOWS: [u64; 3] = [1, 10, 60];

/// What is shown and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Status {
    /// Name of the shown state.
    pub state: String,
    /// Names of all active states, highest priority first.
    pub states: Vec<String>,
    /// Name of the forced state.
    pub forced: Option<String>,
    /// Whether every following frame differs.
    pub moving: bool,
    /// Frames in the last full second.
    pub fps: f64,
    /// Overall brightness, 0.0-1.0.
    #[serde(serialize_with = "serialize_rounded")]
    pub brightness: f32,
    /// All groups, in the order of the config.
    #[serde(serialize_with = "groups_by_name")]
    pub groups: Vec<GroupStatus>,
    /// All strips, in the order of the plan.
    #[serde(serialize_with = "strips_by_name")]
    pub strips: Vec<StripStatus>,
}

/// What a group shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GroupStatus {
    /// Its name.
    #[serde(skip)]
    pub name: String,
    /// The effect, as the user wrote it.
    pub effect: String,
    /// What requested the effect.
    #[serde(serialize_with = "source")]
    pub source: Source,
    /// The color that represents the effect, as a light with the group's channels reports it.
    #[serde(serialize_with = "channels")]
    pub tint: Color,
    /// Number of pixels.
    pub pixels: usize,
    /// Its brightness, 0.0-1.0.
    #[serde(serialize_with = "serialize_rounded")]
    pub brightness: f32,
    /// The run of its effect; `None` while it fades or is held.
    #[serde(serialize_with = "run")]
    pub run: Option<StackRun>,
}

/// Output health of a strip. Strips on one output share it.
#[derive(Clone, Debug, PartialEq)]
pub struct StripStatus {
    /// Its name.
    pub name: String,
    /// The kind of its output, as named by `driver:`.
    pub output: String,
    /// Number of pixels.
    pub pixels: usize,
    /// Health of its output.
    pub health: Health,
    /// The power that its last frame uses.
    pub power: Power,
}

/// Counters and timing of the engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Metrics {
    /// Counters since the start.
    #[serde(flatten)]
    pub counters: Counters,
    /// Posts that were refused because the mailbox was full.
    pub posts_dropped: u64,
    /// Processor time of all threads of the engine.
    #[serde(rename = "cpu_seconds", serialize_with = "seconds")]
    pub cpu: Span,
    /// Memory of the whole process, in bytes; 0 if unknown.
    pub rss_bytes: u64,
    /// Address space of the whole process, in bytes; 0 if unknown.
    pub vms_bytes: u64,
    /// Messages to other processes and hosts.
    pub messages: u64,
    /// Time since the start.
    #[serde(rename = "uptime_s", serialize_with = "seconds")]
    pub uptime: Span,
    /// The last 1, 10 and 60 full seconds, with their length in seconds.
    #[serde(serialize_with = "windows_by_length")]
    pub windows: Vec<(u64, Window)>,
}

/// The fields of a [`StripStatus`] for programs.
#[derive(Serialize)]
struct StripFields<'a> {
    output: &'a str,
    pixels: usize,
    health: &'static str,
    error: Option<String>,
    failures_in_a_row: u32,
    failures: u64,
    retry_in_s: Option<f64>,
    frames: u64,
    dropped: u64,
    reconnects: u64,
    current_ma: f32,
    limited: bool,
}

/// The fields of a run.
#[derive(Serialize)]
struct RunFields {
    start: f64,
    seed: String,
}

impl Serialize for StripStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let health = &self.health;
        let fields = StripFields {
            output: &self.output,
            pixels: self.pixels,
            health: health.state.name(),
            error: health.error.as_ref().map(ToString::to_string),
            failures_in_a_row: health.failures_in_a_row,
            failures: health.failures,
            retry_in_s: health.retry_in.map(Span::as_secs),
            frames: health.frames,
            dropped: health.dropped,
            reconnects: health.reconnects,
            current_ma: self.power.current_ma.round(),
            limited: self.power.is_limited,
        };
        fields.serialize(serializer)
    }
}

impl Engine {
    /// Returns what is shown and why. Up to 250 ms old, but consistent.
    pub fn status(&self) -> Status {
        self.live().map(Inner::status).unwrap_or_default()
    }

    /// Returns a number that changes when [`Engine::status`] changes its state, effects or motion.
    /// Rates and strip health change without it.
    pub fn revision(&self) -> u32 {
        self.live()
            .map_or(0, |inner| inner.shared.snapshot.revision())
    }

    /// Returns counters and timing of the engine.
    pub fn metrics(&self) -> Metrics {
        self.live().map(Inner::metrics).unwrap_or_default()
    }

    /// Returns what to sample of the printer. Commands may add to it.
    pub fn wants(&self) -> Wants {
        self.live()
            .map(|inner| inner.config.lock().wants())
            .unwrap_or_default()
    }

    /// Returns what the config offers to Klipper's own LED sections and to web interfaces.
    pub fn offer(&self) -> Offer {
        self.live()
            .map(|inner| inner.config.lock().offer().clone())
            .unwrap_or_default()
    }

    /// Returns the line for the head of each log file: the version and the strips.
    pub fn log_header(&self, version: &str) -> String {
        let strips = self.status().strips.into_iter().map(|it| {
            let pixels = counted(it.pixels as u64, "pixel");
            format!("{} ({pixels}, {})", it.name, it.output)
        });
        let strips: Vec<String> = strips.collect();
        let strips = if strips.is_empty() {
            "none".to_owned()
        } else {
            strips.join(", ")
        };
        format!("lumen: version {version}; strips: {strips}")
    }

    /// Returns an eventfd that is readable while notices are waiting. The engine keeps ownership.
    /// -1 in a forked child.
    pub fn notice_fd(&self) -> RawFd {
        self.live().map_or(-1, |inner| inner.shared.notices.fd())
    }

    /// Takes the waiting notices, oldest first, with repeats combined. Resets the eventfd.
    pub fn notices(&self) -> Vec<Notice> {
        self.live()
            .map(|inner| inner.shared.notices.take())
            .unwrap_or_default()
    }

    /// Returns the last frame of a strip in wire order: red, green, blue, white, four bytes per
    /// pixel.
    ///
    /// # Errors
    /// When the strip is unknown.
    pub fn frame(&self, strip: &str) -> Result<Vec<u8>, EngineError> {
        self.with_strip(strip, StripOutput::frame)
    }

    /// Takes the recorded frames of a memory output: times, and bytes in the strip's channel order.
    /// With the real clock, the first call enables the recording.
    ///
    /// # Errors
    /// When the strip is unknown.
    pub fn take_frames(&self, strip: &str) -> Result<Vec<(Time, Vec<u8>)>, EngineError> {
        self.with_strip(strip, StripOutput::take_frames)
    }

    fn with_strip<T: Default>(
        &self,
        strip: &str,
        read: impl Fn(&StripOutput) -> T,
    ) -> Result<T, EngineError> {
        self.live().map_or_else(
            || Ok(T::default()),
            |inner| {
                let strip_output = inner.config.lock().outputs.strip(strip).cloned();
                strip_output.map(|strip_output| read(&strip_output))
            },
        )
    }

    /// Returns the names and pixel counts of all strips.
    pub fn strips(&self) -> Vec<(String, usize)> {
        self.live().map_or_else(Vec::new, |inner| {
            let running = inner.config.lock().running();
            let strips = running.plan.strips.iter().map(|it| &it.strip);
            strips.map(|it| (it.name.clone(), it.pixels)).collect()
        })
    }

    /// Returns the names of all groups, in the order of the config.
    pub fn group_names(&self) -> Vec<String> {
        self.live().map_or_else(Vec::new, |inner| {
            let running = inner.config.lock().running();
            let groups = running.plan.groups.iter();
            groups.map(|it| it.group.name.clone()).collect()
        })
    }

    /// Returns the names of the groups that have a pixel of a strip between `first` and `last`.
    pub fn groups_on(&self, strip: &str, first: usize, last: usize) -> Vec<String> {
        self.live().map_or_else(Vec::new, |inner| {
            let running = inner.config.lock().running();
            groups_on(&running.plan, strip, first, last)
        })
    }

    /// Returns all groups with their pixels in canvas order, as strip name and pixel index.
    pub fn groups(&self) -> Vec<(String, Vec<(String, usize)>)> {
        self.live().map_or_else(Vec::new, |inner| {
            let running = inner.config.lock().running();
            pixels_of_groups(&running.plan)
        })
    }
}

/// Lists a plan's groups with their pixels in canvas order, as strip name and pixel index.
fn pixels_of_groups(plan: &Plan) -> Vec<(String, Vec<(String, usize)>)> {
    let named = |it: Place| (plan.strips[it.strip].strip.name.clone(), it.pixel);
    let groups = plan.groups.iter().map(|it| &it.group);
    groups
        .map(|group| {
            let places = group.places().into_iter();
            (group.name.clone(), places.map(named).collect())
        })
        .collect()
}

/// Lists a plan's groups that have a pixel of a strip between `first` and `last`.
fn groups_on(plan: &Plan, strip: &str, first: usize, last: usize) -> Vec<String> {
    let meets = |segment: &Segment| {
        plan.strips[segment.strip].strip.name == strip
            && segment.first <= last
            && first <= segment.last
    };
    let groups = plan.groups.iter().map(|it| &it.group);
    groups
        .filter(|group| group.segments.iter().any(meets))
        .map(|group| group.name.clone())
        .collect()
}

impl Inner {
    fn status(&self) -> Status {
        let view = self.shared.snapshot.view();
        let name = |state| view.plan.state_name(state).to_owned();
        let has_ended = self.shared.snapshot.has_ended();
        let fault =
            (view.is_faulted || has_ended).then_some("it was switched off after internal errors");
        let fps = self.shared.meter.lock().fps(self.shared.clock.now());
        Status {
            state: name(view.state),
            states: view.active.iter().copied().map(name).collect(),
            forced: view.forced.map(name),
            moving: view.is_moving && !has_ended,
            brightness: view.brightness,
            fps,
            groups: view.groups.clone(),
            strips: strips(&view.strip_outputs, fault),
        }
    }

    fn metrics(&self) -> Metrics {
        let now = self.shared.clock.now();
        let (ended, outputs) = {
            let config = self.config.lock();
            (config.outputs.used_by_ended(), config.outputs.all())
        };
        let used = outputs
            .iter()
            .fold(ended, |used, output| used.plus(output.sink().stats()));
        // Copying takes 1 µs and adding up 4 µs. Without the copy, the render thread could wait for
        // the lock.
        let meter = self.shared.meter.lock().clone();
        let mut metrics = Metrics {
            counters: meter.counters,
            posts_dropped: self.shared.mailbox.dropped(),
            cpu: meter.cpu + used.cpu,
            rss_bytes: 0,
            vms_bytes: 0,
            messages: used.messages,
            uptime: now.since(Time::ZERO),
            windows: windows(&meter, now),
        };
        metrics.counters.wakeups += used.wakeups;
        let [vms_bytes, rss_bytes] = memory().unwrap_or_default();
        metrics.rss_bytes = rss_bytes;
        metrics.vms_bytes = vms_bytes;
        metrics
    }
}

fn windows(meter: &Meter, now: Time) -> Vec<(u64, Window)> {
    WINDOWS
        .iter()
        .map(|seconds| (*seconds, meter.window(now, *seconds)))
        .collect()
}

fn strips(strip_outputs: &[StripOutput], fault: Option<&str>) -> Vec<StripStatus> {
    strip_outputs
        .iter()
        .map(|strip_output| {
            let mut health = strip_output.output.sink().health();
            if let Some(fault) = fault {
                health.state = HealthState::Dark;
                health.error = Some(OutputError::new(fault, ""));
            }
            let strip = &strip_output.plan().strip;
            // Nothing is known to shine before a frame has arrived.
            let power = if health.frames == 0 {
                Power::default()
            } else {
                strip_output.power()
            };
            StripStatus {
                name: strip.name.clone(),
                output: strip_output.output.kind().to_owned(),
                pixels: strip.pixels,
                health,
                power,
            }
        })
        .collect()
}

fn groups_by_name<S: Serializer>(groups: &[GroupStatus], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(groups.iter().map(|it| (&it.name, it)))
}

fn strips_by_name<S: Serializer>(strips: &[StripStatus], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(strips.iter().map(|it| (&it.name, it)))
}

fn windows_by_length<S: Serializer>(
    windows: &[(u64, Window)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let windows = windows.iter();
    serializer.collect_map(windows.map(|(seconds, window)| (seconds.to_string(), window)))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn source<S: Serializer>(source: &Source, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(source.name())
}

#[allow(clippy::ref_option, reason = "serde passes references")]
fn run<S: Serializer>(run: &Option<StackRun>, serializer: S) -> Result<S::Ok, S::Error> {
    // JavaScript has no integers of 64 bits.
    let fields = run.map(|run| RunFields {
        start: run.start.as_secs(),
        seed: run.seed.to_string(),
    });
    fields.serialize(serializer)
}

fn channels<S: Serializer>(color: &Color, serializer: S) -> Result<S::Ok, S::Error> {
    let Color { r, g, b, w } = *color;
    serializer.collect_seq([r, g, b, w].map(rounded))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn seconds<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(span.as_secs())
}

/// Reads the address space and resident memory of the process. The first two numbers of statm count
/// pages.
fn memory() -> Option<[u64; 2]> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = statm.split_ascii_whitespace();
    let mut bytes = || -> Option<u64> {
        let pages: u64 = pages.next()?.parse().ok()?;
        Some(pages * rustix::param::page_size() as u64)
    };
    Some([bytes()?, bytes()?])
}
