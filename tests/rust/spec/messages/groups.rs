//! Groups and their pixels.

use super::{Case, assert_told, group};

/// Two strips, and a group with these lines.
fn on_strips(lines: &str) -> String {
    format!(
        "[lumen]
        [lumen_strip case]
        driver: memory
        count: 30
        [lumen_strip top]
        driver: memory
        count: 9
        [lumen_group a]
        {lines}"
    )
}

#[test]
fn about_the_options_of_a_group() {
    const CASES: &[Case] = &[
        (
            "direction: revers",
            &[
                "Option 'direction' in section 'lumen_group case': unknown choice 'revers' (did you mean 'reverse'?)",
            ],
        ),
        (
            "direction: left",
            &[
                "Option 'direction' in section 'lumen_group case': unknown choice 'left' (known: standard, reverse)",
            ],
        ),
        (
            "group_brightness: 80",
            &[
                "Option 'group_brightness' in section 'lumen_group case' must be from 0 to 1, got 80",
            ],
        ),
        (
            "fade: -1",
            &["Option 'fade' in section 'lumen_group case' must be from 0 to 60, got -1"],
        ),
        (
            "index_start: 12",
            &[
                "Option 'index_start' in section 'lumen_group case' must not be above 'index_end' (10), got 12; 'direction: reverse' turns a group round",
            ],
        ),
        (
            "index_start: 0",
            &[
                "Option 'index_start' in section 'lumen_group case' must be a whole number from 1 to 10000, got 0",
            ],
        ),
        (
            "scale: 0",
            &["Option 'scale' in section 'lumen_group case' must be above 0, got 0"],
        ),
    ];
    assert_told(CASES, group);
}

#[test]
fn about_the_pixels_of_a_group() {
    const CASES: &[Case] = &[
        (
            "on_idle: solid white",
            &[
                "Section 'lumen_group a' has no pixels: it needs 'driver' with its options, 'strip' or 'pixels'",
            ],
        ),
        (
            "strip: cse",
            &[
                "Option 'strip' in section 'lumen_group a': unknown strip 'cse' (did you mean 'case'?)",
            ],
        ),
        (
            "strip: zebra",
            &[
                "Option 'strip' in section 'lumen_group a': unknown strip 'zebra' (known: case, top)",
            ],
        ),
        (
            "strip: case\nindex_end: 40",
            &[
                "Option 'index_end' in section 'lumen_group a' must not be above 30, the length of strip 'case', got 40",
            ],
        ),
        (
            "strip: case\nindex_start: 31",
            &[
                "Option 'index_start' in section 'lumen_group a' must not be above 30, the length of strip 'case', got 31",
            ],
        ),
        (
            "strip: case\ndriver: spi\ncolor_order: GRB",
            &[
                "Option 'driver' in section 'lumen_group a' must not be here; the strip says it in its own section",
                "Option 'color_order' in section 'lumen_group a' must not be here; the strip says it in its own section",
            ],
        ),
        (
            "pixels: case 1-5\nindex_end: 5",
            &[
                "Option 'index_end' in section 'lumen_group a' must not be here; 'pixels' says it already",
            ],
        ),
        (
            "pixels: case 1-5, cas 6, case 0-3, case 20-31, case ten",
            &[
                "Option 'pixels' in section 'lumen_group a': unknown strip 'cas' (did you mean 'case'?)",
                "Option 'pixels' in section 'lumen_group a': 'case 0-3' begins before the strip; pixels are counted from 1",
                "Option 'pixels' in section 'lumen_group a': 'case 20-31' ends beyond strip 'case', which has 30 pixels",
                "Option 'pixels' in section 'lumen_group a': 'case ten' is no strip with a range, such as 'case 1-20'",
            ],
        ),
        (
            "pixels: 1-5",
            &[
                "Option 'pixels' in section 'lumen_group a': '1-5' names no strip; write 'case 1-5' or the like",
            ],
        ),
        (
            "pixels:",
            &[
                "Option 'pixels' in section 'lumen_group a': '' is no strip with a range, such as 'case 1-20'",
            ],
        ),
        (
            "pixels: case 1-5, top 1-9, case 10-5",
            &["Option 'pixels' in section 'lumen_group a': names pixel 5 of strip 'case' twice"],
        ),
        (
            "pixels: case 1-12\n[lumen_group b]\nstrip: case\nindex_start: 10\nindex_end: 20\n[lumen_group c]\npixels: top 9, case 30-20",
            &[
                "Sections 'lumen_group a' and 'lumen_group b' both use pixels 10-12 of strip 'case'",
                "Sections 'lumen_group b' and 'lumen_group c' both use pixel 20 of strip 'case'",
            ],
        ),
    ];
    assert_told(CASES, on_strips);
    assert_told(
        &[(
            "strip: case",
            &[
                "Option 'strip' in section 'lumen_group a': unknown strip 'case'; declare it with [lumen_strip case]",
            ],
        )],
        |lines| format!("[lumen]\n[lumen_group a]\n{lines}"),
    );
}

#[test]
fn about_states() {
    const CASES: &[Case] = &[
        (
            "on_heatng: solid red",
            &[
                "Option 'on_heatng' in section 'lumen_group case': unknown state 'heatng' (did you mean 'heating'?)",
            ],
        ),
        (
            "on_purge: solid red",
            &[
                "Option 'on_purge' in section 'lumen_group case': unknown state 'purge' (known: error, disconnected, startup, homing, meshing, leveling, probing, calibrating, cleaning, filament, snapshot, paused, cancelled, printing, heating, complete, cooldown, sleep, bored, idle); your own are declared in [lumen], as in 'states: purge'",
            ],
        ),
        (
            "on_error: heartbeat rde duration=3\non_idle:",
            &[
                "Option 'on_error' in section 'lumen_group case': unknown color 'rde' (did you mean 'red'?)",
                "Option 'on_idle' in section 'lumen_group case': empty effect; '#' starts a comment, write off for darkness",
            ],
        ),
        (
            "on_error: heartbeat red duration=3",
            &[
                "Option 'on_error' in section 'lumen_group case': 'duration' is for LUMEN_SET; a line shows as long as its state lasts",
            ],
        ),
    ];
    assert_told(CASES, group);
}
