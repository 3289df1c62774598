//! Performance figures: the cost of the lights and their timing, derived from counters.
//!
//! The names are those of LUMEN's dashboard, where it had them. The figures compare the counters
//! with those of ten seconds earlier.

use super::CallerFacts;
use crate::engine::{Metrics, Window};
use serde::Serialize;
use std::collections::BTreeMap;

/// The least length of the window that the figures are computed over.
const WINDOW_S: f64 = 10.0;
/// The window of the engine's metrics, in seconds.
const METRICS_WINDOW: u64 = 10;
const MEBIBYTE: f64 = 1_048_576.0;

/// The figures, all zero before the first measurement.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    fps: f64,
    avg_frame_time_ms: f64,
    max_frame_time_ms: f64,
    work_ms: f64,
    late_frames: u64,
    late_p99_ms: f64,
    http_requests_per_second: f64,
    console_sends_per_minute: f64,
    cpu_percent: f64,
    memory_mb: f64,
    virtual_mb: f64,
    reactor_us_per_second: i64,
    hold_ms_max: f64,
    hold_ms_p999: f64,
    total_hold_ms_max: f64,
    total_hold_ms_p999: f64,
    own_hold_ms_max: f64,
    own_hold_ms_p999: f64,
    current_ma: i64,
    mcu_bytes_per_second: BTreeMap<String, i64>,
}

/// The figures of one printer, updated every ten seconds.
#[derive(Debug, Default)]
pub(super) struct Performance {
    before: Option<(f64, Totals)>,
    figures: Figures,
}

/// Totals that the figures compare.
#[derive(Debug)]
struct Totals {
    late: u64,
    cpu_s: f64,
    messages: u64,
    held_s: f64,
    console: u64,
    mcus: BTreeMap<String, f64>,
}

impl Performance {
    /// Returns whether the figures are out of date.
    pub(super) fn is_due(&self, now: f64) -> bool {
        let is_over = |(at, _): &(f64, Totals)| now - at >= WINDOW_S;
        self.before.as_ref().is_none_or(is_over)
    }

    /// Ends the window and begins the next one.
    pub(super) fn update(
        &mut self,
        now: f64,
        metrics: &Metrics,
        current_ma: f64,
        facts: &CallerFacts,
    ) {
        let after = Totals::new(metrics, facts);
        if let Some((at, before)) = &self.before {
            // The clock was set back, or there are two calls at the same time.
            let span_s = (now - at).max(1e-3);
            let window = metrics
                .windows
                .iter()
                .find(|(seconds, _)| *seconds == METRICS_WINDOW);
            let window = window.map(|(_, window)| *window).unwrap_or_default();
            self.figures = figures(span_s, before, &after, &window, metrics, facts);
            self.figures.current_ma = current_ma.round_ties_even() as i64;
        }
        self.before = Some((now, after));
    }

    pub(super) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Returns the line for Klipper's statistics, from the last counters.
    pub(super) fn line(&self, held_s: f64) -> String {
        let before = self.before.as_ref().map(|(_, it)| (it.late, it.cpu_s));
        let (late, cpu_s) = before.unwrap_or_default();
        format!(
            "lumen: fps={:.1} late={late} late_p99_ms={:.2} cputime={cpu_s:.3} \
             reactor_s={held_s:.3}",
            self.figures.fps, self.figures.late_p99_ms
        )
    }
}

impl Totals {
    fn new(metrics: &Metrics, facts: &CallerFacts) -> Self {
        Self {
            late: metrics.counters.late,
            cpu_s: metrics.cpu.as_secs(),
            messages: metrics.messages,
            held_s: facts.reactor.held_s,
            console: facts.console_sends,
            mcus: facts.mcu_bytes.clone(),
        }
    }
}

fn figures(
    span_s: f64,
    before: &Totals,
    after: &Totals,
    window: &Window,
    metrics: &Metrics,
    facts: &CallerFacts,
) -> Figures {
    let reactor = &facts.reactor;
    let per_second = |after: u64, before: u64| after.saturating_sub(before) as f64 / span_s;
    let mcus = after.mcus.iter().map(|(name, count)| {
        // After a reload the count begins at zero again.
        let start = before.mcus.get(name).filter(|start| *start <= count);
        let passed = count - start.copied().unwrap_or_default();
        (name.clone(), (passed / span_s).round_ties_even() as i64)
    });
    Figures {
        fps: rounded_to(window.fps, 1),
        avg_frame_time_ms: rounded_to(window.period.avg_ms, 2),
        max_frame_time_ms: rounded_to(window.period.max_ms, 2),
        work_ms: rounded_to(window.render.avg_ms, 3),
        late_frames: after.late.saturating_sub(before.late),
        late_p99_ms: rounded_to(window.late.p99_ms, 2),
        http_requests_per_second: rounded_to(per_second(after.messages, before.messages), 1),
        console_sends_per_minute: rounded_to(60.0 * per_second(after.console, before.console), 1),
        cpu_percent: rounded_to(100.0 * (after.cpu_s - before.cpu_s) / span_s, 2),
        memory_mb: rounded_to(metrics.rss_bytes as f64 / MEBIBYTE, 1),
        virtual_mb: rounded_to(metrics.vms_bytes as f64 / MEBIBYTE, 1),
        reactor_us_per_second: (1e6 * (after.held_s - before.held_s) / span_s).round_ties_even()
            as i64,
        hold_ms_max: rounded_to(reactor.hold_ms_max, 2),
        hold_ms_p999: rounded_to(reactor.hold_ms_p999, 2),
        total_hold_ms_max: rounded_to(reactor.total_hold_ms_max, 2),
        total_hold_ms_p999: rounded_to(reactor.total_hold_ms_p999, 2),
        own_hold_ms_max: rounded_to(reactor.own_hold_ms_max, 2),
        own_hold_ms_p999: rounded_to(reactor.own_hold_ms_p999, 2),
        current_ma: 0,
        mcu_bytes_per_second: mcus.collect(),
    }
}

/// Rounds to a number of digits after the decimal point.
pub(super) fn rounded_to(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round_ties_even() / scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Counters, Spread};
    use crate::time::Span;

    struct Known {
        metrics: Metrics,
        facts: CallerFacts,
        performance: Performance,
    }

    impl Known {
        fn new() -> Self {
            let window = Window {
                fps: 59.94,
                late: Spread {
                    p99_ms: 0.123,
                    ..Spread::default()
                },
                render: Spread {
                    avg_ms: 0.0456,
                    ..Spread::default()
                },
                period: Spread {
                    avg_ms: 16.667,
                    max_ms: 17.5,
                    ..Spread::default()
                },
            };
            let mut facts = CallerFacts::default();
            facts.reactor.held_s = 2.0;
            facts.console_sends = 7;
            facts.mcu_bytes.insert("mcu".to_owned(), 1000.0);
            Self {
                metrics: Metrics {
                    counters: Counters {
                        late: 5,
                        ..Counters::default()
                    },
                    cpu: Span::from_secs(1.0),
                    messages: 100,
                    rss_bytes: 40 << 20,
                    vms_bytes: 300 << 20,
                    windows: vec![(1, Window::default()), (10, window)],
                    ..Metrics::default()
                },
                facts,
                performance: Performance::default(),
            }
        }

        fn update(&mut self, now: f64) -> Figures {
            if self.performance.is_due(now) {
                self.performance
                    .update(now, &self.metrics, 400.6, &self.facts);
            }
            self.performance.figures().clone()
        }
    }

    /// Returns the figures after these events within a time.
    fn measured(span_s: f64, pass: impl FnOnce(&mut Known)) -> Figures {
        let mut known = Known::new();
        assert_eq!(known.update(100.0), Figures::default());
        pass(&mut known);
        known.update(100.0 + span_s)
    }

    fn is(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value} {expected}");
    }

    #[test]
    fn frames_and_periods_are_from_the_last_ten_seconds() {
        let figures = measured(WINDOW_S, |_| {});
        is(figures.fps, 59.9);
        is(figures.avg_frame_time_ms, 16.67);
        is(figures.max_frame_time_ms, 17.5);
        is(figures.work_ms, 0.046);
        is(figures.late_p99_ms, 0.12);
        is(figures.memory_mb, 40.0);
        is(figures.virtual_mb, 300.0);
        assert_eq!(figures.current_ma, 401);
    }

    #[test]
    fn messages_are_reported_per_second() {
        // Thirty frames a second to a helper, and to a controller of 1000 pixels in three packets.
        let figures = measured(WINDOW_S, |it| it.metrics.messages += 10 * 30 * 4);
        is(figures.http_requests_per_second, 120.0);
        let figures = measured(20.0, |it| it.metrics.messages += 20);
        is(figures.http_requests_per_second, 1.0);
    }

    #[test]
    fn console_lines_are_reported_per_minute() {
        let figures = measured(WINDOW_S, |it| it.facts.console_sends += 3);
        is(figures.console_sends_per_minute, 18.0);
        is(measured(WINDOW_S, |_| {}).console_sends_per_minute, 0.0);
    }

    #[test]
    fn processor_time_is_a_share_of_one_core() {
        for (seconds, percent) in [(0.05, 0.5), (15.0, 150.0)] {
            let figures = measured(WINDOW_S, |it| {
                it.metrics.cpu = it.metrics.cpu + Span::from_secs(seconds);
            });
            is(figures.cpu_percent, percent);
        }
    }

    #[test]
    fn reactor_time_is_reported_in_microseconds_per_second() {
        let figures = measured(WINDOW_S, |it| it.facts.reactor.held_s += 0.002);
        assert_eq!(figures.reactor_us_per_second, 200);
    }

    #[test]
    fn bytes_are_reported_for_each_mcu() {
        let figures = measured(WINDOW_S, |it| {
            it.facts.mcu_bytes.insert("mcu".to_owned(), 13_500.0);
        });
        let expected = BTreeMap::from([("mcu".to_owned(), 1250)]);
        assert_eq!(figures.mcu_bytes_per_second, expected);
    }

    #[test]
    fn a_reload_that_restarts_the_count_of_bytes_is_not_a_negative_rate() {
        let figures = measured(WINDOW_S, |it| {
            it.facts.mcu_bytes.insert("mcu".to_owned(), 500.0);
        });
        let expected = BTreeMap::from([("mcu".to_owned(), 50)]);
        assert_eq!(figures.mcu_bytes_per_second, expected);
    }

    #[test]
    fn late_frames_are_counted_over_the_window() {
        let figures = measured(WINDOW_S, |it| it.metrics.counters.late += 4);
        assert_eq!(figures.late_frames, 4);
    }

    #[test]
    fn figures_are_updated_only_every_ten_seconds() {
        let mut known = Known::new();
        known.update(0.0);
        known.metrics.counters.late += 1;
        assert_eq!(known.update(9.0).late_frames, 0);
        assert_eq!(known.update(10.0).late_frames, 1);
        known.metrics.counters.late += 1;
        assert_eq!(known.update(15.0).late_frames, 1);
    }

    #[test]
    fn a_query_with_an_older_time_does_not_end_the_window() {
        let mut known = Known::new();
        known.update(0.0);
        let first = known.update(10.0);
        known.facts.reactor.held_s += 1.0;
        assert_eq!(known.update(9.5), first);
    }
}
