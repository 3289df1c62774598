//! Tests of blanking strips without an engine, also with faulty drivers.

use super::{LONG, compiled};
use lumen::{Factory, Output, OutputError, StripPlan, Time, blank_with_factory};
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

/// The implementation of a test output's `blank`.
type BlankFn = Box<dyn Fn() -> Result<(), OutputError> + Send>;

struct BlankOnly(BlankFn);

impl Output for BlankOnly {
    fn write(&mut self, _: Time, _: &[Vec<u8>]) -> Result<(), OutputError> {
        panic!("write must not be called")
    }

    fn blank(&mut self, _: Time) -> Result<(), OutputError> {
        (self.0)()
    }
}

/// Blanks strips with outputs that use `blank`. Returns the result of each output.
fn blank_with(patience: Duration, blank_fn: BlankFn) -> Vec<(String, Option<String>)> {
    let blank_fn = Mutex::new(Some(blank_fn));
    let factory: Factory = Arc::new(move |_: &[StripPlan]| {
        let blank_fn = blank_fn.lock().unwrap().take().unwrap();
        Ok(Box::new(BlankOnly(blank_fn)) as Box<dyn Output>)
    });
    blank_with_factory(&compiled(SPI).plan, patience, &factory)
        .into_iter()
        .map(|it| (it.strips, it.error.map(|error| error.to_string())))
        .collect()
}

#[test]
fn only_strips_of_this_process_are_blanked() {
    let (sender, receiver): (Sender<()>, Receiver<()>) = channel();
    let results = blank_with(
        LONG,
        Box::new(move || {
            sender.send(()).unwrap();
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
    assert_eq!(results, expected);
    assert_eq!(receiver.iter().count(), 1);
}

#[test]
fn a_hanging_driver_is_abandoned() {
    let (open, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    let results = blank_with(
        Duration::from_millis(1),
        Box::new(move || {
            let _ = gate.lock().unwrap().recv();
            Ok(())
        }),
    );
    assert_eq!(results[0].1.as_deref(), Some("its driver does not return"));
    drop(open);
}

#[test]
fn a_panicking_driver_is_reported() {
    let results = blank_with(LONG, Box::new(|| panic!("no")));
    assert_eq!(
        results[0].1.as_deref(),
        Some("its driver had an internal error")
    );
}
