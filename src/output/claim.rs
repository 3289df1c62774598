//! Exclusive use of devices within this process: no two threads write to the same device.
//!
//! This is the only state of the crate that outlives an engine. Klipper's RESTART starts the next
//! engine in the same process, and a thread that hangs in a driver cannot be stopped. That thread
//! keeps its claim, and the next engine reports an error instead of hanging too.

use crate::output::pump::instant;
use crate::output::{Output, OutputError};
use crate::time::Time;
use parking_lot::{Condvar, Mutex};
use std::path::{Path, PathBuf};
use std::time::Duration;

static CLAIMED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static RELEASED: Condvar = Condvar::new();

/// How long to wait for a device. A thread that ends normally releases its device sooner: a frame
/// of 1000 pixels takes 40 ms. The time is shorter than the limit for stopping an engine, so that
/// waiting here does not look like a hanging driver.
pub(crate) const CLAIM_TIMEOUT: Duration = Duration::from_millis(250);

/// The exclusive right to use a device; released when dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    device: PathBuf,
}

impl Claim {
    /// Claims a device; waits up to `timeout` for another thread to release it.
    pub(crate) fn take(device: &Path, timeout: Duration) -> Result<Self, OutputError> {
        // Different paths can name the same device.
        let device = device.canonicalize().unwrap_or_else(|_| device.into());
        // A deadline, because the release of any other device wakes this thread too.
        let deadline = instant() + timeout;
        let mut claimed = CLAIMED.lock();
        while claimed.contains(&device) {
            if RELEASED.wait_until(&mut claimed, deadline).timed_out() {
                let problem = format!(
                    "{} is still in use by another strip or by a thread that hangs in its driver",
                    device.display()
                );
                return Err(OutputError::new(problem, "restart the Klipper service"));
            }
        }
        claimed.push(device.clone());
        Ok(Self { device })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        CLAIMED.lock().retain(|device| *device != self.device);
        RELEASED.notify_all();
    }
}

/// An output with the claim on its device. Fields drop in order, so the device is closed before the
/// claim is released.
#[derive(Debug)]
pub(crate) struct Claimed<O> {
    output: O,
    _claim: Claim,
}

impl<O> Claimed<O> {
    pub(crate) fn new(output: O, claim: Claim) -> Self {
        Self {
            output,
            _claim: claim,
        }
    }
}

impl<O: Output> Output for Claimed<O> {
    fn write(&mut self, time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.output.write(time, frames)
    }

    fn blank(&mut self, time: Time) -> Result<(), OutputError> {
        self.output.blank(time)
    }

    fn refresh(&self) -> Option<Duration> {
        self.output.refresh()
    }

    fn messages(&self) -> u64 {
        self.output.messages()
    }

    fn settle_time(&self) -> Duration {
        self.output.settle_time()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    /// An output whose every answer differs from the default.
    struct TestOutput;

    impl Output for TestOutput {
        fn write(&mut self, _: Time, _: &[Vec<u8>]) -> Result<(), OutputError> {
            Err(OutputError::new("write", ""))
        }

        fn blank(&mut self, _: Time) -> Result<(), OutputError> {
            Err(OutputError::new("blank", ""))
        }

        fn refresh(&self) -> Option<Duration> {
            Some(Duration::from_secs(1))
        }

        fn messages(&self) -> u64 {
            7
        }

        fn settle_time(&self) -> Duration {
            Duration::from_secs(2)
        }
    }

    #[test]
    fn a_claimed_output_forwards_every_call() {
        let claim = Claim::take(Path::new("/dev/lumen-claim-c"), SHORT).unwrap();
        let mut output = Claimed::new(TestOutput, claim);
        let problem = |result: Result<(), OutputError>| result.unwrap_err().problem;
        assert_eq!(problem(output.write(Time::ZERO, &[])), "write");
        assert_eq!(problem(output.blank(Time::ZERO)), "blank");
        assert_eq!(output.refresh(), Some(Duration::from_secs(1)));
        assert_eq!(output.messages(), 7);
        assert_eq!(output.settle_time(), Duration::from_secs(2));
    }

    #[test]
    fn a_device_is_claimed_once_and_free_after_the_drop() {
        let device = Path::new("/dev/lumen-claim-a");
        let first = Claim::take(device, SHORT).unwrap();
        let refusal = Claim::take(device, SHORT).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "/dev/lumen-claim-a is still in use by another strip or by a thread that hangs in its \
             driver (restart the Klipper service)"
        );
        drop(first);
        assert!(Claim::take(device, SHORT).is_ok());
    }

    #[test]
    fn releases_of_other_devices_do_not_prolong_the_wait() {
        let device = Path::new("/dev/lumen-claim-d");
        let _first = Claim::take(device, SHORT).unwrap();
        let (done, is_done) = crossbeam_channel::bounded::<()>(0);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // Until the other thread gives up.
                while let Err(crossbeam_channel::TryRecvError::Empty) = is_done.try_recv() {
                    drop(Claim::take(Path::new("/dev/lumen-claim-e"), SHORT));
                }
            });
            let refused = Claim::take(device, Duration::from_millis(20)).is_err();
            drop(done);
            assert!(refused);
        });
    }

    #[test]
    fn a_waiting_thread_gets_the_device_when_it_is_released() {
        let device = Path::new("/dev/lumen-claim-b");
        let first = Claim::take(device, SHORT).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| Claim::take(device, Duration::from_secs(20)).is_ok());
            drop(first);
            assert!(second.join().unwrap());
        });
    }
}
