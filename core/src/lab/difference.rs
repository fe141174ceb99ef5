//! A [`Difference`] in words: what differs, and what it is on each side.

use std::ops::Range;

use super::{
    Aspect, Difference, format_map_value, format_value, hex,
    view::{AspectView, DifferenceView},
};
use crate::{
    net::{self, Dissection, LinkType},
    object::Loaded,
    vm::Output,
};

/// Fields of a frame that are named; the bytes after are counted.
const FIELDS: usize = 4;
/// Bytes that are written out.
const BYTES: usize = 32;
/// What stands for an entry that is not there.
const NO_ENTRY: &str = "no entry";

impl Difference {
    /// In words; `link` is the packet's link type, for the names of fields.
    pub fn view(&self, loaded: &Loaded, link: LinkType) -> DifferenceView {
        match self {
            Difference::Run { packet, hook, program, aspects } => {
                let name = loaded.programs.get(program.0 as usize).map_or("?", |p| p.name.as_str());
                let aspects = aspects.iter().flat_map(|aspect| aspect.view(loaded, link)).collect();
                DifferenceView { packet: Some(*packet), run: Some(format!("{name} at {hook}")), aspects }
            }
            Difference::Way { packet, ours, theirs } => {
                let aspect = AspectView::new("programs run", ours, theirs);
                DifferenceView { packet: Some(*packet), run: None, aspects: vec![aspect] }
            }
            Difference::Map { packet, map, key, ours, theirs } => {
                let Some(def) = loaded.maps.get(map.index()) else {
                    return DifferenceView { packet: *packet, run: None, aspects: Vec::new() };
                };
                let value = |value: &Option<Vec<u8>>| {
                    value.as_ref().map_or_else(|| NO_ENTRY.to_owned(), |value| format_map_value(def, value))
                };
                let what = format!("{}[{}]", def.name, format_value(key, &def.key_format));
                let aspect = AspectView { what, ours: value(ours), theirs: value(theirs) };
                DifferenceView { packet: *packet, run: None, aspects: vec![aspect] }
            }
        }
    }
}

impl AspectView {
    fn new(what: &str, ours: impl ToString, theirs: impl ToString) -> AspectView {
        AspectView { what: what.to_owned(), ours: ours.to_string(), theirs: theirs.to_string() }
    }
}

impl Aspect {
    fn view(&self, loaded: &Loaded, link: LinkType) -> Vec<AspectView> {
        let verdict = |(ret, name): &(i64, &'static str)| format!("{name} ({ret})");
        match self {
            Aspect::Fault { ours, theirs } => vec![AspectView::new("return value", ours, theirs)],
            Aspect::Return { ours, theirs } => {
                vec![AspectView::new("return value", verdict(ours), verdict(theirs))]
            }
            Aspect::Frame { ours, theirs, .. } => frame(ours, theirs, link),
            Aspect::Field { name, ours, theirs } => vec![AspectView::new(name, ours, theirs)],
            Aspect::Outputs { ours, theirs } => {
                vec![AspectView::new("records", records(ours, loaded), records(theirs, loaded))]
            }
        }
    }
}

/// The fields and bytes in which two frames differ.
fn frame(ours: &[u8], theirs: &[u8], link: LinkType) -> Vec<AspectView> {
    let mut aspects = Vec::new();
    if ours.len() != theirs.len() {
        aspects.push(AspectView::new("bytes of the packet", ours.len(), theirs.len()));
    }
    let dissection = net::dissect(link, ours);
    let (mut at, mut more) = (0, 0);
    let shorter = ours.len().min(theirs.len());
    while at < shorter {
        if ours[at] == theirs[at] {
            at += 1;
            continue;
        }
        let (name, range) = field_around(&dissection, ours, theirs, at);
        if aspects.len() < FIELDS {
            let what = match range.len() {
                1 => format!("{name} (byte {})", range.start),
                _ => format!("{name} (bytes {} to {})", range.start, range.end - 1),
            };
            aspects.push(AspectView { what, ours: bytes(&ours[range.clone()]), theirs: bytes(&theirs[range.clone()]) });
        } else {
            more += range.clone().filter(|byte| ours[*byte] != theirs[*byte]).count();
        }
        at = range.end;
    }
    if more > 0 {
        aspects.push(AspectView::new("further bytes that differ", more, more));
    }
    aspects
}

/// The smallest field that a byte belongs to, by its name; else the bytes from there on that differ.
fn field_around(dissection: &Dissection, ours: &[u8], theirs: &[u8], at: usize) -> (String, Range<usize>) {
    let shorter = ours.len().min(theirs.len());
    let fields = dissection.layers.iter().flat_map(|layer| layer.fields.iter().map(move |field| (layer, field)));
    let around = fields.filter(|(_, field)| field.range.contains(&at) && field.range.end <= shorter);
    if let Some((layer, field)) = around.min_by_key(|(_, field)| field.range.len()) {
        return (format!("{} {}", layer.name, field.name), field.range.clone());
    }
    let differ = |byte: &usize| ours[*byte] != theirs[*byte];
    let end = (at..shorter).take_while(differ).last().map_or(at, |last| last) + 1;
    ("packet".to_owned(), at..end)
}

fn bytes(bytes: &[u8]) -> String {
    match bytes.get(..BYTES) {
        Some(first) if bytes.len() > BYTES => format!("{}…", hex::encode(first)),
        _ => hex::encode(bytes),
    }
}

fn records(outputs: &[Output], loaded: &Loaded) -> String {
    let words = outputs.iter().filter_map(|output| match output {
        Output::PerfEvent { map, data, .. } | Output::Ringbuf { map, data } => {
            let name = loaded.maps.get(map.index()).map_or("?", |def| def.name.as_str());
            Some(format!("{name}: {}", bytes(data)))
        }
        Output::Printk(_) | Output::Lost { .. } => None,
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::{Hook, MapId},
        lab::{Compiled, Source},
        object::LoadOptions,
        vm::ProgId,
    };

    fn loaded() -> Loaded {
        let text = ".map m, hash, key=4, value=8, entries=4\n.section tc\nprog: r0 = 0\nexit";
        Compiled::new(&Source::Asm(text.into()), "x.s", &LoadOptions::default()).unwrap().loaded
    }

    fn shown(difference: &Difference) -> Vec<[String; 3]> {
        let view = difference.view(&loaded(), LinkType::Ethernet);
        view.aspects.into_iter().map(|a| [a.what, a.ours, a.theirs]).collect()
    }

    fn run(aspects: Vec<Aspect>) -> Difference {
        Difference::Run { packet: 3, hook: Hook::TcIngress, program: ProgId(0), aspects }
    }

    #[test]
    fn a_run_is_named_and_a_return_value_has_its_verdict() {
        let difference = run(vec![Aspect::Return { ours: (0, "TC_ACT_OK"), theirs: (2, "TC_ACT_SHOT") }]);
        assert_eq!(difference.view(&loaded(), LinkType::Ethernet).run.as_deref(), Some("prog at tc-ingress"));
        assert_eq!(shown(&difference), [["return value", "TC_ACT_OK (0)", "TC_ACT_SHOT (2)"]]);
    }

    #[test]
    fn a_frame_differs_by_fields_and_where_there_are_none_by_bytes() {
        let mut ours = vec![0; 60];
        ours[12] = 8;
        ours[14] = 0x45;
        ours[17] = 46;
        // A protocol for experiments, of which nothing is known.
        ours[23] = 253;
        let mut theirs = ours.clone();
        (theirs[22], theirs[40], theirs[41]) = (9, 1, 2);
        let at = 22;
        let shown = shown(&run(vec![Aspect::Frame { at, ours, theirs }]));
        assert_eq!(shown[0].each_ref().map(String::as_str)[1..], ["00", "09"]);
        assert!(shown[0][0].starts_with("IPv4 ") && shown[0][0].ends_with("(byte 22)"), "{shown:?}");
        assert_eq!(shown[1][0], "packet (bytes 40 to 41)");
    }

    #[test]
    fn an_entry_that_one_side_has_not_is_told() {
        let (key, ours) = (vec![6, 0, 0, 0], Some(vec![1, 0, 0, 0, 0, 0, 0, 0]));
        let difference = Difference::Map { packet: None, map: MapId(0), key, ours, theirs: None };
        assert_eq!(shown(&difference), [["m[6]", "1", "no entry"]]);
    }
}
