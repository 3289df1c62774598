//! The parameters of a request: names in any case, values as strings or numbers.
//!
//! Their number and length are checked first, so no request is expensive.

use super::RequestError;
use crate::limits::{NAME_BYTES, PARAMETERS, VALUE_BYTES};
use crate::text::{ConvertCase, nearest, number_meant, parse_precise, shown};
use crate::time::Span;

/// A parameter of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its name, in upper case.
    pub name: &'static str,
    /// The limits of a number.
    limits: (f64, f64),
}

impl Parameter {
    /// A text or a number without limits.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self::within(name, f64::NEG_INFINITY, f64::INFINITY)
    }

    /// A number within limits.
    pub(crate) const fn within(name: &'static str, low: f64, high: f64) -> Self {
        Self {
            name,
            limits: (low, high),
        }
    }
}

/// The name or value of a parameter, as the caller received it.
#[derive(Clone, Debug)]
pub enum Given {
    /// A text, or a number as a text.
    Text(String),
    /// A text that exceeds the limit.
    TooLong,
    /// A number that would be too long as a text.
    TooLarge,
    /// A text with an unpaired surrogate.
    Surrogates,
    /// Another kind of value, with its article.
    Other(&'static str),
}

/// Parameters that are read one by one; the remaining ones are unknown.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    known: &'static [Parameter],
    left: Vec<(String, String)>,
}

impl Values {
    pub(crate) fn new(
        count: usize,
        given: impl Iterator<Item = (Given, Given)>,
        known: &'static [Parameter],
    ) -> Result<Self, RequestError> {
        if count > PARAMETERS {
            let problem = format!("at most {PARAMETERS} parameters, got {count}");
            return Err(RequestError::new(problem));
        }
        let mut left: Vec<(String, String)> = Vec::with_capacity(count);
        for (name, value) in given {
            let name = name_of(name)?;
            let value = text_of(&name, value)?;
            if left.iter().any(|(other, _)| *other == name) {
                let problem = "a parameter is given twice, in upper and lower case";
                return Err(RequestError::new(problem));
            }
            left.push((name, value));
        }
        Ok(Self { known, left })
    }

    /// Returns a required text.
    pub(crate) fn text(&mut self, parameter: &Parameter) -> Result<String, RequestError> {
        let name = parameter.name;
        let Some(value) = self.take(name) else {
            // Names a given parameter that is similar to the missing one.
            let got = nearest(name, self.left.iter().map(|(name, _)| name.as_str()));
            let got = got.map_or_else(String::new, |it| format!(" (got '{}')", shown(it)));
            return Err(RequestError::new(format!("{name} is missing{got}")));
        };
        check_not_empty(name, &value)?;
        Ok(value.trim().to_owned())
    }

    /// Returns an optional text.
    pub(crate) fn maybe_text(
        &mut self,
        parameter: &Parameter,
    ) -> Result<Option<String>, RequestError> {
        if !self.has(parameter) {
            return Ok(None);
        }
        self.text(parameter).map(Some)
    }

    /// Returns a number within the limits; required if there is no default.
    pub(crate) fn number(
        &mut self,
        parameter: &Parameter,
        default: Option<f64>,
    ) -> Result<f64, RequestError> {
        if let (Some(default), false) = (default, self.has(parameter)) {
            return Ok(default);
        }
        let text = self.text(parameter)?;
        let number = number_of(&text);
        let (low, high) = parameter.limits;
        if low <= number && number <= high {
            return Ok(number);
        }
        let is_share = (high - 1.0).abs() < f64::EPSILON;
        Err(RequestError::new(format!(
            "{} must be from {low} to {high}, got '{}'{}",
            parameter.name,
            shown(&text),
            suggestion(&text, is_share)
        )))
    }

    /// Returns a whole number within the limits.
    pub(crate) fn count(
        &mut self,
        parameter: &Parameter,
        default: u32,
    ) -> Result<u32, RequestError> {
        if !self.has(parameter) {
            return Ok(default);
        }
        let text = self.text(parameter)?;
        let number = number_of(&text);
        let (low, high) = parameter.limits;
        if number.fract() == 0.0 && low <= number && number <= high {
            return Ok(number as u32);
        }
        let allowed = if low < high {
            format!("a whole number from {low} to {high}")
        } else {
            low.to_string()
        };
        Err(RequestError::new(format!(
            "{} must be {allowed}, got '{}'{}",
            parameter.name,
            shown(&text),
            suggestion(&text, false)
        )))
    }

    /// Returns a duration in seconds, if given.
    pub(crate) fn seconds(&mut self, parameter: &Parameter) -> Result<Option<f64>, RequestError> {
        if !self.has(parameter) {
            return Ok(None);
        }
        let text = self.text(parameter)?;
        let seconds = number_of(&text);
        if seconds.is_finite() && seconds >= 0.0 {
            return Ok(Some(seconds));
        }
        Err(RequestError::new(format!(
            "{} must be a number of seconds, got '{}'{}",
            parameter.name,
            shown(&text),
            suggestion(&text, false)
        )))
    }

    /// Returns a duration, if given.
    pub(crate) fn span(&mut self, parameter: &Parameter) -> Result<Option<Span>, RequestError> {
        Ok(self.seconds(parameter)?.map(Span::from_secs))
    }

    /// Returns a duration, if given; 0 means no limit.
    pub(crate) fn limit(&mut self, parameter: &Parameter) -> Result<Option<Span>, RequestError> {
        let seconds = self.seconds(parameter)?.filter(|it| *it > 0.0);
        Ok(seconds.map(Span::from_secs))
    }

    /// Returns all remaining parameters: options of an effect, which the engine checks.
    pub(crate) fn rest(&mut self) -> Result<Vec<(String, String)>, RequestError> {
        for (name, value) in &self.left {
            check_not_empty(name, value)?;
        }
        let rest = std::mem::take(&mut self.left).into_iter();
        Ok(rest
            .map(|(name, value)| (name.lowercase(), value.trim().to_owned()))
            .collect())
    }

    /// Refuses parameters that remain.
    pub(crate) fn done(&self) -> Result<(), RequestError> {
        let Some((name, _)) = self.left.first() else {
            return Ok(());
        };
        self.check_misspelled(name)?;
        let known: Vec<&str> = self.known.iter().map(|it| it.name).collect();
        let listed = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        let name = shown(name);
        Err(RequestError::new(format!(
            "unknown parameter '{name}' (parameters: {listed})"
        )))
    }

    /// Refuses a misspelled parameter. `name` is in upper case.
    pub(crate) fn check_misspelled(&self, name: &str) -> Result<(), RequestError> {
        if name.len() > NAME_BYTES {
            return Ok(());
        }
        match nearest(name, self.known.iter().map(|it| it.name)) {
            Some(close) if close != name => Err(RequestError::new(format!(
                "unknown parameter '{}' (did you mean '{close}'?)",
                shown(name)
            ))),
            _ => Ok(()),
        }
    }

    fn has(&self, parameter: &Parameter) -> bool {
        self.left.iter().any(|(name, _)| name == parameter.name)
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let index = self.left.iter().position(|(other, _)| other == name)?;
        Some(self.left.remove(index).1)
    }
}

fn name_of(given: Given) -> Result<String, RequestError> {
    match given {
        Given::Text(name) if name.len() <= NAME_BYTES => Ok(name.uppercase()),
        Given::Surrogates => Err(surrogates()),
        _ => Err(RequestError::new(format!(
            "the name of a parameter is longer than {NAME_BYTES} bytes"
        ))),
    }
}

fn text_of(name: &str, given: Given) -> Result<String, RequestError> {
    let name = || shown(name);
    match given {
        Given::Text(text) if text.len() <= VALUE_BYTES => Ok(text),
        Given::Text(_) | Given::TooLong => Err(RequestError::new(format!(
            "{} is longer than {VALUE_BYTES} bytes",
            name()
        ))),
        Given::TooLarge => Err(RequestError::new(format!(
            "{} is too large a number",
            name()
        ))),
        Given::Surrogates => Err(surrogates()),
        Given::Other(kind) => Err(RequestError::new(format!(
            "{} must be a text or a number, got {kind}",
            name()
        ))),
    }
}

fn surrogates() -> RequestError {
    RequestError::new("unpaired surrogates are not valid characters")
}

/// Reads a number; NaN if it is none.
fn number_of(text: &str) -> f64 {
    parse_precise(text).unwrap_or(f64::NAN)
}

/// Suggests a valid number for an invalid one; empty if there is none.
fn suggestion(text: &str, is_share: bool) -> String {
    // 2 may mean anything, 50 is a percentage.
    let percent = if is_share && (10.0..=100.0).contains(&number_of(text)) {
        "%"
    } else {
        ""
    };
    let meant = number_meant(&format!("{text}{percent}"), is_share);
    meant.map_or_else(String::new, |meant| format!("; write {meant}"))
}

fn check_not_empty(name: &str, value: &str) -> Result<(), RequestError> {
    if !value.trim().is_empty() {
        return Ok(());
    }
    let is_color = name.ends_with("COLOR") || name.contains("COLOR_");
    let name = shown(name);
    Err(RequestError::new(if is_color {
        format!(
            "empty {name}; '#' starts a comment in G-code, write {name}=ff8800 instead of \
             {name}=#ff8800"
        )
    } else {
        format!("empty {name}")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARE: Parameter = Parameter::within("VALUE", 0.0, 1.0);
    const COUNT: Parameter = Parameter::within("COUNT", 1.0, 100.0);
    const FADE: Parameter = Parameter::new("FADE");
    const KNOWN: &[Parameter] = &[SHARE, COUNT, FADE];

    fn values(given: &[(&str, &str)]) -> Result<Values, String> {
        let given = given.iter().map(|(name, value)| {
            let text = |it: &str| Given::Text(it.to_owned());
            (text(name), text(value))
        });
        Values::new(given.len(), given, KNOWN).map_err(|it| it.to_string())
    }

    fn problem<T: std::fmt::Debug>(
        given: &[(&str, &str)],
        read: impl FnOnce(&mut Values) -> Result<T, RequestError>,
    ) -> String {
        read(&mut values(given).unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn names_may_have_any_case_but_only_one() {
        let mut values = values(&[("Value", " 0.5 ")]).unwrap();
        let number = values.number(&SHARE, None).unwrap();
        assert!((number - 0.5).abs() < f64::EPSILON);
        assert!(values.done().is_ok());
        let twice = super::tests::values(&[("a", "1"), ("A", "2")]).unwrap_err();
        assert_eq!(twice, "a parameter is given twice, in upper and lower case");
    }

    #[test]
    fn their_number_and_length_are_limited() {
        let many = vec![("A", "1"); PARAMETERS + 1];
        let error = values(&many).unwrap_err();
        assert_eq!(error, "at most 64 parameters, got 65");
        let long = "x".repeat(VALUE_BYTES + 1);
        let error = values(&[("FADE", &long)]).unwrap_err();
        assert_eq!(error, "FADE is longer than 1024 bytes");
        let name = "n".repeat(NAME_BYTES + 1);
        let error = values(&[(&name, "1")]).unwrap_err();
        assert_eq!(error, "the name of a parameter is longer than 128 bytes");
    }

    #[test]
    fn a_number_out_of_its_limits_is_refused_with_a_suggestion() {
        for (given, expected) in [
            ("2", "VALUE must be from 0 to 1, got '2'"),
            ("nan", "VALUE must be from 0 to 1, got 'nan'"),
            ("50", "VALUE must be from 0 to 1, got '50'; write 0.5"),
            ("0,5", "VALUE must be from 0 to 1, got '0,5'; write 0.5"),
        ] {
            let found = problem(&[("VALUE", given)], |it| it.number(&SHARE, None));
            assert_eq!(found, expected);
        }
        assert_eq!(
            problem(&[("COUNT", "2.5")], |it| it.count(&COUNT, 3)),
            "COUNT must be a whole number from 1 to 100, got '2.5'"
        );
        assert_eq!(
            problem(&[("FADE", "500ms")], |it| it.seconds(&FADE)),
            "FADE must be a number of seconds, got '500ms'; write 0.5"
        );
    }

    #[test]
    fn a_missing_or_unknown_name_gets_a_suggestion() {
        assert_eq!(
            problem(&[("VALU", "1")], |it| it.number(&SHARE, None)),
            "VALUE is missing (got 'VALU')"
        );
        assert_eq!(
            problem(&[("FAED", "1")], |it| it.done()),
            "unknown parameter 'FAED' (did you mean 'FADE'?)"
        );
        assert_eq!(
            problem(&[("XYZZY", "1")], |it| it.done()),
            "unknown parameter 'XYZZY' (parameters: VALUE, COUNT, FADE)"
        );
    }

    #[test]
    fn an_empty_color_is_explained() {
        assert_eq!(problem(&[("FADE", " ")], Values::rest), "empty FADE");
        assert_eq!(
            problem(&[("COLOR", "")], Values::rest),
            "empty COLOR; '#' starts a comment in G-code, write COLOR=ff8800 instead of \
             COLOR=#ff8800"
        );
    }
}
