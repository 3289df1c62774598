//! The helper that drives PWM and PCM pins: whether it runs, its version, and its config.

use super::board::User;
use super::{CheckResult, name_of};
use crate::helper::Config;
use crate::output::board::{Board, Pi};
use crate::plan::{OutputPlan, Plan};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The socket of the helper.
const SOCKET: &str = "/run/lumen/ws281x.sock";
/// The unit of the helper.
const UNIT: &str = "/etc/systemd/system/lumen-helper.service";
/// Its config, which everyone can read.
const CONFIG: &str = "/etc/lumen/helper.json";
/// Its own copy of the package.
const LIBRARIES: &str = "/opt/lumen/lib";
const UPDATE: &str = "install it again, see 'The helper' in docs/Outputs.md";
const AGAIN: &str = "sudo /opt/lumen/bin/klipper-lumen helper install";

/// Checks the helper, if the plan has strips for it.
pub(super) fn check(
    computer: &Board,
    user: &User,
    plan: &Plan,
    library: Option<&Path>,
    findings: &mut Vec<CheckResult>,
) {
    let has_pin = |it: &crate::plan::StripPlan| matches!(it.output, OutputPlan::Pin(_));
    if !plan.strips.iter().any(has_pin) || matches!(computer.pi(), None | Some(Pi::Five)) {
        return;
    }
    if user.uid == 0 {
        findings.push(CheckResult::ok(
            "helper",
            "not needed: Klipper runs as root",
        ));
        return;
    }
    if let Some(missing) = missing(computer) {
        findings.push(missing);
        return;
    }
    let faults = [
        library.and_then(|it| other_version(computer, it)),
        other_config(computer, user, plan),
    ];
    let before = findings.len();
    findings.extend(faults.into_iter().flatten());
    if findings.len() == before {
        findings.push(CheckResult::ok("helper", "it runs with this config"));
    }
}

fn missing(computer: &Board) -> Option<CheckResult> {
    if !computer.exists(UNIT) {
        return Some(CheckResult::problem(
            "helper",
            "the service that drives PWM and PCM pins is not installed",
            "docs/Outputs.md has the commands that install it",
        ));
    }
    (!computer.exists(SOCKET)).then(|| {
        CheckResult::problem(
            "helper",
            "it is installed and does not run",
            "systemctl status lumen-helper says why",
        )
    })
}

fn other_version(computer: &Board, library: &Path) -> Option<CheckResult> {
    let own = copy_of(computer, library)?;
    (!is_same(&own, library)).then(|| {
        CheckResult::warning(
            "helper",
            "it is of another version than the package of klippy",
            UPDATE,
        )
    })
}

/// Returns the helper's copy of a file of the package.
fn copy_of(computer: &Board, library: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(computer.path(LIBRARIES)).ok()?;
    let name = library.file_name()?;
    folders
        .filter_map(Result::ok)
        .map(|it| it.path().join("site-packages/klipper_lumen").join(name))
        .find(|it| it.is_file())
}

/// Whether two files have the same content.
fn is_same(one: &Path, other: &Path) -> bool {
    let (Ok(mut one), Ok(mut other)) = (File::open(one), File::open(other)) else {
        // Nothing is known.
        return true;
    };
    let length = |it: &File| it.metadata().map(|it| it.len()).unwrap_or_default();
    if length(&one) != length(&other) {
        return false;
    }
    let mut buffers = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let count = one.read(&mut buffers.0).unwrap_or(0);
        if count == 0 {
            return true;
        }
        if other.read_exact(&mut buffers.1[..count]).is_err()
            || buffers.0[..count] != buffers.1[..count]
        {
            return false;
        }
    }
}

fn other_config(computer: &Board, user: &User, plan: &Plan) -> Option<CheckResult> {
    let found = match Config::parse(&computer.text(CONFIG)) {
        Ok(found) => found,
        Err(problem) => {
            let text = format!("{CONFIG}: {}", name_of(&problem));
            return Some(CheckResult::problem("helper", text, AGAIN));
        }
    };
    if !found.allows(user.uid) {
        let text = "the user that runs Klipper may not use it";
        return Some(CheckResult::problem("helper", text, AGAIN));
    }
    let wanted = match Config::of_plan(plan, Vec::new()) {
        Ok(wanted) => wanted,
        Err(problem) => {
            let text = format!("the config {problem}");
            return Some(CheckResult::problem("helper", text, "change the strips"));
        }
    };
    let strips = wanted.strips();
    let missing = strips.iter().find(|it| !found.strips().contains(it))?;
    let text = format!("{CONFIG} has other settings: {missing} is not in it");
    Some(CheckResult::problem("helper", text, AGAIN))
}
