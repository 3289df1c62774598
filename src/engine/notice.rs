//! Notices: messages from the engine's threads, which never log themselves.
//!
//! A bounded queue with an eventfd that is readable while notices are waiting. A notice equal to a
//! waiting one is counted instead of queued. When the queue is full, the oldest notice is dropped
//! and counted. The thread that drains the queue logs the notices with [`Notice::log`]. Lines of
//! the debug log take at most half of the queue and keep their order.

use crate::text::{counted, line};
use log::Level;
use parking_lot::Mutex;
use rustix::event::{EventfdFlags, eventfd};
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// Maximum number of waiting notices. A reader that drains once a second never fills it.
const CAPACITY: usize = 64;

/// The part of the queue that lines of the debug log may take.
const DEBUG_CAPACITY: usize = CAPACITY / 2;

/// What a notice is about; a reader treats them differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoticeKind {
    /// An event that users need to know.
    #[default]
    Event,
    /// A line of the debug log: a change of the state or of what a group shows.
    Scene,
    /// A line of the debug log with temperatures.
    Temperatures,
}

impl NoticeKind {
    /// The target of its log records.
    fn target(self) -> &'static str {
        match self {
            Self::Event => "lumen::engine",
            Self::Scene | Self::Temperatures => "lumen::debug_log",
        }
    }
}

/// A message for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `Info`; `Warn` if something does not work as configured; `Error` if Lumen has a bug.
    pub level: Level,
    /// What happened, with `(again 57 times)` if it happened more than once.
    pub text: String,
    /// The strips that it is about, as named in messages. An `Info` notice about strips means that
    /// they work again and that earlier warnings about them no longer apply.
    pub about: Option<String>,
    /// What it is about.
    pub kind: NoticeKind,
}

impl Notice {
    /// Logs the notice through the `log` facade, as one line of at most `LINE_CHARS` characters.
    ///
    /// In klippy this calls into Python, so only the reactor's thread may call it.
    #[allow(clippy::disallowed_macros, reason = "the engine's only log call")]
    pub fn log(&self) {
        log::log!(target: self.kind.target(), self.level, "{}", line(&self.text));
    }
}

#[derive(Debug)]
struct WaitingNotice {
    level: Level,
    text: String,
    about: Option<String>,
    kind: NoticeKind,
    repeats: u64,
}

#[derive(Debug, Default)]
struct NoticeQueue {
    waiting: VecDeque<WaitingNotice>,
    dropped: u64,
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

    /// Returns the eventfd, which is readable while notices are waiting.
    pub(crate) fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Queues a notice, or counts a repeat if an equal one is waiting.
    pub(crate) fn push(&self, level: Level, text: String) {
        self.leave(level, text, None);
    }

    /// Queues a notice about some strips.
    pub(crate) fn push_about(&self, strips: &str, level: Level, text: String) {
        self.leave(level, text, Some(strips.to_owned()));
    }

    /// Queues a line of the debug log.
    pub(crate) fn push_debug(&self, kind: NoticeKind, text: String) {
        let mut queue = self.queue.lock();
        if queue.waiting.len() >= DEBUG_CAPACITY {
            queue.dropped += 1;
            return;
        }
        self.enqueue(
            &mut queue,
            WaitingNotice {
                level: Level::Info,
                text,
                about: None,
                kind,
                repeats: 0,
            },
        );
    }

    fn leave(&self, level: Level, text: String, about: Option<String>) {
        let mut queue = self.queue.lock();
        let same = |it: &WaitingNotice| it.level == level && it.text == text;
        if let Some(place) = queue.waiting.iter().position(same) {
            queue.waiting[place].repeats += 1;
            // The latest notice about a strip must come last.
            if about.is_some()
                && let Some(known) = queue.waiting.remove(place)
            {
                queue.waiting.push_back(known);
            }
            return;
        }
        if queue.waiting.len() == CAPACITY {
            queue.waiting.pop_front();
            queue.dropped += 1;
        }
        self.enqueue(
            &mut queue,
            WaitingNotice {
                level,
                text,
                about,
                kind: NoticeKind::Event,
                repeats: 0,
            },
        );
    }

    fn enqueue(&self, queue: &mut NoticeQueue, notice: WaitingNotice) {
        queue.waiting.push_back(notice);
        if queue.waiting.len() == 1 {
            // An error means that the counter is full. The eventfd is readable in that case too.
            let _ = rustix::io::write(&self.fd, &1_u64.to_ne_bytes());
        }
    }

    /// Takes all waiting notices, oldest first.
    pub(crate) fn take(&self) -> Vec<Notice> {
        let mut queue = self.queue.lock();
        // An error means that nothing is waiting.
        let _ = rustix::io::read(&self.fd, &mut [0_u8; 8]);
        let dropped = std::mem::take(&mut queue.dropped);
        let first = (dropped > 0).then(|| Notice {
            level: Level::Info,
            text: format!("lumen: {} dropped", counted(dropped, "earlier notice")),
            about: None,
            kind: NoticeKind::Event,
        });
        let rest = queue.waiting.drain(..).map(WaitingNotice::into_notice);
        first.into_iter().chain(rest).collect()
    }
}

impl WaitingNotice {
    fn into_notice(self) -> Notice {
        let text = match self.repeats {
            0 => self.text,
            1 => format!("{} (again)", self.text),
            repeats => format!("{} (again {repeats} times)", self.text),
        };
        Notice {
            level: self.level,
            text,
            about: self.about,
            kind: self.kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn is_readable(notices: &Notices) -> bool {
        let mut fds = [PollFd::new(&notices.fd, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec::default())).unwrap() == 1
    }

    fn texts(notices: &Notices) -> Vec<String> {
        notices.take().into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn the_eventfd_is_readable_while_a_notice_waits() {
        let notices = Notices::new().unwrap();
        assert!(!is_readable(&notices));
        notices.push(Level::Info, "one".into());
        notices.push(Level::Info, "two".into());
        assert!(is_readable(&notices));
        assert_eq!(texts(&notices), ["one", "two"]);
        assert!(!is_readable(&notices));
        notices.push(Level::Info, "three".into());
        assert!(is_readable(&notices));
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
                kind: NoticeKind::Event,
            };
            notice.log();
        }
        let records = RECORDS.0.lock();
        assert_eq!(records[0], "WARN lumen::engine dark\\nnight");
        assert_eq!(records[1].len(), "WARN lumen::engine ".len() + 503);
    }

    #[test]
    fn the_latest_notice_about_a_strip_comes_last() {
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
    fn lines_of_the_debug_log_keep_their_order_and_leave_room() {
        let notices = Notices::new().unwrap();
        let line = |text: String| notices.push_debug(NoticeKind::Scene, text);
        for number in 0..CAPACITY {
            line(format!("{}", number % 2));
        }
        notices.push(Level::Warn, "dark".into());
        let texts = texts(&notices);
        assert_eq!(texts.len(), DEBUG_CAPACITY + 2);
        assert_eq!(
            texts[..4],
            ["lumen: 32 earlier notices dropped", "0", "1", "0"]
        );
        assert_eq!(texts[DEBUG_CAPACITY + 1], "dark");
    }

    #[test]
    fn a_full_queue_drops_the_oldest_and_counts_them() {
        let notices = Notices::new().unwrap();
        for number in 0..CAPACITY + 3 {
            notices.push(Level::Info, format!("{number}"));
        }
        let texts = texts(&notices);
        assert_eq!(texts.len(), CAPACITY + 1);
        assert_eq!(texts[0], "lumen: 3 earlier notices dropped");
        assert_eq!(texts[1], "3");
    }
}
