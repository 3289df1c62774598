//! The render thread. Alternates between stepping the runner and waiting, until it is asked to
//! stop.

use super::mailbox::Mailbox;
use super::pacer;
use super::panic_guard::guard;
use super::runner::Runner;
use crate::output::timing::{refused, set_priority, wake_on_time};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use log::Level;
use parking_lot::Mutex;
use std::convert::Infallible;
use std::io;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// The thread name that `top -H` and `ps -L` show.
const NAME: &str = "lumen-render";

/// The handle of a running render thread.
#[derive(Debug)]
pub(crate) struct Thread {
    /// `None` after the thread has ended.
    handle: Mutex<Option<JoinHandle<()>>>,
    /// Disconnects when the thread has ended.
    done: Receiver<Infallible>,
}

impl Thread {
    /// Starts the thread with the priority of the calling thread: klippy's, which is normal.
    pub(crate) fn start(runner: Runner) -> io::Result<Self> {
        let (alive, done) = crossbeam_channel::bounded(0);
        let shared = runner.shared();
        let handle = Builder::new()
            .name(NAME.to_owned())
            .spawn(move || run(runner, alive))?;
        shared.mailbox.set_thread(handle.thread().clone());
        Ok(Self {
            handle: Mutex::new(Some(handle)),
            done,
        })
    }

    /// Stops the thread. Returns false if it still runs after `timeout` and is abandoned.
    pub(crate) fn close(&self, mailbox: &Mailbox, timeout: Duration) -> bool {
        mailbox.stop();
        let mut handle = self.handle.lock();
        if handle.is_none() {
            return true;
        }
        if self.done.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
            return false;
        }
        // The thread is done, so this does not block. A panic was reported before.
        handle.take().map(JoinHandle::join);
        true
    }
}

fn run(mut runner: Runner, alive: Sender<Infallible>) {
    wake_on_time();
    let shared = runner.shared();
    if let Err(error) = set_priority(runner.priority()) {
        shared.notices.push(Level::Warn, refused(&error));
    }
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
