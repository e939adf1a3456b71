//! Compares the routes of the JSON API with the list in `docs/api.md`, but not their input and output.

use std::collections::BTreeSet;

use crate::support::all_routes;

/// Returns the routes in the first column of the table.
fn documented() -> BTreeSet<String> {
    let text = include_str!("../../../../docs/api.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let routes = rows.filter_map(|row| row.split('`').next());
    routes
        .map(|route| route.replace("{key}", "k").replace("{id}", "none"))
        .collect()
}

#[test]
fn documentation_lists_exactly_the_api_routes() {
    let routes = all_routes()
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/"));
    let routes: BTreeSet<_> = routes.map(|(method, path)| format!("{method} {path}")).collect();
    assert_eq!(documented(), routes);
}
