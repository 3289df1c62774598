//! Converts what the engine reports (status, metrics, profile) to Python dicts, with the keys
//! described in the stub.

use super::error::LumenError;
use crate::color::Color;
use crate::engine::{
    Cost, EffectCost, GroupStatus, HostStrip, Metrics, OutputCost, Profile, Spread, Status,
    StripStatus, Wants, Window,
};
use crate::output::health::HealthState;
use crate::plan::OutputPlan;
use crate::renderer::Source;
use crate::spec::catalog::PaletteEntry;
use crate::spec::{EffectOffer, Offer, PaletteOffer};
use crate::state::STATES;
use crate::text::shown;
use crate::time::Span;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;

type Dict<'py> = PyResult<Bound<'py, PyDict>>;

pub(super) fn wants<'py>(py: Python<'py>, wants: &Wants) -> Dict<'py> {
    let dict = PyDict::new(py);
    dict.set_item("sources", &wants.sources)?;
    dict.set_item("position", wants.position)?;
    dict.set_item("progress", wants.progress)?;
    dict.set_item("states", &wants.states)?;
    let commands = STATES.iter().filter(|spec| !spec.commands.is_empty());
    let commands = commands.map(|spec| (spec.name, spec.commands));
    dict.set_item("commands", commands.collect::<BTreeMap<_, _>>())?;
    dict.set_item("filament_sensors", &wants.filament_sensors)?;
    Ok(dict)
}

pub(super) fn offer(py: Python<'_>, offer: Offer) -> Dict<'_> {
    let pins = offer.pins.into_iter().map(|pin| {
        let dict = PyDict::new(py);
        dict.set_item("section", pin.section)?;
        dict.set_item("pin", pin.pin)?;
        dict.set_item("strip", pin.strip)?;
        dict.set_item("pixels", pin.pixels)?;
        dict.set_item("color_order", pin.order.to_string())?;
        Ok(dict)
    });
    let lights = offer.lights.into_iter();
    let lights: Vec<_> = lights.map(|it| (it.group, it.channels.name())).collect();
    let dict = PyDict::new(py);
    dict.set_item("pins", pins.collect::<PyResult<Vec<_>>>()?)?;
    dict.set_item("lights", lights)?;
    let effects = offer.effects.into_iter().map(|it| effect_offer(py, it));
    dict.set_item("effects", effects.collect::<PyResult<Vec<_>>>()?)?;
    let palettes = offer.palettes.iter().map(|it| palette_offer(py, it));
    dict.set_item("palettes", palettes.collect::<PyResult<Vec<_>>>()?)?;
    dict.set_item("debug", offer.debug.name())?;
    dict.set_item("mcu_bytes_per_second", offer.mcu_bytes_per_s)?;
    Ok(dict)
}

fn effect_offer(py: Python<'_>, effect: EffectOffer) -> Dict<'_> {
    let dict = PyDict::new(py);
    dict.set_item("name", effect.name)?;
    dict.set_item("effect", effect.effect)?;
    dict.set_item(
        "options",
        effect.options.into_iter().collect::<BTreeMap<_, _>>(),
    )?;
    dict.set_item("show", effect.is_shown)?;
    dict.set_item("groups", effect.groups)?;
    Ok(dict)
}

fn palette_offer<'py>(py: Python<'py>, offer: &PaletteOffer) -> Dict<'py> {
    let entry = PaletteEntry::new(&offer.name, &offer.palette);
    let colors = entry.colors.into_iter().map(|it| {
        let dict = PyDict::new(py);
        dict.set_item("color", it.color)?;
        dict.set_item("place", rounded(it.place))?;
        Ok(dict)
    });
    let dict = PyDict::new(py);
    dict.set_item("name", entry.name)?;
    dict.set_item("colors", colors.collect::<PyResult<Vec<_>>>()?)?;
    Ok(dict)
}

pub(super) fn status(py: Python<'_>, status: Status) -> Dict<'_> {
    let dict = PyDict::new(py);
    dict.set_item("state", status.state)?;
    dict.set_item("states", status.states)?;
    dict.set_item("forced", status.forced)?;
    dict.set_item("moving", status.moving)?;
    dict.set_item("fps", status.fps)?;
    dict.set_item("brightness", rounded(status.brightness))?;
    dict.set_item("groups", groups(py, status.groups)?)?;
    dict.set_item("strips", strips(py, status.strips)?)?;
    Ok(dict)
}

fn groups(py: Python<'_>, groups: Vec<GroupStatus>) -> Dict<'_> {
    let named = PyDict::new(py);
    for group in groups {
        let dict = PyDict::new(py);
        dict.set_item("effect", group.effect)?;
        dict.set_item("source", source(group.source))?;
        let Color { r, g, b, w } = group.tint;
        dict.set_item("tint", [r, g, b, w].map(rounded))?;
        dict.set_item("pixels", group.pixels)?;
        dict.set_item("brightness", rounded(group.brightness))?;
        named.set_item(group.name, dict)?;
    }
    Ok(named)
}

fn strips(py: Python<'_>, strips: Vec<StripStatus>) -> Dict<'_> {
    let named = PyDict::new(py);
    for strip in strips {
        let dict = PyDict::new(py);
        dict.set_item("output", strip.output)?;
        dict.set_item("pixels", strip.pixels)?;
        let health = strip.health;
        dict.set_item("health", health.state.name())?;
        dict.set_item("error", health.error.map(|error| error.to_string()))?;
        dict.set_item("failures_in_a_row", health.failures_in_a_row)?;
        dict.set_item("failures", health.failures)?;
        dict.set_item("retry_in_s", health.retry_in.map(Span::as_secs))?;
        dict.set_item("frames", health.frames)?;
        dict.set_item("dropped", health.dropped)?;
        dict.set_item("reconnects", health.reconnects)?;
        dict.set_item("current_ma", strip.power.current_ma.round())?;
        dict.set_item("limited", strip.power.is_limited)?;
        named.set_item(strip.name, dict)?;
    }
    Ok(named)
}

pub(super) fn host(py: Python<'_>, strip: HostStrip) -> Dict<'_> {
    let dict = PyDict::new(py);
    dict.set_item("name", strip.name)?;
    dict.set_item("label", strip.label)?;
    dict.set_item("pixels", strip.pixels)?;
    dict.set_item("drawn", strip.drawn)?;
    match strip.output {
        OutputPlan::Lamp(lamp) => {
            dict.set_item("kind", "lamp")?;
            dict.set_item("objects", [lamp.object])?;
            dict.set_item("scale", lamp.scale)?;
        }
        OutputPlan::Leds { objects } => {
            dict.set_item("kind", "leds")?;
            dict.set_item("objects", objects)?;
            dict.set_item("scale", None::<f32>)?;
        }
        // Klipper drives no other kind.
        _ => {}
    }
    Ok(dict)
}

pub(super) fn health_state(word: &str) -> PyResult<HealthState> {
    let all = [
        HealthState::Ok,
        HealthState::Degraded,
        HealthState::Dark,
        HealthState::Abandoned,
    ];
    let known = all.into_iter().find(|state| state.name() == word);
    known.ok_or_else(|| LumenError::new_err(format!("unknown health '{}'", shown(word))))
}

pub(super) fn metrics<'py>(py: Python<'py>, metrics: &Metrics) -> Dict<'py> {
    let windows = PyDict::new(py);
    for (seconds, spread) in &metrics.windows {
        windows.set_item(seconds.to_string(), window(py, spread)?)?;
    }
    let counters = metrics.counters;
    let dict = PyDict::new(py);
    dict.set_item("frames", counters.frames)?;
    dict.set_item("written", counters.written)?;
    dict.set_item("equal", counters.equal)?;
    dict.set_item("late", counters.late)?;
    dict.set_item("wakeups", counters.wakeups)?;
    dict.set_item("cpu_seconds", metrics.cpu.as_secs())?;
    dict.set_item("rss_bytes", metrics.rss_bytes)?;
    dict.set_item("vms_bytes", metrics.vms_bytes)?;
    dict.set_item("messages", metrics.messages)?;
    dict.set_item("uptime_s", metrics.uptime.as_secs())?;
    dict.set_item("panics", counters.panics)?;
    dict.set_item("posts_dropped", metrics.posts_dropped)?;
    dict.set_item("windows", windows)?;
    Ok(dict)
}

fn window<'py>(py: Python<'py>, window: &Window) -> Dict<'py> {
    let dict = PyDict::new(py);
    dict.set_item("fps", window.fps)?;
    dict.set_item("late_ms", spread(py, &window.late)?)?;
    dict.set_item("render_ms", spread(py, &window.render)?)?;
    dict.set_item("period_ms", spread(py, &window.period)?)?;
    Ok(dict)
}

fn spread<'py>(py: Python<'py>, spread: &Spread) -> Dict<'py> {
    let dict = PyDict::new(py);
    dict.set_item("avg", spread.avg_ms)?;
    dict.set_item("p50", spread.p50_ms)?;
    dict.set_item("p95", spread.p95_ms)?;
    dict.set_item("p99", spread.p99_ms)?;
    dict.set_item("max", spread.max_ms)?;
    Ok(dict)
}

pub(super) fn profile(py: Python<'_>, profile: Profile) -> Dict<'_> {
    let dict = PyDict::new(py);
    dict.set_item("ends_in_s", profile.ends_in.map(Span::as_secs))?;
    let Some(found) = profile.found else {
        dict.set_item("found", None::<f64>)?;
        return Ok(dict);
    };
    let found_dict = cost(py, &found.frame)?;
    found_dict.set_item("age_s", found.age.as_secs())?;
    found_dict.set_item("seconds", found.length.as_secs())?;
    let effects = found.effects.into_iter().map(|it| effect_cost(py, it));
    found_dict.set_item("effects", effects.collect::<PyResult<Vec<_>>>()?)?;
    let outputs = found.outputs.into_iter().map(|it| output_cost(py, it));
    found_dict.set_item("outputs", outputs.collect::<PyResult<Vec<_>>>()?)?;
    dict.set_item("found", found_dict)?;
    Ok(dict)
}

fn cost<'py>(py: Python<'py>, cost: &Cost) -> Dict<'py> {
    let dict = PyDict::new(py);
    dict.set_item("frames", cost.frames)?;
    dict.set_item("avg_us", cost.avg_us)?;
    dict.set_item("max_us", cost.max_us)?;
    Ok(dict)
}

fn effect_cost(py: Python<'_>, effect: EffectCost) -> Dict<'_> {
    let dict = cost(py, &effect.cost)?;
    dict.set_item("group", effect.group)?;
    dict.set_item("effect", effect.effect)?;
    dict.set_item("ns_per_pixel", effect.ns_per_pixel)?;
    Ok(dict)
}

fn output_cost(py: Python<'_>, output: OutputCost) -> Dict<'_> {
    let dict = PyDict::new(py);
    dict.set_item("strips", output.strips)?;
    dict.set_item("output", output.output)?;
    dict.set_item("frames", output.frames)?;
    let writes = output.writes.as_ref();
    let cpu = writes.map(|it| micros(py, &it.cpu)).transpose()?;
    let send = writes.map(|it| micros(py, &it.send)).transpose()?;
    dict.set_item("cpu_us", cpu)?;
    dict.set_item("send_us", send)?;
    Ok(dict)
}

fn micros<'py>(py: Python<'py>, spread: &Spread) -> Dict<'py> {
    let dict = PyDict::new(py);
    dict.set_item("avg", spread.avg_ms * 1e3)?;
    dict.set_item("p99", spread.p99_ms * 1e3)?;
    dict.set_item("max", spread.max_ms * 1e3)?;
    Ok(dict)
}

fn source(source: Source) -> &'static str {
    match source {
        Source::State => "state",
        Source::Command => "command",
    }
}

/// Rounds a level as the user wrote it: 0.4 instead of 0.4000000059604645.
fn rounded(level: f32) -> f64 {
    (f64::from(level) * 1e6).round() / 1e6
}
