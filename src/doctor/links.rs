//! What only a running printer knows: the last faults of the strips, and the links to its MCUs.

use super::{CheckResult, name_of};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An MCU that is busy for a larger part of the time may not keep up.
const BUSY: f64 = 0.5;
/// A link that repeats more than this part of its bytes has a fault.
const REPEATED: f64 = 0.01;
/// A few repeated bytes are normal.
const MIN_REPEATED: f64 = 2_000.0;
/// Light at this rate leaves a serial link of 250,000 baud less than half of its capacity.
const HEAVY_BYTES_PER_S: f64 = 8_000.0;
const MAX_OBJECTS: usize = 500;

/// The fields of the printer's objects, as `objects/query` returns them: `lumen`, each
/// `lumen_strip`, and each MCU.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct ObjectFields(pub BTreeMap<String, Value>);

/// Checks the strips and the MCUs.
pub(super) fn check(objects: &ObjectFields, findings: &mut Vec<CheckResult>) {
    let objects = &objects.0;
    let rates = objects
        .get("lumen")
        .and_then(|it| it.pointer("/performance/mcu_bytes_per_second"));
    for (name, fields) in objects.iter().take(MAX_OBJECTS) {
        if let Some(strip) = name.strip_prefix("lumen_strip ") {
            findings.extend(strip_finding(strip, fields));
        } else if let Some(stats) = fields.get("last_stats") {
            let mcu = name.strip_prefix("mcu ").unwrap_or(name);
            let rate = rates.and_then(|it| it.get(mcu)?.as_f64());
            findings.push(mcu_finding(mcu, stats, rate.unwrap_or(0.0)));
        }
    }
}

fn strip_finding(name: &str, fields: &Value) -> Option<CheckResult> {
    let text = |field: &str| fields.get(field).and_then(Value::as_str);
    let check = format!("output of strip '{}'", name_of(name));
    let error = text("error").unwrap_or("unknown fault");
    let count = fields.get("failures").and_then(Value::as_u64).unwrap_or(0);
    let times = if count == 1 { "fault" } else { "faults" };
    match text("health")? {
        "ok" if count == 0 => Some(CheckResult::ok(check, "works")),
        "ok" => Some(CheckResult::ok(
            check,
            format!("works; {count} {times} since the start, the last: {error}"),
        )),
        "degraded" => Some(CheckResult::warning(
            check,
            format!("works, with a fault less than a minute ago: {error}"),
            "LUMEN_STATUS counts the faults",
        )),
        "abandoned" => Some(CheckResult::problem(
            check,
            format!("its driver does not return: {error}"),
            "restart the klipper service",
        )),
        _ => Some(CheckResult::problem(check, format!("dark: {error}"), "")),
    }
}

fn mcu_finding(name: &str, stats: &Value, light_bytes_per_s: f64) -> CheckResult {
    let number = |field: &str| stats.get(field).and_then(Value::as_f64).unwrap_or(0.0);
    let check = format!("MCU '{}'", name_of(name));
    let (awake, written) = (number("mcu_awake"), number("bytes_write"));
    let repeated = number("bytes_retransmit") + number("bytes_invalid");
    if repeated > MIN_REPEATED && repeated > REPEATED * written {
        let share = 100.0 * repeated / written.max(1.0);
        return CheckResult::warning(
            check,
            format!("its link repeats {share:.0} % of the bytes"),
            "check the cable, its ground and its distance to motor cables; for CAN, the \
             termination and txqueuelen",
        );
    }
    if awake > BUSY {
        return CheckResult::warning(
            check,
            format!("it is busy for {:.0} % of the time", 100.0 * awake),
            "lower mcu_bytes_per_second in [lumen]",
        );
    }
    if light_bytes_per_s > HEAVY_BYTES_PER_S {
        return CheckResult::warning(
            check,
            format!("light uses {light_bytes_per_s:.0} bytes of its link per second"),
            "lower mcu_bytes_per_second in [lumen], or move the strip to the computer",
        );
    }
    CheckResult::ok(
        check,
        format!("light uses {light_bytes_per_s:.0} bytes of its link per second"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn found(objects: &str) -> Vec<(Level, String)> {
        let mut findings = Vec::new();
        check(&serde_json::from_str(objects).unwrap(), &mut findings);
        findings.into_iter().map(|it| (it.level, it.text)).collect()
    }

    #[test]
    fn strips_report_their_last_fault() {
        for (health, level, words) in [
            (
                "ok",
                Level::Ok,
                "works; 2 faults since the start, the last: no answer",
            ),
            (
                "degraded",
                Level::Warning,
                "works, with a fault less than a minute ago: no answer",
            ),
            ("dark", Level::Problem, "dark: no answer"),
            (
                "abandoned",
                Level::Problem,
                "its driver does not return: no answer",
            ),
        ] {
            let text = format!(
                r#"{{"lumen_strip a": {{"health": "{health}", "error": "no answer", "failures": 2}}}}"#
            );
            assert_eq!(found(&text), [(level, words.to_owned())]);
        }
    }

    #[test]
    fn mcus_report_their_link() {
        let mcu = |stats: &str, rate: u32| {
            let rates =
                format!(r#"{{"performance": {{"mcu_bytes_per_second": {{"tool": {rate}}}}}}}"#);
            let text = format!(r#"{{"lumen": {rates}, "mcu tool": {{"last_stats": {stats}}}}}"#);
            found(&text).remove(0)
        };
        let quiet = r#"{"mcu_awake": 0.02, "bytes_write": 900000, "bytes_retransmit": 9}"#;
        assert_eq!(
            mcu(quiet, 300),
            (
                Level::Ok,
                "light uses 300 bytes of its link per second".to_owned()
            )
        );
        assert_eq!(mcu(quiet, 8_001).0, Level::Warning);
        let busy = r#"{"mcu_awake": 0.6, "bytes_write": 900000}"#;
        assert_eq!(mcu(busy, 0).1, "it is busy for 60 % of the time");
        let bad = r#"{"bytes_write": 900000, "bytes_retransmit": 40000, "bytes_invalid": 5000}"#;
        assert_eq!(mcu(bad, 0).1, "its link repeats 5 % of the bytes");
    }

    #[test]
    fn other_fields_are_ignored() {
        assert_eq!(found(r#"{"lumen": 3, "mcu": {}, "lumen_strip a": []}"#), []);
    }
}
