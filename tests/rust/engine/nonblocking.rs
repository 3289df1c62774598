//! No call waits while a config is being built.

use super::{CASE, LONG, compiled, threaded};
use lumen::{Engine, Event, OutputError, Request, Sample};
use std::sync::Mutex;
use std::sync::mpsc::channel;

/// Makes every call that Klipper's reactor makes.
fn call_all(engine: &Engine) {
    let request = Request {
        group: "case",
        effect: "thermal chamber",
        ..Request::default()
    };
    engine.set(&request).unwrap();
    engine.end(engine.begin("homing").unwrap()).unwrap();
    engine.event(Event::Activity).unwrap();
    engine.sample(&Sample::default());
    engine.heartbeat();
    engine.paint(&engine.strips()[0].0, &[0; 4]).unwrap();
    engine.force("idle", None).unwrap();
    engine.flash("case", "red", 1).unwrap();
    engine.clear(Some("case")).unwrap();
    let _ = (engine.status(), engine.metrics(), engine.profile());
    let _ = (engine.wants(), engine.offer(), engine.groups());
    let _ = (engine.host_strips(), engine.notices(), engine.revision());
}

#[test]
fn no_call_blocks_while_outputs_are_built() {
    let (building, is_building) = channel();
    let (release, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    // The factory rejects an unsupported driver in the thread that reloads.
    let absent = "driver: proxy\nproxy_host: 10.0.0.7\ngpio_pin: 18";
    let absent = CASE.replace("driver: memory", absent);
    let engine = threaded(CASE, move |_| {
        let _ = building.send(());
        let _ = gate.lock().unwrap().recv();
        Err(OutputError::new("not there", ""))
    });
    std::thread::scope(|scope| {
        let reload = scope.spawn(|| engine.reload(compiled(&absent)));
        is_building.recv_timeout(LONG).unwrap();
        let (done, all_done) = channel();
        let engine = &engine;
        scope.spawn(move || {
            call_all(engine);
            let _ = done.send(engine.status().strips[0].output.clone());
        });
        let output = all_done.recv_timeout(LONG);
        // Lets the reload continue, whatever the result.
        drop(release);
        assert_eq!(output.as_deref(), Ok("memory"));
        reload.join().unwrap().unwrap();
    });
    // A command during the reload is known to the next config too.
    assert!(
        engine
            .set(&Request {
                group: "case",
                effect: "thermal chamber",
                ..Request::default()
            })
            .is_ok()
    );
    assert_eq!(engine.wants().sources, ["chamber"]);
    assert!(engine.close(LONG));
}
