//! What is said about configs that are wrong.

use super::{group, problems};

#[test]
fn all_problems_are_told_at_once() {
    assert_eq!(
        problems(&group(
            "on_heating: puls\ngroup_brightness: 2\ndirecton: reverse"
        )),
        [
            "Option 'directon' is not valid in section 'lumen_group case' (did you mean 'direction'?)",
            "Option 'on_heating' in section 'lumen_group case': unknown effect 'puls' (did you mean 'pulse'?)",
            "Option 'group_brightness' in section 'lumen_group case' must be from 0 to 1, got 2",
        ]
    );
}
