//! Describes a device for a mail.
//!
//! A client may send any user agent, so a mail never quotes it: it only contains the names listed here.

use kunci_domain::Device;

/// Substrings of user agents and the names of the programs. Browsers also mention their ancestors, so the
/// most specific entries come first.
const PROGRAMS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Returns the device and its address, such as `Firefox on Linux, 192.0.2.7`, or `None` if both are unknown.
pub(crate) fn description(device: &Device) -> Option<String> {
    let address = device.address().map(|address| address.to_string());
    match (program(device.user_agent()), address) {
        (None, None) => None,
        (Some(program), None) => Some(program),
        (None, Some(address)) => Some(address),
        (Some(program), Some(address)) => Some(format!("{program}, {address}")),
    }
}

fn program(user_agent: &str) -> Option<String> {
    if user_agent.is_empty() {
        return None;
    }
    let known = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mention, _)| user_agent.contains(mention))
            .map(|(_, name)| *name)
    };
    Some(match (known(PROGRAMS), known(SYSTEMS)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.to_owned(),
        (None, Some(system)) => format!("a program on {system}"),
        (None, None) => "an unknown program".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(user_agent: &str, address: Option<[u8; 4]>, want: Option<&str>) {
        let device = Device::new(user_agent, address.map(Into::into));
        assert_eq!(description(&device).as_deref(), want);
    }

    #[test]
    fn known_programs_and_systems_are_named() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
        let chrome = "Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0 Mobile Safari/537.36";
        check(firefox, Some([192, 0, 2, 7]), Some("Firefox on Linux, 192.0.2.7"));
        check(edge, None, Some("Edge on Windows"));
        check(safari, None, Some("Safari on an iPhone"));
        check(chrome, None, Some("Chrome on Android"));
        check("curl/8.5.0", None, Some("curl"));
        check("", Some([192, 0, 2, 7]), Some("192.0.2.7"));
        check("", None, None);
    }

    #[test]
    fn unknown_user_agents_are_not_quoted() {
        check(
            "Urgent: visit http://evil.example",
            None,
            Some("an unknown program"),
        );
        check(
            "http://evil.example (Windows)",
            None,
            Some("a program on Windows"),
        );
    }
}
