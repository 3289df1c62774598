//! Tests of the engine's public API: clock, requests, reports, closing.

mod blank;
mod close;
mod light;
mod nonblocking;
mod preview;
mod profile;
mod properties;
mod reload;
mod requests;
mod time;
mod wants;
mod watchdog;

use lumen::{
    ClockKind, Compiled, Engine, Options, Output, OutputError, RawConfig, Span, StripPlan, Time,
    compile,
};
use std::sync::Arc;
use std::time::Duration;

/// Ten pixels in memory as one group: white when idle, blue while homing.
const CASE: &str = "
    [lumen]
    unmapped: keep
    [lumen_group case]
    driver: memory
    index_end: 10
    on_startup: solid white
    on_idle: solid white
    on_homing: solid blue
    on_error: solid red
    on_disconnected: solid magenta
";

const LONG: Duration = Duration::from_secs(30);

pub(crate) fn compiled(text: &str) -> Compiled {
    let mut raw = RawConfig::default();
    for line in text.lines().map(str::trim) {
        if let Some(title) = line.strip_prefix('[') {
            let title = title.trim_end_matches(']').to_owned();
            raw.sections
                .push((title, std::collections::BTreeMap::new()));
        } else if let (Some((name, value)), Some((_, options))) =
            (line.split_once(": "), raw.sections.last_mut())
        {
            options.insert(name.to_owned(), value.to_owned());
        }
    }
    compile(&raw, None).unwrap()
}

fn manual(text: &str) -> Engine {
    let options = Options {
        clock: ClockKind::Manual,
        ..Options::default()
    };
    Engine::start(compiled(text), options).unwrap()
}

/// An engine with a render thread and devices opened by `open`.
fn threaded(
    text: &str,
    open: impl Fn(&[StripPlan]) -> Result<Box<dyn Output>, OutputError> + Send + Sync + 'static,
) -> Engine {
    Engine::with_factory(compiled(text), Options::default(), Arc::new(open)).unwrap()
}

fn advance(engine: &Engine, seconds: f64) {
    engine.advance(Span::from_secs(seconds)).unwrap();
}

/// Returns the color of the strip's first pixel: red, green, blue.
fn pixel(engine: &Engine, strip: &str) -> [u8; 3] {
    let frame = engine.frame(strip).unwrap();
    [frame[0], frame[1], frame[2]]
}

fn texts(engine: &Engine) -> Vec<String> {
    engine.notices().into_iter().map(|it| it.text).collect()
}

/// Waits for another thread; fails after a timeout.
fn wait_for(what: &str, done: impl Fn() -> bool) {
    for _ in 0..30_000 {
        if done() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    panic!("waited in vain for {what}");
}

fn at(seconds: f64) -> Time {
    Time::from_secs(seconds)
}
