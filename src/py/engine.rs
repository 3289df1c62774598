//! The Python class `Engine`.

use super::config_file::dialect;
use super::error::{Finding, LumenError, RequestError, findings, guarded};
use super::klipper_lights::FrameSlot;
use super::log::{self, Notice};
use super::reload::Reload;
use super::request::{self, Answered, EffectData};
use super::sample::{self, PrinterObjects};
use super::spec::compiled;
use super::{report, seconds};
use crate::command::{Asked, Session, untracked_commands};
use crate::engine::{self, ClockKind, Options};
use crate::input::{RawSample, RawSource, Trigger};
use crate::reload::{self, ReloadInput};
use crate::request::Request;
use crate::state::{Event, Operation, Shutdown};
use crate::text::shown;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;

type Frames<'py> = Vec<(f64, Bound<'py, PyBytes>)>;
type Pixels = Vec<(String, usize)>;

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct Engine {
    inner: Arc<engine::Engine>,
    session: Session,
    effects: EffectData,
}

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
            let inner = Arc::new(py.detach(|| engine::Engine::start(compiled, options))?);
            Ok(Self {
                session: Session::new(Arc::clone(&inner)),
                inner,
                effects: EffectData::default(),
            })
        })
    }

    #[pyo3(signature = (config, facts=None))]
    fn reload(&self, py: Python<'_>, config: &str, facts: Option<&str>) -> PyResult<Vec<Finding>> {
        guarded(|| {
            let compiled = compiled(py, config, facts)?;
            // Releases the GIL: a reload may come from a worker thread and must not block the
            // others.
            Ok(findings(py.detach(|| self.inner.reload(compiled))?))
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
            let reload = reload::Reload::start(&self.inner, input);
            reload.map(Reload).map_err(|error| {
                let problem = format!("cannot start a thread ({error}); try again later");
                RequestError::new_err(problem)
            })
        })
    }

    fn wants<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| report::wants(py, self.inner.wants()))
    }

    fn offer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| report::python(py, &self.inner.offer()))
    }

    fn log_header(&self, version: &str) -> PyResult<String> {
        guarded(|| Ok(self.inner.log_header(version)))
    }

    #[pyo3(signature = (strip, frame, color_order="RGBW"))]
    fn paint(&self, strip: &str, frame: &[u8], color_order: &str) -> PyResult<()> {
        guarded(|| {
            let rgbw = rgbw(frame, color_order);
            Ok(self.inner.paint(strip, &rgbw)?)
        })
    }

    #[pyo3(signature = (name, message=""))]
    fn event(&self, name: &str, message: &str) -> PyResult<()> {
        guarded(|| {
            let event = match name {
                "ready" => Event::Ready,
                "shutdown" => Event::Shutdown(Shutdown::from_message(message)),
                "command_error" => Event::CommandError,
                "activity" => Event::Activity,
                "trigger" => Event::Trigger(Trigger::from_names(message)),
                _ => {
                    return Err(LumenError::new_err(format!(
                        "unknown event '{}'",
                        shown(name)
                    )));
                }
            };
            Ok(self.inner.event(event)?)
        })
    }

    fn begin(&self, state: &str) -> PyResult<u32> {
        guarded(|| Ok(self.session.begin_command(state)?.0))
    }

    #[pyo3(signature = (token, is_ok=None))]
    fn end(&self, token: u32, is_ok: Option<bool>) -> PyResult<()> {
        guarded(|| {
            self.session.end_command(Operation(token), is_ok)?;
            Ok(())
        })
    }

    fn move_event(&self, event: &str, endstops: Vec<String>, now: f64) -> PyResult<()> {
        guarded(move || Ok(self.session.move_event(event, &endstops, now)?))
    }

    #[pyo3(signature = (now=None))]
    fn end_move(&self, now: Option<f64>) -> PyResult<()> {
        guarded(|| Ok(self.session.end_move(now)?))
    }

    fn untracked_commands(&self, absent: Vec<String>) -> PyResult<Vec<String>> {
        guarded(move || Ok(untracked_commands(&self.inner.wants().states, &absent)))
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
        sources: Vec<RawSource>,
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
        position: Option<[f64; 3]>,
    ) -> PyResult<()> {
        guarded(move || {
            let raw = RawSample {
                job: job.to_owned(),
                message: message.to_owned(),
                filament_used,
                is_paused: paused,
                is_commanded: commanded,
                velocity,
                extruder_velocity,
                position: position.map_or_else(Vec::new, Vec::from),
                manual_probe,
                bed_screws,
                taking_frame,
                filament,
                progress,
                file_progress,
                sources,
            };
            self.inner.sample(&raw.sample().map_err(sample::error)?);
            Ok(())
        })
    }

    #[allow(
        clippy::needless_pass_by_value,
        reason = "pyo3 extracts only owned lists"
    )]
    fn sample_objects(
        &self,
        objects: &PrinterObjects,
        statuses: Vec<Bound<'_, PyAny>>,
        commanded: bool,
    ) -> PyResult<()> {
        guarded(|| {
            let sample = objects.sample(&statuses, commanded)?;
            self.inner.sample(&sample);
            Ok(())
        })
    }

    #[pyo3(signature = (name, parameters, now, facts=None, *, as_text=false))]
    fn request<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        parameters: &Bound<'py, PyDict>,
        now: f64,
        facts: Option<&Bound<'py, PyDict>>,
        as_text: bool,
    ) -> PyResult<Answered<'py>> {
        guarded(|| {
            let facts = facts
                .map(request::facts_of)
                .transpose()?
                .unwrap_or_default();
            let form = request::form(as_text);
            let asked = Asked {
                now,
                form,
                facts: &facts,
            };
            let (count, given) = (parameters.len(), request::given(parameters));
            let row = request::find(name)?;
            let answer = self.session.request(row, count, given, asked);
            request::answered(py, answer, form, &self.effects)
        })
    }

    fn objects<'py>(
        &self,
        py: Python<'py>,
        now: f64,
        facts: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| report::python(py, &self.session.objects(now, &request::facts_of(facts)?)))
    }

    fn figures_due(&self, now: f64) -> PyResult<bool> {
        guarded(|| Ok(self.session.are_figures_due(now)))
    }

    fn update_figures(&self, now: f64, facts: &Bound<'_, PyDict>) -> PyResult<()> {
        guarded(|| {
            self.session.update_figures(now, &request::facts_of(facts)?);
            Ok(())
        })
    }

    fn statistics(&self, held_s: f64) -> PyResult<String> {
        guarded(|| Ok(self.session.statistics(held_s)))
    }

    fn heartbeat(&self) -> PyResult<()> {
        guarded(|| {
            self.inner.heartbeat();
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
            Ok(self.inner.set(&request)?)
        })
    }

    #[pyo3(signature = (state, duration=None))]
    fn state(&self, state: &str, duration: Option<f64>) -> PyResult<()> {
        guarded(|| {
            let duration = seconds::optional("duration", duration)?;
            Ok(self.inner.force(state, duration)?)
        })
    }

    #[pyo3(signature = (group=None))]
    fn clear(&self, group: Option<&str>) -> PyResult<()> {
        guarded(|| Ok(self.inner.clear(group)?))
    }

    #[pyo3(signature = (value, group=None, fade=None))]
    fn brightness(&self, value: f32, group: Option<&str>, fade: Option<f64>) -> PyResult<()> {
        guarded(|| {
            let fade = seconds::optional("fade", fade)?;
            Ok(self.inner.dim(group, value, fade)?)
        })
    }

    fn notice_fd(&self) -> PyResult<i32> {
        guarded(|| Ok(self.inner.notice_fd()))
    }

    fn notices(&self) -> PyResult<Vec<Notice>> {
        guarded(|| Ok(self.inner.notices().into_iter().map(Notice::from).collect()))
    }

    fn host_strips<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        guarded(|| {
            let strips = self.inner.host_strips().into_iter();
            strips.map(|strip| report::host(py, strip)).collect()
        })
    }

    fn frame_slot(&self, strip: &str) -> PyResult<Option<FrameSlot>> {
        guarded(|| Ok(self.inner.host_slot(strip)?.map(FrameSlot)))
    }

    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| report::python(py, &self.inner.status()))
    }

    fn revision(&self) -> PyResult<u32> {
        guarded(|| Ok(self.inner.revision()))
    }

    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| report::python(py, &self.inner.metrics()))
    }

    fn advance(&self, seconds: f64) -> PyResult<()> {
        guarded(|| Ok(self.inner.advance(seconds::span("seconds", seconds)?)?))
    }

    fn frame<'py>(&self, py: Python<'py>, strip: &str) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| {
            let frame = self.inner.frame(strip)?;
            Ok(PyBytes::new(py, &frame))
        })
    }

    fn take_frames<'py>(&self, py: Python<'py>, strip: &str) -> PyResult<Frames<'py>> {
        guarded(|| {
            let frames = self.inner.take_frames(strip)?.into_iter();
            let timed = frames.map(|(time, bytes)| (time.as_secs(), PyBytes::new(py, &bytes)));
            Ok(timed.collect())
        })
    }

    fn strips(&self) -> PyResult<Vec<(String, usize)>> {
        guarded(|| Ok(self.inner.strips()))
    }

    fn group_names(&self) -> PyResult<Vec<String>> {
        guarded(|| Ok(self.inner.group_names()))
    }

    fn groups(&self) -> PyResult<Vec<(String, Pixels)>> {
        guarded(|| Ok(self.inner.groups()))
    }

    #[pyo3(signature = (timeout=0.5))]
    fn close(&self, py: Python<'_>, timeout: f64) -> PyResult<bool> {
        guarded(|| {
            // The engine is closed in any case. An invalid timeout means no wait.
            let timeout = seconds::wait("timeout", timeout).unwrap_or_default();
            // The only call that waits, so other threads must be able to run.
            Ok(py.detach(|| self.inner.close(timeout)))
        })
    }
}

/// Converts the bytes of pixels in a color order to red, green, blue and white. Other letters and
/// an incomplete last pixel are ignored.
fn rgbw<'a>(bytes: &'a [u8], order: &str) -> Cow<'a, [u8]> {
    if order == "RGBW" {
        return Cow::Borrowed(bytes);
    }
    let places: Vec<Option<usize>> = order.chars().map(|it| "RGBW".find(it)).collect();
    let pixels = bytes.chunks_exact(places.len().max(1));
    Cow::Owned(
        pixels
            .flat_map(|pixel| {
                let mut rgbw = [0; 4];
                for (place, byte) in places.iter().zip(pixel) {
                    if let Some(place) = place {
                        rgbw[*place] = *byte;
                    }
                }
                rgbw
            })
            .collect(),
    )
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

fn pair_of_text(pair: &(Bound<'_, PyAny>, Bound<'_, PyAny>)) -> PyResult<(String, String)> {
    Ok((pair.0.extract()?, pair.1.extract()?))
}
