//! Segment ids as numbers: a `match` of many arms tells them apart in a few comparisons.

use crate::guide::pack_id;

macro_rules! ids {
    ($($name:ident)*) => {
        $(pub(super) const $name: u32 = pack_id(stringify!($name).as_bytes());)*
    };
}

ids! {
    AMT BHT BPR CAS CLM CLP CUR DMG DTM DTP EB EQ HI HL LIN LQ LX MIA MOA N1 N4 NM1 PER PLB PRV QTY REF SBR STC SV1 SV2
    SV3 SV5 SVC SVD TRN TS3
}
