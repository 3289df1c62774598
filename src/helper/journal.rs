//! The helper's journal with rate limits, so that clients cannot flood it.
//!
//! Each user has a budget of lines, all users together have another, and the helper's own lines
//! have a third. Lines over budget and repeated lines are only counted, and the count is written
//! when the budget allows a line again. Control characters are escaped and long lines are
//! truncated. Pure except for the sink; time is an argument.

use crate::text::{counted, escaped};
use crate::time::{Span, Time};

/// Users with separate budgets; a new user replaces the one that was quiet the longest.
const MAX_USERS: usize = 8;
/// Maximum length of a line in characters.
const LINE_CHARS: usize = 400;
/// The budget of each user: lines at once, and the time until one more.
const USER: (u32, Span) = (10, Span::from_millis(10_000));
/// The budget of all users together.
const ALL_USERS: (u32, Span) = (40, Span::from_millis(3000));
/// The budget of the helper's own lines, which no user can exhaust.
const OWN: (u32, Span) = (20, Span::from_millis(5000));

/// The origin of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The helper itself.
    Own,
    /// A client of this user.
    User(u32),
}

/// The journal.
pub(super) struct Journal {
    sink: fn(&str),
    all_users: Budget,
    own: Writer,
    users: Vec<Writer>,
}

/// The lines of one origin.
struct Writer {
    origin: Origin,
    budget: Budget,
    /// Time of the last line.
    last_at: Time,
    last: String,
    /// Lines that were only counted.
    suppressed: u64,
    /// Time of the first suppressed line.
    since: Time,
}

/// A token bucket of lines.
struct Budget {
    left: u32,
    max: u32,
    interval: Span,
    /// When the current interval began.
    since: Time,
}

impl Journal {
    pub(super) fn new(sink: fn(&str), now: Time) -> Self {
        Self {
            sink,
            all_users: Budget::new(ALL_USERS, now),
            own: Writer::new(Origin::Own, OWN, now),
            users: Vec::new(),
        }
    }

    /// Writes a line, or counts it.
    pub(super) fn line(&mut self, now: Time, origin: Origin, text: &str) {
        self.flush(now);
        let (writer, mut shared) = match origin {
            Origin::Own => (&mut self.own, None),
            Origin::User(_) => {
                let index = self.user_index(now, origin);
                (&mut self.users[index], Some(&mut self.all_users))
            }
        };
        writer.last_at = now;
        if writer.last == text {
            writer.count(now);
            return;
        }
        // The count of suppressed lines comes first.
        if writer.suppressed > 0 && writer.may_write(now, shared.as_deref_mut()) {
            (self.sink)(&writer.summary());
        }
        if writer.suppressed > 0 || !writer.may_write(now, shared) {
            writer.count(now);
            return;
        }
        text.clone_into(&mut writer.last);
        (self.sink)(&one_line(text));
    }

    /// Writes the counts of suppressed lines that are due and within budget.
    pub(super) fn flush(&mut self, now: Time) {
        if self.own.is_due(now) && self.own.may_write(now, None) {
            (self.sink)(&self.own.summary());
        }
        for writer in &mut self.users {
            if writer.is_due(now) && writer.may_write(now, Some(&mut self.all_users)) {
                (self.sink)(&writer.summary());
            }
        }
    }

    /// When [`Journal::flush`] must be called next.
    pub(super) fn due(&self) -> Option<Time> {
        let users = self.users.iter().filter_map(Writer::due).min();
        let users = users.map(|it| it.max(self.all_users.next_at()));
        [self.own.due(), users].into_iter().flatten().min()
    }

    /// The index of a user in the table; adds the user if needed.
    fn user_index(&mut self, now: Time, origin: Origin) -> usize {
        if let Some(index) = self.users.iter().position(|it| it.origin == origin) {
            return index;
        }
        let writer = Writer::new(origin, USER, now);
        if self.users.len() < MAX_USERS {
            self.users.push(writer);
            return self.users.len() - 1;
        }
        let quiet = self
            .users
            .iter()
            .enumerate()
            .min_by_key(|(_, it)| it.last_at);
        let index = quiet.map_or(0, |(index, _)| index);
        // The count of a removed user is added to that of the helper.
        if self.users[index].suppressed > 0 {
            self.own.count(now);
            self.own.suppressed += self.users[index].suppressed - 1;
        }
        self.users[index] = writer;
        index
    }
}

impl Writer {
    fn new(origin: Origin, lines: (u32, Span), now: Time) -> Self {
        Self {
            origin,
            budget: Budget::new(lines, now),
            last_at: now,
            last: String::new(),
            suppressed: 0,
            since: now,
        }
    }

    /// Counts a suppressed line.
    fn count(&mut self, now: Time) {
        if self.suppressed == 0 {
            self.since = now;
        }
        self.suppressed += 1;
    }

    /// When the count of suppressed lines is written.
    fn due(&self) -> Option<Time> {
        let at = self.budget.next_at().max(self.since + self.budget.interval);
        (self.suppressed > 0).then_some(at)
    }

    fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|at| at <= now)
    }

    /// Takes a line from its own budget and the shared one; returns `false` if one is empty.
    fn may_write(&mut self, now: Time, shared: Option<&mut Budget>) -> bool {
        self.budget.refill(now);
        if self.budget.left == 0 {
            return false;
        }
        if let Some(shared) = shared {
            shared.refill(now);
            if shared.left == 0 {
                return false;
            }
            shared.left -= 1;
        }
        self.budget.left -= 1;
        true
    }

    /// The message with the count of suppressed lines; resets the count.
    fn summary(&mut self) -> String {
        let lines = counted(std::mem::take(&mut self.suppressed), "more line");
        match self.origin {
            Origin::Own => format!("{lines} suppressed"),
            Origin::User(user) => format!("{lines} about user {user} suppressed"),
        }
    }
}

impl Budget {
    fn new((max, interval): (u32, Span), now: Time) -> Self {
        Self {
            left: max,
            max,
            interval,
            since: now,
        }
    }

    fn refill(&mut self, now: Time) {
        let new_lines = now.since(self.since).as_nanos() / self.interval.as_nanos();
        if new_lines >= u64::from(self.max - self.left) {
            self.left = self.max;
            self.since = now;
        } else {
            self.left += new_lines as u32;
            self.since += Span::from_nanos(new_lines * self.interval.as_nanos());
        }
    }

    /// When the budget has a line.
    fn next_at(&self) -> Time {
        if self.left > 0 {
            self.since
        } else {
            self.since + self.interval
        }
    }
}

/// A text as one line of limited length.
fn one_line(text: &str) -> String {
    let start: String = text.chars().take(LINE_CHARS).collect();
    let mut line = escaped(&start);
    if text.chars().nth(LINE_CHARS).is_some() {
        line.push_str("...");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    thread_local! {
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    fn journal() -> Journal {
        let sink = |line: &str| LINES.with_borrow_mut(|it| it.push(line.to_owned()));
        Journal::new(sink, Time::ZERO)
    }

    fn written() -> Vec<String> {
        LINES.take()
    }

    fn at(millis: u64) -> Time {
        Time::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn a_flood_of_one_user_is_ten_lines_and_a_count() {
        let mut journal = journal();
        for number in 0..100_000 {
            journal.line(
                at(1),
                Origin::User(7),
                &format!("process {number} disconnected"),
            );
        }
        assert_eq!(written().len(), 10);
        assert_eq!(journal.due(), Some(at(10_001)));
        journal.flush(at(10_000));
        assert_eq!(written(), [""; 0]);
        journal.flush(at(10_001));
        assert_eq!(written(), ["99990 more lines about user 7 suppressed"]);
        assert_eq!(journal.due(), None);
    }

    #[test]
    fn other_users_and_the_helper_can_log_during_a_flood() {
        let mut journal = journal();
        for number in 0..1000 {
            journal.line(at(1), Origin::User(7), &number.to_string());
        }
        written();
        journal.line(at(2), Origin::User(8), "hello");
        journal.line(at(2), Origin::Own, "a fault of the pins");
        assert_eq!(written(), ["hello", "a fault of the pins"]);
    }

    #[test]
    fn a_flood_of_many_users_is_bounded_in_total() {
        let mut journal = journal();
        for number in 0..100_000_u32 {
            journal.line(at(1), Origin::User(number), "refused");
        }
        assert_eq!(written().len(), 40);
        assert!(journal.users.len() <= MAX_USERS);
        // One hour: at most the shared budget.
        for second in 1..=3600 {
            for user in 0..100 {
                journal.line(at(second * 1000), Origin::User(user), "refused");
            }
        }
        let lines = written().len();
        assert!(
            lines <= 1200 + 720 + 1,
            "{lines}: one in 3 s, and the counts in 5 s"
        );
    }

    #[test]
    fn repeated_lines_are_counted() {
        let mut journal = journal();
        for _ in 0..3 {
            journal.line(at(1), Origin::Own, "no pins");
        }
        journal.line(at(2), Origin::Own, "pins");
        assert_eq!(written(), ["no pins", "2 more lines suppressed", "pins"]);
    }

    #[test]
    fn lines_are_escaped_and_truncated() {
        let mut journal = journal();
        journal.line(at(1), Origin::Own, "strip 'a\nb\x1b[2J'");
        journal.line(at(1), Origin::Own, &"ä".repeat(1000));
        let lines = written();
        assert_eq!(lines[0], "strip 'a\\nb\\u{1b}[2J'");
        assert_eq!(lines[1], "ä".repeat(400) + "...");
    }
}
