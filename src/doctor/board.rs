//! The computer: its model, its kernel, its power supply, and what a user may do on it.

use super::CheckResult;
use serde::Deserialize;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The folders of config.txt: since Raspberry Pi OS 12, and before.
const BOOT: [&str; 2] = ["boot/firmware", "boot"];

/// The longest file that is read; those of interest are small.
const MAX_BYTES: u64 = 64 * 1024;

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

/// A generation of the Raspberry Pi, as far as outputs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pi {
    /// Zero, 1 and 2.
    Early,
    /// 3, Zero 2 W and CM3.
    Three,
    /// 4, 400 and CM4.
    Four,
    /// 5, 500 and CM5.
    Five,
}

/// A computer, by the root of its files.
#[derive(Clone, Debug)]
pub struct Board {
    root: PathBuf,
}

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
    /// Creates a computer from the root of its files; `/` is this computer.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns the name of a single-board computer; empty for others.
    pub fn model(&self) -> String {
        let text = self.text("proc/device-tree/model");
        text.trim_matches(['\0', '\n', ' ']).to_owned()
    }

    /// Returns the generation, if this is a Raspberry Pi.
    pub(super) fn pi(&self) -> Option<Pi> {
        let model = self.model();
        let name = model.strip_prefix("Raspberry Pi ")?;
        let name = name.strip_prefix("Compute Module ").unwrap_or(name);
        Some(match name.as_bytes().first() {
            Some(b'5') => Pi::Five,
            Some(b'4') => Pi::Four,
            Some(b'3') => Pi::Three,
            _ if name.starts_with("Zero 2") => Pi::Three,
            _ => Pi::Early,
        })
    }

    /// Returns the first 64 KiB of a file as text; empty if it cannot be read.
    pub(super) fn text(&self, name: &str) -> String {
        use std::io::Read;
        let mut bytes = Vec::new();
        let path = self.path(name);
        // A FIFO would block.
        let is_file = fs::metadata(&path).is_ok_and(|it| it.is_file());
        if let Some(file) = is_file.then(|| fs::File::open(path).ok()).flatten() {
            // A text that breaks off is used as far as it goes.
            let _ = file.take(MAX_BYTES).read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name.trim_start_matches('/'))
    }

    pub(super) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Returns the path of config.txt; `None` if there is none.
    pub(super) fn config_txt(&self) -> Option<String> {
        let paths = BOOT.iter().map(|folder| format!("/{folder}/config.txt"));
        paths.into_iter().find(|path| self.path(path).is_file())
    }

    /// Returns the lines of config.txt without comments.
    pub(super) fn settings(&self) -> Vec<String> {
        let Some(path) = self.config_txt() else {
            return Vec::new();
        };
        let text = self.text(&path);
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or(""));
        lines.map(|line| line.trim().to_owned()).collect()
    }

    /// Whether config.txt has a setting, such as `dtparam=spi=on`.
    pub(super) fn has_setting(&self, setting: &str) -> bool {
        self.settings().iter().any(|line| line == setting)
    }

    /// Returns the SPI devices, such as /dev/spidev0.0.
    pub fn spi_devices(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("dev")).into_iter().flatten();
        let names = entries
            .filter_map(|it| it.ok()?.file_name().into_string().ok())
            .filter(|it| it.starts_with("spidev"));
        let mut paths: Vec<String> = names.map(|it| format!("/dev/{it}")).collect();
        paths.sort();
        paths
    }

    /// Returns what a user may do with a device.
    pub(super) fn access(&self, device: &str, user: &User) -> Access {
        let Ok(found) = fs::metadata(self.path(device)) else {
            return Access::Missing;
        };
        // Tests have regular files for devices.
        let is_device = found.file_type().is_char_device() || self.root != Path::new("/");
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
            self.group_name(found.gid())
        } else {
            String::new()
        };
        Access::Group(group)
    }

    fn group_name(&self, gid: u32) -> String {
        let text = self.text("etc/group");
        let found = text.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)?.parse() == Ok(gid)).then(|| name.to_owned())
        });
        found.unwrap_or_else(|| gid.to_string())
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
