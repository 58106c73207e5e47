//! Guessing at passwords: counted before it is verified, slowed, and told to nobody.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, header},
};
use chrono::TimeDelta;
use mentalspace_auth_policy::password::NormalizedPassword;
use mentalspace_core::{Access, PracticeId, Role, store::Find, testing::MemoryStore};
use mentalspace_postgres::{PostgresConfig, PostgresStore};
use mentalspace_server::{
    account::User,
    app::{GuardSettings, Policies},
    attempts::{Attempts, Count},
    events::Notice,
    sender::DEVICE_COOKIE,
};
use mentalspace_sqlite::{SqliteConfig, SqliteStore};
use serde_json::json;

use crate::{
    sessions::{code, first_sign_in},
    support::{Answer, PASSWORD, TestApp, form},
};

const NORA: &str = "nora@harbor.example";

/// A sign-in over the API from an address, perhaps through proxies and from a known device.
async fn sign_in(test: &TestApp, from: &str, login: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
    let body = json!({ "login": login, "password": password }).to_string();
    let mut request = Request::post("/api/v1/sessions").header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(body)).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from.parse().unwrap(), 4711)));
    test.request(request).await
}

fn seen(answer: &Answer) -> (u16, String, Option<String>) {
    let retry = answer.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (answer.status.as_u16(), answer.text.clone(), retry)
}

async fn counts(test: &TestApp) -> Vec<Attempts> {
    let access = Access::system(PracticeId::DIRECTORY, "attempts.list", test.app.now());
    let all =
        test.app.vault().read(&access, |read| Box::pin(async move { read.find_all(Find::<Attempts>::new()).await }));
    all.await.unwrap().into_iter().map(|found| found.value).collect()
}

async fn failures(test: &TestApp, authenticator: &str, account: &str) -> u64 {
    let id = Attempts::id_for(authenticator, account);
    counts(test).await.into_iter().find(|attempts| attempts.id == id).map_or(0, |attempts| match attempts.count {
        Count::Throttle(throttle) => throttle.failures(),
        other => panic!("{other:?}"),
    })
}

async fn notices(test: &TestApp) -> Vec<&'static str> {
    let access = Access::system(test.practice, "notice.list", test.app.now());
    let all =
        test.app.vault().read(&access, |read| Box::pin(async move { read.find_all(Find::<Notice>::new()).await }));
    all.await.unwrap().into_iter().map(|notice| notice.value.event.name()).collect()
}

/// TH-1, section 7.1 rule 2, ASVS 6.3.8: unknown, wrong, disabled and locked are one answer.
#[tokio::test]
async fn unknown_wrong_shut_and_locked_are_answered_with_the_same_words_and_code() {
    let test = TestApp::new().await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let shut = test.add_person_with_password("shut", vec![Role::FrontDesk]).await;
    let access = Access::system(test.practice, "test", test.app.now());
    let shut = User { enabled: false, ..shut };
    test.app.vault().write(&access, |work| Box::pin(async move { work.update(&shut, 1).await })).await.unwrap();
    let mut answers = Vec::new();
    for (login, password) in [
        (NORA, "not the password at all"),
        ("nobody@harbor.example", "not the password at all"),
        ("shut@harbor.example", PASSWORD),
    ] {
        let mut all = Vec::new();
        for _ in 0..11 {
            let answer = sign_in(&test, "192.0.2.1", login, password, &[]).await;
            assert!(!answer.text.contains("harbor"), "{}", answer.text);
            all.push(seen(&answer));
        }
        answers.push(all);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert!(answers[0].iter().all(|answer| *answer == answers[0][0]), "locked is like wrong");
    assert_eq!(answers[0][0].0, 401);
    assert_eq!(failures(&test, "password", NORA).await, 5, "attempts during the wait are not counted");
    // Locked with the right password is locked.
    assert_eq!(seen(&sign_in(&test, "192.0.2.2", NORA, PASSWORD, &[]).await), answers[0][0]);
    test.clock.advance(TimeDelta::seconds(31));
    sign_in(&test, "192.0.2.2", NORA, PASSWORD, &[]).await.expect(201);
    assert_eq!(failures(&test, "password", NORA).await, 0);
    assert_eq!(notices(&test).await, ["signed_in_after_failures"]);
}

/// ASVS 6.1.1: failing on purpose locks nobody out who signed in from the same browser before.
#[tokio::test]
async fn a_known_device_signs_in_while_strangers_wait() {
    let test = TestApp::new().await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let sent = [("login", NORA), ("password", PASSWORD)];
    let first = test.request(form("/sign-in", None, &sent)).await.expect(303);
    let cookies = first.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let device = cookies.into_iter().find(|cookie| cookie.starts_with(DEVICE_COOKIE)).unwrap();
    assert!(device.contains("; Secure; HttpOnly; SameSite=Strict"), "{device}");
    let device = device.split(';').next().unwrap().to_owned();
    for n in 0..60 {
        sign_in(&test, &format!("198.51.100.{n}"), NORA, "wrong", &[]).await.expect(401);
    }
    sign_in(&test, "192.0.2.9", NORA, PASSWORD, &[]).await.expect(401);
    sign_in(&test, "192.0.2.9", NORA, PASSWORD, &[("cookie", &device)]).await.expect(201);
    // For another account the cookie is worth nothing.
    test.add_person_with_password("other", vec![Role::FrontDesk]).await;
    for _ in 0..5 {
        sign_in(&test, "192.0.2.9", "other@harbor.example", "wrong", &[]).await.expect(401);
    }
    sign_in(&test, "192.0.2.9", "other@harbor.example", PASSWORD, &[("cookie", &device)]).await.expect(401);
}

/// ASVS 6.3.1.
#[tokio::test]
async fn a_source_that_tries_many_accounts_waits_and_others_do_not() {
    let test = TestApp::new().await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    for n in 0..16 {
        sign_in(&test, "203.0.113.5", &format!("somebody{n}@elsewhere.example"), "Summer2026!", &[]).await.expect(401);
    }
    let refused = sign_in(&test, "203.0.113.5", NORA, PASSWORD, &[]).await.expect(429);
    assert_eq!(refused.headers["retry-after"], "1801");
    // The same subscriber in another spelling of the address.
    sign_in(&test, "::ffff:203.0.113.5", NORA, PASSWORD, &[]).await.expect(429);
    sign_in(&test, "203.0.113.6", NORA, PASSWORD, &[]).await.expect(201);
    test.clock.advance(TimeDelta::minutes(30));
    sign_in(&test, "203.0.113.5", NORA, PASSWORD, &[]).await.expect(201);
    assert_eq!(failures(&test, "password", NORA).await, 0);
}

/// The address is believed from trusted proxies only.
#[tokio::test]
async fn a_claimed_address_changes_the_source_behind_a_trusted_proxy_alone() {
    for (trusted, expected) in [("", 429), ("10.0.0.0/8", 401)] {
        let guard = GuardSettings { proxies: trusted.parse().unwrap(), ..GuardSettings::default() };
        let test = TestApp::guarded(Policies::default(), guard).await;
        for n in 0..18 {
            let claimed = format!("198.51.100.{n}");
            let login = format!("somebody{n}@elsewhere.example");
            let answer = sign_in(&test, "10.1.1.1", &login, "x", &[("x-forwarded-for", &claimed)]).await;
            if n == 17 {
                answer.expect(expected);
            }
        }
    }
}

#[tokio::test]
async fn counts_that_tell_nothing_any_more_are_forgotten_and_failures_of_accounts_are_not() {
    let test = TestApp::new().await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    for login in [NORA, "nobody@harbor.example"] {
        sign_in(&test, "192.0.2.1", login, "wrong", &[]).await.expect(401);
    }
    assert_eq!(counts(&test).await.len(), 5, "two accounts, two pairs, one source");
    test.clock.advance(TimeDelta::hours(3));
    mentalspace_server::jobs::round(&test.app, PracticeId::DIRECTORY).await.unwrap();
    assert_eq!(counts(&test).await.len(), 2);
    test.clock.advance(TimeDelta::days(31));
    mentalspace_server::jobs::round(&test.app, PracticeId::DIRECTORY).await.unwrap();
    assert_eq!(counts(&test).await.len(), 1);
    assert_eq!(failures(&test, "password", NORA).await, 1);
}

/// Section 7.1 rule 1: N guesses at once count N, and no more than the limit are verified.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_guesses_at_once_count_until_the_wait() {
    for (name, test) in everywhere().await {
        test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
        let login = format!("nora@{}", test.host);
        let test = Arc::new(test);
        let all: Vec<_> = (0..64)
            .map(|n| {
                let (test, login) = (test.clone(), login.clone());
                tokio::spawn(async move {
                    sign_in(&test, &format!("198.51.100.{n}"), &login, "wrong", &[]).await.status.as_u16()
                })
            })
            .collect();
        for one in all {
            assert_eq!(one.await.unwrap(), 401, "{name}");
        }
        assert_eq!(failures(&test, "password", &login).await, 5, "{name}: verified were five");
        sign_in(&test, "192.0.2.7", &login, PASSWORD, &[]).await.expect(401);
    }
}

/// Section 7.1: whoever breaks off, or a server that dies, after the reservation has used the attempt up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_is_broken_off_between_reservation_and_verification_stays_counted() {
    for (name, test) in everywhere().await {
        test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
        let login = format!("nora@{}", test.host);
        let test = Arc::new(test);
        // Hashing is full, so the attempt is counted and waits for its turn.
        let busy: Vec<_> = (0..30)
            .map(|_| {
                let app = test.app.clone();
                let any = NormalizedPassword::attempt(&"anything".to_owned().into()).unwrap();
                tokio::spawn(async move { app.verify_password(any, None).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let trying = {
            let (test, login) = (test.clone(), login.clone());
            tokio::spawn(async move { sign_in(&test, "192.0.2.7", &login, PASSWORD, &[]).await.status })
        };
        for _ in 0..100 {
            if failures(&test, "password", &login).await == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        trying.abort();
        assert!(trying.await.unwrap_err().is_cancelled(), "{name}");
        for one in busy {
            // On a busy machine some are sent back, which is as good.
            drop(one.await.unwrap());
        }
        assert_eq!(failures(&test, "password", &login).await, 1, "{name}");
    }
}

/// OT-3, LU-2: of 64 submissions of one code at once exactly one succeeds, and the count stays within the limit.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_submitted_sixty_four_times_at_once_works_once() {
    for (name, test) in everywhere().await {
        let user = test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
        let login = format!("nora@{}", test.host);
        let (secret, step) = first_sign_in(&test, &login, PASSWORD).await;
        let session = crate::sessions::cookie(&step);
        let token = crate::support::csrf(&crate::sessions::page(&test, &session, "/account").await.text);
        let made = test.request(form("/account/backup-codes", Some(&session), &[("csrf", &token)])).await.expect(200);
        let codes: Vec<String> =
            made.text.split("<li><code>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect();
        assert_eq!(codes.len(), 10);
        let test = Arc::new(test);
        for (round, backup) in codes.iter().enumerate() {
            test.clock.advance(TimeDelta::hours(2));
            let one = if round % 2 == 0 { code(&secret, test.app.now()) } else { backup.clone() };
            let mut tokens = Vec::new();
            for _ in 0..64 {
                tokens.push(test.pending_session(&user).await);
            }
            let all: Vec<_> = tokens
                .into_iter()
                .map(|token| {
                    let (test, one) = (test.clone(), one.clone());
                    tokio::spawn(async move {
                        let path = "/sessions/current/second-factor";
                        let answer = test.call_with(&token, "POST", path, Some(json!({ "code": one }))).await;
                        answer.status.as_u16()
                    })
                })
                .collect();
            let mut statuses = Vec::new();
            for one in all {
                statuses.push(one.await.unwrap());
            }
            let right = statuses.iter().filter(|status| **status == 200).count();
            assert_eq!(right, 1, "{name}, round {round}: {statuses:?}");
            let counted = failures(&test, "second-factor", &user.id.to_string()).await;
            assert!(counted <= 5, "{name}, round {round}: {counted}");
        }
    }
}

/// A practice on every store there is: memory, SQLite, and PostgreSQL where one is named.
async fn everywhere() -> Vec<(&'static str, TestApp)> {
    let mut all = vec![("memory", TestApp::over(Arc::new(MemoryStore::default())).await)];
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqliteStore::open(SqliteConfig::file(folder.path().join("store.db"))).await.unwrap();
    all.push(("sqlite", TestApp::over(Arc::new(sqlite)).await));
    // The folder stays until the process ends; the store is open in it.
    let _ = folder.keep();
    match (std::env::var("MENTALSPACE_TEST_POSTGRES"), std::env::var("MENTALSPACE_TEST_POSTGRES_OWNER")) {
        (Ok(url), Ok(owner)) => {
            static MIGRATED: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
            let migrate = || async {
                let owner = PostgresConfig::new(&owner).unwrap();
                PostgresStore::migrate(&owner, Some("mentalspace_app")).await.unwrap();
            };
            MIGRATED.get_or_init(migrate).await;
            let store = PostgresStore::open(PostgresConfig::new(&url).unwrap().max_connections(12)).await.unwrap();
            all.push(("postgres", TestApp::over(Arc::new(store)).await));
        }
        _ => assert!(std::env::var_os("MENTALSPACE_REQUIRE_TOOLS").is_none(), "no PostgreSQL is named"),
    }
    all
}
