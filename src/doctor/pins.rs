//! Strips on PWM and PCM pins and on the PIO of a Raspberry Pi 5.

use super::CheckResult;
use super::board::{Access, User};
use super::spi::how_to_join;
use crate::output::PIO_RULE;
use crate::output::board::{Board, Pi};
use crate::plan::{DataChannel, OutputPlan, PinPlan, Plan};

/// Checks all strips on such pins.
pub(super) fn check(computer: &Board, user: &User, plan: &Plan, findings: &mut Vec<CheckResult>) {
    for strip in &plan.strips {
        let name = format!("strip {}", strip.label());
        match &strip.output {
            OutputPlan::Pio { device, .. } => findings.push(pio(computer, user, name, device)),
            OutputPlan::Pin(pin) => findings.extend(pin_finding(computer, &name, pin)),
            _ => {}
        }
    }
}

fn pio(computer: &Board, user: &User, name: String, device: &str) -> CheckResult {
    if computer.pi() != Some(Pi::Five) {
        let text = format!("{device} needs a Raspberry Pi 5");
        return CheckResult::problem(name, text, "use driver: gpio, see docs/Outputs.md");
    }
    match computer.access(device, user) {
        Access::Full => CheckResult::ok(name, device),
        Access::NotADevice => CheckResult::problem(
            name,
            format!("{device} is not a device of ws2812-pio"),
            "find the device: ls /dev/leds*",
        ),
        Access::Missing => CheckResult::problem(
            name,
            format!("{device} does not exist"),
            "add dtoverlay=ws2812-pio with gpio= and num_leds= to config.txt, see \
             docs/Outputs.md, then reboot",
        ),
        Access::Group(group) => CheckResult::problem(
            name,
            format!("the user that runs Klipper may not use {device}"),
            how_to_join(&group, || PIO_RULE.to_owned()),
        ),
    }
}

fn pin_finding(computer: &Board, name: &str, pin: &PinPlan) -> Option<CheckResult> {
    let gpio = pin.pin;
    match computer.pi() {
        None => Some(CheckResult::problem(
            name,
            format!("GPIO{gpio} needs a Raspberry Pi"),
            "use driver: spi, see docs/Outputs.md",
        )),
        Some(Pi::Five) => Some(CheckResult::problem(
            name,
            format!("no PWM of a Raspberry Pi 5 can drive GPIO{gpio}"),
            "use driver: pio, see docs/Outputs.md",
        )),
        Some(_) if uses_audio(computer, pin) => Some(CheckResult::problem(
            name,
            format!("GPIO{gpio} and the analog audio use the same PWM"),
            "replace dtparam=audio=on by dtparam=audio=off in config.txt, then reboot",
        )),
        Some(_) => None,
    }
}

fn uses_audio(computer: &Board, pin: &PinPlan) -> bool {
    matches!(pin.channel(), Some(DataChannel::Pwm0 | DataChannel::Pwm1))
        && computer.has_setting("dtparam=audio=on")
}
