//! The easel: where the pictures of strips wait for the render thread. The latest counts.
//!
//! Pictures go by the names of their strips: indices are those of one plan, and a reload may be on
//! its way.

use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// All pictures that were ever painted.
#[derive(Debug, Default)]
pub(crate) struct Easel {
    sheets: Mutex<Vec<Sheet>>,
    fresh: AtomicBool,
}

#[derive(Debug)]
struct Sheet {
    strip: String,
    rgbw: Vec<[u8; 4]>,
    fresh: bool,
}

impl Easel {
    /// Puts the picture of a strip there; whether it is another one.
    pub(crate) fn put(&self, strip: &str, rgbw: &[[u8; 4]]) -> bool {
        let mut sheets = self.sheets.lock();
        let known = sheets.iter().position(|sheet| sheet.strip == strip);
        let index = known.unwrap_or_else(|| {
            sheets.push(Sheet {
                strip: strip.to_owned(),
                rgbw: Vec::new(),
                fresh: false,
            });
            sheets.len() - 1
        });
        let sheet = &mut sheets[index];
        if known.is_some() && sheet.rgbw == rgbw {
            return false;
        }
        sheet.rgbw.clear();
        sheet.rgbw.extend_from_slice(rgbw);
        sheet.fresh = true;
        self.fresh.store(true, Ordering::Relaxed);
        true
    }

    /// Lets the next look show all pictures again: the strips are those of another plan.
    pub(crate) fn turn_over(&self) {
        for sheet in self.sheets.lock().iter_mut() {
            sheet.fresh = true;
        }
        self.fresh.store(true, Ordering::Relaxed);
    }

    /// Shows each picture that was not shown before.
    pub(crate) fn take(&self, mut show: impl FnMut(&str, &[[u8; 4]])) {
        if !self.fresh.load(Ordering::Relaxed) {
            return;
        }
        let mut sheets = self.sheets.lock();
        self.fresh.store(false, Ordering::Relaxed);
        for sheet in sheets.iter_mut() {
            if std::mem::take(&mut sheet.fresh) {
                show(&sheet.strip, &sheet.rgbw);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_pictures_the_latest_is_shown_once() {
        let easel = Easel::default();
        assert!(easel.put("case", &[[1; 4]]));
        assert!(easel.put("case", &[[2; 4]]));
        assert!(easel.put("top", &[[3; 4]]));
        let mut shown = Vec::new();
        let mut look = || easel.take(|strip, rgbw| shown.push((strip.to_owned(), rgbw.to_vec())));
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
        let easel = Easel::default();
        assert!(easel.put("case", &[]));
        assert!(!easel.put("case", &[]));
        assert!(easel.put("case", &[[1; 4]]));
        easel.take(|_, _| {});
        assert!(!easel.put("case", &[[1; 4]]));
    }
}
