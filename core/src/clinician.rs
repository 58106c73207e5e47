//! A clinician: who treats, under which licence, and under whose supervision on which day.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    ClientId, ClinicianId, Npi, Period, PersonName, Taxonomy, UsState, UserId,
    store::{Document, Term},
    value::{plain_text, text_value},
};

text_value! {
    /// A professional credential as written behind a name, such as `LCSW`: 1 to 20 characters.
    public Credential, "credential", |text| plain_text(&text, 20)
}

text_value! {
    /// The number of a professional licence: 1 to 30 characters.
    public LicenseNumber, "license number", |text| plain_text(&text, 30)
}

/// A licence to practise in one state.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct License {
    /// The state that granted it.
    pub state: UsState,
    /// Its number.
    pub number: LicenseNumber,
    /// From the grant to the expiry.
    pub in_force: Period,
}

/// A time under supervision.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supervision {
    /// Who supervises.
    pub supervisor: ClinicianId,
    /// When.
    pub in_force: Period,
}

/// A clinician of the practice (837 2310B rendering or 2310D supervising provider).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clinician {
    /// The clinician.
    pub id: ClinicianId,
    /// The account that signs in, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The name registered with the NPI.
    pub name: PersonName,
    /// Credentials, the leading one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Credential>,
    /// Licences, past ones included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<License>,
    /// The individual NPI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub npi: Option<Npi>,
    /// The taxonomy sent with claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxonomy: Option<Taxonomy>,
    /// Times under supervision, past ones included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supervision: Vec<Supervision>,
}

impl Clinician {
    /// Returns who supervises this clinician on `day`: the relation begun last when there are several. Nobody
    /// supervises oneself.
    #[must_use]
    pub fn supervised_on(&self, day: NaiveDate) -> Option<ClinicianId> {
        self.supervision
            .iter()
            .filter(|s| s.supervisor != self.id && s.in_force.contains(day))
            .max_by_key(|s| s.in_force.from())
            .map(|s| s.supervisor)
    }

    /// Returns whether a licence of `state` is in force on `day`.
    #[must_use]
    pub fn licensed_in(&self, state: &UsState, day: NaiveDate) -> bool {
        self.licenses.iter().any(|l| l.state == *state && l.in_force.contains(day))
    }
}

impl Document for Clinician {
    const KIND: &'static str = "clinician";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        let user = self.user.iter().map(|user| Term::plain("user", user).unique());
        let npi = self.npi.iter().map(|npi| Term::plain("npi", npi).unique());
        user.chain(npi).collect()
    }
}
