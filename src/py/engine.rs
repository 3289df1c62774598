//! The Python class `Engine`.

use super::config_file::dialect;
use super::error::{Finding, LumenError, RequestError, findings, guarded};
use super::log::{self, Notice};
use super::reload::Reload;
use super::spec::compiled;
use super::{report, seconds};
use crate::color::Color;
use crate::engine::{self, ClockKind, Options, Request};
use crate::input::{FilamentSample, Job, MAX_SOURCES, STILL_MM_S, Sample, SourceSample};
use crate::output::OutputError;
use crate::output::health::Health;
use crate::reload::{self, ReloadInput};
use crate::state::{Event, Operation, Shutdown};
use crate::text::shown;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;

type Frames<'py> = Vec<(f64, Bound<'py, PyBytes>)>;
/// Temperature and target of a source.
type Reading = (Option<f32>, Option<f32>);
type Pixels = Vec<(String, usize)>;

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct Engine(Arc<engine::Engine>);

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (config, facts=None, *, clock="real", seed=None))]
    fn new(
        py: Python<'_>,
        config: &str,
        facts: Option<&str>,
        clock: &str,
        seed: Option<u64>,
    ) -> PyResult<Self> {
        guarded(|| {
            let options = Options {
                clock: clock_kind(clock)?,
                seed: seed.unwrap_or_else(any_seed),
                ..Options::default()
            };
            log::install(py)?;
            let compiled = compiled(py, config, facts)?;
            let engine = py.detach(|| engine::Engine::start(compiled, options))?;
            Ok(Self(Arc::new(engine)))
        })
    }

    #[pyo3(signature = (config, facts=None))]
    fn reload(&self, py: Python<'_>, config: &str, facts: Option<&str>) -> PyResult<Vec<Finding>> {
        guarded(|| {
            let compiled = compiled(py, config, facts)?;
            // Releases the GIL: a reload may come from a worker thread and must not block the
            // others.
            Ok(findings(py.detach(|| self.0.reload(compiled))?))
        })
    }

    /// Starts a reload on a thread of its own.
    #[pyo3(signature = (path, *, known, facts=None, is_kalico=false))]
    fn start_reload(
        &self,
        path: PathBuf,
        known: String,
        facts: Option<String>,
        is_kalico: bool,
    ) -> PyResult<Reload> {
        guarded(|| {
            let input = ReloadInput {
                path,
                dialect: dialect(is_kalico),
                known,
                facts,
            };
            let reload = reload::Reload::start(&self.0, input);
            reload.map(Reload).map_err(|error| {
                let problem = format!("cannot start a thread ({error}); try again later");
                RequestError::new_err(problem)
            })
        })
    }

    fn wants<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| report::wants(py, &self.0.wants()))
    }

    fn offer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| report::offer(py, self.0.offer()))
    }

    fn changes(&self) -> PyResult<Vec<String>> {
        guarded(|| Ok(self.0.changes()))
    }

    fn paint(&self, strip: &str, frame: &[u8]) -> PyResult<()> {
        guarded(|| Ok(self.0.paint(strip, frame)?))
    }

    #[pyo3(signature = (name, message=""))]
    fn event(&self, name: &str, message: &str) -> PyResult<()> {
        guarded(|| {
            let event = match name {
                "ready" => Event::Ready,
                "shutdown" => Event::Shutdown(Shutdown::from_message(message)),
                "command_error" => Event::CommandError,
                "activity" => Event::Activity,
                _ => {
                    return Err(LumenError::new_err(format!(
                        "unknown event '{}'",
                        shown(name)
                    )));
                }
            };
            Ok(self.0.event(event)?)
        })
    }

    fn begin(&self, state: &str) -> PyResult<u32> {
        guarded(|| Ok(self.0.begin(state)?.0))
    }

    fn end(&self, token: u32) -> PyResult<()> {
        guarded(|| Ok(self.0.end(Operation(token))?))
    }

    #[pyo3(signature = (
        job="standby", message="", *, sources=Vec::new(), paused=false, filament_used=0.0,
        velocity=0.0, extruder_velocity=0.0, commanded=false, manual_probe=false, bed_screws=false,
        taking_frame=false, filament=Vec::new(), progress=None, file_progress=None, position=None
    ))]
    #[allow(
        clippy::too_many_arguments,
        clippy::fn_params_excessive_bools,
        reason = "scalars cross in one call, without an object to build"
    )]
    fn sample(
        &self,
        job: &str,
        message: &str,
        sources: Vec<Reading>,
        paused: bool,
        filament_used: f32,
        velocity: f32,
        extruder_velocity: f32,
        commanded: bool,
        manual_probe: bool,
        bed_screws: bool,
        taking_frame: bool,
        filament: Vec<(bool, bool)>,
        progress: Option<f32>,
        file_progress: Option<f32>,
        position: Option<[f32; 3]>,
    ) -> PyResult<()> {
        guarded(move || {
            self.0.sample(&Sample {
                // A job state of a later Klipper version counts as standby.
                job: Job::parse(job).unwrap_or_default().with_message(message),
                is_paused: paused,
                has_extruded: filament_used > 0.0,
                is_moving: velocity > STILL_MM_S,
                is_feeding: extruder_velocity > STILL_MM_S,
                is_retracting: extruder_velocity < -STILL_MM_S,
                is_commanded: commanded,
                manual_probe,
                bed_screws,
                taking_frame,
                filament: FilamentSample::from_sensors(&filament),
                progress: finite(progress),
                file_progress: finite(file_progress),
                position: position.filter(|it| it.iter().all(|mm| mm.is_finite())),
                sources: source_samples(sources)?,
            });
            Ok(())
        })
    }

    fn heartbeat(&self) -> PyResult<()> {
        guarded(|| {
            self.0.heartbeat();
            Ok(())
        })
    }

    #[pyo3(signature = (group, effect, options, duration=None, fade=None, *, picked=false))]
    fn set(
        &self,
        group: &str,
        effect: &str,
        options: &Bound<'_, PyDict>,
        duration: Option<f64>,
        fade: Option<f64>,
        picked: bool,
    ) -> PyResult<()> {
        guarded(|| {
            let pairs = options.iter().map(|pair| pair_of_text(&pair));
            let request = Request {
                group,
                effect,
                options: &pairs.collect::<PyResult<Vec<_>>>()?,
                duration: seconds::optional("duration", duration)?,
                fade: seconds::optional("fade", fade)?,
                is_picked: picked,
            };
            Ok(self.0.set(&request)?)
        })
    }

    fn pick(&self, group: &str, color: [f32; 4]) -> PyResult<()> {
        let [r, g, b, w] = color;
        guarded(|| Ok(self.0.pick(group, Color::rgbw(r, g, b, w))?))
    }

    #[pyo3(signature = (group=None))]
    fn clear_picked(&self, group: Option<&str>) -> PyResult<()> {
        guarded(|| Ok(self.0.clear_picked(group)?))
    }

    #[pyo3(signature = (state, duration=None))]
    fn state(&self, state: &str, duration: Option<f64>) -> PyResult<()> {
        guarded(|| {
            let duration = seconds::optional("duration", duration)?;
            Ok(self.0.force(state, duration)?)
        })
    }

    #[pyo3(signature = (group=None))]
    fn clear(&self, group: Option<&str>) -> PyResult<()> {
        guarded(|| Ok(self.0.clear(group)?))
    }

    #[pyo3(signature = (value, group=None, fade=None))]
    fn brightness(&self, value: f32, group: Option<&str>, fade: Option<f64>) -> PyResult<()> {
        guarded(|| {
            let fade = seconds::optional("fade", fade)?;
            Ok(self.0.dim(group, value, fade)?)
        })
    }

    #[pyo3(signature = (on, group=None))]
    fn power(&self, on: bool, group: Option<&str>) -> PyResult<()> {
        guarded(|| Ok(self.0.switch(group, on)?))
    }

    fn flash(&self, group: &str, color: &str, count: u32) -> PyResult<()> {
        guarded(|| Ok(self.0.flash(group, color, count)?))
    }

    fn notice_fd(&self) -> PyResult<i32> {
        guarded(|| Ok(self.0.notice_fd()))
    }

    fn notices(&self) -> PyResult<Vec<Notice>> {
        guarded(|| Ok(self.0.notices().into_iter().map(Notice::from).collect()))
    }

    fn host_strips<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        guarded(|| {
            let strips = self.0.host_strips().into_iter();
            strips.map(|strip| report::host(py, strip)).collect()
        })
    }

    fn host_fd(&self, strip: &str) -> PyResult<i32> {
        guarded(|| Ok(self.0.host_fd(strip)?))
    }

    fn take_host<'py>(
        &self,
        py: Python<'py>,
        strip: &str,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        guarded(|| {
            let frame = self.0.take_host(strip)?;
            Ok(frame.map(|bytes| PyBytes::new(py, &bytes)))
        })
    }

    #[pyo3(signature = (strip, state, frames, problem=None, remedy=None))]
    fn report_host(
        &self,
        strip: &str,
        state: &str,
        frames: u64,
        problem: Option<&str>,
        remedy: Option<&str>,
    ) -> PyResult<()> {
        guarded(|| {
            let error = problem.map(|it| OutputError::new(it, remedy.unwrap_or_default()));
            let health = Health {
                state: report::health_state(state)?,
                error,
                frames,
                ..Health::default()
            };
            Ok(self.0.report_host(strip, health)?)
        })
    }

    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| report::status(py, self.0.status()))
    }

    fn revision(&self) -> PyResult<u32> {
        guarded(|| Ok(self.0.revision()))
    }

    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| report::metrics(py, &self.0.metrics()))
    }

    fn profile<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| report::profile(py, self.0.profile()))
    }

    fn advance(&self, seconds: f64) -> PyResult<()> {
        guarded(|| Ok(self.0.advance(seconds::span("seconds", seconds)?)?))
    }

    fn frame<'py>(&self, py: Python<'py>, strip: &str) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| {
            let frame = self.0.frame(strip)?;
            Ok(PyBytes::new(py, &frame))
        })
    }

    fn take_frames<'py>(&self, py: Python<'py>, strip: &str) -> PyResult<Frames<'py>> {
        guarded(|| {
            let frames = self.0.take_frames(strip)?.into_iter();
            let timed = frames.map(|(time, bytes)| (time.as_secs(), PyBytes::new(py, &bytes)));
            Ok(timed.collect())
        })
    }

    fn strips(&self) -> PyResult<Vec<(String, usize)>> {
        guarded(|| Ok(self.0.strips()))
    }

    fn group_names(&self) -> PyResult<Vec<String>> {
        guarded(|| Ok(self.0.group_names()))
    }

    fn groups_on(&self, strip: &str, first: usize, last: usize) -> PyResult<Vec<String>> {
        guarded(|| Ok(self.0.groups_on(strip, first, last)))
    }

    fn groups(&self) -> PyResult<Vec<(String, Pixels)>> {
        guarded(|| Ok(self.0.groups()))
    }

    #[pyo3(signature = (timeout=0.5))]
    fn close(&self, py: Python<'_>, timeout: f64) -> PyResult<bool> {
        guarded(|| {
            // The engine is closed in any case. An invalid timeout means no wait.
            let timeout = seconds::wait("timeout", timeout).unwrap_or_default();
            // The only call that waits, so other threads must be able to run.
            Ok(py.detach(|| self.0.close(timeout)))
        })
    }
}

fn clock_kind(word: &str) -> PyResult<ClockKind> {
    match word {
        "real" => Ok(ClockKind::Real),
        "manual" => Ok(ClockKind::Manual),
        _ => {
            let problem = format!("clock must be 'real' or 'manual', got '{}'", shown(word));
            Err(LumenError::new_err(problem))
        }
    }
}

/// A random seed from the keys of the standard library's hasher.
fn any_seed() -> u64 {
    RandomState::new().hash_one(0)
}

/// Drops NaN and infinity: a broken sensor reads NaN.
fn finite(value: Option<f32>) -> Option<f32> {
    value.filter(|it| it.is_finite())
}

fn source_samples(pairs: Vec<Reading>) -> PyResult<[SourceSample; MAX_SOURCES]> {
    let mut samples = [SourceSample::default(); MAX_SOURCES];
    if pairs.len() > MAX_SOURCES {
        let problem = format!("at most {MAX_SOURCES} sources, got {}", pairs.len());
        return Err(LumenError::new_err(problem));
    }
    for (sample, (temperature, target)) in samples.iter_mut().zip(pairs) {
        sample.temperature = finite(temperature);
        sample.target = finite(target);
    }
    Ok(samples)
}

fn pair_of_text(pair: &(Bound<'_, PyAny>, Bound<'_, PyAny>)) -> PyResult<(String, String)> {
    Ok((pair.0.extract()?, pair.1.extract()?))
}
