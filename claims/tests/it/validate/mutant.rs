//! Files of our own, broken in one place each: the rule that is broken is named, and no other.

use mentalspace_claims::validate::{Finding, Snip, validate};

use crate::era;

const CLAIM: &str = include_str!("../../golden/837p/subscriber_is_patient.x12");
const SECONDARY: &str = include_str!("../../golden/837p/secondary_by_line.x12");

fn remittance() -> String {
    let line = era::Line::new("90837", 15_000, &[("CO", "45", 4_000)]).control("L1");
    era::file("T1", &[era::Claim::new("C1", "1", vec![line])], &[])
}

/// Corrects SE01 of a file with one set.
fn recounted(file: &str) -> String {
    let end = file.find("SE*").unwrap();
    let count = file[file.find("ST*").unwrap()..end].matches('~').count() + 1;
    let control = file[end..].split_once('~').unwrap().0.rsplit_once('*').unwrap().1;
    let rest = &file[end + file[end..].find('~').unwrap()..];
    format!("{}SE*{count}*{control}{rest}", &file[..end])
}

/// What the rules of syntax and guide say of `file`, as rule, loop and place: `element-missing 2300 CLM05-1`.
fn said(file: &str) -> Vec<String> {
    let place = |f: &Finding| {
        let element = match f.element {
            Some(at) if at.component > 0 => format!("{:02}-{}", at.element, at.component),
            Some(at) => format!("{:02}", at.element),
            None => String::new(),
        };
        format!("{} {} {}{element}", f.rule.id, f.loop_id, f.segment).replace("  ", " ")
    };
    let report = validate(file.as_bytes());
    report.findings.iter().filter(|f| f.rule.snip <= Snip::Guide).map(place).collect()
}

/// Replaces `old`, which is there once, corrects the count and says what was found.
#[track_caller]
fn after(file: &str, old: &str, new: &str) -> Vec<String> {
    assert_eq!(file.matches(old).count(), 1, "{old}");
    said(&recounted(&file.replace(old, new)))
}

#[track_caller]
fn claim(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(after(CLAIM, old, new), expected, "{old} -> {new}");
}

#[track_caller]
fn payment(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(after(&remittance(), old, new), expected, "{old} -> {new}");
}

#[test]
fn whole_files_are_clean() {
    for file in [CLAIM, SECONDARY, &remittance()] {
        assert_eq!(said(file), [""; 0]);
    }
}

#[test]
fn a_missing_segment_is_named_with_its_loop() {
    claim("N3*100 LAKE STREET~\n", "", &["segment-missing 2010AA N3"]);
    claim("HI*ABK:F411*ABF:F331~\n", "", &["segment-missing 2300 HI"]);
    claim("SV1*HC:90837*150*UN*1***1~\n", "", &["segment-missing 2400 SV1"]);
    payment("TRN*1*T1*1512345678~", "", &["segment-missing TRN"]);
    payment("PER*BL*HELP DESK*TE*5125550100~", "", &["segment-missing 1000A PER"]);
    payment("NM1*QC*1*RIVERS*ALEX****MI*W123456789~", "", &["segment-missing 2100 NM1"]);
}

#[test]
fn a_missing_loop_is_named() {
    claim("NM1*40*2*EXAMPLE EXCHANGE*****46*EXCH01~\n", "", &["loop-missing 1000B NM1"]);
    claim("NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01~\n", "", &["loop-missing 2010BB NM1"]);
    payment("N1*PE*LAKESIDE COUNSELING*XX*1888888884~", "", &["loop-missing 1000B N1"]);
}

/// The segments of the loop find no place of their own, and one finding is enough for all of them.
#[test]
fn a_loop_that_begins_wrongly_is_passed_over_in_silence() {
    claim(
        "NM1*85*2*LAKESIDE COUNSELING*****XX*1888888884~",
        "NM1*8X*2*LAKESIDE COUNSELING*****XX*1888888884~",
        &["segment-unexpected 2000A NM1", "loop-missing 2010AA NM1"],
    );
    claim("HL*2*1*22*0~", "HL*2*1*24*0~", &["segment-unexpected 2010AA HL", "loop-missing 2000B HL"]);
    payment(
        "N1*PR*EXAMPLE HEALTH PLAN~",
        "N1*XX*EXAMPLE HEALTH PLAN~",
        &["segment-unexpected N1", "loop-missing 1000A N1"],
    );
}

#[test]
fn a_segment_with_an_unknown_id_disturbs_nothing() {
    claim("LX*1~", "QQ9*1~\nLX*1~", &["segment-unknown 2310B QQ9"]);
    claim("LX*1~", "MOA***MA01~\nLX*1~", &["segment-unexpected 2310B MOA"]);
    claim("LX*1~", "CLP*1~\nLX*1~", &["segment-not-in-guide 2310B CLP"]);
    claim("LX*1~", "lx9*1~\nLX*1~", &["segment-id ?"]);
}

#[test]
fn segments_and_loops_out_of_order_are_placed_all_the_same() {
    claim(
        "N3*100 LAKE STREET~\nN4*AUSTIN*TX*787011234~\nREF*EI*741234567~\n",
        "N4*AUSTIN*TX*787011234~\nN3*100 LAKE STREET~\nREF*EI*741234567~\n",
        &["segment-out-of-order 2010AA N3"],
    );
    claim(
        "HI*ABK:F411*ABF:F331~\nNM1*82*1*HALE*ROBIN****XX*1999999992~\nPRV*PE*PXC*1041C0700X~\n",
        "NM1*82*1*HALE*ROBIN****XX*1999999992~\nPRV*PE*PXC*1041C0700X~\nHI*ABK:F411*ABF:F331~\n",
        &["segment-out-of-order 2300 HI"],
    );
}

#[test]
fn what_is_repeated_too_often_is_named() {
    claim("N3*100 LAKE STREET~", "N3*100 LAKE STREET~\nN3*B~", &["segment-repeated 2010AA N3"]);
    claim("DTP*472*D8*20240115~", "DTP*472*D8*20240115~\nDTP*472*D8*20240115~", &["segment-repeated 2400 DTP"]);
    let twice = "NM1*82*1*HALE*ROBIN****XX*1999999992~\nPRV*PE*PXC*1041C0700X~\n";
    claim(twice, &twice.repeat(2), &["loop-repeated 2310B NM1"]);
}

#[test]
fn a_missing_element_is_named() {
    claim("SBR*P*18*******CI~", "SBR**18*******CI~", &["element-missing 2000B SBR01"]);
    claim("CLM*SELF-1*150***11:B:1*Y*A*Y*Y~", "CLM*SELF-1*150***11::1*Y*A*Y*Y~", &["element-missing 2300 CLM05-2"]);
    claim("DTP*472*D8*20240115~", "DTP*472*D8~", &["element-missing 2400 DTP03"]);
    payment("CAS*CO*45*40.00~", "CAS*CO*45~", &["element-missing 2110 CAS03"]);
}

#[test]
fn an_element_that_is_not_used_is_named() {
    claim("LX*1~", "LX*1*2~", &["element-too-many 2400 LX02"]);
    claim("CLM*SELF-1*150***", "CLM*SELF-1*150*12**", &["element-not-used 2300 CLM03"]);
    claim("HI*ABK:F411*", "HI*ABK:F411:D8*", &["element-not-used 2300 HI01-3"]);
    claim("11:B:1*Y", "11:B:1:9*Y", &["component-too-many 2300 CLM05-4"]);
}

#[test]
fn lengths_count_digits_of_numbers_and_characters_of_text() {
    claim("REF*6R*L1~", &format!("REF*6R*{}~", "L".repeat(30)), &[]);
    claim("REF*6R*L1~", &format!("REF*6R*{}~", "L".repeat(31)), &["element-too-long 2400 REF02"]);
    claim(
        "NM1*40*2*EXAMPLE EXCHANGE*****46*EXCH01~",
        "NM1*40*2*EXAMPLE EXCHANGE*****46*E~",
        &["element-too-short 1000B NM109"],
    );
    claim("UN*1***1~", "UN*-123456.25***1~", &[]);
    claim("UN*1***1~", "UN*-1234567.25***1~", &["element-too-long 2400 SV104"]);
}

#[test]
fn numbers_dates_and_codes_have_their_forms() {
    for wrong in ["+1", "1.", "1e3", "1,5", "--1", "1.2.3", "-", "."] {
        let expected: &[&str] = if wrong == "1." { &[] } else { &["element-number 2400 SV104"] };
        claim("UN*1***1~", &format!("UN*{wrong}***1~"), expected);
    }
    for wrong in ["20240230", "2024011", "20241301", "2024-1-1", "17991231"] {
        claim("DTP*472*D8*20240115~", &format!("DTP*472*D8*{wrong}~"), &["element-date 2400 DTP03"]);
    }
    claim("DTP*472*D8*20240115~", "DTP*472*RD8*20240115-20240116~", &[]);
    claim("DTP*472*D8*20240115~", "DTP*472*RD8*20240115~", &["element-date 2400 DTP03"]);
    claim("BHT*0019*00*BATCH1*20240131*1200*CH~", "BHT*0019*00*BATCH1*20240131*2460*CH~", &["element-time BHT05"]);
    claim("SBR*P*18*******CI~", "SBR*Q*18*******CI~", &["code-unknown 2000B SBR01"]);
    claim("SBR*P*18*******CI~", "SBR*P*19*******CI~", &["code-not-in-guide 2000B SBR02"]);
}

#[test]
fn relations_between_elements_are_kept() {
    claim("NM1*IL*1*RIVERS*ALEX****MI*W123456789~", "NM1*IL*1*RIVERS*ALEX****MI~", &["element-relation 2010BA NM109"]);
    claim("N4*AUSTIN*TX*787011234~\nDMG", "N4*AUSTIN*TX*787011234*US***ABC~\nDMG", &["element-exclusion 2010BA N407"]);
}

#[test]
fn characters_that_do_not_belong_are_named() {
    claim("N3*7 CEDAR COURT~", "N3*7 CEDAR\tCOURT~", &["character-control 2010BA N301"]);
    claim("N3*7 CEDAR COURT~", "N3*7 CÉDAR COURT~", &["character-foreign 2010BA N301"]);
    claim("N3*7 CEDAR COURT~", "N3*7 CEDAR:COURT~", &["element-structure 2010BA N301"]);
    claim("N3*7 CEDAR COURT~", "N3*7 CEDAR^COURT~", &["repetition-too-many 2010BA N301"]);
    claim("N3*7 CEDAR COURT~", "N3*7 CEDAR COURT ~", &["element-blanks 2010BA N301"]);
    claim("N3*7 CEDAR COURT~", "N3*7 CEDAR COURT*~", &["trailing-separators 2010BA N3"]);
    claim("HI*ABK:F411*", "HI*ABK:F411:*", &["trailing-component-separators 2300 HI01"]);
}

/// P16: what generators made at home do wrong.
#[test]
fn what_is_often_written_wrongly_is_found() {
    claim("HI*ABK:F411*ABF:F331~", "HI*ABK:F411~\nHI*ABK:F331~", &["segment-repeated 2300 HI"]);
    claim("HI*ABK:F411*ABF:F331~", "HI*ABK:F411*ABK:F331~", &["code-not-in-guide 2300 HI02-1"]);
    claim("HI*ABK:F411*ABF:F331~", "DTP*434*D8*20240115~\nHI*ABK:F411~", &["segment-unexpected 2300 DTP"]);
    let old = CLAIM.replace("*^*00501*", "*U*00401*");
    assert_eq!(said(&old), ["group-version-differs GS08"]);
}

#[test]
fn the_envelope_is_held_to_its_numbers() {
    let said = |old: &str, new: &str| said(&CLAIM.replace(old, new));
    assert_eq!(said("SE*27*", "SE*28*"), ["set-segment-count SE"]);
    assert_eq!(said("SE*27*0001", "SE*27*0002"), ["set-control SE"]);
    assert_eq!(said("GE*1*1~", "GE*2*1~"), ["group-set-count GE"]);
    assert_eq!(said("GE*1*1~", "GE*1*2~"), ["group-control GE"]);
    assert_eq!(said("IEA*1*", "IEA*2*"), ["interchange-group-count IEA"]);
    assert_eq!(said("IEA*1*000000001~", ""), ["interchange-trailer-missing "]);
    assert_eq!(said("SE*27*0001~\n", ""), ["set-trailer-missing "]);
    assert_eq!(said("*0*T*:~", "*2*T*:~"), ["interchange-ack-requested ISA14"]);
    assert_eq!(said("GS*HC*LAKESIDE*EXCHANGE*20240131", "GS*HC*LAKESIDE*EXCHANGE*20240132"), ["group-header GS04"]);
    assert_eq!(said("ST*837*0001*005010X222A1", "ST*837*0001*005010X223A2").first().unwrap(), "set-guide-differs ST03");
}
