//! EQ, EB, HSD, AAA, MSG, III, INS, MPI and HI.

use mentalspace_core::Money;

use crate::transaction::part::{Components, Count, Field, Procedure, Repetitions, Text, Whole, segment};

segment! {
    /// What is asked (EQ).
    Inquiry = "EQ" {
        /// EQ01: service types.
        service_types: Repetitions,
        /// EQ02: a procedure.
        procedure: Option<Box<Procedure>>,
        /// EQ03: FAM for the whole family.
        coverage_level: Text,
        /// EQ04.
        insurance_type: Text,
        /// EQ05: places of the diagnoses it is about.
        diagnosis_pointers: Components,
    }
}

segment! {
    /// A fact about coverage (EB).
    Benefit = "EB" {
        /// EB01: what kind of fact, such as 1 active, B co-payment, C deductible.
        information: Text,
        /// EB02: for whom, such as IND or FAM.
        coverage_level: Text,
        /// EB03: service types it is about.
        service_types: Repetitions,
        /// EB04: kind of insurance.
        insurance_type: Text,
        /// EB05: name of the plan.
        plan: Text,
        /// EB06: the time an amount is for, such as 23 calendar year, 29 remaining.
        period: Text,
        /// EB07: amount.
        amount: Field<Money>,
        /// EB08: share, as a fraction of one.
        percent: Field<Count>,
        /// EB09: what the quantity counts.
        quantity_qualifier: Text,
        /// EB10: quantity.
        quantity: Field<Count>,
        /// EB11: whether an authorisation is needed: Y, N or U.
        authorization: Text,
        /// EB12: whether it is for providers in the network: Y, N, U, or W for both.
        in_network: Text,
        /// EB13: a procedure.
        procedure: Option<Box<Procedure>>,
        /// EB14: places of the diagnoses it is about.
        diagnosis_pointers: Components,
    }
}

segment! {
    /// How much of a service, and how often (HSD).
    Delivery = "HSD" {
        /// HSD01: what is counted, such as VS visits.
        qualifier: Text,
        /// HSD02.
        quantity: Field<Count>,
        /// HSD03: per what.
        unit: Text,
        /// HSD04: every so many units.
        modulus: Field<Count>,
        /// HSD05: within which time.
        period: Text,
        /// HSD06: how many such times.
        periods: Field<Count>,
        /// HSD07: on which days.
        frequency: Text,
        /// HSD08: at which hours.
        pattern: Text,
    }
}

segment! {
    /// Why a question is not answered (AAA).
    Rejection = "AAA" {
        /// AAA01: whether the request as such was valid.
        valid: Text,
        /// AAA02.
        agency: Text,
        /// AAA03: why.
        reason: Text,
        /// AAA04: what to do.
        follow_up: Text,
    }
}

segment! {
    /// Free text (MSG).
    Message = "MSG" {
        /// MSG01.
        text: Text,
        /// MSG02.
        carriage: Text,
        /// MSG03.
        number: Text,
    }
}

segment! {
    /// Facts from a code list, such as a place of service (III).
    Industry = "III" {
        /// III01: the list.
        list: Text,
        /// III02: the code.
        code: Text,
        /// III03.
        category: Text,
        /// III04.
        text: Text,
        /// III05.
        quantity: Field<Count>,
        /// III06.
        unit: Components,
    }
}

segment! {
    /// How somebody stands to the subscriber (INS).
    Relationship = "INS" {
        /// INS01: whether this is the subscriber: Y or N.
        insured: Text,
        /// INS02: relationship.
        relationship: Text,
        /// INS03: maintenance type; 001 tells of a change.
        maintenance: Text,
        /// INS04: maintenance reason; 25 tells of a changed identity.
        maintenance_reason: Text,
        /// INS05.
        benefit_status: Text,
        /// INS06.
        medicare: Whole,
        /// INS07.
        continuation: Text,
        /// INS08.
        employment: Text,
        /// INS09.
        student: Text,
        /// INS10.
        handicapped: Text,
        /// INS11.
        death_format: Text,
        /// INS12.
        death_date: Text,
        /// INS13.
        confidentiality: Text,
        /// INS14.
        city: Text,
        /// INS15.
        state: Text,
        /// INS16.
        country: Text,
        /// INS17: order among those born together.
        birth_sequence: Field<Count>,
    }
}

segment! {
    /// Service in the forces (MPI).
    Military = "MPI" {
        /// MPI01: how current it is.
        status: Text,
        /// MPI02.
        employment: Text,
        /// MPI03: which service.
        affiliation: Text,
        /// MPI04.
        description: Text,
        /// MPI05.
        rank: Text,
        /// MPI06.
        format: Text,
        /// MPI07.
        period: Text,
    }
}

segment! {
    /// Up to eight diagnoses, each a list and a code (HI).
    Diagnoses = "HI" {
        /// HI01: the main one.
        code_1: Components,
        /// HI02.
        code_2: Components,
        /// HI03.
        code_3: Components,
        /// HI04.
        code_4: Components,
        /// HI05.
        code_5: Components,
        /// HI06.
        code_6: Components,
        /// HI07.
        code_7: Components,
        /// HI08.
        code_8: Components,
    }
}
