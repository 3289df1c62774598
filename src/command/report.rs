//! The text that `LUMEN_STATUS` shows.

use super::CallerFacts;
use crate::engine::{GroupStatus, Status, StripStatus};
use crate::renderer::Source;
use crate::text::counted;

/// Returns the lines about the lights, the groups, the strips and the warnings.
pub(super) fn lines(status: &Status, facts: &CallerFacts) -> Vec<String> {
    let reactor = &facts.reactor;
    let motion = if status.moving {
        format!("moving, {:.1} fps", status.fps)
    } else {
        "still".to_owned()
    };
    let mut lines = vec![
        format!("Lumen {} shows {}", facts.version, states(status)),
        format!(
            "{motion}, brightness {:.2}; uses {:.3} ms of Klipper's time per second",
            status.brightness, reactor.share_ms_per_s
        ),
        format!(
            "longest call {:.2} ms; 99.9 % of calls take at most {:.2} ms",
            reactor.total_hold_ms_max, reactor.total_hold_ms_p999
        ),
    ];
    lines.extend(status.groups.iter().map(group));
    lines.extend(status.strips.iter().map(|it| strip(it, facts)));
    let warnings = facts.warnings.iter();
    lines.extend(warnings.map(|it| format!("warning: {}", it.trim_start_matches("lumen: "))));
    lines
}

fn states(status: &Status) -> String {
    let others = status.states.iter().filter(|it| **it != status.state);
    let others: Vec<&str> = others.map(String::as_str).collect();
    let forced = match status.forced {
        Some(_) => ", forced by LUMEN_STATE",
        None => "",
    };
    let also = match others.join(", ") {
        names if names.is_empty() => names,
        names => format!(" (also: {names})"),
    };
    format!("{}{forced}{also}", status.state)
}

fn group(group: &GroupStatus) -> String {
    let why = match group.source {
        Source::Command => "LUMEN_SET",
        Source::State => "state",
    };
    let pixels = counted(group.pixels as u64, "pixel");
    let text = format!(
        "group {}: {} (by {why}), {pixels}",
        group.name, group.effect
    );
    // The brightness of one group, below that of all.
    if (group.brightness - 1.0).abs() < f32::EPSILON {
        text
    } else {
        format!("{text}, brightness {:.2}", group.brightness)
    }
}

fn strip(strip: &StripStatus, facts: &CallerFacts) -> String {
    let health = &strip.health;
    let mut text = health.state.name().to_owned();
    if let Some(error) = &health.error {
        text = format!("{text}: {error}");
    }
    if health.failures > 0 {
        text = format!("{text} ({})", counted(health.failures, "fault"));
    }
    let limit = if strip.power.is_limited {
        " by its limit"
    } else {
        ""
    };
    text = format!("{text}, {:.0} mA{limit}", strip.power.current_ma.round());
    if let Some((rate_hz, bytes_per_s)) = facts.rates.get(&strip.name) {
        text = format!("{text}, {rate_hz:.1} Hz, {bytes_per_s:.0} bytes/s");
    }
    format!(
        "strip {}: {}, {}, {} written, {text}",
        strip.name,
        strip.output,
        counted(strip.pixels as u64, "pixel"),
        counted(health.frames, "frame")
    )
}
