//! Building an inquiry about one patient.

use chrono::{NaiveDate, NaiveDateTime};
use mentalspace_core::PayerSex;

use super::{Eligibility, Inquiry, InquiryLoop, Member, Receiver, Relationship, Source, SourceName, Subscriber};
use crate::claim::{self, BillingProvider, Payer};
use crate::transaction::part::{DateOrPeriod, Demographics, Header, Name, Repetitions, Text, Trace};

/// Service types a question can ask for, besides any code of element 1365.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Asked {
    /// 30: the coverage as a whole, which every payer answers.
    Coverage,
    /// MH: mental health.
    MentalHealth,
    /// A6: psychotherapy.
    Psychotherapy,
    /// A8: psychiatric outpatient.
    PsychiatricOutpatient,
    /// CF: mental health provider, outpatient.
    OutpatientProvider,
    /// AI: substance abuse.
    SubstanceUse,
}

impl Asked {
    /// What a behavioural-health practice asks first.
    pub const PRACTICE: [Self; 3] = [Self::Coverage, Self::MentalHealth, Self::Psychotherapy];

    /// Returns the code (element 1365).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Coverage => "30",
            Self::MentalHealth => "MH",
            Self::Psychotherapy => "A6",
            Self::PsychiatricOutpatient => "A8",
            Self::OutpatientProvider => "CF",
            Self::SubstanceUse => "AI",
        }
    }
}

impl From<Asked> for Text {
    fn from(asked: Asked) -> Self {
        asked.code().into()
    }
}

/// A question to one payer about the coverage of one patient: a 270 in the making.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Question<'a> {
    /// Who is asked.
    pub payer: &'a Payer,
    /// Who asks.
    pub provider: &'a BillingProvider,
    /// Who holds the coverage.
    pub subscriber: &'a claim::Subscriber,
    /// The patient, when not the subscriber.
    pub patient: Option<&'a claim::Patient>,
    /// Service types; without any the coverage as a whole is asked for.
    pub service_types: Vec<Text>,
    /// The day it is about; without it, that of the question.
    pub day: Option<NaiveDate>,
    /// Our number of the question, 1 to 30 characters (BHT03, TRN02): it comes back in the response.
    pub number: Text,
    /// When it is asked.
    pub at: NaiveDateTime,
}

impl<'a> Question<'a> {
    /// Asks for the coverage of a subscriber as a whole.
    #[must_use]
    pub fn new(
        payer: &'a Payer,
        provider: &'a BillingProvider,
        subscriber: &'a claim::Subscriber,
        number: impl Into<Text>,
        at: NaiveDateTime,
    ) -> Self {
        Self {
            payer,
            provider,
            subscriber,
            patient: None,
            service_types: Vec::new(),
            day: None,
            number: number.into(),
            at,
        }
    }

    /// Asks for a dependent.
    #[must_use]
    pub const fn about(mut self, patient: &'a claim::Patient) -> Self {
        self.patient = Some(patient);
        self
    }

    /// Asks for service types.
    #[must_use]
    pub fn services(mut self, types: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        self.service_types.extend(types.into_iter().map(Into::into));
        self
    }

    /// Asks for a day.
    #[must_use]
    pub const fn on(mut self, day: NaiveDate) -> Self {
        self.day = Some(day);
        self
    }

    /// Returns the inquiry.
    #[must_use]
    pub fn inquiry(&self) -> Eligibility {
        let mut subscriber = Subscriber { member: self.subscriber(), dependents: Vec::new() };
        match self.patient {
            Some(patient) => subscriber.dependents.push(self.asking(dependent(patient))),
            None => subscriber.member = self.asking(subscriber.member),
        }
        let name = Name::payer("PR", self.payer);
        let receiver = Receiver {
            name: Name::party("1P", &self.provider.name).with_id("XX", self.provider.npi.as_str()),
            subscribers: vec![subscriber],
            ..Receiver::default()
        };
        let source = Source {
            names: vec![SourceName { name, ..SourceName::default() }],
            receivers: vec![receiver],
            ..Source::default()
        };
        Eligibility { header: header(&self.number, self.at), kept: Vec::new(), sources: vec![source] }
    }

    fn subscriber(&self) -> Member {
        let subscriber = self.subscriber;
        let born = subscriber.birth_date.as_ref().map(|day| *day.expose());
        Member {
            name: Name::person("IL", &subscriber.name).with_id("MI", subscriber.member_id.expose()),
            demographics: demographics(born, subscriber.sex),
            ..Member::default()
        }
    }

    /// Adds the number, the day and the question to the level of the patient.
    fn asking(&self, mut member: Member) -> Member {
        // Who issued a number is told by ten characters: a one and the tax number.
        let originator = format!("1{}", self.provider.tax_id.expose());
        member.traces.push(Trace {
            kind: "1".into(),
            number: self.number.clone(),
            originator: originator.into(),
            ..Trace::default()
        });
        member.dates.push(DateOrPeriod::day("291", self.day.unwrap_or_else(|| self.at.date())));
        let service_types =
            if self.service_types.is_empty() { vec![Asked::Coverage.into()] } else { self.service_types.clone() };
        let inquiry = Inquiry { service_types: Repetitions(service_types.into()), ..Inquiry::default() };
        member.inquiries.push(InquiryLoop { inquiry, ..InquiryLoop::default() });
        member
    }
}

fn dependent(patient: &claim::Patient) -> Member {
    // The guide knows three relationships here.
    let relationship = match patient.relationship.code() {
        known @ ("01" | "19") => known,
        _ => "34",
    };
    Member {
        name: Name::person("03", &patient.name),
        demographics: Some(Demographics::of(*patient.birth_date.expose(), patient.sex)),
        relationship: Some(Relationship {
            insured: "N".into(),
            relationship: relationship.into(),
            ..Relationship::default()
        }),
        ..Member::default()
    }
}

fn demographics(born: Option<NaiveDate>, sex: Option<PayerSex>) -> Option<Demographics> {
    match (born, sex) {
        (Some(born), sex) => Some(Demographics::of(born, sex.unwrap_or_default())),
        (None, Some(sex)) => Some(Demographics { sex: sex.code().into(), ..Demographics::default() }),
        (None, None) => None,
    }
}

fn header(number: &Text, at: NaiveDateTime) -> Header {
    Header {
        structure: "0022".into(),
        purpose: "13".into(),
        reference: number.clone(),
        date: at.format("%Y%m%d").to_string().into(),
        time: at.format("%H%M").to_string().into(),
        ..Header::default()
    }
}
