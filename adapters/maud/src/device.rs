//! What a device is called on a page, by what its `User-Agent` says of itself.
//!
//! It is a help to recognise one's own devices and no more: anybody may send any header. Versions and models
//! are left out, so that a device keeps its name through updates.

/// Browsers and programs by the part that tells them apart, the more special first: nearly every browser
/// also claims to be Chrome or Safari.
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

/// Systems, the more special first: Android also says that it is Linux.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

/// Names the device that sent a `User-Agent`.
///
/// ```
/// use kunci_maud::device_in_words;
///
/// let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// assert_eq!(device_in_words(agent), "Firefox on Linux");
/// assert_eq!(device_in_words(""), "Unknown device");
/// ```
#[must_use]
pub fn device_in_words(user_agent: &str) -> String {
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
