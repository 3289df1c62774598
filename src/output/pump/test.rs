//! Tests of the pump with an output that records its calls and fails on request.

use super::fault_state::HANG_TIMEOUT;
use super::*;
use crate::layout::{ColorOrder, PixelFormat, Strip};
use crate::output::health::HealthState;
use crate::plan::{FinishPlan, OutputPlan};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::sync::atomic::AtomicUsize;

/// The timeout of every wait in these tests; only a failing test reaches it.
const LONG: Duration = Duration::from_secs(20);
const QUICK: BackOff = BackOff::new(Duration::from_millis(1), Duration::from_millis(4));

/// A call of an output.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    Built,
    Write(Vec<u8>),
    Blank,
}

/// An output that reports its calls, fails a number of times and blocks at a gate.
struct TestOutput {
    calls: Sender<Call>,
    failures: Arc<AtomicUsize>,
    gate: Option<Receiver<()>>,
}

impl Output for TestOutput {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.calls.send(Call::Write(frames.concat())).unwrap();
        if let Some(gate) = &self.gate {
            let _ = gate.recv();
        }
        let left = self.failures.load(Ordering::Relaxed);
        if left == 0 {
            return Ok(());
        }
        self.failures.store(left - 1, Ordering::Relaxed);
        Err(OutputError::new("cannot write", ""))
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        self.calls.send(Call::Blank).unwrap();
        Ok(())
    }
}

struct TestPump {
    pump: Pump,
    calls: Receiver<Call>,
    reported: Receiver<Option<String>>,
}

impl TestPump {
    fn new(failures: usize, gate: Option<Receiver<()>>) -> Self {
        Self::with_back_off(failures, gate, QUICK)
    }

    fn with_back_off(failures: usize, gate: Option<Receiver<()>>, back_off: BackOff) -> Self {
        let (sender, calls) = unbounded();
        let failures = Arc::new(AtomicUsize::new(failures));
        let factory = move |_: &[StripPlan]| -> Result<Box<dyn Output>, OutputError> {
            sender.send(Call::Built).unwrap();
            Ok(Box::new(TestOutput {
                calls: sender.clone(),
                failures: Arc::clone(&failures),
                gate: gate.clone(),
            }))
        };
        Self::spawn(Arc::new(factory), calls, back_off)
    }

    fn start(factory: Factory, calls: Receiver<Call>) -> Self {
        Self::spawn(factory, calls, QUICK)
    }

    fn spawn(factory: Factory, calls: Receiver<Call>, back_off: BackOff) -> Self {
        let (sender, reported) = unbounded();
        let observer = move |dark: Option<&OutputError>| {
            sender.send(dark.map(ToString::to_string)).unwrap();
        };
        let pump = Pump::spawn(&[plan()], factory, Box::new(observer), back_off).unwrap();
        Self {
            pump,
            calls,
            reported,
        }
    }

    fn send(&self, time: Time, frame: &[u8]) {
        self.pump.submit(0, time, frame, &[]);
        self.pump.flush();
    }

    fn call(&self) -> Call {
        self.calls.recv_timeout(LONG).unwrap()
    }

    fn reported(&self) -> Option<String> {
        self.reported.recv_timeout(LONG).unwrap()
    }
}

fn plan() -> StripPlan {
    StripPlan {
        owner: String::new(),
        strip: Strip {
            name: "case".into(),
            pixels: 1,
            order: ColorOrder::GRB,
            format: PixelFormat::Bytes,
        },
        output: OutputPlan::Memory,
        finish: FinishPlan::default(),
    }
}

fn failing(fails: impl Fn(usize) -> bool + Send + Sync + 'static) -> TestPump {
    let (sender, calls) = unbounded();
    let tries = AtomicUsize::new(0);
    let factory = move |_: &[StripPlan]| -> Result<Box<dyn Output>, OutputError> {
        sender.send(Call::Built).unwrap();
        if fails(tries.fetch_add(1, Ordering::Relaxed)) {
            return Err(OutputError::new("cannot open", "try later"));
        }
        Ok(Box::new(TestOutput {
            calls: sender.clone(),
            failures: Arc::default(),
            gate: None,
        }))
    };
    TestPump::start(Arc::new(factory), calls)
}

#[test]
fn frames_reach_the_output_and_the_strip_is_blanked_at_the_end() {
    let test = TestPump::new(0, None);
    test.send(Time::ZERO, &[1, 2, 3]);
    assert_eq!(test.call(), Call::Built);
    assert_eq!(test.call(), Call::Write(vec![1, 2, 3]));
    test.pump.stop(Time::ZERO);
    assert_eq!(test.call(), Call::Blank);
    assert!(test.pump.join(LONG));
    assert_eq!(test.pump.health().frames, 1);
    assert_eq!(test.pump.health().error, None);
}

#[test]
fn a_dropped_pump_blanks_its_strip() {
    let test = TestPump::new(0, None);
    test.send(Time::ZERO, &[1]);
    assert_eq!(test.call(), Call::Built);
    assert_eq!(test.call(), Call::Write(vec![1]));
    drop(test.pump);
    assert_eq!(test.calls.recv_timeout(LONG), Ok(Call::Blank));
    // The thread ends and drops its output.
    assert!(
        test.calls
            .recv_timeout(LONG)
            .is_err_and(|it| it.is_disconnected())
    );
}

#[test]
fn frames_are_measured_during_a_measurement() {
    let test = TestPump::new(0, None);
    test.send(Time::ZERO, &[1]);
    assert_eq!(test.call(), Call::Built);
    assert_eq!(test.call(), Call::Write(vec![1]));
    assert_eq!(test.pump.stats().writes, Some(Writes::default()));
    test.pump.measure(Span::from_secs(LONG.as_secs_f64()));
    for byte in 2..=4 {
        test.send(Time::ZERO, &[byte]);
        assert_eq!(test.call(), Call::Write(vec![byte]));
    }
    test.pump.stop(Time::ZERO);
    assert!(test.pump.join(LONG));
    // The first write may still run when the measurement starts.
    assert!((3..=4).contains(&test.pump.stats().writes.unwrap().frames));
}

#[test]
fn a_slow_output_gets_only_the_latest_frame() {
    let (open, gate) = unbounded();
    let test = TestPump::new(0, Some(gate));
    test.send(Time::ZERO, &[1]);
    assert_eq!(test.call(), Call::Built);
    assert_eq!(test.call(), Call::Write(vec![1]));
    for byte in 2..=9 {
        test.send(Time::ZERO, &[byte]);
    }
    open.send(()).unwrap();
    assert_eq!(test.call(), Call::Write(vec![9]));
    drop(open);
}

#[test]
fn a_missing_device_is_reported_once_and_retried_until_it_appears() {
    let test = failing(|tries| tries < 5);
    test.send(Time::ZERO, &[7]);
    assert_eq!(test.reported().as_deref(), Some("cannot open (try later)"));
    assert_eq!(test.reported(), None);
    for _ in 0..6 {
        assert_eq!(test.call(), Call::Built);
    }
    assert_eq!(test.call(), Call::Write(vec![7]));
    assert!(test.reported.try_recv().is_err());
}

#[test]
fn after_a_failed_write_the_output_is_rebuilt_and_shows_the_same_frame() {
    let test = TestPump::new(2, None);
    test.send(Time::ZERO, &[5]);
    for _ in 0..3 {
        assert_eq!(test.call(), Call::Built);
        assert_eq!(test.call(), Call::Write(vec![5]));
    }
    assert_eq!(test.reported().as_deref(), Some("cannot write"));
    assert_eq!(test.reported(), None);
}

#[test]
fn a_panic_in_a_driver_is_a_fault_like_any_other() {
    let factory = |_: &[StripPlan]| -> Result<Box<dyn Output>, OutputError> { panic!("test") };
    let (_, calls) = unbounded();
    let test = TestPump::start(Arc::new(factory), calls);
    assert_eq!(
        test.reported().as_deref(),
        Some("its driver had an internal error")
    );
    test.pump.stop(Time::ZERO);
    assert!(test.pump.join(LONG));
}

#[test]
fn stop_ends_a_back_off() {
    let (sender, reported) = unbounded();
    let factory = |_: &[StripPlan]| -> Result<Box<dyn Output>, OutputError> {
        Err(OutputError::new("cannot open", ""))
    };
    let observer = move |_: Option<&OutputError>| sender.send(()).unwrap();
    let endless = BackOff::new(LONG * 1000, LONG * 1000);
    let pump = Pump::spawn(&[plan()], Arc::new(factory), Box::new(observer), endless).unwrap();
    reported.recv_timeout(LONG).unwrap();
    pump.stop(Time::ZERO);
    assert!(pump.join(LONG));
}

#[test]
fn a_strip_left_lit_by_a_fault_is_blanked_at_the_end() {
    let test = TestPump::with_back_off(1, None, BackOff::new(LONG * 1000, LONG * 1000));
    test.send(Time::ZERO, &[1, 2, 3]);
    assert!(test.reported().is_some());
    test.pump.stop(Time::ZERO);
    assert!(test.pump.join(LONG));
    let calls: Vec<Call> = test.calls.try_iter().collect();
    let write = Call::Write(vec![1, 2, 3]);
    assert_eq!(calls, [Call::Built, write, Call::Built, Call::Blank]);
}

#[test]
fn join_does_not_wait_for_a_driver_that_never_returns() {
    let (open, gate) = unbounded();
    let test = TestPump::new(0, Some(gate));
    test.send(Time::ZERO, &[1]);
    assert_eq!(test.call(), Call::Built);
    assert_eq!(test.call(), Call::Write(vec![1]));
    test.pump.stop(Time::ZERO);
    assert!(!test.pump.join(Duration::from_millis(1)));
    drop(open);
    assert!(test.pump.join(LONG));
}

#[test]
fn an_ended_thread_does_not_count_as_hanging() {
    let test = TestPump::new(0, None);
    test.send(Time::ZERO, &[1]);
    assert_eq!(test.call(), Call::Built);
    test.pump.stop(Time::ZERO);
    assert!(test.pump.join(LONG));
    assert_eq!(test.pump.shared.slot.lock().faults.driving, None);
    assert_eq!(test.pump.health().state, HealthState::Ok);
}

#[test]
fn strips_that_share_a_device_are_sent_together() {
    let (sender, calls) = unbounded();
    let factory: Factory = Arc::new(move |plans: &[StripPlan]| {
        assert_eq!(plans.len(), 2);
        Ok(Box::new(TestOutput {
            calls: sender.clone(),
            failures: Arc::default(),
            gate: None,
        }) as Box<dyn Output>)
    });
    let pump = Pump::start(&[plan(), plan()], factory, Box::new(|_| ())).unwrap();
    let call = || calls.recv_timeout(LONG).unwrap();
    pump.submit(0, Time::ZERO, &[1, 2, 3], &[]);
    pump.submit(1, Time::ZERO, &[4, 5, 6], &[]);
    pump.flush();
    assert_eq!(call(), Call::Write(vec![1, 2, 3, 4, 5, 6]));
    // An unchanged frame is sent again with a changed one.
    pump.submit(1, Time::ZERO, &[7, 8, 9], &[]);
    pump.flush();
    assert_eq!(call(), Call::Write(vec![1, 2, 3, 7, 8, 9]));
    pump.submit(2, Time::ZERO, &[0], &[]);
}

#[test]
fn a_recovered_strip_is_degraded_and_keeps_the_error() {
    let test = TestPump::new(1, None);
    test.send(Time::ZERO, &[1, 2, 3]);
    assert_eq!(test.reported().as_deref(), Some("cannot write"));
    assert_eq!(test.reported(), None);
    let health = test.pump.health();
    assert_eq!(health.state, HealthState::Degraded);
    assert_eq!(health.error, Some(OutputError::new("cannot write", "")));
    assert_eq!((health.failures, health.failures_in_a_row), (1, 0));
    assert_eq!((health.reconnects, health.retry_in), (1, None));
}

#[test]
fn the_health_of_a_dark_strip_has_the_time_of_the_retry() {
    let (sender, reported) = unbounded();
    let observer = move |dark: Option<&OutputError>| sender.send(dark.is_some()).unwrap();
    let factory: Factory = Arc::new(|_| Err(OutputError::new("cannot open", "try later")));
    let pump = Pump::spawn(
        &[plan()],
        factory,
        Box::new(observer),
        BackOff::new(LONG, LONG),
    )
    .unwrap();
    assert_eq!(reported.recv_timeout(LONG), Ok(true));
    let health = wait_for_health(&pump, |it| it.retry_in.is_some());
    assert_eq!(health.state, HealthState::Dark);
    assert_eq!((health.failures, health.failures_in_a_row), (1, 1));
    assert!(health.retry_in.is_some_and(|span| span > Span::ZERO));
}

#[test]
fn a_hanging_driver_is_reported_with_the_next_frame_and_abandoned() {
    let (open, gate) = unbounded();
    let test = TestPump::new(0, Some(gate));
    test.send(Time::ZERO, &[1, 2, 3]);
    assert_eq!(test.call(), Call::Built);
    assert_eq!(test.call(), Call::Write(vec![1, 2, 3]));
    assert_eq!(test.pump.health().state, HealthState::Ok);
    test.pump.shared.slot.lock().faults.driving = instant().checked_sub(HANG_TIMEOUT * 2);
    assert_eq!(test.pump.health().state, HealthState::Abandoned);
    test.send(Time::ZERO, &[4, 5, 6]);
    test.send(Time::ZERO, &[7, 8, 9]);
    assert_eq!(
        test.reported().as_deref(),
        Some("its driver does not return (reboot if this persists)")
    );
    assert!(test.reported.try_recv().is_err());
    assert_eq!(test.pump.health().dropped, 1);
    // The driver returns after all.
    open.send(()).unwrap();
    assert_eq!(test.call(), Call::Write(vec![7, 8, 9]));
    assert_eq!(test.reported(), None);
    drop(open);
}

/// Polls every millisecond until the health satisfies a condition.
fn wait_for_health(pump: &Pump, condition: impl Fn(&Health) -> bool) -> Health {
    for _ in 0..LONG.as_millis() {
        let health = pump.health();
        if condition(&health) {
            return health;
        }
        pause(Duration::from_millis(1));
    }
    panic!("{:?}", pump.health());
}

/// An output that needs a refresh and reports faults one write late.
struct LateFaultOutput {
    calls: Sender<Call>,
    fails: bool,
    writes: usize,
}

impl Output for LateFaultOutput {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.writes += 1;
        if self.fails && self.writes > 1 {
            return Err(OutputError::new("no receiver", ""));
        }
        self.calls.send(Call::Write(frames.concat())).unwrap();
        Ok(())
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        Ok(())
    }

    fn refresh(&self) -> Option<Duration> {
        Some(Duration::from_millis(1))
    }

    fn settle_time(&self) -> Duration {
        LONG
    }
}

fn late_fault(fails: bool) -> TestPump {
    let (sender, calls) = unbounded();
    let factory = move |_: &[StripPlan]| -> Result<Box<dyn Output>, OutputError> {
        Ok(Box::new(LateFaultOutput {
            calls: sender.clone(),
            fails,
            writes: 0,
        }))
    };
    TestPump::start(Arc::new(factory), calls)
}

#[test]
fn a_frame_is_sent_again_after_the_refresh_time() {
    let test = late_fault(false);
    test.send(Time::ZERO, &[1]);
    for _ in 0..3 {
        assert_eq!(test.call(), Call::Write(vec![1]));
    }
    test.send(Time::ZERO, &[2]);
    while test.call() != Call::Write(vec![2]) {}
}

#[test]
fn an_output_with_late_faults_stays_dark_until_it_settles() {
    let test = late_fault(true);
    test.send(Time::ZERO, &[1]);
    for _ in 0..10 {
        assert_eq!(test.call(), Call::Write(vec![1]));
    }
    assert_eq!(test.reported().as_deref(), Some("no receiver"));
    assert!(test.reported.try_recv().is_err());
    let health = test.pump.health();
    assert!(health.failures_in_a_row >= 8, "{health:?}");
    assert_eq!((health.state, health.reconnects), (HealthState::Dark, 0));
}
