#!/bin/sh
# Says which tests did nothing on this machine, and what they would need.
if command -v chromedriver >/dev/null && command -v chromium >/dev/null; then
    echo "Nothing was left out."
else
    echo "Left out: the tests in a real browser (tests/black_box/browser.rs), which need chromium and chromedriver."
fi
