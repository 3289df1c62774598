//! The syntax of config files, as Klipper reads it.

use super::{config, location, notes, parse_as, problem, values};
use lumen::Dialect;

const AUTOSAVE: &str = "#*# <---------------------- SAVE_CONFIG ---------------------->\n\
    #*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.\n#*#\n";

#[test]
fn options_use_colon_or_equals_and_names_are_lowercase() {
    let read = config(
        "[lumen]\nGPIO_fps: 60\nfade = 0.5\non_idle: pulse speed=1\n",
        &[],
    );
    let wanted = ["fade=0.5", "gpio_fps=60", "on_idle=pulse speed=1"];
    assert_eq!(values(&read, "lumen"), wanted);
}

#[test]
fn comments_are_removed() {
    let read = config(
        "[lumen] # lights\n# x: 1\na: solid #ff8800\n; y: 1\nb: 1;2\nc: 1 ; 2\n",
        &[],
    );
    assert_eq!(values(&read, "lumen"), ["a=solid", "b=1;2", "c=1"]);
}

#[test]
fn indented_lines_continue_a_value() {
    let read = config(
        "[lumen]\nmacro:\n  G28\n\n    # x\n  M600 ; y\nnext: 1\n",
        &[],
    );
    assert_eq!(values(&read, "lumen"), ["macro=|G28|||M600", "next=1"]);
}

#[test]
fn all_line_endings_are_accepted() {
    let read = config("[lumen]\r\na:\r\n  1\r\nb: 2\rc: 3\n", &[]);
    assert_eq!(values(&read, "lumen"), ["a=|1", "b=2", "c=3"]);
}

#[test]
fn repeated_sections_are_merged_and_later_values_win() {
    let read = config("[lumen]\na: 1\nb: 1\n[x]\n[lumen]\na: 2\n", &[]);
    assert_eq!(values(&read, "lumen"), ["a=2", "b=1"]);
    let names: Vec<&str> = read.sections().iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["lumen", "x"]);
    assert_eq!(location(&read, "lumen", "A"), "printer.cfg:6");
    assert_eq!(location(&read, "lumen", "none"), "printer.cfg:1");
}

#[test]
fn includes_are_read_in_place_in_the_order_of_names() {
    let text = "[lumen]\na: 0\n[include x/part*.cfg]\n[include none*.cfg]\n[lumen]\nb: 9\n";
    let more = [
        ("x/part2.cfg", "[lumen]\na: 2\n"),
        ("x/part1.cfg", "[include ../y.cfg]\n[lumen]\na: 1\nb: 1\n"),
        ("x/.part3.cfg", "[lumen]\na: 3\n"),
        ("y.cfg", "[y]\n"),
    ];
    let read = config(text, &more);
    assert_eq!(values(&read, "lumen"), ["a=2", "b=9"]);
    assert_eq!(location(&read, "lumen", "a"), "x/part2.cfg:2");
    assert!(read.section("y").is_some());
}

#[test]
fn syntax_errors_have_a_location() {
    let b = [("b.cfg", "[y]\n")];
    for (text, wanted) in [
        ("a: 1\n", "printer.cfg:1: 'a: 1' is outside of any section"),
        (
            "[x]\n[include b.cfg]\na: 1\n",
            "printer.cfg:3: 'a: 1' is outside of any section",
        ),
        (
            "[lumen]\nrainbow\n",
            "printer.cfg:2: 'rainbow' is neither an option nor a section",
        ),
        (
            "[lumen]\n[include c.cfg]\n",
            "printer.cfg:2: include file 'c.cfg' does not exist",
        ),
        (
            "[include ./printer.cfg]\n",
            "printer.cfg:1: './printer.cfg' includes itself",
        ),
    ] {
        assert_eq!(problem(text, &b), wanted);
    }
}

#[test]
fn values_in_the_file_take_priority_over_saved_values() {
    let kept = "#*# [lumen]\n#*# a: 7\n#*# b: 8\n#*# [x]\n#*# points =\n#*#   1, 2\n";
    let read = config(&format!("[lumen]\na: 1\n\n{AUTOSAVE}{kept}"), &[]);
    assert_eq!(values(&read, "lumen"), ["a=1", "b=8"]);
    assert_eq!(values(&read, "x"), ["points=|1, 2"]);
    assert_eq!(location(&read, "lumen", "b"), "printer.cfg:9");
}

#[test]
fn an_edited_save_config_block_is_ignored() {
    let read = config(&format!("[lumen]\na: 1\n{AUTOSAVE}#*# [x]\n[y]\n"), &[]);
    assert!(read.section("x").is_none() && read.section("y").is_some());
}

#[test]
fn a_line_that_makes_klipper_ignore_saved_values_is_noted() {
    let wanted = |line: usize| {
        format!(
            "printer.cfg:{line}: Klipper ignores all values that SAVE_CONFIG has saved because of \
             this line; move your own lines above the line '#*# <---------------------- \
             SAVE_CONFIG ---------------------->'"
        )
    };
    let kept = "#*# [extruder]\n#*# pid_kp = 22\n";
    for (text, line) in [
        (format!("[lumen]\n{AUTOSAVE}{kept}\n[lumen_group a]\n"), 7),
        (format!("[lumen]\n{AUTOSAVE}{kept}{AUTOSAVE}"), 7),
        (format!("[lumen]\n#*# [x]\n\n{AUTOSAVE}{kept}"), 2),
        (format!("[lumen]\n{kept}"), 2),
    ] {
        assert_eq!(notes(&config(&text, &[])), [wanted(line)], "{text}");
    }
    let header: Vec<&str> = AUTOSAVE.lines().collect();
    let incomplete = "printer.cfg:2: Klipper ignores all values that SAVE_CONFIG has saved because \
                      of this line; the next two lines must be '#*# DO NOT EDIT THIS BLOCK OR \
                      BELOW. The contents are auto-generated.' and '#*#'";
    for text in [
        format!("[lumen]\n{}\n{}\n{kept}", header[0], header[1]),
        format!("[lumen]\n{}\n#*#\n{kept}", header[0]),
        format!("[lumen]\n{}\n{}\n", header[0], header[1]),
    ] {
        assert_eq!(notes(&config(&text, &[])), [incomplete], "{text}");
    }
    for text in [
        format!("[lumen]\n{AUTOSAVE}{kept}\n\n"),
        format!("[lumen]\n{AUTOSAVE}\n{kept}#*#  \n"),
        format!("[lumen]\n{AUTOSAVE}"),
    ] {
        assert_eq!(notes(&config(&text, &[])), [""; 0], "{text}");
    }
}

#[test]
fn a_color_that_klipper_cuts_off_is_noted_in_lumen_sections() {
    let text = "[lumen_group a]\non_idle: solid #ff8800\n# on_error: solid #ff0000\non_bored:\n  \
                fire\n    #00f\n[x]\na: #ff8800\n";
    let noted = |line, option, color| {
        format!(
            "printer.cfg:{line}: Option '{option}' in section 'lumen_group a': '#' starts a \
             comment, so Klipper does not read '#{color}'; write {color} without '#'"
        )
    };
    let read = config(&text.replace("#00f", "#00ff00"), &[]);
    let wanted = [
        noted(2, "on_idle", "ff8800"),
        noted(6, "on_bored", "00ff00"),
    ];
    assert_eq!(notes(&read), wanted);
}

#[test]
fn a_byte_order_mark_is_a_problem_in_any_file() {
    let wanted = "the file starts with a byte-order mark, which Klipper cannot read; save it as \
                  UTF-8 without BOM";
    let marked = "\u{feff}[lumen]\n";
    assert_eq!(problem(marked, &[]), format!("printer.cfg:1: {wanted}"));
    let included = problem("[lumen]\n[include b.cfg]\n", &[("b.cfg", marked)]);
    assert_eq!(included, format!("b.cfg:1: {wanted}"));
}

#[test]
fn two_stars_are_any_depth_to_kalico_and_one_folder_to_klipper() {
    let more = [
        ("a/0.cfg", "[s0]\n"),
        ("a/b/1.cfg", "[s1]\n"),
        ("a/b/c/2.cfg", "[s2]\n"),
        ("a/.hidden/3.cfg", "[s3]\n"),
    ];
    let names = |dialect| {
        let read = parse_as(dialect, "[include a/**/*.cfg]\n", &more).unwrap_or_default();
        let sections = read.sections().iter();
        sections.map(|it| it.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(Dialect::Klipper), ["s1"]);
    assert_eq!(names(Dialect::Kalico), ["s0", "s1", "s2"]);
}

#[test]
fn only_sections_of_lumen_and_on_lumen_pins_are_read() {
    let text = "[mcu]\n[lumen_group Case]\npin: 10\n[lumenary]\n[lumen]\n\
        [neopixel a]\npin: lumen:gpio18\nchain_count: 3\ninitial_RED: 1\n[neopixel b]\npin: PA1\n";
    let sections = config(text, &[]).lumen().sections;
    let names: Vec<&str> = sections.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["lumen_group Case", "lumen", "neopixel a"]);
    let options: Vec<&str> = sections[2].1.keys().map(String::as_str).collect();
    assert_eq!(options, ["chain_count", "pin"]);
}

#[test]
fn references_of_kalico_are_resolved() {
    for (written, wanted) in [
        ("pulse ${constants.accent}", "pulse ff8800"),
        ("pulse ${constants:Accent} ${speed}", "pulse ff8800 0.5"),
        ("solid ${constants.same}", "solid ff8800"),
        ("solid ${constants.absent}", "solid ${constants.absent}"),
        ("solid ${loop}", "solid ${loop}"),
        ("${${} ${", "${${} ${"),
    ] {
        let text = format!(
            "[constants]\naccent: ff8800\nsame: ${{constants.accent}}\n\
             [lumen_group a]\nspeed: 0.5\nloop: ${{loop}}\non_idle: {written}\n"
        );
        let sections = config(&text, &[]).lumen().sections;
        assert_eq!(sections[0].1["on_idle"], wanted);
    }
}

#[test]
fn facts_are_read_from_the_file() {
    let text = "[stepper_x]\nposition_min: -5\nposition_max: 200\n[stepper_y]\nposition_max: 200\n\
        [stepper_z]\nposition_min: -0.5\nposition_max: 200\n[extruder]\n[extruder1]\n[heater_bed]\n\
        [heater_generic chamber]\n[extruder_stepper x]\n[temperature_sensor pi]\n[tmc2240 extruder]\n\
        [tmc x]\n[verify_heater extruder]\n";
    assert_eq!(config(text, &[]).facts(), None);
    let facts = config(&format!("{text}[printer]\n"), &[])
        .facts()
        .unwrap_or_default();
    let heaters = [
        "extruder",
        "extruder1",
        "heater_bed",
        "heater_generic chamber",
    ];
    assert_eq!(facts.heaters, heaters);
    assert_eq!(facts.sensors, ["temperature_sensor pi", "tmc2240 extruder"]);
    assert_eq!(
        facts.travel,
        Some([[-5.0, 200.0], [0.0, 200.0], [-0.5, 200.0]])
    );
    let far = config(
        &format!("{text}[printer]\n[stepper_z]\nposition_max: far\n"),
        &[],
    );
    assert_eq!(far.facts().unwrap_or_default().travel, None);
}

#[test]
fn options_of_default_are_in_every_section() {
    let text = "[lumen]\na: 1\n[DEFAULT]\na: 2\nB: 3\n[x]\n[include y.cfg]\n";
    let read = config(
        text,
        &[("y.cfg", "[DEFAULT]\nb: 4\n[y]\nb: 5\nc: ${DEFAULT.b}\n")],
    );
    assert_eq!(values(&read, "lumen"), ["a=1", "b=4"]);
    assert_eq!(values(&read, "x"), ["a=2", "b=4"]);
    assert_eq!(values(&read, "y"), ["a=2", "b=5", "c=${DEFAULT.b}"]);
    assert_eq!(location(&read, "x", "a"), "printer.cfg:4");
    assert_eq!(location(&read, "lumen", "b"), "y.cfg:2");
    let names: Vec<&str> = read.sections().iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["lumen", "x", "y"]);
    assert!(read.section("DEFAULT").is_none());
    let note = "Klipper adds the options of [DEFAULT] to every section, and reports them as not \
                valid in sections that do not know them";
    assert_eq!(notes(&read), [format!("printer.cfg:3: {note}")]);
    let empty = config("[DEFAULT]\n[default]\na: 1\n[lumen]\n", &[]);
    assert_eq!(values(&empty, "lumen"), [""; 0]);
    assert_eq!(values(&empty, "default"), ["a=1"]);
    assert_eq!(notes(&empty), [""; 0]);
}

#[test]
fn saved_values_are_below_the_options_of_default() {
    let saved = "#*# [x]\n#*# a = 7\n#*# b = 7\n#*# [y]\n#*# a = 7\n#*# [DEFAULT]\n#*# a = 8\n\
                 #*# c = 8\n";
    let read = config(&format!("[DEFAULT]\na: 1\n[x]\n{AUTOSAVE}{saved}"), &[]);
    assert_eq!(values(&read, "x"), ["a=1", "b=7", "c=8"]);
    assert_eq!(values(&read, "y"), ["a=7", "c=8"]);
}

#[test]
fn references_to_default_are_resolved() {
    let read = config("[DEFAULT]\nb: 4\n[lumen]\na: ${DEFAULT.b} ${b}\n", &[]);
    let lumen = read.lumen();
    assert_eq!(lumen.sections[0].1["a"], "4 4");
}
