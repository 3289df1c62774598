//! The caller's side of the config: names, vocabulary and exits.
//!
//! What a request means is decided here, before it is posted; the render thread sees only numbers.

use super::error::EngineError;
use super::exit::{Exit, ExitContext, Line, wires};
use super::mailbox::Change;
use crate::plan::{Override, Plan, StripPlan};
use crate::spec::{Compiled, Offer, Vocabulary};
use crate::state::State;
use crate::text::{listed, nearest, shown};
use crate::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The word that names every group.
const ALL: &str = "all";

/// An effect for a group, as a command asks for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Name of the group, or `all`.
    pub group: &'a str,
    /// The effect as in `on_...`, for example `pulse orange`.
    pub effect: &'a str,
    /// More options of the effect.
    pub options: &'a [(String, String)],
    /// How long it shows; `None` until it is cleared, or what the options say.
    pub duration: Option<Span>,
    /// Cross-fade into it; `None` for the plan's, or what the options say.
    pub fade: Option<Span>,
}

/// What is to be sampled of the printer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Full object names of the temperature sources, in the order of `Sample::sources`.
    pub sources: Vec<String>,
    /// Some effect follows the position of the tool head.
    pub position: bool,
    /// Some effect follows the progress of the job.
    pub progress: bool,
    /// The user's commands that show as a state, by the state's name.
    pub states: BTreeMap<String, Vec<String>>,
}

/// One config as the caller's side knows it.
#[derive(Debug)]
pub(crate) struct Config {
    plan: Arc<Plan>,
    vocabulary: Vocabulary,
    /// So many sources, from the first, are the config's; the rest came by command.
    own_sources: usize,
    states: BTreeMap<String, Vec<String>>,
    offer: Offer,
    /// A line a strip, in the order of the plan.
    lines: Vec<Line>,
}

/// The running config and what is left of those before.
#[derive(Debug)]
pub(crate) struct Front {
    context: ExitContext,
    config: Config,
    /// An effect that came by command follows the tool head; it may outlive its config.
    position: bool,
    /// An effect that came by command follows the job.
    progress: bool,
    /// Exits of earlier configs whose threads have not ended yet.
    leaving: Vec<Arc<Exit>>,
    /// What the exits that are gone have used.
    gone: Used,
}

/// What exits have used since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// Processor time of their threads.
    pub(crate) cpu: Span,
    /// How often their threads woke.
    pub(crate) wakeups: u64,
    /// Messages to other processes and hosts.
    pub(crate) messages: u64,
}

impl Used {
    fn and(self, exit: &Exit) -> Self {
        Self {
            cpu: self.cpu + exit.cpu(),
            wakeups: self.wakeups + exit.wakeups(),
            messages: self.messages + exit.messages(),
        }
    }
}

impl Front {
    pub(crate) fn new(compiled: Compiled, context: ExitContext) -> (Self, Change) {
        let config = Config::new(compiled, |plans| Arc::new(Exit::open(plans, &context)));
        let change = config.change();
        let front = Self {
            context,
            config,
            position: false,
            progress: false,
            leaving: Vec::new(),
            gone: Used::default(),
        };
        (front, change)
    }

    /// Makes the next config with the open exits of this one.
    pub(crate) fn prepare(&self, mut compiled: Compiled) -> (Config, Change) {
        let own_sources = compiled.plan.sources.len();
        compiled
            .vocabulary
            .keep_sources(self.config.added_sources());
        let sources = compiled.vocabulary.sources();
        compiled.plan.sources = sources.to_vec();
        let mut next = Config::new(compiled, |plans| {
            let known = self
                .config
                .exits()
                .find(|exit| same_way_out(exit.plans(), plans));
            known.map_or_else(|| Arc::new(Exit::open(plans, &self.context)), Arc::clone)
        });
        next.own_sources = own_sources;
        let change = next.change();
        (next, change)
    }

    /// Takes over the next config and stops the exits that it does not have.
    pub(crate) fn adopt(&mut self, next: Config, now: Time) {
        let old = std::mem::replace(&mut self.config, next);
        self.sweep();
        for exit in old.exits() {
            if !self.config.exits().any(|it| Arc::ptr_eq(it, exit)) {
                exit.stop(now);
                self.leaving.push(Arc::clone(exit));
            }
        }
    }

    /// Forgets exits that have ended.
    fn sweep(&mut self) {
        let gone = &mut self.gone;
        self.leaving.retain(|exit| {
            let ended = exit.join(Duration::ZERO);
            if ended {
                *gone = gone.and(exit);
            }
            !ended
        });
    }

    pub(crate) fn stop(&self, now: Time) {
        self.all().for_each(|exit| exit.stop(now));
    }

    /// All exits, also those of earlier configs that have not ended.
    pub(crate) fn all_exits(&self) -> Vec<Arc<Exit>> {
        self.all().map(Arc::clone).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Exit>> {
        self.config.exits().chain(&self.leaving)
    }

    /// What all exits have used, also those that are gone.
    pub(crate) fn used(&self) -> Used {
        self.all().fold(self.gone, |used, exit| used.and(exit))
    }

    /// The plan, to keep or to tell it from another.
    pub(crate) fn plan_handle(&self) -> &Arc<Plan> {
        &self.config.plan
    }

    /// Each exit of the running config once.
    pub(crate) fn exits(&self) -> impl Iterator<Item = &Arc<Exit>> {
        self.config.exits()
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.config.plan
    }

    /// A line a strip, in the order of the plan.
    pub(crate) fn lines(&self) -> &[Line] {
        &self.config.lines
    }

    /// The line of the strip with a name.
    pub(crate) fn line(&self, strip: &str) -> Result<&Line, EngineError> {
        let lines = &self.config.lines;
        let named = |it: &&Line| it.plan().strip.name == strip;
        lines.iter().find(named).ok_or_else(|| {
            let names = lines.iter().map(|it| &*it.plan().strip.name);
            unknown("strip", strip, names)
        })
    }

    /// The groups that a name means: one, or `all`.
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

    /// The state with a name.
    pub(crate) fn state(&self, name: &str) -> Result<State, EngineError> {
        self.plan().state(name).ok_or_else(|| {
            let own = self.plan().custom_states.iter().map(String::as_str);
            let names = State::ALL.iter().map(|state| state.name()).chain(own);
            match nearest(name, names.clone()) {
                Some(near) => EngineError::Request(format!(
                    "unknown state '{}' (did you mean '{near}'?)",
                    shown(name)
                )),
                None => unknown("state", name, names),
            }
        })
    }

    /// The state with a name, if a command can show as it.
    pub(crate) fn operation(&self, name: &str) -> Result<State, EngineError> {
        let state = self.state(name)?;
        if state.is_operation() {
            return Ok(state);
        }
        let problem = format!("no command shows as state '{}'", shown(name));
        Err(EngineError::Request(problem))
    }

    /// What a request puts on which groups.
    pub(crate) fn overrides(
        &mut self,
        request: &Request<'_>,
    ) -> Result<Vec<(usize, Override)>, EngineError> {
        let groups = self.groups_named(request.group)?;
        let config = &mut self.config;
        let mut commands = Vec::new();
        for group in groups {
            let mut command = config
                .vocabulary
                .effect(&config.plan, group, request.effect, request.options)
                .map_err(EngineError::Request)?;
            command.duration = request.duration.or(command.duration);
            command.fade = request.fade.or(command.fade);
            self.position |= command.effect.follows_position();
            self.progress |= command.effect.follows_progress();
            commands.push((group, command));
        }
        Ok(commands)
    }

    pub(crate) fn offer(&self) -> &Offer {
        &self.config.offer
    }

    pub(crate) fn wants(&self) -> Wants {
        let config = &self.config;
        Wants {
            sources: config.vocabulary.sources().to_vec(),
            position: self.position || config.plan.wants_position,
            progress: self.progress || config.plan.wants_progress,
            states: config.states.clone(),
        }
    }
}

impl Config {
    fn new(compiled: Compiled, exit: impl FnMut(&[StripPlan]) -> Arc<Exit>) -> Self {
        let plan = compiled.plan;
        Self {
            lines: lines(&plan.strips, exit),
            own_sources: plan.sources.len(),
            plan: Arc::new(plan),
            vocabulary: compiled.vocabulary,
            states: compiled.commands,
            offer: compiled.offer,
        }
    }

    /// What commands have added to the sources, by their full names.
    fn added_sources(&self) -> &[String] {
        let all = self.vocabulary.sources();
        all.get(self.own_sources..).unwrap_or_default()
    }

    fn change(&self) -> Change {
        Change {
            plan: Arc::clone(&self.plan),
            lines: self.lines.clone(),
        }
    }

    /// Each exit once.
    fn exits(&self) -> impl Iterator<Item = &Arc<Exit>> {
        let first = |line: &&Line| line.index == 0;
        self.lines.iter().filter(first).map(|line| &line.exit)
    }
}

/// Gives every strip its line; those that share a wire share an exit.
fn lines(strips: &[StripPlan], mut exit: impl FnMut(&[StripPlan]) -> Arc<Exit>) -> Vec<Line> {
    let mut lines: Vec<Option<Line>> = vec![None; strips.len()];
    for members in wires(strips) {
        let plans: Vec<StripPlan> = members.iter().map(|it| strips[*it].clone()).collect();
        let exit = exit(&plans);
        for (index, member) in members.into_iter().enumerate() {
            let exit = Arc::clone(&exit);
            lines[member] = Some(Line { exit, index });
        }
    }
    lines.into_iter().flatten().collect()
}

fn unknown<'a>(kind: &str, name: &str, names: impl Iterator<Item = &'a str>) -> EngineError {
    let known = match listed(names) {
        names if names.is_empty() => format!("there are no {kind}s"),
        names => format!("{kind}s: {names}"),
    };
    EngineError::Request(format!("unknown {kind} '{}' ({known})", shown(name)))
}

/// Whether an exit for some strips serves others as well; how colours become bytes does not matter.
fn same_way_out(open: &[StripPlan], new: &[StripPlan]) -> bool {
    let serves = |a: &StripPlan, b: &StripPlan| (&a.strip, &a.output) == (&b.strip, &b.output);
    open.len() == new.len() && open.iter().zip(new).all(|(open, new)| serves(open, new))
}
