//! The doctor: looks for what keeps a strip dark, on the computer and in the config.
//!
//! It reads files below a root and the plan, looks up the names of controllers in the network,
//! changes nothing, and opens no device. It may take a while if a file system hangs, so a caller
//! that must not wait runs it on a thread.

mod board;
mod config;
mod ddp;
mod helper;
mod led_effect;
mod links;
mod package;
mod pins;
mod power;
mod report;
mod run;
mod spi;

use crate::config_file::Dialect;
use crate::limits::NAME_BYTES;
pub use crate::output::Board;
use crate::output::find_controller;
use crate::plan::Plan;
use crate::text::shown;
pub use board::User;
pub use config::check_config;
pub use links::ObjectFields;
pub use package::{Loader, Package};
pub use report::{counts, lines, sorted};
pub use run::{DoctorProgress, DoctorRun};
use serde::{Deserialize, Serialize};
pub use spi::setup_commands;
use std::path::PathBuf;

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

/// What the doctor examines. Parts that are `None` are left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DoctorInput {
    /// The root of the computer's files.
    pub root: PathBuf,
    /// The user that runs Klipper.
    pub user: User,
    /// The running package, and the Python of klippy.
    pub package: Option<Package>,
    /// The loader in Klipper's tree.
    pub loader: Option<Loader>,
    /// printer.cfg.
    pub config: Option<PathBuf>,
    /// Whether the config is read by the rules of Kalico.
    pub is_kalico: bool,
    /// The objects of the running printer, by name.
    pub objects: Option<ObjectFields>,
}

/// Examines everything. The most serious findings come first.
pub fn examine(input: &DoctorInput) -> Vec<CheckResult> {
    let computer = Board::new(&input.root);
    let mut findings = Vec::new();
    if let Some(package) = &input.package {
        package::check(package, &mut findings);
    }
    if let Some(loader) = &input.loader {
        findings.push(package::check_loader(loader));
    }
    let plan = examine_config(input, &mut findings);
    let library = input.package.as_ref().and_then(Package::library);
    findings.extend(examine_computer(
        &computer,
        &input.user,
        plan.as_ref(),
        library.as_deref(),
    ));
    if let Some(objects) = &input.objects {
        links::check(objects, &mut findings);
    }
    sorted(findings)
}

/// Checks printer.cfg; returns its plan if Lumen would start with it.
fn examine_config(input: &DoctorInput, findings: &mut Vec<CheckResult>) -> Option<Plan> {
    let Some(path) = &input.config else {
        let advice = "add its path: klipper-lumen doctor PRINTER.CFG";
        findings.push(CheckResult::problem(
            "config",
            "no printer.cfg found",
            advice,
        ));
        return None;
    };
    let dialect = if input.is_kalico {
        Dialect::Kalico
    } else {
        Dialect::Klipper
    };
    let found = check_config(path, dialect, false);
    config::add_findings(path, &found, findings);
    found.compiled.map(|it| it.plan)
}

/// Checks the computer, and the outputs of a plan on it. `library` is the running extension module.
fn examine_computer(
    computer: &Board,
    user: &User,
    plan: Option<&Plan>,
    library: Option<&std::path::Path>,
) -> Vec<CheckResult> {
    let mut findings = board::check(computer);
    let Some(plan) = plan else {
        return findings;
    };
    spi::check(computer, user, plan, &mut findings);
    pins::check(computer, user, plan, &mut findings);
    helper::check(computer, user, plan, library, &mut findings);
    ddp::check(plan, find_controller, &mut findings);
    power::check(plan, &mut findings);
    findings
}

/// A name from outside for a message.
fn name_of(text: &str) -> String {
    let end = text.floor_char_boundary(NAME_BYTES.min(text.len()));
    shown(&text[..end])
}

#[cfg(test)]
mod test;
