//! Tests of closing: it takes bounded time, whatever the drivers do.

use super::{CASE, LONG, advance, compiled, manual, texts, threaded, wait_for};
use lumen::{Engine, EngineError, Event, Options, Output, OutputError, Power, Request, Time};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

const SPI: &str = "
    [lumen]
    [lumen_group case]
    driver: spi
    device: /dev/spidev8.0
    index_end: 10
    on_startup: solid white
";

/// An output that reports its calls.
struct ReportsCalls(Sender<&'static str>);

impl Output for ReportsCalls {
    fn write(&mut self, _: Time, _: &[Vec<u8>]) -> Result<(), OutputError> {
        let _ = self.0.send("write");
        Ok(())
    }

    fn blank(&mut self, _: Time) -> Result<(), OutputError> {
        let _ = self.0.send("blank");
        Ok(())
    }
}

/// An output whose first write blocks until the channel is dropped.
struct BlocksOnWrite(Receiver<()>, Sender<&'static str>);

impl Output for BlocksOnWrite {
    fn write(&mut self, _: Time, _: &[Vec<u8>]) -> Result<(), OutputError> {
        let _ = self.1.send("stuck");
        let _ = self.0.recv();
        Ok(())
    }

    fn blank(&mut self, _: Time) -> Result<(), OutputError> {
        Ok(())
    }
}

#[test]
fn after_closing_the_strips_are_dark_and_posts_are_rejected() {
    let engine = manual(CASE);
    let strip = engine.strips()[0].0.clone();
    advance(&engine, 2.0);
    engine.take_frames(&strip).unwrap();
    assert!(engine.close(LONG));
    assert!(engine.close(LONG));
    let frames = engine.take_frames(&strip).unwrap();
    assert_eq!(frames.len(), 1);
    assert!(frames[0].1.iter().all(|byte| *byte == 0));
    assert!(matches!(
        engine.event(Event::Ready),
        Err(EngineError::Closed)
    ));
    assert!(matches!(
        engine.reload(compiled(CASE)),
        Err(EngineError::Closed)
    ));
    engine.heartbeat();
    engine.sample(&lumen::Sample::default());
}

#[test]
fn an_output_is_blanked_before_it_is_dropped() {
    let (sender, calls) = channel();
    let engine = threaded(SPI, move |_| Ok(Box::new(ReportsCalls(sender.clone()))));
    assert_eq!(calls.recv_timeout(LONG), Ok("write"));
    assert!(engine.close(LONG));
    assert_eq!(calls.try_iter().last(), Some("blank"));
}

#[test]
fn dropping_an_engine_ends_its_threads_without_waiting() {
    let (sender, calls) = channel();
    let engine = threaded(SPI, move |_| Ok(Box::new(ReportsCalls(sender.clone()))));
    drop(engine);
    // The channel disconnects when the last output and the factory are dropped.
    while calls.recv_timeout(LONG).is_ok() {}
    assert_eq!(
        calls.try_recv(),
        Err(std::sync::mpsc::TryRecvError::Disconnected)
    );
}

#[test]
fn a_blocked_write_delays_neither_other_strips_nor_closing() {
    let both = format!(
        "{CASE}\n{}",
        SPI.replace("[lumen]", "").replace("case]", "rear]")
    );
    let (release, stuck) = channel::<()>();
    let (sender, calls) = channel();
    let stuck = Arc::new(parking_lot::Mutex::new(Some(stuck)));
    let engine = threaded(&both, move |_| {
        let stuck = stuck.lock().take();
        stuck.map_or_else(
            || Err(OutputError::new("already open", "")),
            |stuck| Ok(Box::new(BlocksOnWrite(stuck, sender.clone())) as Box<dyn Output>),
        )
    });
    assert_eq!(calls.recv_timeout(LONG), Ok("stuck"));
    engine.event(Event::Ready).unwrap();
    wait_for("white on the other strip", || {
        let strips = engine.strips();
        let frame = engine.frame(&strips[0].0).unwrap();
        frame[..3] == [255; 3]
    });
    assert!(!engine.close(Duration::from_millis(50)));
    let notices = texts(&engine);
    assert!(notices[0].contains("does not return"), "{notices:?}");
    drop(release);
    assert!(engine.close(LONG));
}

#[test]
fn a_strip_that_cannot_be_opened_is_reported_with_a_remedy() {
    let engine = threaded(SPI, |_| {
        Err(OutputError::new(
            "cannot open /dev/spidev8.0: Permission denied",
            "add user 'pi' to group 'spi'",
        ))
    });
    wait_for("the dark strip", || {
        engine.status().strips[0].health.error.is_some()
    });
    let notices = texts(&engine);
    let strip = &engine.strips()[0].0;
    assert_eq!(
        notices,
        [format!(
            "lumen: strip '{strip}' of group 'case': cannot open /dev/spidev8.0: Permission \
             denied; the strip stays dark (add user 'pi' to group 'spi')"
        )]
    );
    let white = Request {
        group: "all",
        effect: "solid white",
        ..Request::default()
    };
    engine.set(&white).unwrap();
    wait_for("a white frame", || {
        engine.frame(strip).unwrap().contains(&255)
    });
    assert_eq!(engine.status().strips[0].power, Power::default());
    assert!(engine.close(LONG));
}

#[test]
fn engines_can_be_started_one_after_another_in_one_process() {
    for _ in 0..50 {
        let engine = Engine::start(compiled(CASE), Options::default()).unwrap();
        engine.event(Event::Ready).unwrap();
        assert!(engine.close(LONG));
    }
}

/// An output that panics at its second frame, each time it is opened.
struct Panics(u32);

impl Output for Panics {
    fn write(&mut self, _: Time, _: &[Vec<u8>]) -> Result<(), OutputError> {
        self.0 += 1;
        assert!(self.0 < 2, "panic of a test driver");
        Ok(())
    }

    fn blank(&mut self, _: Time) -> Result<(), OutputError> {
        Ok(())
    }
}

#[test]
fn a_panic_in_an_output_darkens_only_its_strip() {
    let config = SPI.replace("solid white", "rainbow")
        + CASE
            .trim_start()
            .trim_start_matches("[lumen]")
            .replace("lumen_group case", "lumen_group well")
            .as_str();
    let config = config.replace("on_startup: solid white", "on_startup: rainbow");
    let engine = threaded(&config, |_| Ok(Box::new(Panics(0))));
    let strip = |index: usize| engine.status().strips[index].clone();
    wait_for("the fault", || strip(0).health.failures > 1);
    let notices = texts(&engine);
    let wanted = "lumen: strip 'spidev8.0' of group 'case': its driver had an internal error; the \
                  strip stays dark";
    assert!(
        notices.iter().any(|it| it.starts_with(wanted)),
        "{notices:?}"
    );
    let before = strip(1).health.frames;
    wait_for("the other strip", || strip(1).health.frames > before);
    assert_eq!(strip(1).health.error, None);
    assert!(engine.close(LONG));
}
