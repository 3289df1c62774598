//! Parses the LED lists of klipper-led_effect, such as `neopixel:sb_leds (1-8)`, and suggests the
//! options of a group for them. Used only for messages.

use crate::limits::LISTED;
use crate::text::shown;

/// One LED chain, with the ranges in parentheses after it.
#[derive(Debug, PartialEq)]
struct LedChain<'t> {
    /// `neopixel`, `dotstar` or the like; empty if not written.
    kind: &'t str,
    name: &'t str,
    /// First and last LED of each range.
    ranges: Vec<(usize, usize)>,
}

impl<'t> LedChain<'t> {
    fn parse(item: &'t str) -> Option<Self> {
        let (chain, ranges) = match item.split_once('(') {
            Some((chain, ranges)) => (chain, ranges.trim_end().strip_suffix(')')?),
            None => (item, ""),
        };
        let ranges = ranges.split(',').map(str::trim).filter(|it| !it.is_empty());
        let chain = chain.trim();
        let (kind, name) = chain
            .split_once(|c: char| c == ':' || c.is_whitespace())
            .unwrap_or(("", chain));
        let name = name.trim();
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || "_-".contains(c));
        is_name.then_some(Self {
            kind: kind.trim(),
            name,
            ranges: ranges.map(range).collect::<Option<_>>()?,
        })
    }

    /// Returns the option of a group for the chain.
    fn option(&self) -> String {
        let name = shown(self.name);
        match self.kind {
            "" | "neopixel" => format!("'neopixel: {name}'"),
            kind => format!("'led: {} {name}'", shown(kind)),
        }
    }

    /// Returns its ranges in the syntax of `pixels`.
    fn pixels(&self) -> Vec<String> {
        let name = shown(self.name);
        let item = |(first, last): &(usize, usize)| {
            if first == last {
                format!("{name} {first}")
            } else {
                format!("{name} {first}-{last}")
            }
        };
        self.ranges.iter().map(item).collect()
    }
}

fn range(text: &str) -> Option<(usize, usize)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

/// Parses the chains of a text; `None` if the syntax is different.
fn chains(text: &str) -> Option<Vec<LedChain<'_>>> {
    let mut depth = 0;
    let items = text.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == '\n' || (c == ',' && depth == 0)
    });
    let items = items.map(str::trim).filter(|item| !item.is_empty());
    let chains: Vec<LedChain<'_>> = items
        .take(LISTED)
        .map(LedChain::parse)
        .collect::<Option<_>>()?;
    (!chains.is_empty()).then_some(chains)
}

/// Whether a text has a colon or parentheses, a syntax that only klipper-led_effect has.
pub(super) fn is_led_effect_syntax(text: &str) -> bool {
    text.contains([':', '(']) && chains(text).is_some()
}

/// Returns the options of a group for such a text.
pub(super) fn group_options(text: &str) -> Option<String> {
    let chains = chains(text)?;
    let options = match chains.as_slice() {
        [chain] => match chain.ranges.as_slice() {
            [] => format!(
                "{} and 'index_end', the number of its last LED",
                chain.option()
            ),
            [(1, last)] => format!("{} and 'index_end: {last}'", chain.option()),
            [(first, last)] if first > last => format!(
                "{}, 'index_start: {last}', 'index_end: {first}' and 'direction: reverse'",
                chain.option()
            ),
            [(first, last)] => format!(
                "{}, 'index_start: {first}' and 'index_end: {last}'",
                chain.option()
            ),
            _ => strip_options(&chains),
        },
        many if many.iter().all(|chain| chain.ranges.is_empty()) => {
            let names = many.iter().map(|chain| match chain.kind {
                "" => format!("neopixel {}", shown(chain.name)),
                kind => format!("{} {}", shown(kind), shown(chain.name)),
            });
            let names = names.collect::<Vec<_>>().join(", ");
            format!("'led: {names}' and 'index_end', the number of the last LED")
        }
        _ => strip_options(&chains),
    };
    Some(options)
}

/// Returns the value of `pixels` for such a text.
pub(super) fn pixels(text: &str) -> Option<String> {
    let chains = chains(text)?;
    let items: Vec<String> = chains.iter().flat_map(LedChain::pixels).collect();
    (!items.is_empty()).then(|| items.join(", "))
}

/// Returns the names of the chains in such a text.
pub(super) fn names(text: &str) -> Vec<&str> {
    let chains = chains(text).unwrap_or_default();
    chains.iter().map(|chain| chain.name).collect()
}

fn strip_options(chains: &[LedChain<'_>]) -> String {
    let items = chains.iter().flat_map(|chain| {
        if chain.ranges.is_empty() {
            vec![format!("{} 1-N", shown(chain.name))]
        } else {
            chain.pixels()
        }
    });
    let items = items.collect::<Vec<_>>().join(", ");
    format!("'pixels: {items}', and declare each chain with [lumen_strip NAME]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_syntax_suggests_the_options_of_a_group() {
        for (text, options) in [
            (
                "neopixel:sb_leds (1-8)",
                "'neopixel: sb_leds' and 'index_end: 8'",
            ),
            (
                "neopixel:sb_leds (9-10)",
                "'neopixel: sb_leds', 'index_start: 9' and 'index_end: 10'",
            ),
            (
                "dotstar:bed (8-1)",
                "'led: dotstar bed', 'index_start: 1', 'index_end: 8' and 'direction: reverse'",
            ),
            (
                "sb_leds",
                "'neopixel: sb_leds' and 'index_end', the number of its last LED",
            ),
            (
                "neopixel:a (1-3,5)",
                "'pixels: a 1-3, a 5', and declare each chain with [lumen_strip NAME]",
            ),
            (
                "\nneopixel:a\ndotstar:b",
                "'led: neopixel a, dotstar b' and 'index_end', the number of the last LED",
            ),
            (
                "neopixel:a, neopixel:b (1-2)",
                "'pixels: a 1-N, b 1-2', and declare each chain with [lumen_strip NAME]",
            ),
        ] {
            assert_eq!(group_options(text).as_deref(), Some(options), "{text}");
        }
        for text in [
            "",
            "(1-8)",
            "neopixel:a (one)",
            "a b c (1",
            "neopixel:a (1-2",
        ] {
            assert_eq!(group_options(text), None, "{text}");
        }
    }

    #[test]
    fn only_colons_and_parentheses_are_led_effect_syntax() {
        assert!(is_led_effect_syntax("neopixel:a") && is_led_effect_syntax("a (1-2)"));
        assert!(
            !is_led_effect_syntax("dotstar bed, neopixel case")
                && !is_led_effect_syntax("a: (")
                && !is_led_effect_syntax("a 1-2")
        );
        assert_eq!(pixels("a (1-2, 4)").as_deref(), Some("a 1-2, a 4"));
        assert_eq!(pixels("neopixel:a"), None);
    }
}
