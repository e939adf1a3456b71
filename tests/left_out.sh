#!/bin/bash
# Reports which tests were skipped on this machine, and what they need.
skipped=
if ! command -v chromedriver >/dev/null || ! command -v chromium >/dev/null; then
    skipped=1
    echo "Skipped: the browser tests in tests/black_box, which need chromium and chromedriver."
fi

url=${KUNCI_TEST_POSTGRES_URL:-postgres://postgres@localhost:5432/test}
host=${url#*://} host=${host%%/*} host=${host##*@}
port=5432
case $host in *:*) port=${host##*:} host=${host%:*} ;; esac
if ! timeout 5 bash -c ": </dev/tcp/$host/$port" 2>/dev/null; then
    skipped=1
    echo "Skipped: the tests with PostgreSQL (adapters/postgres/tests, tests/black_box/remote_store.rs)," \
        "which need a server at $host:$port or KUNCI_TEST_POSTGRES_URL."
fi

[ -n "$skipped" ] || echo "No test was skipped."
