//! Sorts the sections of a config by type, each with its option table. Reports unknown sections,
//! and sections without a valid name.

use crate::spec::RawConfig;
use crate::spec::offer::CHIP;
use crate::spec::options::{self, SectionOption};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::spec::synonyms;
use crate::text::{ConvertCase, MAY_BE_NEWER, nearest, shown};
use std::collections::{BTreeMap, HashMap, HashSet};

static EMPTY: BTreeMap<String, String> = BTreeMap::new();

/// The name that means all groups in commands.
const ALL_GROUPS: &str = "all";

/// The section types that have a name.
const KINDS: [(&str, &[SectionOption]); 4] = [
    ("lumen_strip", options::STRIP),
    ("lumen_group", options::GROUP),
    ("lumen_effect", options::EFFECT),
    ("lumen_palette", options::PALETTE),
];

/// The sections of a config by type, in file order.
#[derive(Debug)]
pub(super) struct Sections<'a> {
    pub(super) lumen: SectionReader<'a>,
    pub(super) strips: Vec<SectionReader<'a>>,
    pub(super) groups: Vec<SectionReader<'a>>,
    pub(super) effects: Vec<SectionReader<'a>>,
    pub(super) palettes: Vec<SectionReader<'a>>,
    /// Klipper's `[neopixel]` sections on Lumen pins.
    pub(super) klipper_neopixels: Vec<SectionReader<'a>>,
    /// Position of each section in the config.
    pub(super) positions: HashMap<&'a str, usize>,
    /// Type and name of the sections with a name.
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
            palettes: Vec::new(),
            klipper_neopixels: Vec::new(),
            positions: HashMap::new(),
            names: HashSet::new(),
        };
        for (title, options) in &raw.sections {
            all.put(title, options, diagnostics);
            let position = all.positions.len();
            all.positions.entry(title).or_insert(position);
        }
        all
    }

    /// Returns the position of a section in the config.
    pub(super) fn position(&self, title: &str) -> usize {
        self.positions.get(title).copied().unwrap_or_default()
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
        if options
            .get("pin")
            .is_some_and(|pin| has_lumen_pin(kind, pin))
        {
            if kind == KLIPPER_NEOPIXEL {
                self.add_neopixel((title, name), options, diagnostics);
            } else {
                diagnostics.section(title, " cannot use a Lumen pin; only [neopixel] can");
            }
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
            "lumen_palette" => &mut self.palettes,
            _ => &mut self.effects,
        };
        if !self.names.insert((kind, name)) {
            diagnostics.section(title, " is defined twice");
            return;
        }
        of_kind.push(SectionReader {
            title,
            name,
            options,
            table,
        });
    }

    fn add_neopixel(
        &mut self,
        (title, name): (&'a str, &'a str),
        options: &'a BTreeMap<String, String>,
        diagnostics: &mut Diagnostics,
    ) {
        if !self.positions.contains_key(self.lumen.title) {
            let problem = " must be below [lumen], which creates its pin; Klipper loads sections \
                           in the order of the file";
            diagnostics.section(title, problem);
        }
        self.klipper_neopixels.push(SectionReader {
            title,
            name,
            options,
            table: options::KLIPPER_NEOPIXEL,
        });
    }
}

/// The type of Klipper section that can use a Lumen pin.
const KLIPPER_NEOPIXEL: &str = "neopixel";

/// Whether a Klipper section uses a Lumen pin.
fn has_lumen_pin(kind: &str, pin: &str) -> bool {
    !kind.starts_with("lumen") && pin.trim().starts_with(CHIP)
}

/// The list of valid sections.
const KNOWN: &str =
    "known: lumen, lumen_strip NAME, lumen_group NAME, lumen_effect NAME, lumen_palette NAME";

fn not_valid(title: &str, kind: &str, name: &str) -> String {
    let lower = kind.lowercase();
    if let Some(advice) = synonyms::section(&lower, name) {
        return format!(" is not a valid config section; {advice}");
    }
    if lower != kind && (lower == "lumen" || KINDS.iter().any(|(known, _)| *known == lower)) {
        let rest = shown(&title[kind.len()..]);
        return format!(" is not a valid config section; write [{lower}{rest}] in lowercase");
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
