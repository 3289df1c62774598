//! The requests to the lights and their parameters.

use super::{Parameter, RequestError, Values};
use crate::text::ConvertCase;
use crate::time::Span;

/// A request to the lights. A group is a name, or `all`; without one, everything is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum LightRequest {
    /// Show an effect on a group.
    Set {
        /// Name of the group.
        group: String,
        /// The effect as in `on_...`.
        effect: String,
        /// Further options of the effect.
        options: Vec<(String, String)>,
        /// How long it shows, if not until it is cleared.
        duration: Option<Span>,
        /// Length of the cross-fade, if set.
        fade: Option<Span>,
    },
    /// Show a state regardless of the printer.
    State {
        /// Name of the state.
        state: String,
        /// How long it shows, if not until it is cleared.
        duration: Option<Span>,
    },
    /// Follow the printer again.
    Clear {
        /// Name of the group.
        group: Option<String>,
    },
    /// Switch lights off or on.
    Switch {
        /// Name of the group.
        group: Option<String>,
        /// Whether they are on then.
        is_on: bool,
    },
    /// Set the brightness.
    Brightness {
        /// Name of the group.
        group: Option<String>,
        /// The brightness, 0.0-1.0.
        value: f32,
        /// Length of the fade, if set.
        fade: Option<Span>,
    },
    /// Flash a color.
    Flash {
        /// Name of the group.
        group: Option<String>,
        /// The color as in a config.
        color: String,
        /// Number of pulses.
        count: u32,
    },
    /// Wake the lights from bored or sleep.
    Wake,
}

/// A row in the table of the requests to the lights.
#[derive(Debug)]
pub struct LightRequestSpec {
    /// The name: `set` for the command `LUMEN_SET` and the endpoint `lumen/set`.
    pub name: &'static str,
    /// What it does, then the parameters; those in brackets are optional.
    pub help: &'static str,
    /// Its own parameters.
    pub parameters: &'static [Parameter],
    read: fn(&mut Values) -> Result<LightRequest, RequestError>,
}

pub(crate) const GROUP: Parameter = Parameter::new("GROUP");
pub(crate) const STATE_PARAMETER: Parameter = Parameter::new("STATE");
pub(crate) const DURATION: Parameter = Parameter::new("DURATION");
const EFFECT: Parameter = Parameter::new("EFFECT");
const COLOR: Parameter = Parameter::new("COLOR");
const FADE: Parameter = Parameter::new("FADE");
const VALUE: Parameter = Parameter::within("VALUE", 0.0, 1.0);
const COUNT: Parameter = Parameter::within("COUNT", 1.0, 100.0);

pub(crate) const SET: LightRequestSpec = LightRequestSpec {
    name: "set",
    help: "Show an effect on a group: GROUP= EFFECT= [COLOR=] [DURATION=seconds] [FADE=seconds] \
           [option=value...]; GROUP=all for all groups",
    parameters: &[GROUP, EFFECT, DURATION, FADE],
    read: |values| {
        Ok(LightRequest::Set {
            group: values.text(&GROUP)?,
            effect: values.text(&EFFECT)?,
            duration: values.limit(&DURATION)?,
            fade: values.span(&FADE)?,
            options: values.rest()?,
        })
    },
};

pub(crate) const STATE: LightRequestSpec = LightRequestSpec {
    name: "state",
    help: "Show a state, whatever the printer does: STATE= [DURATION=seconds]",
    parameters: &[STATE_PARAMETER, DURATION],
    read: |values| {
        Ok(LightRequest::State {
            state: values.text(&STATE_PARAMETER)?.lowercase(),
            duration: values.limit(&DURATION)?,
        })
    },
};

pub(crate) const CLEAR: LightRequestSpec = LightRequestSpec {
    name: "clear",
    help: "Follow the printer again: [GROUP=]; without GROUP all groups and the state",
    parameters: &[GROUP],
    read: |values| {
        Ok(LightRequest::Clear {
            group: values.maybe_text(&GROUP)?,
        })
    },
};

pub(crate) const OFF: LightRequestSpec = LightRequestSpec {
    name: "off",
    help: "Switch the lights off until LUMEN_ON: [GROUP=]; error and disconnected still show",
    parameters: &[GROUP],
    read: |values| switch(values, false),
};

pub(crate) const ON: LightRequestSpec = LightRequestSpec {
    name: "on",
    help: "Switch the lights on again: [GROUP=]",
    parameters: &[GROUP],
    read: |values| switch(values, true),
};

pub(crate) const BRIGHTNESS: LightRequestSpec = LightRequestSpec {
    name: "brightness",
    help: "Set the brightness of all lights or of a group: VALUE=0.0-1.0 [GROUP=] [FADE=seconds]",
    parameters: &[VALUE, GROUP, FADE],
    read: |values| {
        Ok(LightRequest::Brightness {
            group: values.maybe_text(&GROUP)?,
            value: values.number(&VALUE, None)? as f32,
            fade: values.span(&FADE)?,
        })
    },
};

pub(crate) const FLASH: LightRequestSpec = LightRequestSpec {
    name: "flash",
    help: "Flash a color, then continue as before: COLOR= [GROUP=] [COUNT=3]",
    parameters: &[COLOR, GROUP, COUNT],
    read: |values| {
        Ok(LightRequest::Flash {
            group: values.maybe_text(&GROUP)?,
            color: values.text(&COLOR)?,
            count: values.count(&COUNT, 3)?,
        })
    },
};

pub(crate) const WAKE: LightRequestSpec = LightRequestSpec {
    name: "wake",
    help: "Wake the lights from bored or sleep",
    parameters: &[],
    read: |_| Ok(LightRequest::Wake),
};

/// The requests to the lights, in the order of the documentation.
pub const LIGHT_REQUESTS: [&LightRequestSpec; 8] =
    [&SET, &STATE, &CLEAR, &OFF, &ON, &BRIGHTNESS, &FLASH, &WAKE];

impl LightRequestSpec {
    /// The name of the command.
    pub fn gcode(&self) -> String {
        format!("LUMEN_{}", self.name.uppercase())
    }

    /// Reads a request. `values` are its parameters.
    ///
    /// # Errors
    /// When a parameter is missing, unknown or invalid.
    pub(crate) fn read(&self, values: &mut Values) -> Result<LightRequest, RequestError> {
        let request = (self.read)(values)?;
        values.done()?;
        Ok(request)
    }
}

impl LightRequest {
    /// Replaces the error of a refused request, if a misspelled parameter explains it better: the
    /// others are taken for options of the effect.
    pub(crate) fn explain<E: From<RequestError>>(&self, values: &Values, error: E) -> E {
        let Self::Set { options, .. } = self else {
            return error;
        };
        for (name, _) in options {
            if let Err(misspelled) = values.check_misspelled(&name.uppercase()) {
                return misspelled.into();
            }
        }
        error
    }
}

fn switch(values: &mut Values, is_on: bool) -> Result<LightRequest, RequestError> {
    Ok(LightRequest::Switch {
        group: values.maybe_text(&GROUP)?,
        is_on,
    })
}
