//! The message for a spec that does not begin with an effect.

use super::token;
use crate::color::name;
use crate::spec::effect_names::EffectNames;
use crate::spec::synonyms;
use crate::text::{number_meant, parse_number, shown};

/// Returns the message for a text that begins with the unknown `word`.
pub(super) fn unknown_effect(word: &str, text: &str, names: &EffectNames) -> String {
    let color = [text.trim(), word]
        .into_iter()
        .find(|it| name::parse(it).is_ok());
    if let Some(color) = color.filter(|_| synonyms::effect(word).is_none()) {
        let color = shown(color);
        return match effect_after_color(text, names) {
            Some(effect) => {
                format!("the effect comes first, then its color: write '{effect} {color}'")
            }
            None => format!("'{color}' is a color (did you mean 'solid {color}'?)"),
        };
    }
    let is_number = parse_number(word).is_some() || number_meant(word, true).is_some();
    if is_number {
        return format!(
            "'{}' is a brightness, which only a lamp accepts ('driver: pwm'); write an effect, \
             as in 'solid white'",
            shown(word)
        );
    }
    synonyms::unknown_effect(word, names.names())
}

/// Returns the effect that is written after a color.
fn effect_after_color<'w>(text: &str, names: &'w EffectNames) -> Option<&'w str> {
    let (_, rest) = token::head(text);
    let next = rest.split_whitespace().next()?;
    names.find(next).map(|(effect, _)| effect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_effect_gives_a_suggestion() {
        for (text, expected) in [
            ("white", "'white' is a color (did you mean 'solid white'?)"),
            (
                "1.0, 0.5, 0",
                "'1.0, 0.5, 0' is a color (did you mean 'solid 1.0, 0.5, 0'?)",
            ),
            (
                "(1.0, 0.5, 0)",
                "'(1.0, 0.5, 0)' is a color (did you mean 'solid (1.0, 0.5, 0)'?)",
            ),
            (
                "red Pulse",
                "the effect comes first, then its color: write 'pulse red'",
            ),
            (
                "50%",
                "'50%' is a brightness, which only a lamp accepts ('driver: pwm'); write an \
                 effect, as in 'solid white'",
            ),
            (
                "breathe red",
                "unknown effect 'breathe' (did you mean 'pulse'?)",
            ),
        ] {
            let (word, _) = token::head(text);
            assert_eq!(
                unknown_effect(word, text, &EffectNames::default()),
                expected
            );
        }
    }
}
