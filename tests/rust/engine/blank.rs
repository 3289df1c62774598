//! Strips are darkened without an engine, whatever their drivers do.

use super::{LONG, compiled};
use lumen::engine::blank_by;
use lumen::output::pump::Factory;
use lumen::output::{Output, OutputError};
use lumen::plan::StripPlan;
use lumen::time::Time;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SPI: &str = "
    [lumen]
    [lumen_group case]
    driver: spi
    index_end: 3
    [lumen_group lamp]
    driver: pwm
    pin_name: lamp
";

/// What is done when an output is asked to rest.
type Rest = Box<dyn Fn() -> Result<(), OutputError> + Send>;

struct Resting(Rest);

impl Output for Resting {
    fn write(&mut self, _: Time, _: &[Vec<u8>]) -> Result<(), OutputError> {
        panic!("only darkness is asked for")
    }

    fn blank(&mut self, _: Time) -> Result<(), OutputError> {
        (self.0)()
    }
}

/// Blanks by one output that rests so; what each way out said.
fn blanked(patience: Duration, rest: Rest) -> Vec<(String, Option<String>)> {
    let rest = Mutex::new(Some(rest));
    let factory: Factory = Arc::new(move |_: &[StripPlan]| {
        let rest = rest.lock().unwrap().take().unwrap();
        Ok(Box::new(Resting(rest)) as Box<dyn Output>)
    });
    blank_by(&compiled(SPI).plan, patience, &factory)
        .into_iter()
        .map(|it| (it.strips, it.error.map(|error| error.to_string())))
        .collect()
}

#[test]
fn only_what_this_process_drives_is_darkened() {
    let (tell, told): (Sender<()>, Receiver<()>) = channel();
    let answers = blanked(
        LONG,
        Box::new(move || {
            tell.send(()).unwrap();
            Ok(())
        }),
    );
    let klippers = "Klipper drives it; it keeps its last colors until Klipper starts again";
    let expected = [
        ("strip 'spidev0.0' of group 'case'".to_owned(), None),
        (
            "strip 'lamp' of group 'lamp'".to_owned(),
            Some(klippers.to_owned()),
        ),
    ];
    assert_eq!(answers, expected);
    assert_eq!(told.iter().count(), 1);
}

#[test]
fn a_driver_that_hangs_is_left_behind() {
    let (open, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    let answers = blanked(
        Duration::from_millis(1),
        Box::new(move || {
            let _ = gate.lock().unwrap().recv();
            Ok(())
        }),
    );
    assert_eq!(answers[0].1.as_deref(), Some("its driver does not return"));
    drop(open);
}

#[test]
fn a_driver_that_panics_is_told_in_words() {
    let answers = blanked(LONG, Box::new(|| panic!("no")));
    assert_eq!(
        answers[0].1.as_deref(),
        Some("its driver had an internal error")
    );
}
