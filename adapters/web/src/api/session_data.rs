//! `/api/v1/session/data`: values that the application stores in the session, also for visitors.

use std::collections::BTreeMap;

use kunci_domain::SessionData;
use serde_json::{Value, json};

use crate::errors::Error;
use crate::kit::{Access, Endpoint, Request, Response, json};

const ALL: &str = "/api/v1/session/data";
const ONE: &str = "/api/v1/session/data/{key}";

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get(ALL, Access::Anyone, show_all),
    Endpoint::delete(ALL, Access::Anyone, clear),
    Endpoint::get(ONE, Access::Anyone, show),
    Endpoint::put(ONE, Access::Anyone, put),
    Endpoint::delete(ONE, Access::Anyone, remove),
];

fn show_all(request: &mut Request) -> Result<Response, Error> {
    let data: BTreeMap<&str, &Value> = request.session.data().iter().collect();
    Ok(json(&json!({"data": data})))
}

fn clear(request: &mut Request) -> Result<Response, Error> {
    request.session().clear();
    Ok(json(&json!({"data": {}})))
}

fn show(request: &mut Request) -> Result<Response, Error> {
    let key = key(request)?;
    let value = request.session.data().get(&key).ok_or(Error::NoSuchValue)?;
    Ok(json(&json!({"key": key, "value": value})))
}

fn put(request: &mut Request) -> Result<Response, Error> {
    let key = key(request)?;
    let value = request.json_value()?;
    request.session().insert(&key, &value)?;
    Ok(json(&json!({"key": key, "value": value})))
}

/// Returns the removed value, or `null` if the key is absent.
fn remove(request: &mut Request) -> Result<Response, Error> {
    let key = key(request)?;
    let value: Option<Value> = request.session().remove(&key)?;
    Ok(json(&json!({"key": key, "value": value})))
}

fn key(request: &Request) -> Result<String, Error> {
    let key = request.param("key")?;
    SessionData::check_key(&key)?;
    Ok(key)
}
