//! What a log of the kernel's verifier tells: the place of a rejection, all that is said of it, what it cost.

use bpfscope_core::isa::Pc;

use crate::load::{AFTER, message, without_time};

/// All that the kernel says of a rejection: the lines between the last instruction and the counts.
pub fn said(log: &str) -> String {
    let is_count = |line: &&str| AFTER[..3].iter().any(|start| line.starts_with(start));
    let lines: Vec<&str> = log.lines().take_while(|line| !is_count(line)).collect();
    let after = lines.iter().rposition(|line| insn_of(line).is_some()).map_or(0, |at| at + 1);
    let mut said = lines[after..].join("\n");
    let end = said.rfind('\n').map_or(0, |at| at + 1);
    said.truncate(end + without_time(&said[end..]).len());
    said
}

/// The number behind a line's beginning, such as `processed `.
pub fn number_after(log: &str, start: &str) -> Option<u64> {
    let rest = log.lines().rev().find_map(|line| line.strip_prefix(start))?;
    rest.split(' ').next()?.parse().ok()
}

/// The instruction that was rejected: the last one that the log came to (`12: (95) exit`), but for loops, which are found
/// before the instruction is printed.
pub fn last_insn(log: &str) -> Option<Pc> {
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
    fn the_time_behind_a_message_without_an_end_of_its_line_is_no_part_of_it() {
        let log = "0: (95) exit\nfirst\ninsn 3 cannot beverification time 72 usec\nstack depth 0\n";
        assert_eq!((message(log), said(log).as_str()), ("insn 3 cannot be", "first\ninsn 3 cannot be"));
    }

    #[test]
    fn an_empty_log_tells_nothing() {
        assert_eq!((message(""), last_insn(""), number_after("", "processed ")), ("", None, None));
    }
}
