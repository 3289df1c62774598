//! The strips on PWM and PCM pins of a Raspberry Pi, all in one output: in process where this
//! process may, else by the helper where there is one, else dark with words for both ways out.

mod probe;

use crate::output::{Output, OutputError, remote};
use crate::plan::{OutputPlan, PinPlan, StripPlan};
use probe::{Computer, Refusal};

#[cfg(feature = "ws281x")]
use crate::output::claim::{Claim, Claimed, PATIENCE};
#[cfg(feature = "ws281x")]
use crate::output::ws281x::{PinController, PinWire};

/// How to let the helper drive the pins.
const HELPER: &str = "install the helper, see 'Pins by the helper' in Outputs.md";

/// How to do without pins.
const OTHER_WIRE: &str = "move the data line to GPIO10";

/// Opens the way out of strips on pins.
///
/// # Errors
/// What keeps the strips dark, in words for the user.
pub(super) fn open(plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    if pins(plans).any(|pin| pin.by_helper) {
        return remote::open(plans);
    }
    match Computer::read().check(pins(plans)) {
        Ok(()) => in_process(plans),
        Err(refusal) if refusal.helps_a_helper() && remote::is_there() => remote::open(plans),
        Err(refusal) => Err(words(&refusal)),
    }
}

/// Opens the pins in this process, which is the helper's.
///
/// # Errors
/// What keeps the strips dark, in words for the user.
pub(crate) fn open_in_helper(plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    match Computer::read().check(pins(plans)) {
        Ok(()) => in_process(plans),
        // What would send the user to the helper.
        Err(refusal) if refusal.helps_a_helper() => {
            let remedy = "sudo /opt/lumen/bin/klipper-lumen helper check";
            Err(OutputError::new(refusal.to_string(), remedy))
        }
        Err(refusal) => Err(words(&refusal)),
    }
}

fn pins(plans: &[StripPlan]) -> impl Iterator<Item = &PinPlan> {
    plans.iter().filter_map(|plan| match &plan.output {
        OutputPlan::Pin(pin) => Some(pin),
        _ => None,
    })
}

fn words(refusal: &Refusal) -> OutputError {
    let problem = refusal.to_string();
    let remedy = match refusal {
        Refusal::NotAPi => "'driver: spi' drives strips from the SPI port of any computer".into(),
        Refusal::Pi5(_) => "use 'driver: pio' with the ws2812-pio overlay, or 'driver: spi'".into(),
        Refusal::Audio => format!(
            "write dtparam=audio=off to /boot/firmware/config.txt and reboot, or {OTHER_WIRE}"
        ),
        Refusal::NoMailbox => {
            format!("{OTHER_WIRE}; this kernel has no mailbox for the memory of the pins")
        }
        Refusal::NotAllowed(_) | Refusal::NotBuilt => format!("{HELPER}, or {OTHER_WIRE}"),
    };
    OutputError::new(problem, remedy)
}

#[cfg(feature = "ws281x")]
fn in_process(plans: &[StripPlan]) -> Result<Box<dyn Output>, OutputError> {
    let claim = Claim::take(std::path::Path::new(probe::MEMORY), PATIENCE)?;
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
    Err(words(&Refusal::NotBuilt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_to_do() {
        let cases = [
            (
                Refusal::NotAPi,
                "this computer is no Raspberry Pi ('driver: spi' drives strips from the SPI port \
                 of any computer)",
            ),
            (
                Refusal::Pi5("Raspberry Pi 5 Model B Rev 1.0".into()),
                "a Raspberry Pi 5 Model B Rev 1.0 has other pins than 'driver: gpio' knows (use \
                 'driver: pio' with the ws2812-pio overlay, or 'driver: spi')",
            ),
            (
                Refusal::Audio,
                "the analog audio output uses the PWM of the pins (write dtparam=audio=off to \
                 /boot/firmware/config.txt and reboot, or move the data line to GPIO10)",
            ),
            (
                Refusal::NoMailbox,
                "/dev/vcio does not exist (move the data line to GPIO10; this kernel has no \
                 mailbox for the memory of the pins)",
            ),
            (
                Refusal::NotAllowed("/dev/mem: Permission denied".into()),
                "this process may not drive pins: cannot open /dev/mem: Permission denied \
                 (install the helper, see 'Pins by the helper' in Outputs.md, or move the data \
                 line to GPIO10)",
            ),
            (
                Refusal::NotBuilt,
                "this build of Lumen cannot drive pins by itself (install the helper, see 'Pins \
                 by the helper' in Outputs.md, or move the data line to GPIO10)",
            ),
        ];
        for (refusal, expected) in cases {
            assert_eq!(words(&refusal).to_string(), expected);
        }
    }
}
