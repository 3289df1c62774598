//! Messages for the user: which warnings are current, and what the log and the console get.
//!
//! The log belongs to the printer, so notices and the lines of the debug log are limited per
//! minute and the rest is counted. A warning is shown once while it is current. The notice that the
//! strips work again, or a new config, ends it.

use super::throttle::Throttle;
use crate::engine::{Notice, NoticeKind};
use crate::limits::{DEBUG_LINES, LOG_NOTICES, WARNINGS};
use crate::text::{counted, line};
use log::Level;

/// Decides what happens with messages. Times are in seconds of the caller's clock.
#[derive(Clone, Debug)]
pub struct Messages {
    /// The current warnings in order, each with the strips that it is about.
    warnings: Vec<(String, Option<String>)>,
    notices: Throttle,
    scenes: Throttle,
    temperatures: Throttle,
}

/// What to do with a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Notices for the log.
    pub logged: Vec<Notice>,
    /// Warnings that are no longer current.
    pub cleared: Vec<String>,
    /// A new warning, to show and to log.
    pub warning: Option<String>,
    /// A message for the console, without a count of repeats.
    pub console: Option<String>,
    /// Whether that message is an error.
    pub is_error: bool,
}

impl Default for Messages {
    fn default() -> Self {
        Self {
            warnings: Vec::new(),
            notices: Throttle::new(LOG_NOTICES),
            scenes: Throttle::new(DEBUG_LINES),
            temperatures: Throttle::new(DEBUG_LINES),
        }
    }
}

impl Messages {
    /// Delivers a notice of the engine.
    pub fn notice(&mut self, notice: Notice, now: f64) -> Delivery {
        let mut delivery = Delivery {
            is_error: notice.level == Level::Error,
            ..Delivery::default()
        };
        let throttle = match notice.kind {
            NoticeKind::Event => {
                if let (Some(about), Level::Info) = (&notice.about, notice.level) {
                    delivery.cleared = self.clear(about);
                }
                &mut self.notices
            }
            NoticeKind::Scene => &mut self.scenes,
            NoticeKind::Temperatures => &mut self.temperatures,
        };
        // Web interfaces identify a warning by its text, so the text must not contain a count.
        let constant = line(without_count(&notice.text));
        let suppressed = throttle.pass(now);
        let is_scene = notice.kind == NoticeKind::Scene;
        if is_scene || (suppressed.is_some() && notice.kind == NoticeKind::Event) {
            delivery.console = Some(constant.clone());
        }
        let Some(suppressed) = suppressed else {
            return delivery;
        };
        delivery.logged.extend(not_logged(notice.kind, suppressed));
        let is_new = notice.level == Level::Warn && !self.is_current(&constant);
        if is_new && self.warnings.len() < WARNINGS {
            self.warnings.push((constant.clone(), notice.about));
            delivery.warning = Some(constant);
        } else {
            delivery.logged.push(notice);
        }
        delivery
    }

    /// Delivers a warning of the caller. `about` names the strips whose recovery ends it.
    pub fn warn(&mut self, text: &str, about: Option<String>, now: f64) -> Delivery {
        let mut delivery = Delivery::default();
        if self.is_current(text) {
            return delivery;
        }
        if self.warnings.len() < WARNINGS {
            self.warnings.push((text.to_owned(), about));
            delivery.warning = Some(text.to_owned());
        } else if let Some(suppressed) = self.notices.pass(now) {
            let kind = NoticeKind::Event;
            delivery.logged.extend(not_logged(kind, suppressed));
            delivery.logged.push(Notice {
                level: Level::Warn,
                text: text.to_owned(),
                about,
                kind,
            });
        }
        delivery
    }

    /// Ends the warnings about strips and returns them.
    pub fn clear(&mut self, about: &str) -> Vec<String> {
        let is_about = |(_, it): &mut (String, Option<String>)| it.as_deref() == Some(about);
        let cleared = self.warnings.extract_if(.., is_about);
        cleared.map(|(text, _)| text).collect()
    }

    /// Returns the current warnings, oldest first.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.warnings.iter().map(|(text, _)| text.as_str())
    }

    fn is_current(&self, text: &str) -> bool {
        self.warnings().any(|it| it == text)
    }
}

/// Returns the notice about what was not logged.
fn not_logged(kind: NoticeKind, count: u64) -> Option<Notice> {
    let (level, noun) = match kind {
        NoticeKind::Event => (Level::Warn, "notice"),
        NoticeKind::Scene | NoticeKind::Temperatures => (Level::Info, "line"),
    };
    (count > 0).then(|| Notice {
        level,
        text: format!("lumen: {} not logged", counted(count, noun)),
        about: None,
        kind,
    })
}

/// Removes the count that the engine adds to a repeated notice.
fn without_count(text: &str) -> &str {
    let Some((constant, count)) = text.rsplit_once(" (again") else {
        return text;
    };
    let Some(count) = count.strip_suffix(')') else {
        return text;
    };
    let digits = count.strip_prefix(' ').map(|it| {
        let it = it.strip_suffix(" times").or(it.strip_suffix(" time"));
        it.unwrap_or(count)
    });
    match digits {
        None if count.is_empty() => constant,
        Some(digits) if digits.bytes().all(|it| it.is_ascii_digit()) => constant,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(level: Level, text: &str, about: Option<&str>) -> Notice {
        Notice {
            level,
            text: text.to_owned(),
            about: about.map(str::to_owned),
            kind: NoticeKind::Event,
        }
    }

    fn warnings(messages: &Messages) -> Vec<&str> {
        messages.warnings().collect()
    }

    #[test]
    fn a_warning_is_shown_once_until_its_strips_work_again() {
        let mut messages = Messages::default();
        let gone = |again| {
            notice(
                Level::Warn,
                &format!("lumen: gone{again}"),
                Some("strip 'a'"),
            )
        };
        let first = messages.notice(gone(" (again 57 times)"), 0.0);
        assert_eq!(first.warning.as_deref(), Some("lumen: gone"));
        assert_eq!(first.logged, []);
        let second = messages.notice(gone(" (again)"), 0.0);
        assert_eq!(
            (second.warning, second.logged),
            (None, vec![gone(" (again)")])
        );
        assert_eq!(messages.warn("lumen: gone", None, 0.0), Delivery::default());
        assert_eq!(warnings(&messages), ["lumen: gone"]);
        let lit = messages.notice(notice(Level::Info, "lumen: lit", Some("strip 'a'")), 0.0);
        assert_eq!(lit.cleared, ["lumen: gone"]);
        assert!(warnings(&messages).is_empty());
        assert!(messages.notice(gone(""), 0.0).warning.is_some());
    }

    #[test]
    fn notices_over_the_limit_are_counted() {
        let mut messages = Messages::default();
        let mut logged = Vec::new();
        for now in [0.0, 60.0] {
            for number in 0..LOG_NOTICES + 3 {
                let notice = notice(Level::Info, &number.to_string(), None);
                logged.extend(messages.notice(notice, now).logged);
            }
        }
        assert_eq!(logged.len(), 2 * LOG_NOTICES + 1);
        assert_eq!(logged[LOG_NOTICES].text, "lumen: 3 notices not logged");
        assert_eq!(logged[LOG_NOTICES].level, Level::Warn);
    }

    #[test]
    fn the_number_of_warnings_is_limited_and_the_rest_is_logged() {
        let mut messages = Messages::default();
        for number in 0..WARNINGS {
            messages.warn(&number.to_string(), None, 0.0);
        }
        let delivery = messages.warn("one more", None, 0.0);
        assert_eq!(delivery.logged, [notice(Level::Warn, "one more", None)]);
        assert_eq!(warnings(&messages).len(), WARNINGS);
    }

    #[test]
    fn the_debug_log_has_limits_of_its_own_and_only_scenes_are_for_the_console() {
        let mut messages = Messages::default();
        let line = |kind| Notice {
            kind,
            ..notice(Level::Info, "lumen: line", None)
        };
        for _ in 0..2 * DEBUG_LINES {
            let delivery = messages.notice(line(NoticeKind::Temperatures), 0.0);
            assert_eq!(delivery.console, None);
        }
        let mut deliver = |kind, now| messages.notice(line(kind), now);
        let scene = deliver(NoticeKind::Scene, 0.0);
        assert_eq!(scene.console.as_deref(), Some("lumen: line"));
        assert_eq!(scene.logged.len(), 1);
        let later = deliver(NoticeKind::Temperatures, 60.0);
        assert_eq!(later.logged[0].text, "lumen: 60 lines not logged");
        assert_eq!(later.logged.len(), 2);
    }

    #[test]
    fn only_the_count_of_repeats_is_removed() {
        for text in [
            "dark (again)",
            "dark (again 57 times)",
            "dark (again 1 time)",
            "dark",
        ] {
            assert_eq!(without_count(text), "dark");
        }
        for text in [
            "dark (again and again)",
            "dark (again 5",
            "dark (again 5 hours)",
        ] {
            assert_eq!(without_count(text), text);
        }
    }
}
