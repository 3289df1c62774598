//! Which devices this process holds, so that no two threads write one device.
//!
//! The only state of the crate that outlives an engine: Klipper's RESTART starts the next engine in
//! the same process, and a thread that hangs in a driver cannot be ended. Its claim stays, and the
//! next engine says so instead of hanging too.

use crate::output::pump::instant;
use crate::output::{Output, OutputError};
use crate::time::Time;
use parking_lot::{Condvar, Mutex};
use std::path::{Path, PathBuf};
use std::time::Duration;

static HELD: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static RELEASED: Condvar = Condvar::new();

/// A thread that ends well has let its device go by then: a frame of 1000 pixels takes 40 ms. Less
/// than an engine's end may take, so that waiting here is not taken for a driver that hangs.
pub(crate) const PATIENCE: Duration = Duration::from_millis(250);

/// The right to use a device; given back when dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    device: PathBuf,
}

impl Claim {
    /// Takes a device; waits up to `patience` in all for a thread that is just letting it go.
    pub(crate) fn take(device: &Path, patience: Duration) -> Result<Self, OutputError> {
        // Two names of one device are one device.
        let device = device.canonicalize().unwrap_or_else(|_| device.into());
        // One deadline: the release of any other device wakes this thread too.
        let end = instant() + patience;
        let mut held = HELD.lock();
        while held.contains(&device) {
            if RELEASED.wait_until(&mut held, end).timed_out() {
                let problem = format!(
                    "{} is still held by another strip or by a thread that hangs in its driver",
                    device.display()
                );
                return Err(OutputError::new(problem, "restart the Klipper service"));
            }
        }
        held.push(device.clone());
        Ok(Self { device })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        HELD.lock().retain(|device| *device != self.device);
        RELEASED.notify_all();
    }
}

/// An output together with the right to its device; fields drop in order, so the device closes
/// before the next thread may open it.
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

    const SOON: Duration = Duration::from_millis(1);

    /// An output that is unlike the default in all that it says.
    struct Double;

    impl Output for Double {
        fn write(&mut self, _: Time, _: &[Vec<u8>]) -> Result<(), OutputError> {
            Err(OutputError::new("write", ""))
        }

        fn blank(&mut self, _: Time) -> Result<(), OutputError> {
            Err(OutputError::new("rest", ""))
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
    fn a_claimed_output_says_all_that_it_would_say_by_itself() {
        let claim = Claim::take(Path::new("/dev/lumen-claim-c"), SOON).unwrap();
        let mut output = Claimed::new(Double, claim);
        let problem = |result: Result<(), OutputError>| result.unwrap_err().problem;
        assert_eq!(problem(output.write(Time::ZERO, &[])), "write");
        assert_eq!(problem(output.blank(Time::ZERO)), "rest");
        assert_eq!(output.refresh(), Some(Duration::from_secs(1)));
        assert_eq!(output.messages(), 7);
        assert_eq!(output.settle_time(), Duration::from_secs(2));
    }

    #[test]
    fn a_device_is_held_once_and_free_again_afterwards() {
        let device = Path::new("/dev/lumen-claim-a");
        let first = Claim::take(device, SOON).unwrap();
        let refusal = Claim::take(device, SOON).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "/dev/lumen-claim-a is still held by another strip or by a thread that hangs in its \
             driver (restart the Klipper service)"
        );
        drop(first);
        assert!(Claim::take(device, SOON).is_ok());
    }

    #[test]
    fn releases_of_other_devices_do_not_prolong_the_wait() {
        let device = Path::new("/dev/lumen-claim-d");
        let _first = Claim::take(device, SOON).unwrap();
        let (done, is_done) = crossbeam_channel::bounded::<()>(0);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // Until the other has given up, however long that takes.
                while let Err(crossbeam_channel::TryRecvError::Empty) = is_done.try_recv() {
                    drop(Claim::take(Path::new("/dev/lumen-claim-e"), SOON));
                }
            });
            let refused = Claim::take(device, Duration::from_millis(20)).is_err();
            drop(done);
            assert!(refused);
        });
    }

    #[test]
    fn whoever_waits_gets_the_device_when_it_is_let_go() {
        let device = Path::new("/dev/lumen-claim-b");
        let first = Claim::take(device, SOON).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| Claim::take(device, Duration::from_secs(20)).is_ok());
            drop(first);
            assert!(second.join().unwrap());
        });
    }
}
