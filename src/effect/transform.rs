//! Options that every effect takes: where on the group it draws, and in which direction.
//!
//! The effect draws a shorter canvas, the first pixels of the group, and its pixels are then moved
//! and copied to their places. So an effect knows nothing about it, and nothing is allocated.

use super::options::{OptionRow, OptionSpec, count, either, flag};
use super::{BuildContext, Canvas, Context, Effect, Motion};
use crate::color::PaletteNames;

const DIRECTION: OptionRow<bool> = either("direction", &["standard", "reverse"], "standard")
    .help("Direction of the effect; reverse starts it at the other end");

const MIRROR: OptionRow<bool> = flag("mirror", "no")
    .help("Whether the second half of the group shows the first half in a mirror");

const REPEAT: OptionRow<u32> =
    count("repeat", (1, 1000), "1").help("How often the group shows the effect, side by side");

const SPACING: OptionRow<u32> = count("spacing", (0, 100), "0")
    .unit("pixels")
    .help("Dark pixels after each pixel of the effect");

/// The options, in the order of the documentation.
pub const OPTIONS: &[OptionSpec] = &[DIRECTION.spec, MIRROR.spec, REPEAT.spec, SPACING.spec];

/// Where on the group an effect draws, and in which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transform {
    /// Whether the effect starts at the last pixel.
    pub is_reversed: bool,
    /// Whether the second half of the group is the first half in a mirror.
    pub is_mirrored: bool,
    /// How often the effect is shown; at least 1.
    pub repeat: u32,
    /// Dark pixels after each pixel.
    pub spacing: u32,
}

impl Default for Transform {
    fn default() -> Self {
        Self {
            is_reversed: DIRECTION.default_value(),
            is_mirrored: MIRROR.default_value(),
            repeat: REPEAT.default_value(),
            spacing: SPACING.default_value(),
        }
    }
}

impl Transform {
    /// Parses `text` and stores the value of the option with this full name. Returns whether there
    /// is such an option.
    ///
    /// # Errors
    /// Describes the problem in words that follow the option's name.
    pub(super) fn store(&mut self, name: &str, text: &str) -> Result<bool, String> {
        let palettes = PaletteNames::default();
        match name {
            "direction" => self.is_reversed = DIRECTION.parse(text, &palettes)?,
            "mirror" => self.is_mirrored = MIRROR.parse(text, &palettes)?,
            "repeat" => self.repeat = REPEAT.parse(text, &palettes)?,
            "spacing" => self.spacing = SPACING.parse(text, &palettes)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Creates an effect that is transformed; `build` creates the effect itself.
    pub(super) fn build(
        self,
        cx: &BuildContext,
        build: impl FnOnce(&BuildContext) -> Box<dyn Effect>,
    ) -> Box<dyn Effect> {
        if self == Self::default() {
            return build(cx);
        }
        let lengths = Lengths::new(self, cx.pixels);
        let effect = build(&BuildContext {
            pixels: lengths.effect,
            ..*cx
        });
        Box::new(Transformed {
            effect,
            transform: self,
            lengths,
        })
    }
}

/// The numbers of pixels after each step.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    /// What the effect draws.
    effect: usize,
    /// With its mirror image.
    mirrored: usize,
    /// With its copies.
    repeated: usize,
}

impl Lengths {
    fn new(transform: Transform, pixels: usize) -> Self {
        let repeated = pixels.div_ceil(transform.spacing as usize + 1);
        let mirrored = repeated.div_ceil(transform.repeat.max(1) as usize);
        let effect = if transform.is_mirrored {
            mirrored.div_ceil(2)
        } else {
            mirrored
        };
        Self {
            effect,
            mirrored,
            repeated,
        }
    }
}

/// An effect with a transform.
#[derive(Debug)]
struct Transformed {
    effect: Box<dyn Effect>,
    transform: Transform,
    lengths: Lengths,
}

impl Effect for Transformed {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let Lengths {
            effect,
            mirrored,
            repeated,
        } = self.lengths;
        let motion = self.effect.draw(&mut canvas.first(effect), cx);
        if self.transform.is_mirrored {
            if self.transform.is_reversed {
                canvas.first(effect).reverse();
            }
            for pixel in effect..mirrored {
                canvas.copy(mirrored - 1 - pixel, pixel);
            }
        }
        for pixel in mirrored..repeated {
            canvas.copy(pixel - mirrored, pixel);
        }
        canvas.spread(repeated, self.transform.spacing as usize);
        if self.transform.is_reversed && !self.transform.is_mirrored {
            canvas.reverse();
        }
        motion
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, levels, plan};
    use super::super::{EFFECTS, find};
    use crate::color::Color;

    /// Draws a bar of five levels, or as many as fit.
    fn steps(options: &str, pixels: usize) -> Vec<f32> {
        let solid = find("pattern").unwrap();
        let colors = "palette=(0.1,0,0),(0.2,0,0),(0.3,0,0),(0.4,0,0),(0.5,0,0)";
        levels(&draw(
            &plan(solid, &format!("{colors} {options}")),
            pixels,
            0.0,
        ))
    }

    #[test]
    fn every_step_moves_the_pixels_to_their_places() {
        for (options, expected) in [
            ("", [0.1, 0.2, 0.3, 0.4, 0.5]),
            ("direction=reverse", [0.5, 0.4, 0.3, 0.2, 0.1]),
            ("mirror=yes", [0.1, 0.2, 0.3, 0.2, 0.1]),
            ("mirror=yes direction=reverse", [0.3, 0.2, 0.1, 0.2, 0.3]),
            ("repeat=2", [0.1, 0.2, 0.3, 0.1, 0.2]),
            ("repeat=2 direction=reverse", [0.2, 0.1, 0.3, 0.2, 0.1]),
            ("spacing=1", [0.1, 0.0, 0.2, 0.0, 0.3]),
            ("spacing=3", [0.1, 0.0, 0.0, 0.0, 0.2]),
            ("spacing=1 mirror=yes", [0.1, 0.0, 0.2, 0.0, 0.1]),
        ] {
            assert_eq!(steps(options, 5), expected, "{options}");
        }
        assert_eq!(steps("mirror=yes", 4), [0.1, 0.2, 0.2, 0.1]);
        assert!(steps("repeat=9 spacing=9 mirror=yes", 0).is_empty());
        assert_eq!(steps("repeat=1000 spacing=100 mirror=yes", 1), [0.1]);
    }

    #[test]
    fn every_effect_takes_the_options() {
        for effect in EFFECTS {
            let frame = |options: &str| draw(&plan(effect, options), 12, 0.7);
            let mut reversed = frame("direction=reverse");
            reversed.reverse();
            assert_eq!(reversed, frame(""), "{}", effect.name);
            let mirrored = frame("mirror=yes");
            assert_eq!(mirrored[..6], draw(&plan(effect, ""), 6, 0.7));
            assert!((0..12).all(|pixel| mirrored[pixel] == mirrored[11 - pixel]));
            let spaced = frame("spacing=1");
            assert!((0..12).all(|pixel| pixel % 2 == 0 || spaced[pixel] == Color::BLACK));
        }
    }
}
