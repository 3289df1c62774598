//! Tests of the fallback after a panic of an effect.

use super::{Bench, bed, one_pixel};

#[test]
fn the_fallback_shows_until_the_group_shows_something_else() {
    let mut bench = Bench::ready(one_pixel());
    assert_eq!(bench.renderer.drawing(), None);
    bench.renderer.replace_with_fallback(0);
    bench.wait(1.0);
    assert_eq!((bench.text(0), bench.pixel()), ("solid 1a1a1a", [26; 3]));
    bench.wait(10.0);
    assert_eq!(bench.pixel(), [26; 3]);
    bench.sample(&bed(22.0, 60.0));
    bench.wait(1.0);
    assert_eq!((bench.text(0), bench.pixel()), ("solid green", [0, 255, 0]));
    bench.sample(&bed(22.0, 0.0));
    bench.wait(1.0);
    assert_eq!((bench.text(0), bench.pixel()), ("solid red", [255, 0, 0]));
}
