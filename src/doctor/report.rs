//! The findings as lines, and their limits.

use super::{CheckResult, Level};
use crate::limits::LINE_CHARS;
use crate::text::{counted, line};

/// The largest number of findings; the rest is counted.
const MAX_FINDINGS: usize = 40;
/// The longest text of a finding, and of its advice.
const MAX_CHARS: usize = LINE_CHARS / 2 - 40;

/// Returns the findings with the most serious ones first, within the limits.
pub fn sorted(mut findings: Vec<CheckResult>) -> Vec<CheckResult> {
    findings.sort_by_key(|it| std::cmp::Reverse(it.level));
    let left = findings.len().saturating_sub(MAX_FINDINGS);
    if left > 0 {
        let level = findings[MAX_FINDINGS - 1].level;
        findings.truncate(MAX_FINDINGS - 1);
        let text = format!("and {} more", left + 1);
        findings.push(CheckResult::new(level, "more", text, ""));
    }
    for finding in &mut findings {
        for text in [&mut finding.check, &mut finding.text, &mut finding.advice] {
            shorten(text);
        }
    }
    findings
}

fn shorten(text: &mut String) {
    *text = line(text);
    if let Some((end, _)) = text.char_indices().nth(MAX_CHARS) {
        text.truncate(end);
        text.push_str("...");
    }
}

/// Returns one line for each finding, then their counts.
pub fn lines(findings: &[CheckResult]) -> Vec<String> {
    let lines = findings.iter().map(|finding| {
        let CheckResult {
            check,
            level,
            text,
            advice,
        } = finding;
        let fix = if advice.is_empty() { "" } else { ". Fix: " };
        format!("{}: {check}: {text}{fix}{advice}", level.name())
    });
    lines.chain(std::iter::once(summary(findings))).collect()
}

/// Returns the numbers of findings that are ok, warnings and problems.
pub fn counts(findings: &[CheckResult]) -> [usize; 3] {
    [Level::Ok, Level::Warning, Level::Problem]
        .map(|level| findings.iter().filter(|it| it.level == level).count())
}

fn summary(findings: &[CheckResult]) -> String {
    let [ok, warnings, problems] = counts(findings);
    format!(
        "{ok} ok, {}, {}",
        counted(warnings as u64, "warning"),
        counted(problems as u64, "problem")
    )
}

impl Level {
    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_what_to_do_and_count() {
        let findings = sorted(vec![
            CheckResult::ok("computer", "fine"),
            CheckResult::problem("SPI", "off", "switch it on"),
            CheckResult::warning("clock", "changes", ""),
        ]);
        assert_eq!(
            lines(&findings),
            [
                "problem: SPI: off. Fix: switch it on",
                "warning: clock: changes",
                "ok: computer: fine",
                "1 ok, 1 warning, 1 problem"
            ]
        );
    }

    #[test]
    fn the_result_is_limited() {
        let one = |number: usize| CheckResult::warning(number.to_string(), "x".repeat(9_999), "\n");
        let findings = sorted((0..100).map(one).collect());
        assert_eq!(findings.len(), MAX_FINDINGS);
        assert_eq!(findings[MAX_FINDINGS - 1].text, "and 61 more");
        assert!(findings.iter().all(|it| it.text.len() <= MAX_CHARS + 3));
        assert_eq!(findings[0].advice, "\\n");
        assert!(lines(&findings).iter().all(|it| it.len() <= LINE_CHARS));
    }
}
