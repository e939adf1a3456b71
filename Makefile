# Two commands are enough: `make run` and `make test`. Both do their own set-up on a machine with Rust,
# a C compiler and make.

CARGO ?= cargo

.PHONY: run test drills check release minimal gallery bench bench-scale bench-build clean

## Builds, and starts Kunci on http://localhost:8080 with SQLite under ./data, or as the settings say.
run:
	$(CARGO) run --quiet --locked -- serve

## Builds and runs every test that this machine can run, and names what it left out and why.
test:
	$(CARGO) test --locked --workspace --quiet
	@tests/left_out.sh

## Attacks the sign-in and prints the figures of docs/accounts.md. Takes about twelve minutes.
drills:
	$(CARGO) run --quiet --locked --release -p kunci-domain --example guessing
	$(CARGO) run --quiet --locked --example sign_in_timing

## Checks formatting, lints, documentation, and that the tools of the benchmarks compile; any warning fails.
check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --quiet -- -D warnings
	cd benches/tools && RUSTFLAGS="-D warnings" \
		$(CARGO) check --quiet --all-targets --target-dir ../../target/bench/check
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --document-private-items --quiet

## Builds the optimised binary for deployment. Takes minutes.
release:
	$(CARGO) build --locked --release
	@ls -l target/release/kunci

## Builds the minimal binary (tiny_http, SQLite, memory), and fails if it is not below 5 MB.
minimal:
	$(CARGO) build --locked --profile minimal --no-default-features --features minimal
	@ls -l target/minimal/kunci
	@test $$(stat -c %s target/minimal/kunci) -lt 5000000

## Renders every page in every state into target/gallery, for the eye.
gallery:
	$(CARGO) run --quiet --locked -p kunci-maud --example gallery -- target/gallery


# Benchmarks keep what they build and fill below target/bench; wrk and Python come from the system. The tools
# follow the dependencies of the crates that they measure, so their lock file is not held to.
BENCH_BUILD = $(CARGO) build --quiet --locked --release --target-dir ../../target/bench/build
BENCH_PYTHON = benches/.venv/bin/python

## Builds what the benchmarks run, and the virtual environment of their Python parts.
bench-build: benches/.venv/ready
	@command -v wrk >/dev/null || { echo "wrk is missing: on Debian, run apt-get install wrk" >&2; exit 1; }
	$(CARGO) build --quiet --locked --release --target-dir target
	cd benches/peers && $(BENCH_BUILD)
	cd benches/tools && $(BENCH_BUILD:--locked=)

benches/.venv/ready: benches/peers/requirements.txt
	@python3 -c "import ensurepip, venv" || \
		{ echo "Python is missing: on Debian, run apt-get install python3 python3-venv" >&2; exit 1; }
	python3 -m venv benches/.venv
	benches/.venv/bin/pip install --quiet --disable-pip-version-check -r benches/peers/requirements.txt
	touch $@

## Measures the hot paths, then Kunci beside its peers, and renews docs/performance.md. Takes about ten minutes.
bench: bench-build
	cd benches/tools && $(CARGO) bench --quiet --target-dir ../../target/bench/build
	$(BENCH_PYTHON) benches/compare.py

## Measures Kunci with ten thousand, a million and ten million sessions. Takes twenty to thirty minutes and 5 GB of disk.
bench-scale: bench-build
	$(BENCH_PYTHON) benches/scale.py

clean:
	$(CARGO) clean
