//! Painted frames: the colors that Klipper's own LED sections (`pin: lumen:...`) draw on a strip.
//! Each strip has one slot, in which the newest frame waits for the render thread.
//!
//! Frames are stored by strip name, because indices belong to one plan and a reload may be pending.

use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// The slots of all strips that were ever painted.
#[derive(Debug, Default)]
pub(crate) struct PaintSlots {
    frames: Mutex<Vec<PaintedFrame>>,
    is_dirty: AtomicBool,
}

#[derive(Debug)]
struct PaintedFrame {
    strip: String,
    rgbw: Vec<[u8; 4]>,
    is_dirty: bool,
}

impl PaintSlots {
    /// Stores the frame of a strip. Returns whether it differs from the last.
    pub(crate) fn put(&self, strip: &str, rgbw: &[[u8; 4]]) -> bool {
        let mut frames = self.frames.lock();
        let known = frames.iter().position(|frame| frame.strip == strip);
        let index = known.unwrap_or_else(|| {
            frames.push(PaintedFrame {
                strip: strip.to_owned(),
                rgbw: Vec::new(),
                is_dirty: false,
            });
            frames.len() - 1
        });
        let frame = &mut frames[index];
        if known.is_some() && frame.rgbw == rgbw {
            return false;
        }
        frame.rgbw.clear();
        frame.rgbw.extend_from_slice(rgbw);
        frame.is_dirty = true;
        self.is_dirty.store(true, Ordering::Relaxed);
        true
    }

    /// Shows all frames again at the next `take`, because the plan changed.
    pub(crate) fn mark_all_dirty(&self) {
        for frame in self.frames.lock().iter_mut() {
            frame.is_dirty = true;
        }
        self.is_dirty.store(true, Ordering::Relaxed);
    }

    /// Calls `show` for each frame that changed since the last call.
    pub(crate) fn take(&self, mut show: impl FnMut(&str, &[[u8; 4]])) {
        if !self.is_dirty.load(Ordering::Relaxed) {
            return;
        }
        let mut frames = self.frames.lock();
        self.is_dirty.store(false, Ordering::Relaxed);
        for frame in frames.iter_mut() {
            if std::mem::take(&mut frame.is_dirty) {
                show(&frame.strip, &frame.rgbw);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_frame_is_shown_and_only_once() {
        let paint = PaintSlots::default();
        assert!(paint.put("case", &[[1; 4]]));
        assert!(paint.put("case", &[[2; 4]]));
        assert!(paint.put("top", &[[3; 4]]));
        let mut shown = Vec::new();
        let mut take = || paint.take(|strip, rgbw| shown.push((strip.to_owned(), rgbw.to_vec())));
        take();
        take();
        let expected = [("case", vec![[2; 4]]), ("top", vec![[3; 4]])];
        assert_eq!(
            shown,
            expected.map(|(strip, rgbw)| (strip.to_owned(), rgbw))
        );
    }

    #[test]
    fn an_equal_frame_is_not_a_change() {
        let paint = PaintSlots::default();
        assert!(paint.put("case", &[]));
        assert!(!paint.put("case", &[]));
        assert!(paint.put("case", &[[1; 4]]));
        paint.take(|_, _| {});
        assert!(!paint.put("case", &[[1; 4]]));
    }
}
