//! An effect allocates when it is built, and never when it draws.

use super::counting::allocations;
use lumen::{
    Canvas, Color, Context, EFFECTS, EffectPlan, Inputs, PaletteNames, PlannedInput, Sample,
    SourceSample, Time, Trigger,
};

#[test]
fn the_first_frame_of_an_effect_does_not_allocate() {
    let mut inputs = Inputs::default();
    let mut sample = Sample {
        progress: Some(0.4),
        ..Sample::default()
    };
    sample.sources[0] = SourceSample {
        temperature: Some(120.0),
        target: Some(200.0),
    };
    inputs.sample(Time::ZERO, &sample);
    inputs.trigger(Time::from_secs(1.3), Trigger::from_names("probe"));
    let palettes = PaletteNames::default();
    for (effect, palette) in EFFECTS.iter().flat_map(|it| [(it, "red"), (it, "rainbow")]) {
        for pixels in [0, 1, 2, 1000] {
            let mut settings = (effect.defaults)();
            let stored = settings.store("palette", palette, &palettes);
            assert_eq!(stored, Ok(()));
            let plan = EffectPlan {
                input: PlannedInput::new(settings.input(), Some(0), 25.0, &[[0.0, 200.0]; 3]),
                settings,
                ring: None,
            };
            let mut running = plan.build(1, pixels);
            let mut canvas = vec![Color::BLACK; pixels];
            let cx = Context {
                now: Time::from_secs(1.5),
                start: Time::ZERO,
                inputs: &inputs,
                source: plan.source(),
            };
            let count = allocations(|| {
                running.draw(&mut Canvas::new(&mut canvas), &cx);
            });
            assert_eq!(count, 0, "{} on {pixels} pixels", effect.name);
        }
    }
}
