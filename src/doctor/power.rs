//! The current that strips may draw.

use super::CheckResult;
use crate::layout::PixelLeds;
use crate::plan::{Plan, StripPlan};

/// Above this, a strip without a limit gets a warning: the 5 V pins of a Raspberry Pi and most
/// plugs of strips carry less.
const UNLIMITED_MA: f32 = 3_000.0;

/// Checks the current of each strip at full white against its limit.
pub(super) fn check(plan: &Plan, findings: &mut Vec<CheckResult>) {
    let all = plan.max_current_ma;
    for strip in &plan.strips {
        findings.extend(of_strip(strip, all.is_some()));
    }
    if let Some(limit) = all {
        findings.push(CheckResult::ok(
            "current",
            format!("all strips are limited to {limit:.0} mA"),
        ));
    }
}

fn of_strip(strip: &StripPlan, is_limited_together: bool) -> Option<CheckResult> {
    let name = format!("strip {}", strip.label());
    let full = full_ma(strip);
    match strip.finish.power.max_current_ma {
        Some(limit) if limit < full => Some(CheckResult::ok(
            name,
            format!("{full:.0} mA at full white, limited to {limit:.0} mA"),
        )),
        Some(_) => None,
        None if is_limited_together || full <= UNLIMITED_MA => None,
        None => Some(CheckResult::warning(
            name,
            format!("{full:.0} mA at full white, without a limit"),
            "set max_current to what the supply and the wires carry",
        )),
    }
}

/// Returns the current of a strip at full white, in mA.
fn full_ma(strip: &StripPlan) -> f32 {
    let power = &strip.finish.power;
    let pixels = 0..strip.strip.pixels;
    pixels
        .map(|pixel| {
            let leds = strip.leds(pixel);
            let colors = 3.0 * power.led_current_ma * f32::from(u8::from(leds != PixelLeds::White));
            let white = power.white_current_ma * f32::from(u8::from(leds.has_white()));
            power.idle_current_ma + colors + white
        })
        .sum()
}
