//! The config: what `klipper-lumen check` finds in a printer.cfg.

use super::{CheckResult, Level, led_effect};
use crate::check::{CheckInput, ConfigCheck, Remark, RemarkLevel, check};
use crate::config_file::{self, Dialect, Finding};
use crate::text::counted;
use std::path::Path;

impl Remark {
    /// `FILE:LINE: MESSAGE`
    fn text(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}: {}", self.file, self.message),
            None => format!("{}: {}", self.file, self.message),
        }
    }
}

/// Checks a config file as klippy would read it. With `devices`, also warns about missing devices.
pub fn check_config(path: &Path, dialect: Dialect, with_devices: bool) -> ConfigCheck {
    let read = match config_file::load_as(dialect, path) {
        Ok(read) => read,
        Err(error) => return ConfigCheck::unreadable(path, error),
    };
    let input = CheckInput::new(&read);
    let with_devices = with_devices && input.facts.is_some();
    check(path, &read, &input, |compiled| {
        let devices = compiled.devices.iter().filter(|_| with_devices);
        let mut found: Vec<Finding> = devices.filter_map(missing_device).collect();
        found.extend(led_effect::warnings(&read, &compiled.plan));
        found
    })
}

fn missing_device((section, device): &(String, String)) -> Option<Finding> {
    let text = format!(
        "Section '{section}': {device} does not exist on this computer, so the strip stays dark"
    );
    (!Path::new(device).exists()).then(|| Finding {
        section: section.clone(),
        option: Some("device".to_owned()),
        text,
    })
}

/// Adds the remarks of a check as findings of the doctor. Notes are left out.
pub(super) fn add_findings(path: &Path, found: &ConfigCheck, findings: &mut Vec<CheckResult>) {
    let count = |level| found.remarks.iter().filter(|it| it.level == level).count();
    let is_fine = count(RemarkLevel::Problem) == 0;
    for remark in &found.remarks {
        let level = match remark.level {
            RemarkLevel::Problem => Level::Problem,
            RemarkLevel::Warning => Level::Warning,
            RemarkLevel::Note => continue,
        };
        findings.push(CheckResult::new(level, "config", remark.text(), ""));
    }
    if is_fine {
        let result = match count(RemarkLevel::Warning) {
            0 => "no problems found".to_owned(),
            warnings => counted(warnings, "warning"),
        };
        let text = format!("{}: {result}", path.display());
        findings.push(CheckResult::ok("config", text));
    }
}
