//! The doctor: looks for what keeps a strip dark, on the computer and in the config.
//!
//! It reads files below a root and the plan, changes nothing, and opens no device. It may take a
//! while if a file system hangs, so a caller that must not wait runs it on a thread.

mod board;
mod pins;
mod power;
mod spi;

use crate::plan::Plan;
pub use board::{Board, User};
use serde::Serialize;

/// How serious a finding is, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, but may not look or stay as expected.
    Warning,
    /// A strip stays dark.
    Problem,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// What was checked, such as `SPI` or `strip 'case'`.
    pub check: String,
    /// How serious it is.
    pub level: Level,
    /// What was found.
    pub text: String,
    /// What to do: commands or a sentence; empty if nothing is to be done.
    pub advice: String,
}

impl CheckResult {
    fn ok(check: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Level::Ok, check, text, "")
    }

    fn warning(
        check: impl Into<String>,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(Level::Warning, check, text, advice)
    }

    fn problem(
        check: impl Into<String>,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(Level::Problem, check, text, advice)
    }

    fn new(
        level: Level,
        check: impl Into<String>,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            check: check.into(),
            level,
            text: text.into(),
            advice: advice.into(),
        }
    }
}

/// Checks the computer, and the outputs of a plan on it. Without a plan, checks the computer only.
///
/// `user` is the user that runs Klipper.
pub fn examine(computer: &Board, user: &User, plan: Option<&Plan>) -> Vec<CheckResult> {
    let mut findings = board::check(computer);
    let Some(plan) = plan else {
        return findings;
    };
    spi::check(computer, user, plan, &mut findings);
    pins::check(computer, user, plan, &mut findings);
    power::check(plan, &mut findings);
    findings
}

#[cfg(test)]
mod test;
