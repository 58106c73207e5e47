//! Remittances of the tests' own making (X12 005010X221A1), apart from those of the demo.

use std::fmt::Write as _;

use serde_json::Value;

/// A claim that a payer has decided about; amounts in cents.
pub(crate) struct Payment {
    /// Our number.
    pub(crate) number: String,
    /// Each line's procedure, with its modifiers behind colons, and charge.
    pub(crate) lines: Vec<(String, i64)>,
    /// The day of service, `YYYYMMDD`.
    pub(crate) day: String,
}

impl Payment {
    /// Reads what a payer has to know about a claim of the API.
    pub(crate) fn of(claim: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line = |line: &Value| {
            let modifiers = line["modifiers"].as_array().into_iter().flatten();
            let code = modifiers.fold(text(&line["procedure"]), |code, modifier| format!("{code}:{}", text(modifier)));
            (code, cents(&text(&line["charge"])))
        };
        Self {
            number: text(&claim["control_number"]),
            lines: claim["claim"]["lines"].as_array().unwrap().iter().map(line).collect(),
            day: text(&claim["first_day"]).replace('-', ""),
        }
    }
}

/// What the payer's contract takes off each line, and what the client pays of it.
pub(crate) const OFF: i64 = 1_500;
pub(crate) const COPAY: i64 = 2_000;

/// Writes a remittance of `payer` that pays every claim, and returns it with its amount in cents.
pub(crate) fn write(payer: &str, trace: &str, payments: &[Payment]) -> (String, i64) {
    let (mut claims, mut total) = (String::new(), 0);
    for payment in payments {
        let charge: i64 = payment.lines.iter().map(|(_, charge)| charge).sum();
        let count = i64::try_from(payment.lines.len()).unwrap();
        let (paid, copay) = (charge - count * (OFF + COPAY), count * COPAY);
        total += paid;
        let number = &payment.number;
        let amounts = format!("{}*{}*{}", money(charge), money(paid), money(copay));
        write!(claims, "CLP*{number}*1*{amounts}*CI*P{number}*11~NM1*QC*1*NAME*SOME~").unwrap();
        for (code, charge) in &payment.lines {
            let paid = money(charge - OFF - COPAY);
            write!(claims, "SVC*HC:{code}*{}*{paid}**1~DTM*472*{}~", money(*charge), payment.day).unwrap();
            write!(claims, "CAS*CO*45*{}~CAS*PR*3*{}~", money(OFF), money(COPAY)).unwrap();
        }
    }
    let day = &payments[0].day;
    let set = format!(
        "ST*835*0001~BPR*I*{}*C*ACH*CCP*01*999999992*DA*1*1512345678**01*999988880*DA*2*{day}~\
         TRN*1*{trace}*1512345678~DTM*405*{day}~N1*PR*SOME PAYER~N3*1 ROAD~N4*DENVER*CO*80201~REF*2U*{payer}~\
         PER*BL*DESK*TE*8005550100~N1*PE*SOME PRACTICE*XX*1234567893~LX*1~{claims}",
        money(total),
    );
    let file = format!(
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PRACTICE       *{}*0900*^*00501*000000001*0*T*:~\
         GS*HP*PAYER*PRACTICE*{day}*0900*1*X*005010X221A1~{set}SE*{}*0001~GE*1*1~IEA*1*000000001~",
        &day[2..],
        set.matches('~').count() + 1,
    );
    (file, total)
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Reads an amount such as `-12.50`.
pub(crate) fn cents(text: &str) -> i64 {
    let (whole, part) = text.trim_start_matches('-').split_once('.').unwrap_or((text, "00"));
    let amount = whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap();
    if text.starts_with('-') { -amount } else { amount }
}
