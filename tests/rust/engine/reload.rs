//! Tests of reloading: the config is replaced without flicker.

use super::{CASE, LONG, advance, compiled, manual, pixel, texts, threaded, wait_for};
use lumen::{Event, HealthState, Output, OutputError, Request, Sample, Time};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const SPI: &str = "
    [lumen]
    [lumen_group case]
    driver: spi
    device: /dev/spidev7.0
    index_end: 10
    on_startup: solid white
";

/// An output that accepts everything.
struct Sink;

impl Output for Sink {
    fn write(&mut self, _: Time, _: &[Vec<u8>]) -> Result<(), OutputError> {
        Ok(())
    }

    fn blank(&mut self, _: Time) -> Result<(), OutputError> {
        Ok(())
    }
}

#[test]
fn an_output_that_stays_the_same_stays_open() {
    let opened = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&opened);
    let engine = threaded(SPI, move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Sink))
    });
    let frames = || engine.status().strips[0].health.frames;
    wait_for("a frame", || frames() > 0);
    let before = frames();
    let other = SPI.replace("white", "red");
    engine.reload(compiled(&other)).unwrap();
    wait_for("a frame of the new config", || frames() > before);
    assert_eq!(opened.load(Ordering::Relaxed), 1);

    let longer = SPI.replace("index_end: 10", "index_end: 12");
    engine.reload(compiled(&longer)).unwrap();
    wait_for("a new output", || opened.load(Ordering::Relaxed) == 2);
    wait_for("its frame", || frames() > 0);
    assert!(engine.close(LONG));
}

/// An output that must be refreshed all the time.
struct Refreshing(Arc<AtomicUsize>);

impl Output for Refreshing {
    fn write(&mut self, _: Time, _: &[Vec<u8>]) -> Result<(), OutputError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn blank(&mut self, _: Time) -> Result<(), OutputError> {
        Ok(())
    }

    fn refresh(&self) -> Option<Duration> {
        Some(Duration::from_millis(1))
    }
}

#[test]
fn the_usage_of_closed_outputs_still_counts() {
    let writes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&writes);
    let engine = threaded(SPI, move |_| Ok(Box::new(Refreshing(Arc::clone(&counter)))));
    wait_for("wake-ups", || writes.load(Ordering::Relaxed) > 200);
    let memory = SPI.replace("driver: spi\n    device: /dev/spidev7.0", "driver: memory");
    let wakeups = || engine.metrics().counters.wakeups;
    let before = wakeups();
    engine.reload(compiled(&memory)).unwrap();
    // Only this test and the engine's factory hold a reference now.
    wait_for("the output's end", || Arc::strong_count(&writes) == 2);
    for _ in 0..10 {
        engine.reload(compiled(&memory)).unwrap();
        let after = wakeups();
        assert!(after >= before, "{after} after {before}");
    }
    assert!(engine.close(LONG));
}

#[test]
fn the_light_continues_from_what_is_shown() {
    let engine = manual(CASE);
    let strip = engine.strips()[0].0.clone();
    engine.event(Event::Ready).unwrap();
    advance(&engine, 5.0);
    assert_eq!(pixel(&engine, &strip), [255; 3]);
    engine.take_frames(&strip).unwrap();
    engine
        .reload(compiled(
            &CASE.replace("on_idle: solid white", "on_idle: solid green"),
        ))
        .unwrap();
    advance(&engine, 5.0);
    assert_eq!(pixel(&engine, &strip), [0, 255, 0]);
    let frames = engine.take_frames(&strip).unwrap();
    let reds: Vec<u8> = frames.iter().map(|(_, bytes)| bytes[1]).collect();
    assert!(reds.is_sorted_by(|a, b| a >= b), "{reds:?}");
    assert!(reds[0] > 200 && reds.len() > 10, "{reds:?}");
    assert_eq!(engine.status().state, "idle");
}

#[test]
fn groups_and_strips_are_those_of_the_new_config() {
    let engine = manual(CASE);
    advance(&engine, 1.0);
    let two = CASE.replacen("driver: memory", "strip: a", 1)
        + "\n[lumen_strip a]\ndriver: memory\ncount: 12"
        + "\n[lumen_group top]\nstrip: a\nindex_start: 11\nindex_end: 12";
    let warnings = engine.reload(compiled(&two)).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(engine.strips()[0].1, 12);
    let groups = engine.groups();
    assert_eq!(groups[1].0, "top");
    assert_eq!(groups[1].1[0].1, 10);
    advance(&engine, 1.0);
    assert_eq!(engine.status().groups[1].pixels, 2);
    assert_eq!(engine.frame(&engine.strips()[0].0).unwrap().len(), 48);
}

#[test]
fn inputs_of_a_command_are_sampled_under_the_next_config_too() {
    let engine = manual(CASE);
    let bar = Request {
        group: "case",
        effect: "progress",
        ..Request::default()
    };
    let eye = Request {
        effect: "kitt axis=x",
        ..bar
    };
    for (request, position, progress) in [(bar, false, true), (eye, true, false)] {
        engine.set(&request).unwrap();
        advance(&engine, 1.0);
        engine.reload(compiled(CASE)).unwrap();
        advance(&engine, 1.0);
        assert_eq!(engine.status().groups[0].effect, request.effect);
        let wants = engine.wants();
        assert_eq!((wants.position, wants.progress), (position, progress));
    }
}

#[test]
fn a_sensor_of_a_command_is_sampled_under_every_next_config() {
    let engine = manual(CASE);
    let thermal = Request {
        group: "case",
        effect: "thermal chamber range_max=60",
        ..Request::default()
    };
    engine.set(&thermal).unwrap();
    advance(&engine, 1.0);
    let mut sample = Sample::default();
    sample.sources[0].temperature = Some(60.0);
    for _ in 0..3 {
        engine.reload(compiled(CASE)).unwrap();
        assert_eq!(engine.wants().sources, ["chamber"]);
        engine.sample(&sample);
        advance(&engine, 1.0);
        assert_eq!(engine.status().groups[0].effect, thermal.effect);
        let strip = engine.strips()[0].0.clone();
        assert_ne!(pixel(&engine, &strip), [0; 3]);
    }
}

#[test]
fn a_painted_frame_returns_with_its_strip() {
    let engine = manual(CASE);
    let strip = engine.strips()[0].0.clone();
    engine.paint(&strip, &[0, 255, 0, 0]).unwrap();
    advance(&engine, 1.0);
    assert_eq!(pixel(&engine, &strip), [0, 255, 0]);
    engine
        .reload(compiled(&CASE.replace("case", "rear")))
        .unwrap();
    advance(&engine, 1.0);
    engine.reload(compiled(CASE)).unwrap();
    advance(&engine, 1.0);
    assert_eq!(pixel(&engine, &strip), [0, 255, 0]);
}

#[test]
fn a_missing_driver_is_reported_once() {
    let absent = CASE.replace(
        "driver: memory",
        "driver: proxy\nproxy_host: 10.0.0.7\ngpio_pin: 18",
    );
    let engine = threaded(&absent, |plan| {
        lumen::build_output(plan, &lumen::Recording::default())
    });
    engine.reload(compiled(&absent)).unwrap();
    let notices = texts(&engine);
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].starts_with("lumen: strip '"), "{notices:?}");
    assert!(notices[0].contains("which the helper does not serve; the strip stays dark ("));
    let strip = &engine.status().strips[0];
    assert!(strip.health.error.is_some());
    assert!(engine.close(LONG));
}

#[test]
fn the_end_of_a_dark_output_is_reported() {
    let engine = threaded(SPI, |_| Err(OutputError::new("no device", "")));
    let is_dark = || engine.status().strips[0].health.state == HealthState::Dark;
    wait_for("the fault", is_dark);
    assert_eq!(engine.notices().len(), 1);
    let memory = SPI.replace("driver: spi\n    device: /dev/spidev7.0", "driver: memory");
    engine.reload(compiled(&memory)).unwrap();
    assert_eq!(
        texts(&engine),
        ["lumen: strip 'spidev7.0' of group 'case': replaced or removed by the new config"]
    );
    assert!(engine.close(LONG));
}

#[test]
fn every_status_belongs_to_one_config() {
    let (one, other) = (
        CASE.to_owned(),
        CASE.replace("case", "rear").replace("white", "red"),
    );
    let engine = threaded(&one, |_| unreachable!());
    wait_for("the first status", || engine.status().groups.len() == 1);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..200 {
                let text = if round % 2 == 0 { &other } else { &one };
                wait_for("room", || engine.reload(compiled(text)).is_ok());
            }
        });
        for _ in 0..2000 {
            let mut status = engine.status();
            let group = status.groups.remove(0);
            let strip = &status.strips[0].name;
            assert!(strip.contains(&group.name), "{strip} with {group:?}");
            let wanted = match group.name.as_str() {
                "case" => ["solid white", ""],
                _ => ["solid red", ""],
            };
            assert!(wanted.contains(&group.effect.as_str()), "{group:?}");
        }
    });
    assert!(engine.close(LONG));
}
