//! The running config as the callers use it: it finds groups and states by name and resolves
//! requests.
//!
//! Requests are resolved here, before they are posted. The render thread sees only indices.

use super::error::EngineError;
use super::mailbox::ConfigChange;
use super::output_handle::{OutputContext, OutputHandle, StripOutput};
use super::output_set::OutputSet;
use crate::color::{Color, list};
use crate::effect::pulse::PulseSettings;
use crate::effect::solid::{self, SolidSettings};
use crate::effect::{AnySettings, EffectPlan, PlannedInput, off};
use crate::input::InputSet;
use crate::layer::StackPlan;
use crate::plan::{Override, Plan};
use crate::spec::{Compiled, EffectResolver, Offer, meant_state};
use crate::state::State;
use crate::text::{listed, nearest, shown};
use crate::time::Span;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

/// The name that stands for every group.
const ALL: &str = "all";

/// Pulses per second of a flash.
const FLASH_HZ: f32 = 2.0;
const FLASH_FADE: Span = Span::from_millis(100);

/// An effect for a group, as requested by a command.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Name of the group, or `all`.
    pub group: &'a str,
    /// The effect as in `on_...`, for example `pulse orange`.
    pub effect: &'a str,
    /// Additional options of the effect.
    pub options: &'a [(String, String)],
    /// How long the effect shows. `None` uses the options, or shows it until it is cleared.
    pub duration: Option<Span>,
    /// Cross-fade into the effect. `None` uses the options, or the plan's fade.
    pub fade: Option<Span>,
    /// Whether it was picked in a web interface. The groups are then switched on too.
    pub is_picked: bool,
}

/// Which values of the printer the caller has to sample.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wants {
    /// Full object names of the temperature sources, in the order of `Sample::sources`. An empty
    /// name marks an index that is no longer in use.
    pub sources: Vec<String>,
    /// Whether an effect follows the position of the tool head.
    pub position: bool,
    /// Whether an effect follows the progress of the job.
    pub progress: bool,
    /// User commands that show as a state, by the name of the state.
    pub states: BTreeMap<String, Vec<String>>,
    /// Full object names of the filament sensors, in the order of `Sample::filament`.
    pub filament_sensors: Vec<String>,
}

/// The running config. No caller holds its lock while building, freeing or waiting.
#[derive(Debug)]
pub(crate) struct ActiveConfig {
    plan: Arc<Plan>,
    effect_resolver: EffectResolver,
    /// The first `config_sources` sources belong to the config; commands added the rest.
    config_sources: usize,
    /// Inputs of effects that commands started. A demand may outlive its config.
    demands: Vec<Demand>,
    states: BTreeMap<String, Vec<String>>,
    filament_sensors: Vec<String>,
    offer: Offer,
    changes: Vec<String>,
    pub(crate) outputs: OutputSet,
}

/// The inputs of one command's effect, while it is shown or waits to be shown.
#[derive(Debug)]
struct Demand {
    lease: Weak<()>,
    follows: InputSet,
    sources: Vec<usize>,
}

impl ActiveConfig {
    /// Creates a config. Opens its outputs, or reuses those of `open` that fit.
    pub(crate) fn new(compiled: Compiled, context: &OutputContext, open: &[StripOutput]) -> Self {
        let plan = compiled.plan;
        Self {
            outputs: OutputSet::open(&plan, context, open),
            config_sources: plan.sources.len(),
            plan: Arc::new(plan),
            effect_resolver: compiled.effect_resolver,
            demands: Vec::new(),
            states: compiled.commands,
            filament_sensors: compiled.filament_sensors,
            offer: compiled.offer,
            changes: compiled.changes,
        }
    }

    /// Makes `next` the running config after `post` has accepted it, and returns the outputs that
    /// it does not use. `next` then holds the old config, so that the caller can free it without
    /// the lock. If `post` fails, the old config keeps running.
    pub(crate) fn adopt(
        &mut self,
        next: &mut Self,
        post: impl FnOnce(ConfigChange) -> Result<(), EngineError>,
    ) -> Result<Vec<Arc<OutputHandle>>, EngineError> {
        let used = self.used_sources();
        let sources = self.effect_resolver.sources().iter().enumerate();
        let kept = sources.filter(|(index, _)| used & (1 << index) != 0);
        let kept: Vec<String> = kept.map(|(_, name)| name.clone()).collect();
        next.keep_sources(&kept);
        post(next.running())?;
        std::mem::swap(self, next);
        let old = next;
        self.demands = std::mem::take(&mut old.demands);
        for demand in &mut self.demands {
            let old = old.effect_resolver.sources();
            let new = self.effect_resolver.sources();
            let moved = demand.sources.iter().filter_map(|index| {
                let name = old.get(*index)?;
                new.iter().position(|it| it == name)
            });
            demand.sources = moved.collect();
        }
        Ok(self.outputs.succeed(&mut old.outputs))
    }

    /// Keeps sampling these sources, which commands added under the old config.
    fn keep_sources(&mut self, names: &[String]) {
        self.effect_resolver.keep_sources(names);
        // The plan is not shared yet.
        if let Some(plan) = Arc::get_mut(&mut self.plan) {
            plan.sources = self.effect_resolver.sources().to_vec();
        }
    }

    /// Returns the plan and its outputs, to be read without the lock.
    pub(crate) fn running(&self) -> ConfigChange {
        ConfigChange {
            plan: Arc::clone(&self.plan),
            strip_outputs: Arc::clone(self.outputs.strips()),
        }
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Resolves a name to one group, or `all` to every group.
    pub(crate) fn groups_named(
        &self,
        name: &str,
    ) -> Result<impl Iterator<Item = usize> + use<>, EngineError> {
        let plan = self.plan();
        match plan.group(name) {
            Some(group) => Ok(group..group + 1),
            None if name == ALL => Ok(0..plan.groups.len()),
            None => {
                let names = plan.groups.iter().map(|it| it.group.name.as_str());
                Err(unknown("group", name, names))
            }
        }
    }

    /// Finds a state by name.
    pub(crate) fn state(&self, name: &str) -> Result<State, EngineError> {
        self.plan().state(name).ok_or_else(|| {
            let own = self.plan().custom_states.iter().map(String::as_str);
            let names = State::ALL.iter().map(|state| state.name()).chain(own);
            let meant = meant_state(name).map(State::name);
            match meant.or_else(|| nearest(name, names.clone())) {
                Some(meant) => EngineError::Request(format!(
                    "unknown state '{}' (did you mean '{meant}'?)",
                    shown(name)
                )),
                None => unknown("state", name, names),
            }
        })
    }

    /// Finds a state by name, if it is an operation.
    pub(crate) fn operation(&self, name: &str) -> Result<State, EngineError> {
        let state = self.state(name)?;
        if state.is_operation() {
            return Ok(state);
        }
        let problem = format!("no command shows as state '{}'", shown(name));
        Err(EngineError::Request(problem))
    }

    /// Resolves a request to the groups and effects that it sets.
    pub(crate) fn overrides(
        &mut self,
        request: &Request<'_>,
    ) -> Result<Vec<(usize, Override)>, EngineError> {
        let groups = self.groups_named(request.group)?;
        let used = self.used_sources();
        self.effect_resolver.set_idle_sources(!used);
        let mut commands = Vec::new();
        for group in groups {
            let mut command = self
                .effect_resolver
                .effect(&self.plan, group, request.effect, request.options)
                .map_err(EngineError::Request)?;
            command.duration = request.duration.or(command.duration);
            command.fade = request.fade.or(command.fade);
            command.is_picked = request.is_picked;
            let follows = command.effect.follows();
            if !follows.is_empty() {
                self.demands.push(Demand {
                    lease: Arc::downgrade(&command.lease),
                    follows,
                    sources: command.effect.sources().map(|(index, _)| index).collect(),
                });
            }
            commands.push((group, command));
        }
        Ok(commands)
    }

    /// Resolves a color that was picked for a group to the effects that it sets.
    pub(crate) fn picked(
        &self,
        group: &str,
        color: Color,
    ) -> Result<Vec<(usize, Override)>, EngineError> {
        let groups = self.groups_named(group)?;
        let light = self
            .plan
            .group(group)
            .map(|it| self.plan.groups[it].light)
            .unwrap_or_default();
        let color = light.picked(color);
        Ok(groups.map(|group| (group, of_color(color))).collect())
    }

    /// Resolves a flash of a group, or of `all`: `count` pulses of a color or of several.
    pub(crate) fn flashes(
        &self,
        group: &str,
        colors: &str,
        count: u32,
    ) -> Result<Vec<(usize, Override)>, EngineError> {
        let groups = self.groups_named(group)?;
        let palettes = self.effect_resolver.palettes();
        let parsed = palettes.parse(colors).map_err(EngineError::Request)?;
        // As a command would say it, so that it can be repeated.
        let text = format!(
            "pulse {} min=0 max=1 speed={FLASH_HZ}",
            list::items(colors).join(" ")
        );
        let flash = PulseSettings {
            colors: parsed,
            palette: None,
            speed_hz: FLASH_HZ,
            min_brightness: 0.0,
            max_brightness: 1.0,
        };
        let flash = Override {
            duration: Some(Span::from_secs(f64::from(count) / f64::from(FLASH_HZ))),
            fade: Some(FLASH_FADE),
            ..of_settings(AnySettings::new(flash), text)
        };
        Ok(groups.map(|group| (group, flash.clone())).collect())
    }

    pub(crate) fn offer(&self) -> &Offer {
        &self.offer
    }

    pub(crate) fn changes(&self) -> &[String] {
        &self.changes
    }

    /// Returns what to sample now, for the config and for the effects of commands.
    pub(crate) fn wants(&mut self) -> Wants {
        let used = self.used_sources();
        let names = self.effect_resolver.sources().iter().enumerate();
        let mut sources: Vec<String> = names
            .map(|(index, name)| match used & (1 << index) {
                0 => String::new(),
                _ => name.clone(),
            })
            .collect();
        let wanted = sources.iter().rposition(|name| !name.is_empty());
        sources.truncate(wanted.map_or(0, |index| index + 1));
        let follows = |input| self.demands.iter().any(|it| it.follows.intersects(input));
        Wants {
            sources,
            position: self.plan.wants_position || follows(InputSet::POSITION),
            progress: self.plan.wants_progress || follows(InputSet::PROGRESS),
            states: self.states.clone(),
            filament_sensors: self.filament_sensors.clone(),
        }
    }

    /// Returns the sources in use as a bit set: those of the config and those of commands.
    fn used_sources(&mut self) -> u32 {
        self.demands.retain(|it| it.lease.strong_count() > 0);
        let own = (0..self.config_sources).fold(0, |bits, index| bits | 1 << index);
        let followed = self.demands.iter().flat_map(|it| &it.sources);
        followed.fold(own, |bits, index| bits | 1 << index)
    }
}

/// Returns the effect that shows a picked color, in steps of 1/255. Black is `off`.
fn of_color(color: Color) -> Override {
    let byte = |level: f32| (255.0 * level.clamp(0.0, 1.0)).round() as u8;
    let bytes = [color.r, color.g, color.b, color.w].map(byte);
    let [r, g, b, w] = bytes.map(|byte| f32::from(byte) / 255.0);
    let (settings, text) = if color == Color::BLACK {
        ((off::SPEC.defaults)(), off::SPEC.name.to_owned())
    } else {
        let [red, green, blue, white] = bytes;
        let mut text = format!("{} {red:02x}{green:02x}{blue:02x}", solid::SPEC.name);
        if color.w > 0.0 {
            text = format!("{text}{white:02x}");
        }
        let solid = SolidSettings::from(Color { r, g, b, w });
        (AnySettings::new(solid), text)
    };
    Override {
        is_picked: true,
        ..of_settings(settings, text)
    }
}

/// Returns an effect that follows no values of the printer, shown until it is cleared.
fn of_settings(settings: AnySettings, text: String) -> Override {
    Override {
        effect: StackPlan::from(EffectPlan {
            settings,
            input: PlannedInput::None,
            ring: None,
        }),
        text,
        fade: None,
        duration: None,
        is_picked: false,
        lease: Arc::default(),
    }
}

pub(super) fn unknown<'a>(
    kind: &str,
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> EngineError {
    let known = match listed(names) {
        names if names.is_empty() => format!("there are no {kind}s"),
        names => format!("{kind}s: {names}"),
    };
    EngineError::Request(format!("unknown {kind} '{}' ({known})", shown(name)))
}
