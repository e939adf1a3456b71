//! What devices are called.

use kunci_maud::device_in_words;

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    for (agent, want) in rows {
        assert_eq!(device_in_words(agent), *want, "{agent}");
    }
}

/// What a browser of the family that most are of says of itself.
fn webkit(system: &str, rest: &str) -> String {
    format!("Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {rest}")
}

#[test]
fn browsers_are_told_apart_although_each_claims_to_be_another() {
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
fn phones_are_not_taken_for_the_systems_that_they_also_name() {
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
fn programs_have_names_and_what_is_unknown_says_so() {
    check(&[
        ("curl/8.14.1", "curl"),
        ("Wget/1.25.0", "Wget"),
        ("python-requests/2.32.4", "Python"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Unknown program on Linux"),
        ("", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
    ]);
}
