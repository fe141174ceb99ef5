//! An object's types, maps and programs given to the kernel, and what its log tells.

use bpfscope_core::{isa::Pc, kernel::Program};
use bpfscope_linux::{
    bpf::Refused,
    host,
    load::{AFTER, Prepared, message},
    refusal::{Asked, Refusal},
};

use crate::{
    check::{
        answer,
        report::{Place, Rejected, Verdict},
        subject::Subject,
    },
    error::Error,
};

/// What the kernel says of the selected programs.
pub fn ask(subject: &Subject<'_>, selected: &[usize], log: u8) -> Result<Vec<Verdict>, Error> {
    host::lift_memory_limit();
    let wrong = |what: String| Error::Usage(what);
    let prepared = Prepared::new(&subject.object, &subject.loaded).map_err(|e| wrong(e.to_string()))?;
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
    selected.iter().map(ask).collect()
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

/// All that the kernel says of a rejection: the lines between the last instruction and the counts.
fn said(log: &str) -> String {
    let is_count = |line: &&str| AFTER[..3].iter().any(|start| line.starts_with(start));
    let lines: Vec<&str> = log.lines().take_while(|line| !is_count(line)).collect();
    let after = lines.iter().rposition(|line| insn_of(line).is_some()).map_or(0, |at| at + 1);
    lines[after..].join("\n")
}

/// The number behind a line's beginning.
fn number_after(log: &str, start: &str) -> Option<u64> {
    let rest = log.lines().rev().find_map(|line| line.strip_prefix(start))?;
    rest.split(' ').next()?.parse().ok()
}

/// The instruction that was rejected: the last one that the log came to (`12: (95) exit`), but for loops, which are found
/// before the instruction is printed.
fn last_insn(log: &str) -> Option<Pc> {
    if let Some(pc) = message(log).strip_prefix("infinite loop detected at insn ") {
        return pc.parse().ok().map(Pc);
    }
    log.lines().rev().find_map(insn_of)
}

fn insn_of(line: &str) -> Option<Pc> {
    let (number, rest) = line.split_once(": ")?;
    if rest.starts_with('(') { number.parse().ok().map(Pc) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "0: R1=ctx() R10=fp0\n; return *p; @ x.c:3\n0: (95) exit\nR0 !read_ok\n\
                       verification time 17 usec\nstack depth 0\nprocessed 1 insns (limit 1000000) …\n";

    #[test]
    fn a_log_tells_message_place_and_cost() {
        assert_eq!(message(LOG), "R0 !read_ok");
        assert_eq!(said(LOG), "R0 !read_ok");
        assert_eq!(last_insn(LOG), Some(Pc(0)));
        assert_eq!(number_after(LOG, "processed "), Some(1));
        assert_eq!(number_after(LOG, "verification time "), Some(17));
    }

    #[test]
    fn a_loop_is_at_the_instruction_that_its_message_names() {
        let log = "9: (05) goto pc-2\ninfinite loop detected at insn 8\ncur state: R10=fp0\nold state: R10=fp0\n";
        assert_eq!((message(log), last_insn(log)), ("infinite loop detected at insn 8", Some(Pc(8))));
    }

    #[test]
    fn an_empty_log_tells_nothing() {
        assert_eq!((message(""), last_insn(""), number_after("", "processed ")), ("", None, None));
    }
}
