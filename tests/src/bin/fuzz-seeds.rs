//! Writes seeds for the fuzz targets: `fuzz-seeds FOLDER` makes `FOLDER/insns` and `FOLDER/object` from the cases of
//! `tests/verifier`, one file a program or object, and `FOLDER/filter` from the expressions of `tests/filters`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use bpfscope_core::kernel::ProgType;
use bpfscope_tests::agree::cases::CaseFile;
use bpfscope_tests::agree::source::Subject;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("usage: fuzz-seeds FOLDER")?);
    for target in ["insns", "object", "filter"] {
        fs::create_dir_all(folder.join(target))?;
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    for list in ["expressions.txt", "malformed.txt"] {
        let text = fs::read_to_string(tests.join("filters").join(list))?;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with("# ")) {
            let expression = line.split('\t').next().unwrap_or_default();
            // What it is compiled for, in turn.
            let seed = [&[number as u8 & 15], expression.as_bytes()].concat();
            fs::write(folder.join("filter").join(format!("{list}-{number}")), seed)?;
        }
    }
    let cases = tests.join("verifier");
    for entry in fs::read_dir(cases)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "s") {
            seeds_of(&path, &folder)?;
        }
    }
    Ok(())
}

fn seeds_of(path: &Path, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let file = CaseFile::parse(&fs::read_to_string(path)?)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    for (number, case) in file.cases.iter().enumerate() {
        let Ok(subject) = Subject::of_case("seed.s", &file, case) else { continue };
        let name = format!("{stem}-{number}");
        // Objects are large beside what is in them: one of ten is enough.
        if number % 10 == 0 {
            fs::write(folder.join("object").join(&name), subject.object.write())?;
        }
        for program in &subject.loaded.programs {
            let prog_type = ProgType::ALL.iter().position(|t| *t == program.prog_type).unwrap_or(0);
            // 20 is the newest kernel, privileged.
            let mut seed = vec![prog_type as u8, 20];
            seed.extend(program.insns.iter().flat_map(|insn| insn.to_bytes()));
            fs::write(folder.join("insns").join(&name), seed)?;
        }
    }
    Ok(())
}
