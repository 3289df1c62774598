//! The table of all requests.

use super::answer::{Call, Handled};
use super::{SessionMemory, handlers as run, web};
use crate::limits;
use crate::request::{self, DURATION, GROUP, LightRequestSpec, Parameter, STATE_PARAMETER};

/// A request.
#[derive(Debug)]
pub struct RequestSpec {
    /// The name of the endpoint `lumen/NAME`, or of a command of web interfaces.
    pub name: &'static str,
    /// What it does, then the parameters; those in brackets are optional.
    pub help: &'static str,
    /// Its own parameters.
    pub parameters: &'static [Parameter],
    /// How it can be made.
    pub kind: RequestKind,
    /// Whether it also works before Klipper is ready and after a shutdown.
    pub always: bool,
    /// Whether its handler reads the facts.
    pub reads_facts: bool,
    run: Run,
}

/// How a request can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// As a command and as an endpoint.
    Both,
    /// Only as a command.
    Command,
    /// Only as an endpoint.
    Endpoint,
    /// A command that LUMEN's documentation recommended for macros.
    Old,
    /// A command that web interfaces send to lights and effects of other plug-ins.
    Web,
}

type Handler = fn(&mut Call<'_>, &mut SessionMemory) -> Handled;

/// How a request is answered.
#[derive(Clone, Copy, Debug)]
enum Run {
    Handler(Handler),
    /// Changes the lights.
    Lights(&'static LightRequestSpec),
    /// Starts or ends an operation that shows as a state.
    Operation(&'static str, bool),
}

impl RequestSpec {
    /// A G-code command and an endpoint.
    const fn new(
        name: &'static str,
        help: &'static str,
        parameters: &'static [Parameter],
        run: Handler,
    ) -> Self {
        Self {
            name,
            help,
            parameters,
            kind: RequestKind::Both,
            always: false,
            reads_facts: false,
            run: Run::Handler(run),
        }
    }

    /// A command and an endpoint for the lights.
    const fn lights(request: &'static LightRequestSpec) -> Self {
        Self {
            run: Run::Lights(request),
            ..Self::new(request.name, request.help, request.parameters, run::help)
        }
    }

    const fn always(self) -> Self {
        Self {
            always: true,
            ..self
        }
    }

    const fn reads_facts(self) -> Self {
        Self {
            reads_facts: true,
            ..self
        }
    }

    const fn only(self, kind: RequestKind) -> Self {
        Self { kind, ..self }
    }

    const fn operation(
        name: &'static str,
        help: &'static str,
        state: &'static str,
        begins: bool,
    ) -> Self {
        Self {
            run: Run::Operation(state, begins),
            ..Self::new(name, help, &[], run::help).only(RequestKind::Old)
        }
    }

    /// The name of the command.
    pub fn gcode(&self) -> String {
        match (self.kind, self.name) {
            (RequestKind::Web, name) => name.to_owned(),
            (_, "") => "LUMEN".to_owned(),
            (_, name) => format!("LUMEN_{}", name.to_uppercase()),
        }
    }

    /// Whether it is a command of Lumen.
    pub fn is_command(&self) -> bool {
        matches!(
            self.kind,
            RequestKind::Both | RequestKind::Command | RequestKind::Old
        )
    }

    /// Whether it is an endpoint.
    pub fn is_endpoint(&self) -> bool {
        matches!(self.kind, RequestKind::Both | RequestKind::Endpoint)
    }

    pub(super) fn run(&self, mut call: Call<'_>, memory: &mut SessionMemory) -> Handled {
        // A command needs the engine in any case; an endpoint reports mistakes first.
        if call.is_text() {
            call.engine()?;
        }
        match self.run {
            Run::Handler(handler) => handler(&mut call, memory),
            Run::Lights(request) => run::lights(&mut call, memory, request),
            Run::Operation(state, begins) => run::operation(&call, memory, state, begins),
        }
    }
}

/// Returns all requests.
pub fn requests() -> impl Iterator<Item = &'static RequestSpec> {
    REQUESTS.iter().chain(OLD_REQUESTS).chain(WEB_REQUESTS)
}

/// Returns the request with this name.
pub fn find(name: &str) -> Option<&'static RequestSpec> {
    requests().find(|it| it.name == name)
}

pub(super) const STRIP: Parameter = Parameter::new("STRIP");
/// Groups can share pixels.
pub(super) const FIRST: Parameter =
    Parameter::within("FIRST", 0.0, (limits::PIXELS * limits::GROUPS) as f64);
pub(super) const PROFILE: Parameter = Parameter::within("PROFILE", 0.0, 1.0);

/// The requests of Lumen, in the order of the documentation.
pub const REQUESTS: &[RequestSpec] = &[
    RequestSpec::new(
        "status",
        "Show what the lights show and why, and the health of the strips: [PROFILE=1] to measure \
         the cost of effects and outputs",
        &[PROFILE],
        run::status,
    )
    .always()
    .reads_facts(),
    RequestSpec::new(
        "doctor",
        "Look for what keeps a strip dark, and say what to do",
        &[],
        run::doctor,
    )
    .always(),
    RequestSpec::lights(&request::SET),
    RequestSpec::lights(&request::STATE),
    RequestSpec::lights(&request::CLEAR),
    RequestSpec::lights(&request::OFF),
    RequestSpec::lights(&request::ON),
    RequestSpec::lights(&request::BRIGHTNESS),
    RequestSpec::lights(&request::FLASH),
    RequestSpec::lights(&request::WAKE),
    RequestSpec::new(
        "effects",
        "List all effects with their options, and all palettes",
        &[],
        run::effects,
    )
    .always(),
    RequestSpec::new("colors", "List all color names", &[], run::colors).always(),
    RequestSpec::new(
        "test",
        "Show a state in test mode: STATE= [DURATION=seconds]",
        &[STATE_PARAMETER, DURATION],
        run::test,
    ),
    RequestSpec::new(
        "test_start",
        "Start test mode; it ends after DURATION seconds (default 600): [DURATION=seconds]",
        &[DURATION],
        run::test_start,
    ),
    RequestSpec::new(
        "test_stop",
        "End test mode and follow the printer again",
        &[],
        run::test_stop,
    ),
    RequestSpec::new(
        "test_next_state",
        "Show the next state in test mode",
        &[],
        run::test_state::<1>,
    ),
    RequestSpec::new(
        "test_prev_state",
        "Show the previous state in test mode",
        &[],
        run::test_state::<-1>,
    ),
    RequestSpec::new(
        "test_next_effect",
        "Show the next effect in test mode: [GROUP=]; without GROUP on all groups",
        &[GROUP],
        run::test_effect::<1>,
    ),
    RequestSpec::new(
        "test_prev_effect",
        "Show the previous effect in test mode: [GROUP=]; without GROUP on all groups",
        &[GROUP],
        run::test_effect::<-1>,
    ),
    RequestSpec::new(
        "reload",
        "Reload the Lumen sections without restarting Klipper",
        &[],
        run::reload,
    ),
    RequestSpec::new(
        "preview",
        "Return the last pixels of all groups as base64 of red, green, blue and white, or those of \
         one strip; an answer has at most 2000: [STRIP=] [FIRST=]",
        &[STRIP, FIRST],
        run::preview,
    )
    .only(RequestKind::Endpoint)
    .always(),
    RequestSpec::new(
        "profile",
        "Measure the cost of effects and outputs for five seconds from the request",
        &[],
        run::profile,
    )
    .only(RequestKind::Endpoint)
    .always()
    .reads_facts(),
    RequestSpec::new("help", "List all commands", &[], run::help)
        .only(RequestKind::Command)
        .always(),
];

/// The commands that report the start and the end of an operation.
macro_rules! operation {
    ($state:literal, begins) => {
        RequestSpec::operation(
            concat!($state, "_start"),
            concat!("Show the ", $state, " state"),
            $state,
            true,
        )
    };
    ($state:literal, ends) => {
        RequestSpec::operation(
            concat!($state, "_end"),
            concat!("Stop showing the ", $state, " state"),
            $state,
            false,
        )
    };
}

/// Commands that LUMEN's documentation recommended for macros.
pub const OLD_REQUESTS: &[RequestSpec] = &[
    RequestSpec {
        name: "",
        help: "The same as LUMEN_STATE: STATE= [DURATION=seconds]",
        ..RequestSpec::lights(&request::STATE).only(RequestKind::Old)
    },
    operation!("homing", begins),
    operation!("homing", ends),
    operation!("meshing", begins),
    operation!("meshing", ends),
    operation!("leveling", begins),
    operation!("leveling", ends),
    operation!("probing", begins),
    operation!("probing", ends),
    operation!("filament", begins),
    operation!("filament", ends),
];

/// Commands that web interfaces send to the lights and buttons of groups and effects.
pub const WEB_REQUESTS: &[RequestSpec] = &[
    RequestSpec::new(
        "SET_LED",
        "Set the color of an LED",
        web::SET_LED,
        web::set_led,
    )
    .only(RequestKind::Web),
    RequestSpec::new(
        "SET_LED_EFFECT",
        "Show an effect on its groups; STOP=1 clears it",
        web::SET_LED_EFFECT,
        web::set_led_effect,
    )
    .only(RequestKind::Web),
    RequestSpec::new(
        "STOP_LED_EFFECTS",
        "Clear picked effects and colors: [LEDS=]",
        web::STOP_LED_EFFECTS,
        web::stop_led_effects,
    )
    .only(RequestKind::Web)
    .reads_facts(),
];

#[cfg(test)]
mod tests {
    use super::requests;
    use crate::check::COMMANDS;

    #[test]
    fn the_check_of_a_config_knows_all_commands() {
        let commands = requests().filter(|it| it.is_command());
        let mut names: Vec<String> = commands.map(super::RequestSpec::gcode).collect();
        names.sort();
        assert_eq!(names, COMMANDS);
    }
}
