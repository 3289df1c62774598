//! The kernel and the power supply of the computer, and what a user may do on it.

use super::CheckResult;
use crate::output::Board;
use serde::Deserialize;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

/// The bits of the firmware's `get_throttled`, with what they mean; the same bit plus 16 says that
/// it happened since the boot.
const THROTTLED: [(u32, &str); 4] = [
    (0, "the supply voltage is too low"),
    (1, "the clock of the CPU is limited"),
    (2, "the CPU is throttled"),
    (3, "the CPU is near its maximum temperature"),
];

const SUPPLY: &str =
    "use a better supply and cable for the computer, and a separate supply for the strips";

/// A user, by the numbers of the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// User ID; 0 is root.
    pub uid: u32,
    /// All groups of the user.
    pub groups: Vec<u32>,
}

/// What a user may do with a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Read and write.
    Full,
    /// The device does not exist.
    Missing,
    /// The path is not a device.
    NotADevice,
    /// Only this group may use it; empty if no group may.
    Group(String),
}

impl Board {
    /// Returns what a user may do with a device.
    pub(super) fn access(&self, device: &str, user: &User) -> Access {
        let Ok(found) = fs::metadata(self.path(device)) else {
            return Access::Missing;
        };
        // Tests have regular files for devices.
        let is_device = found.file_type().is_char_device() || !self.is_here();
        if !is_device {
            return Access::NotADevice;
        }
        let is_allowed = |shift: u32| found.mode() >> shift & 0o6 == 0o6;
        let is_member = user.groups.contains(&found.gid());
        if user.uid == 0
            || is_allowed(0)
            || (found.uid() == user.uid && is_allowed(6))
            || (is_member && is_allowed(3))
        {
            return Access::Full;
        }
        let group = if is_allowed(3) {
            let name = self.group_name(found.gid());
            name.unwrap_or_else(|| found.gid().to_string())
        } else {
            String::new()
        };
        Access::Group(group)
    }
}

/// Checks the model, the kernel and the power supply.
pub(super) fn check(computer: &Board) -> Vec<CheckResult> {
    let kernel = computer.text("proc/sys/kernel/osrelease");
    let model = match computer.model() {
        model if model.is_empty() => "not a single-board computer".to_owned(),
        model => model,
    };
    let text = format!("{model}, Linux {}", kernel.trim());
    let mut findings = vec![CheckResult::ok("computer", text)];
    findings.extend(throttled(computer));
    findings
}

/// Checks what the firmware says about voltage and temperature.
fn throttled(computer: &Board) -> Option<CheckResult> {
    let text = computer.text("sys/devices/platform/soc/soc:firmware/get_throttled");
    let Ok(bits) = u32::from_str_radix(text.trim().trim_start_matches("0x"), 16) else {
        return low_voltage(computer);
    };
    let is_set = |bit: u32| bits >> bit & 1 == 1;
    let now: Vec<&str> = THROTTLED
        .iter()
        .filter(|(bit, _)| is_set(*bit))
        .map(|it| it.1)
        .collect();
    if !now.is_empty() {
        return Some(CheckResult::warning(
            "power supply",
            format!("now: {}", now.join(", ")),
            advice(bits),
        ));
    }
    let was = THROTTLED
        .iter()
        .filter(|(bit, _)| is_set(bit + 16))
        .map(|it| it.1);
    let was: Vec<&str> = was.collect();
    if was.is_empty() {
        return Some(CheckResult::ok(
            "power supply",
            "voltage and temperature are fine",
        ));
    }
    let text = format!("since the boot, at times: {}", was.join(", "));
    Some(CheckResult::warning("power supply", text, advice(bits)))
}

/// Checks the alarm of the driver `rpi_volt`, which newer kernels have instead.
fn low_voltage(computer: &Board) -> Option<CheckResult> {
    let monitors = fs::read_dir(computer.path("sys/class/hwmon")).ok()?;
    let monitor = monitors
        .filter_map(|it| it.ok()?.file_name().into_string().ok())
        .map(|it| format!("sys/class/hwmon/{it}"))
        .find(|it| computer.text(&format!("{it}/name")).trim() == "rpi_volt")?;
    let alarm = computer.text(&format!("{monitor}/in0_lcrit_alarm"));
    Some(if alarm.trim() == "1" {
        CheckResult::warning(
            "power supply",
            "the supply voltage is or was too low",
            SUPPLY,
        )
    } else {
        CheckResult::ok("power supply", "the voltage is fine")
    })
}

fn advice(bits: u32) -> &'static str {
    if bits & 0x1_0001 == 0 {
        "cool the computer better"
    } else {
        SUPPLY
    }
}
