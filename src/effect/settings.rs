//! The settings of an effect: the values of its options, whatever effect it is.

use super::spec::EffectSpec;
use super::transform::Transform;
use super::{Axis, BuildContext, Effect};
use crate::color::{Color, PaletteNames};
use std::any::Any;
use std::fmt;
use std::ops::Deref;

/// What the rest of the program asks of the settings of an effect. Each effect implements it for
/// the struct that it declares with `effect_settings!`.
pub trait EffectSettings: StoreOption + CloneSettings + DebugSettings + Any + Send + Sync {
    /// Returns the effect.
    fn spec(&self) -> &'static EffectSpec;

    /// Returns the one color that represents the effect in a status. A bar is represented by its
    /// end color, an effect that shows all hues by white.
    fn tint(&self) -> Color;

    /// Returns the input that the effect follows; apart from it only time changes its canvas.
    fn input(&self) -> EffectInput<'_> {
        EffectInput::None
    }

    /// Replaces the name of the source that the effect follows by its full name, so that equal
    /// effects have equal settings.
    fn set_source(&mut self, _full_name: &str) {}

    /// Returns an error if a lower limit is above its upper limit.
    fn range_problem(&self, _temp_floor_c: f32) -> Option<String> {
        None
    }

    /// Creates the running effect, with all memory that it needs.
    fn build(&self, cx: &BuildContext) -> Box<dyn Effect>;
}

/// Settings can be printed, except in the WebAssembly module: nothing prints them there, and the
/// code would be a fiftieth of it.
pub trait DebugSettings {
    /// Returns what is printed.
    fn as_debug(&self) -> &dyn fmt::Debug;
}

impl<T: fmt::Debug> DebugSettings for T {
    fn as_debug(&self) -> &dyn fmt::Debug {
        if cfg!(target_family = "wasm") {
            &"settings"
        } else {
            self
        }
    }
}

/// The input that an effect follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectInput<'a> {
    /// None.
    None,
    /// The progress of the job.
    Progress,
    /// The heater or temperature sensor with this name.
    Source(&'a str),
    /// The position of the toolhead along an axis.
    Axis(Axis),
    /// The triggers of endstops.
    Triggers,
}

/// Stores the values of options. Only `effect_settings!` implements it.
pub trait StoreOption {
    /// Parses `text` and stores the value of the option with this full name. An option that would
    /// replace it gets its default. The settings of an effect without the option do not change.
    ///
    /// # Errors
    /// Describes the problem in words that follow the option's name: `must be above 0, got -1`.
    fn store(&mut self, name: &str, text: &str, palettes: &PaletteNames) -> Result<(), String>;
}

/// Copies and compares settings of unknown type.
pub trait CloneSettings {
    /// Returns a copy.
    fn clone_settings(&self) -> AnySettings;
    /// Returns whether the other settings are of the same effect and equal.
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<T: EffectSettings + Clone + PartialEq> CloneSettings for T {
    fn clone_settings(&self) -> AnySettings {
        AnySettings::new(self.clone())
    }

    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>() == Some(self)
    }
}

/// The settings of any effect, with those that every effect takes.
pub struct AnySettings {
    effect: Box<dyn EffectSettings>,
    transform: Transform,
}

impl AnySettings {
    /// Creates the settings of an effect.
    pub fn new(settings: impl EffectSettings) -> Self {
        Self {
            effect: Box::new(settings),
            transform: Transform::default(),
        }
    }

    /// Returns the settings as those of one effect; `None` if they are of another.
    pub fn of<T: EffectSettings>(&self) -> Option<&T> {
        let settings: &dyn Any = &*self.effect;
        settings.downcast_ref()
    }

    /// Parses `text` and stores the value of the option with this full name.
    ///
    /// # Errors
    /// As for `StoreOption::store`.
    pub fn store(&mut self, name: &str, text: &str, palettes: &PaletteNames) -> Result<(), String> {
        if self.transform.store(name, text)? {
            return Ok(());
        }
        self.effect.store(name, text, palettes)
    }

    /// Creates the running effect, with all memory that it needs.
    pub fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        self.transform.build(cx, |cx| self.effect.build(cx))
    }

    /// As [`EffectSettings::set_source`].
    pub fn set_source(&mut self, full_name: &str) {
        self.effect.set_source(full_name);
    }
}

impl Deref for AnySettings {
    type Target = dyn EffectSettings;

    fn deref(&self) -> &Self::Target {
        &*self.effect
    }
}

impl Clone for AnySettings {
    fn clone(&self) -> Self {
        Self {
            transform: self.transform,
            ..self.effect.clone_settings()
        }
    }
}

impl PartialEq for AnySettings {
    fn eq(&self, other: &Self) -> bool {
        self.transform == other.transform && self.effect.equals(&*other.effect as &dyn Any)
    }
}

impl fmt::Debug for AnySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} with {:?}", self.effect.as_debug(), self.transform)
    }
}
