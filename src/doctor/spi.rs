//! Strips on SPI: the device, its permissions, the kernel's buffer, and the clock.

use super::CheckResult;
use super::board::{Access, User};
use crate::output::board::{Board, Pi};
use crate::output::spi_buffer_limit;
use crate::output::spi_setup::{self, ENABLE, how_to_allow, how_to_enable, longer_buffer};
use crate::plan::{OutputPlan, Plan, StripPlan};
use crate::wire::{apa102, ws2812_spi};

/// Checks all strips on SPI.
pub(super) fn check(computer: &Board, user: &User, plan: &Plan, findings: &mut Vec<CheckResult>) {
    let strips = plan
        .strips
        .iter()
        .filter_map(|strip| Some((strip, device(strip)?)));
    let mut is_any = false;
    for (strip, device) in strips {
        let name = format!("strip {}", strip.label());
        let found = problem_of_device(computer, user, &name, device);
        findings.push(found.unwrap_or_else(|| buffer(computer, &name, strip, device)));
        is_any = true;
    }
    if is_any {
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
                how_to_join(&group, how_to_allow),
            ))
        }
    }
}

/// Returns how a user gets access to a device of a group. `of_root` is the remedy for a device that
/// only root may use.
pub(super) fn how_to_join(group: &str, of_root: impl FnOnce() -> String) -> String {
    if is_of_root(group) {
        return of_root();
    }
    format!("{}, then reboot", spi_setup::join(group))
}

/// Whether only root may use a device of this group.
fn is_of_root(group: &str) -> bool {
    group.is_empty() || group == "root"
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
        return CheckResult::problem(name, text, longer_buffer(computer, needed));
    }
    CheckResult::ok(name, format!("{device}, {needed} of {limit} bytes"))
}

/// Returns the lines that keep the clock of SPI constant and that config.txt does not have; `None`
/// if the clock of this computer is always constant.
fn missing_clock_lines(computer: &Board) -> Option<Vec<&'static str>> {
    let wanted: &[&str] = match computer.pi()? {
        Pi::Early | Pi::Five => &[],
        Pi::Three => &["core_freq=250"],
        Pi::Four => &["core_freq=500", "core_freq_min=500"],
    };
    let missing = wanted.iter().filter(|line| !computer.has_setting(line));
    Some(missing.copied().collect())
}

/// Checks that the clock of SPI does not change while a frame is sent.
fn clock(computer: &Board) -> Option<CheckResult> {
    let missing = missing_clock_lines(computer)?;
    if missing.is_empty() {
        return Some(CheckResult::ok("SPI clock", "constant"));
    }
    let file = config_txt(computer);
    let lines = missing.join(" and ");
    let place = if computer.ends_in_section() {
        ", at its end below a line [all]"
    } else {
        ""
    };
    Some(CheckResult::warning(
        "SPI clock",
        "it may change while a frame is sent, so LEDs may flicker",
        format!("add {lines} to {file}{place}, then reboot"),
    ))
}

fn config_txt(computer: &Board) -> String {
    computer
        .config_txt()
        .unwrap_or_else(|| "/boot/firmware/config.txt".to_owned())
}

/// Returns the commands, each for root, that a strip on SPI still needs. A line with `#` is a task
/// without a command.
pub fn setup_commands(computer: &Board, user: &User) -> Vec<String> {
    let mut commands = Vec::new();
    let device = computer.spi_devices().into_iter().next();
    if device.is_none() {
        commands.push(if computer.pi().is_some() {
            ENABLE.to_owned()
        } else {
            "# enable SPI for this board, see docs/Other_Boards.md".to_owned()
        });
    }
    if let Some(file) = computer.config_txt() {
        let lines = missing_clock_lines(computer).unwrap_or_default();
        let needs_all = !lines.is_empty() && computer.ends_in_section();
        let all = needs_all.then_some(" '[all]'");
        // Without the end of its last line, the first line would become a part of that.
        let end = (!lines.is_empty() && computer.ends_in_line(&file)).then_some("");
        let lines = lines.into_iter().map(|line| format!(" {line}"));
        let texts = end.into_iter().chain(all).map(str::to_owned).chain(lines);
        commands.extend(texts.map(|text| format!("echo{text} | sudo tee -a {file}")));
    }
    match device.map(|it| computer.access(&it, user)) {
        _ if user.uid == 0 => {}
        Some(Access::Full) => {}
        Some(Access::Group(group)) if !is_of_root(&group) => {
            commands.push(spi_setup::join(&group));
        }
        None if computer.pi().is_some() => commands.push(spi_setup::join("spi")),
        _ => commands.extend(spi_setup::allow()),
    }
    // A new group applies to processes that start after a new login, so also after a reboot.
    let needs_reboot = commands.iter().any(|it| !it.starts_with('#'));
    commands.extend(needs_reboot.then(|| "sudo reboot".to_owned()));
    commands
}
