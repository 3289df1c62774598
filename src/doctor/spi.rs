//! Strips on SPI: the device, its permissions, the kernel's buffer, and the clock.

use super::CheckResult;
use super::board::{Access, Board, Pi, User};
use crate::output::{longer_buffer, spi_buffer_limit};
use crate::plan::{OutputPlan, Plan, StripPlan};
use crate::wire::{apa102, ws2812_spi};

/// Checks all strips on SPI.
pub(super) fn check(computer: &Board, user: &User, plan: &Plan, findings: &mut Vec<CheckResult>) {
    let strips = plan
        .strips
        .iter()
        .filter_map(|strip| Some((strip, device(strip)?)));
    let mut is_any_found = false;
    for (strip, device) in strips {
        let name = format!("strip {}", strip.label());
        if let Some(finding) = problem_of_device(computer, user, &name, device) {
            findings.push(finding);
            continue;
        }
        is_any_found = true;
        findings.push(buffer(computer, &name, strip, device));
    }
    if is_any_found {
        findings.extend(clock(computer));
    }
}

fn device(strip: &StripPlan) -> Option<&str> {
    match &strip.output {
        OutputPlan::Spi { device, .. } | OutputPlan::Apa102 { device, .. } => Some(device),
        _ => None,
    }
}

fn problem_of_device(
    computer: &Board,
    user: &User,
    name: &str,
    device: &str,
) -> Option<CheckResult> {
    match computer.access(device, user) {
        Access::Full => None,
        Access::Missing => {
            let text = format!("{device} does not exist");
            Some(CheckResult::problem(name, text, how_to_enable(computer)))
        }
        Access::NotADevice => {
            let text = format!("{device} is not an SPI device");
            Some(CheckResult::problem(
                name,
                text,
                "find the device: ls /dev/spidev*",
            ))
        }
        Access::Group(group) => {
            let text = format!("the user that runs Klipper may not use {device}");
            Some(CheckResult::problem(
                name,
                text,
                how_to_join(&group, device),
            ))
        }
    }
}

/// Returns how a user gets access to a device of a group.
pub(super) fn how_to_join(group: &str, device: &str) -> String {
    if group.is_empty() || group == "root" {
        return format!("allow a group to use it with a udev rule: ls -l {device} shows its owner");
    }
    format!("sudo usermod -a -G {group} $USER, then reboot")
}

fn how_to_enable(computer: &Board) -> String {
    if computer.pi().is_none() {
        return "enable an overlay for this SPI port in the settings of the board, then reboot; \
                docs/Outputs.md has examples"
            .to_owned();
    }
    if computer.has_setting("dtparam=spi=on") {
        return "SPI is enabled in config.txt: reboot; the second device of a port needs an \
                overlay, see docs/Outputs.md"
            .to_owned();
    }
    "sudo raspi-config nonint do_spi 0, then reboot".to_owned()
}

fn buffer(computer: &Board, name: &str, strip: &StripPlan, device: &str) -> CheckResult {
    let pixels = strip.strip.pixels;
    let needed = match &strip.output {
        OutputPlan::Apa102 { .. } => apa102::transfer_bytes(pixels),
        _ => ws2812_spi::transfer_bytes(pixels * strip.strip.order.channels().len()),
    };
    let limit = spi_buffer_limit(&computer.path("sys/module/spidev/parameters/bufsiz"));
    if needed > limit {
        let text = format!("a frame has {needed} bytes; the kernel accepts {limit} on {device}");
        return CheckResult::problem(name, text, longer_buffer(needed));
    }
    CheckResult::ok(name, format!("{device}, {needed} of {limit} bytes"))
}

/// Checks that the clock of SPI does not change while a frame is sent.
fn clock(computer: &Board) -> Option<CheckResult> {
    let wanted: &[&str] = match computer.pi()? {
        Pi::Early | Pi::Five => &[],
        Pi::Three => &["core_freq=250"],
        Pi::Four => &["core_freq=500", "core_freq_min=500"],
    };
    let settings = computer.settings();
    let missing = wanted
        .iter()
        .filter(|line| !settings.iter().any(|it| it == *line));
    let missing: Vec<&str> = missing.copied().collect();
    if missing.is_empty() {
        return Some(CheckResult::ok("SPI clock", "constant"));
    }
    let file = computer
        .config_txt()
        .unwrap_or_else(|| "/boot/firmware/config.txt".to_owned());
    let lines = missing.join(" and ");
    Some(CheckResult::warning(
        "SPI clock",
        "it may change while a frame is sent, so LEDs may flicker",
        format!("add {lines} to {file}, then reboot"),
    ))
}
