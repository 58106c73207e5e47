use mentalspace_claims::transaction::document::{Document, Transaction};
use mentalspace_claims::transaction::eligibility::{
    Asked, Benefits, Coverage, Eligibility, GUIDE, Network, Question, ShareKind,
};
use mentalspace_claims::validate::validate;
use mentalspace_core::Money;

use crate::people::{billing_provider, child, day, payer, subscriber};

/// Writes what stands between ST and SE, one segment per line, after the whole file was found valid.
fn written(inquiry: &Eligibility) -> String {
    let file = crate::written::file("HS", "270", GUIDE, |out| inquiry.write(out));
    assert_eq!(validate(&file).findings, [], "{}", String::from_utf8_lossy(&file));
    crate::written::lines(&file)
}

fn at() -> chrono::NaiveDateTime {
    day("2024-02-01").and_hms_opt(8, 30, 0).unwrap()
}

#[test]
fn a_question_about_a_subscriber_asks_for_the_coverage_as_a_whole() {
    let (payer, provider, subscriber) = (payer(), billing_provider(), subscriber());
    let question = Question::new(&payer, &provider, &subscriber, "Q-1", at());
    insta::assert_snapshot!(written(&question.inquiry()), @r"
    BHT*0022*13*Q-1*20240201*0830
    HL*1**20*1
    NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01
    HL*2*1*21*1
    NM1*1P*2*LAKESIDE COUNSELING*****XX*1888888884
    HL*3*2*22*0
    TRN*1*Q-1*1741234567
    NM1*IL*1*RIVERS*ALEX****MI*W123456789
    DMG*D8*19850412*F
    DTP*291*D8*20240201
    EQ*30
    ");
}

#[test]
fn a_question_about_a_dependent_names_the_subscriber_and_the_services() {
    let (payer, provider, subscriber, child) = (payer(), billing_provider(), subscriber(), child());
    let question = Question::new(&payer, &provider, &subscriber, "Q-2", at());
    let question = question.about(&child).services(Asked::PRACTICE).on(day("2024-02-05"));
    insta::assert_snapshot!(written(&question.inquiry()), @r"
    BHT*0022*13*Q-2*20240201*0830
    HL*1**20*1
    NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01
    HL*2*1*21*1
    NM1*1P*2*LAKESIDE COUNSELING*****XX*1888888884
    HL*3*2*22*1
    NM1*IL*1*RIVERS*ALEX****MI*W123456789
    DMG*D8*19850412*F
    HL*4*3*23*0
    TRN*1*Q-2*1741234567
    NM1*03*1*RIVERS*NOEL
    DMG*D8*20120901*M
    INS*N*19
    DTP*291*D8*20240205
    EQ*30^MH^A6
    ");
}

fn response(body: &str) -> Vec<Benefits> {
    let text = format!(
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PRACTICE       *240131*1200*^*00501*000000007*0*T*:~\
         GS*HB*PAYER*PRACTICE*20240131*1200*7*X*005010X279A1~ST*271*0001*005010X279A1~BHT*0022*11*Q-1*20240131*1200~\
         {body}SE*2*0001~GE*1*7~IEA*1*000000007~"
    );
    let document = Document::read(text.as_bytes()).unwrap();
    let Transaction::EligibilityResponse(response) = &document.interchanges[0].groups[0].sets[0].transaction else {
        panic!("not a 271");
    };
    Benefits::of(response)
}

const HEAD: &str = "HL*1**20*1~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01~HL*2*1*21*1~\
    NM1*1P*2*LAKESIDE COUNSELING*****XX*1888888884~HL*3*2*22*0~TRN*2*Q-1*1741234567~TRN*1*PAYER-9*9EHP~\
    NM1*IL*1*RIVERS*ALEX****MI*W123456789~DTP*346*D8*20240101~DTP*291*RD8*20240101-20241231~";

#[test]
fn the_front_desk_reads_copay_coinsurance_and_what_is_left_of_the_deductible() {
    let body = format!(
        "{HEAD}EB*1*IND*30^MH*C1*GOLD PPO~EB*B*IND*30***27*40*****Y~EB*B*IND*MH^A6***27*25*****Y~EB*B*IND*MH***27*60*****N~\
         EB*A*IND*30*****.2****W~EB*A*IND*MH*****.4***N*N~EB*C*FAM*30***23*3000*****Y~EB*C*IND*30***23*1500*****Y~\
         EB*C*IND*30***29*850.25*****Y~EB*F*IND*MH***23***VS*20**Y~MSG*20 VISITS A YEAR~EB*CB*IND*MH********Y*Y~\
         EB*R*IND*30~LS*2120~NM1*PRP*2*OTHER PLAN~LE*2120~"
    );
    let benefits = &response(&body)[0];
    assert_eq!((&*benefits.number, benefits.coverage), ("Q-1", Coverage::Active));
    assert_eq!(benefits.plans, ["GOLD PPO"]);
    let money = |text: &str| Some(text.parse::<Money>().unwrap());
    assert_eq!(benefits.copay("MH", Network::In), money("25"), "the service's own goes before the whole coverage's");
    assert_eq!(benefits.copay("MH", Network::Out), money("60"));
    assert_eq!(benefits.copay("98", Network::In), money("40"), "what is said of the whole holds where nothing else is");
    assert_eq!(benefits.coinsurance("98", Network::In).unwrap().to_string(), "0.2");
    assert_eq!(benefits.deductible("MH", Network::In), money("1500"), "one person's, not the family's");
    assert_eq!(benefits.deductible_remaining("MH", Network::In), money("850.25"));
    assert_eq!(benefits.needs_authorization("MH", Network::In), Some(true));
    assert_eq!(benefits.needs_authorization("MH", Network::Out), Some(false));
    assert_eq!(benefits.needs_authorization("98", Network::In), None);
    let limits = benefits.shares_of(&ShareKind::Limit, "MH", Network::In);
    assert_eq!(limits[0].quantity.unwrap().to_string(), "20");
    assert_eq!(limits[0].messages, ["20 VISITS A YEAR"]);
    assert_eq!(benefits.other_payers, ["OTHER PLAN"]);
    assert_eq!(benefits.date(&["346", "291"]).unwrap().from, day("2024-01-01"));
    assert_eq!(benefits.date(&["291"]).unwrap().to, day("2024-12-31"));
}

#[test]
fn inactive_coverage_and_services_that_are_not_covered_are_told_apart() {
    assert_eq!(response(&format!("{HEAD}EB*6~"))[0].coverage, Coverage::Inactive);
    let benefits = &response(&format!("{HEAD}EB*1*IND*30~EB*I*IND*MH~"))[0];
    assert_eq!(benefits.coverage, Coverage::Active);
    assert_eq!(benefits.coverage_of("MH"), Coverage::NotCovered);
    assert_eq!(benefits.coverage_of("98"), Coverage::Active);
    assert_eq!(response(HEAD)[0].coverage, Coverage::Unsaid);
}

#[test]
fn a_rejected_question_says_why_at_whatever_level_it_failed() {
    let source = response("HL*1**20*0~AAA*Y**42*R~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01~AAA*Y**79*N~");
    let told: Vec<_> = source[0].rejections.iter().map(|r| (&*r.loop_id, &*r.reason, &*r.follow_up)).collect();
    assert_eq!(told, [("2000A", "42", "R"), ("2100A", "79", "N")]);
    let member = response(&format!("{HEAD}AAA*N**75*C~"));
    assert_eq!((&*member[0].rejections[0].loop_id, &*member[0].rejections[0].reason), ("2100C", "75"));
    assert_eq!(member[0].coverage, Coverage::Unsaid);
}

#[test]
fn what_is_said_of_the_subscriber_holds_for_the_dependent() {
    let body = format!(
        "{HEAD}EB*1*IND*30*HM*BASIC~HL*4*3*23*0~TRN*2*Q-2*1741234567~NM1*03*1*RIVERS*NOEL~EB*B*IND*MH***27*15~"
    );
    let all = response(&body);
    assert_eq!(all.len(), 1);
    assert_eq!((&*all[0].number, all[0].coverage), ("Q-2", Coverage::Active));
    assert_eq!(all[0].copay("MH", Network::In), Some(Money::from_cents(1500)));
}

#[test]
fn the_json_form_of_benefits_is_stable() {
    let body = format!("{HEAD}EB*1*IND*30*C1*GOLD PPO~EB*B*IND*MH***27*25****Y*Y~AAA*N**75*C~");
    insta::assert_json_snapshot!(response(&body)[0]);
}

#[test]
fn nothing_of_a_patient_is_shown_in_debug_forms() {
    let (payer, provider, subscriber) = (payer(), billing_provider(), subscriber());
    let question = Question::new(&payer, &provider, &subscriber, "Q-1", at());
    let shown = format!("{:?} {:?} {:?}", question, question.inquiry(), response(HEAD)[0]);
    for secret in ["RIVERS", "Rivers", "Alex", "ALEX", "W123456789", "1985"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
