# Two commands are enough: `make run` and `make test`. Both do their own set-up on a machine with Rust,
# a C compiler and make.

CARGO ?= cargo

.PHONY: run test check release gallery clean

## Builds, and starts Kunci on http://localhost:8080 with SQLite under ./data.
run:
	$(CARGO) run --quiet --locked -- serve --listen 127.0.0.1:8080 --data ./data

## Builds and runs every test that this machine can run, and says what was left out and why.
test:
	$(CARGO) test --locked --workspace --quiet
	@tests/left_out.sh

## Format, lints and docs; nothing may be complained of.
check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --document-private-items --quiet

## The binary as it is to be deployed: small, with whole-program optimisation. Takes minutes.
release:
	$(CARGO) build --locked --release
	@ls -l target/release/kunci

## Renders every page in every state into target/gallery, for the eye.
gallery:
	$(CARGO) run --quiet --locked -p kunci-maud --example gallery -- target/gallery

clean:
	$(CARGO) clean
