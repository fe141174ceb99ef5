//! An object's types, maps and programs given to the kernel, and what its log tells.

use bpfscope_core::kernel::Program;
use bpfscope_linux::{
    bpf::Refused,
    host,
    load::{Prepared, message},
    log::{last_insn, number_after, said},
    refusal::{Asked, Refusal},
};

use crate::{
    check::{
        answer::{self, Answered},
        report::{Place, Rejected, Verdict},
        subject::Subject,
    },
    error::Error,
};

/// What the kernel says of the selected programs.
pub fn ask(subject: &Subject<'_>, selected: &[usize], log: u8) -> Result<Answered, Error> {
    host::lift_memory_limit();
    let wrong = |what: String| Error::Usage(what);
    let prepared = match Prepared::new(&subject.object, &subject.loaded) {
        Ok(prepared) => prepared,
        // Who may not create maps may ask nothing.
        Err(error) if error.errno() == Some(libc::EPERM) => return Err(wrong(error.to_string())),
        Err(error) => return Ok(Answered::without_maps(subject, selected, &error)),
    };
    let ask = |at: &usize| {
        let program = &subject.loaded.programs[*at];
        // The message is in the log, so that one is always asked for.
        match prepared.load(&subject.loaded, *at, u32::from(log.max(1))) {
            Ok(prog) => Ok(verdict(subject, program, Answer { log: prog.log, refused: None }, log)),
            Err(Refused { errno, log: said }) => {
                let refusal = Refusal { asked: Asked::LoadProgram(program.prog_type), errno };
                if said.is_empty() && errno == libc::EPERM {
                    return Err(wrong(refusal.to_string()));
                }
                Ok(verdict(subject, program, Answer { log: said, refused: Some(refusal) }, log))
            }
        }
    };
    let verdicts = selected.iter().map(ask).collect::<Result<_, Error>>()?;
    Ok(Answered { verdicts, notes: prepared.types_note().into_iter().collect(), ..Answered::default() })
}

/// What the kernel gave: its log, and whether it refused.
struct Answer {
    log: String,
    refused: Option<Refusal>,
}

fn verdict(subject: &Subject<'_>, program: &Program, answer: Answer, log: u8) -> Verdict {
    let Answer { log: text, refused } = answer;
    let rejected = refused.map(|error| {
        let (said, message) = match message(&text) {
            "" => (error.to_string(), error.to_string()),
            message => (said(&text), message.to_owned()),
        };
        let place = last_insn(&text).filter(|pc| pc.index() < program.insns.len()).map(|pc| Place::of(program, pc));
        // Where both say the same, ours can say what it means.
        let ours = answer::verify(subject, program, 0).rejected;
        let explanation = ours.filter(|ours| ours.message == message).and_then(|ours| ours.explanation);
        Rejected { text: said, message, place, explanation }
    });
    Verdict {
        rejected,
        insns_processed: number_after(&text, "processed ").unwrap_or(0),
        verification_us: number_after(&text, "verification time ").unwrap_or(0),
        log: if log > 0 { text } else { String::new() },
        ..Verdict::of(program)
    }
}
