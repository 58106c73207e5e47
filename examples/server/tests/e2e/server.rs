//! The built server on a fresh store, and programs that talk to it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

/// A line of the table of sign-ins.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) roles: String,
    pub(crate) login: String,
    pub(crate) password: String,
    secret: Vec<u8>,
}

impl Account {
    /// Computes the code of this moment (RFC 6238, RFC 4226 §5.3), apart from what the server computes.
    pub(crate) fn code(&self) -> String {
        let step = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 30;
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&self.secret).unwrap();
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[19] & 0x0f);
        let word = u32::from_be_bytes(digest[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", word % 1_000_000)
    }
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Kept open, so that the server may print.
    _stdout: BufReader<ChildStdout>,
    pub(crate) url: String,
    /// Everything printed before the address.
    pub(crate) printed: String,
    pub(crate) accounts: Vec<Account>,
}

impl Server {
    /// Starts the server with the demo in `data` and waits until it listens.
    pub(crate) fn start(data: &Path) -> Self {
        Self::with(data, &[])
    }

    /// The same with these settings in its environment.
    pub(crate) fn with(data: &Path, settings: &[(&str, &str)]) -> Self {
        Self::at(data, 0, settings)
    }

    /// Has browsers come by another address.
    pub(crate) fn called(self, url: &str) -> Self {
        let mut server = self;
        url.clone_into(&mut server.url);
        server
    }

    /// The same on this port.
    pub(crate) fn at(data: &Path, port: u16, settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mentalspace-server"))
            .args(["--demo", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data)
            .env("RUST_LOG", "error")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (mut printed, mut line) = (String::new(), String::new());
        let url = loop {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "the server ended: {printed}");
            if let Some(url) = line.strip_prefix("Listening on ") {
                break url.trim().to_owned();
            }
            printed.push_str(&line);
        };
        let accounts = printed.lines().filter_map(account).collect();
        Self { child, _stdout: stdout, url, printed, accounts }
    }

    /// Returns the first account with exactly these roles.
    pub(crate) fn account(&self, roles: &str) -> &Account {
        self.accounts.iter().find(|account| account.roles == roles).unwrap()
    }

    /// Ends the server at once, without a word (SIGKILL).
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn account(line: &str) -> Option<Account> {
    let cells: Vec<&str> = line.split_whitespace().collect();
    let [roles, login, password, secret] = cells[..] else { return None };
    let secret = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, secret).filter(|s| s.len() == 20)?;
    Some(Account { roles: roles.to_owned(), login: login.to_owned(), password: password.to_owned(), secret })
}

/// A program that uses the API with a bearer token, which outlives the server that gave it.
#[derive(Clone)]
pub(crate) struct Program {
    agent: ureq::Agent,
    token: String,
}

impl Program {
    pub(crate) fn sign_in(server: &Server, account: &Account) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let mut program = Self { agent: config.build().into(), token: String::new() };
        let credentials = json!({ "login": account.login, "password": account.password });
        let (status, answer) = program.post(&server.url, "/api/v1/sessions", &credentials).unwrap();
        assert_eq!((status, &answer["next"]), (201, &json!("code")), "{answer}");
        program.token = answer["token"].as_str().unwrap().to_owned();
        let code = json!({ "code": account.code() });
        let (status, answer) = program.post(&server.url, "/api/v1/sessions/current/second-factor", &code).unwrap();
        assert_eq!((status, &answer["next"]), (200, &json!("work")), "{answer}");
        program.token = answer["token"].as_str().unwrap().to_owned();
        program
    }

    /// Sends JSON; an error means that nobody knows what became of it.
    pub(crate) fn post(&self, url: &str, path: &str, body: &Value) -> Result<(u16, Value), ureq::Error> {
        self.send(url, path, "application/json", body.to_string().as_bytes())
    }

    /// Replaces what is at a path.
    pub(crate) fn put(&self, server: &Server, path: &str, body: &Value) -> u16 {
        let request = self.agent.put(format!("{}{path}", server.url)).content_type("application/json");
        let request = request.header("authorization", format!("Bearer {}", self.token));
        request.send(body.to_string().as_bytes()).unwrap().status().as_u16()
    }

    /// Uploads a remittance.
    pub(crate) fn upload(&self, url: &str, file: &str) -> Result<(u16, Value), ureq::Error> {
        self.send(url, "/api/v1/remittances", "application/edi-x12", file.as_bytes())
    }

    fn send(&self, url: &str, path: &str, kind: &str, body: &[u8]) -> Result<(u16, Value), ureq::Error> {
        let mut request = self.agent.post(format!("{url}{path}")).content_type(kind);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let mut answer = request.send(body)?;
        Ok((answer.status().as_u16(), answer.body_mut().read_json().unwrap_or_default()))
    }

    /// Reads JSON that must be there.
    pub(crate) fn get(&self, server: &Server, path: &str) -> Value {
        let request = self.agent.get(format!("{}{path}", server.url));
        let mut answer = request.header("authorization", format!("Bearer {}", self.token)).call().unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_json().unwrap()
    }
}
