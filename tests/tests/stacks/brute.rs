//! Compares the prover with libpam on small random stacks: for every combination of answers, both
//! must agree on who gets in.

use std::{cell::Cell, time::Instant};

use fpass_stack::{
    Code, Facility,
    answers::Principal,
    judge::{WITHOUT_FACE, WITHOUT_PASSWORD},
    modules::{self, ModuleClass},
    resolve,
    root::Memory,
    search::find_path,
};
use fpass_tests::figures;
use proptest::prelude::*;

use crate::{
    agreement::{report, runner},
    libpam::{Bench, Transaction},
};

/// Number of stacks.
const STACKS: u32 = 5_000;

/// The codes that the controls of these stacks name, and one that none of them names. It stands for
/// every other code, also for libpam's own where a module is not loaded.
const CODES: [Code; 6] = [
    Code::Success,
    Code::NewAuthtokReqd,
    Code::Ignore,
    Code::AuthErr,
    Code::Maxtries,
    Code::CredErr,
];

/// Modules of every class. `pam_mystery` has no row in the table.
const MODULES: [&str; 10] = [
    "pam_unix.so",
    "pam_fpass.so",
    "pam_fprintd.so",
    "pam_oath.so",
    "pam_permit.so",
    "pam_deny.so",
    "pam_env.so",
    "pam_localuser.so",
    CONDITION,
    "pam_mystery.so",
];

/// The module whose condition is that the user is root.
const CONDITION: &str = "pam_succeed_if.so";

/// The condition on each of its lines.
const ROOT_ALONE: &str = "uid = 0";

/// A line: level 0 or 1, control, module.
type Line = (bool, String, &'static str);

fn stack() -> impl Strategy<Value = Vec<Line>> {
    let action = prop_oneof![
        4 => Just("ok".to_owned()), 3 => Just("done".to_owned()), 1 => Just("bad".to_owned()),
        2 => Just("die".to_owned()), 3 => Just("ignore".to_owned()), 1 => Just("reset".to_owned()),
        4 => (1..4_u32).prop_map(|length| length.to_string()),
    ];
    let value = prop_oneof![
        3 => Just("success"), 2 => Just("default"), 1 => Just("ignore"), 1 => Just("auth_err"),
        1 => Just("maxtries"), 1 => Just("new_authtok_reqd"),
    ];
    let pairs = prop::collection::vec((value, action), 1..4).prop_map(|pairs| {
        let pairs: Vec<_> =
            pairs.iter().map(|(value, action)| format!("{value}={action}")).collect();
        format!("[{}]", pairs.join(" "))
    });
    let control = prop_oneof![
        3 => prop_oneof![Just("required"), Just("requisite"), Just("sufficient"), Just("optional")]
            .prop_map(str::to_owned),
        2 => pairs,
        1 => Just("[success=ok ignore=ignore default=die]".to_owned()),
    ];
    let module = prop_oneof![
        3 => Just("pam_unix.so"),
        3 => Just("pam_fpass.so"),
        4 => prop::sample::select(&MODULES[2..]),
    ];
    prop::collection::vec((prop::bool::weighted(0.3), control, module), 1..6)
}

/// The texts of the service and of its substack. `module` returns the module text for the line with
/// a number. The lines of the substack are at the place of its first line.
fn texts(lines: &[Line], substack: &str, module: &dyn Fn(usize, &str) -> String) -> [String; 2] {
    let (mut outer, mut inner) = (String::new(), String::new());
    for (number, (deep, control, name)) in lines.iter().enumerate() {
        let line = format!("auth {control} {}\n", module(number, name));
        if *deep {
            if inner.is_empty() {
                outer.push_str(&format!("auth substack {substack}\n"));
            }
            inner.push_str(&line);
        } else {
            outer.push_str(&line);
        }
    }
    [outer, inner]
}

fn class(name: &str) -> ModuleClass {
    modules::class(name.trim_end_matches(".so"))
}

/// The answers that a module may give for a principal, regardless of earlier prompts.
fn choices(name: &str, principal: &Principal) -> Vec<Code> {
    let succeeds = |code: &Code| matches!(code, Code::Success | Code::NewAuthtokReqd);
    CODES
        .into_iter()
        .filter(|code| match class(name) {
            // libpam may fail to load any module.
            ModuleClass::Permit => matches!(code, Code::Success | Code::CredErr),
            ModuleClass::Deny => matches!(code, Code::AuthErr | Code::CredErr),
            ModuleClass::Fpass => {
                *code == Code::Success && principal.face
                    || matches!(code, Code::AuthErr | Code::Maxtries | Code::CredErr)
            }
            ModuleClass::Condition if name == CONDITION => {
                (principal.root || !succeeds(code)) && *code != Code::Ignore
            }
            // pam_unix never ignores.
            ModuleClass::Password => {
                (principal.password || !succeeds(code)) && *code != Code::Ignore
            }
            _ => true,
        })
        .collect()
}

/// Whether any possible answers let the principal in, and how many combinations were tried.
fn gets_in(transaction: &Transaction, lines: &[Line], principal: &Principal) -> (bool, usize) {
    let choices: Vec<Vec<Code>> =
        lines.iter().map(|(_, _, name)| choices(name, principal)).collect();
    let order = order(lines);
    let mut chosen = vec![0; lines.len()];
    let mut tried = 0;
    loop {
        for (number, choice) in chosen.iter().enumerate() {
            let code = choices[number][*choice];
            transaction.put(&format!("s{number}={}", code.number()));
            transaction.put(&format!("s{number}.asked"));
        }
        tried += 1;
        let success = transaction.authenticate() == 0;
        let asked: Vec<usize> = order
            .iter()
            .copied()
            .filter(|number| transaction.has(&format!("s{number}.asked")))
            .collect();
        if success && feasible(lines, &asked, &choices, &chosen) {
            return (true, tried);
        }
        // The next answers of the modules that were called; the others cannot make a difference.
        let Some(position) =
            asked.iter().rposition(|number| chosen[*number] + 1 < choices[*number].len())
        else {
            return (false, tried);
        };
        chosen[asked[position]] += 1;
        let later = order.iter().skip_while(|number| **number != asked[position]).skip(1);
        later.for_each(|number| chosen[*number] = 0);
    }
}

/// The line numbers in the order in which libpam reaches them.
fn order(lines: &[Line]) -> Vec<usize> {
    let mut order = Vec::new();
    for (number, (deep, _, _)) in lines.iter().enumerate() {
        if !deep {
            order.push(number);
        } else if lines.iter().position(|(deep, _, _)| *deep) == Some(number) {
            order.extend((0..lines.len()).filter(|number| lines[*number].0));
        }
    }
    order
}

/// Our line recognises no face before something was typed.
fn feasible(lines: &[Line], asked: &[usize], choices: &[Vec<Code>], chosen: &[usize]) -> bool {
    let mut typed = false;
    asked.iter().all(|number| {
        let class = class(lines[*number].2);
        let code = choices[*number][chosen[*number]];
        let possible = class != ModuleClass::Fpass || code != Code::Success || typed;
        typed |= matches!(
            class,
            ModuleClass::Password | ModuleClass::TypedCredential | ModuleClass::Unknown
        );
        possible
    })
}

#[test]
fn the_prover_says_what_trying_everything_out_says() {
    let bench = Bench::new(&MODULES);
    let began = Instant::now();
    let (questions, ways, tried) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let result = runner(STACKS).run(&stack(), |lines| {
        let place = |name: &str| bench.path(name).to_str().unwrap().to_owned();
        let arguments = |name: &str| if name == CONDITION { ROOT_ALONE } else { "" };
        let slot = |number: usize, name: &str| {
            format!("{} slot=s{number} {}", place(name), arguments(name))
        };
        let [outer, inner] = texts(&lines, &place("inner"), &slot);
        bench.write("outer", &outer);
        bench.write("inner", &inner);
        let [outer, inner] =
            texts(&lines, "inner", &|_, name| format!("{name} {}", arguments(name)));
        let found =
            resolve(&Memory::default().with("outer", &outer).with("inner", &inner), "outer");
        let transaction = bench.start("outer", "root").unwrap();
        let roots = [false, true].map(|root| {
            [WITHOUT_FACE, WITHOUT_PASSWORD].map(|principal| Principal { root, ..principal })
        });
        for principal in roots.into_iter().flatten() {
            let proven = find_path(found.stack(Facility::Auth), "outer", &principal).unwrap();
            let (gets_in, runs) = gets_in(&transaction, &lines, &principal);
            prop_assert_eq!(
                proven.is_some(),
                gets_in,
                "{:?}\n{}substack\n{}{:?}",
                principal,
                outer,
                inner,
                proven
            );
            questions.set(questions.get() + 1);
            ways.set(ways.get() + u32::from(gets_in));
            tried.set(tried.get() + runs);
        }
        Ok(())
    });
    report(result);
    let line = format!(
        "small stacks: prover and libpam agree on {} of {} questions (a way in: {}; none: {}), {} \
         answers tried in libpam, {:.1} s",
        questions.get(),
        4 * STACKS,
        ways.get(),
        questions.get() - ways.get(),
        tried.get(),
        began.elapsed().as_secs_f64(),
    );
    println!("{line}");
    figures::note("stacks.txt", &line).unwrap();
    assert!(ways.get() > 50 && questions.get() - ways.get() > 50);
}
