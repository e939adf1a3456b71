//! Pages that protect the account: password, second factor, recovery codes and re-authentication.

use kunci_maud::{
    PasswordPage, ProofPage, RecoveryCodesPage, SecondFactorPage, SecondFactorState, Secret, password_page,
    proof_page, recovery_codes_page, second_factor_page,
};

use super::{Sample, State, member, restricted};

pub(super) fn password(sample: &Sample) -> Vec<State> {
    let blank = PasswordPage {
        name: &sample.name,
        current_problem: None,
        new_problem: None,
        form_problem: None,
    };
    let current = PasswordPage {
        current_problem: Some(&sample.sign_in_problem),
        ..blank
    };
    let new = PasswordPage {
        new_problem: Some(&sample.password_problem),
        ..blank
    };
    let form = PasswordPage {
        form_problem: Some(&sample.form_problem),
        ..blank
    };
    vec![
        member("password", password_page(&blank)),
        member("password-current", password_page(&current)),
        member("password-new", password_page(&new)),
        member("password-form", password_page(&form)),
    ]
}

pub(super) fn proof(sample: &Sample) -> Vec<State> {
    let plain = ProofPage {
        name: &sample.name,
        next: None,
        second_factor: false,
        restricted: false,
        password_problem: None,
        code_problem: None,
        form_problem: None,
    };
    let both = ProofPage {
        next: Some(&sample.next),
        second_factor: true,
        ..plain
    };
    let password = ProofPage {
        password_problem: Some(&sample.sign_in_problem),
        ..both
    };
    let code = ProofPage {
        code_problem: Some(&sample.code_problem),
        ..both
    };
    let form = ProofPage {
        form_problem: Some(&sample.form_problem),
        ..plain
    };
    let held = ProofPage {
        restricted: true,
        ..plain
    };
    vec![
        member("proof", proof_page(&plain)),
        member("proof-both", proof_page(&both)),
        member("proof-password", proof_page(&password)),
        member("proof-code", proof_page(&code)),
        member("proof-form", proof_page(&form)),
        restricted("proof-restricted", proof_page(&held)),
    ]
}

pub(super) fn second_factor(sample: &Sample) -> Vec<State> {
    let off = SecondFactorPage {
        name: &sample.name,
        state: SecondFactorState::Off,
        required: false,
        restricted: false,
        form_problem: None,
        notices: &[],
    };
    let waiting = |code_problem| SecondFactorPage {
        state: SecondFactorState::Waiting {
            secret: Secret(&sample.seed),
            uri: Secret(&sample.uri),
            code_problem,
        },
        ..off
    };
    let on = |recovery_codes_left| SecondFactorPage {
        state: SecondFactorState::On {
            since: &sample.first_date,
            recovery_codes_left,
        },
        ..off
    };
    let required = SecondFactorPage {
        required: true,
        notices: &sample.notices,
        ..on(1)
    };
    let form = SecondFactorPage {
        form_problem: Some(&sample.form_problem),
        ..waiting(None)
    };
    let held = |page| SecondFactorPage {
        required: true,
        restricted: true,
        ..page
    };
    let wrong = Some(sample.code_problem.as_str());
    vec![
        member("second-factor", second_factor_page(&off)),
        member("second-factor-waiting", second_factor_page(&waiting(None))),
        member("second-factor-wrong", second_factor_page(&waiting(wrong))),
        member("second-factor-form", second_factor_page(&form)),
        member("second-factor-on", second_factor_page(&on(10))),
        member("second-factor-none-left", second_factor_page(&on(0))),
        member("second-factor-required", second_factor_page(&required)),
        restricted("second-factor-restricted", second_factor_page(&held(off))),
        restricted(
            "second-factor-restricted-waiting",
            second_factor_page(&held(waiting(None))),
        ),
    ]
}

pub(super) fn recovery_codes(sample: &Sample) -> Vec<State> {
    let view = RecoveryCodesPage {
        name: &sample.name,
        codes: &[Secret(&sample.recovery_code); 10],
    };
    vec![member("recovery-codes", recovery_codes_page(&view))]
}
