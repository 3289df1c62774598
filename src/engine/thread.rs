//! The render thread: steps and waits until it is told to end.

use super::fault::guard;
use super::mailbox::Mailbox;
use super::pacer;
use super::runner::Runner;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use log::Level;
use parking_lot::Mutex;
use std::convert::Infallible;
use std::io;
use std::num::NonZeroU64;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// As `top -H` and `ps -L` show it.
const NAME: &str = "lumen-render";

/// The handle of a running render thread.
#[derive(Debug)]
pub(crate) struct Thread {
    /// Taken when it has ended.
    handle: Mutex<Option<JoinHandle<()>>>,
    /// Disconnects when the thread is done.
    done: Receiver<Infallible>,
}

impl Thread {
    /// Starts the thread with the priority of its starter: klippy's, which is normal.
    pub(crate) fn start(runner: Runner) -> io::Result<Self> {
        let (alive, done) = crossbeam_channel::bounded(0);
        let shared = runner.shared();
        let handle = Builder::new()
            .name(NAME.to_owned())
            .spawn(move || run(runner, alive))?;
        shared.mailbox.wakes(handle.thread().clone());
        Ok(Self {
            handle: Mutex::new(Some(handle)),
            done,
        })
    }

    /// Ends the thread; false when it still runs after `patience`, and is left behind.
    pub(crate) fn close(&self, mailbox: &Mailbox, patience: Duration) -> bool {
        mailbox.stop();
        let mut handle = self.handle.lock();
        if handle.is_none() {
            return true;
        }
        if self.done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            return false;
        }
        // It is done: this waits for its last instructions only. A panic was told already.
        handle.take().map(JoinHandle::join);
        true
    }
}

fn run(mut runner: Runner, alive: Sender<Infallible>) {
    // The kernel may otherwise hold every frame back by 50 µs to save a wake-up. Refused, frames
    // are that much later.
    let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
    let shared = runner.shared();
    while !shared.mailbox.is_stopped() {
        match guard(|| runner.step()) {
            Ok(wake) => pacer::wait(&shared.clock, wake),
            Err(panic) => {
                let text = format!("lumen: the render thread ended ({panic}); all strips go dark");
                shared.snapshot.end();
                shared.notices.push(Level::Error, text);
                break;
            }
        }
    }
    runner.blank();
    drop(runner);
    drop(alive);
}
