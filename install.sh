#!/bin/sh
# Sets up Lumen for the printers of this user: finds a wheel, and lets `klipper-lumen setup` do the
# rest. It changes nothing before it has listed the steps and you have agreed.
#
#   ./install.sh [--from PATH] [options of klipper-lumen setup]
#
# The wheels are taken from PATH (a wheel, or a folder of wheels), else from the folder of this file
# or dist/printers in it, else from the package index. `./install.sh --help` lists all options.
set -eu

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
wheels=
python=
is_next=
for word in "$@"; do
    case "$is_next" in
        from) wheels=$word ;;
        env) python=$word/bin/python ;;
    esac
    is_next=
    case "$word" in
        --from) is_next=from ;;
        --from=*) wheels=${word#--from=} ;;
        --env) is_next=env ;;
        --env=*) python=${word#--env=}/bin/python ;;
    esac
done

if [ -z "$wheels" ]; then
    for folder in "$here" "$here/dist/printers"; do
        if ls "$folder"/klipper_lumen-*.whl >/dev/null 2>&1; then
            wheels=$folder
            set -- --from "$wheels" "$@"
            break
        fi
    done
fi
for folder in "$HOME/klippy-env" "$HOME/kalico-env"; do
    [ -n "$python" ] || [ ! -x "$folder/bin/python" ] || python=$folder/bin/python
done
if [ -z "$python" ] && [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER-}" ]; then
    fail "run this as the user that runs Klipper, without sudo"
fi
[ -n "$python" ] || fail "no klippy-env in $HOME; add --env DIR, the Python environment of klippy"
[ -x "$python" ] || fail "$python does not exist; add --env DIR, the Python environment of klippy"

# A copy of Lumen in a temporary folder does the set-up, so that nothing is installed before you
# agree, and no version of klippy's environment matters.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM
if [ -n "$wheels" ]; then
    [ -e "$wheels" ] || fail "$wheels does not exist"
    if [ -f "$wheels" ]; then folder=$(dirname -- "$wheels"); else folder=$wheels; fi
    source="--no-index --find-links"
else
    folder=
    source=
fi
# shellcheck disable=SC2086 # $source is none or two words
"$python" -m pip --disable-pip-version-check --quiet install --no-deps --only-binary klipper-lumen \
    --target "$copy" $source ${folder:+"$folder"} klipper-lumen ||
    fail "no wheel of klipper-lumen fits $("$python" --version 2>&1) on $(uname -m); see docs/Install.md"
PYTHONPATH=$copy "$python" -m klipper_lumen setup "$@"
