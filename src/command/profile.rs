//! What effects cost to draw and outputs to update, only on request.
//!
//! The engine measures for five seconds after a request. For strips that Klipper drives, the caller
//! measures at the same time how long the updates block the reactor. A request never waits.

use super::CallerFacts;
use super::answer::Then;
use super::figures::rounded_to;
use crate::engine::{Cost, Costs, EffectCost, OutputCost, Profile, Spread};
use crate::text::counted;
use crate::time::Span;
use serde::Serialize;
use std::collections::BTreeMap;

/// The measurements that the caller makes.
#[derive(Debug, Default)]
pub(super) struct ProfileMemory {
    /// The number of the measurement that the caller makes or has made.
    measured: u32,
    /// The updates of each strip that Klipper drives, of the last complete measurement.
    updates: BTreeMap<String, Updates>,
}

/// The updates of a strip.
#[derive(Clone, Debug)]
struct Updates {
    frames: usize,
    times: Option<Times>,
}

/// The answer: the last measurement, and whether one runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileData {
    measuring: bool,
    ready_in: Option<f64>,
    found: Option<Found>,
}

/// The last measurement. Times are rounded to 0.1.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Found {
    #[serde(flatten)]
    frame: FrameCost,
    age_s: f64,
    seconds: f64,
    finish: FrameCost,
    effects: Vec<Drawn>,
    outputs: Vec<Sent>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct FrameCost {
    frames: u64,
    avg_us: f64,
    max_us: f64,
}

/// The cost of a group while it draws an effect.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Drawn {
    #[serde(flatten)]
    cost: FrameCost,
    group: String,
    effect: &'static str,
    ns_per_pixel: f64,
}

/// The cost of an output.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Sent {
    strips: Vec<String>,
    output: String,
    frames: u64,
    cpu_us: Option<Times>,
    send_us: Option<Times>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Times {
    avg: f64,
    p99: f64,
    max: f64,
}

impl ProfileMemory {
    /// Returns the last measurement, and what the caller measures if a new one has started.
    pub(super) fn query(
        &mut self,
        profile: &Profile,
        facts: &CallerFacts,
    ) -> (ProfileData, Option<Then>) {
        if let Some(found) = &profile.found
            && found.number == self.measured
        {
            let times = facts.update_times.iter();
            self.updates = times
                .map(|(strip, parts)| (strip.clone(), Updates::new(parts)))
                .collect();
        }
        let ends_in_s = profile.ends_in.map(Span::as_secs);
        let is_new = ends_in_s.is_some() && profile.number != self.measured;
        if is_new {
            self.measured = profile.number;
        }
        let data = ProfileData {
            measuring: ends_in_s.is_some(),
            ready_in: ends_in_s.map(|it| rounded_to(it, 1)),
            found: profile.found.as_ref().map(|it| self.found(it)),
        };
        (data, ends_in_s.filter(|_| is_new).map(Then::Measure))
    }

    fn found(&self, costs: &Costs) -> Found {
        let output = |it: &OutputCost| {
            let updates = it.strips.first().and_then(|name| self.updates.get(name));
            Sent::new(it, updates)
        };
        Found {
            frame: FrameCost::new(&costs.frame),
            age_s: rounded_to(costs.age.as_secs(), 1),
            seconds: rounded_to(costs.length.as_secs(), 1),
            finish: FrameCost::new(&costs.finish),
            effects: costs.effects.iter().map(Drawn::new).collect(),
            outputs: costs.outputs.iter().map(output).collect(),
        }
    }
}

impl Updates {
    fn new(parts: &[Vec<f64>]) -> Self {
        let mut all: Vec<f64> = parts.iter().flatten().copied().collect();
        all.sort_unstable_by(f64::total_cmp);
        let times = all.last().map(|longest| Times {
            avg: rounded_to(all.iter().sum::<f64>() / all.len() as f64, 1),
            p99: rounded_to(all[(all.len() * 99).div_ceil(100) - 1], 1),
            max: rounded_to(*longest, 1),
        });
        Self {
            frames: parts.iter().map(Vec::len).max().unwrap_or_default(),
            times,
        }
    }
}

impl FrameCost {
    fn new(cost: &Cost) -> Self {
        Self {
            frames: cost.frames,
            avg_us: rounded_to(cost.avg_us, 1),
            max_us: rounded_to(cost.max_us, 1),
        }
    }
}

impl Drawn {
    fn new(effect: &EffectCost) -> Self {
        Self {
            cost: FrameCost::new(&effect.cost),
            group: effect.group.clone(),
            effect: effect.effect,
            ns_per_pixel: rounded_to(effect.ns_per_pixel, 1),
        }
    }
}

impl Sent {
    fn new(output: &OutputCost, updates: Option<&Updates>) -> Self {
        let writes = output.writes.as_ref();
        let cpu_us = writes.map(|it| Times::new(&it.cpu));
        Self {
            strips: output.strips.clone(),
            output: output.output.clone(),
            frames: updates.map_or(output.frames, |it| it.frames as u64),
            cpu_us: updates.and_then(|it| it.times).or(cpu_us),
            send_us: writes.map(|it| Times::new(&it.send)),
        }
    }
}

impl Times {
    fn new(spread: &Spread) -> Self {
        Self {
            avg: rounded_to(spread.avg_ms * 1e3, 1),
            p99: rounded_to(spread.p99_ms * 1e3, 1),
            max: rounded_to(spread.max_ms * 1e3, 1),
        }
    }
}

/// Returns the text that `LUMEN_STATUS` shows.
pub(super) fn report(profile: &ProfileData) -> String {
    let mut lines = Vec::new();
    if let Some(found) = &profile.found {
        lines.push(format!(
            "profile of {:.0} s, until {:.0} s ago: {}, {}",
            found.seconds,
            found.age_s,
            counted(found.frame.frames, "frame"),
            cost(&found.frame)
        ));
        lines.extend(found.effects.iter().map(effect));
        let frames = counted(found.finish.frames, "frame");
        lines.push(format!(
            "finish of all strips: {frames}, {}",
            cost(&found.finish)
        ));
        lines.extend(found.outputs.iter().map(output));
    }
    if let Some(ready_in) = profile.ready_in {
        lines.push(format!("profile: measuring; ask again in {ready_in:.1} s"));
    }
    lines.join("\n")
}

fn effect(effect: &Drawn) -> String {
    format!(
        "effect {} on {}: {}, {}, {:.1} ns a pixel",
        effect.effect,
        effect.group,
        counted(effect.cost.frames, "frame"),
        cost(&effect.cost),
        effect.ns_per_pixel
    )
}

fn output(output: &Sent) -> String {
    let names = output.strips.join(", ");
    let frames = counted(output.frames, "frame");
    let mut text = format!("output {} of {names}: {frames}", output.output);
    for (times, words) in [
        (output.cpu_us, "of CPU time"),
        (output.send_us, "until sent"),
    ] {
        if let Some(Times { avg, p99, max }) = times {
            text = format!("{text}, {avg:.1} us {words} (99 % within {p99:.1}, longest {max:.1})");
        }
    }
    text
}

fn cost(cost: &FrameCost) -> String {
    format!("{:.1} us each (longest {:.1})", cost.avg_us, cost.max_us)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::pump::Writes;

    fn spread(avg_us: f64) -> Spread {
        Spread {
            avg_ms: avg_us * 1e-3,
            p99_ms: 0.04,
            max_ms: 0.09006,
            ..Spread::default()
        }
    }

    fn output_cost(
        strips: &[&str],
        output: &str,
        frames: u64,
        writes: Option<Writes>,
    ) -> OutputCost {
        OutputCost {
            strips: strips.iter().map(|&it| it.to_owned()).collect(),
            output: output.to_owned(),
            frames,
            writes,
        }
    }

    fn costs(number: u32) -> Costs {
        let writes = Writes {
            frames: 299,
            cpu: spread(25.04),
            send: spread(5120.0),
        };
        Costs {
            number,
            age: Span::from_secs(3.02),
            length: Span::from_secs(5.0),
            frame: Cost {
                frames: 300,
                avg_us: 85.12,
                max_us: 210.0,
            },
            finish: Cost {
                frames: 300,
                avg_us: 2.04,
                max_us: 9.96,
            },
            effects: vec![EffectCost {
                group: "left".to_owned(),
                effect: "comet",
                cost: Cost {
                    frames: 300,
                    avg_us: 12.12,
                    max_us: 20.0,
                },
                ns_per_pixel: 121.24,
            }],
            outputs: vec![
                output_cost(&["case", "top"], "gpio", 299, Some(writes)),
                output_cost(&["lamp"], "pwm", 7, None),
            ],
        }
    }

    /// A caller with known timings.
    #[derive(Default)]
    struct Known {
        memory: ProfileMemory,
        facts: CallerFacts,
        /// How often the caller had to measure.
        measurements: usize,
    }

    impl Known {
        /// Asks while measurement `number` runs for `ends_in` seconds, or has ended.
        fn ask(&mut self, number: u32, ends_in: Option<f64>, found: Option<u32>) -> ProfileData {
            let profile = Profile {
                number,
                ends_in: ends_in.map(Span::from_secs),
                found: found.map(costs),
            };
            let (data, then) = self.memory.query(&profile, &self.facts);
            if let Some(then) = then {
                assert_eq!(Some(then), ends_in.map(Then::Measure));
                self.measurements += 1;
                self.facts.update_times.clear();
            }
            data
        }

        fn update(&mut self, times_us: &[f64]) {
            let parts = vec![times_us.to_vec()];
            self.facts.update_times.insert("lamp".to_owned(), parts);
        }
    }

    fn lamp(data: &ProfileData) -> Sent {
        data.found.as_ref().unwrap().outputs[1].clone()
    }

    #[test]
    fn the_first_answer_contains_the_time_until_the_result() {
        let answer = Known::default().ask(1, Some(5.0), None);
        let expected = ProfileData {
            measuring: true,
            ready_in: Some(5.0),
            found: None,
        };
        assert_eq!(answer, expected);
        assert_eq!(report(&answer), "profile: measuring; ask again in 5.0 s");
    }

    #[test]
    fn the_measurement_is_reported_line_by_line() {
        let mut known = Known::default();
        known.ask(1, Some(5.0), None);
        known.update(&[30.0, 10.0, 20.0]);
        let answer = known.ask(1, None, Some(1));
        let expected = [
            "profile of 5 s, until 3 s ago: 300 frames, 85.1 us each (longest 210.0)",
            "effect comet on left: 300 frames, 12.1 us each (longest 20.0), 121.2 ns a pixel",
            "finish of all strips: 300 frames, 2.0 us each (longest 10.0)",
            "output gpio of case, top: 299 frames, 25.0 us of CPU time (99 % within 40.0, longest \
             90.1), 5120.0 us until sent (99 % within 40.0, longest 90.1)",
            "output pwm of lamp: 3 frames, 20.0 us of CPU time (99 % within 30.0, longest 30.0)",
        ];
        assert_eq!(report(&answer).lines().collect::<Vec<_>>(), expected);
        let times = Times {
            avg: 20.0,
            p99: 30.0,
            max: 30.0,
        };
        assert_eq!(lamp(&answer).cpu_us, Some(times));
    }

    #[test]
    fn update_times_are_from_the_same_measurement() {
        let mut known = Known::default();
        known.ask(1, Some(5.0), None);
        known.update(&[10.0]);
        // The old measurement is returned, and a new one starts.
        assert_eq!(lamp(&known.ask(2, Some(5.0), Some(1))).frames, 1);
        known.update(&[50.0, 50.0]);
        assert_eq!(lamp(&known.ask(2, Some(3.0), Some(1))).frames, 1);
        let lamp = lamp(&known.ask(2, None, Some(2)));
        assert_eq!(lamp.frames, 2);
        assert_eq!(lamp.cpu_us.map(|it| it.avg as u32), Some(50));
        assert_eq!(known.measurements, 2);
    }

    #[test]
    fn a_query_just_before_the_end_loses_nothing() {
        let mut known = Known::default();
        known.ask(1, Some(5.0), None);
        known.update(&[10.0]);
        known.ask(1, Some(0.0), None);
        assert_eq!(lamp(&known.ask(1, None, Some(1))).frames, 1);
        assert_eq!(known.measurements, 1);
    }

    #[test]
    fn a_measurement_that_starts_soon_after_another_is_measured_too() {
        let mut known = Known::default();
        known.ask(1, Some(5.0), None);
        // A reload discards the first one.
        known.ask(2, Some(5.0), None);
        assert_eq!(known.measurements, 2);
        known.update(&[10.0, 10.0]);
        assert_eq!(lamp(&known.ask(2, None, Some(2))).frames, 2);
    }

    #[test]
    fn the_percentile_covers_99_of_100_updates() {
        let mut known = Known::default();
        known.ask(1, Some(5.0), None);
        let times: Vec<f64> = (1..=200).map(f64::from).collect();
        known.update(&times);
        let expected = Times {
            avg: 100.5,
            p99: 198.0,
            max: 200.0,
        };
        assert_eq!(lamp(&known.ask(1, None, Some(1))).cpu_us, Some(expected));
    }
}
