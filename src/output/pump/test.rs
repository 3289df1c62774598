use super::fault_state::PATIENCE;
use super::*;
use crate::layout::{ColorOrder, PixelFormat, Strip};
use crate::output::health::HealthState;
use crate::plan::{FinishPlan, OutputPlan};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::sync::atomic::AtomicUsize;

/// Bounds every wait of these tests; none takes it unless it fails.
const LONG: Duration = Duration::from_secs(20);
const QUICK: BackOff = BackOff::new(Duration::from_millis(1), Duration::from_millis(4));

/// What an output was asked, in order.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    Built,
    Write(Vec<u8>),
    Rest,
}

/// An output that reports its calls, fails while told to and hangs at a gate.
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
        self.calls.send(Call::Rest).unwrap();
        Ok(())
    }
}

struct TestPump {
    pump: Pump,
    calls: Receiver<Call>,
    told: Receiver<Option<String>>,
}

impl TestPump {
    fn new(failures: usize, gate: Option<Receiver<()>>) -> Self {
        Self::waiting(failures, gate, QUICK)
    }

    fn waiting(failures: usize, gate: Option<Receiver<()>>, back_off: BackOff) -> Self {
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
        Self::start_waiting(Arc::new(factory), calls, back_off)
    }

    fn start(factory: Factory, calls: Receiver<Call>) -> Self {
        Self::start_waiting(factory, calls, QUICK)
    }

    fn start_waiting(factory: Factory, calls: Receiver<Call>, back_off: BackOff) -> Self {
        let (sender, told) = unbounded();
        let observer = move |dark: Option<&OutputError>| {
            sender.send(dark.map(ToString::to_string)).unwrap();
        };
        let pump = Pump::spawn(&[plan()], factory, Box::new(observer), back_off).unwrap();
        Self { pump, calls, told }
    }

    fn send(&self, time: Time, frame: &[u8]) {
        self.pump.send(0, time, frame);
        self.pump.flush();
    }

    fn call(&self) -> Call {
        self.calls.recv_timeout(LONG).unwrap()
    }

    fn told(&self) -> Option<String> {
        self.told.recv_timeout(LONG).unwrap()
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
fn frames_reach_the_output_and_the_strip_rests_at_the_end() {
    let bench = TestPump::new(0, None);
    bench.send(Time::ZERO, &[1, 2, 3]);
    assert_eq!(bench.call(), Call::Built);
    assert_eq!(bench.call(), Call::Write(vec![1, 2, 3]));
    bench.pump.stop();
    assert_eq!(bench.call(), Call::Rest);
    assert!(bench.pump.join(LONG));
    assert_eq!(bench.pump.health().frames, 1);
    assert_eq!(bench.pump.health().error, None);
}

#[test]
fn a_pump_that_is_dropped_without_a_stop_darkens_its_strip() {
    let bench = TestPump::new(0, None);
    bench.send(Time::ZERO, &[1]);
    assert_eq!(bench.call(), Call::Built);
    assert_eq!(bench.call(), Call::Write(vec![1]));
    drop(bench.pump);
    assert_eq!(bench.calls.recv_timeout(LONG), Ok(Call::Rest));
    // The thread ends and lets go of its output.
    assert!(
        bench
            .calls
            .recv_timeout(LONG)
            .is_err_and(|it| it.is_disconnected())
    );
}

#[test]
fn frames_are_measured_once_somebody_asks() {
    let bench = TestPump::new(0, None);
    bench.send(Time::ZERO, &[1]);
    assert_eq!(bench.call(), Call::Built);
    assert_eq!(bench.call(), Call::Write(vec![1]));
    assert_eq!(bench.pump.writes(), Writes::default());
    bench.pump.measure(LONG);
    for byte in 2..=4 {
        bench.send(Time::ZERO, &[byte]);
        assert_eq!(bench.call(), Call::Write(vec![byte]));
    }
    bench.pump.stop();
    assert!(bench.pump.join(LONG));
    // The first may have been under way.
    assert!((3..=4).contains(&bench.pump.writes().frames));
}

#[test]
fn only_the_latest_frame_waits_for_a_slow_output() {
    let (open, gate) = unbounded();
    let bench = TestPump::new(0, Some(gate));
    bench.send(Time::ZERO, &[1]);
    assert_eq!(bench.call(), Call::Built);
    assert_eq!(bench.call(), Call::Write(vec![1]));
    for byte in 2..=9 {
        bench.send(Time::ZERO, &[byte]);
    }
    open.send(()).unwrap();
    assert_eq!(bench.call(), Call::Write(vec![9]));
    drop(open);
}

#[test]
fn a_device_that_is_not_there_is_told_once_and_tried_until_it_is() {
    let bench = failing(|tries| tries < 5);
    bench.send(Time::ZERO, &[7]);
    assert_eq!(bench.told().as_deref(), Some("cannot open (try later)"));
    assert_eq!(bench.told(), None);
    for _ in 0..6 {
        assert_eq!(bench.call(), Call::Built);
    }
    assert_eq!(bench.call(), Call::Write(vec![7]));
    assert!(bench.told.try_recv().is_err());
}

#[test]
fn after_a_failed_write_the_output_is_built_anew_and_shows_the_same_frame() {
    let bench = TestPump::new(2, None);
    bench.send(Time::ZERO, &[5]);
    for _ in 0..3 {
        assert_eq!(bench.call(), Call::Built);
        assert_eq!(bench.call(), Call::Write(vec![5]));
    }
    assert_eq!(bench.told().as_deref(), Some("cannot write"));
    assert_eq!(bench.told(), None);
}

#[test]
fn a_panic_in_a_driver_is_a_fault_like_any_other() {
    let factory = |_: &[StripPlan]| -> Result<Box<dyn Output>, OutputError> { panic!("as it may") };
    let (_, calls) = unbounded();
    let bench = TestPump::start(Arc::new(factory), calls);
    assert_eq!(
        bench.told().as_deref(),
        Some("its driver had an internal error")
    );
    bench.pump.stop();
    assert!(bench.pump.join(LONG));
}

#[test]
fn a_stop_ends_a_back_off() {
    let (sender, told) = unbounded();
    let factory = |_: &[StripPlan]| -> Result<Box<dyn Output>, OutputError> {
        Err(OutputError::new("cannot open", ""))
    };
    let observer = move |_: Option<&OutputError>| sender.send(()).unwrap();
    let ages = BackOff::new(LONG * 1000, LONG * 1000);
    let pump = Pump::spawn(&[plan()], Arc::new(factory), Box::new(observer), ages).unwrap();
    told.recv_timeout(LONG).unwrap();
    pump.stop();
    assert!(pump.join(LONG));
}

#[test]
fn a_strip_that_a_fault_left_lit_is_darkened_at_the_end() {
    let bench = TestPump::waiting(1, None, BackOff::new(LONG * 1000, LONG * 1000));
    bench.send(Time::ZERO, &[1, 2, 3]);
    assert!(bench.told().is_some());
    bench.pump.stop();
    assert!(bench.pump.join(LONG));
    let calls: Vec<Call> = bench.calls.try_iter().collect();
    let write = Call::Write(vec![1, 2, 3]);
    assert_eq!(calls, [Call::Built, write, Call::Built, Call::Rest]);
}

#[test]
fn a_driver_that_never_returns_is_left_behind() {
    let (open, gate) = unbounded();
    let bench = TestPump::new(0, Some(gate));
    bench.send(Time::ZERO, &[1]);
    assert_eq!(bench.call(), Call::Built);
    assert_eq!(bench.call(), Call::Write(vec![1]));
    bench.pump.stop();
    assert!(!bench.pump.join(Duration::from_millis(1)));
    drop(open);
    assert!(bench.pump.join(LONG));
}

#[test]
fn what_has_ended_does_not_hang() {
    let bench = TestPump::new(0, None);
    bench.send(Time::ZERO, &[1]);
    assert_eq!(bench.call(), Call::Built);
    bench.pump.stop();
    assert!(bench.pump.join(LONG));
    assert_eq!(bench.pump.shared.slot.lock().faults.driving, None);
    assert_eq!(bench.pump.health().state, HealthState::Ok);
}

#[test]
fn strips_that_share_a_wire_go_out_together() {
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
    pump.send(0, Time::ZERO, &[1, 2, 3]);
    pump.send(1, Time::ZERO, &[4, 5, 6]);
    pump.flush();
    assert_eq!(call(), Call::Write(vec![1, 2, 3, 4, 5, 6]));
    // What does not change is sent again with what does.
    pump.send(1, Time::ZERO, &[7, 8, 9]);
    pump.flush();
    assert_eq!(call(), Call::Write(vec![1, 2, 3, 7, 8, 9]));
    pump.send(2, Time::ZERO, &[0]);
}

#[test]
fn a_repaired_strip_is_degraded_and_tells_what_it_was() {
    let bench = TestPump::new(1, None);
    bench.send(Time::ZERO, &[1, 2, 3]);
    assert_eq!(bench.told().as_deref(), Some("cannot write"));
    assert_eq!(bench.told(), None);
    let health = bench.pump.health();
    assert_eq!(health.state, HealthState::Degraded);
    assert_eq!(health.error, Some(OutputError::new("cannot write", "")));
    assert_eq!((health.failures, health.failures_in_a_row), (1, 0));
    assert_eq!((health.reconnects, health.retry_in), (1, None));
}

#[test]
fn a_dark_strip_tells_when_it_is_tried_again() {
    let (sender, told) = unbounded();
    let observer = move |dark: Option<&OutputError>| sender.send(dark.is_some()).unwrap();
    let factory: Factory = Arc::new(|_| Err(OutputError::new("cannot open", "try later")));
    let pump = Pump::spawn(
        &[plan()],
        factory,
        Box::new(observer),
        BackOff::new(LONG, LONG),
    )
    .unwrap();
    assert_eq!(told.recv_timeout(LONG), Ok(true));
    let health = until(&pump, |it| it.retry_in.is_some());
    assert_eq!(health.state, HealthState::Dark);
    assert_eq!((health.failures, health.failures_in_a_row), (1, 1));
    assert!(health.retry_in.is_some_and(|span| span > Span::ZERO));
}

#[test]
fn a_driver_that_hangs_is_told_with_the_next_frame_and_the_strip_abandoned() {
    let (open, gate) = unbounded();
    let bench = TestPump::new(0, Some(gate));
    bench.send(Time::ZERO, &[1, 2, 3]);
    assert_eq!(bench.call(), Call::Built);
    assert_eq!(bench.call(), Call::Write(vec![1, 2, 3]));
    assert_eq!(bench.pump.health().state, HealthState::Ok);
    bench.pump.shared.slot.lock().faults.driving = instant().checked_sub(PATIENCE * 2);
    assert_eq!(bench.pump.health().state, HealthState::Abandoned);
    bench.send(Time::ZERO, &[4, 5, 6]);
    bench.send(Time::ZERO, &[7, 8, 9]);
    assert_eq!(
        bench.told().as_deref(),
        Some("its driver does not return (restart the computer where this lasts)")
    );
    assert!(bench.told.try_recv().is_err());
    assert_eq!(bench.pump.health().dropped, 1);
    // It does return, after all.
    open.send(()).unwrap();
    assert_eq!(bench.call(), Call::Write(vec![7, 8, 9]));
    assert_eq!(bench.told(), None);
    drop(open);
}

/// The health once it is as wanted; looks every millisecond.
fn until(pump: &Pump, is_so: impl Fn(&Health) -> bool) -> Health {
    for _ in 0..LONG.as_millis() {
        let health = pump.health();
        if is_so(&health) {
            return health;
        }
        pause(Duration::from_millis(1));
    }
    panic!("{:?}", pump.health());
}

/// An output whose receiver forgets and whose faults come one write late.
struct Late {
    calls: Sender<Call>,
    fails: bool,
    writes: usize,
}

impl Output for Late {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.writes += 1;
        if self.fails && self.writes > 1 {
            return Err(OutputError::new("nobody listens", ""));
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

fn late(fails: bool) -> TestPump {
    let (sender, calls) = unbounded();
    let factory = move |_: &[StripPlan]| -> Result<Box<dyn Output>, OutputError> {
        Ok(Box::new(Late {
            calls: sender.clone(),
            fails,
            writes: 0,
        }))
    };
    TestPump::start(Arc::new(factory), calls)
}

#[test]
fn a_frame_is_written_again_for_a_receiver_that_forgets() {
    let bench = late(false);
    bench.send(Time::ZERO, &[1]);
    for _ in 0..3 {
        assert_eq!(bench.call(), Call::Write(vec![1]));
    }
    bench.send(Time::ZERO, &[2]);
    while bench.call() != Call::Write(vec![2]) {}
}

#[test]
fn a_receiver_whose_faults_come_late_is_not_taken_for_lit_in_between() {
    let bench = late(true);
    bench.send(Time::ZERO, &[1]);
    for _ in 0..10 {
        assert_eq!(bench.call(), Call::Write(vec![1]));
    }
    assert_eq!(bench.told().as_deref(), Some("nobody listens"));
    assert!(bench.told.try_recv().is_err());
    let health = bench.pump.health();
    assert!(health.failures_in_a_row >= 8, "{health:?}");
    assert_eq!((health.state, health.reconnects), (HealthState::Dark, 0));
}
