//! Kinds and formats of notes, and what each must hold before it can be signed. The demands are one table.

use std::fmt;

/// A kind of clinical note. At most one of a kind belongs to an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoteKind {
    /// The first evaluation.
    Intake,
    /// A session.
    Progress,
    /// Goals and how to reach them.
    TreatmentPlan,
    /// An appointment that did not take place.
    Cancellation,
    /// A talk with another professional.
    Consultation,
    /// A call or letter outside a session.
    Contact,
    /// The end of an episode.
    Termination,
    /// Anything else.
    Miscellaneous,
    /// One member's part of a group session. Names no other member.
    Group,
    /// An evaluation with medical services.
    PsychiatricEvaluation,
    /// A crisis session.
    Crisis,
    /// A supervision hour; belongs to no client.
    Supervision,
}

/// Whether something belongs to a kind of note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Needed {
    /// It must be there.
    Required,
    /// It may be there.
    Optional,
    /// It must not be there.
    None,
}

/// What a kind of note demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KindRules {
    /// Whether it belongs to an appointment.
    pub appointment: Needed,
    /// Whether it names diagnoses.
    pub diagnosis: Needed,
    /// Whether start and stop times stand in it.
    pub times: Needed,
    /// Whether a service can be billed from it.
    pub billable: bool,
    /// The sections it must fill beside those of its format.
    pub sections: &'static [Section],
    /// Whether the sections of its format must be filled as well.
    pub formatted: bool,
}

impl NoteKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Intake,
        Self::Progress,
        Self::TreatmentPlan,
        Self::Cancellation,
        Self::Consultation,
        Self::Contact,
        Self::Termination,
        Self::Miscellaneous,
        Self::Group,
        Self::PsychiatricEvaluation,
        Self::Crisis,
        Self::Supervision,
    ];

    /// Returns what the kind demands.
    #[must_use]
    pub const fn rules(self) -> KindRules {
        use Needed::{None, Optional, Required};
        use Section as S;
        const fn rules(
            (appointment, diagnosis, times): (Needed, Needed, Needed),
            billable: bool,
            sections: &'static [Section],
            formatted: bool,
        ) -> KindRules {
            KindRules { appointment, diagnosis, times, billable, sections, formatted }
        }
        const EVALUATION: &[Section] = &[S::PresentingProblem, S::History, S::Risk, S::MentalStatus, S::Plan];
        match self {
            Self::Intake | Self::PsychiatricEvaluation => {
                rules((Required, Required, Optional), true, EVALUATION, false)
            }
            Self::Progress => rules((Required, Required, Required), true, &[], true),
            Self::TreatmentPlan => {
                rules((Optional, Required, Optional), false, &[S::Goals, S::Objectives, S::Interventions], false)
            }
            Self::Cancellation => rules((Required, Optional, None), false, &[S::Reason], false),
            Self::Consultation => rules((Optional, Optional, Optional), false, &[S::Narrative, S::ConsentBasis], false),
            Self::Contact => rules((None, Optional, Optional), false, &[S::Narrative], false),
            Self::Termination => rules((Optional, Required, Optional), false, &[S::Reason, S::Summary], false),
            Self::Miscellaneous => rules((Optional, Optional, Optional), false, &[S::Narrative], false),
            Self::Group => rules((Required, Required, Optional), true, &[], true),
            Self::Crisis => rules((Required, Required, Required), true, &[S::Risk, S::SafetyPlan], true),
            Self::Supervision => rules((None, None, Required), false, &[S::Narrative], false),
        }
    }

    /// Returns the sections that a note of this kind in `format` must fill, in the order they are shown.
    #[must_use]
    pub fn required_sections(self, format: NoteFormat) -> Vec<Section> {
        let rules = self.rules();
        let formatted = if rules.formatted { format.sections() } else { &[] };
        formatted.iter().chain(rules.sections).copied().collect()
    }

    /// Returns the name used on the wire and in search terms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Progress => "progress",
            Self::TreatmentPlan => "treatment_plan",
            Self::Cancellation => "cancellation",
            Self::Consultation => "consultation",
            Self::Contact => "contact",
            Self::Termination => "termination",
            Self::Miscellaneous => "miscellaneous",
            Self::Group => "group",
            Self::PsychiatricEvaluation => "psychiatric_evaluation",
            Self::Crisis => "crisis",
            Self::Supervision => "supervision",
        }
    }
}

impl fmt::Display for NoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the account of a session is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoteFormat {
    /// Subjective, objective, assessment, plan.
    Soap,
    /// Data, assessment, plan.
    Dap,
    /// Behaviour, intervention, response, plan.
    Birp,
    /// Goal, intervention, response, plan.
    Girp,
    /// One text.
    #[default]
    Narrative,
}

impl NoteFormat {
    /// Returns its sections in order.
    #[must_use]
    pub const fn sections(self) -> &'static [Section] {
        match self {
            Self::Soap => &[Section::Subjective, Section::Objective, Section::Assessment, Section::Plan],
            Self::Dap => &[Section::Data, Section::Assessment, Section::Plan],
            Self::Birp => &[Section::Behavior, Section::Intervention, Section::Response, Section::Plan],
            Self::Girp => &[Section::Goal, Section::Intervention, Section::Response, Section::Plan],
            Self::Narrative => &[Section::Narrative],
        }
    }
}

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// A section of a note.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Section {
            $($(#[$doc])* $name,)+
        }

        impl Section {
            /// Returns the name used on the wire and in errors.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

sections! {
    /// What the client reports.
    Subjective = "subjective",
    /// What the clinician observes.
    Objective = "objective",
    /// Reports and observations together.
    Data = "data",
    /// What the client did or showed.
    Behavior = "behavior",
    /// The goal worked on.
    Goal = "goal",
    /// What the clinician did.
    Intervention = "intervention",
    /// How the client responded.
    Response = "response",
    /// What the clinician makes of it.
    Assessment = "assessment",
    /// What comes next.
    Plan = "plan",
    /// The whole account.
    Narrative = "narrative",
    /// Why the client comes.
    PresentingProblem = "presenting_problem",
    /// What came before.
    History = "history",
    /// Appearance, mood, thought, cognition.
    MentalStatus = "mental_status",
    /// Danger to the client or others.
    Risk = "risk",
    /// What is agreed for the next crisis.
    SafetyPlan = "safety_plan",
    /// Where treatment leads.
    Goals = "goals",
    /// Measurable steps.
    Objectives = "objectives",
    /// Planned methods.
    Interventions = "interventions",
    /// Medication.
    Medication = "medication",
    /// Why it was cancelled or ended.
    Reason = "reason",
    /// The course of treatment.
    Summary = "summary",
    /// Where the client is sent.
    Referrals = "referrals",
    /// On which ground something was disclosed.
    ConsentBasis = "consent_basis",
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
