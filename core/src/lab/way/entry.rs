//! Programs in the entries of device and CPU maps, which decide about what is redirected there
//! (Documentation/bpf/map_devmap.rst, map_cpumap.rst).

use super::{Passed, Stop};
use crate::{
    kernel::Hook,
    lab::{Attached, Engine, Replay, Run},
    net::Packet,
    vm::{Effects, MapTarget, ProgId, Redirect, RedirectWay},
};

impl<E: Engine> Replay<E> {
    /// Has the program of the map's entry that the packet was redirected to decide: a device's lets it pass or not, a
    /// CPU's may redirect it once more.
    pub(super) fn pass_entry<X>(
        &mut self,
        packet: &Packet<'_>,
        stop: Stop,
        passed: &mut Passed,
        step: &mut impl FnMut(&mut Self, Attached, usize) -> Result<(Run, Effects), X>,
        count: &mut usize,
    ) -> Result<(), X> {
        while !passed.is_dropped()
            && passed.verdict() == "XDP_REDIRECT"
            && let Some(Redirect { ifindex, way, .. }) = passed.redirect
            && let RedirectWay::Map { entry, program: Some(program), .. } = way
        {
            if !self.way.may_stop(packet.index, stop.interface.unwrap_or(0)) {
                passed.refused = true;
                break;
            }
            match self.run_entry(stop, (program, ifindex), step, count)? {
                ("XDP_PASS", _) => break,
                ("XDP_REDIRECT", redirect) if entry == MapTarget::Cpu => passed.redirect = redirect,
                _ => passed.refused = true,
            }
        }
        Ok(())
    }

    /// Runs the program of a map's entry; its verdict, and where it redirects to.
    pub(super) fn run_entry<X>(
        &mut self,
        stop: Stop,
        (program, egress_ifindex): (ProgId, u32),
        step: &mut impl FnMut(&mut Self, Attached, usize) -> Result<(Run, Effects), X>,
        count: &mut usize,
    ) -> Result<(&'static str, Option<Redirect>), X> {
        let at = Attached { hook: Hook::Xdp, program, interface: stop.interface, classifier: false, tcx: false };
        self.skb.device.egress_ifindex = egress_ifindex;
        let (run, effects) = step(self, at, *count)?;
        self.skb.device.egress_ifindex = 0;
        let redirect = effects.redirect.or(self.way.hints.get(*count).and_then(|hint| hint.redirect));
        *count += 1;
        Ok((run.verdict_name(), redirect))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::{Compiled, Entry, LabError, MapContents, Source},
        net::LinkType,
        object::LoadOptions,
        vm::{Config, NoObserver},
    };

    const NETWORK: &str = r#"{"interfaces": [{"name": "in0", "index": 2}, {"name": "out0", "index": 3}]}"#;
    const DEVICES: &str = ".map ports, devmap, key=4, value=8, entries=2
        .section xdp
        go: r1 = ports ll
        r2 = 0
        r3 = 1
        call bpf_redirect_map
        exit
        .section xdp/devmap
        ";
    const CPUS: &str = ".map ports, cpumap, key=4, value=8, entries=2
        .section xdp
        go: r1 = ports ll
        r2 = 0
        r3 = 1
        call bpf_redirect_map
        exit
        .section xdp/cpumap
        ";

    fn contents(number: u32, program: &str) -> Vec<MapContents> {
        let value = [number.to_le_bytes(), [0; 4]].concat();
        let entry = Entry { key: vec![0; 4], value, program: Some(program.to_owned()) };
        vec![MapContents { name: "ports".into(), entries: vec![entry] }]
    }

    fn replay(text: &str, maps: &[MapContents]) -> Result<(Compiled, Replay), LabError> {
        let text = format!(".license \"GPL\"\n{text}");
        let compiled = Compiled::new(&Source::Asm(text), "test.s", &LoadOptions::default())?;
        let mut replay = Replay::new(&compiled.loaded, &[], maps, Config::default())?;
        replay.in_network(&serde_json::from_str(NETWORK).unwrap())?;
        replay.keep_departures();
        Ok((compiled, replay))
    }

    /// Programs and verdicts of a packet, and the interfaces that it left.
    fn go(text: &str, number: u32) -> (Vec<(String, &'static str)>, Vec<Option<u16>>) {
        let (compiled, mut replay) = replay(text, &contents(number, "entry")).unwrap();
        let data = &[7; 60];
        let packet = Packet { index: 0, time_ns: 0, link: LinkType::Ethernet, orig_len: 60, offset: 0, data };
        let mut runs = Vec::new();
        replay.packet(&packet, &mut NoObserver, |run, _, _| {
            runs.push((compiled.loaded.programs[run.program.0 as usize].name.clone(), run.verdict_name()));
        });
        (runs, replay.departures().iter().map(|left| left.interface).collect())
    }

    fn runs(all: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        all.iter().map(|(name, verdict)| ((*name).to_owned(), *verdict)).collect()
    }

    #[test]
    fn a_devices_program_lets_pass_or_not_and_knows_where_it_goes() {
        let by_egress = "entry: r1 = *(u32 *)(r1 + 20)\nr0 = 1\nif r1 != 3 goto no\nr0 = 2\nno: exit";
        let (ran, left) = go(&(DEVICES.to_owned() + by_egress), 3);
        assert_eq!((ran, left), (runs(&[("go", "XDP_REDIRECT"), ("entry", "XDP_PASS")]), vec![Some(1)]));
        for (verdict, name) in [(1, "XDP_DROP"), (3, "XDP_TX")] {
            let (ran, left) = go(&format!("{DEVICES}entry: r0 = {verdict}\nexit"), 3);
            assert_eq!((ran, left), (runs(&[("go", "XDP_REDIRECT"), ("entry", name)]), vec![]));
        }
    }

    #[test]
    fn a_cpus_program_may_redirect_once_more() {
        let on = "entry: r1 = 3\nr2 = 0\ncall bpf_redirect\nexit";
        let (ran, left) = go(&(CPUS.to_owned() + on), 8);
        assert_eq!((ran, left), (runs(&[("go", "XDP_REDIRECT"), ("entry", "XDP_REDIRECT")]), vec![Some(1)]));
        let (ran, left) = go(&(DEVICES.to_owned() + on), 3);
        assert_eq!((ran, left), (runs(&[("go", "XDP_REDIRECT"), ("entry", "XDP_REDIRECT")]), vec![]));
    }

    #[test]
    fn cpus_that_send_to_each_other_come_to_an_end() {
        let round = "entry: r1 = ports ll\nr2 = 0\nr3 = 1\ncall bpf_redirect_map\nexit";
        let (ran, left) = go(&(CPUS.to_owned() + round), 8);
        assert!(ran.len() > 8 && left.is_empty(), "{} runs", ran.len());
    }

    #[test]
    fn an_entry_cannot_have_any_program() {
        let pass = "entry: r0 = 2\nexit";
        let refused = |text: &str, program| replay(text, &contents(3, program)).err().unwrap().to_string();
        assert_eq!(
            refused(&(DEVICES.to_owned() + pass), "go"),
            "map `ports` cannot have the program `go` in an entry: devices take programs of section `xdp/devmap`, CPUs those \
             of `xdp/cpumap`"
        );
        assert!(refused(&(DEVICES.to_owned() + pass), "other").contains("there is no program `other`"));
        let small = DEVICES.replace("value=8", "value=4") + pass;
        let mut maps = contents(3, "entry");
        maps[0].entries[0].value.truncate(4);
        let error = replay(&small, &maps).err().unwrap().to_string();
        assert!(error.contains("8 bytes are needed"), "{error}");
    }
}
