//! The running config as the callers use it: it finds groups, states and strips by name, resolves
//! requests, and keeps the outputs.
//!
//! Requests are resolved here, before they are posted. The render thread sees only indices.

use super::built_config::BuiltConfig;
use super::error::EngineError;
use super::mailbox::ConfigChange;
use super::output_handle::{OutputHandle, StripOutput};
use super::retired_outputs::{RetiredOutputs, Usage};
use crate::color::Color;
use crate::effect::{off, solid};
use crate::input::InputSet;
use crate::plan::{Override, Plan};
use crate::spec::{Offer, meant_state};
use crate::state::State;
use crate::text::{listed, nearest, shown};
use crate::time::Span;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Weak};

/// The name that stands for every group.
const ALL: &str = "all";

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

/// The running config and the outputs that remain from earlier ones. No caller holds its lock while
/// building, freeing or waiting.
#[derive(Debug)]
pub(crate) struct ActiveConfig {
    config: BuiltConfig,
    /// Inputs of effects that commands started. A demand may outlive its config.
    demands: Vec<Demand>,
    /// Outputs of earlier configs.
    retired: RetiredOutputs,
}

/// The inputs of one command's effect, while it is shown or waits to be shown.
#[derive(Debug)]
struct Demand {
    lease: Weak<()>,
    follows: InputSet,
    source: Option<usize>,
}

impl ActiveConfig {
    pub(crate) fn new(config: BuiltConfig) -> Self {
        Self {
            config,
            demands: Vec::new(),
            retired: RetiredOutputs::default(),
        }
    }

    /// Makes `next` the running config after `post` has accepted it. `next` then holds the old
    /// config, so that the caller can free it without the lock. If `post` fails, the old config
    /// keeps running.
    pub(crate) fn adopt(
        &mut self,
        next: &mut BuiltConfig,
        post: impl FnOnce(ConfigChange) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let sources = self.used_sources();
        let config = &self.config;
        let names = config.effect_resolver.sources().iter().enumerate();
        let kept = names.filter(|(index, _)| sources & (1 << index) != 0);
        let kept: Vec<String> = kept.map(|(_, name)| name.clone()).collect();
        next.keep_sources(&kept);
        post(next.change())?;
        std::mem::swap(&mut self.config, next);
        let old = next;
        for demand in &mut self.demands {
            let name = demand
                .source
                .map(|index| &old.effect_resolver.sources()[index]);
            let sources = self.config.effect_resolver.sources();
            demand.source = name.and_then(|name| sources.iter().position(|it| it == name));
        }
        let new = &self.config;
        let retired = old
            .outputs()
            .filter(|output| !new.has(output))
            .map(Arc::clone);
        self.retired.add(retired);
        Ok(())
    }

    /// Returns the outputs of earlier configs that have not ended yet.
    pub(crate) fn retired(&self) -> Vec<Arc<OutputHandle>> {
        self.retired.iter().map(Arc::clone).collect()
    }

    /// Removes outputs that have ended.
    pub(crate) fn remove_ended(&mut self, ended: &[Arc<OutputHandle>]) {
        self.retired.remove(ended);
    }

    /// Returns all outputs, including those of earlier configs that have not ended.
    pub(crate) fn all_outputs(&self) -> Vec<Arc<OutputHandle>> {
        let current = self.config.outputs();
        current.chain(self.retired.iter()).map(Arc::clone).collect()
    }

    /// Returns what ended outputs have used.
    pub(crate) fn usage_of_ended(&self) -> Usage {
        self.retired.usage_of_ended()
    }

    /// Returns the running plan and outputs, to be read without the lock.
    pub(crate) fn running(&self) -> ConfigChange {
        self.config.change()
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.config.plan
    }

    /// Returns one entry per strip, in the order of the plan.
    pub(crate) fn strip_outputs(&self) -> &Arc<[StripOutput]> {
        &self.config.strip_outputs
    }

    /// Finds a strip by name.
    pub(crate) fn strip_output(&self, strip: &str) -> Result<&StripOutput, EngineError> {
        let strip_outputs = &self.config.strip_outputs;
        let named = |it: &&StripOutput| it.plan().strip.name == strip;
        strip_outputs.iter().find(named).ok_or_else(|| {
            let names = strip_outputs.iter().map(|it| &*it.plan().strip.name);
            unknown("strip", strip, names)
        })
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
        let config = &mut self.config;
        config.effect_resolver.set_idle_sources(!used);
        let mut commands = Vec::new();
        for group in groups {
            let mut command = config
                .effect_resolver
                .effect(&config.plan, group, request.effect, request.options)
                .map_err(EngineError::Request)?;
            command.duration = request.duration.or(command.duration);
            command.fade = request.fade.or(command.fade);
            command.is_picked = request.is_picked;
            let follows = command.effect.follows();
            if !follows.is_empty() {
                self.demands.push(Demand {
                    lease: Arc::downgrade(&command.lease),
                    follows,
                    source: command.effect.source(),
                });
            }
            commands.push((group, command));
        }
        Ok(commands)
    }

    /// Resolves a color that was picked for a group to the effects that it sets.
    pub(crate) fn picked(
        &mut self,
        group: &str,
        color: Color,
    ) -> Result<Vec<(usize, Override)>, EngineError> {
        let light = self
            .plan()
            .group(group)
            .map(|it| self.plan().groups[it].light);
        let request = Request {
            group,
            effect: &effect_of(light.unwrap_or_default().picked(color)),
            is_picked: true,
            ..Request::default()
        };
        self.overrides(&request)
    }

    pub(crate) fn offer(&self) -> &Offer {
        &self.config.offer
    }

    pub(crate) fn changes(&self) -> &[String] {
        &self.config.changes
    }

    /// Returns what to sample now, for the config and for the effects of commands.
    pub(crate) fn wants(&mut self) -> Wants {
        let used = self.used_sources();
        let config = &self.config;
        let names = config.effect_resolver.sources().iter().enumerate();
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
            position: config.plan.wants_position || follows(InputSet::POSITION),
            progress: config.plan.wants_progress || follows(InputSet::PROGRESS),
            states: config.states.clone(),
            filament_sensors: config.filament_sensors.clone(),
        }
    }

    /// Returns the sources in use as a bit set: those of the config and those of commands.
    fn used_sources(&mut self) -> u32 {
        self.demands.retain(|it| it.lease.strong_count() > 0);
        let own = (0..self.config.config_sources).fold(0, |bits, index| bits | 1 << index);
        let followed = self.demands.iter().filter_map(|it| it.source);
        followed.fold(own, |bits, index| bits | 1 << index)
    }
}

/// Returns the effect that shows a color. Black is `off`.
fn effect_of(color: Color) -> String {
    if color == Color::BLACK {
        return off::SPEC.name.to_owned();
    }
    let Color { r, g, b, w } = color;
    let mut text = format!("{} ", solid::SPEC.name);
    for level in [r, g, b].into_iter().chain((w > 0.0).then_some(w)) {
        let byte = (255.0 * level.clamp(0.0, 1.0)).round() as u8;
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn unknown<'a>(kind: &str, name: &str, names: impl Iterator<Item = &'a str>) -> EngineError {
    let known = match listed(names) {
        names if names.is_empty() => format!("there are no {kind}s"),
        names => format!("{kind}s: {names}"),
    };
    EngineError::Request(format!("unknown {kind} '{}' ({known})", shown(name)))
}
