//! Notices: messages of the engine's threads, which never log themselves.
//!
//! A bounded queue with an eventfd that is readable while notices wait. A notice that already
//! waits is counted instead of queued. If the queue is full, the oldest notice is dropped and
//! counted. The thread that drains the queue writes them with [`Notice::log`].

use crate::text::line;
use log::Level;
use parking_lot::Mutex;
use rustix::event::{EventfdFlags, eventfd};
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// How many different texts wait at most; a reader that comes every second never sees it full.
const CAPACITY: usize = 64;

/// The target of the engine's log records.
const TARGET: &str = "lumen::engine";

/// One message for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `Info`; `Warn`, if something does not work as configured; `Error`, if Lumen has a fault.
    pub level: Level,
    /// What happened, with `(again 57 times)` if it happened more than once.
    pub text: String,
    /// The strips that it is about, as messages name them. An information about them says that
    /// they are well again, and earlier warnings about them hold no longer.
    pub about: Option<String>,
}

impl Notice {
    /// Writes it through the `log` facade, as one line of at most `LINE_CHARS` characters.
    ///
    /// In klippy this calls into Python: only the reactor's thread may do it.
    #[allow(clippy::disallowed_macros, reason = "the engine's only log call")]
    pub fn log(&self) {
        log::log!(target: TARGET, self.level, "{}", line(&self.text));
    }
}

#[derive(Debug)]
struct WaitingNotice {
    level: Level,
    text: String,
    about: Option<String>,
    repeats: u64,
}

#[derive(Debug, Default)]
struct NoticeQueue {
    waiting: VecDeque<WaitingNotice>,
    lost: u64,
}

/// The notices of one engine.
#[derive(Debug)]
pub(crate) struct Notices {
    queue: Mutex<NoticeQueue>,
    fd: OwnedFd,
}

impl Notices {
    pub(crate) fn new() -> io::Result<Self> {
        let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            queue: Mutex::default(),
            fd,
        })
    }

    /// The eventfd; readable while notices wait.
    pub(crate) fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Leaves a notice; one of the same text and level that waits is counted up instead.
    pub(crate) fn push(&self, level: Level, text: String) {
        self.leave(level, text, None);
    }

    /// Leaves a notice about some strips.
    pub(crate) fn push_about(&self, strips: &str, level: Level, text: String) {
        self.leave(level, text, Some(strips.to_owned()));
    }

    fn leave(&self, level: Level, text: String, about: Option<String>) {
        let mut queue = self.queue.lock();
        let same = |it: &WaitingNotice| it.level == level && it.text == text;
        if let Some(place) = queue.waiting.iter().position(same) {
            queue.waiting[place].repeats += 1;
            // Of what is said about a strip, the last counts.
            if about.is_some()
                && let Some(known) = queue.waiting.remove(place)
            {
                queue.waiting.push_back(known);
            }
            return;
        }
        if queue.waiting.len() == CAPACITY {
            queue.waiting.pop_front();
            queue.lost += 1;
        }
        queue.waiting.push_back(WaitingNotice {
            level,
            text,
            about,
            repeats: 0,
        });
        if queue.waiting.len() == 1 {
            // It fails only when the counter is full, and then the descriptor is readable already.
            let _ = rustix::io::write(&self.fd, &1_u64.to_ne_bytes());
        }
    }

    /// Takes everything that waits, oldest first.
    pub(crate) fn take(&self) -> Vec<Notice> {
        let mut queue = self.queue.lock();
        // An error means that nothing is waiting; ignore it.
        let _ = rustix::io::read(&self.fd, &mut [0_u8; 8]);
        let lost = std::mem::take(&mut queue.lost);
        let first = (lost > 0).then(|| Notice {
            level: Level::Info,
            text: format!("lumen: {lost} earlier notices were dropped"),
            about: None,
        });
        let rest = queue.waiting.drain(..).map(WaitingNotice::tell);
        first.into_iter().chain(rest).collect()
    }
}

impl WaitingNotice {
    fn tell(self) -> Notice {
        let text = match self.repeats {
            0 => self.text,
            1 => format!("{} (again)", self.text),
            repeats => format!("{} (again {repeats} times)", self.text),
        };
        Notice {
            level: self.level,
            text,
            about: self.about,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn readable(notices: &Notices) -> bool {
        let mut fds = [PollFd::new(&notices.fd, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec::default())).unwrap() == 1
    }

    fn texts(notices: &Notices) -> Vec<String> {
        notices.take().into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn the_descriptor_is_readable_while_something_waits() {
        let notices = Notices::new().unwrap();
        assert!(!readable(&notices));
        notices.push(Level::Info, "one".into());
        notices.push(Level::Info, "two".into());
        assert!(readable(&notices));
        assert_eq!(texts(&notices), ["one", "two"]);
        assert!(!readable(&notices));
        notices.push(Level::Info, "three".into());
        assert!(readable(&notices));
    }

    #[test]
    fn repeats_are_counted_instead_of_queued() {
        let notices = Notices::new().unwrap();
        for _ in 0..58 {
            notices.push(Level::Warn, "dark".into());
        }
        notices.push(Level::Info, "two".into());
        notices.push(Level::Info, "two".into());
        assert_eq!(texts(&notices), ["dark (again 57 times)", "two (again)"]);
    }

    #[test]
    fn a_notice_is_logged_as_one_line_of_bounded_length() {
        struct Records(Mutex<Vec<String>>);
        impl log::Log for Records {
            fn enabled(&self, _: &log::Metadata<'_>) -> bool {
                true
            }
            fn log(&self, record: &log::Record<'_>) {
                let (level, target) = (record.level(), record.target());
                let text = format!("{level} {target} {}", record.args());
                self.0.lock().push(text);
            }
            fn flush(&self) {}
        }
        static RECORDS: Records = Records(Mutex::new(Vec::new()));
        log::set_logger(&RECORDS).unwrap();
        log::set_max_level(log::LevelFilter::Info);
        for text in ["dark\nnight", &"x".repeat(1000)] {
            let (level, text) = (Level::Warn, text.to_owned());
            let notice = Notice {
                level,
                text,
                about: None,
            };
            notice.log();
        }
        let records = RECORDS.0.lock();
        assert_eq!(records[0], "WARN lumen::engine dark\\nnight");
        assert_eq!(records[1].len(), "WARN lumen::engine ".len() + 503);
    }

    #[test]
    fn what_was_said_last_about_a_strip_comes_last() {
        let notices = Notices::new().unwrap();
        let about = |level, text: &str| notices.push_about("strip 'case'", level, text.into());
        about(Level::Warn, "dark");
        about(Level::Info, "lit");
        about(Level::Warn, "dark");
        let taken = notices.take();
        assert!(
            taken
                .iter()
                .all(|it| it.about.as_deref() == Some("strip 'case'"))
        );
        let texts: Vec<&str> = taken.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["lit", "dark (again)"]);
    }

    #[test]
    fn a_full_queue_loses_the_oldest_and_says_how_many() {
        let notices = Notices::new().unwrap();
        for number in 0..CAPACITY + 3 {
            notices.push(Level::Info, format!("{number}"));
        }
        let texts = texts(&notices);
        assert_eq!(texts.len(), CAPACITY + 1);
        assert_eq!(texts[0], "lumen: 3 earlier notices were dropped");
        assert_eq!(texts[1], "3");
    }
}
