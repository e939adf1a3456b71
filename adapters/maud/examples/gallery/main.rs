//! Writes every view in every state to a folder, for viewing with any static file server.
//!
//!     cargo run -p kunci-maud --example gallery -- [FOLDER]
//!
//! The default folder is `target/gallery`. The pages expect it to be the root of the server. Forms do not
//! work, because no program handles them.

mod states;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use kunci_maud::{assets, qr_svg};
use maud::{DOCTYPE, Markup, html};

use crate::states::{Sample, State, Viewer, states};

fn main() -> io::Result<()> {
    let folder = env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("target/gallery"), PathBuf::from);
    let sample = Sample::realistic();
    let states = states(&sample);
    write_assets(&folder.join("assets"))?;
    write_qr_code(&folder.join("account/second-factor"), &sample.uri)?;
    write_pages(&folder, &states)?;
    println!("{} pages in {}", states.len(), folder.display());
    Ok(())
}

fn write_assets(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for asset in assets::all() {
        fs::write(folder.join(&asset.name), asset.bytes)?;
    }
    Ok(())
}

fn write_qr_code(folder: &Path, uri: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("qr.svg"), qr_svg(uri).unwrap_or_default())
}

fn write_pages(folder: &Path, states: &[State]) -> io::Result<()> {
    for state in states {
        fs::write(folder.join(format!("{}.html", state.name)), &state.page.0)?;
    }
    fs::write(folder.join("index.html"), index(states).into_string())
}

fn index(states: &[State]) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "Gallery" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="stylesheet" href=(assets::style().path());
            }
            body {
                main {
                    div.wide {
                        h1 { "Gallery" }
                        ul.ways {
                            @for state in states {
                                li {
                                    a href={ "/" (state.name) ".html" } {
                                        b { (state.name) }
                                        @match state.viewer {
                                            Viewer::Visitor => {}
                                            Viewer::SignedIn => span { "Signed in" }
                                            Viewer::Restricted => span { "Restricted" }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
