//! Resolves requests with the names of a config.
//!
//! It is where the caller is, so that a refused request has an answer. The renderer sees only
//! indices.

use super::{LightCommand, LightRequest, RequestError};
use crate::color::{Color, list};
use crate::effect::pulse::PulseSettings;
use crate::effect::solid::{self, SolidSettings};
use crate::effect::{AnySettings, EffectPlan, PlannedInput, off};
use crate::input::InputSet;
use crate::layer::StackPlan;
use crate::plan::{Override, Plan};
use crate::spec::{EffectResolver, meant_state};
use crate::state::State;
use crate::text::{listed, nearest, shown};
use crate::time::Span;
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

/// The names of a config, and what commands add to it.
#[derive(Debug)]
pub(crate) struct LightResolver {
    plan: Arc<Plan>,
    effect_resolver: EffectResolver,
    /// The first `config_sources` sources belong to the config; commands added the rest.
    config_sources: usize,
    /// Inputs of effects that commands started. A demand may outlive its config.
    demands: Vec<Demand>,
}

/// The inputs of one command's effect, while it is shown or waits to be shown.
#[derive(Debug)]
struct Demand {
    lease: Weak<()>,
    follows: InputSet,
    sources: Vec<usize>,
}

impl LightResolver {
    /// Creates a resolver for a compiled config.
    pub(crate) fn new(plan: Plan, effect_resolver: EffectResolver) -> Self {
        Self {
            config_sources: plan.sources.len(),
            plan: Arc::new(plan),
            effect_resolver,
            demands: Vec::new(),
        }
    }

    /// Forgets what commands have added; `effect_resolver` is the one that the config came with.
    pub(crate) fn forget_commands(&mut self, effect_resolver: EffectResolver) {
        self.effect_resolver = effect_resolver;
        self.demands.clear();
    }

    /// Returns the plan.
    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Prepares the resolver of the next config: it keeps sampling the sources of running effects.
    pub(crate) fn prepare(&mut self, next: &mut Self) {
        let used = self.used_sources();
        let sources = self.effect_resolver.sources().iter().enumerate();
        let kept = sources.filter(|(index, _)| used & (1 << index) != 0);
        let kept: Vec<String> = kept.map(|(_, name)| name.clone()).collect();
        next.keep_sources(&kept);
    }

    /// Takes over the demands of the config before, when this one runs.
    pub(crate) fn succeed(&mut self, old: &mut Self) {
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
    }

    /// Keeps sampling these sources, which commands added under the old config.
    fn keep_sources(&mut self, names: &[String]) {
        self.effect_resolver.keep_sources(names);
        // The plan is not shared yet.
        if let Some(plan) = Arc::get_mut(&mut self.plan) {
            plan.sources = self.effect_resolver.sources().to_vec();
        }
    }

    /// Resolves a request.
    ///
    /// # Errors
    /// When a name, an effect or a value is invalid.
    pub(crate) fn resolve(&mut self, request: &LightRequest) -> Result<LightCommand, RequestError> {
        match request {
            LightRequest::Set {
                group,
                effect,
                options,
                duration,
                fade,
            } => self.set(&Request {
                group,
                effect,
                options,
                duration: *duration,
                fade: *fade,
                is_picked: false,
            }),
            LightRequest::State { state, duration } => self.force(state, *duration),
            LightRequest::Clear { group } => self.clear(group.as_deref()),
            LightRequest::Switch { group, is_on } => self.switch(group.as_deref(), *is_on),
            LightRequest::Brightness { group, value, fade } => {
                self.dim(group.as_deref(), *value, *fade)
            }
            LightRequest::Flash {
                group,
                color,
                count,
            } => self.flash(group.as_deref().unwrap_or(ALL), color, *count),
            LightRequest::Wake => Ok(LightCommand::Wake),
        }
    }

    /// Shows an effect on a group, above its state. For `all`, either every group shows it or none.
    pub(crate) fn set(&mut self, request: &Request<'_>) -> Result<LightCommand, RequestError> {
        let commands = self.overrides(request)?.into_iter();
        Ok(LightCommand::all(commands.flat_map(|(group, command)| {
            let switch = request
                .is_picked
                .then_some(LightCommand::Switch(Some(group), true));
            switch
                .into_iter()
                .chain([LightCommand::Set(group, Box::new(command))])
        })))
    }

    /// Shows a color that was picked for a group in a web interface.
    pub(crate) fn pick(&self, group: &str, color: Color) -> Result<LightCommand, RequestError> {
        let Color { r, g, b, w } = color;
        if let Some(level) = [r, g, b, w].iter().find(|it| !(0.0..=1.0).contains(*it)) {
            let problem = format!("a color must have levels from 0 to 1, got {level}");
            return Err(RequestError::new(problem));
        }
        let commands = self.picked(group, color)?.into_iter();
        Ok(LightCommand::all(commands.map(|(group, command)| {
            LightCommand::Pick(group, Box::new(command))
        })))
    }

    /// Removes what was picked for a group in a web interface.
    pub(crate) fn clear_picked(&self, group: Option<&str>) -> Result<LightCommand, RequestError> {
        self.for_groups(group, LightCommand::ClearPicked)
    }

    /// Shows a state regardless of the printer.
    pub(crate) fn force(
        &self,
        state: &str,
        duration: Option<Span>,
    ) -> Result<LightCommand, RequestError> {
        Ok(LightCommand::Force(self.state(state)?, duration))
    }

    /// Fades the brightness of a group, or of everything.
    pub(crate) fn dim(
        &self,
        group: Option<&str>,
        value: f32,
        fade: Option<Span>,
    ) -> Result<LightCommand, RequestError> {
        if !(0.0..=1.0).contains(&value) {
            let problem = format!("brightness must be from 0 to 1, got {value}");
            return Err(RequestError::new(problem));
        }
        self.for_groups(group, |group| LightCommand::Dim(group, value, fade))
    }

    /// Switches a group, or all groups, off or on.
    pub(crate) fn switch(
        &self,
        group: Option<&str>,
        is_on: bool,
    ) -> Result<LightCommand, RequestError> {
        self.for_groups(group, |group| LightCommand::Switch(group, is_on))
    }

    /// Flashes a group, or `all`.
    pub(crate) fn flash(
        &self,
        group: &str,
        color: &str,
        count: u32,
    ) -> Result<LightCommand, RequestError> {
        let flashes = self.flashes(group, color, count)?.into_iter();
        Ok(LightCommand::all(flashes.map(|(group, flash)| {
            LightCommand::Flash(group, Box::new(flash))
        })))
    }

    /// Removes what commands put on a group.
    pub(crate) fn clear(&self, group: Option<&str>) -> Result<LightCommand, RequestError> {
        self.for_groups(group, LightCommand::Clear)
    }

    /// Makes a command for the named groups, or one for everything.
    fn for_groups(
        &self,
        group: Option<&str>,
        command: impl Fn(Option<usize>) -> LightCommand,
    ) -> Result<LightCommand, RequestError> {
        let Some(name) = group else {
            return Ok(command(None));
        };
        let groups = self.groups_named(name)?;
        Ok(LightCommand::all(groups.map(|group| command(Some(group)))))
    }

    /// Resolves a name to one group, or `all` to every group.
    pub(crate) fn groups_named(
        &self,
        name: &str,
    ) -> Result<impl Iterator<Item = usize> + use<>, RequestError> {
        let plan = &self.plan;
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
    pub(crate) fn state(&self, name: &str) -> Result<State, RequestError> {
        self.plan.state(name).ok_or_else(|| {
            let own = self.plan.custom_states.iter().map(String::as_str);
            let names = State::ALL.iter().map(|state| state.name()).chain(own);
            let meant = meant_state(name).map(State::name);
            match meant.or_else(|| nearest(name, names.clone())) {
                Some(meant) => RequestError::new(format!(
                    "unknown state '{}' (did you mean '{meant}'?)",
                    shown(name)
                )),
                None => unknown("state", name, names),
            }
        })
    }

    /// Finds a state by name, if it is an operation.
    pub(crate) fn operation(&self, name: &str) -> Result<State, RequestError> {
        let state = self.state(name)?;
        if state.is_operation() {
            return Ok(state);
        }
        let problem = format!("no command shows as state '{}'", shown(name));
        Err(RequestError::new(problem))
    }

    /// Resolves a request to the groups and effects that it sets.
    pub(crate) fn overrides(
        &mut self,
        request: &Request<'_>,
    ) -> Result<Vec<(usize, Override)>, RequestError> {
        let groups = self.groups_named(request.group)?;
        let used = self.used_sources();
        self.effect_resolver.set_idle_sources(!used);
        let mut commands = Vec::new();
        for group in groups {
            let mut command = self
                .effect_resolver
                .effect(&self.plan, group, request.effect, request.options)
                .map_err(RequestError::new)?;
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
    ) -> Result<Vec<(usize, Override)>, RequestError> {
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
    ) -> Result<Vec<(usize, Override)>, RequestError> {
        let groups = self.groups_named(group)?;
        let palettes = self.effect_resolver.palettes();
        let parsed = palettes.parse(colors).map_err(RequestError::new)?;
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

    /// Returns the names of the sources to sample now. An empty name marks an index that is no
    /// longer in use.
    pub(crate) fn wanted_sources(&mut self) -> Vec<String> {
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
        sources
    }

    /// Returns whether an effect follows this input: one of the config or of a command.
    pub(crate) fn wants_position(&self) -> bool {
        self.plan.wants_position || self.follows(InputSet::POSITION)
    }

    /// Returns whether an effect follows the progress of the job.
    pub(crate) fn wants_progress(&self) -> bool {
        self.plan.wants_progress || self.follows(InputSet::PROGRESS)
    }

    fn follows(&self, input: InputSet) -> bool {
        self.demands.iter().any(|it| it.follows.intersects(input))
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

pub(crate) fn unknown<'a>(
    kind: &str,
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> RequestError {
    let known = match listed(names) {
        names if names.is_empty() => format!("there are no {kind}s"),
        names => format!("{kind}s: {names}"),
    };
    RequestError::new(format!("unknown {kind} '{}' ({known})", shown(name)))
}
