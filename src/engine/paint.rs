//! The easel: where the pictures of strips wait for the render thread. The latest counts.
//!
//! Pictures go by the names of their strips: indices are those of one plan, and a reload may be on
//! its way.

use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// All pictures that were ever painted.
#[derive(Debug, Default)]
pub(crate) struct PaintSlots {
    frames: Mutex<Vec<PaintedFrame>>,
    fresh: AtomicBool,
}

#[derive(Debug)]
struct PaintedFrame {
    strip: String,
    rgbw: Vec<[u8; 4]>,
    fresh: bool,
}

impl PaintSlots {
    /// Puts the picture of a strip there; whether it is another one.
    pub(crate) fn put(&self, strip: &str, rgbw: &[[u8; 4]]) -> bool {
        let mut frames = self.frames.lock();
        let known = frames.iter().position(|frame| frame.strip == strip);
        let index = known.unwrap_or_else(|| {
            frames.push(PaintedFrame {
                strip: strip.to_owned(),
                rgbw: Vec::new(),
                fresh: false,
            });
            frames.len() - 1
        });
        let frame = &mut frames[index];
        if known.is_some() && frame.rgbw == rgbw {
            return false;
        }
        frame.rgbw.clear();
        frame.rgbw.extend_from_slice(rgbw);
        frame.fresh = true;
        self.fresh.store(true, Ordering::Relaxed);
        true
    }

    /// Lets the next look show all pictures again: the strips are those of another plan.
    pub(crate) fn mark_all_dirty(&self) {
        for frame in self.frames.lock().iter_mut() {
            frame.fresh = true;
        }
        self.fresh.store(true, Ordering::Relaxed);
    }

    /// Shows each picture that was not shown before.
    pub(crate) fn take(&self, mut show: impl FnMut(&str, &[[u8; 4]])) {
        if !self.fresh.load(Ordering::Relaxed) {
            return;
        }
        let mut frames = self.frames.lock();
        self.fresh.store(false, Ordering::Relaxed);
        for frame in frames.iter_mut() {
            if std::mem::take(&mut frame.fresh) {
                show(&frame.strip, &frame.rgbw);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_pictures_the_latest_is_shown_once() {
        let paint = PaintSlots::default();
        assert!(paint.put("case", &[[1; 4]]));
        assert!(paint.put("case", &[[2; 4]]));
        assert!(paint.put("top", &[[3; 4]]));
        let mut shown = Vec::new();
        let mut look = || paint.take(|strip, rgbw| shown.push((strip.to_owned(), rgbw.to_vec())));
        look();
        look();
        let expected = [("case", vec![[2; 4]]), ("top", vec![[3; 4]])];
        assert_eq!(
            shown,
            expected.map(|(strip, rgbw)| (strip.to_owned(), rgbw))
        );
    }

    #[test]
    fn the_same_picture_is_no_news() {
        let paint = PaintSlots::default();
        assert!(paint.put("case", &[]));
        assert!(!paint.put("case", &[]));
        assert!(paint.put("case", &[[1; 4]]));
        paint.take(|_, _| {});
        assert!(!paint.put("case", &[[1; 4]]));
    }
}
