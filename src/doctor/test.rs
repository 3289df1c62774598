//! The doctor on computers with faked files: which fault leads to which advice.

mod spi;

use super::{Board, CheckResult, Level, User, examine_computer};
use crate::helper::Config;
use crate::plan::Plan;
use crate::spec::compile;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Gives each faked computer its own folder.
static NEXT: AtomicU64 = AtomicU64::new(0);

const PI_ZERO_2: &str = "Raspberry Pi Zero 2 W Rev 1.0";
const PI_3: &str = "Raspberry Pi 3 Model B Plus Rev 1.3";
const PI_4: &str = "Raspberry Pi 4 Model B Rev 1.4";
const CM4: &str = "Raspberry Pi Compute Module 4 Rev 1.1";
const PI_5: &str = "Raspberry Pi 5 Model B Rev 1.0";
const ORANGE_PI: &str = "OrangePi Zero2";
const CB1: &str = "BigTreeTech CB1";

const SPI: &str = r#"{"driver": "spi", "device": "/dev/spidev0.0", "count": "30"}"#;
const PIO: &str = r#"{"driver": "pio", "device": "/dev/leds0", "count": "30"}"#;
const PWM: &str = r#"{"driver": "gpio", "pin": "18", "count": "30"}"#;

/// Not the owner of the files.
const USER: u32 = 4_000_000;

/// A computer in a temporary folder, which goes with it.
struct Fake {
    root: PathBuf,
}

impl Fake {
    fn new(model: &str) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lumen-doctor-{}-{number}", std::process::id());
        let root = std::env::temp_dir().join(name);
        let fake = Self { root };
        fake.file("proc/device-tree/model", &format!("{model}\0"));
        fake.file("proc/sys/kernel/osrelease", "6.12.25\n");
        fake
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A device that its group may use.
    fn device(&self, name: &str) -> &Self {
        self.file(name, "");
        let mode = fs::Permissions::from_mode(0o660);
        fs::set_permissions(self.root.join(name), mode).unwrap();
        let gid = self.gid(name);
        self.file("etc/group", &format!("root:x:99999:\nspi:x:{gid}:pi\n"))
    }

    fn gid(&self, name: &str) -> u32 {
        fs::metadata(self.root.join(name)).unwrap().gid()
    }

    /// A running helper with the config for a strip.
    fn helper(&self, uid: u32, strip: &str) -> &Self {
        let config = Config::of_plan(&plan(strip), vec![uid]).unwrap();
        self.file("etc/systemd/system/lumen-helper.service", "")
            .file("run/lumen/ws281x.sock", "")
            .file("etc/lumen/helper.json", &config.text())
    }

    fn examine(&self, strip: &str, groups: &[u32]) -> Vec<CheckResult> {
        let board = Board::new(&self.root);
        examine_computer(&board, &user(groups), Some(&plan(strip)), None)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        // Left-over files in the temporary folder do no harm.
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn user(groups: &[u32]) -> User {
    User {
        uid: USER,
        groups: groups.to_vec(),
    }
}

fn plan(strip: &str) -> Plan {
    let group = r#"["lumen_group case", {"strip": "case"}]"#;
    let text =
        format!(r#"{{"sections": [["lumen", {{}}], ["lumen_strip case", {strip}], {group}]}}"#);
    compile(&serde_json::from_str(&text).unwrap(), None)
        .unwrap()
        .plan
}

/// Returns the findings that are not `ok`, as `LEVEL CHECK: TEXT; ADVICE`.
fn faults(findings: &[CheckResult]) -> Vec<String> {
    let faults = findings.iter().filter(|it| it.level != Level::Ok);
    faults
        .map(|it| format!("{:?} {}: {}; {}", it.level, it.check, it.text, it.advice))
        .collect()
}

#[track_caller]
fn check(findings: &[CheckResult], expected: &[&str]) {
    assert_eq!(faults(findings), expected);
}

#[test]
fn spi_that_is_off_on_a_raspberry_pi() {
    for model in [PI_ZERO_2, PI_3, PI_4, CM4, PI_5] {
        let found = faults(&Fake::new(model).examine(SPI, &[]));
        assert_eq!(
            found[0],
            "Problem strip 'case': /dev/spidev0.0 does not exist; sudo raspi-config nonint do_spi \
             0, then reboot",
        );
        // The clock is checked too, so that one reboot is enough.
        let has_clock = found.iter().any(|it| it.contains("SPI clock"));
        assert_eq!(has_clock, model != PI_5, "{model}: {found:?}");
    }
}

#[test]
fn spi_that_is_on_but_needs_a_reboot() {
    let fake = Fake::new(PI_5);
    fake.file("boot/firmware/config.txt", "dtparam=spi=on # strips\n");
    let found = faults(&fake.examine(SPI, &[]));
    assert!(
        found[0].contains("SPI is enabled in config.txt: reboot"),
        "{found:?}"
    );
}

#[test]
fn spi_that_is_off_on_other_boards() {
    for model in [ORANGE_PI, CB1] {
        let found = faults(&Fake::new(model).examine(SPI, &[]));
        assert!(
            found[0].contains("enable SPI with an overlay, see docs/Other_Boards.md"),
            "{found:?}"
        );
    }
}

#[test]
fn a_user_without_the_group_of_the_device() {
    let fake = Fake::new(PI_5);
    fake.device("dev/spidev0.0");
    check(
        &fake.examine(SPI, &[]),
        &[
            "Problem strip 'case': the user that runs Klipper may not use /dev/spidev0.0; sudo \
           usermod -a -G spi $USER, then reboot",
        ],
    );
    let groups = [fake.gid("dev/spidev0.0")];
    check(&fake.examine(SPI, &groups), &[]);
}

#[test]
fn root_may_use_every_device() {
    let fake = Fake::new(PI_5);
    fake.device("dev/spidev0.0");
    let root = User {
        uid: 0,
        groups: Vec::new(),
    };
    let found = examine_computer(&Board::new(&fake.root), &root, Some(&plan(SPI)), None);
    check(&found, &[]);
}

#[test]
fn pio_exists_only_on_a_raspberry_pi_5() {
    let found = faults(&Fake::new(PI_4).examine(PIO, &[]));
    assert!(
        found[0].contains("/dev/leds0 needs a Raspberry Pi 5; use driver: gpio"),
        "{found:?}"
    );
    let found = faults(&Fake::new(PI_5).examine(PIO, &[]));
    assert!(found[0].contains("dtoverlay=ws2812-pio"), "{found:?}");
    let fake = Fake::new(PI_5);
    fake.device("dev/leds0");
    check(&fake.examine(PIO, &[fake.gid("dev/leds0")]), &[]);
}

#[test]
fn pwm_pins_need_a_pi_before_the_5() {
    let found = faults(&Fake::new(PI_5).examine(PWM, &[]));
    assert!(found[0].contains("use driver: pio"), "{found:?}");
    assert_eq!(found.len(), 1);
    let found = faults(&Fake::new(CB1).examine(PWM, &[]));
    assert!(
        found[0].contains("GPIO18 needs a Raspberry Pi; use driver: spi"),
        "{found:?}"
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn pwm_pins_need_the_helper() {
    let fake = Fake::new(PI_4);
    let found = faults(&fake.examine(PWM, &[]));
    assert!(found[0].contains("is not installed"), "{found:?}");
    fake.file("etc/systemd/system/lumen-helper.service", "");
    let found = faults(&fake.examine(PWM, &[]));
    assert!(
        found[0].contains("systemctl status lumen-helper"),
        "{found:?}"
    );
    fake.file("run/lumen/ws281x.sock", "")
        .file("etc/lumen/helper.json", "{}");
    let found = faults(&fake.examine(PWM, &[]));
    assert!(
        found[0].contains("/etc/lumen/helper.json: missing field"),
        "{found:?}"
    );
    assert!(
        found[0].contains("; sudo /opt/lumen/bin/klipper-lumen helper install"),
        "{found:?}"
    );
    fake.helper(USER, PWM);
    check(&fake.examine(PWM, &[]), &[]);
}

#[test]
fn the_helper_has_the_strips_of_the_config_and_its_user() {
    let fake = Fake::new(PI_4);
    fake.helper(USER, PWM);
    let longer = PWM.replace("30", "31");
    let found = faults(&fake.examine(&longer, &[]));
    assert!(
        found[0].contains("has other settings: strip 'case'"),
        "{found:?}"
    );
    fake.helper(USER + 1, PWM);
    let found = faults(&fake.examine(PWM, &[]));
    assert!(
        found[0].contains("the user that runs Klipper may not use it"),
        "{found:?}"
    );
}

#[test]
fn the_helper_is_of_the_version_of_klippy() {
    let fake = Fake::new(PI_4);
    fake.helper(USER, PWM);
    let copy = "opt/lumen/lib/python3.11/site-packages/klipper_lumen/_engine.abi3.so";
    let own = fake.root.join("_engine.abi3.so");
    fake.file("_engine.abi3.so", "new").file(copy, "new");
    let found = |fake: &Fake| {
        let board = Board::new(&fake.root);
        faults(&examine_computer(
            &board,
            &user(&[]),
            Some(&plan(PWM)),
            Some(&own),
        ))
    };
    assert_eq!(found(&fake), [""; 0]);
    for other in ["old", "older"] {
        fake.file(copy, other);
        assert!(
            found(&fake)[0].contains("it is of another version than the package of klippy"),
            "{other}"
        );
    }
}

#[test]
fn analog_audio_takes_the_pwm() {
    let fake = Fake::new(PI_3);
    let pcm = r#"{"driver": "gpio", "pin": "21", "count": "30"}"#;
    fake.helper(USER, PWM)
        .file("boot/config.txt", "dtparam=audio=on\n");
    let found = faults(&fake.examine(PWM, &[]));
    assert!(found[0].contains("dtparam=audio=off"), "{found:?}");
    fake.helper(USER, pcm);
    check(&fake.examine(pcm, &[]), &[]);
}

#[test]
fn a_weak_supply_of_the_computer() {
    let supply = "sys/devices/platform/soc/soc:firmware/get_throttled";
    let strip = r#"{"driver": "memory", "count": "3"}"#;
    let fake = Fake::new(PI_4);
    fake.file(supply, "0\n");
    check(&fake.examine(strip, &[]), &[]);
    fake.file(supply, "50005\n");
    let found = faults(&fake.examine(strip, &[]));
    assert!(found[0].contains("now: the supply voltage is too low, the CPU is throttled"));
    assert!(found[0].contains("a separate supply for the strips"));
    fake.file(supply, "80000\n");
    let found = faults(&fake.examine(strip, &[]));
    assert!(
        found[0].contains("since the boot, at times: the CPU is near"),
        "{found:?}"
    );
    assert!(found[0].contains("cool the computer better"), "{found:?}");
}

#[test]
fn a_weak_supply_on_a_kernel_without_the_file_of_the_firmware() {
    let strip = r#"{"driver": "memory", "count": "3"}"#;
    let fake = Fake::new(PI_5);
    fake.file("sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
        .file("sys/class/hwmon/hwmon1/name", "rpi_volt\n")
        .file("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n");
    check(&fake.examine(strip, &[]), &[]);
    fake.file("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
    let found = faults(&fake.examine(strip, &[]));
    assert!(
        found[0].contains("the supply voltage is or was too low"),
        "{found:?}"
    );
    assert!(found[0].contains("a better supply"), "{found:?}");
}

#[test]
fn a_long_strip_without_a_limit_of_the_current() {
    let fake = Fake::new(PI_4);
    let long = r#"{"driver": "memory", "count": "100"}"#;
    let found = faults(&fake.examine(long, &[]));
    assert!(
        found[0].contains("4900 mA at full white, without a limit"),
        "{found:?}"
    );
    let limited = r#"{"driver": "memory", "count": "100", "max_current": "2000"}"#;
    check(&fake.examine(limited, &[]), &[]);
}

#[test]
fn a_computer_without_any_of_the_files() {
    let user = User {
        uid: 1,
        groups: Vec::new(),
    };
    let found = examine_computer(&Board::new(Path::new("/nonexistent")), &user, None, None);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].level, Level::Ok);
}
