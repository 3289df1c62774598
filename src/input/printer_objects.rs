//! Which of Klipper's objects a sample reads, and what their values mean.

use super::{RawSample, RawSource, Sample, TooManySources};

/// The macro of moonraker-timelapse that waits for the camera.
const TIMELAPSE: &str = "gcode_macro TIMELAPSE_TAKE_FRAME";

/// What an object is read for, in the order of the statuses of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectRole {
    /// `print_stats`: the state of the job.
    Job,
    /// `pause_resume`.
    Pause,
    /// `virtual_sdcard`: the position in the job's file.
    File,
    /// `display_status`: the slicer's progress (M73), or the position in the file.
    Progress,
    /// `motion_report`.
    Motion,
    /// `manual_probe`.
    ManualProbe,
    /// `bed_screws`.
    BedScrews,
    /// The macro of moonraker-timelapse.
    Timelapse,
    /// A filament sensor.
    Filament,
    /// A temperature source.
    Source,
}

/// The objects that every config reads.
const OBJECTS: [(&str, ObjectRole); 8] = [
    ("print_stats", ObjectRole::Job),
    ("pause_resume", ObjectRole::Pause),
    ("virtual_sdcard", ObjectRole::File),
    ("display_status", ObjectRole::Progress),
    ("motion_report", ObjectRole::Motion),
    ("manual_probe", ObjectRole::ManualProbe),
    ("bed_screws", ObjectRole::BedScrews),
    (TIMELAPSE, ObjectRole::Timelapse),
];

/// The objects that a config reads, and what must be known of the last sample.
#[derive(Debug)]
pub struct PrinterObjects {
    objects: Vec<(String, ObjectRole)>,
    temperatures: Vec<RawSource>,
    motion: MotionMemory,
}

impl PrinterObjects {
    /// Creates the list for these sources and filament sensors.
    pub fn new(sources: Vec<String>, filament_sensors: Vec<String>) -> Self {
        let objects = OBJECTS.map(|(name, role)| (name.to_owned(), role));
        let sensors = filament_sensors.into_iter();
        let sources = sources.into_iter();
        Self {
            objects: objects
                .into_iter()
                .chain(sensors.map(|name| (name, ObjectRole::Filament)))
                .chain(sources.map(|name| (name, ObjectRole::Source)))
                .collect(),
            temperatures: Vec::new(),
            motion: MotionMemory::default(),
        }
    }

    /// The names of the objects and what each is read for. An empty name marks a source that is no
    /// longer in use.
    pub fn objects(&self) -> &[(String, ObjectRole)] {
        &self.objects
    }

    /// Makes a sample of what was read. `is_new_motion` says whether Klipper has measured the
    /// motion since the last sample.
    ///
    /// # Errors
    /// When there are too many sources.
    pub fn sample(
        &mut self,
        mut raw: RawSample,
        is_new_motion: bool,
    ) -> Result<Sample, TooManySources> {
        if is_new_motion {
            self.motion.update(&raw);
        }
        raw.velocity = self.motion.velocity;
        raw.extruder_velocity = self.motion.extruder_velocity;
        self.temperatures.clone_from(&raw.sources);
        raw.sample()
    }

    /// Temperature and target of each source, as last sampled.
    pub fn temperatures(&self) -> impl Iterator<Item = (&str, RawSource)> {
        let sources = self
            .objects
            .iter()
            .filter(|(_, role)| *role == ObjectRole::Source);
        let pairs = sources.zip(&self.temperatures);
        let named = pairs.filter(|((name, _), _)| !name.is_empty());
        named.map(|((name, _), pair)| (name.as_str(), *pair))
    }
}

/// The position and the speeds of the tool head and the filament.
#[derive(Debug, Default)]
struct MotionMemory {
    position: Vec<f64>,
    velocity: f32,
    extruder_velocity: f32,
}

impl MotionMemory {
    /// After the last move Klipper keeps reporting its final velocity, which is not always zero. An
    /// unchanged position means that nothing moves.
    fn update(&mut self, raw: &RawSample) {
        let before = std::mem::replace(&mut self.position, raw.position.clone());
        let now = &self.position;
        let is_known = !before.is_empty() && !now.is_empty();
        let is_still = is_known && before.iter().take(3).eq(now.iter().take(3));
        // The extruder is the fourth axis, if there is one.
        let is_fed = !(is_known && now.len() > 3 && before.get(3) == now.get(3));
        self.velocity = if is_still { 0.0 } else { raw.velocity };
        self.extruder_velocity = if is_fed { raw.extruder_velocity } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(position: &[f64]) -> RawSample {
        RawSample {
            position: position.to_vec(),
            velocity: 5.0,
            extruder_velocity: -5.0,
            ..RawSample::default()
        }
    }

    fn objects() -> PrinterObjects {
        PrinterObjects::new(
            vec![String::new(), "extruder".into()],
            vec!["runout".into()],
        )
    }

    #[test]
    fn the_fixed_objects_come_first_then_sensors_then_sources() {
        let objects = objects();
        let names: Vec<&str> = objects.objects().iter().map(|it| it.0.as_str()).collect();
        assert_eq!(names[..2], ["print_stats", "pause_resume"]);
        assert_eq!(names[8..], ["runout", "", "extruder"]);
    }

    #[test]
    fn an_unchanged_position_means_that_nothing_moves() {
        let mut objects = objects();
        let mut moves = |position: &[f64], is_new| {
            let sample = objects.sample(raw(position), is_new).unwrap();
            (sample.is_moving, sample.is_retracting)
        };
        assert_eq!(moves(&[1.0, 2.0, 3.0, 4.0], true), (true, true));
        // Klipper has not measured since.
        assert_eq!(moves(&[1.0, 2.0, 3.0, 4.0], false), (true, true));
        assert_eq!(moves(&[1.0, 2.0, 3.0, 5.0], true), (false, true));
        assert_eq!(moves(&[1.5, 2.0, 3.0, 5.0], true), (true, false));
        // Without an extruder.
        assert_eq!(moves(&[1.5, 2.0, 3.0], true), (false, true));
        assert_eq!(moves(&[], true), (true, true));
    }

    #[test]
    fn temperatures_have_the_names_of_their_sources() {
        let mut objects = objects();
        let heat = (Some(200.0), None);
        let read = RawSample {
            sources: vec![(None, None), heat],
            ..RawSample::default()
        };
        objects.sample(read, true).unwrap();
        let temperatures: Vec<(&str, RawSource)> = objects.temperatures().collect();
        assert_eq!(temperatures, [("extruder", heat)]);
    }
}
