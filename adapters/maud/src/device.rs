//! Names for devices, derived from their `User-Agent`.
//!
//! The names help users to recognise their devices. They are not reliable, because clients can send any
//! `User-Agent`. Versions and models are omitted, so a device keeps its name after an update.

/// Browsers and programs by the token that identifies them. More specific tokens come first, because nearly
/// every browser also claims to be Chrome or Safari.
const PROGRAMS: [(&str, &str); 18] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("HTTPie/", "HTTPie"),
    ("python-requests/", "Python"),
    ("Python-urllib/", "Python"),
    ("Go-http-client/", "Go"),
    ("okhttp/", "OkHttp"),
];

/// Operating systems. More specific tokens come first, because Android also claims to be Linux.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

/// Returns the name of the device that sent a `User-Agent`.
///
/// ```
/// use kunci_maud::device_name;
///
/// let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// assert_eq!(device_name(agent), "Firefox on Linux");
/// assert_eq!(device_name(""), "Unknown device");
/// ```
#[must_use]
pub fn device_name(user_agent: &str) -> String {
    match (named(&PROGRAMS, user_agent), named(&SYSTEMS, user_agent)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.to_owned(),
        (None, Some(system)) => format!("Unknown program on {system}"),
        (None, None) => "Unknown device".to_owned(),
    }
}

fn named(table: &[(&str, &'static str)], user_agent: &str) -> Option<&'static str> {
    let row = table.iter().find(|(part, _)| user_agent.contains(part));
    row.map(|(_, name)| *name)
}
