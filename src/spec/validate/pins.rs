//! Pins of a Raspberry Pi: what they share, and what must not be shared.

use crate::plan::PinPlan;
use crate::spec::section::Diagnostics;
use crate::text::shown;

/// What PWM and PCM are fed by if they are both in use: no kernel of a Pi 4 takes 9 or 10.
const USUAL_DMA: [u8; 2] = [10, 9];

/// Finds pins that cannot be driven together; each comes with the section that says so.
pub(super) fn check(pins: &[(&str, PinPlan)], diagnostics: &mut Diagnostics) {
    for (title, pin) in pins {
        if !pin.has_free_dma() {
            let problem = format!(
                "must be 4 or from 8 to 14, got {}; the others have work of their own, the SD \
                 card among it",
                pin.dma
            );
            diagnostics.option(title, "dma", &problem);
        }
    }
    for (index, (second, pin)) in pins.iter().enumerate() {
        // `limits::STRIPS` bounds the pairs; one clash of a section is enough.
        let mut others = pins[..index].iter();
        let clash = others.find_map(|(first, other)| Some((first, clash(other, pin)?)));
        if let Some((first, clash)) = clash {
            let (one, other) = (shown(first), shown(second));
            let text = format!("Sections '{one}' and '{other}' {clash}");
            diagnostics.whole(second, text);
        }
    }
}

/// Finds a strip that is too long for its pin.
pub(super) fn check_length(
    title: &str,
    pin: &PinPlan,
    pixels: usize,
    diagnostics: &mut Diagnostics,
) {
    let most = pin.max_pixels();
    if pixels > most {
        let problem = format!(
            " has {pixels} pixels on GPIO{}, which sends {most} at the most; drive the rest by \
             another pin or by SPI",
            pin.pin
        );
        diagnostics.section(title, &problem);
    }
}

fn clash(first: &PinPlan, second: &PinPlan) -> Option<String> {
    if first.pin == second.pin {
        // Told already, as any hardware that two sections drive.
        return None;
    }
    if first.is_pcm() != second.is_pcm() {
        let [pwm, pcm] = USUAL_DMA;
        return (first.dma == second.dma).then(|| {
            format!(
                "both use DMA channel {}; write 'dma: {pcm}' for GPIO21 where the others \
                 have {pwm}",
                first.dma
            )
        });
    }
    if first.channel() == second.channel() {
        let (one, other) = (first.pin, second.pin);
        return Some(format!(
            "use GPIO{one} and GPIO{other}, which are one channel of the PWM; take GPIO12 or 18 \
             and GPIO13 or 19"
        ));
    }
    let (option, one, other) = if first.dma == second.dma {
        ("frequency", first.frequency_hz, second.frequency_hz)
    } else {
        ("dma", u32::from(first.dma), u32::from(second.dma))
    };
    (one != other).then(|| {
        format!("disagree on '{option}' ({one} and {other}); both channels of the PWM share it")
    })
}
