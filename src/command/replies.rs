//! The limits of replies to commands.
//!
//! The first replies in a minute are always shown. Repeats of a text and the total are limited and
//! the rest is counted, so that a macro can flood neither the console nor the log.

use super::throttle::Passed;
use crate::limits::{
    REPLIES_LOGGED, REPLIES_SHOWN, REPLY_ANSWERS, REPLY_REPEATS, REPLY_TEXTS_OF_COMMAND,
};
use crate::text::counted;

/// Decides which replies are shown and logged. Times are in seconds of the caller's clock.
#[derive(Clone, Debug, Default)]
pub struct Replies {
    shown: Passed,
    answers: Passed,
    /// The texts of this minute that were logged.
    refusals: Vec<RefusedText>,
    /// Texts that were not logged, and texts that were not shown.
    unlogged: usize,
    unshown: usize,
}

/// How often a text occurred within the minute, and how often it was shown.
#[derive(Clone, Debug)]
struct RefusedText {
    text: String,
    count: usize,
    shown: usize,
}

/// Where a reply goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Whether the console shows it.
    pub is_shown: bool,
    /// Whether the log contains it.
    pub is_logged: bool,
}

/// The counts of a minute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Repeats of each text, for the log.
    pub repeats: Vec<String>,
    /// How many texts were not logged, for the log.
    pub unlogged: Option<String>,
    /// How many texts were not shown, for the console.
    pub unshown: Option<String>,
}

impl Replies {
    /// Decides where the reply to a refused command goes. `text` begins with the command.
    pub fn refuse(&mut self, text: &str, now: f64) -> Reply {
        let known = self.refusals.iter().position(|it| it.text == text);
        let is_logged = known.is_none() && self.may_log(text);
        if is_logged {
            self.refusals.push(RefusedText {
                text: text.to_owned(),
                count: 0,
                shown: 0,
            });
        }
        let index = known.or(is_logged.then(|| self.refusals.len() - 1));
        // Check the repeats first: a repeat must not use up the limit for other texts.
        let repeats = index.map_or(0, |index| self.refusals[index].shown);
        let is_shown = repeats < REPLY_REPEATS && self.shown.try_pass(REPLIES_SHOWN, now);
        match index {
            Some(index) => {
                self.refusals[index].count += 1;
                self.refusals[index].shown += usize::from(is_shown);
            }
            None => self.unlogged += 1,
        }
        self.unshown += usize::from(!is_shown);
        Reply {
            is_shown,
            is_logged,
        }
    }

    /// Returns whether the log contains a complete answer; the console always shows it.
    pub fn answer(&mut self, now: f64) -> bool {
        self.answers.try_pass(REPLY_ANSWERS, now)
    }

    /// Returns the number of texts that are counted.
    pub fn texts(&self) -> usize {
        self.refusals.len()
    }

    /// Ends the minute and returns its counts.
    pub fn end_minute(&mut self) -> Summary {
        let repeated = std::mem::take(&mut self.refusals).into_iter();
        let repeats = repeated.filter(|it| it.count > 1).map(|it| {
            format!(
                "{} (again {})",
                it.text,
                counted(it.count as u64 - 1, "time")
            )
        });
        let unlogged = std::mem::take(&mut self.unlogged);
        let unshown = std::mem::take(&mut self.unshown);
        Summary {
            repeats: repeats.collect(),
            unlogged: (unlogged > 0).then(|| {
                let commands = counted(unlogged as u64, "more refused command");
                format!("{commands} not logged")
            }),
            unshown: (unshown > 0).then(|| {
                let commands = counted(unshown as u64, "more command");
                format!("{commands} refused, see klippy.log")
            }),
        }
    }

    fn may_log(&self, text: &str) -> bool {
        let command = command_of(text);
        let texts = self.refusals.iter();
        let same = texts.filter(|it| command_of(&it.text) == command).count();
        self.refusals.len() < REPLIES_LOGGED && same < REPLY_TEXTS_OF_COMMAND
    }
}

fn command_of(text: &str) -> &str {
    text.split_once(':').map_or(text, |(command, _)| command)
}

#[cfg(test)]
mod tests {
    use super::super::throttle::MINUTE_S;
    use super::*;

    #[test]
    fn repeats_are_counted_and_other_texts_are_still_shown() {
        let mut replies = Replies::default();
        let shown = (0..1000).filter(|_| replies.refuse("A: one", 0.0).is_shown);
        assert_eq!(shown.count(), REPLY_REPEATS);
        let other = replies.refuse("A: two", 1.0);
        assert!(other.is_shown && other.is_logged);
        let summary = replies.end_minute();
        assert_eq!(summary.repeats, ["A: one (again 999 times)"]);
        assert_eq!(summary.unlogged, None);
        assert_eq!(
            summary.unshown.as_deref(),
            Some("997 more commands refused, see klippy.log")
        );
        assert_eq!(replies.end_minute(), Summary::default());
    }

    #[test]
    fn different_texts_are_limited_for_each_command_and_in_total() {
        let mut replies = Replies::default();
        let mut log = |command: usize, text: usize| {
            replies.refuse(&format!("{command}: {text}"), 0.0).is_logged
        };
        let logged = (0..100).filter(|text| log(0, *text)).count();
        assert_eq!(logged, REPLY_TEXTS_OF_COMMAND);
        let logged = (1..100).filter(|command| log(*command, 0)).count();
        assert_eq!(logged, REPLIES_LOGGED - REPLY_TEXTS_OF_COMMAND);
        assert_eq!(replies.texts(), REPLIES_LOGGED);
    }

    #[test]
    fn the_limits_are_per_minute() {
        let mut replies = Replies::default();
        let answers = |replies: &mut Replies, now| (0..99).filter(|_| replies.answer(now)).count();
        assert_eq!(answers(&mut replies, 0.0), REPLY_ANSWERS);
        assert_eq!(answers(&mut replies, MINUTE_S - 1.0), 0);
        assert_eq!(answers(&mut replies, MINUTE_S), REPLY_ANSWERS);
    }
}
