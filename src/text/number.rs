//! Numbers in texts.
//!
//! The WebAssembly module has a parser of its own: the standard library's is larger by a twentieth
//! of the module. Up to eight digits, as people write them, both return the same.

/// Parses a number, as `str::parse` does.
pub(crate) fn parse_number(text: &str) -> Option<f32> {
    #[cfg(not(target_family = "wasm"))]
    return text.parse().ok();
    #[cfg(target_family = "wasm")]
    return parse(text).map(|number| number as f32);
}

/// Parses a number in double precision.
pub(crate) fn parse_precise(text: &str) -> Option<f64> {
    #[cfg(not(target_family = "wasm"))]
    return text.parse().ok();
    #[cfg(target_family = "wasm")]
    return parse(text);
}

/// Digits that a `u64` holds.
#[cfg(any(test, target_family = "wasm"))]
const DIGITS: u32 = 19;

/// Parses a number. It is exact up to 2^53 without its point, with up to 22 decimal places.
#[cfg(any(test, target_family = "wasm"))]
fn parse(text: &str) -> Option<f64> {
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = if rest.eq_ignore_ascii_case("inf") || rest.eq_ignore_ascii_case("infinity") {
        f64::INFINITY
    } else if rest.eq_ignore_ascii_case("nan") {
        f64::NAN
    } else {
        let (digits, exponent) = match rest.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, whole(exponent)?),
            None => (rest, 0),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        decimal(whole, part, exponent)?
    };
    Some(if is_negative { -value } else { value })
}

/// Parses an exponent. Those that make no difference are limited.
#[cfg(any(test, target_family = "wasm"))]
fn whole(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse().unwrap_or(i32::MAX).min(100_000);
    Some(if text.starts_with('-') { -size } else { size })
}

#[cfg(any(test, target_family = "wasm"))]
fn decimal(whole: &str, part: &str, exponent: i32) -> Option<f64> {
    let all = whole.bytes().chain(part.bytes());
    if whole.len() + part.len() == 0 || !all.clone().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let (mut digits, mut count, mut dropped) = (0_u64, 0, 0_i32);
    for digit in all.map(|it| u64::from(it - b'0')) {
        if count < DIGITS {
            digits = digits * 10 + digit;
            count += u32::from(digits > 0);
        } else {
            dropped = dropped.saturating_add(1);
        }
    }
    let places = i32::try_from(part.len()).unwrap_or(i32::MAX);
    let exponent = exponent.saturating_add(dropped).saturating_sub(places);
    Some(scaled(digits as f64, exponent))
}

/// Multiplies by a power of ten. Up to 10^22 the power is exact, so the result is rounded once.
#[cfg(any(test, target_family = "wasm"))]
fn scaled(mut value: f64, mut exponent: i32) -> f64 {
    const LARGEST: i32 = 22;
    while value != 0.0 && value.is_finite() && exponent != 0 {
        let step = exponent.clamp(-LARGEST, LARGEST);
        let power = (0..step.abs()).fold(1.0, |power, _| power * 10.0);
        value = if step < 0 {
            value / power
        } else {
            value * power
        };
        exponent -= step;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;

    /// Whether both parsers agree to one part in 10^12; they need not agree on the last bits.
    fn agrees(text: &str) -> bool {
        let (own, std) = (parse(text), text.parse::<f64>().ok());
        match (own, std) {
            (Some(own), Some(std)) if std.is_finite() && own.is_finite() => {
                (own - std).abs() <= std.abs() * 1e-12 + f64::MIN_POSITIVE
            }
            (Some(own), Some(std)) => own.is_nan() == std.is_nan() && (own > 0.0) == (std > 0.0),
            (own, std) => own == std,
        }
    }

    #[test]
    fn it_takes_what_the_standard_library_takes() {
        for text in [
            "0",
            "-0",
            "+1",
            "1.",
            ".5",
            ".",
            "",
            "-",
            "1e5",
            "1e",
            "e5",
            "1e+2",
            "1E-2",
            "1e400",
            "-1e400",
            "1e-400",
            "1e99999999999",
            "inf",
            "-Infinity",
            "NaN",
            "infin",
            "1_0",
            " 1",
            "1 ",
            "0x10",
            "1.2.3",
            "1e2.5",
            "--1",
            "+-1",
            "é",
            "99999999999999999999999999",
            "0.00000000000000000000000000001",
            "1,5",
            "1e-+2",
        ] {
            assert!(agrees(text), "{text}: {:?}", parse(text));
        }
    }

    proptest! {
        #[test]
        fn eight_digits_are_exact(digits in 0_u32..100_000_000, places in 0_usize..9) {
            let text = format!("{digits:09}");
            let (whole, part) = text.split_at(9 - places);
            let text = format!("{whole}.{part}");
            let own = parse(&text).unwrap();
            prop_assert_eq!(own.to_bits(), text.parse::<f64>().unwrap().to_bits());
            prop_assert_eq!((own as f32).to_bits(), text.parse::<f32>().unwrap().to_bits());
        }

        #[test]
        fn any_text_gives_almost_the_same(text in r"[-+]?[0-9.e+-]{0,24}") {
            prop_assert!(agrees(&text), "{}: {:?}", text, parse(&text));
        }
    }
}
