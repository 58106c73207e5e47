//! Building an inquiry about one claim.

use chrono::NaiveDateTime;

use super::{ClaimStatus, Provider, Receiver, Source, StatusClaim, StatusPatient, Subscriber};
use crate::claim::Claim;
use crate::transaction::part::{Amount, DateOrPeriod, Demographics, Header, Name, Reference, Text, Trace};

/// A question to the payer of one claim: a 276 in the making.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StatusQuestion<'a> {
    /// The claim.
    pub claim: &'a Claim,
    /// The payer's number of the claim, when it gave one (277CA, 835).
    pub payer_claim_number: Option<Text>,
    /// Who asks, by the number the receiver of the file gave (NM1*41): the submitter of the claim.
    pub receiver: Name,
    /// Our number of the question, 1 to 30 characters (BHT03, TRN02): it comes back in the response.
    pub number: Text,
    /// When it is asked.
    pub at: NaiveDateTime,
}

impl<'a> StatusQuestion<'a> {
    /// Asks what became of `claim`, as the submitter with the given name and number.
    #[must_use]
    pub fn new(claim: &'a Claim, submitter: (&str, &str), number: impl Into<Text>, at: NaiveDateTime) -> Self {
        let receiver = Name::organization("41", submitter.0).with_id("46", submitter.1);
        Self { claim, payer_claim_number: None, receiver, number: number.into(), at }
    }

    /// Returns the inquiry.
    #[must_use]
    pub fn inquiry(&self) -> ClaimStatus {
        let claim = self.claim;
        let subscriber_name =
            Name::person("IL", &claim.subscriber.name).with_id("MI", claim.subscriber.member_id.expose());
        let mut subscriber = StatusPatient { names: vec![subscriber_name], ..StatusPatient::default() };
        let mut dependents = Vec::new();
        if let Some(patient) = &claim.patient {
            dependents.push(StatusPatient {
                demographics: Some(Demographics::of(*patient.birth_date.expose(), patient.sex)),
                names: vec![Name::person("QC", &patient.name)],
                claims: vec![self.question()],
                ..StatusPatient::default()
            });
        } else {
            let facts = claim.subscriber.birth_date.as_ref().zip(claim.subscriber.sex);
            subscriber.demographics = facts.map(|(born, sex)| Demographics::of(*born.expose(), sex));
            subscriber.claims.push(self.question());
        }
        let billing = &claim.billing_provider;
        let provider = Provider {
            names: vec![Name::party("1P", &billing.name).with_id("XX", billing.npi.as_str())],
            subscribers: vec![Subscriber { patient: subscriber, dependents }],
            ..Provider::default()
        };
        let receiver =
            Receiver { names: vec![self.receiver.clone()], providers: vec![provider], ..Receiver::default() };
        let source =
            Source { names: vec![Name::payer("PR", &claim.payer)], receivers: vec![receiver], ..Source::default() };
        ClaimStatus { header: self.header(), kept: Vec::new(), sources: vec![source] }
    }

    fn question(&self) -> StatusClaim {
        let claim = self.claim;
        let trace = Trace { kind: "1".into(), number: self.number.clone(), ..Trace::default() };
        let own = Reference::new("EJ", claim.control_number.as_str());
        let payers = self.payer_claim_number.as_ref().map(|number| Reference::new("1K", number.clone()));
        let dates = claim.first_day().zip(claim.last_day()).map(|(from, to)| {
            if from == to { DateOrPeriod::day("472", from) } else { DateOrPeriod::days("472", from, to) }
        });
        StatusClaim {
            traces: vec![trace],
            references: payers.into_iter().chain([own]).collect(),
            amounts: vec![Amount::new("T3", claim.total())],
            dates: dates.into_iter().collect(),
            ..StatusClaim::default()
        }
    }

    fn header(&self) -> Header {
        Header {
            structure: "0010".into(),
            purpose: "13".into(),
            reference: self.number.clone(),
            date: self.at.format("%Y%m%d").to_string().into(),
            time: self.at.format("%H%M").to_string().into(),
            ..Header::default()
        }
    }
}
