//! The package: its version, the Python that runs klippy, and the loader in Klipper's tree.

use super::CheckResult;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// The longest file that is read.
const MAX_BYTES: u64 = 64 * 1024;
/// The oldest Python that the package supports.
const OLDEST: (u32, u32) = (3, 9);
const PACKAGE: &str = "klipper_lumen";
const LIBRARY: &str = "_engine.abi3.so";

/// The package of the running process.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Package {
    /// Its version.
    pub version: String,
    /// Python and its platform, for the user.
    pub python: String,
    /// The program of that Python.
    pub executable: PathBuf,
    /// The folder of the package.
    pub folder: PathBuf,
    /// The Python that runs klippy; `None` if it is this one or is unknown.
    pub klippy: Option<PathBuf>,
}

/// The loader in Klipper's tree.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Loader {
    /// The folder of Klipper or Kalico; empty if there is none.
    pub tree: PathBuf,
    /// The content of the loader.
    pub text: String,
    /// The command that writes the loader.
    pub command: String,
}

impl Package {
    /// Returns the path of the extension module.
    pub(super) fn library(&self) -> Option<PathBuf> {
        (!self.folder.as_os_str().is_empty()).then(|| self.folder.join(LIBRARY))
    }

    /// Returns the version on disk, if there is exactly one.
    fn installed(&self) -> Option<String> {
        let mut names = fs::read_dir(self.folder.parent()?)
            .ok()?
            .take(10_000)
            .filter_map(|entry| {
                let name = entry.ok()?.file_name().into_string().ok()?;
                let name = name.strip_suffix(".dist-info")?;
                Some(name.strip_prefix(PACKAGE)?.strip_prefix('-')?.to_owned())
            });
        let only = names.next()?;
        names.next().is_none().then_some(only)
    }
}

/// Checks the package and the Python that runs klippy.
pub(super) fn check(package: &Package, findings: &mut Vec<CheckResult>) {
    let version = &package.version;
    let text = format!("klipper-lumen {version}, {}", package.python);
    // A wheel's version has no local part in its folder if it is released.
    let base = |text: &str| text.split('+').next().unwrap_or_default().to_owned();
    match package.installed() {
        Some(installed) if base(&installed) != base(version) => {
            findings.push(CheckResult::warning(
                "package",
                format!("klipper-lumen {version} is running, {installed} is installed"),
                "sudo systemctl restart klipper",
            ));
        }
        _ => findings.push(CheckResult::ok("package", text)),
    }
    findings.extend(package.klippy.as_deref().and_then(of_klippy));
}

/// Checks the environment of a Python: its version, and whether it has the package.
fn of_klippy(python: &Path) -> Option<CheckResult> {
    let environment = python.parent()?.parent()?;
    let name = python.display();
    if let Some((major, minor)) = version(environment)
        && (major, minor) < OLDEST
    {
        let text = format!("klippy runs with Python {major}.{minor}; Lumen needs 3.9 or newer");
        let advice =
            "create Klipper's environment again with a newer Python, for example with KIAUH";
        return Some(CheckResult::problem("Python", text, advice));
    }
    let has_package = fs::read_dir(environment.join("lib"))
        .ok()?
        .filter_map(Result::ok)
        .any(|it| it.path().join("site-packages").join(PACKAGE).is_dir());
    if has_package {
        return Some(CheckResult::ok(
            "Python",
            format!("{name} has klipper-lumen"),
        ));
    }
    let text = format!("klippy runs with {name}, which does not have klipper-lumen");
    let advice = format!("{name} -m pip install klipper-lumen");
    Some(CheckResult::problem("Python", text, advice))
}

/// Returns the version of Python of a virtual environment.
fn version(environment: &Path) -> Option<(u32, u32)> {
    let text = read(&environment.join("pyvenv.cfg"))?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("version")?.trim().strip_prefix('='));
    let mut numbers = line?.trim().split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Checks that Klipper's tree has the loader of this version.
pub(super) fn check_loader(loader: &Loader) -> CheckResult {
    let tree = &loader.tree;
    let name = tree.display();
    let klippy = tree.join("klippy");
    if !klippy.join("extras").is_dir() {
        let text = if tree.as_os_str().is_empty() {
            "no Klipper in the home folder".to_owned()
        } else {
            format!("no Klipper in {name}")
        };
        let advice = "add its folder: klipper-lumen doctor --klipper DIR";
        return CheckResult::problem("Klipper", text, advice);
    }
    let plugins = klippy.join("plugins");
    let is_kalico = plugins.is_dir();
    let folder = if is_kalico {
        plugins
    } else {
        klippy.join("extras")
    };
    let problem = |text| CheckResult::problem("Klipper", text, loader.command.clone());
    match read(&folder.join("lumen.py")) {
        Some(text) if text == loader.text => {}
        Some(_) => return problem(format!("{name} has the loader of another version")),
        None => return problem(format!("{name} does not load Lumen")),
    }
    if is_kalico && klippy.join("extras/lumen.py").exists() {
        return problem(format!(
            "{name} has the loader in klippy/extras and in klippy/plugins; Kalico refuses both"
        ));
    }
    CheckResult::ok("Klipper", format!("{name} loads Lumen"))
}

fn read(path: &Path) -> Option<String> {
    use std::io::Read;
    let is_file = fs::metadata(path).is_ok_and(|it| it.is_file());
    let mut text = String::new();
    let file = is_file.then(|| fs::File::open(path).ok()).flatten()?;
    file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}
