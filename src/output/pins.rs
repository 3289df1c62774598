//! The output for all strips on PWM and PCM pins of a Raspberry Pi.
//!
//! It drives the pins in this process if permitted, otherwise through the helper if one is
//! installed. If neither is possible, the strips stay dark and the error names both remedies.

mod probe;

use crate::output::{Output, OutputError, helper_client};
use crate::plan::{OutputPlan, PinPlan, StripPlan};
use probe::{Computer, Refusal};

#[cfg(feature = "ws281x")]
use crate::output::claim::{CLAIM_TIMEOUT, Claim, Claimed};
#[cfg(feature = "ws281x")]
use crate::output::ws281x::{PinController, PinWire};

/// The remedy with the helper.
const USE_HELPER: &str = "install the helper, see 'Pins by the helper' in Outputs.md";

/// The remedy without PWM and PCM pins.
const USE_SPI_PIN: &str = "move the data line to GPIO10";

/// Opens the output for strips on pins.
///
/// # Errors
/// When neither this process nor a helper can drive the pins.
pub(super) fn open(plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    if pins(plans).any(|pin| pin.by_helper) {
        return helper_client::open(plans);
    }
    match Computer::read().check(pins(plans)) {
        Ok(()) => in_process(plans),
        Err(refusal) if refusal.can_use_helper() && helper_client::is_installed() => {
            helper_client::open(plans)
        }
        Err(refusal) => Err(with_remedy(&refusal)),
    }
}

/// Opens the pins in the process of the helper.
///
/// # Errors
/// When this process cannot drive the pins.
pub(crate) fn open_in_helper(plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    match Computer::read().check(pins(plans)) {
        Ok(()) => in_process(plans),
        // The usual remedy is to install the helper, which is this process.
        Err(refusal) if refusal.can_use_helper() => {
            let remedy = "sudo /opt/lumen/bin/klipper-lumen helper check";
            Err(OutputError::new(refusal.to_string(), remedy))
        }
        Err(refusal) => Err(with_remedy(&refusal)),
    }
}

fn pins(plans: &[StripPlan]) -> impl Iterator<Item = &PinPlan> {
    plans.iter().filter_map(|plan| match &plan.output {
        OutputPlan::Pin(pin) => Some(pin),
        _ => None,
    })
}

fn with_remedy(refusal: &Refusal) -> OutputError {
    let problem = refusal.to_string();
    let remedy = match refusal {
        Refusal::NotAPi => "use 'driver: spi', which works on the SPI port of any computer".into(),
        Refusal::Pi5(_) => "use 'driver: pio' with the ws2812-pio overlay, or 'driver: spi'".into(),
        // In /boot/firmware, before Raspberry Pi OS 12 in /boot.
        Refusal::Audio => {
            format!("set dtparam=audio=off in config.txt and reboot, or {USE_SPI_PIN}")
        }
        Refusal::NoMailbox => {
            format!("{USE_SPI_PIN}; this kernel has no mailbox device, which the pin driver needs")
        }
        Refusal::DeadMailbox(_) => {
            format!("{USE_SPI_PIN}; the pin driver needs the firmware of the Raspberry Pi")
        }
        Refusal::NotAllowed(_) | Refusal::NotBuilt => format!("{USE_HELPER}, or {USE_SPI_PIN}"),
    };
    OutputError::new(problem, remedy)
}

#[cfg(feature = "ws281x")]
fn in_process(plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    let claim = Claim::take(std::path::Path::new(probe::MEMORY), CLAIM_TIMEOUT)?;
    let wires: Vec<PinWire> = plans
        .iter()
        .zip(pins(plans))
        .map(|(plan, spec)| PinWire {
            spec: *spec,
            pixels: plan.strip.pixels,
            channels: plan.strip.order.bytes_per_pixel(),
        })
        .collect();
    Ok(Box::new(Claimed::new(PinController::open(&wires)?, claim)))
}

#[cfg(not(feature = "ws281x"))]
fn in_process(_: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    Err(with_remedy(&Refusal::NotBuilt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_remedy() {
        let cases = [
            (
                Refusal::NotAPi,
                "this computer is not a Raspberry Pi (use 'driver: spi', which works on the SPI \
                 port of any computer)",
            ),
            (
                Refusal::Pi5("Raspberry Pi 5 Model B Rev 1.0".into()),
                "'driver: gpio' does not support a Raspberry Pi 5 Model B Rev 1.0 (use 'driver: \
                 pio' with the ws2812-pio overlay, or 'driver: spi')",
            ),
            (
                Refusal::Audio,
                "the analog audio output uses the PWM of the pins (set dtparam=audio=off in \
                 config.txt and reboot, or move the data line to GPIO10)",
            ),
            (
                Refusal::NoMailbox,
                "/dev/vcio does not exist (move the data line to GPIO10; this kernel has no \
                 mailbox device, which the pin driver needs)",
            ),
            (
                Refusal::DeadMailbox("Inappropriate ioctl for device".into()),
                "/dev/vcio does not work: Inappropriate ioctl for device (move the data line to \
                 GPIO10; the pin driver needs the firmware of the Raspberry Pi)",
            ),
            (
                Refusal::NotAllowed("/dev/mem: Permission denied".into()),
                "this process is not allowed to drive pins: cannot open /dev/mem: Permission \
                 denied (install the helper, see 'Pins by the helper' in Outputs.md, or move the \
                 data line to GPIO10)",
            ),
            (
                Refusal::NotBuilt,
                "this build of Lumen does not include the pin driver (install the helper, see \
                 'Pins by the helper' in Outputs.md, or move the data line to GPIO10)",
            ),
        ];
        for (refusal, expected) in cases {
            assert_eq!(with_remedy(&refusal).to_string(), expected);
        }
    }
}
