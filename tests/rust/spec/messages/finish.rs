//! Messages about color correction and power limits.

use super::{Case, assert_messages};

#[test]
fn finish_options_of_a_strip() {
    const CASES: &[Case] = &[
        (
            "white_balance: 1.0, 0.8",
            &[
                "Option 'white_balance' in section 'lumen_strip case' must be three numbers from 0 to 1 for red, green and blue, got '1.0, 0.8'",
            ],
        ),
        (
            "white_balance: 1.0, 0.8, 1.2",
            &[
                "Option 'white_balance' in section 'lumen_strip case' must be three numbers from 0 to 1 for red, green and blue, got '1.0, 0.8, 1.2'",
            ],
        ),
        (
            "color_order: GRBW\nwhite_color: warm",
            &[
                "Option 'white_color' in section 'lumen_strip case' must be three numbers from 0 to 4 for red, green and blue, got 'warm'",
            ],
        ),
        (
            "color_order: GRBW\nwhite: extrakt",
            &[
                "Option 'white' in section 'lumen_strip case': unknown choice 'extrakt' (did you mean 'extract'?)",
            ],
        ),
        (
            "gamma: 0",
            &["Option 'gamma' in section 'lumen_strip case' must be from 0.2 to 5, got 0"],
        ),
        (
            "max_current: 0",
            &["Option 'max_current' in section 'lumen_strip case' must be above 0, got 0"],
        ),
        (
            "max_current: 90\nidle_current: 1.5",
            &[
                "Option 'max_current' in section 'lumen_strip case' must be above 90, the current of 60 dark pixels, got 90",
            ],
        ),
        (
            "led_current: -16",
            &["Option 'led_current' in section 'lumen_strip case' must be from 0 to 1000, got -16"],
        ),
        (
            "dither: sometimes",
            &[
                "Option 'dither' in section 'lumen_strip case' must be True or False, got 'sometimes'",
            ],
        ),
    ];
    assert_messages(CASES, |lines| {
        format!("[lumen]\n[lumen_strip case]\ndriver: spi\ncount: 60\n{lines}")
    });
}

#[test]
fn finish_options_of_lumen() {
    const CASES: &[Case] = &[
        (
            "[lumen]\nmax_current: 80\n[lumen_strip case]\ndriver: memory\ncount: 60\n[lumen_group top]\ndriver: memory\nindex_end: 20",
            &[
                "Option 'max_current' in section 'lumen' must be above 80, the current of 80 dark pixels, got 80",
            ],
        ),
        (
            "[lumen]\nmax_current: -1\ndither: maybe",
            &[
                "Option 'dither' in section 'lumen' must be True or False, got 'maybe'",
                "Option 'max_current' in section 'lumen' must be above 0, got -1",
            ],
        ),
    ];
    assert_messages(CASES, str::to_owned);
}

#[test]
fn groups_that_disagree_on_a_strip() {
    const CASES: &[Case] = &[(
        "white_balance: 1, 1, 0.5\ngamma: 2\nmax_current: 500\ndither: yes",
        &[
            "Sections 'lumen_group a' and 'lumen_group b' disagree on the white_balance of strip 'gpio10'",
            "Sections 'lumen_group a' and 'lumen_group b' disagree on the dither of strip 'gpio10'",
            "Sections 'lumen_group a' and 'lumen_group b' disagree on the max_current of strip 'gpio10'",
        ],
    )];
    const OTHER: &str = "white_balance: 1, 0.5, 1\ngamma: 2.0\nmax_current: 600\ndither: no";
    assert_messages(CASES, |lines| {
        let pin = "driver: gpio\ngpio_pin: 10";
        format!(
            "[lumen]\n[lumen_group a]\n{pin}\n{lines}\n[lumen_group b]\n{pin}\nindex_start: 2\nindex_end: 3\n{OTHER}"
        )
    });
}

#[test]
fn finish_options_of_a_group_on_a_declared_strip() {
    const CASES: &[Case] = &[(
        "max_current: 500",
        &[
            "Option 'max_current' in section 'lumen_group a' cannot be combined with 'strip'; set it in the section of the strip",
        ],
    )];
    assert_messages(CASES, |lines| {
        format!(
            "[lumen]\n[lumen_strip case]\ndriver: memory\ncount: 9\n[lumen_group a]\nstrip: case\n{lines}"
        )
    });
}
