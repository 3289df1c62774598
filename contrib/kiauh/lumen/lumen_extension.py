"""Installs, updates and removes Lumen. `klipper-lumen setup` does the work."""

from __future__ import annotations

from subprocess import CalledProcessError, run

from components.klipper import KLIPPER_DIR, KLIPPER_ENV_DIR
from components.klipper.klipper import Klipper
from core.instance_manager.instance_manager import InstanceManager
from core.logger import DialogType, Logger
from extensions.base_extension import BaseExtension
from extensions.lumen import MODULE, PACKAGE, PYTHON
from utils.input_utils import get_confirm
from utils.instance_utils import get_instances

KLIPPY = KLIPPER_ENV_DIR.joinpath("bin", "python")
VERSION = "import sys; sys.exit(sys.version_info[:2] < %r)" % (PYTHON,)


# noinspection PyMethodMayBeStatic
class LumenExtension(BaseExtension):
    """The extension in KIAUH's menu."""

    def install_extension(self, **kwargs: object) -> None:
        """Installs the package, adds it to Klipper, and writes a first config."""
        Logger.print_status("Installing Lumen ...")
        if not self._is_possible():
            return
        with_moonraker = get_confirm(
            "Add Lumen to Moonraker's update manager?", default_choice=True, allow_go_back=False
        )
        setup = ["setup", "--yes", *(["--moonraker"] if with_moonraker else [])]
        if self._did([self._pip("install"), self._lumen(*setup)], "installed"):
            Logger.print_dialog(
                DialogType.INFO,
                [
                    "Lumen has written lumen.cfg with a group for each LED section of Klipper.",
                    "For a strip on the computer, see the quick start of Lumen.",
                    "This command finds what is wrong:",
                    "\n\n",
                    "%s -m %s doctor" % (KLIPPY, MODULE),
                ],
            )

    def update_extension(self, **kwargs: object) -> None:
        """Updates the package, and the loader in Klipper's tree."""
        Logger.print_status("Updating Lumen ...")
        if self._is_possible():
            steps = [self._pip("install", "--upgrade"), self._lumen("setup", "--yes")]
            self._did(steps, "updated")

    def remove_extension(self, **kwargs: object) -> None:
        """Removes Lumen from Klipper; printer.cfg must have no section of Lumen any more."""
        Logger.print_status("Removing Lumen ...")
        if not KLIPPY.exists():
            Logger.print_warn("There is no %s" % KLIPPY)
            return
        self._did([self._lumen("setup", "--uninstall", "--yes")], "removed")

    def _is_possible(self) -> bool:
        if not KLIPPER_DIR.exists() or not KLIPPY.exists():
            Logger.print_warn("Install Klipper first: there is no %s" % KLIPPY)
            return False
        if run([str(KLIPPY), "-c", VERSION], check=False).returncode:
            Logger.print_warn("Lumen needs Python %d.%d in klippy-env" % PYTHON)
            return False
        return True

    def _pip(self, *words: str) -> list[str]:
        return [str(KLIPPY), "-m", "pip", *words, PACKAGE]

    def _lumen(self, *words: str) -> list[str]:
        return [str(KLIPPY), "-m", MODULE, *words]

    def _did(self, steps: list[list[str]], what: str) -> bool:
        """Runs the steps, and restarts Klipper if the user agrees; returns whether they worked."""
        try:
            for step in steps:
                run(step, check=True)
        except (CalledProcessError, OSError) as error:
            Logger.print_error("Lumen was not %s: %s" % (what, error))
            return False
        Logger.print_ok("Lumen was %s" % what)
        instances: list[Klipper] = get_instances(Klipper)
        question = "Restart Klipper now? Do not do this during a print."
        if instances and get_confirm(question, default_choice=False, allow_go_back=False):
            InstanceManager.restart_all(instances)
        return True
