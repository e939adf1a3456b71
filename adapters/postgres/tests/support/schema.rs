//! A schema of its own for each test, on the server of `KUNCI_TEST_POSTGRES_URL`.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls};

/// The server of the tests unless `KUNCI_TEST_POSTGRES_URL` names another.
const DEFAULT: &str = "postgres://postgres@localhost:5432/test";

/// Returns the URL of the server of the tests.
pub(crate) fn server() -> String {
    std::env::var("KUNCI_TEST_POSTGRES_URL").unwrap_or_else(|_| DEFAULT.to_owned())
}

/// Returns what stands before and after the host in the URL of the server.
fn server_parts() -> (String, String) {
    let server = server();
    let (_, rest) = server.split_once("://").expect("a URL");
    let (host, database) = rest.split_once('/').expect("a URL with a database");
    let user = host.rfind('@').map_or("", |at| &host[..=at]);
    (user.to_owned(), database.to_owned())
}

/// Returns the address of the server, for a proxy.
pub(crate) fn server_address() -> SocketAddr {
    let server = server();
    let (_, rest) = server.split_once("://").expect("a URL");
    let host = rest.split('/').next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let port = if host.contains(':') { "" } else { ":5432" };
    let mut addresses = format!("{host}{port}").to_socket_addrs().expect("an address");
    addresses.find(SocketAddr::is_ipv4).expect("an IPv4 address")
}

/// A connection that bypasses the store.
pub(crate) struct Direct {
    client: Client,
    runtime: Runtime,
}

impl Direct {
    pub(crate) fn connect(url: &str) -> Result<Self, tokio_postgres::Error> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            Ok(client)
        })?;
        Ok(Self { client, runtime })
    }

    #[track_caller]
    pub(crate) fn run(&self, sql: &str) {
        self.runtime.block_on(self.client.batch_execute(sql)).expect(sql);
    }

    /// Returns the only value of a query.
    #[track_caller]
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.runtime
            .block_on(self.client.query_one(sql, &[]))
            .expect(sql)
            .get(0)
    }
}

/// A new schema, which is dropped with its tables.
pub(crate) struct Schema {
    name: String,
}

impl Schema {
    /// Creates a schema, or returns `None` if no server answers: the test is then left out, and
    /// `tests/left_out.sh` says so. With `KUNCI_TEST_REQUIRE=1` it fails.
    #[track_caller]
    pub(crate) fn create() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let direct = match Direct::connect(&server()) {
            Ok(direct) => direct,
            Err(_) if std::env::var_os("KUNCI_TEST_REQUIRE").is_none() => return None,
            Err(error) => panic!("no PostgreSQL server answers: {error:?}"),
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kunci_test_{}_{number}", std::process::id());
        direct.run(&format!("CREATE SCHEMA {name}"));
        Some(Self { name })
    }

    /// Returns the URL of the schema, on the server or behind a proxy.
    pub(crate) fn url_at(&self, address: Option<SocketAddr>) -> String {
        let url = match (address, server_parts()) {
            (None, _) => server(),
            (Some(address), (credentials, rest)) => format!("postgres://{credentials}{address}/{rest}"),
        };
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}options=-c%20search_path%3D{}", self.name)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the URL of the schema.
    pub(crate) fn url(&self) -> String {
        self.url_at(None)
    }

    /// Returns a connection to this schema that bypasses the store.
    pub(crate) fn direct(&self) -> Direct {
        Direct::connect(&self.url()).expect("the server answers")
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Ok(direct) = Direct::connect(&server()) {
            direct.run(&format!("DROP SCHEMA {} CASCADE", self.name));
        }
    }
}
