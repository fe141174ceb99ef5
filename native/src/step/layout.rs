//! Which panel stands where, for the size that the terminal has.
//!
//! The screen is divided into slots. A large terminal has a slot for each panel; in a smaller one several panels share
//! a slot, of which it shows the one that was looked at last, and in a tiny one all share the only one.

use ratatui::layout::{Constraint, Layout, Rect};

/// A panel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Panel {
    Program,
    Packets,
    Layers,
    Bytes,
    Registers,
    Stack,
    Maps,
    Output,
}

use Panel::{Bytes, Layers, Maps, Output, Packets, Program, Registers, Stack};

impl Panel {
    /// All, in the order in which Tab goes through them.
    pub const ALL: [Panel; 8] = [Program, Packets, Layers, Bytes, Registers, Stack, Maps, Output];

    /// Its name on screen.
    pub fn name(self) -> &'static str {
        match self {
            Program => "Program",
            Packets => "Packets",
            Layers => "Layers",
            Bytes => "Bytes",
            Registers => "Registers",
            Stack => "Stack",
            Maps => "Maps",
            Output => "Output",
        }
    }

    /// The one after, or before.
    pub fn neighbour(self, forward: bool) -> Panel {
        let by = if forward { 1 } else { Panel::ALL.len() - 1 };
        Panel::ALL[(self as usize + by) % Panel::ALL.len()]
    }
}

/// A part of the screen, and the panels that share it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slot {
    pub area: Rect,
    pub panels: &'static [Panel],
}

/// Below this size one panel has the whole screen.
const SMALLEST: (u16, u16) = (64, 16);
/// Columns from which there are two columns of panels beside each other, and three.
const TWO: u16 = 110;
const THREE: u16 = 160;
/// Rows of a panel of all registers.
const REGISTERS: u16 = 13;

/// The slots of an area.
pub fn slots(area: Rect) -> Vec<Slot> {
    match (area.width, area.height) {
        (width, height) if width < SMALLEST.0 || height < SMALLEST.1 => {
            vec![Slot { area, panels: &Panel::ALL }]
        }
        (width, height) if width >= THREE && height >= 30 => three_columns(area),
        (width, height) if width >= TWO && height >= 24 => two_columns(area),
        _ => stacked(area),
    }
}

/// Program and registers side by side, the others under them.
fn stacked(area: Rect) -> Vec<Slot> {
    let height = area.height;
    let upper = if height < 32 { REGISTERS.min(height - 6) } else { height * 45 / 100 };
    let [upper, lower] = Layout::vertical([Constraint::Length(upper), Constraint::Fill(1)]).areas(area);
    let right = (area.width * 42 / 100).clamp(28, 44);
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(right)]).areas(upper);
    let mut slots = vec![Slot { area: left, panels: &[Program] }];
    let stack_fits = upper.height >= REGISTERS + 4;
    if stack_fits {
        let [registers, stack] = Layout::vertical([Constraint::Length(REGISTERS), Constraint::Fill(1)]).areas(right);
        slots.extend([Slot { area: registers, panels: &[Registers] }, Slot { area: stack, panels: &[Stack] }]);
    } else {
        slots.push(Slot { area: right, panels: &[Registers] });
    }
    if lower.height < 18 {
        let shared: &[Panel] = match stack_fits {
            true => &[Packets, Layers, Bytes, Maps, Output],
            false => &[Packets, Layers, Bytes, Stack, Maps, Output],
        };
        slots.push(Slot { area: lower, panels: shared });
        return slots;
    }
    let [packets, lower] = Layout::vertical([Constraint::Percentage(42), Constraint::Fill(1)]).areas(lower);
    let shared: &[Panel] =
        if stack_fits { &[Layers, Bytes, Maps, Output] } else { &[Layers, Bytes, Stack, Maps, Output] };
    slots.extend([Slot { area: packets, panels: &[Packets] }, Slot { area: lower, panels: shared }]);
    slots
}

/// Program and packets; beside them the machine and the packet.
fn two_columns(area: Rect) -> Vec<Slot> {
    let [left, right] = Layout::horizontal([Constraint::Percentage(52), Constraint::Fill(1)]).areas(area);
    let [program, packets] = Layout::vertical([Constraint::Percentage(62), Constraint::Fill(1)]).areas(left);
    let [machine, rest] = Layout::vertical([Constraint::Length(REGISTERS), Constraint::Fill(1)]).areas(right);
    let [registers, stack] = Layout::horizontal([Constraint::Fill(1), Constraint::Percentage(42)]).areas(machine);
    let mut slots = vec![
        Slot { area: program, panels: &[Program] },
        Slot { area: packets, panels: &[Packets] },
        Slot { area: registers, panels: &[Registers] },
        Slot { area: stack, panels: &[Stack, Output] },
    ];
    if rest.height < 20 {
        let [maps, packet] = Layout::vertical([Constraint::Fill(2), Constraint::Fill(3)]).areas(rest);
        slots.extend([Slot { area: maps, panels: &[Maps] }, Slot { area: packet, panels: &[Layers, Bytes] }]);
    } else {
        let [maps, layers, bytes] =
            Layout::vertical([Constraint::Fill(3), Constraint::Fill(4), Constraint::Fill(4)]).areas(rest);
        slots.extend([
            Slot { area: maps, panels: &[Maps] },
            Slot { area: layers, panels: &[Layers] },
            Slot { area: bytes, panels: &[Bytes] },
        ]);
    }
    slots
}

/// The program; the packets and the one that is looked at; the machine: as on the page.
fn three_columns(area: Rect) -> Vec<Slot> {
    // Sixteen bytes in a line take 74 columns with their frame.
    let middle = if area.width >= 190 { 74 } else { area.width * 38 / 100 };
    let [program, middle, machine] =
        Layout::horizontal([Constraint::Fill(6), Constraint::Length(middle), Constraint::Fill(5)]).areas(area);
    let [packets, layers, bytes] =
        Layout::vertical([Constraint::Fill(4), Constraint::Fill(3), Constraint::Fill(4)]).areas(middle);
    let [registers, stack, maps, output] = Layout::vertical([
        Constraint::Length(REGISTERS),
        Constraint::Fill(2),
        Constraint::Fill(4),
        Constraint::Fill(2),
    ])
    .areas(machine);
    [
        (program, &[Program] as &[Panel]),
        (packets, &[Packets]),
        (layers, &[Layers]),
        (bytes, &[Bytes]),
        (registers, &[Registers]),
        (stack, &[Stack]),
        (maps, &[Maps]),
        (output, &[Output]),
    ]
    .map(|(area, panels)| Slot { area, panels })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_panel_has_a_place_in_every_size_and_no_two_slots_overlap() {
        for width in [1, 20, 63, 64, 80, 109, 110, 140, 159, 160, 189, 190, 240] {
            for height in [1, 2, 3, 15, 16, 20, 21, 23, 24, 29, 30, 31, 32, 36, 47, 60, 90] {
                let area = Rect::new(0, 1, width, height);
                let slots = slots(area);
                let panels: Vec<Panel> = slots.iter().flat_map(|slot| slot.panels).copied().collect();
                assert!(Panel::ALL.iter().all(|p| panels.iter().filter(|q| *q == p).count() == 1), "{width}x{height}");
                let covered: u32 = slots.iter().map(|slot| slot.area.area()).sum();
                assert_eq!(covered, area.area(), "{width}x{height}");
                let apart = |a: &Slot, b: &Slot| a.area.intersection(b.area).is_empty();
                assert!(slots.iter().enumerate().all(|(at, a)| slots[..at].iter().all(|b| apart(a, b))));
                assert!(slots.iter().all(|slot| area.height < SMALLEST.1 || slot.area.height >= 3), "{width}x{height}");
            }
        }
    }
}
