//! A reload on its own thread: it waits for an answer, and it can hang without harm.

use crate::engine::compiled;
use lumen::{
    Dialect, Engine, MemoryFiles, Options, Outcome, ReadError, Reload, ReloadInput, read_config,
};
use std::cell::RefCell;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

const CASE: &str = "[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: 10\n";

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(30);

fn engine() -> Arc<Engine> {
    Arc::new(Engine::start(compiled(CASE), Options::default()).unwrap())
}

fn input() -> ReloadInput {
    ReloadInput {
        path: "printer.cfg".into(),
        dialect: Dialect::Klipper,
        known: r#"{"sections": []}"#.to_owned(),
        facts: Some(r#"{"heaters": ["extruder"], "sensors": []}"#.to_owned()),
    }
}

fn file(text: &str) -> Result<lumen::ConfigFile, ReadError> {
    let files = [("printer.cfg", text.to_owned())];
    read_config(Path::new("printer.cfg"), &mut MemoryFiles::new(files))
}

/// Starts a reload of a text.
fn reload(engine: &Arc<Engine>, text: &str) -> Reload {
    let text = text.to_owned();
    Reload::with_reader(engine, input(), move |_| file(&text)).unwrap()
}

/// Starts a reload that hangs while it reads, until the sender is dropped.
fn hanging(engine: &Arc<Engine>, text: &str) -> (Reload, Sender<()>) {
    let text = text.to_owned();
    let (release, gate): (Sender<()>, Receiver<()>) = channel();
    let reload = Reload::with_reader(engine, input(), move |_| {
        let _ = gate.recv();
        file(&text)
    });
    (reload.unwrap(), release)
}

/// Polls a reload until it shows what is wanted.
fn wait_for<T>(reload: &Reload, found: impl Fn(&Reload) -> Option<T>) -> T {
    for _ in 0..30_000 {
        let is_ended = reload.join(Duration::from_millis(1));
        if let Some(found) = found(reload) {
            return found;
        }
        assert!(!is_ended, "the thread has ended");
    }
    panic!("it never happened");
}

fn outcome(reload: &Reload) -> Outcome {
    wait_for(reload, Reload::outcome)
}

fn has_lid(engine: &Engine) -> bool {
    engine.group_names() == ["case", "lid"]
}

/// A config with a second group.
fn changed() -> String {
    format!("{CASE}\n[lumen_group lid]\ndriver: memory\nindex_end: 3\n")
}

#[test]
fn a_config_is_committed_only_after_it_is_accepted() {
    let engine = engine();
    let reload = reload(&engine, &changed());
    let prepared = wait_for(&reload, Reload::prepared);
    assert!(prepared.host_strips().is_empty());
    assert!(!reload.join(SHORT));
    assert_eq!(reload.outcome(), None);
    assert!(!has_lid(&engine));
    reload.accept();
    let outcome = outcome(&reload);
    assert!(outcome.is_committed);
    assert_eq!(outcome.problems, [""; 0]);
    assert!(reload.join(LONG));
    assert!(has_lid(&engine));
    assert!(reload.prepared().is_none());
}

#[test]
fn a_canceled_config_is_not_committed() {
    let engine = engine();
    let reload = reload(&engine, &changed());
    wait_for(&reload, Reload::prepared);
    reload.cancel();
    assert!(reload.join(LONG));
    // An answer after the end changes nothing.
    reload.accept();
    assert_eq!(reload.outcome(), None);
    assert!(!has_lid(&engine));
}

#[test]
fn a_dropped_reload_ends() {
    let engine = engine();
    let (ended, is_ended) = channel::<()>();
    let reload = Reload::with_reader(&engine, input(), move |_| {
        // Dropped with the thread.
        thread_local!(static ENDED: RefCell<Option<Sender<()>>> = const { RefCell::new(None) });
        ENDED.set(Some(ended));
        file(&changed())
    });
    let reload = reload.unwrap();
    wait_for(&reload, Reload::prepared);
    drop(reload);
    assert_eq!(
        is_ended.recv_timeout(LONG),
        Err(RecvTimeoutError::Disconnected)
    );
    assert!(!has_lid(&engine));
}

#[test]
fn problems_have_their_lines_and_keep_the_old_config() {
    let engine = engine();
    let text = format!("{CASE}on_idle: pulze\n[lumen_strip top]\ndriver: spy\ncount: 3\n");
    let outcome = outcome(&reload(&engine, &text));
    assert!(!outcome.is_committed);
    let line = CASE.lines().count() + 1;
    let [first, second] = &outcome.problems[..] else {
        panic!("{:?}", outcome.problems);
    };
    assert!(
        first.starts_with(&format!("printer.cfg:{line}: Option 'on_idle'")),
        "{first}"
    );
    assert!(second.starts_with(&format!("printer.cfg:{}: Option 'driver'", line + 2)));
}

#[test]
fn warnings_have_their_lines() {
    let engine = engine();
    let text = format!("{CASE}on_idle: solid #ff8800\n");
    let reload = reload(&engine, &text);
    wait_for(&reload, Reload::prepared);
    reload.accept();
    let warnings = outcome(&reload).warnings;
    let line = format!("printer.cfg:{}: ", CASE.lines().count() + 1);
    assert!(
        warnings.iter().any(|it| it.starts_with(&line)),
        "{warnings:?}"
    );
}

#[test]
fn text_that_is_no_config_is_reported() {
    let engine = engine();
    let problem = |text: &str| outcome(&reload(&engine, text)).problems.join("\n");
    assert_eq!(problem("[printer]\n"), "printer.cfg: no section [lumen]");
    assert!(problem("[lumen\n").starts_with("printer.cfg:1: "));
    let missing = ReloadInput {
        path: "/nonexistent/printer.cfg".into(),
        ..input()
    };
    let reload = Reload::start(&engine, missing).unwrap();
    let problems = outcome(&reload).problems;
    assert!(
        problems[0].contains("/nonexistent/printer.cfg"),
        "{problems:?}"
    );
}

#[test]
fn a_hanging_reload_keeps_no_engine_alive() {
    let engine = engine();
    let (reload, release) = hanging(&engine, &changed());
    assert!(!reload.join(SHORT));
    let held: Weak<Engine> = Arc::downgrade(&engine);
    drop(engine);
    assert!(held.upgrade().is_none());
    drop(release);
    wait_for(&reload, Reload::prepared);
    reload.accept();
    let outcome = outcome(&reload);
    assert_eq!(outcome.problems, ["the reload was canceled"]);
}

#[test]
fn a_reload_that_was_canceled_while_it_hung_changes_nothing() {
    let engine = engine();
    let (reload, release) = hanging(&engine, &changed());
    reload.cancel();
    drop(release);
    assert!(reload.join(LONG));
    assert!(reload.prepared().is_none());
    assert!(!has_lid(&engine));
}

#[test]
fn a_panic_is_a_problem() {
    let engine = engine();
    let reload = Reload::with_reader(&engine, input(), |_| panic!("broken reader")).unwrap();
    let problems = outcome(&reload).problems;
    assert!(
        problems[0].starts_with("internal error: broken reader"),
        "{problems:?}"
    );
}

#[test]
fn a_closed_engine_is_a_problem() {
    let engine = engine();
    engine.close(LONG);
    let reload = reload(&engine, &changed());
    wait_for(&reload, Reload::prepared);
    reload.accept();
    assert!(!outcome(&reload).is_committed);
}
