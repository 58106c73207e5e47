//! Remittances of synthetic payers, written as bytes for tests and benches.

use std::fmt::Write as _;

/// One adjustment: group, reason, cents.
pub(crate) type Cas = (&'static str, &'static str, i64);

/// A service line of a claim.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) procedure: String,
    pub(crate) charge: i64,
    pub(crate) day: &'static str,
    pub(crate) control: Option<String>,
    pub(crate) cas: Vec<Cas>,
}

impl Line {
    pub(crate) fn new(procedure: &str, charge: i64, cas: &[Cas]) -> Self {
        Self { procedure: procedure.to_owned(), charge, day: "20240115", control: None, cas: cas.to_vec() }
    }

    pub(crate) fn control(mut self, number: &str) -> Self {
        self.control = Some(number.to_owned());
        self
    }

    pub(crate) fn paid(&self) -> i64 {
        self.charge - self.cas.iter().map(|c| c.2).sum::<i64>()
    }
}

/// A claim of a remittance.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) number: String,
    pub(crate) status: &'static str,
    pub(crate) cas: Vec<Cas>,
    pub(crate) lines: Vec<Line>,
}

impl Claim {
    pub(crate) fn new(number: &str, status: &'static str, lines: Vec<Line>) -> Self {
        Self { number: number.to_owned(), status, cas: Vec::new(), lines }
    }

    pub(crate) fn charge(&self) -> i64 {
        self.lines.iter().map(|l| l.charge).sum()
    }

    pub(crate) fn paid(&self) -> i64 {
        self.lines.iter().map(Line::paid).sum::<i64>() - self.cas.iter().map(|c| c.2).sum::<i64>()
    }
}

/// Writes an interchange with one 835 that balances; `plb` are reason and cents.
pub(crate) fn file(trace: &str, claims: &[Claim], plb: &[(&str, i64)]) -> String {
    let paid = claims.iter().map(Claim::paid).sum::<i64>() - plb.iter().map(|p| p.1).sum::<i64>();
    let mut body = format!(
        "ST*835*0001~BPR*I*{}*C*ACH*CCP*01*999988880*DA*0012345*1512345678**01*999988881*DA*0098765*20240131~\
         TRN*1*{trace}*1512345678~DTM*405*20240130~N1*PR*EXAMPLE HEALTH PLAN~N3*1 PLAN WAY~N4*AUSTIN*TX*787010000~\
         REF*2U*EHP01~PER*BL*HELP DESK*TE*5125550100~N1*PE*LAKESIDE COUNSELING*XX*1888888884~LX*1~",
        money(paid)
    );
    for claim in claims {
        let _ = write!(
            body,
            "CLP*{}*{}*{}*{}*0*12*PCN{}*11*1~",
            claim.number,
            claim.status,
            money(claim.charge()),
            money(claim.paid()),
            claim.number
        );
        cas(&mut body, &claim.cas);
        body.push_str("NM1*QC*1*RIVERS*ALEX****MI*W123456789~");
        for line in &claim.lines {
            let _ = write!(body, "SVC*HC:{}*{}*{}**1~", line.procedure, money(line.charge), money(line.paid()));
            let _ = write!(body, "DTM*472*{}~", line.day);
            cas(&mut body, &line.cas);
            if let Some(control) = &line.control {
                let _ = write!(body, "REF*6R*{control}~");
            }
        }
    }
    for (reason, amount) in plb {
        let _ = write!(body, "PLB*1888888884*20241231*{reason}:REF1*{}~", money(*amount));
    }
    let count = body.matches('~').count() + 1;
    format!(
        "ISA*00*          *00*          *ZZ*EHP01          *ZZ*LAKESIDE       *240131*1200*^*00501*000000001*0*T*:~\
         GS*HP*EHP01*LAKESIDE*20240131*1200*1*X*005010X221A1~{body}SE*{count}*0001~GE*1*1~IEA*1*000000001~"
    )
}

fn cas(out: &mut String, list: &[Cas]) {
    for (group, reason, amount) in list {
        let _ = write!(out, "CAS*{group}*{reason}*{}~", money(*amount));
    }
}

pub(crate) fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}
