//! A run of the doctor on a thread of its own, which never takes Python's lock.
//!
//! The thread can hang in the kernel, for example if a file is on a network share that is
//! unavailable. The caller polls and never waits; after ten seconds it gives the thread up.

use super::{CheckResult, DoctorInput, examine};
use crate::engine::guard;
use crossbeam_channel::Receiver;
use std::io;
use std::thread::{Builder, JoinHandle};

/// The thread name that `top -H` and `ps -L` show.
const NAME: &str = "lumen-doctor";
/// A run without a result is given up after this time, in seconds.
const TIMEOUT_S: f64 = 10.0;
/// The shortest time from one run to the next, in seconds.
const INTERVAL_S: f64 = 5.0;

/// A run. Dropping it forgets the thread.
#[derive(Debug)]
pub struct DoctorRun {
    findings: Receiver<Vec<CheckResult>>,
    thread: JoinHandle<()>,
}

impl DoctorRun {
    /// Starts a thread that examines the input.
    ///
    /// # Errors
    /// When the system cannot create a thread.
    pub fn start(input: DoctorInput) -> io::Result<Self> {
        Self::with(move || examine(&input))
    }

    /// Starts a thread with other checks.
    ///
    /// # Errors
    /// Same as [`DoctorRun::start`].
    pub fn with(examine: impl FnOnce() -> Vec<CheckResult> + Send + 'static) -> io::Result<Self> {
        let (sender, findings) = crossbeam_channel::bounded(1);
        let thread = Builder::new().name(NAME.to_owned());
        let thread = thread.spawn(move || {
            let found = guard(examine);
            let failed = |panic| vec![failed(format!("internal error: {panic}"))];
            // The caller may have given up.
            let _ = sender.send(found.unwrap_or_else(failed));
        })?;
        Ok(Self { findings, thread })
    }

    /// Returns the findings once, when the thread has ended.
    pub fn findings(&self) -> Option<Vec<CheckResult>> {
        self.findings.try_recv().ok()
    }

    /// Whether the thread still runs.
    pub fn is_running(&self) -> bool {
        !self.thread.is_finished()
    }
}

/// The caller's side of a run. Times are in seconds of the caller's clock.
#[derive(Clone, Copy, Debug)]
pub struct DoctorProgress {
    deadline: f64,
}

impl DoctorProgress {
    /// Begins a run. `last` is when the last one began, and `is_running` whether it still runs.
    ///
    /// # Errors
    /// When no run can begin now.
    pub fn begin(now: f64, last: Option<f64>, is_running: bool) -> Result<Self, String> {
        let since = last.map_or(f64::INFINITY, |last| now - last);
        if is_running && since >= TIMEOUT_S {
            return Err(
                "an earlier run still waits for a file; see 'dmesg', or restart the klipper service"
                    .to_owned(),
            );
        }
        if is_running || (0.0..INTERVAL_S).contains(&since) {
            return Err(format!(
                "it has just been run; try again in {INTERVAL_S:.0} seconds"
            ));
        }
        Ok(Self {
            deadline: now + TIMEOUT_S,
        })
    }

    /// Returns the findings when there are any: those of the thread, or that it takes too long.
    pub fn poll(self, now: f64, findings: Option<Vec<CheckResult>>) -> Option<Vec<CheckResult>> {
        let is_late = now >= self.deadline;
        findings.or_else(|| {
            is_late.then(|| {
                let text =
                    format!("the checks took longer than {TIMEOUT_S:.0} s and were given up");
                let advice = "look for a file system that does not answer: dmesg, mount";
                vec![CheckResult::problem("doctor", text, advice)]
            })
        })
    }
}

fn failed(text: String) -> CheckResult {
    CheckResult::problem("doctor", text, "report this with klippy.log")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Vec<CheckResult> {
        vec![CheckResult::ok("computer", "fine")]
    }

    #[test]
    fn a_thread_examines_and_ends() {
        let (hold, held) = crossbeam_channel::bounded::<()>(0);
        let run = DoctorRun::with(move || {
            let _ = held.recv();
            found()
        });
        let run = run.unwrap();
        assert!(run.is_running());
        assert_eq!(run.findings(), None);
        drop(hold);
        assert_eq!(run.findings.recv(), Ok(found()));
        run.thread.join().unwrap();
    }

    #[test]
    fn a_panic_is_a_finding() {
        let run = DoctorRun::with(|| panic!("no such board")).unwrap();
        let found = run.findings.recv().unwrap();
        assert!(found[0].text.starts_with("internal error: no such board"));
    }

    #[test]
    fn one_run_at_a_time_and_five_seconds_apart() {
        let refused = |now, last, is_running| DoctorProgress::begin(now, last, is_running).err();
        assert_eq!(refused(0.0, None, false), None);
        assert_eq!(refused(5.0, Some(0.0), false), None);
        let again = "it has just been run; try again in 5 seconds".to_owned();
        assert_eq!(refused(4.9, Some(0.0), false), Some(again.clone()));
        assert_eq!(refused(9.9, Some(0.0), true), Some(again));
        let hangs = refused(10.0, Some(0.0), true).unwrap();
        assert!(
            hangs.starts_with("an earlier run still waits for a file"),
            "{hangs}"
        );
    }

    #[test]
    fn a_run_without_a_result_is_given_up_after_ten_seconds() {
        let progress = DoctorProgress::begin(1.0, None, false).unwrap();
        assert_eq!(progress.poll(10.9, None), None);
        assert_eq!(progress.poll(2.0, Some(found())), Some(found()));
        assert_eq!(progress.poll(99.0, Some(found())), Some(found()));
        let late = progress.poll(11.0, None).unwrap();
        assert_eq!(
            late[0].text,
            "the checks took longer than 10 s and were given up"
        );
    }
}
