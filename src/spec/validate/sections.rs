//! Which sections there are: sorted by kind, each with its table.

use crate::spec::RawConfig;
use crate::spec::offer::CHIP;
use crate::spec::options::{self, SectionOption};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::spec::synonyms;
use crate::text::{MAY_BE_NEWER, nearest, shown};
use std::collections::{BTreeMap, HashMap, HashSet};

static EMPTY: BTreeMap<String, String> = BTreeMap::new();

/// What commands call all groups at once.
const ALL_GROUPS: &str = "all";

/// The kinds of sections that have a name.
const KINDS: [(&str, &[SectionOption]); 3] = [
    ("lumen_strip", options::STRIP),
    ("lumen_group", options::GROUP),
    ("lumen_effect", options::EFFECT),
];

/// The sections of a config, by kind, each in file order.
#[derive(Debug)]
pub(super) struct Sections<'a> {
    pub(super) lumen: SectionReader<'a>,
    pub(super) strips: Vec<SectionReader<'a>>,
    pub(super) groups: Vec<SectionReader<'a>>,
    pub(super) effects: Vec<SectionReader<'a>>,
    /// Those of Klipper's whose pin is one of Lumen's.
    pub(super) klipper_neopixels: Vec<SectionReader<'a>>,
    places: HashMap<&'a str, usize>,
    /// Kind and name of those that have one.
    names: HashSet<(&'a str, &'a str)>,
}

impl<'a> Sections<'a> {
    pub(super) fn sort(raw: &'a RawConfig, diagnostics: &mut Diagnostics) -> Self {
        let mut all = Self {
            lumen: SectionReader {
                title: "lumen",
                name: "",
                options: &EMPTY,
                table: options::LUMEN,
            },
            strips: Vec::new(),
            groups: Vec::new(),
            effects: Vec::new(),
            klipper_neopixels: Vec::new(),
            places: HashMap::new(),
            names: HashSet::new(),
        };
        for (title, options) in &raw.sections {
            all.put(title, options, diagnostics);
            let place = all.places.len();
            all.places.entry(title).or_insert(place);
        }
        all
    }

    /// The place of a section in the order of the file.
    pub(super) fn place(&self, title: &str) -> usize {
        self.places.get(title).copied().unwrap_or_default()
    }

    fn put(
        &mut self,
        title: &'a str,
        options: &'a BTreeMap<String, String>,
        diagnostics: &mut Diagnostics,
    ) {
        if title == self.lumen.title {
            self.lumen.options = options;
            return;
        }
        let (kind, name) = title.split_once(char::is_whitespace).unwrap_or((title, ""));
        let name = name.trim();
        if options.get("pin").is_some_and(|pin| is_ours(kind, pin)) {
            if kind != KLIPPER_NEOPIXEL {
                diagnostics.section(title, " cannot have a pin of Lumen's; only [neopixel] can");
                return;
            }
            if !self.places.contains_key(self.lumen.title) {
                let problem = " must stand below [lumen], which makes its pin; Klipper reads \
                               sections in the order of the file";
                diagnostics.section(title, problem);
            }
            self.klipper_neopixels.push(SectionReader {
                title,
                name,
                options,
                table: options::KLIPPER_NEOPIXEL,
            });
            return;
        }
        let Some((kind, table)) = KINDS.into_iter().find(|(known, _)| *known == kind) else {
            diagnostics.section(title, &not_valid(title, kind, name));
            return;
        };
        if name.is_empty() {
            diagnostics.section(title, &format!(" needs a name: write [{kind} NAME]"));
            return;
        }
        if (kind, name) == ("lumen_group", ALL_GROUPS) {
            let problem = " must have another name: in commands, 'all' means every group";
            diagnostics.section(title, problem);
            return;
        }
        let of_kind = match kind {
            "lumen_strip" => &mut self.strips,
            "lumen_group" => &mut self.groups,
            _ => &mut self.effects,
        };
        if !self.names.insert((kind, name)) {
            diagnostics.section(title, " is there twice");
            return;
        }
        of_kind.push(SectionReader {
            title,
            name,
            options,
            table,
        });
    }
}

/// The section of Klipper's that may have a pin of Lumen's.
const KLIPPER_NEOPIXEL: &str = "neopixel";

/// Whether a section of Klipper's has a pin of Lumen's.
fn is_ours(kind: &str, pin: &str) -> bool {
    !kind.starts_with("lumen") && pin.trim().starts_with(CHIP)
}

/// The sections that there are.
const KNOWN: &str = "known: lumen, lumen_strip NAME, lumen_group NAME, lumen_effect NAME";

fn not_valid(title: &str, kind: &str, name: &str) -> String {
    let lower = kind.to_lowercase();
    if let Some(advice) = synonyms::section(&lower, name) {
        return format!(" is not a valid config section; {advice}");
    }
    if lower != kind && (lower == "lumen" || KINDS.iter().any(|(known, _)| *known == lower)) {
        let rest = shown(&title[kind.len()..]);
        return format!(" is not a valid config section; write [{lower}{rest}] in small letters");
    }
    let kinds = KINDS.into_iter().map(|(kind, _)| kind).chain(["lumen"]);
    let near = nearest(kind, kinds.clone());
    match near {
        Some(near) if near != "lumen" && !name.is_empty() => {
            format!(
                " is not a valid config section (did you mean '{near} {}'?)",
                shown(name)
            )
        }
        Some(near) => format!(" is not a valid config section (did you mean '{near}'?)"),
        None => format!(" is not a valid config section ({KNOWN}){MAY_BE_NEWER}"),
    }
}
