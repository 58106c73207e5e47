//! An invented claim: who, what, when and what the payer makes of it.

/// A claim of one patient.
pub(super) struct Claim {
    pub(super) number: u64,
    pub(super) subscriber: Person,
    /// The patient, where that is not the subscriber.
    pub(super) dependent: Option<Person>,
    pub(super) payer: &'static Payer,
    pub(super) member: u64,
    pub(super) group: u64,
    pub(super) clinician: Clinician,
    pub(super) referrer: Option<Clinician>,
    pub(super) authorization: Option<u64>,
    pub(super) place: &'static str,
    pub(super) diagnoses: Vec<&'static str>,
    pub(super) lines: Vec<Line>,
    pub(super) denied: bool,
}

pub(super) struct Person {
    pub(super) last: &'static str,
    pub(super) first: &'static str,
    pub(super) house: u64,
    pub(super) town: &'static Town,
    pub(super) born: String,
    pub(super) sex: char,
}

pub(super) struct Town {
    pub(super) name: &'static str,
    pub(super) state: &'static str,
    pub(super) zip: &'static str,
}

pub(super) struct Payer {
    pub(super) name: &'static str,
    pub(super) id: &'static str,
    pub(super) filing: &'static str,
}

pub(super) struct Clinician {
    pub(super) last: &'static str,
    pub(super) first: &'static str,
    pub(super) npi: String,
    pub(super) taxonomy: &'static str,
}

/// A service line; amounts in cents.
pub(super) struct Line {
    pub(super) procedure: &'static str,
    pub(super) modifier: Option<&'static str>,
    pub(super) charge: i64,
    pub(super) day: String,
    pub(super) contractual: i64,
    pub(super) deductible: i64,
    pub(super) copay: i64,
    /// How many of the claim's diagnoses it points to.
    pub(super) pointers: usize,
}

impl Line {
    pub(super) const fn patient_share(&self) -> i64 {
        self.deductible + self.copay
    }

    pub(super) const fn paid(&self) -> i64 {
        self.charge - self.contractual - self.patient_share()
    }
}

impl Claim {
    /// Invents claim `number` of a seed.
    pub(super) fn invent(seed: u64, number: u64) -> Self {
        let mut dice = Dice(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let family = *dice.one_of(&FAMILIES);
        let telehealth = dice.below(2) == 0;
        let denied = dice.below(25) == 0;
        let first = dice.below(16) as usize;
        let count = 1 + dice.below(3) as usize;
        let (month, day) = (1 + dice.below(3), 1 + dice.below(20));
        let lines = (0..=dice.below(4).min(3))
            .map(|n| Line::invent(&mut dice, telehealth, denied, format!("2024{month:02}{:02}", day + n), count))
            .collect();
        Self {
            number,
            subscriber: Person::invent(&mut dice, family, 1950),
            dependent: (dice.below(4) == 0).then(|| Person::invent(&mut dice, family, 1996)),
            payer: dice.one_of(&PAYERS),
            member: dice.below(1_000_000_000),
            group: 10_000 + dice.below(90_000),
            clinician: Clinician::invent(&mut dice),
            referrer: (dice.below(8) == 0).then(|| Clinician::invent(&mut dice)),
            authorization: (dice.below(5) == 0).then(|| dice.below(10_000_000)),
            place: if telehealth { "10" } else { "11" },
            diagnoses: (0..count).map(|n| DIAGNOSES[(first + n * 7) % DIAGNOSES.len()]).collect(),
            lines,
            denied,
        }
    }

    pub(super) fn charge(&self) -> i64 {
        self.lines.iter().map(|line| line.charge).sum()
    }

    pub(super) fn paid(&self) -> i64 {
        self.lines.iter().map(Line::paid).sum()
    }

    pub(super) fn patient_share(&self) -> i64 {
        self.lines.iter().map(Line::patient_share).sum()
    }

    pub(super) fn patient(&self) -> &Person {
        self.dependent.as_ref().unwrap_or(&self.subscriber)
    }
}

impl Person {
    /// Invents a person born within twenty years from `year`.
    fn invent(dice: &mut Dice, family: &'static str, year: u64) -> Self {
        Self {
            last: family,
            first: *dice.one_of(&GIVEN),
            house: 1 + dice.below(9_000),
            town: dice.one_of(&TOWNS),
            born: format!("{}{:02}{:02}", year + dice.below(20), 1 + dice.below(12), 1 + dice.below(28)),
            sex: *dice.one_of(&['F', 'M']),
        }
    }
}

impl Clinician {
    fn invent(dice: &mut Dice) -> Self {
        Self {
            last: *dice.one_of(&FAMILIES),
            first: *dice.one_of(&GIVEN),
            npi: npi(100_000_000 + dice.below(50)),
            taxonomy: *dice.one_of(&TAXONOMIES),
        }
    }
}

impl Line {
    fn invent(dice: &mut Dice, telehealth: bool, denied: bool, day: String, diagnoses: usize) -> Self {
        let (procedure, fee) = *dice.one_of(&PROCEDURES);
        let charge = fee + 50 * i64::from(dice.below(40) as u32);
        let reduction = if denied { 100 } else { 20 + i64::from(dice.below(25) as u32) };
        let contractual = charge * reduction / 100;
        let deductible = if denied || dice.below(6) > 0 { 0 } else { (charge - contractual) / 3 };
        let copay = if denied { 0 } else { 500 * i64::from(dice.below(6) as u32) };
        let modifier = telehealth.then_some("95");
        let pointers = 1 + dice.below(diagnoses as u64) as usize;
        Self { procedure, modifier, charge, day, contractual, deductible, copay, pointers }
    }
}

/// Adds the check digit to nine digits (Luhn with the prefix 80840).
pub(super) fn npi(nine: u64) -> String {
    let digit = |i: u32| nine / 10_u64.pow(i) % 10;
    let sum: u64 = (0..9).map(|i| if i % 2 == 0 { digit(i) * 2 / 10 + digit(i) * 2 % 10 } else { digit(i) }).sum();
    format!("{nine}{}", (10 - (sum + 24) % 10) % 10)
}

/// `SplitMix64`: a few instructions, and any seed will do.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ z >> 31) % limit
    }

    fn one_of<T>(&mut self, all: &'static [T]) -> &'static T {
        &all[self.below(all.len() as u64) as usize]
    }
}

static FAMILIES: [&str; 16] = [
    "RIVERS",
    "HALE",
    "VALE",
    "OKAFOR",
    "LINDQVIST",
    "MORENO",
    "TANAKA",
    "ABERNATHY",
    "DIAZ",
    "KOWALSKI",
    "NGUYEN",
    "PATEL",
    "O'BRIEN",
    "STONE",
    "FAIRWEATHER",
    "BECK",
];
static GIVEN: [&str; 16] = [
    "ALEX",
    "ROBIN",
    "KIM",
    "LEE",
    "NOEL",
    "MARIA",
    "JORDAN",
    "SAM",
    "TAYLOR",
    "ANA",
    "CASEY",
    "MORGAN",
    "JAMIE",
    "CHRISTOPHER",
    "ELIZABETH",
    "DANA",
];
static TOWNS: [Town; 6] = [
    Town { name: "AUSTIN", state: "TX", zip: "787011234" },
    Town { name: "WACO", state: "TX", zip: "767014321" },
    Town { name: "DENVER", state: "CO", zip: "802021111" },
    Town { name: "PORTLAND", state: "OR", zip: "972052222" },
    Town { name: "MADISON", state: "WI", zip: "537033333" },
    Town { name: "SALEM", state: "OR", zip: "973014444" },
];
static PAYERS: [Payer; 4] = [
    Payer { name: "EXAMPLE HEALTH PLAN", id: "EHP01", filing: "12" },
    Payer { name: "HARBOR MUTUAL", id: "HRB22", filing: "12" },
    Payer { name: "PRAIRIE HEALTH MAINTENANCE", id: "PHM07", filing: "HM" },
    Payer { name: "CASCADE BENEFITS", id: "CSC10", filing: "15" },
];
static TAXONOMIES: [&str; 5] = ["1041C0700X", "103TC0700X", "101YM0800X", "106H00000X", "2084P0800X"];
static DIAGNOSES: [&str; 16] = [
    "F411", "F331", "F330", "F4310", "F4323", "F902", "F410", "F321", "F4312", "F319", "F422", "F341", "F1020", "F603",
    "F4010", "F840",
];
/// Procedure and fee in cents.
static PROCEDURES: [(&str, i64); 7] = [
    ("90791", 22_000),
    ("90832", 9_500),
    ("90834", 13_000),
    ("90837", 17_500),
    ("90847", 16_000),
    ("90853", 6_000),
    ("99214", 15_500),
];
