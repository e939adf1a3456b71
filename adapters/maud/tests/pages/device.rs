//! Names of devices.

use kunci_maud::device_name;

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    for (agent, want) in rows {
        assert_eq!(device_name(agent), *want, "{agent}");
    }
}

/// Returns the `User-Agent` of a browser of the WebKit family.
fn webkit(system: &str, rest: &str) -> String {
    format!("Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {rest}")
}

#[test]
fn browsers_are_distinguished() {
    let windows = |rest: &str| webkit("Windows NT 10.0; Win64; x64", rest);
    check(&[
        (&windows("Chrome/150.0.0.0 Safari/537.36"), "Chrome on Windows"),
        (
            &windows("Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0"),
            "Edge on Windows",
        ),
        (
            &windows("Chrome/150.0.0.0 Safari/537.36 OPR/130.0.0.0"),
            "Opera on Windows",
        ),
        (
            &windows("Chrome/150.0.0.0 Safari/537.36 Vivaldi/7.9"),
            "Vivaldi on Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            &webkit(
                "Macintosh; Intel Mac OS X 10_15_7",
                "Version/19.0 Safari/605.1.15",
            ),
            "Safari on Mac",
        ),
        (
            &webkit("X11; CrOS x86_64 14541.0.0", "Chrome/150.0.0.0 Safari/537.36"),
            "Chrome on ChromeOS",
        ),
    ]);
}

#[test]
fn phones_are_not_named_after_other_systems() {
    let iphone = |rest: &str| webkit("iPhone; CPU iPhone OS 19_0 like Mac OS X", rest);
    let android = |rest: &str| webkit("Linux; Android 10; K", rest);
    check(&[
        (
            &iphone("Version/19.0 Mobile/15E148 Safari/604.1"),
            "Safari on iPhone",
        ),
        (
            &iphone("CriOS/150.0 Mobile/15E148 Safari/604.1"),
            "Chrome on iPhone",
        ),
        (
            &iphone("FxiOS/140.0 Mobile/15E148 Safari/605.1.15"),
            "Firefox on iPhone",
        ),
        (
            &android("Chrome/150.0.0.0 Mobile Safari/537.36"),
            "Chrome on Android",
        ),
        (
            &android("SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36"),
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
            "Firefox on Android",
        ),
    ]);
}

#[test]
fn programs_and_unknown_devices_have_names() {
    check(&[
        ("curl/8.14.1", "curl"),
        ("Wget/1.25.0", "Wget"),
        ("python-requests/2.32.4", "Python"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Unknown program on Linux"),
        ("", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
    ]);
}
