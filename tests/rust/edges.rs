//! All external input is bounded: the run time is at most linear in the size of the input, and
//! messages stay short.

use lumen::{
    EffectNames, MemoryFiles, ParsedEffect, ParsedStack, RawConfig, compile, did_you_mean,
    limits::CONFIG_BYTES, limits::GROUPS, limits::PALETTES, limits::PROBLEMS,
    limits::SECTION_OPTIONS, limits::STRIPS, parse_color, read_config,
};
use proptest::prelude::*;
use proptest::sample::select;
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

/// The longest message, in bytes.
const MESSAGE_BYTES: usize = 4096;

/// Returns the messages about an input of a given size.
type Edge = fn(usize) -> Vec<String>;

/// All kinds of invalid input: name, size, and a function that builds and reads the input. Ten
/// times the size is at or above the limit.
const EDGES: &[(&str, usize, Edge)] = &[
    ("blanks", 200_000, |n| {
        config(&[format!("[x]\n{}a", " ".repeat(n))])
    }),
    ("lines of blanks", 20_000, |n| {
        config(&["[x]\na: 1\n".to_owned() + &" \n".repeat(n)])
    }),
    ("options", 20_000, |n| {
        config(&["[x]\n".to_owned() + &"a: 1\n".repeat(n)])
    }),
    ("deeper lines", 20_000, |n| {
        config(&["[x]\na:\n".to_owned() + &" b\n".repeat(n)])
    }),
    ("long names", 2_000, |n| {
        let name = "n".repeat(30_000);
        config(&[format!("[{name}]\n{}", "a: 1\n b\n".repeat(n))])
    }),
    ("semicolons", 200_000, |n| {
        config(&[format!("[x]\na:{}", ";a".repeat(n))])
    }),
    ("brackets", 200_000, |n| config(&["[".repeat(n)])),
    ("references", 20_000, |n| {
        config(&[format!("[lumen]\na: {}", "${".repeat(n))])
    }),
    ("growing references", 1_000, |n| {
        let text = format!("[lumen]\na: {}\n", "x".repeat(10_000));
        config(&[text + "b: ${a}${a}${a}\n" + &"[lumen]\nc: ${b}${b}${b}\n".repeat(n)])
    }),
    ("saved blocks", 2_000, |n| config(&[SAVED.repeat(n)])),
    ("includes", 100, |n| {
        config(&["[include 1]\n".repeat(n), "[lumen]\n".to_owned()])
    }),
    ("includes that fan out", 5, |n| {
        let both = (0..n).map(|it| format!("[include {}]\n", it + 1).repeat(2));
        config(&both.chain(["[lumen]\n".to_owned()]).collect::<Vec<_>>())
    }),
    ("patterns", 100, |n| {
        config(&["[include *a*b*c]\n".repeat(n), "[lumen]\n".to_owned()])
    }),
    ("words of specs", 2_000, |n| spec(&"red ".repeat(n))),
    ("pairs of specs", 2_000, |n| spec(&"spede=1 ".repeat(n))),
    ("equals signs of specs", 2_000, |n| {
        spec(&"a = = ".repeat(n))
    }),
    ("commas of specs", 2_000, |n| spec(&"1 , ".repeat(n))),
    ("sources of specs", 2_000, |n| {
        spec(&"heater_generic ".repeat(n))
    }),
    ("a word of a spec", 200_000, |n| {
        spec(&"pulse".repeat(n / 5))
    }),
    ("parentheses of specs", 2_000, |n| {
        spec(&"red( 1 ".repeat(n))
    }),
    ("colors of a palette", 2_000, |n| {
        palette(&"rde 0%, ".repeat(n))
    }),
    ("places of a palette", 2_000, |n| palette(&"0% ".repeat(n))),
    ("palettes", PALETTES / 10, |n| {
        let titles = (0..n).map(|it| format!("lumen_palette {it}x"));
        compiled(titles.map(|it| section(&it, &[])).collect())
    }),
    ("a color", 200_000, |n| color(&"f".repeat(n))),
    ("numbers of a color", 20_000, |n| color(&"1,".repeat(n))),
    ("a word", 200_000, |n| {
        vec![did_you_mean(&"w".repeat(n), ["word"])]
    }),
    ("many words", 20_000, |n| {
        vec![did_you_mean("word", vec!["wodr"; n])]
    }),
    ("groups on the same pixels", GROUPS / 10, |n| {
        groups(n, |_| "pixels: case 1-50")
    }),
    ("groups on scattered pixels", GROUPS / 10, |n| {
        groups(n, |index| {
            if index % 2 == 0 {
                "pixels: case 1, case 3"
            } else {
                "pixels: case 2-40"
            }
        })
    }),
    ("groups in a circle", GROUPS / 10, |n| {
        groups_over(n, |index, n| format!("group{}", (index + 1) % n))
    }),
    ("groups in many circles", GROUPS / 10, |n| {
        groups_over(n, |_, n| names(0..n).join(","))
    }),
    ("groups over all others", GROUPS / 10, |n| {
        groups_over(n, |index, _| names(0..index).join(",\n"))
    }),
    ("groups over unknown ones", GROUPS / 10, |n| {
        groups_over(n, |_, n| "grup, ".repeat(n))
    }),
    ("layers", 800, |n| stack(&"pulse rde |".repeat(n))),
    ("lines", 800, |n| stack(&"pulse rde\n".repeat(n))),
    ("words of layers", 400, |n| {
        stack(&format!("{0}|{0}|{0}|{0}", "spede=1 ".repeat(n)))
    }),
    ("groups with wrong specs", GROUPS / 10, |n| {
        groups(n, |_| "strip: case\non_idle: pusle rde")
    }),
    ("groups in a ring", GROUPS / 10, |n| {
        groups(n, |_| "strip: case\non_idle: chase 1")
    }),
    ("groups on strips that are not there", GROUPS / 10, |n| {
        groups(n, |_| "strip: csae")
    }),
    ("pixels of a group", 500, |n| {
        let list = (0..n).map(|_| "case 1-2").collect::<Vec<_>>();
        compiled(vec![
            strip("case", "50"),
            section("lumen_group a", &[("pixels", list.join(","))]),
        ])
    }),
    ("strips", STRIPS / 10, |n| {
        compiled((0..n).map(|it| strip(&format!("strip{it}"), "0")).collect())
    }),
    ("options of a section", SECTION_OPTIONS / 10, |n| {
        let names: Vec<String> = (0..n).map(|it| format!("brightnes{it}")).collect();
        let options = names.iter().map(|it| (it.as_str(), "1".to_owned()));
        compiled(vec![section("lumen", &options.collect::<Vec<_>>())])
    }),
    ("states", 400, |n| {
        lumen("states", (0..n).map(|it| format!("s{it}")))
    }),
    ("commands", 400, |n| {
        lumen("macro_homing", (0..n).map(|it| format!("c{it}")))
    }),
    ("sections", 200, |n| {
        compiled(
            (0..n)
                .map(|it| section(&format!("lumen_grup {it}"), &[]))
                .collect(),
        )
    }),
];

const SAVED: &str = "\n#*# <---------------------- SAVE_CONFIG ---------------------->\n\
    #*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.\n#*#\n#*# [x]\n";

fn config(texts: &[String]) -> Vec<String> {
    let files = texts.iter().enumerate();
    let files = files.map(|(index, text)| (index.to_string(), text.clone()));
    match read_config(Path::new("0"), &mut MemoryFiles::new(files)) {
        Ok(read) => {
            let sections = read.lumen().sections;
            let values = sections.iter().flat_map(|(_, options)| options.values());
            assert!(values.map(String::len).sum::<usize>() <= 2 * CONFIG_BYTES);
            Vec::new()
        }
        Err(error) => vec![error.to_string()],
    }
}

fn spec(rest: &str) -> Vec<String> {
    let spec = ParsedEffect::parse(&format!("thermal {rest}"), &EffectNames::default());
    let word = ParsedEffect::parse(rest, &EffectNames::default());
    spec.err().into_iter().chain(word.err()).flatten().collect()
}

fn color(text: &str) -> Vec<String> {
    parse_color(text)
        .err()
        .map(|it| it.to_string())
        .into_iter()
        .collect()
}

fn palette(colors: &str) -> Vec<String> {
    let options = [("colors", colors.to_owned())];
    compiled(vec![section("lumen_palette a", &options)])
}

fn section(title: &str, options: &[(&str, String)]) -> (String, BTreeMap<String, String>) {
    let options = options
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.clone()));
    (title.to_owned(), options.collect())
}

fn strip(name: &str, count: &str) -> (String, BTreeMap<String, String>) {
    let options = [("driver", "spi".to_owned()), ("count", count.to_owned())];
    section(&format!("lumen_strip {name}"), &options)
}

/// Compiles groups with the given lines, on a strip of 50 pixels.
fn groups(count: usize, lines: fn(usize) -> &'static str) -> Vec<String> {
    let group = |index: usize| {
        let options = lines(index)
            .lines()
            .filter_map(|line| line.split_once(": "));
        let options: Vec<_> = options
            .map(|(name, text)| (name, text.to_owned()))
            .collect();
        section(&format!("lumen_group group{index}"), &options)
    };
    compiled(
        [strip("case", "50")]
            .into_iter()
            .chain((0..count).map(group))
            .collect(),
    )
}

fn names(indices: Range<usize>) -> Vec<String> {
    indices.map(|index| format!("group{index}")).collect()
}

/// Compiles groups that share all pixels and cover others.
fn groups_over(count: usize, over: fn(usize, usize) -> String) -> Vec<String> {
    let group = |index: usize| {
        let pixels = ("pixels", "case 1, case 3, case 5-50".to_owned());
        let options = [pixels, ("over", over(index, count))];
        let options = &options[..if options[1].1.is_empty() { 1 } else { 2 }];
        section(&format!("lumen_group group{index}"), options)
    };
    let groups = (0..count).map(group);
    compiled([strip("case", "50")].into_iter().chain(groups).collect())
}

fn stack(text: &str) -> Vec<String> {
    let stack = ParsedStack::parse(text, None, &EffectNames::default());
    stack.err().unwrap_or_default()
}

fn lumen(option: &str, items: impl Iterator<Item = String>) -> Vec<String> {
    let list = items.collect::<Vec<_>>().join(",");
    compiled(vec![section("lumen", &[(option, list)])])
}

fn compiled(sections: Vec<(String, BTreeMap<String, String>)>) -> Vec<String> {
    let raw = RawConfig {
        sections,
        ..RawConfig::default()
    };
    match compile(&raw, None) {
        Ok(compiled) => compiled.warnings.iter().map(ToString::to_string).collect(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

/// Asserts that the messages are few and short.
fn bounded(name: &str, messages: Vec<String>) -> Vec<String> {
    assert!(
        messages.len() <= 2 * (PROBLEMS + 1),
        "{name}: {}",
        messages.len()
    );
    for message in &messages {
        assert!(
            message.len() <= MESSAGE_BYTES,
            "{name}: {} bytes",
            message.len()
        );
        assert!(
            !message.contains(|c: char| c.is_control()),
            "{name}: {message:?}"
        );
    }
    messages
}

/// Returns the CPU time that this thread uses.
fn cpu_time(work: impl FnOnce()) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
    let before = now();
    work();
    now().saturating_sub(before)
}

#[test]
fn ten_times_the_input_takes_at_most_ten_times_as_long() {
    // Quadratic run time would be 100 times as long. The minimum time absorbs the noise of small
    // inputs.
    const FACTOR: u32 = 40;
    const LEAST: Duration = Duration::from_micros(500);
    for (name, size, edge) in EDGES {
        let time = |size: usize| cpu_time(|| drop(bounded(name, edge(size))));
        let is_linear = |_| time(10 * size) <= FACTOR * time(*size).max(LEAST);
        assert!((0..5).any(is_linear), "{name}: grows faster than its input");
    }
}

#[test]
fn an_overlap_is_reported_once_for_each_group() {
    let problems = groups(GROUPS, |_| "pixels: case 1-50");
    assert_eq!(problems.len(), PROBLEMS + 1);
    let first = "Sections 'lumen_group group0' and 'lumen_group group1' both use pixels 1-50 of strip 'case'; if 'group1' is to cover 'group0' there, add 'over: group0' to [lumen_group group1]";
    assert_eq!(problems[0], first);
    let more = GROUPS - 1 - PROBLEMS;
    assert_eq!(problems[PROBLEMS], format!("and {more} more problems"));
}

#[test]
fn groups_and_strips_are_limited() {
    let problems = groups(8 * GROUPS, |_| "pixels: case 1-50");
    let name = format!("lumen_group group{GROUPS}");
    let wanted =
        format!("Section '{name}' is one too many; {GROUPS} [lumen_group] sections are allowed");
    assert_eq!(problems[0], wanted);
    let share = |index: usize| {
        let options = [
            ("driver", "memory".to_owned()),
            ("index_end", "5".to_owned()),
        ];
        section(&format!("lumen_group group{index}"), &options)
    };
    let wanted = format!(
        "Section 'lumen_group group{STRIPS}' declares one strip too many; {STRIPS} strips are allowed"
    );
    assert_eq!(compiled((0..=STRIPS).map(share).collect()), [wanted]);
    assert_eq!(compiled((0..STRIPS).map(share).collect()).len(), 0);
}

#[test]
fn palettes_are_limited() {
    let palette = |index: usize| {
        let options = [("colors", "red".to_owned())];
        section(&format!("lumen_palette palette{index}"), &options)
    };
    let name = format!("lumen_palette palette{PALETTES}");
    let wanted = format!(
        "Section '{name}' is one too many; {PALETTES} [lumen_palette] sections are allowed"
    );
    assert_eq!(compiled((0..=PALETTES).map(palette).collect()), [wanted]);
    assert_eq!(compiled((0..PALETTES).map(palette).collect()).len(), 0);
}

#[test]
fn names_with_control_characters_are_rejected() {
    let problems = compiled(vec![section("lumen_group a\u{1b}[31m", &[])]);
    let wanted = "Section 'lumen_group a\\u{1b}[31m' must have a name without control characters";
    assert_eq!(problems, [wanted]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn messages_stay_short((name, size, edge) in select(EDGES), part in 0.0..10.0_f64) {
        bounded(name, edge((size as f64 * part) as usize));
    }

    #[test]
    fn any_word_gives_a_short_suggestion(word in ".{0,2000}") {
        bounded("spec", spec(&word));
        bounded("color", color(&word));
        let named = [section("lumen", &[(&word, word.clone())]), section(&word, &[])];
        bounded("config", compiled(named.to_vec()));
    }
}

#[test]
fn total_pixels_and_total_text_are_limited() {
    let strip = |index: usize| {
        let options = [
            ("driver", "memory".to_owned()),
            ("count", "10000".to_owned()),
        ];
        section(&format!("lumen_strip s{index}"), &options)
    };
    let problems = compiled((0..6).map(strip).collect());
    assert_eq!(
        problems,
        ["All strips together must have at most 50000 pixels, got 60000"]
    );
    assert_eq!(compiled((0..5).map(strip).collect()).len(), 0);
    let large = |index: usize| {
        let options = [("effect", "pulse".to_owned()), ("x", " ".repeat(16_000))];
        section(&format!("lumen_effect e{index}"), &options)
    };
    let problems = compiled((0..70).map(large).collect());
    assert!(problems[0].ends_with("all Lumen sections together must have at most 1048576 bytes"));
}
