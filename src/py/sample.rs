//! Samples of Klipper's objects, and when they are taken.

use super::error::{LumenError, guarded};
use crate::input::{self, ObjectRole, RawSample, RawSource, Sample, TooManySources};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct PrinterObjects(Mutex<SampledObjects>);

struct SampledObjects {
    objects: input::PrinterObjects,
    /// The last status of `motion_report`: Klipper returns the same dict for a quarter of a second.
    motion: Option<Py<PyAny>>,
}

#[pymethods]
impl PrinterObjects {
    #[new]
    fn new(sources: Vec<String>, filament_sensors: Vec<String>) -> Self {
        Self(Mutex::new(SampledObjects {
            objects: input::PrinterObjects::new(sources, filament_sensors),
            motion: None,
        }))
    }

    fn names(&self) -> Vec<String> {
        let this = self.0.lock();
        let names = this.objects.objects().iter();
        names.map(|(name, _)| name.clone()).collect()
    }

    /// Raises if a status cannot be read.
    fn check(&self, name: &str, status: &Bound<'_, PyAny>) -> PyResult<()> {
        guarded(|| {
            for role in self.roles(|it| it == name) {
                read(&mut RawSample::default(), role, status)?;
            }
            Ok(())
        })
    }

    fn temperatures(&self) -> Vec<(String, RawSource)> {
        let this = self.0.lock();
        let temperatures = this.objects.temperatures();
        temperatures
            .map(|(name, pair)| (name.to_owned(), pair))
            .collect()
    }
}

impl PrinterObjects {
    /// Reads one sample; `statuses` are those of `names`, in their order.
    pub(super) fn sample(
        &self,
        statuses: &[Bound<'_, PyAny>],
        is_commanded: bool,
    ) -> PyResult<Sample> {
        let mut raw = RawSample {
            is_commanded,
            ..RawSample::default()
        };
        let roles = self.roles(|_| true);
        let mut motion = None;
        // Not under the lock, because this may run code of Python.
        for (status, role) in statuses.iter().zip(roles) {
            read(&mut raw, role, status)?;
            if role == ObjectRole::Motion {
                motion = Some(status.clone().unbind());
            }
        }
        let mut this = self.0.lock();
        let is_same = match (&this.motion, &motion) {
            (Some(before), Some(now)) => before.is(now),
            (before, now) => before.is_none() && now.is_none(),
        };
        let before = std::mem::replace(&mut this.motion, motion);
        let sample = this.objects.sample(raw, !is_same);
        drop(this);
        drop(before);
        sample.map_err(error)
    }

    fn roles(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<ObjectRole> {
        let this = self.0.lock();
        let objects = this.objects.objects().iter();
        objects
            .filter(|(name, _)| is_wanted(name))
            .map(|(_, role)| *role)
            .collect()
    }
}

pub(super) fn error(problem: TooManySources) -> PyErr {
    LumenError::new_err(problem.to_string())
}

/// Adds the fields of one object.
fn read(to: &mut RawSample, role: ObjectRole, status: &Bound<'_, PyAny>) -> PyResult<()> {
    let status = StatusFields(status.cast::<PyDict>()?);
    match role {
        ObjectRole::Job => {
            to.job = match status.get("state")? {
                Some(state) => state.str()?.to_cow()?.into_owned(),
                None => String::new(),
            };
            to.message = status
                .value::<Option<String>>("message")?
                .unwrap_or_default();
            to.filament_used = status.value("filament_used")?;
        }
        ObjectRole::Pause => to.is_paused = status.flag("is_paused")?,
        ObjectRole::File => {
            to.file_progress = status.value("progress")?;
            to.progress = to.file_progress;
        }
        ObjectRole::Progress => {
            if status.get("progress")?.is_some() {
                to.progress = status.value("progress")?;
            }
        }
        ObjectRole::Motion => {
            to.velocity = status.value("live_velocity")?;
            to.extruder_velocity = status.value("live_extruder_velocity")?;
            if let Some(position) = status.get("live_position")? {
                to.position = position.extract::<Option<Vec<f64>>>()?.unwrap_or_default();
            }
        }
        ObjectRole::ManualProbe => to.manual_probe = status.flag("is_active")?,
        ObjectRole::BedScrews => to.bed_screws = status.flag("is_active")?,
        ObjectRole::Timelapse => to.taking_frame = status.flag("takingframe")?,
        ObjectRole::Filament => {
            let is_enabled = status.flag("enabled")?;
            to.filament
                .push((is_enabled, status.flag("filament_detected")?));
        }
        ObjectRole::Source => {
            let temperature = status.value("temperature")?;
            to.sources.push((temperature, status.value("target")?));
        }
    }
    Ok(())
}

/// The fields of a status, each of which may be missing.
struct StatusFields<'a, 'py>(&'a Bound<'py, PyDict>);

impl<'py> StatusFields<'_, 'py> {
    fn get(&self, field: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.get_item(field)
    }

    fn value<T: Default + for<'a> FromPyObject<'a, 'py, Error = PyErr>>(
        &self,
        field: &str,
    ) -> PyResult<T> {
        let value = self.get(field)?;
        value.map_or_else(|| Ok(T::default()), |it| it.extract())
    }

    fn flag(&self, field: &str) -> PyResult<bool> {
        let value = self.get(field)?;
        value.map_or(Ok(false), |it| it.is_truthy())
    }
}

#[pyclass(frozen, module = "klipper_lumen._engine")]
#[derive(Default)]
pub(super) struct SampleClock(Mutex<input::SampleClock>);

#[pymethods]
impl SampleClock {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn hurry(&self) {
        self.0.lock().hurry();
    }

    fn sampled(&self, now: f64) -> f64 {
        self.0.lock().sampled(now)
    }

    fn failed(&self, now: f64) -> f64 {
        self.0.lock().failed(now)
    }

    fn queried(&self, now: f64) -> Option<f64> {
        self.0.lock().queried(now)
    }
}
