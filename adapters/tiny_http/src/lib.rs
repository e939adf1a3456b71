//! Hosts a service on tiny_http.
