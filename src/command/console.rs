//! The limits of messages on the console that are no answers to commands.
//!
//! At most ten messages a minute are shown, the last two reserved for errors. While a job prints,
//! only errors are shown. A message that repeats within a minute is counted and shown once more
//! with its count. Replies to commands count towards the ten. All messages are in the log too.

use super::throttle::{MINUTE_S, Passed};
use crate::limits::{CONSOLE_MESSAGES, CONSOLE_RESERVED};
use crate::text::{counted, line};

/// How many different messages are tracked for repeats.
const MAX_RECENT: usize = 4 * CONSOLE_MESSAGES;

/// Decides which messages the console shows. Times are in seconds of the caller's clock.
#[derive(Clone, Debug, Default)]
pub struct Console {
    /// Whether the config enables it.
    pub is_on: bool,
    passed: Passed,
    recent: Vec<RecentMessage>,
    sent: u64,
    suppressed: u64,
}

/// A message that was shown within the last minute.
#[derive(Clone, Debug)]
struct RecentMessage {
    text: String,
    sent_at: f64,
    is_error: bool,
    repeats: u64,
}

impl Console {
    /// Returns the line to show for a message, if the limits allow it now.
    pub fn write(
        &mut self,
        text: &str,
        is_error: bool,
        now: f64,
        is_printing: bool,
    ) -> Option<String> {
        if !self.is_on {
            return None;
        }
        let text = line(text);
        if let Some(recent) = self.recent.iter_mut().find(|it| it.text == text) {
            recent.repeats += 1;
            return None;
        }
        if self.recent.len() >= MAX_RECENT {
            self.suppressed += 1;
            return None;
        }
        let shown = text.clone();
        self.write_limited(text, &shown, (is_error, now, is_printing))
    }

    /// Counts a reply to a command towards the limit.
    pub fn count_reply(&mut self, now: f64) {
        self.sent += 1;
        self.passed.try_pass(CONSOLE_MESSAGES, now);
    }

    /// Returns the lines about what was counted and whose minute is over. Must be called regularly.
    pub fn update(&mut self, now: f64, is_printing: bool) -> Vec<String> {
        let mut lines = Vec::new();
        let (old, recent) = std::mem::take(&mut self.recent)
            .into_iter()
            .partition(|it| now - it.sent_at >= MINUTE_S);
        self.recent = recent;
        let old: Vec<RecentMessage> = old;
        for it in old.into_iter().filter(|it| it.repeats > 0) {
            let again = match it.repeats {
                1 => format!("{} (again)", it.text),
                repeats => format!("{} (again {repeats} times)", it.text),
            };
            lines.extend(self.write_limited(it.text, &again, (it.is_error, now, is_printing)));
        }
        if self.suppressed > 0 && !is_printing && self.may_pass(false, now) {
            let count = std::mem::take(&mut self.suppressed);
            self.sent += 1;
            let messages = counted(count, "more message");
            lines.push(format!("lumen: {messages} in klippy.log"));
        }
        lines
    }

    /// Returns whether [`Console::update`] has something to do now or later.
    pub fn is_waiting(&self) -> bool {
        self.suppressed > 0 || !self.recent.is_empty()
    }

    /// Returns the number of messages sent since the start, with the replies.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    fn may_pass(&mut self, is_error: bool, now: f64) -> bool {
        let reserved = if is_error { 0 } else { CONSOLE_RESERVED };
        self.passed.try_pass(CONSOLE_MESSAGES - reserved, now)
    }

    fn write_limited(
        &mut self,
        text: String,
        shown: &str,
        (is_error, now, is_printing): (bool, f64, bool),
    ) -> Option<String> {
        if (is_printing && !is_error) || !self.may_pass(is_error, now) {
            self.suppressed += 1;
            return None;
        }
        self.recent.push(RecentMessage {
            text,
            sent_at: now,
            is_error,
            repeats: 0,
        });
        self.sent += 1;
        // Some hosts end the job at a line that begins with '!!', so errors do not use it.
        Some(if is_error {
            format!("lumen: error: {}", shown.replacen("lumen: ", "", 1))
        } else {
            shown.to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console() -> Console {
        Console {
            is_on: true,
            ..Console::default()
        }
    }

    /// Updates a console every quarter of a second and returns its lines.
    fn updates(console: &mut Console, since: f64, seconds: f64, is_printing: bool) -> Vec<String> {
        let turns = (seconds * 4.0) as u32;
        let times = (1..=turns).map(|turn| since + f64::from(turn) * 0.25);
        times
            .flat_map(|now| console.update(now, is_printing))
            .collect()
    }

    #[test]
    fn errors_have_reserved_places_and_the_rest_is_counted() {
        let mut console = console();
        let texts = (0..50).map(|number| format!("lumen: message {number}"));
        let shown = texts.filter_map(|it| console.write(&it, false, 0.0, false));
        assert_eq!(shown.count(), CONSOLE_MESSAGES - CONSOLE_RESERVED);
        let error = console.write("lumen: it broke", true, 0.0, false);
        assert_eq!(error.as_deref(), Some("lumen: error: it broke"));
        let lines = updates(&mut console, 0.0, 600.0, false);
        assert_eq!(lines, ["lumen: 42 more messages in klippy.log"]);
        assert_eq!((console.sent(), console.is_waiting()), (10, false));
    }

    #[test]
    fn repeats_are_shown_once_with_their_count() {
        let mut console = console();
        let shown = (0..58).filter_map(|_| console.write("lumen: dark", false, 0.0, false));
        assert_eq!(shown.collect::<Vec<_>>(), ["lumen: dark"]);
        let lines = updates(&mut console, 0.0, 600.0, false);
        assert_eq!(lines, ["lumen: dark (again 57 times)"]);
    }

    #[test]
    fn only_errors_are_shown_during_a_print() {
        let mut console = console();
        assert_eq!(console.write("lumen: a", false, 0.0, true), None);
        assert!(console.write("lumen: b", true, 0.0, true).is_some());
        assert!(updates(&mut console, 0.0, 600.0, true).is_empty());
        let lines = updates(&mut console, 600.0, 1.0, false);
        assert_eq!(lines, ["lumen: 1 more message in klippy.log"]);
    }

    #[test]
    fn replies_use_up_the_limit_and_a_disabled_console_shows_nothing() {
        let mut console = console();
        (0..CONSOLE_MESSAGES).for_each(|_| console.count_reply(0.0));
        assert_eq!(console.write("lumen: error", true, 0.0, false), None);
        console.is_on = false;
        assert_eq!(console.write("lumen: later", true, 99.0, false), None);
    }
}
