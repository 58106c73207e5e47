//! Eligibility, coverage and benefits: the inquiry (270) and the response (271), X12 005010X279A1.
//!
//! Both have one shape, [`Eligibility`]: who is asked, who asks, whose coverage it is about. An inquiry names what it
//! wants to know in [`Member::inquiries`], a response says what is covered in [`Member::benefits`] and what was wrong
//! with the question in the `rejections` of each level. [`Question`] builds an inquiry, [`Benefits`] reads a response
//! the way a front desk needs it.
//!
//! Reading accepts a file that leaves levels out; writing gives it all of them. Levels are numbered when written.
//!
//! ```
//! use mentalspace_claims::transaction::eligibility::{Benefits, EligibilityReader, Network};
//! use mentalspace_claims::x12::Reader;
//! let set = b"ST*271*0001*005010X279A1~BHT*0022*11*Q1*20240131*1200~HL*1**20*1~NM1*PR*2*EXAMPLE HEALTH PLAN~\
//!     HL*2*1*21*1~NM1*1P*2*LAKESIDE COUNSELING~HL*3*2*22*0~TRN*2*Q1*1741234567~NM1*IL*1*RIVERS*ALEX~\
//!     EB*1*IND*30**GOLD PPO~EB*B*IND*MH***27*25*****Y~SE*12*0001~";
//! let mut reader = EligibilityReader::default();
//! for segment in Reader::new(set).flatten().filter(|s| !matches!(s.id(), b"ST" | b"SE")) {
//!     reader.take(&segment);
//! }
//! let benefits = &Benefits::of(&reader.finish())[0];
//! assert_eq!(benefits.copay("MH", Network::In).unwrap().to_string(), "25.00");
//! ```

mod benefits;
mod question;
mod read;
mod segment;
mod write;

use super::level::{level, slots};
use super::part::{
    Amount, City, Contact, DateOrPeriod, Demographics, Header, Kept, Name, Reference, Specialty, Street, Trace,
};

pub use benefits::{Benefits, Coverage, Network, Rejected, Share, ShareKind};
pub use question::{Asked, Question};
pub use read::EligibilityReader;
pub use segment::{Benefit, Delivery, Diagnoses, Industry, Inquiry, Message, Military, Rejection, Relationship};

/// The guide written here (ST03, GS08); GS01 is HS for an inquiry, HB for a response.
pub const GUIDE: &str = "005010X279A1";

slots!(Benefit, Inquiry);

/// An inquiry or a response about eligibility (270, 271).
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Eligibility {
    /// BHT.
    #[serde(skip_serializing_if = "crate::transaction::level::is_absent")]
    pub header: Header,
    /// Other segments before the first level.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
    /// Who is asked (2000A): payers and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

crate::text::silent_debug!(Eligibility);

level! {
    /// Who is asked (2000A).
    Source {
        /// AAA before the name: what was wrong with the whole inquiry.
        rejections: Vec<Rejection>,
    } below {
        /// 2100A: its name; one where the guide is kept.
        names: SourceName,
        /// Who asks (2000B).
        receivers: Receiver,
    }
}

level! {
    /// The name of who is asked (2100A).
    SourceName {
        /// NM1.
        name: Name,
        /// PER.
        contacts: Vec<Contact>,
        /// AAA.
        rejections: Vec<Rejection>,
    } below {}
}

level! {
    /// Who asks (2000B, 2100B).
    Receiver {
        /// NM1.
        name: Name,
        /// REF.
        references: Vec<Reference>,
        /// N3.
        street: Option<Street>,
        /// N4.
        city: Option<City>,
        /// PER.
        contacts: Vec<Contact>,
        /// AAA.
        rejections: Vec<Rejection>,
        /// PRV.
        specialty: Option<Specialty>,
    } below {
        /// Whose coverage it is about (2000C).
        subscribers: Subscriber,
    }
}

/// A subscriber, and the dependents it is about (2000C, 2000D). Without dependents the subscriber is the patient.
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subscriber {
    /// The subscriber.
    pub member: Member,
    /// Dependents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependents: Vec<Member>,
}

crate::text::silent_debug!(Subscriber);

level! {
    /// A subscriber or a dependent (2000C and 2100C, 2000D and 2100D).
    Member {
        /// TRN: in an inquiry our number of it, in a response that number back and the payer's own.
        traces: Vec<Trace>,
        /// NM1.
        name: Name,
        /// REF.
        references: Vec<Reference>,
        /// N3.
        street: Option<Street>,
        /// N4.
        city: Option<City>,
        /// PER, in responses of before 5010.
        contacts: Vec<Contact>,
        /// AAA: why there is no answer.
        rejections: Vec<Rejection>,
        /// PRV.
        specialty: Option<Specialty>,
        /// DMG.
        demographics: Option<Demographics>,
        /// INS.
        relationship: Option<Relationship>,
        /// HI.
        diagnoses: Option<Diagnoses>,
        /// DTP.
        dates: Vec<DateOrPeriod>,
        /// MPI.
        military: Vec<Military>,
    } below {
        /// What is asked (2110 of a 270).
        inquiries: InquiryLoop,
        /// What is covered (2110 of a 271).
        benefits: BenefitLoop,
    }
}

level! {
    /// A question (2110 of a 270).
    InquiryLoop {
        /// EQ.
        inquiry: Inquiry,
        /// AMT: spend-down.
        amounts: Vec<Amount>,
        /// III.
        industries: Vec<Industry>,
        /// REF: referral or authorisation.
        references: Vec<Reference>,
        /// DTP.
        dates: Vec<DateOrPeriod>,
    } below {}
}

level! {
    /// A fact about coverage (2110 of a 271).
    BenefitLoop {
        /// EB.
        benefit: Benefit,
        /// HSD: how much of it, and how often.
        deliveries: Vec<Delivery>,
        /// REF.
        references: Vec<Reference>,
        /// DTP.
        dates: Vec<DateOrPeriod>,
        /// AAA.
        rejections: Vec<Rejection>,
        /// MSG.
        messages: Vec<Message>,
        /// III (2115).
        industries: Vec<Industry>,
    } below {
        /// Who else has to do with it (2120), between LS and LE.
        entities: BenefitEntity,
    }
}

level! {
    /// Somebody who has to do with a benefit, such as another payer or a primary care provider (2120).
    BenefitEntity {
        /// NM1.
        name: Name,
        /// N3.
        street: Option<Street>,
        /// N4.
        city: Option<City>,
        /// PER.
        contacts: Vec<Contact>,
        /// PRV.
        specialty: Option<Specialty>,
    } below {}
}
