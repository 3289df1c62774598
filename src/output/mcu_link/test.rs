//! The policy with a driven clock: what is sent when, and what the eye could see meanwhile.

use super::object::McuConnection;
use super::*;
use crate::output::health::HealthState;
use proptest::prelude::*;

const FREE: Condition = Condition {
    is_busy: false,
    pin: None,
};

struct Bench {
    lights: KlipperLights,
    slot: Arc<KlipperSlot>,
}

fn chain(count: usize) -> LedObject {
    let bytes = (0..count).flat_map(|led| [1, 0, 2].map(|channel| (led, channel)));
    LedObject {
        name: "neopixel case".into(),
        kind: ObjectKind::Chain,
        count,
        owned: (0..count).collect(),
        bytes: bytes.collect(),
        takes_pieces: true,
        gain: 1.0,
    }
}

impl Bench {
    fn new(bytes_per_s: f64, objects: Vec<LedObject>) -> Self {
        let slot = Arc::new(KlipperSlot::new().unwrap());
        let mut lights = KlipperLights::new(None);
        let mcu = lights.add_mcu("mcu".into(), bytes_per_s);
        let strip = lights.add_strip("case".into(), "'case'", Vec::new(), Arc::clone(&slot));
        let mut first = 0;
        for object in objects {
            let count = object.count;
            lights.add_part(strip, first, mcu, object);
            first += count;
        }
        lights.start(0.0);
        Self { lights, slot }
    }

    fn show(&mut self, frame: &[[u8; 4]]) {
        self.slot.put(frame);
        self.lights.wake(0);
    }

    fn take(&mut self, now: f64) -> (Option<Update>, f64) {
        let conditions = vec![FREE; self.lights.parts.len()];
        self.lights.take(0, now, false, None, &conditions)
    }
}

/// The worst case of a chain: how long a channel was wrong, and what was sent.
#[derive(Debug, Default)]
struct Seen {
    longest_s: f64,
    bytes: f64,
    updates: usize,
}

/// Plays frames at 60 per second, as the engine draws them; the wire takes no time.
fn play(count: usize, seconds: f64, frame: impl Fn(f64, usize) -> [u8; 4]) -> Seen {
    let mut bench = Bench::new(20_000.0, vec![chain(count)]);
    let mut shown = vec![[0_u8; 3]; count];
    let mut wrong_since = vec![None; 3 * count];
    let mut seen = Seen::default();
    let (mut wake_at, mut full) = (0.0_f64, vec![[0; 4]; count]);
    for step in 0..(seconds * 1000.0) as usize {
        let now = step as f64 * 0.001;
        if step == 0 || step * 60 / 1000 != (step - 1) * 60 / 1000 {
            full = (0..count).map(|led| frame(now, led)).collect();
            bench.slot.put(&full);
            if bench.lights.strips[0].is_drained || step == 0 {
                // The descriptor signals it.
                bench.lights.wake(0);
                wake_at = now;
            }
        }
        if now + 1e-9 >= wake_at {
            let (update, next) = bench.take(now);
            wake_at = next;
            if let Some(update) = update {
                seen.updates += 1;
                // What arrives is decoded from the pieces, as the MCU does.
                for (start, data) in update.pieces {
                    seen.bytes += data.len() as f64 + 11.0;
                    for (place, byte) in data.into_iter().enumerate() {
                        shown[(start + place) / 3][(start + place) % 3] = byte;
                    }
                }
                seen.bytes += 12.0;
            }
        }
        for (led, [green, red, blue]) in shown.iter().enumerate() {
            for (channel, (is, want)) in [(red, 0), (green, 1), (blue, 2)].into_iter().enumerate() {
                let since = &mut wrong_since[3 * led + channel];
                if is.abs_diff(full[led][want]) <= 2 {
                    *since = None;
                } else {
                    let start = *since.get_or_insert(now);
                    seen.longest_s = f64::max(seen.longest_s, now - start);
                }
            }
        }
    }
    seen
}

/// A rainbow as the effect of this name shows it, one turn of hues in four seconds.
fn rainbow(now: f64, led: usize) -> [u8; 4] {
    let hue = (led as f64 / 150.0 + now / 4.0).rem_euclid(1.0) * 6.0;
    let level = |shift: f64| {
        let distance = (hue + shift).rem_euclid(6.0) - 3.0;
        (255.0 * (distance.abs() - 1.0).clamp(0.0, 1.0)) as u8
    };
    [level(0.0), level(4.0), level(2.0), 0]
}

#[test]
fn a_rainbow_of_150_leds_is_right_within_a_tenth_of_a_second_at_half_the_bytes() {
    let seen = play(150, 10.0, rainbow);
    assert!(seen.longest_s <= 0.1, "{seen:?}");
    // Klipper's own updates are 662 bytes; 20 of them a second are 13.2 kB/s.
    assert!(seen.bytes / 10.0 <= 0.5 * 12_800.0, "{seen:?}");
    assert!((100..=108).contains(&seen.updates), "{seen:?}");
}

#[test]
fn a_pixel_at_rest_changes_at_once() {
    let mut bench = Bench::new(20_000.0, vec![chain(150)]);
    bench.show(&[[0; 4]; 150]);
    assert_eq!(bench.take(0.0).0.unwrap().colors.len(), 150);
    assert_eq!(bench.take(1.0), (None, f64::INFINITY));
    let mut frame = [[0; 4]; 150];
    frame[7] = [200, 0, 0, 0];
    bench.show(&frame);
    let (update, _) = bench.take(1.001);
    let update = update.unwrap();
    assert_eq!(update.colors, [(7, [200, 0, 0, 0])]);
    assert_eq!(update.pieces, [(21, vec![0, 200, 0])]);
}

#[test]
fn a_difference_that_the_eye_does_not_see_is_corrected_later() {
    let mut bench = Bench::new(20_000.0, vec![chain(2)]);
    bench.show(&[[100, 3, 0, 0]; 2]);
    bench.take(0.0);
    bench.show(&[[102, 3, 0, 0]; 2]);
    let (update, wake_at) = bench.take(1.0);
    assert_eq!(update, None);
    assert!((wake_at - 1.3).abs() < 1e-9);
    assert_eq!(
        bench.take(wake_at).0.unwrap().colors[1],
        (1, [102, 3, 0, 0])
    );
    // In the dark every step is visible.
    bench.show(&[[102, 2, 0, 0]; 2]);
    assert!(bench.take(2.0).0.is_some());
}

#[test]
fn a_channel_that_an_led_does_not_have_is_not_sent() {
    let mut bench = Bench::new(20_000.0, vec![chain(2)]);
    bench.show(&[[0, 0, 0, 0]; 2]);
    bench.take(0.0);
    bench.show(&[[0, 0, 0, 255]; 2]);
    assert_eq!(bench.take(1.0).0, None);
}

#[test]
fn pieces_fit_into_a_message_and_leave_other_leds_alone() {
    let mut object = chain(40);
    object.owned = (0..40).filter(|led| !(10..20).contains(led)).collect();
    let mut bench = Bench::new(20_000.0, vec![object]);
    bench.show(&[[1, 2, 3, 0]; 40]);
    let pieces = bench.take(0.0).0.unwrap().pieces;
    let places: Vec<_> = pieces
        .iter()
        .map(|(start, data)| (*start, data.len()))
        .collect();
    assert_eq!(places, [(0, 30), (60, 52), (112, 8)]);
}

#[test]
fn the_budget_is_shared_and_a_quarter_of_it_while_homing() {
    let count = |is_quiet| {
        let mut bench = Bench::new(1000.0, vec![chain(30), chain(30)]);
        bench.lights.set_quiet(is_quiet);
        let (mut now, mut sent) = (0.0, [0_i32, 0]);
        while now < 20.0 {
            let level = ((now * 100.0) as u32 % 256) as u8;
            bench.show(&[[level, 0, 0, 0]; 60]);
            let (update, wake_at) = bench.take(now);
            if let Some(update) = update {
                sent[update.part] += 1;
            }
            now = wake_at.clamp(now + 0.001, now + 0.05);
        }
        sent
    };
    let ([a, b], [c, d]) = (count(false), count(true));
    // 124 bytes for 30 LEDs: 2 pieces.
    assert!(
        (155..=165).contains(&(a + b)) && (38..=42).contains(&(c + d)),
        "{a} {b} {c} {d}"
    );
    assert!((a - b).abs() <= 2 && (c - d).abs() <= 1, "{a} {b} {c} {d}");
}

#[test]
fn the_budget_follows_the_connection() {
    let serial = McuConnection {
        has_constants: true,
        firmware_baud: Some(250_000.0),
        ..McuConnection::default()
    };
    assert!((serial.bytes_per_s() - 3750.0).abs() < 1e-9);
    let can = McuConnection {
        is_can: true,
        can_hz: Some(500_000.0),
        ..McuConnection::default()
    };
    assert!((can.bytes_per_s() - 2500.0).abs() < 1e-9);
}

#[test]
fn each_level_is_a_short_number_that_klipper_converts_back() {
    let mut bench = Bench::new(20_000.0, vec![chain(1)]);
    bench.show(&[[9, 9, 9, 0]]);
    let update = bench.take(0.0).0.unwrap();
    for byte in 0..=255 {
        let level = update.level(byte);
        assert_eq!((level * 255.0 + 0.5) as u8, byte);
        assert!(format!("{level}").len() <= 5);
    }
}

#[test]
fn failed_updates_are_retried_ever_later_and_repeat_everything() {
    let mut bench = Bench::new(20_000.0, vec![chain(2)]);
    bench.show(&[[9; 4]; 2]);
    let mut now = 0.0;
    for wait_s in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] {
        assert_eq!(bench.take(now).0.unwrap().colors.len(), 2);
        let retry_at = bench.lights.failed(0, now, "no answer".into());
        assert!((retry_at - now - wait_s).abs() < 1e-9);
        assert_eq!(bench.take(retry_at - 0.1), (None, retry_at));
        now = retry_at;
    }
}

#[test]
fn a_strip_is_as_dark_as_its_worst_object() {
    let mut second = chain(2);
    second.name = "neopixel other".into();
    let mut bench = Bench::new(20_000.0, vec![chain(2), second]);
    bench.show(&[[9; 4]; 4]);
    bench.lights.poll(0.0, &[false; 2]);
    bench.lights.failed(0, 1.0, "was bad".into());
    assert_eq!(bench.take(2.0).0.unwrap().part, 0);
    assert_eq!(bench.take(2.1).0.unwrap().part, 1);
    bench.take(2.2);
    bench.lights.failed(1, 3.0, "is bad".into());
    let changes = bench.lights.poll(4.0, &[false; 2]);
    let text = "lumen: strip 'case': [neopixel other] refuses updates (Lumen keeps retrying; see klippy.log)";
    assert_eq!(changes[0].warning, Some(Warning::Show(text.into())));
    assert_eq!(bench.slot.health().state, HealthState::Dark);
    bench.take(5.0);
    bench.take(5.1);
    bench.lights.poll(6.0, &[false; 2]);
    assert_eq!(bench.slot.health().state, HealthState::Degraded);
    assert_eq!(
        bench.lights.poll(70.0, &[false; 2])[0].warning,
        Some(Warning::Clear)
    );
    assert_eq!(bench.slot.health().state, HealthState::Ok);
}

#[test]
fn a_busy_object_waits_and_is_stuck_after_two_seconds() {
    let mut bench = Bench::new(20_000.0, vec![chain(2)]);
    bench.show(&[[9; 4]; 2]);
    bench.take(0.0);
    bench.show(&[[99; 4]; 2]);
    let busy = [Condition {
        is_busy: true,
        pin: None,
    }];
    let (update, wake_at) = bench.lights.take(0, 1.0, false, None, &busy);
    assert_eq!((update, wake_at), (None, 1.125));
    bench.lights.poll(1.9, &[true]);
    assert_eq!(bench.slot.health().state, HealthState::Ok);
    bench.lights.poll(2.1, &[true]);
    assert_eq!(bench.slot.health().state, HealthState::Dark);
}

#[test]
fn a_new_config_turns_off_what_it_does_not_use() {
    let mut bench = Bench::new(20_000.0, vec![chain(4)]);
    bench.show(&[[9; 4]; 4]);
    bench.take(0.0);
    let mut object = chain(4);
    object.owned = vec![0, 1];
    let mut next = Bench::new(20_000.0, vec![object]);
    let released = next.lights.release(1.0, bench.lights);
    assert_eq!(released, [("neopixel case".to_owned(), 0, 1)]);
    let (update, _) = next.lights.take(0, 2.0, false, None, &[FREE, FREE]);
    assert_eq!(update.unwrap().colors, [(2, [0; 4]), (3, [0; 4])]);
    assert_eq!(next.lights.take(0, 3.0, false, None, &[FREE, FREE]).0, None);
}

#[test]
fn a_pin_is_written_a_second_ahead_while_the_caller_is_on_time() {
    let lamp = LedObject {
        kind: ObjectKind::Lamp,
        gain: 0.5,
        bytes: Vec::new(),
        takes_pieces: false,
        ..chain(1)
    };
    let mut bench = Bench::new(20_000.0, vec![lamp]);
    let at = |now: f64| Condition {
        is_busy: false,
        pin: Some(PinClock {
            print_time: 100.0 + now,
            busy_until: 0.0,
        }),
    };
    bench.show(&[[255; 4]]);
    for tenth in 0..=5 {
        let now = f64::from(tenth) / 10.0;
        assert!((bench.lights.check_lateness(now) - now - 0.1).abs() < 1e-9);
    }
    let update = bench
        .lights
        .take(0, 0.55, false, None, &[at(0.55)])
        .0
        .unwrap();
    assert_eq!(update.print_time, Some(101.55));
    assert!((update.level(255) - 0.5).abs() < 1e-9);
    bench.show(&[[9; 4]]);
    // Nothing without the pin's clock, and nothing within a second after the caller was late.
    assert_eq!(
        bench.lights.take(0, 1.6, false, None, &[FREE]),
        (None, f64::INFINITY)
    );
    let (update, wake_at) = bench.lights.take(0, 1.6, false, None, &[at(1.6)]);
    assert_eq!((update, wake_at), (None, 2.6));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_channel_is_wrong_for_longer_than_a_tenth_of_a_second(
        count in 1_usize..160,
        // Steps of different length and height at different places: comets, flashes, fades.
        periods in proptest::collection::vec(3_usize..400, 1..6),
        levels in proptest::collection::vec(any::<u8>(), 1..9),
    ) {
        let seen = play(count, 1.5, |now, led| {
            let turn = (now * 1000.0) as usize / periods[led % periods.len()];
            let level = |channel: usize| levels[(turn + led / 7 + channel) % levels.len()];
            [level(0), level(1), level(2), 0]
        });
        prop_assert!(seen.longest_s <= 0.1, "{:?}", seen);
    }
}
