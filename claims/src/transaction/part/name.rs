//! NM1, N1, N3, N4 and PRV: the pieces of a party.

use super::{Text, segment};

segment! {
    /// Who somebody is (NM1).
    Name = "NM1" {
        /// NM101: what they are here.
        entity: Text,
        /// NM102: 1 a person, 2 an organisation.
        kind: Text,
        /// NM103: last name, or the organisation's.
        last: Text,
        /// NM104.
        first: Text,
        /// NM105.
        middle: Text,
        /// NM106.
        prefix: Text,
        /// NM107.
        suffix: Text,
        /// NM108: what the number is.
        id_qualifier: Text,
        /// NM109: the number.
        id: Text,
    }
}

segment! {
    /// Who somebody is, as organisations are named in payments (N1).
    PartyIdentification = "N1" {
        /// N101: what they are here.
        entity: Text,
        /// N102.
        name: Text,
        /// N103: what the number is.
        id_qualifier: Text,
        /// N104: the number.
        id: Text,
    }
}

segment! {
    /// Lines of an address (N3).
    Street = "N3" {
        /// N301.
        line_1: Text,
        /// N302.
        line_2: Text,
    }
}

segment! {
    /// City, state and ZIP (N4).
    City = "N4" {
        /// N401.
        city: Text,
        /// N402.
        state: Text,
        /// N403: postal code.
        zip: Text,
        /// N404: country.
        country: Text,
        /// N405.
        location_qualifier: Text,
        /// N406.
        location: Text,
        /// N407: subdivision of a country other than the United States.
        subdivision: Text,
    }
}

segment! {
    /// What a provider is trained for (PRV).
    Specialty = "PRV" {
        /// PRV01: BI, PE, AT.
        role: Text,
        /// PRV02: PXC.
        qualifier: Text,
        /// PRV03: taxonomy.
        taxonomy: Text,
    }
}
