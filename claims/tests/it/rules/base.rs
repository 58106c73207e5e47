//! Sets that break no rule, made up.

fn file(group: &str, guide: &str, set: &str, body: &str) -> String {
    let third = if set == "835" { String::new() } else { format!("*{guide}") };
    let segments: Vec<&str> = body.split_ascii_whitespace().collect();
    // Blanks within the made-up values are written as underscores.
    let body = segments.concat().replace('_', " ");
    let count = body.matches('~').count() + 2;
    format!(
        "ISA*00*          *00*          *ZZ*LAKESIDE       *ZZ*EXCHANGE       *240301*1200*^*00501*000000001*0*T*:~\
         GS*{group}*LAKESIDE*EXCHANGE*20240301*1200*1*X*{guide}~ST*{set}*0001{third}~{body}SE*{count}*0001~\
         GE*1*1~IEA*1*000000001~"
    )
}

pub(crate) fn all() -> [(&'static str, String); 9] {
    [
        ("professional", professional()),
        ("dependent", dependent()),
        ("institutional", institutional()),
        ("remittance", remittance()),
        ("inquiry", inquiry()),
        ("benefits", benefits()),
        ("status request", status_request()),
        ("status", status()),
        ("acknowledgement", acknowledgement()),
    ]
}

/// A second payer's claim of a stay, with two lines the first payer decided.
pub(crate) fn professional() -> String {
    file(
        "HC",
        "005010X222A1",
        "837",
        "BHT*0019*00*BATCH1*20240301*1200*CH~
        NM1*41*2*LAKESIDE*****46*LAKE01~PER*IC*OFFICE*TE*5125550100~NM1*40*2*EXCHANGE*****46*EXCH01~
        HL*1**20*1~PRV*BI*PXC*251S00000X~CUR*85*USD~
        NM1*85*2*LAKESIDE*****XX*1888888884~N3*100_LAKE_STREET~N4*AUSTIN*TX*787011234~REF*EI*741234567~
        HL*2*1*22*0~SBR*S*18*******CI~
        NM1*IL*1*RIVERS*ALEX****MI*W123456789~N3*7_CEDAR~N4*AUSTIN*TX*787011234~DMG*D8*19850412*F~REF*SY*123456789~
        NM1*PR*2*PLAN*****PI*EHP01~
        CLM*C-1*250***21:B:1*Y*A*Y*Y**AA:OA::TX~
        DTP*439*D8*20240101~DTP*314*RD8*20240101-20240110~DTP*435*D8*20240110~DTP*096*D8*20240120~
        HI*ABK:F411*ABF:F331~HI*BG:A1~
        NM1*82*1*HALE*ROBIN****XX*1999999992~PRV*PE*PXC*1041C0700X~REF*0B*LIC1~
        SBR*P*18*******CI~CAS*CO*45*10~AMT*D*200~OI***Y***Y~MOA***MA01~
        NM1*IL*1*RIVERS*ALEX****MI*W123456789~NM1*PR*2*OTHER*****PI*OTHER1~
        LX*1~SV1*HC:90837:95*150*UN*1***1:2~DTP*472*D8*20240115~REF*6R*L1~LIN**N4*00002143380~CTP****1*UN~
        SVD*OTHER1*120*HC:90837**1~CAS*CO*45*30~DTP*573*D8*20240201~
        LX*2~SV1*HC:90834*100*UN*1*11**1~DTP*472*D8*20240116~REF*6R*L2~
        SVD*OTHER1*90*HC:90834**1~CAS*PR*2*10~DTP*573*D8*20240201~",
    )
}

/// A child's claim, and another after it.
pub(crate) fn dependent() -> String {
    file(
        "HC",
        "005010X222A1",
        "837",
        "BHT*0019*00*BATCH1*20240301*1200*CH~
        NM1*41*2*LAKESIDE*****46*LAKE01~PER*IC*OFFICE*TE*5125550100~NM1*40*2*EXCHANGE*****46*EXCH01~
        HL*1**20*1~NM1*85*2*LAKESIDE*****XX*1888888884~N3*100_LAKE_STREET~N4*AUSTIN*TX*787011234~REF*EI*741234567~
        HL*2*1*22*1~SBR*P********CI~NM1*IL*1*RIVERS*ALEX****MI*W123456789~NM1*PR*2*PLAN*****PI*EHP01~
        HL*3*2*23*0~PAT*19~NM1*QC*1*RIVERS*NOEL~N3*7_CEDAR~N4*AUSTIN*TX*787011234~DMG*D8*20120901*M~
        CLM*D-1*150***11:B:7*Y*A*Y*Y~REF*F8*PCN1~HI*ABK:F411~
        NM1*82*1*HALE*ROBIN****XX*1999999992~LX*1~SV1*HC:90837*150*UN*1***1~DTP*472*D8*20240115~
        CLM*D-2*100***11:B:1*Y*A*Y*Y~HI*ABK:F411~LX*1~SV1*HC:90834*100*UN*1***1~DTP*472*D8*20240116~",
    )
}

pub(crate) fn institutional() -> String {
    file(
        "HC",
        "005010X223A2",
        "837",
        "BHT*0019*00*BATCH1*20240301*1200*CH~
        NM1*41*2*LAKESIDE*****46*LAKE01~PER*IC*OFFICE*TE*5125550100~NM1*40*2*EXCHANGE*****46*EXCH01~
        HL*1**20*1~NM1*85*2*LAKESIDE*****XX*1888888884~N3*100_LAKE_STREET~N4*AUSTIN*TX*787011234~REF*EI*741234567~
        HL*2*1*22*0~SBR*P*18*******CI~
        NM1*IL*1*RIVERS*ALEX****MI*W123456789~N3*7_CEDAR~N4*AUSTIN*TX*787011234~DMG*D8*19850412*F~
        NM1*PR*2*PLAN*****PI*EHP01~
        CLM*I-1*300***11:A:1**A*Y*Y~DTP*096*TM*1200~DTP*434*RD8*20240110-20240120~DTP*435*DT*202401101200~CL1*1*1*01~
        HI*ABK:F329:::::::Y~HI*ABJ:F329~HI*BBR:GZ3ZZZZ:D8:20240111~HI*BG:A1~
        NM1*71*1*HALE*ROBIN****XX*1999999992~LX*1~SV2*0124**300*DA*10~DTP*472*D8*20240111~",
    )
}

pub(crate) fn remittance() -> String {
    file(
        "HP",
        "005010X221A1",
        "835",
        "BPR*I*130*C*ACH*CCP*01*111000025*DA*123*1741234567**01*111000025*DA*456*20240215~TRN*1*TRACE1*1741234567~
        N1*PR*PLAN~N3*1_PLAN_WAY~N4*AUSTIN*TX*787011234~PER*BL*HELP*TE*5125550100~N1*PE*LAKESIDE*XX*1888888884~
        LX*1~TS3*1888888884*11*20241231*2*250~
        CLP*C-1*1*150*100*20*12*PCN1~NM1*QC*1*RIVERS*ALEX~MOA***MA01~
        SVC*HC:90837*150*100**1~DTM*472*20240115~CAS*CO*45*30~CAS*PR*2*20~LQ*HE*N130~
        CLP*C-2*1*100*40*10*12*PCN2~CAS*CO*45*50~CAS*PR*3*10~NM1*QC*1*RIVERS*NOEL~DTM*232*20240116~DTM*233*20240117~
        LX*2~PLB*1888888884*20241231*WO:REF1*10~",
    )
}

pub(crate) fn inquiry() -> String {
    file(
        "HS",
        "005010X279A1",
        "270",
        "BHT*0022*13*INQ1*20240301*1200~HL*1**20*1~NM1*PR*2*PLAN*****PI*EHP01~
        HL*2*1*21*1~NM1*1P*2*LAKESIDE*****XX*1888888884~
        HL*3*2*22*0~TRN*1*TRACE1*9LAKESIDE1~NM1*IL*1*RIVERS*ALEX****MI*W123456789~DMG*D8*19850412~EQ*30~",
    )
}

pub(crate) fn benefits() -> String {
    file(
        "HB",
        "005010X279A1",
        "271",
        "BHT*0022*11*INQ1*20240301*1200~HL*1**20*1~NM1*PR*2*PLAN*****PI*EHP01~
        HL*2*1*21*1~NM1*1P*2*LAKESIDE*****XX*1888888884~
        HL*3*2*22*0~TRN*2*TRACE1*9LAKESIDE1~NM1*IL*1*RIVERS*ALEX****MI*W123456789~EB*A**98*****.2~",
    )
}

pub(crate) fn status_request() -> String {
    file(
        "HR",
        "005010X212",
        "276",
        "BHT*0010*13*ASK1*20240301*1200~HL*1**20*1~NM1*PR*2*PLAN*****PI*EHP01~HL*2*1*21*1~NM1*41*2*LAKESIDE*****46*LAKE01~
        HL*3*2*19*1~NM1*1P*2*LAKESIDE*****XX*1888888884~HL*4*3*22*0~DMG*D8*19850412*F~
        NM1*IL*1*RIVERS*ALEX****MI*W123456789~TRN*1*C-1~AMT*T3*150~DTP*472*D8*20240115~
        TRN*1*C-2~AMT*T3*100~DTP*472*D8*20240116~",
    )
}

pub(crate) fn status() -> String {
    file(
        "HN",
        "005010X212",
        "277",
        "BHT*0010*08*ASK1*20240301*1200*DG~HL*1**20*1~NM1*PR*2*PLAN*****PI*EHP01~HL*2*1*21*1~NM1*41*2*LAKESIDE*****46*LAKE01~
        HL*3*2*19*1~NM1*1P*2*LAKESIDE*****XX*1888888884~HL*4*3*22*0~
        NM1*IL*1*RIVERS*ALEX****MI*W123456789~TRN*2*C-1~STC*F1:65*20240201**150*100~DTP*472*D8*20240115~",
    )
}

/// One claim accepted and one rejected.
pub(crate) fn acknowledgement() -> String {
    file(
        "HN",
        "005010X214",
        "277",
        "BHT*0085*08*ACK1*20240301*1200*TH~HL*1**20*1~NM1*PR*2*PLAN*****PI*EHP01~
        TRN*1*RECEIPT1~DTP*050*D8*20240301~DTP*009*D8*20240301~
        HL*2*1*21*1~NM1*41*2*LAKESIDE*****46*LAKE01~TRN*2*BATCH1~STC*A1:19*20240301*WQ*250~
        QTY*90*1~QTY*AA*1~AMT*YU*150~AMT*YY*100~
        HL*3*2*19*1~NM1*85*2*LAKESIDE*****XX*1888888884~TRN*1*0~STC*A1:19**WQ*250~QTY*QA*1~QTY*QC*1~AMT*YU*150~AMT*YY*100~
        HL*4*3*PT*0~NM1*QC*1*RIVERS*ALEX****MI*W123456789~TRN*2*C-1~STC*A2:20*20240301*WQ*150~DTP*472*D8*20240115~
        HL*5*3*PT*0~NM1*QC*1*RIVERS*NOEL****MI*W123456780~TRN*2*C-2~STC*A7:562*20240301*U*100~DTP*472*D8*20240116~",
    )
}
