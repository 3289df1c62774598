//! What runs in the child process of a fault: an engine with an ill strip and one that is well.

use super::child::{LONG, SHORT};
use crate::engine::compiled;
use crate::output::child::{say, transfers, wait_until};
use lumen::engine::{Engine, Options, StripStatus};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;

/// Both strips move, so that frames are written all the time.
fn engine() -> Result<Engine, String> {
    let pixels = std::env::var("CASE_PIXELS").unwrap_or_else(|_| "3".into());
    let config = format!(
        "[lumen]
        [lumen_strip case]
        driver: spi
        device: /dev/spidev0.0
        count: {pixels}
        [lumen_strip well]
        driver: memory
        count: 3
        [lumen_group case]
        strip: case
        on_startup: rainbow
        [lumen_group well]
        strip: well
        on_startup: rainbow"
    );
    Engine::start(compiled(&config), Options::default()).map_err(|error| error.to_string())
}

fn strip(engine: &Engine, index: usize) -> StripStatus {
    engine.status().strips[index].clone()
}

/// Waits for the notice of the fault and says how both strips fare.
fn tell(engine: &Engine) {
    wait_until("the fault is told", || {
        strip(engine, 0).health.error.is_some()
    });
    wait_until("its notice is there", || !say_all(engine));
    let health = |index| strip(engine, index).health.state.name();
    say(&format!("case {}, well {}", health(0), health(1)));
}

/// Says all notices; whether there was none.
pub(super) fn say_all(engine: &Engine) -> bool {
    let notices = engine.notices();
    for notice in &notices {
        say(&notice.text);
    }
    notices.is_empty()
}

fn goes_on(engine: &Engine) {
    let frames = || strip(engine, 1).health.frames;
    let before = frames();
    wait_until("the other strip goes on", || frames() > before + 3);
    say("well goes on");
}

pub(super) fn fault() {
    let engine = engine().unwrap();
    tell(&engine);
    goes_on(&engine);
    // It was tried again meanwhile, and not told again.
    wait_until("another try", || strip(&engine, 0).health.failures > 1);
    say_all(&engine);
    say(&format!("closed {}", engine.close(LONG)));
}

#[expect(unsafe_code, reason = "nothing safe changes what the double reads")]
pub(super) fn back() {
    let engine = engine().unwrap();
    tell(&engine);
    // SAFETY: no other thread of this process writes the environment; the double only reads it.
    unsafe { std::env::set_var("SPIDEV_FAULT", "") };
    wait_until("it is told", || !say_all(&engine));
    let health = strip(&engine, 0).health;
    let (state, reconnects) = (health.state.name(), health.reconnects);
    say(&format!("case {state}, reconnects {reconnects}"));
    say(&format!("closed {}", engine.close(LONG)));
}

pub(super) fn blocked() {
    let engine = engine().unwrap();
    wait_until("a frame is begun", || transfers() == 2);
    goes_on(&engine);
    say(&format!("closed {}", engine.close(SHORT)));
    say_all(&engine);
}

/// Takes all descriptors that this process may have but so many.
fn leave(free: usize) -> Vec<File> {
    let limit = Rlimit {
        current: Some(64),
        ..getrlimit(Resource::Nofile)
    };
    setrlimit(Resource::Nofile, limit).unwrap();
    let mut taken: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    taken.truncate(taken.len() - free);
    taken
}

pub(super) fn descriptors() {
    let taken = leave(0);
    let refused = engine();
    drop(taken);
    say(&format!("no engine: {}", refused.err().unwrap_or_default()));
    let taken = leave(1);
    let engine = engine().unwrap();
    tell(&engine);
    goes_on(&engine);
    drop(taken);
    wait_until("it is lit again", || !say_all(&engine));
    say(&format!("closed {}", engine.close(LONG)));
}
