#!/bin/sh
# Reports which tests were skipped on this machine, and what they need.
if command -v chromedriver >/dev/null && command -v chromium >/dev/null; then
    echo "No test was skipped."
else
    echo "Skipped: the browser tests (tests/black_box/browser.rs), which need chromium and chromedriver."
fi
