//! A payer and the rules it bills by, kept as data with the dates of service they apply to.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    Address, ClientId, ClientPlace, Credential, Modifier, OrganizationName, PayerId, Period, Phone, PlaceOfService,
    RuleId, TelehealthModality,
    coding::{CrisisRounding, Rounding},
    store::{Document, Term},
    value::text_value,
};

text_value! {
    /// The number under which a clearinghouse knows a payer: 2 to 80 letters, digits or hyphens (837 2010BB NM109).
    public ElectronicPayerId, "electronic payer id", |text| {
        let id = text.trim().to_ascii_uppercase();
        let shaped = (2..=80).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if shaped { Ok(id) } else { Err("must be 2 to 80 letters, digits or hyphens") }
    }
}

text_value! {
    /// The kind of insurance as claims state it (837 SBR09, X12 element 1032), such as `CI`, `BL`, `MB`, `MC` or `12`.
    public ClaimFilingIndicator, "claim filing indicator", |text| {
        let code = text.trim().to_ascii_uppercase();
        let shaped = matches!(code.len(), 1 | 2) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        if shaped { Ok(code) } else { Err("must be one or two letters or digits") }
    }
}

/// How a service by telehealth is coded for one payer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelehealthRule {
    /// The name under which an explanation cites the rule.
    pub id: RuleId,
    /// With picture or by voice only.
    pub modality: TelehealthModality,
    /// Where the client was; without it the rule holds anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_at: Option<ClientPlace>,
    /// The modifier the payer wants, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modifier: Option<Modifier>,
    /// The place of service the payer wants.
    pub place_of_service: PlaceOfService,
    /// The dates of service it applies to.
    pub in_force: Period,
}

impl TelehealthRule {
    /// Returns what many commercial payers ask from `since` on, for a practice to adapt: modifier 95 with picture, 93
    /// by voice; place 10 at home, 02 elsewhere.
    #[must_use]
    pub fn starters(since: NaiveDate) -> [Self; 4] {
        use ClientPlace::{Elsewhere, Home};
        use TelehealthModality::{Audio, Video};
        let rule = |id, modality, client_at, modifier| Self {
            id: RuleId::known(id),
            modality,
            client_at: Some(client_at),
            modifier: Some(Modifier::known(modifier)),
            place_of_service: match client_at {
                Home => PlaceOfService::telehealth_home(),
                Elsewhere => PlaceOfService::telehealth_elsewhere(),
            },
            in_force: Period::since(since),
        };
        [
            rule("telehealth.video.home", Video, Home, "95"),
            rule("telehealth.video.elsewhere", Video, Elsewhere, "95"),
            rule("telehealth.audio.home", Audio, Home, "93"),
            rule("telehealth.audio.elsewhere", Audio, Elsewhere, "93"),
        ]
    }
}

/// A payer's demand that somebody else signs as well.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosignRule {
    /// The credential whose notes need it.
    pub credential: Credential,
    /// The dates of service it applies to.
    pub in_force: Period,
}

/// Whose NPI renders a supervised service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SupervisedBilling {
    /// The clinician renders, the supervisor is named beside.
    #[default]
    UnderClinician,
    /// The supervisor renders.
    UnderSupervisor,
}

/// The rules a payer bills by.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BillingRules {
    /// Telehealth coding. None in force means that telehealth cannot be billed.
    pub telehealth: Vec<TelehealthRule>,
    /// Who needs a co-signature beyond those under supervision.
    pub cosign: Vec<CosignRule>,
    /// Whose NPI renders a supervised service.
    pub supervised: SupervisedBilling,
    /// How a part of a 15-minute unit counts.
    pub rounding: Rounding,
    /// How a part of a further half hour of crisis counts.
    pub crisis_rounding: CrisisRounding,
}

impl BillingRules {
    /// Returns the telehealth rule for a service on `on`: the newest in force, one for the client's place before one
    /// for any place.
    #[must_use]
    pub fn telehealth_on(
        &self,
        modality: TelehealthModality,
        client_at: ClientPlace,
        on: NaiveDate,
    ) -> Option<&TelehealthRule> {
        let applies = |rule: &&TelehealthRule| {
            rule.modality == modality
                && rule.client_at.is_none_or(|place| place == client_at)
                && rule.in_force.contains(on)
        };
        self.telehealth.iter().filter(applies).max_by_key(|rule| (rule.client_at.is_some(), rule.in_force.from()))
    }

    /// Returns whether notes of somebody with `credentials` need a co-signature for a service on `on`.
    #[must_use]
    pub fn wants_cosignature(&self, credentials: &[Credential], on: NaiveDate) -> bool {
        self.cosign.iter().any(|rule| rule.in_force.contains(on) && credentials.contains(&rule.credential))
    }
}

/// A payer (837 2010BB).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payer {
    /// The payer.
    pub id: PayerId,
    /// Its name.
    pub name: OrganizationName,
    /// Its number with the clearinghouse.
    pub electronic_id: ElectronicPayerId,
    /// The kind of insurance.
    pub filing: ClaimFilingIndicator,
    /// Where paper claims go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The number for providers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The rules it bills by.
    #[serde(default)]
    pub rules: BillingRules,
}

impl Document for Payer {
    const KIND: &'static str = "payer";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("electronic_id", &self.electronic_id)]
    }
}
