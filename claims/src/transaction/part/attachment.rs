//! PWK.

use super::{Components, Text, segment};

segment! {
    /// Paper that belongs to a claim or a line, and how it comes (PWK).
    Attachment = "PWK" {
        /// PWK01: kind of report.
        report: Text,
        /// PWK02: how it comes.
        transmission: Text,
        /// PWK03: copies.
        copies: Text,
        /// PWK04.
        entity: Text,
        /// PWK05.
        id_qualifier: Text,
        /// PWK06: its control number.
        id: Text,
        /// PWK07.
        description: Text,
        /// PWK08.
        actions: Components,
        /// PWK09.
        request_category: Text,
    }
}
