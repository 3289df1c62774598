//! Checks Raspberry Pi pins: PWM channels, frequencies and DMA channels that pins share or must not
//! share.

use crate::plan::PinPlan;
use crate::spec::section::Diagnostics;
use crate::text::shown;

/// The suggested DMA channels for PWM and PCM: no Raspberry Pi 4 kernel uses 9 or 10.
const USUAL_DMA: [u8; 2] = [10, 9];

/// Reports pins that cannot be used together. Each pin comes with the title of its section.
pub(super) fn check(pins: &[(&str, PinPlan)], diagnostics: &mut Diagnostics) {
    for (title, pin) in pins {
        if !pin.has_free_dma() {
            let problem = format!(
                "must be 4 or from 8 to 14, got {}; the other channels are in use, for example by \
                 the SD card",
                pin.dma
            );
            diagnostics.option(title, "dma", &problem);
        }
    }
    for (index, (second, pin)) in pins.iter().enumerate() {
        // `limits::STRIPS` bounds the number of pairs. One conflict per section is reported.
        let mut earlier = pins[..index].iter();
        let conflict = earlier.find_map(|(first, other)| Some((first, conflict(other, pin)?)));
        if let Some((first, conflict)) = conflict {
            let (one, other) = (shown(first), shown(second));
            let text = format!("Sections '{one}' and '{other}' {conflict}");
            diagnostics.whole(second, text);
        }
    }
}

/// Reports a strip that is too long for its pin.
pub(super) fn check_length(
    title: &str,
    pin: &PinPlan,
    pixels: usize,
    diagnostics: &mut Diagnostics,
) {
    let most = pin.max_pixels();
    if pixels > most {
        let problem = format!(
            " has {pixels} pixels on GPIO{}, which supports at most {most}; connect the rest to \
             another pin or to SPI",
            pin.pin
        );
        diagnostics.section(title, &problem);
    }
}

fn conflict(first: &PinPlan, second: &PinPlan) -> Option<String> {
    if first.pin == second.pin {
        // Already reported: two sections use the same hardware.
        return None;
    }
    if first.is_pcm() != second.is_pcm() {
        let [pwm, pcm] = USUAL_DMA;
        return (first.dma == second.dma).then(|| {
            format!(
                "both use DMA channel {}; write 'dma: {pcm}' for GPIO21 and 'dma: {pwm}' for the \
                 other pins",
                first.dma
            )
        });
    }
    if first.channel() == second.channel() {
        let (one, other) = (first.pin, second.pin);
        return Some(format!(
            "use GPIO{one} and GPIO{other}, which share one PWM channel; use GPIO12 or 18 and \
             GPIO13 or 19"
        ));
    }
    let (option, one, other) = if first.dma == second.dma {
        ("frequency", first.frequency_hz, second.frequency_hz)
    } else {
        ("dma", u32::from(first.dma), u32::from(second.dma))
    };
    (one != other)
        .then(|| format!("disagree on '{option}' ({one} and {other}); both PWM channels share it"))
}
