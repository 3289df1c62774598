//! How soon the kernel wakes a thread that draws or sends frames.

use super::sys;
use crate::plan::Priority;
use std::io;
use std::num::NonZeroU64;
use std::time::Duration;

/// The shortest slice that Linux accepts. A frame needs less.
const SLICE: Duration = Duration::from_micros(100);

/// Asks the kernel to wake the calling thread on time. Where the kernel refuses, frames are late
/// while the computer is busy.
pub(crate) fn wake_on_time() {
    // With the default slack, the kernel may delay each wake-up by 50 µs to save another.
    let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
    let _ = sys::set_slice(SLICE);
}

/// Gives the calling thread a priority. `Normal` changes nothing.
///
/// # Errors
/// When the system does not allow it.
pub(crate) fn set_priority(priority: Priority) -> io::Result<()> {
    match priority {
        Priority::Normal => Ok(()),
        Priority::Realtime => sys::set_realtime(),
    }
}

/// Returns the message for a refused priority.
pub(crate) fn refused(error: &io::Error) -> String {
    format!(
        "lumen: 'priority: realtime' is not possible ({error}); add LimitRTPRIO=1 to the [Service] \
         section of Klipper's service, or remove the option"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::sys::scheduling;

    /// Runs a test in a thread of its own, because it changes the thread.
    fn apart(test: impl FnOnce() + Send) {
        std::thread::scope(|scope| {
            scope.spawn(test);
        });
    }

    #[test]
    fn a_thread_gets_the_short_slice_and_keeps_its_policy() {
        apart(|| {
            let before = scheduling().unwrap();
            wake_on_time();
            let after = scheduling().unwrap();
            assert_eq!(after.sched_policy, before.sched_policy);
            assert_eq!(after.sched_nice, before.sched_nice);
            // Older kernels report no slice.
            if before.sched_runtime > 0 {
                assert_eq!(u128::from(after.sched_runtime), SLICE.as_nanos());
            }
            assert_eq!(rustix::thread::current_timer_slack().unwrap(), 1);
        });
    }

    #[test]
    fn a_normal_priority_changes_nothing() {
        apart(|| {
            let before = scheduling().unwrap();
            set_priority(Priority::Normal).unwrap();
            assert_eq!(scheduling().unwrap().sched_policy, before.sched_policy);
        });
    }

    #[test]
    fn realtime_is_set_or_refused_in_words() {
        apart(|| match set_priority(Priority::Realtime) {
            Ok(()) => {
                let after = scheduling().unwrap();
                assert_eq!(after.sched_policy, libc::SCHED_FIFO as u32);
                assert_eq!(after.sched_priority, 1);
            }
            Err(error) => assert!(refused(&error).contains("LimitRTPRIO=1")),
        });
    }
}
