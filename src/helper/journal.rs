//! The helper's journal: bounded, whatever its clients do.
//!
//! Each user has a budget of lines, and so have all users together; the helper's own lines have
//! another. A line beyond a budget is counted, and the count is written once the budget allows a line
//! again. The same line twice in a row is counted too. Control characters are escaped, long lines are
//! cut. Pure but for the sink; time is an argument.

use crate::text::escaped;
use crate::time::{Span, Time};

/// Users that are counted separately; the one that was quiet the longest makes way.
const USERS: usize = 8;
/// Characters of one line.
const LINE_CHARS: usize = 400;
/// Lines at once, and the time that gives one more: for each user.
const USER: (u32, Span) = (10, Span::from_millis(10_000));
/// The same for the lines of all users together.
const ALL_USERS: (u32, Span) = (40, Span::from_millis(3000));
/// The same for the helper's own lines, which no user can use up.
const OWN: (u32, Span) = (20, Span::from_millis(5000));

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The helper itself.
    Own,
    /// What a client of this user did.
    User(u32),
}

/// The journal.
pub(super) struct Journal {
    sink: fn(&str),
    all_users: Budget,
    own: Writer,
    users: Vec<Writer>,
}

/// One origin of lines.
struct Writer {
    origin: Origin,
    budget: Budget,
    /// When it last had a line.
    at: Time,
    last: String,
    /// Lines that were counted and not written.
    left_out: u64,
    /// When the first of them was left out.
    since: Time,
}

/// Lines that may be written: a few at once, then one in a while.
struct Budget {
    left: u32,
    most: u32,
    every: Span,
    /// Since when the next line is earned.
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
                let index = self.place(now, origin);
                (&mut self.users[index], Some(&mut self.all_users))
            }
        };
        writer.at = now;
        if writer.last == text {
            writer.count(now);
            return;
        }
        // What was left out comes first.
        if writer.left_out > 0 && writer.may_write(now, shared.as_deref_mut()) {
            (self.sink)(&writer.summary());
        }
        if writer.left_out > 0 || !writer.may_write(now, shared) {
            writer.count(now);
            return;
        }
        text.clone_into(&mut writer.last);
        (self.sink)(&one_line(text));
    }

    /// Writes how many lines were left out, where it is time and the budget allows it.
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

    /// When there is a count to write.
    pub(super) fn due(&self) -> Option<Time> {
        let users = self.users.iter().filter_map(Writer::due).min();
        let users = users.map(|it| it.max(self.all_users.next_at()));
        [self.own.due(), users].into_iter().flatten().min()
    }

    /// The place of a user in the table.
    fn place(&mut self, now: Time, origin: Origin) -> usize {
        if let Some(index) = self.users.iter().position(|it| it.origin == origin) {
            return index;
        }
        let fresh = Writer::new(origin, USER, now);
        if self.users.len() < USERS {
            self.users.push(fresh);
            return self.users.len() - 1;
        }
        let quiet = self.users.iter().enumerate().min_by_key(|(_, it)| it.at);
        let index = quiet.map_or(0, |(index, _)| index);
        // A count goes to the helper's own lines with its user.
        if self.users[index].left_out > 0 {
            self.own.count(now);
            self.own.left_out += self.users[index].left_out - 1;
        }
        self.users[index] = fresh;
        index
    }
}

impl Writer {
    fn new(origin: Origin, lines: (u32, Span), now: Time) -> Self {
        Self {
            origin,
            budget: Budget::new(lines, now),
            at: now,
            last: String::new(),
            left_out: 0,
            since: now,
        }
    }

    /// Counts a line that is left out.
    fn count(&mut self, now: Time) {
        if self.left_out == 0 {
            self.since = now;
        }
        self.left_out += 1;
    }

    /// When the count of what was left out is written.
    fn due(&self) -> Option<Time> {
        let at = self.budget.next_at().max(self.since + self.budget.every);
        (self.left_out > 0).then_some(at)
    }

    fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|at| at <= now)
    }

    /// Takes a line from its budget, and from the one that it shares with others.
    fn may_write(&mut self, now: Time, shared: Option<&mut Budget>) -> bool {
        self.budget.earn(now);
        if self.budget.left == 0 {
            return false;
        }
        if let Some(shared) = shared {
            shared.earn(now);
            if shared.left == 0 {
                return false;
            }
            shared.left -= 1;
        }
        self.budget.left -= 1;
        true
    }

    /// The count of what was left out, which begins again.
    fn summary(&mut self) -> String {
        let lines = match std::mem::take(&mut self.left_out) {
            1 => "1 more line".to_owned(),
            lines => format!("{lines} more lines"),
        };
        match self.origin {
            Origin::Own => format!("{lines} left out"),
            Origin::User(user) => format!("{lines} about user {user} left out"),
        }
    }
}

impl Budget {
    fn new((most, every): (u32, Span), now: Time) -> Self {
        Self {
            left: most,
            most,
            every,
            since: now,
        }
    }

    fn earn(&mut self, now: Time) {
        let earned = now.since(self.since).as_nanos() / self.every.as_nanos();
        if earned >= u64::from(self.most - self.left) {
            self.left = self.most;
            self.since = now;
        } else {
            self.left += earned as u32;
            self.since += Span::from_nanos(earned * self.every.as_nanos());
        }
    }

    /// When there is a line to take.
    fn next_at(&self) -> Time {
        if self.left > 0 {
            self.since
        } else {
            self.since + self.every
        }
    }
}

/// A text as one line of bounded length.
fn one_line(text: &str) -> String {
    let cut: String = text.chars().take(LINE_CHARS).collect();
    let mut line = escaped(&cut);
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
            journal.line(at(1), Origin::User(7), &format!("process {number} is gone"));
        }
        assert_eq!(written().len(), 10);
        assert_eq!(journal.due(), Some(at(10_001)));
        journal.flush(at(10_000));
        assert_eq!(written(), [""; 0]);
        journal.flush(at(10_001));
        assert_eq!(written(), ["99990 more lines about user 7 left out"]);
        assert_eq!(journal.due(), None);
    }

    #[test]
    fn another_user_and_the_helper_itself_are_heard_during_a_flood() {
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
        assert!(journal.users.len() <= USERS);
        // An hour of it: what the total earns, and no more.
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
    fn the_same_line_again_is_counted_and_told_once() {
        let mut journal = journal();
        for _ in 0..3 {
            journal.line(at(1), Origin::Own, "no pins");
        }
        journal.line(at(2), Origin::Own, "pins");
        assert_eq!(written(), ["no pins", "2 more lines left out", "pins"]);
    }

    #[test]
    fn what_comes_from_outside_is_one_line_without_control_characters() {
        let mut journal = journal();
        journal.line(at(1), Origin::Own, "strip 'a\nb\x1b[2J'");
        journal.line(at(1), Origin::Own, &"ä".repeat(1000));
        let lines = written();
        assert_eq!(lines[0], "strip 'a\\nb\\u{1b}[2J'");
        assert_eq!(lines[1], "ä".repeat(400) + "...");
    }
}
