//! The practice opens: people get accounts, payers and clients get on record.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use mentalspace_auth_policy::totp::{Drift, TotpAuthenticator, TotpSecret};
use mentalspace_core::{
    Access, BillingRules, ClientAddress, ClientId, ClientPhone, ClientStatus, Clinician, Contact, ContactUse, Email,
    Entropy, Fee, Guardianship, License, Messages, Money, OtherSubscriber, Payer, Period, PersonName, Phi, Practice,
    PracticeId, ProcedureCode, Subscriber, Supervision, TelehealthModality, TelehealthRule, UsState, draw,
    store::{StoreError, Versioned},
};
use secrecy::SecretString;

use super::{
    Account, Hand, Stage,
    cast::{Cast, ClientPart, Covered, PayerPart, Person, Prices, Treats},
    told,
};
use crate::{
    account::{Totp, User},
    app::App,
    authenticators::Record,
    billing::payers,
    practice::{
        clients::{self, ClientDetails},
        coverages::{self, CoverageDetails},
        locations,
    },
    set_up::{self, NewUser},
    zone::Zone,
};

/// Sets the practice up, sixteen days before `now`.
pub(super) async fn open(
    app: App,
    clock: Arc<Hand>,
    mut cast: Cast,
    now: DateTime<Utc>,
) -> Result<(Stage, Vec<Account>)> {
    clock.set(now - TimeDelta::days(16));
    cast.practice["id"] = serde_json::to_value(app.new_id::<PracticeId>())?;
    let practice: Practice = serde_json::from_value(cast.practice.clone()).context("the practice cannot be read")?;
    let (users, payers) = (BTreeMap::new(), BTreeMap::new());
    let (zone, location) = (Zone::of(&practice.time_zone), app.new_id());
    let mut stage = Stage { app, clock, cast, now, practice, zone, location, users, payers };
    let mut accounts = Vec::with_capacity(stage.cast.people.len());
    for (index, person) in stage.cast.people.iter().enumerate() {
        let (user, account) = employ(&stage, person, index == 0).await?;
        accounts.push(account);
        stage.users.insert(person.key.clone(), user);
    }
    for person in &stage.cast.people {
        if let Some(treats) = &person.treats {
            stage.record("ellis", "clinician.add", &clinician(&stage, person, treats)?).await?;
        }
    }
    let place = stage.cast.location.clone();
    stage.location = locations::add(&stage.app, &stage.acting("ellis")?, place).await.map_err(told)?.id;
    for part in &stage.cast.payers {
        let payer = contract(&stage, part).await?;
        stage.payers.insert(part.key.clone(), payer);
    }
    price(&stage, None, &stage.cast.self_pay).await?;
    Ok((stage, accounts))
}

/// Gives a person an account with a password and an authenticator that nobody has seen before.
async fn employ(stage: &Stage, person: &Person, first: bool) -> Result<(User, Account)> {
    let app = &stage.app;
    let password = password(app.entropy());
    let login = email(&person.name, "juniper.example")?;
    let new = NewUser {
        login: login.clone(),
        display_name: person.name.clone(),
        roles: person.roles.clone(),
        clinician: person.treats.as_ref().map(|_| app.new_id()),
        password: password.clone(),
    };
    let id = match first {
        true => set_up::create_practice(app, &stage.practice, new).await,
        false => set_up::create_user(app, &stage.practice, new).await,
    };
    let (id, secret) = (id.map_err(told)?, TotpSecret::from_bytes(draw(app.entropy())));
    let account = Account {
        roles: person.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(","),
        login: login.expose().to_owned(),
        password,
        totp: secret.expose_base32(),
    };
    let access = Access::system(stage.practice.id, "mfa.enrol", app.now());
    let enrolled = app.vault().write(&access, |work| {
        Box::pin(async move {
            let Versioned { version, value } = work.expect::<User>(id).await?;
            let record = Record::issued("Authenticator app", app.now());
            let totp = Some(Totp::keep(&TotpAuthenticator::restore(secret, None, Drift::NONE), record));
            let user = User { totp, ..value };
            work.update(&user, version).await?;
            Ok::<_, StoreError>(user)
        })
    });
    Ok((enrolled.await?, account))
}

/// Draws a hundred random bits in letters that are not mistaken for each other.
fn password(entropy: &dyn Entropy) -> SecretString {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let drawn: [u8; 20] = draw(entropy);
    let letters: Vec<char> = drawn.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(5).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-").into()
}

fn clinician(stage: &Stage, person: &Person, treats: &Treats) -> Result<Clinician> {
    let user = &stage.users[&person.key];
    let (first, last) = person.name.split_once(' ').context("a name of one word")?;
    let since = |days| stage.zone.day(stage.now - TimeDelta::days(days));
    let supervision = match &treats.supervisor {
        Some(key) => vec![Supervision { supervisor: stage.clinician(key)?, in_force: Period::since(since(400)) }],
        None => Vec::new(),
    };
    Ok(Clinician {
        id: stage.clinician(&person.key)?,
        user: Some(user.id),
        name: PersonName::new(first, last)?,
        credentials: vec![treats.credential.clone()],
        licenses: vec![License {
            state: UsState::parse("CO")?,
            number: treats.license.clone(),
            in_force: Period::between(since(700), since(-380))?,
        }],
        npi: Some(treats.npi.clone()),
        taxonomy: Some(treats.taxonomy.clone()),
        supervision,
    })
}

async fn contract(stage: &Stage, part: &PayerPart) -> Result<mentalspace_core::PayerId> {
    let mut telehealth = TelehealthRule::starters(long_ago(stage)).to_vec();
    for rule in telehealth.iter_mut().filter(|rule| rule.modality == TelehealthModality::Video) {
        rule.modifier.clone_from(&part.video);
    }
    let payer = Payer {
        id: stage.app.new_id(),
        name: part.name.clone(),
        electronic_id: part.electronic_id.clone(),
        filing: part.filing.clone(),
        address: None,
        phone: None,
        rules: BillingRules { telehealth, supervised: part.supervised, ..BillingRules::default() },
    };
    let id = payers::add(&stage.app, &stage.acting("nair")?, payer).await.map_err(told)?;
    if !part.prices.is_empty() {
        price(stage, Some(id), &part.prices).await?;
    }
    Ok(id)
}

async fn price(stage: &Stage, payer: Option<mentalspace_core::PayerId>, prices: &Prices) -> Result<()> {
    let in_force = Period::since(long_ago(stage));
    let fee =
        |(code, amount): (&String, &Money)| Ok(Fee { code: ProcedureCode::parse(&**code)?, amount: *amount, in_force });
    let fees = prices.iter().map(fee).collect::<Result<Vec<_>>>()?;
    payers::replace_fees(&stage.app, &stage.acting("nair")?, payer, fees, 0).await.map_err(told)?;
    Ok(())
}

fn long_ago(stage: &Stage) -> NaiveDate {
    stage.zone.day(stage.now - TimeDelta::days(500))
}

/// Puts a client and the coverages on record, as the front desk does.
pub(super) async fn admit(stage: &Stage, part: &ClientPart) -> Result<ClientId> {
    let desk = stage.acting("becker")?;
    let phone = ClientPhone { usage: ContactUse::Mobile, phone: part.phone.clone(), messages: Messages::Allowed };
    let details = ClientDetails {
        legal_name: part.name.clone(),
        preferred_name: part.called.clone(),
        birth_date: Phi::new(part.born),
        payer_sex: part.sex,
        gender: part.gender.clone(),
        addresses: vec![ClientAddress { usage: ContactUse::Home, address: part.home()? }],
        phones: vec![phone],
        emails: vec![email(&part.name.expose_full(), "mail.example")?],
        contacts: vec![contact(part)],
        status: ClientStatus::Active { since: stage.zone.day(stage.now - TimeDelta::days(120)) },
        primary_clinician: Some(stage.clinician(&part.clinician)?),
    };
    let client = clients::create(&stage.app, &desk, details).await.map_err(told)?.id;
    for covered in &part.covered {
        let details = coverage(stage, part, covered)?;
        coverages::create(&stage.app, &desk, client, details).await.map_err(told)?;
    }
    Ok(client)
}

fn email(name: &str, host: &str) -> Result<Email> {
    Ok(Email::parse(format!("{}@{host}", name.to_lowercase().replace(' ', ".")))?)
}

fn contact(part: &ClientPart) -> Contact {
    let contact = &part.contact;
    let guardianship =
        contact.guardian.then(|| Guardianship { user: None, in_force: Phi::new(Period::since(part.born)) });
    Contact {
        name: contact.name.clone(),
        relationship: contact.relationship.clone(),
        phone: Some(contact.phone.clone()),
        email: None,
        emergency: true,
        guardianship,
    }
}

fn coverage(stage: &Stage, part: &ClientPart, covered: &Covered) -> Result<CoverageDetails> {
    let subscriber = match &covered.subscriber {
        None => Subscriber::Client,
        Some(other) => Subscriber::Other(Box::new(OtherSubscriber {
            relationship: other.relationship,
            name: other.name.clone(),
            birth_date: Phi::new(other.born),
            payer_sex: other.sex,
            address: part.home()?,
        })),
    };
    Ok(CoverageDetails {
        payer: stage.payer(&covered.payer)?,
        rank: covered.rank,
        in_force: Period::since(stage.zone.day(stage.now - TimeDelta::days(200))),
        member_id: covered.member_id.clone(),
        group_number: covered.group.clone(),
        plan_name: None,
        subscriber,
        copay: covered.copay,
    })
}
