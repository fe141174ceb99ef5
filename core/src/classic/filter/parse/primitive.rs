//! Primitives: what is asked, beyond comparisons of numbers.

use super::{Parsed, Parser};
use crate::classic::Cond;
use crate::classic::filter::lex::Word;
use crate::classic::filter::names;
use crate::classic::filter::tree::{Dir, Kind, Primitive, Proto, Qualifiers};

/// Words that are of link types, or of a system's firewall, which are not here.
const ELSEWHERE: &[&str] = &[
    "radio",
    "type",
    "subtype",
    "dir",
    "addr1",
    "addr2",
    "addr3",
    "addr4",
    "ra",
    "ta",
    "on",
    "rset",
    "rnr",
    "srnr",
    "reason",
    "action",
    "lane",
    "vpi",
    "vci",
    "oam",
    "oamf4",
    "oamf4ec",
    "oamf4sc",
    "metac",
    "bcc",
    "sc",
    "ilmic",
    "connectmsg",
    "metaconnect",
];

impl Parser<'_> {
    /// `src`, `dst`, `host`, `port` and so on after a protocol; `None` when nothing of them is there.
    pub(super) fn qualifiers(&mut self, proto: Proto) -> Parsed<Option<Qualifiers>> {
        let dir = self.direction();
        let kind = match self.key() {
            Some("host") => Kind::Host,
            Some("net") => Kind::Net,
            Some("port") => Kind::Port,
            Some("portrange") => Kind::PortRange,
            Some("proto") if dir.is_none() => Kind::Proto,
            Some("gateway") if dir.is_none() => Kind::Gateway,
            Some("protochain") if dir.is_none() => Kind::ProtoChain,
            _ if dir.is_some() => {
                return Ok(Some(Qualifiers { proto, dir: dir.unwrap_or(Dir::Either), kind: Kind::Unsaid }));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(Qualifiers { proto, dir: dir.unwrap_or(Dir::Either), kind }))
    }

    fn direction(&mut self) -> Option<Dir> {
        let (dir, other) = match self.key()? {
            "src" => (Dir::Src, "dst"),
            "dst" => (Dir::Dst, "src"),
            _ => return None,
        };
        self.at += 1;
        let joined = match self.key() {
            Some("or") => Dir::Either,
            Some("and") => Dir::Both,
            _ => return Some(dir),
        };
        if self.word(self.at + 1) == Some(&Word::Key(other)) {
            self.at += 2;
            return Some(joined);
        }
        Some(dir)
    }

    /// What is no address and no comparison.
    pub(super) fn primitive(&mut self, proto: Proto) -> Parsed<Primitive> {
        let key = match (self.peek(), proto) {
            (Some(Word::Key(key @ ("broadcast" | "multicast"))), _) => *key,
            (_, Some(proto)) => return Ok(Primitive::Proto(proto)),
            (Some(Word::Key(key)), None) => *key,
            (Some(Word::Name(name)), None) => {
                return Err(self.wrong(format!(
                    "`{name}` is no word of the language; if it is a name, say of what: `host {name}`, `port {name}`"
                )));
            }
            (Some(_), None) => {
                return Err(self.wrong("what is it? `host`, `net`, `port` or the like is expected before it"));
            }
            (None, None) => return Err(self.wrong("the expression ends where more is expected")),
        };
        let at = self.at;
        self.at += 1;
        Ok(match key {
            "broadcast" => Primitive::Broadcast(proto),
            "multicast" => Primitive::Multicast(proto),
            "less" => Primitive::Less(self.number("bytes at most")?),
            "greater" => Primitive::Greater(self.number("bytes at least")?),
            "byte" => self.byte()?,
            "inbound" => Primitive::Inbound(true),
            "outbound" => Primitive::Inbound(false),
            "ifindex" => Primitive::Ifindex(self.number("the index of an interface")?),
            "vlan" => Primitive::Vlan(self.maybe_number()),
            "mpls" => Primitive::Mpls(self.maybe_number()),
            "pppoed" => Primitive::PppoeDiscovery,
            "pppoes" => Primitive::PppoeSession(self.maybe_number()),
            "geneve" => Primitive::Geneve(self.maybe_number()),
            "llc" => Primitive::Llc(self.llc_type()?),
            key => {
                self.at = at;
                return Err(self.wrong(match key {
                    key if ELSEWHERE.contains(&key) => format!("`{key}` is of link types that are not compiled for"),
                    key => format!("nothing begins with `{key}`"),
                }));
            }
        })
    }

    /// The type of 802.2 frame that may be said.
    fn llc_type(&mut self) -> Parsed<Option<(u32, u32)>> {
        let name = match self.peek() {
            Some(Word::Name(name)) => name,
            Some(Word::Key("rnr")) => "rnr",
            _ => return Ok(None),
        };
        let found = names::llc_type(name).ok_or_else(|| self.wrong(format!("there is no 802.2 type `{name}`")))?;
        self.at += 1;
        Ok(Some(found))
    }

    fn byte(&mut self) -> Parsed<Primitive> {
        let offset = self.number("the byte's offset")?;
        let (cond, opposite) = match self.key() {
            Some("=") => (Cond::Eq, false),
            Some("<") => (Cond::Ge, true),
            Some(">") => (Cond::Gt, false),
            Some("&" | "|") => {
                return Err(
                    self.wrong(format!("not compiled, since libpcap loads no byte for it: `ether[{offset}]` does"))
                );
            }
            _ => return Err(self.wrong("`=`, `<` or `>` is expected here")),
        };
        self.at += 1;
        Ok(Primitive::Byte(offset, cond, self.number("what to compare with")?, opposite))
    }

    pub(super) fn number(&mut self, what: &str) -> Parsed<u32> {
        match self.peek() {
            Some(&Word::Number(number)) => {
                self.at += 1;
                Ok(number)
            }
            _ => Err(self.wrong(format!("a number is expected here, {what}"))),
        }
    }

    /// A number that may be left out, and may be in parentheses.
    pub(super) fn maybe_number(&mut self) -> Option<u32> {
        let mut at = self.at;
        let mut open = 0;
        while self.word(at) == Some(&Word::Key("(")) {
            (at, open) = (at + 1, open + 1);
        }
        let Some(&Word::Number(number)) = self.word(at) else { return None };
        for _ in 0..open {
            at += 1;
            if self.word(at) != Some(&Word::Key(")")) {
                return None;
            }
        }
        self.at = at + 1;
        Some(number)
    }
}
