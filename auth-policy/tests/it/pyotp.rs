//! The same codes as pyotp, an implementation of others in another language.

use std::process::Command;

use chrono::{DateTime, TimeDelta};
use mentalspace_auth_policy::totp::{Drift, TotpAuthenticator, TotpSecret, Window};
use secrecy::ExposeSecret;

/// Reads secrets and moments, writes the codes, and reads an address as an app does.
const PEER: &str = "
import sys, pyotp
for line in sys.stdin:
    address, moment = line.split()
    totp = pyotp.parse_uri(address)
    assert totp.interval == 30 and totp.digits == 6, address
    print(totp.at(int(moment)))
";

#[test]
fn codes_are_those_of_pyotp() {
    let Some(peers) = std::env::var_os("MENTALSPACE_PEERS") else {
        assert!(std::env::var_os("MENTALSPACE_REQUIRE_TOOLS").is_none(), "pyotp is to be installed by scripts/peers");
        return;
    };
    let python = std::path::Path::new(&peers).join("pyotp/bin/python");
    let mut input = String::new();
    let mut asked = Vec::new();
    for n in 0..60_u8 {
        let mut bytes = [0; 20];
        for (at, byte) in (0_u8..).zip(&mut bytes) {
            *byte = n.wrapping_mul(37).wrapping_add(at.wrapping_mul(n)) ^ 0x5a;
        }
        let secret = TotpSecret::from_bytes(bytes);
        let moment = 1_700_000_000 + i64::from(n) * 7_919_777;
        let address = secret.expose_uri("MentalSpace", "ada@harbor.example").unwrap();
        input.push_str(&format!("{} {moment}\n", address.expose_secret()));
        asked.push((bytes, moment));
    }
    let folder = std::env::temp_dir().join(format!("mentalspace-pyotp-{}", std::process::id()));
    std::fs::write(&folder, input).unwrap();
    let answered =
        Command::new(python).args(["-c", PEER]).stdin(std::fs::File::open(&folder).unwrap()).output().unwrap();
    std::fs::remove_file(&folder).unwrap();
    assert!(answered.status.success(), "{}", String::from_utf8_lossy(&answered.stderr));
    let codes = String::from_utf8(answered.stdout).unwrap();
    let codes: Vec<&str> = codes.lines().collect();
    assert_eq!(codes.len(), asked.len());
    for ((bytes, moment), code) in asked.into_iter().zip(codes) {
        let authenticator = TotpAuthenticator::restore(TotpSecret::from_bytes(bytes), None, Drift::default());
        let now = DateTime::from_timestamp(moment, 0).unwrap();
        assert!(authenticator.verify(code, now, Window::Current).is_ok(), "at {moment}");
        let later = now + TimeDelta::seconds(60);
        assert!(authenticator.verify(code, later, Window::Current).is_err(), "a minute after {moment}");
    }
}
