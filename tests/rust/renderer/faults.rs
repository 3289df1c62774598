//! What is left of a group whose effect panicked.

use super::{Bench, bed, one_pixel};

#[test]
fn a_quenched_group_is_dim_until_something_else_is_shown() {
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
